import type { MessageRecord, Origin } from './records.ts';

/*
 * Looks into a room's archive that may have to go a long way. Each takes only so many rows in hand, and says where the next
 * one is to go on: between two of them everybody else has their turn.
 */

/** Rows that one look takes in hand where each has to be read whole. */
export const SEARCHED_ROWS = 1000;
/** Rows that one look takes in hand where the index tells all. */
export const SEARCHED_INDEX_ROWS = 10_000;

/** Whose messages are looked for: somebody's by the nick that they had, by the full JID, or by the bare one. */
export type By = { readonly nick: string } | { readonly author: string } | { readonly bare: string };

/** Which of the messages that users may read are looked for. Absent: no bound. */
export interface ArchiveFilter {
  /** Milliseconds since the epoch, as is `endsAt`; both inclusive. */
  readonly startsAt?: number | undefined;
  readonly endsAt?: number | undefined;
  /** Only messages after this archive position, and before that one. */
  readonly afterSeq?: number | undefined;
  readonly beforeSeq?: number | undefined;
  /** Only messages at these positions: one look is enough for them. */
  readonly seqs?: readonly number[] | undefined;
  readonly by?: By | undefined;
}

interface Look {
  readonly room: string;
  /** The position that the look before has come to. */
  readonly from?: number | undefined;
  /** The most rows that it takes in hand. */
  readonly rows: number;
}

/** What is looked for. */
export type Search =
  /** Messages, the oldest first, or `isBackwards` the newest first. */
  | (Look & {
      readonly kind: 'page';
      readonly filter: ArchiveFilter;
      readonly isBackwards: boolean;
      readonly maxMessages: number;
      /** Characters of stored stanzas after which the page ends. */
      readonly maxCharacters: number;
    })
  /** How many messages there are. */
  | (Look & { readonly kind: 'count'; readonly filter: ArchiveFilter })
  /**
   * Messages that are known by name, whether users may read them or not: by their position, or, among so many of the newest up to
   * `upToSeq`, by where they entered the set.
   */
  | (Look & {
      readonly kind: 'recall';
      readonly seqs: readonly number[];
      readonly origins: readonly Origin[];
      readonly upToSeq?: number | undefined;
    });

/** What one look has found. */
export interface Found {
  /** In the order in which they were looked for. */
  readonly messages: readonly MessageRecord[];
  /** How many it has found, messages or not. */
  readonly count: number;
  /** Whether there is one more at least than the page holds. */
  readonly isFull: boolean;
  /** Where the next look goes on; undefined: nothing is left to look at, or for. */
  readonly next: number | undefined;
}
