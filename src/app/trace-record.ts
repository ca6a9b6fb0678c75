import type { TraceRecord } from '../gateway/report.ts';
import { bareOf, domainOf } from '../lib/jid.ts';
import { formatStamp } from '../lib/stamp.ts';
import type { CrossedEffect } from '../link/crossed.ts';
import { gistOf, nickIn } from '../stanza/gist.ts';
import { masked } from '../stanza/masked.ts';
import { WITHHELD, type WithheldEffect } from '../stanza/withheld.ts';
import { attribute, childText, type Element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { DamagedTextError, parseElement } from '../xml/parse.ts';
import { serialise } from '../xml/serialise.ts';

/** What whoever looks on is shown: no secret is in it. `now` is milliseconds since the epoch. */
export function traceRecord(effect: CrossedEffect | WithheldEffect, now: number): TraceRecord {
  return effect.kind === 'crossed' ? crossedRecord(effect, now) : withheldRecord(effect, now);
}

function crossedRecord({ peer, direction, xml, bytes, wire }: CrossedEffect, now: number): TraceRecord {
  const head = { time: formatStamp(now), peer, direction };
  const size = { verdict: 'crossed', count: 1, bytes, wire: wire ?? null, withheld: null } as const;
  const stanza = read(xml);
  // What can't be read can't be freed of secrets either.
  if (stanza === undefined)
    return { ...head, room: null, kind: 'unreadable', who: null, reason: null, why: null, ...size, xml: '' };
  const room = bareOf(attribute(stanza, direction === 'in' ? 'to' : 'from') ?? '');
  const { kind, text } = gistOf(stanza);
  return {
    ...head,
    room: room === domainOf(room) ? null : room,
    kind,
    who: nickIn(stanza) ?? null,
    reason: kind === 'error' ? text : null,
    why: kind === 'error' ? errorText(stanza) : null,
    ...size,
    xml: shown(stanza, xml),
  };
}

function withheldRecord(effect: WithheldEffect, now: number): TraceRecord {
  const { peer, room, reason, about, who = null, direction = 'out', count = 1, bytes = 0, detail, xml } = effect;
  const { verdict, text } = WITHHELD[reason];
  const stanza = xml === undefined ? undefined : read(xml);
  return {
    time: formatStamp(now),
    peer,
    direction,
    room,
    kind: about,
    who,
    verdict,
    reason,
    why: detail === undefined || detail === '' ? text : `${text}: ${detail}`,
    count,
    bytes,
    wire: 0,
    xml: '',
    withheld: stanza === undefined || xml === undefined ? null : shown(stanza, xml),
  };
}

function read(xml: string): Element | undefined {
  try {
    return parseElement(xml);
  } catch (error) {
    if (!(error instanceof DamagedTextError)) throw error;
    return undefined;
  }
}

function shown(stanza: Element, xml: string): string {
  const safe = masked(stanza);
  return safe === stanza ? xml : serialise(safe);
}

function errorText(stanza: Element): string | null {
  const error = findChild(stanza, 'error');
  return (error && childText(error, 'text', NS.stanzaErrors)) ?? null;
}
