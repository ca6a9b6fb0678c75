import type { MessageRecord } from '../muc/records.ts';
import { fromRow, type MessageRow } from './message-row.ts';

/** Messages of a page. */
export const PAGE_MESSAGES = 100;
/** Characters of stored stanzas after which a page ends. */
export const PAGE_CHARACTERS = 65_536;
/** Messages that are looked at for one page: reading it must not hold the gateway up. */
export const PAGE_ROWS = 1000;

/** A part of a room's archive, oldest first. */
export interface ArchivePage {
  readonly messages: readonly MessageRecord[];
  /** The position after which it goes on; undefined at the end. */
  readonly next: number | undefined;
}

/** The first page of these rows; what has a stamp before `since` is left out. */
export function firstPage(rows: Iterable<MessageRow>, room: string, since: number): ArchivePage {
  const messages: MessageRecord[] = [];
  let characters = 0;
  let looked = 0;
  for (const row of rows) {
    looked += 1;
    if (row.stamp >= since) {
      messages.push(fromRow(row, room));
      characters += row.stanza.length;
    }
    if (messages.length >= PAGE_MESSAGES || characters >= PAGE_CHARACTERS || looked >= PAGE_ROWS)
      return { messages, next: row.seq };
  }
  return { messages, next: undefined };
}
