import { sequenceId } from '../../src/lib/message-id.ts';
import type { MessageRecord, Retention, RoomRecord, RoomSettings, StoreWrite } from '../../src/muc/records.ts';
import { DEFAULT_SETTINGS } from '../../src/muc/settings.ts';

export const elsinore = 'elsinore@rooms.denmark.lit';
export const rabbithole = 'rabbithole@rooms.wonderland.lit';

/** 2026-11-21T00:00:00Z */
export const midnight = Date.UTC(2026, 10, 21);

const settings: RoomSettings = {
  ...DEFAULT_SETTINGS,
  name: 'Elsinore',
  persistent: true,
  occupantsChangeSubject: true,
};

export function room(changes: Partial<RoomRecord> = {}): RoomRecord {
  return { room: elsinore, settings, affiliations: {}, ...changes };
}

/** A message of the room's own, a second after the one before. */
export function message(seq: number, changes: Partial<MessageRecord> = {}): MessageRecord {
  return {
    room: elsinore,
    seq,
    origin: { by: elsinore, id: sequenceId(seq) },
    originSeq: seq,
    nick: 'hamlet',
    author: 'hamlet@denmark.lit/chamber',
    stamp: midnight + seq * 1000,
    received: midnight + seq * 1000,
    stanza: `<message id='m${seq}'><body>words, words, words</body></message>`,
    ...changes,
  };
}

/** A message that came through another node, so without a position of ours. */
export function remote(seq: number, changes: Partial<MessageRecord> = {}): MessageRecord {
  const { originSeq: _, ...rest } = message(seq, { origin: { by: rabbithole, id: `r${seq}` }, via: rabbithole });
  return { ...rest, ...changes };
}

export function append(record: MessageRecord, keep: Retention = { messages: 0, age: 0 }): StoreWrite {
  return { kind: 'append', message: record, keep };
}
