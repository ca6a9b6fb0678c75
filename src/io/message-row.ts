import type { MessageRecord, Origin, ReferableRecord } from '../muc/records.ts';
import { DamagedTextError } from '../xml/parse.ts';

/** A message as the store keeps it (`schema.ts`). */
export interface MessageRow {
  readonly room: number;
  readonly seq: number;
  readonly stamp: number;
  readonly own: number | null;
  readonly origin: string | null;
  readonly origin_id: string | null;
  readonly via: string | null;
  readonly received: number;
  readonly foreign_by: string | null;
  readonly foreign_id: string | null;
  readonly nick: string;
  readonly author: string;
  readonly unlogged: number;
  readonly stanza: string;
}

export function toRow(message: MessageRecord, room: number): MessageRow {
  const { origin, foreign, via } = message;
  return {
    room,
    seq: message.seq,
    stamp: message.stamp,
    own: message.originSeq ?? null,
    origin: origin === undefined ? null : origin.by === (via ?? message.room) ? '' : origin.by,
    origin_id: origin?.id ?? null,
    via: via ?? null,
    received: message.received,
    foreign_by: foreign?.by ?? null,
    foreign_id: foreign?.id ?? null,
    nick: message.nick,
    author: message.author,
    unlogged: message.unlogged === true ? 1 : 0,
    stanza: message.stanza,
  };
}

export function fromRow(row: MessageRow, room: string): MessageRecord {
  const origin = originOf(row, room);
  return {
    room,
    seq: row.seq,
    ...(origin !== undefined && { origin }),
    ...foreignOf(row),
    ...(row.own !== null && { originSeq: row.own }),
    nick: row.nick,
    author: row.author,
    stamp: row.stamp,
    received: row.received,
    ...(row.via !== null && { via: row.via }),
    ...(row.unlogged !== 0 && { unlogged: true }),
    stanza: stanzaOf(row),
  };
}

/** SQLite keeps any kind of value in any column, so a damaged row may have another here. */
export function stanzaOf({ stanza }: { readonly stanza: unknown }): string {
  if (typeof stanza !== 'string') throw new DamagedTextError('no text');
  return stanza;
}

/** What of a row says how other messages refer to it. */
export function referableOf(
  row: Pick<
    MessageRow,
    'seq' | 'origin' | 'origin_id' | 'via' | 'foreign_by' | 'foreign_id' | 'nick' | 'author' | 'stanza'
  >,
  room: string,
): ReferableRecord {
  const { seq, nick, author, via } = row;
  const origin = originOf(row, room);
  return {
    seq,
    ...(origin !== undefined && { origin }),
    ...foreignOf(row),
    nick,
    author,
    ...(via !== null && { via }),
    stanza: stanzaOf(row),
  };
}

/** Where the message of a row entered the set. */
export function originOf(row: Pick<MessageRow, 'origin' | 'origin_id' | 'via'>, room: string): Origin | undefined {
  if (row.origin === null || row.origin_id === null) return undefined;
  return { by: row.origin === '' ? (row.via ?? room) : row.origin, id: row.origin_id };
}

/** The id of another kind that the message of a row came with, as a part of its record. */
export function foreignOf(row: Pick<MessageRow, 'foreign_by' | 'foreign_id'>): Pick<MessageRecord, 'foreign'> {
  return row.foreign_by === null || row.foreign_id === null
    ? {}
    : { foreign: { by: row.foreign_by, id: row.foreign_id } };
}
