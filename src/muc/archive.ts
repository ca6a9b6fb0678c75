import type { Jid } from '../lib/jid.ts';
import { errorReply, type StanzaError } from '../stanza/errors.ts';
import { type Answer, resultOf } from '../stanza/iq.ts';
import {
  archiveForm,
  archiveMetadata,
  archiveResultElement,
  finElement,
  type QueryFault,
  readArchiveQuery,
} from '../stanza/mam.ts';
import { type Element, element } from '../xml/element.ts';
import { authorOf, refusalToRead } from './archive-access.ts';
import { archivedStanza, referredFrom } from './archived.ts';
import { maySeeJids } from './discretion.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { MessageRecord } from './records.ts';
import type { Room } from './room.ts';
import { type ArchiveFilter, type Found, SEARCHED_INDEX_ROWS, SEARCHED_ROWS, type Search } from './search.ts';
import type { Turn } from './turn.ts';

/*
 * The archive of a room, as users read it (XEP-0313). A query is a chain of looks into the store, each of which is bounded: are the
 * messages there that it names? which are on the page? to which do these refer? how many are there in all? Everything that it has
 * come to travels with the looks; the answer leaves as one, in the turn of the last.
 */

/** The most messages of a page, and those of one for which nobody has said how many there should be. */
export const MAX_PAGE_MESSAGES = 100;
export const DEFAULT_PAGE_MESSAGES = 50;
/** Characters of stored stanzas after which a page ends. */
export const MAX_PAGE_CHARACTERS = 131_072;
/** The most messages that a query may name by their ids. */
export const MAX_IDS = 100;

/** What is asked, and what it has come to so far. */
export interface ArchiveQuestion {
  readonly kind: 'archive';
  readonly room: string;
  /** The request; its answer goes where it came from, whoever is in the room. */
  readonly iq: Element;
  readonly queryId: string | undefined;
  readonly maySeeJids: boolean;
  /** What the form asks for: the whole result, of which there is one page. */
  readonly filter: ArchiveFilter;
  /** The page alone. */
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly isBackwards: boolean;
  readonly isFlipped: boolean;
  readonly max: number;
  /** What the look that is under way is for. */
  readonly step: 'named' | 'page' | 'referred' | 'index' | 'count';
  /** How many messages the query names. */
  readonly named: number;
  /** In the order of the archive once it is whole. */
  readonly page: readonly MessageRecord[];
  readonly isComplete: boolean;
  readonly referred: readonly MessageRecord[];
  readonly index: number | undefined;
  readonly counted: number | undefined;
}

/** A user asks what a query may ask for (§4.1.6). */
export function queryForm(room: Room, from: Jid): Answer {
  const refusal = refusalToRead(room, from);
  return refusal === undefined ? { result: archiveForm() } : { error: refusal };
}

/** A user asks for a page of the archive (§4). */
export function queryArchive(room: Room, turn: Turn, from: Jid, iq: Element, query: Element): Answer {
  const refusal = refusalToRead(room, from);
  if (refusal !== undefined) return { error: refusal };
  const asked = readArchiveQuery(query);
  if (typeof asked === 'string') return { error: FAULTS[asked] };
  const { page, ids, startsAt, endsAt } = asked;
  if (page.index !== undefined) return { error: ROOM_ERRORS.noPageByIndex };
  if ((ids?.length ?? 0) > MAX_IDS) return { error: ROOM_ERRORS.tooManyItems };
  const by = authorOf(room, from, asked.with);
  if (by !== undefined && 'condition' in by) return { error: by };
  const seqs = ids?.map((id) => room.positionOf(id));
  const [afterSeq, beforeSeq, after, before] = [
    asked.afterId,
    asked.beforeId,
    page.after || undefined,
    page.before || undefined,
  ].map((id) => (id === undefined ? undefined : (room.positionOf(id) ?? Number.NaN)));
  const named = new Set([...(seqs ?? []), ...[afterSeq, beforeSeq, after, before].filter((seq) => seq !== undefined)]);
  const known = [...named].filter((seq) => seq !== undefined && !Number.isNaN(seq)) as number[];
  if (known.length < named.size) return { error: ROOM_ERRORS.noSuchMessage };
  const question: ArchiveQuestion = {
    kind: 'archive',
    room: room.jid,
    iq,
    queryId: asked.queryId,
    maySeeJids: maySeeJids(room, from),
    filter: { startsAt, endsAt, afterSeq, beforeSeq, by, seqs: seqs && known.filter((seq) => seqs.includes(seq)) },
    after,
    before,
    isBackwards: page.before !== undefined,
    isFlipped: asked.isFlipped,
    max: Math.min(page.max ?? DEFAULT_PAGE_MESSAGES, MAX_PAGE_MESSAGES),
    step: 'named',
    named: named.size,
    page: [],
    isComplete: false,
    referred: [],
    index: undefined,
    counted: undefined,
  };
  if (named.size === 0) lookForPage(turn, question);
  else turn.search({ kind: 'count', room: room.jid, filter: { seqs: known }, rows: named.size }, question);
  return 'later';
}

const FAULTS: Readonly<Record<QueryFault, StanzaError>> = {
  malformed: ROOM_ERRORS.malformedQuery,
  'unknown field': ROOM_ERRORS.unknownFilter,
  'malformed address': ROOM_ERRORS.malformedFilterAddress,
};

/** A look is done: takes the next, or answers. */
export function continueArchive(room: Room, turn: Turn, question: ArchiveQuestion, found: Found): void {
  switch (question.step) {
    case 'named':
      if (found.count < question.named)
        return turn.deliver(errorReply(question.iq, ROOM_ERRORS.noSuchMessage, room.jid));
      return lookForPage(turn, question);
    case 'page': {
      const page = [...question.page, ...found.messages];
      if (found.next !== undefined) return lookForPage(turn, { ...question, page }, found.next);
      const { isBackwards } = question;
      const whole = { ...question, page: isBackwards ? page.reverse() : page, isComplete: !found.isFull };
      const origins = referredFrom(room, whole.page);
      if (origins.length === 0) return lookForCount(room, turn, { ...whole, step: 'index' });
      const upToSeq = whole.page.at(-1)?.seq;
      const recall = { kind: 'recall', room: room.jid, seqs: [], origins, upToSeq, rows: SEARCHED_ROWS } as const;
      return turn.search(recall, { ...whole, step: 'referred' });
    }
    case 'referred':
      return lookForCount(room, turn, { ...question, step: 'index', referred: found.messages });
    case 'index': {
      const index = (question.index ?? 0) + found.count;
      // Only who asks for the number alone gets one that takes long.
      if (found.next !== undefined)
        return question.max === 0
          ? lookForCount(room, turn, { ...question, index }, found.next)
          : answer(room, turn, question);
      if (question.page.length === 0) return answer(room, turn, { ...question, counted: index });
      return lookForCount(room, turn, { ...question, index, step: 'count' });
    }
    case 'count': {
      const { index } = question;
      if (found.next !== undefined || index === undefined) return answer(room, turn, { ...question, index: undefined });
      return answer(room, turn, { ...question, counted: index + found.count });
    }
  }
}

function lookForPage(turn: Turn, question: ArchiveQuestion, from?: number): void {
  const { room, filter, after, before, isBackwards, max, page } = question;
  const search: Search = {
    kind: 'page',
    room,
    filter: { ...filter, afterSeq: later(filter.afterSeq, after), beforeSeq: earlier(filter.beforeSeq, before) },
    isBackwards,
    maxMessages: max - page.length,
    maxCharacters: page.reduce((left, { stanza }) => left - stanza.length, MAX_PAGE_CHARACTERS),
    rows: rowsFor(filter),
    from,
  };
  turn.search(search, { ...question, step: 'page' });
}

/** Counts what stands before the page, or all where it is empty; then the rest. */
function lookForCount(room: Room, turn: Turn, question: ArchiveQuestion, from?: number): void {
  const { filter, page, step } = question;
  const first = page[0]?.seq;
  const part =
    first === undefined
      ? filter
      : step === 'index'
        ? { ...filter, beforeSeq: earlier(filter.beforeSeq, first) }
        : { ...filter, afterSeq: later(filter.afterSeq, first - 1) };
  turn.search({ kind: 'count', room: room.jid, filter: part, rows: rowsFor(filter), from }, question);
}

function answer(room: Room, turn: Turn, question: ArchiveQuestion): void {
  const { iq, queryId, page, isComplete, index, counted, isFlipped } = question;
  const stanzas = page.map((record) =>
    element(
      'message',
      { from: room.jid, to: iq.attrs['from'] as string },
      archiveResultElement({
        id: room.stanzaIdOf(record.seq),
        queryId,
        stamp: record.stamp,
        message: archivedStanza(room, record, question),
      }),
    ),
  );
  for (const stanza of isFlipped ? stanzas.reverse() : stanzas) turn.deliver(stanza);
  const [first, last] = [page[0], page.at(-1)].map((record) => record && room.stanzaIdOf(record.seq));
  turn.deliver(resultOf(iq, finElement({ first, last, index, count: counted }, isComplete)));
}

/** A look that has to read whole rows takes fewer of them. */
function rowsFor({ by }: ArchiveFilter): number {
  return by === undefined ? SEARCHED_INDEX_ROWS : SEARCHED_ROWS;
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** What the first and the last message of the archive are (§5). */
export interface MetadataQuestion {
  readonly kind: 'metadata';
  readonly room: string;
  readonly iq: Element;
  /** Known once the last is looked for. */
  readonly first: MessageRecord | undefined;
}

/** A user asks what the archive has (§5). */
export function queryMetadata(room: Room, turn: Turn, from: Jid, iq: Element): Answer {
  const refusal = refusalToRead(room, from);
  if (refusal !== undefined) return { error: refusal };
  lookForEnd(turn, { kind: 'metadata', room: room.jid, iq, first: undefined });
  return 'later';
}

/** One end of the archive is found, or none yet. */
export function continueMetadata(room: Room, turn: Turn, question: MetadataQuestion, found: Found): void {
  const [message] = found.messages;
  if (message === undefined && found.next !== undefined) return lookForEnd(turn, question, found.next);
  if (message !== undefined && question.first === undefined) return lookForEnd(turn, { ...question, first: message });
  const [start, end] = [question.first, message].map(
    (record) => record && { id: room.stanzaIdOf(record.seq), stamp: record.stamp },
  );
  turn.deliver(resultOf(question.iq, archiveMetadata(start, end)));
}

function lookForEnd(turn: Turn, question: MetadataQuestion, from?: number): void {
  turn.search(
    {
      kind: 'page',
      room: question.room,
      filter: {},
      isBackwards: question.first !== undefined,
      maxMessages: 1,
      maxCharacters: MAX_PAGE_CHARACTERS,
      rows: SEARCHED_INDEX_ROWS,
      from,
    },
    question,
  );
}
