import type { TraceRecord } from '../gateway/report.ts';
import { domainOf } from '../lib/jid.ts';
import { attribute } from '../xml/element.ts';
import { count, entry } from './format.ts';
import { gistOf } from './gist.ts';
import { readStanza } from './stanza.ts';

/** A stanza that has crossed, and what it is. */
export interface Traced extends TraceRecord {
  /** The room of ours that it comes from or goes to; null where it is of the gateways alone. */
  readonly room: string | null;
  /** One word: message, join, leave, history and so on. */
  readonly kind: string;
}

/** Says of a stanza which room and what it is. */
export function withMeaning(record: TraceRecord): Traced {
  const { time, peer, direction, bytes, wire, xml } = record;
  return { time, peer, direction, ...meaningOf(record), bytes, wire, xml };
}

/** A stanza on a console: a line about it, and its XML below. Nothing in it is obeyed by a terminal. */
export function tracedLines({ time, peer, direction, room, kind, bytes, wire, xml }: Traced): string[] {
  const clock = time.slice(time.indexOf('T') + 1).replace(/\.\d+/, '');
  const where = room === null ? '-' : room.slice(0, room.indexOf('@'));
  const size = wire === null ? `${bytes} bytes, with the one above` : `${bytes} -> ${wire} bytes`;
  return entry(`${clock} ${direction.padEnd(3)} ${peer} ${where} ${kind}, ${size}`, [xml]);
}

/** Says that some are missing here. */
export function leftOutLine(number: number): string {
  return `${count(number, 'stanza')} left out: more than could be shown in time`;
}

function meaningOf({ direction, xml }: TraceRecord): Pick<Traced, 'room' | 'kind'> {
  const stanza = readStanza(xml);
  if (stanza === undefined) return { room: null, kind: 'unreadable' };
  const [room = ''] = (attribute(stanza, direction === 'in' ? 'to' : 'from') ?? '').split('/');
  return { room: room === domainOf(room) ? null : room, kind: gistOf(stanza).kind };
}
