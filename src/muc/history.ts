import type { HistoryRequest } from '../stanza/history-request.ts';
import type { Element } from '../xml/element.ts';
import { parseElement } from '../xml/parse.ts';
import { serialiseTo } from '../xml/serialise.ts';
import { messageStanza, type RoomMessage } from './message.ts';
import type { HistoryQuery, MessageRecord } from './records.ts';
import type { Room } from './room.ts';
import { subjectStanza } from './subject.ts';
import type { Turn } from './turn.ts';

/** The most messages that a joiner gets, and what one gets who doesn't ask (XEP-0045 §7.2.14). */
export const MAX_HISTORY_MESSAGES = 100;
export const DEFAULT_HISTORY_MESSAGES = 20;

/** Turns what a joiner asks for into a query of the archive, within the room's own bound. */
export function historyQuery(room: Room, request: HistoryRequest, now: number): HistoryQuery {
  const asksForNothing = Object.keys(request).length === 0;
  const since = Math.max(
    request.since ?? Number.NEGATIVE_INFINITY,
    request.seconds === undefined ? Number.NEGATIVE_INFINITY : now - request.seconds * 1000,
  );
  return {
    room: room.jid,
    maxMessages: Math.min(
      request.maxStanzas ?? (asksForNothing ? DEFAULT_HISTORY_MESSAGES : MAX_HISTORY_MESSAGES),
      room.settings.maxHistory,
    ),
    ...(request.maxChars === undefined ? {} : { maxChars: request.maxChars }),
    ...(since === Number.NEGATIVE_INFINITY ? {} : { since }),
  };
}

/** Sends a newcomer what the archive gave, then the subject, the last two steps of XEP-0045 §7.1. */
export function sendHistory(
  room: Room,
  turn: Turn,
  to: string,
  records: readonly MessageRecord[],
  maxChars: number | undefined,
): void {
  if (room.bySession(to) === undefined) return;
  const stanzas = records.map((record) =>
    messageStanza(room, { ...fromRecord(record), delayedBy: room.jid }, record.seq),
  );
  for (const stanza of withinCharacters(stanzas, to, maxChars)) turn.send(stanza, to);
  turn.send(subjectStanza(room), to);
}

/**
 * The newest of the stanzas that together have no more characters than that, as they are sent, addresses and all
 * (XEP-0045 §7.2.14). The store's own count knows neither addresses nor delay.
 */
export function withinCharacters(stanzas: readonly Element[], to: string, maxChars: number | undefined): Element[] {
  if (maxChars === undefined) return [...stanzas];
  let left = maxChars;
  let first = stanzas.length;
  while (first > 0) {
    const [text = ''] = serialiseTo(stanzas[first - 1] as Element, [to]);
    if (text.length > left) break;
    left -= text.length;
    first--;
  }
  return stanzas.slice(first);
}

/** A message as it was before it was kept. */
export function fromRecord(record: MessageRecord): RoomMessage {
  return {
    nick: record.nick,
    author: record.author,
    source: record.via,
    origin: record.origin,
    foreign: record.foreign,
    stamp: record.stamp,
    delayedBy: record.origin?.by ?? record.via ?? record.room,
    content: parseElement(record.stanza),
  };
}
