import type { TraceRecord } from '../gateway/report.ts';
import type { Kind } from '../stanza/gist.ts';
import { count, entry } from './format.ts';
import { type Paint, type Tint, unpainted } from './paint.ts';

/** Above the lines. What hasn't crossed has its verdict in the place of its size on the wire. */
export const TITLE = 'UTC      WAY BYTES    WIRE KIND     WHO, ROOM, PEER';

/** Where the way stands in a line; the verdict comes somewhere behind it. */
const WAY = 9;

/** Messages: what is lost of them is somebody's words. */
const MESSAGES: ReadonlySet<Kind> = new Set(['message', 'private', 'history', 'subject']);

/** How lines are drawn. */
interface TraceFrame {
  readonly paint?: Paint;
  /** Whether each stanza's XML stands beneath. */
  readonly hasXml?: boolean;
}

/**
 * What has crossed, or hasn't, on a console: a line, why beneath it where that is to be said, and the stanza where it is
 * wanted. Nothing in it is obeyed by a terminal.
 */
export function tracedLines(record: TraceRecord, { paint = unpainted, hasXml = false }: TraceFrame = {}): string[] {
  const { time, peer, direction, room, kind, who, verdict, xml, withheld } = record;
  const clock = time.slice(time.indexOf('T') + 1).slice(0, 8);
  const where = room === null ? '-' : room.slice(0, room.indexOf('@'));
  const head = `${clock} ${direction.padEnd(3)} ${sizesOf(record)} ${kind.padEnd(8)} ${who ?? '-'}, ${where}, ${peer}`;
  const why = whyOf(record);
  const shown = withheld ?? xml;
  const stanza = hasXml && shown !== '' ? [shown] : [];
  const [first = '', ...others] = entry(head, [...(why === undefined ? [] : [why]), ...stanza]);
  const word = verdict === 'crossed' ? direction : verdict;
  const at = first.indexOf(word, WAY);
  return [first.slice(0, at) + paint(word, tintOf(record)) + first.slice(at + word.length), ...others];
}

/** Says that some are missing here. */
export function leftOutLine(number: number): string {
  return `${count(number, 'line')} left out: more than could be shown in time`;
}

/** That presence is dropped saves the link something, and so does what has been here. */
function tintOf({ verdict, direction, kind }: TraceRecord): Tint {
  if (verdict === 'crossed') return direction === 'in' ? 'good' : 'title';
  if (verdict === 'held') return 'warning';
  return verdict === 'refused' || (verdict === 'dropped' && direction === 'out' && MESSAGES.has(kind))
    ? 'fault'
    : 'aside';
}

/** What crossed with the one above has no size of its own on the wire. */
function sizesOf({ bytes, wire, verdict }: TraceRecord): string {
  const isCrossed = verdict === 'crossed';
  const size = bytes === 0 && !isCrossed ? '' : String(bytes);
  const last = isCrossed ? String(wire ?? '') : verdict;
  return `${size.padStart(5)} ${last.padStart(7)}`;
}

function whyOf({ why, reason, count: number, kind }: TraceRecord): string | undefined {
  const text =
    kind === 'error' && reason !== null ? [reason, ...(why === null ? [] : [why])].join(': ') : (why ?? undefined);
  if (text === undefined || number === 1) return text;
  return `${count(number, MESSAGES.has(kind) ? 'message' : 'stanza')}: ${text}`;
}
