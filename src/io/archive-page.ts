import type { MessageRecord } from '../muc/records.ts';
import { type ArchiveFilter, matcherOf } from './archive-filter.ts';
import { fromRow, type MessageRow } from './message-row.ts';

/** Messages of a page. */
export const PAGE_MESSAGES = 100;
/** Characters of stored stanzas after which a page ends. */
export const PAGE_CHARACTERS = 65_536;
/** Messages, and characters of them, that are looked at for one page: reading it must not hold the gateway up. */
export const PAGE_ROWS = 1000;
export const PAGE_LOOKED_CHARACTERS = 262_144;

/** A part of a room's archive, in the order in which it was asked for. */
export interface ArchivePage {
  readonly messages: readonly MessageRecord[];
  /** The position at which it goes on, which isn't in the next page; undefined at the end. */
  readonly next: number | undefined;
}

/** Which page of a room's archive is asked for. */
export interface ArchivePageRequest {
  readonly filter: ArchiveFilter;
  /** What comes after this position, the oldest first. */
  readonly after?: number;
  /** Instead, what comes before this one, the newest first. */
  readonly before?: number;
}

/** The statements for it: the rows of a room after a position, and those before one, the newest first. */
export const OLDEST_AFTER = 'SELECT * FROM message WHERE room = ? AND seq > ? ORDER BY seq';
export const NEWEST_BEFORE = 'SELECT * FROM message WHERE room = ? AND seq < ? ORDER BY seq DESC';

/** The first page of these rows; what isn't looked for is left out. */
export function firstPage(rows: Iterable<MessageRow>, room: string, filter: ArchiveFilter): ArchivePage {
  const isWanted = matcherOf(filter);
  const messages: MessageRecord[] = [];
  let characters = 0;
  let looked = 0;
  let lookedCharacters = 0;
  for (const row of rows) {
    looked += 1;
    lookedCharacters += row.stanza.length;
    if (isWanted(row)) {
      messages.push(fromRow(row, room));
      characters += row.stanza.length;
    }
    const isPage = messages.length >= PAGE_MESSAGES || characters >= PAGE_CHARACTERS;
    if (isPage || looked >= PAGE_ROWS || lookedCharacters >= PAGE_LOOKED_CHARACTERS) return { messages, next: row.seq };
  }
  return { messages, next: undefined };
}
