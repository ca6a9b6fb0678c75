import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { ArchiveFilter } from '../../src/io/archive-filter.ts';
import { PAGE_CHARACTERS, PAGE_LOOKED_CHARACTERS, PAGE_MESSAGES, PAGE_ROWS } from '../../src/io/archive-page.ts';
import { openStore, type Store } from '../../src/io/sqlite.ts';
import type { MessageRecord } from '../../src/muc/records.ts';
import { append, elsinore, message, midnight, remote } from './store-records.ts';

/* A room's archive page by page, oldest first. */

let directory: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
  store = openStore(directory);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

function fill(count: number, of: (seq: number) => MessageRecord = message): void {
  store.commit(Array.from({ length: count }, (_, index) => append(of(index + 1))));
}

/** Every page from the start: the positions of its messages, and where it goes on. */
function pages(since?: number): { readonly positions: number[]; readonly next: number | undefined }[] {
  const found = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { messages, next } = store.page(elsinore, { after, filter: since === undefined ? {} : { since } });
    found.push({ positions: messages.map(({ seq }) => seq), next });
    after = next;
  }
  return found;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a page is whole messages, as they are kept', () => {
  store.commit([append(message(1)), append(remote(2)), append(message(3, { room: 'other@rooms.denmark.lit' }))]);
  expect(store.page(elsinore, { filter: {} })).toEqual({ messages: [message(1), remote(2)], next: undefined });
  expect(store.page('nowhere@rooms.denmark.lit', { filter: {} })).toEqual({ messages: [], next: undefined });
});

test('so many messages', () => {
  fill(2 * PAGE_MESSAGES + 1);
  expect(pages()).toEqual([
    { positions: range(1, PAGE_MESSAGES), next: PAGE_MESSAGES },
    { positions: range(PAGE_MESSAGES + 1, 2 * PAGE_MESSAGES), next: 2 * PAGE_MESSAGES },
    { positions: [2 * PAGE_MESSAGES + 1], next: undefined },
  ]);
});

test('so many characters, and one message at least', () => {
  const stanza = `<message><body>${'x'.repeat(PAGE_CHARACTERS)}</body></message>`;
  fill(2, (seq) => message(seq, { stanza }));
  expect(pages()).toEqual([
    { positions: [1], next: 1 },
    { positions: [2], next: 2 },
    { positions: [], next: undefined },
  ]);
});

test('what is older is passed over, so much of it at a time', () => {
  fill(PAGE_ROWS + 2);
  expect(pages(midnight + (PAGE_ROWS + 2) * 1000)).toEqual([
    { positions: [], next: PAGE_ROWS },
    { positions: [PAGE_ROWS + 2], next: undefined },
  ]);
  expect(pages(midnight + 1e9)).toEqual([
    { positions: [], next: PAGE_ROWS },
    { positions: [], next: undefined },
  ]);
});

test('goes on after what retention has taken out', () => {
  fill(5);
  store.commit([append(message(6), { messages: 2, age: 0 })]);
  expect(pages()).toEqual([{ positions: [5, 6], next: undefined }]);
  expect(store.page(elsinore, { after: 3, filter: {} }).messages).toHaveLength(2);
});

describe('only what is looked for is in a page', () => {
  const said = (nick: string, author: string, body: string) => (seq: number) =>
    message(seq, { nick, author, stanza: `<message><body>${body}</body></message>` });
  const all = [
    said('Hamlet', 'hamlet@denmark.lit/castle', 'To be'),
    said('hamlet', 'claudius@denmark.lit/throne', 'or NOT to be'),
    said('Alice', 'alice@wonderland.lit', 'A &amp; b &lt;not&gt;'),
    (seq: number) =>
      message(seq, {
        nick: 'Yorick',
        author: 'yorick@elsinore.lit',
        stanza: '<message id="not"><reactions>not</reactions></message>',
      }),
  ];

  it.each<[string, ArchiveFilter, number[]]>([
    ['everything', {}, [1, 2, 3, 4]],
    ['a nick, in whatever case', { nick: 'HAMLET' }, [1, 2]],
    ['a bare JID', { from: 'Claudius@denmark.lit' }, [2]],
    ['a full JID', { from: 'hamlet@denmark.lit/castle' }, [1]],
    ['another resource', { from: 'hamlet@denmark.lit/moor' }, []],
    ['a domain', { from: 'wonderland.lit' }, [3]],
    ['a text, in whatever case, in the body alone', { text: 'Not' }, [2, 3]],
    ['a text as it was said, not as it is written', { text: 'A & B <' }, [3]],
    ['both', { nick: 'hamlet', text: 'not' }, [2]],
    ['a span', { since: midnight + 2000, until: midnight + 3000 }, [2, 3]],
  ])('%s', (_, filter, positions) => {
    store.commit(all.map((of, index) => append(of(index + 1))));
    const found = store.page(elsinore, { filter }).messages.map(({ seq }) => seq);
    const backwards = store.page(elsinore, { before: Number.MAX_SAFE_INTEGER, filter }).messages.map(({ seq }) => seq);
    expect([found, backwards.toReversed()]).toEqual([positions, positions]);
  });
});

test('the newest come first where what is before a position is asked for, and it goes on there', () => {
  fill(PAGE_MESSAGES + 2);
  const first = store.page(elsinore, { before: PAGE_MESSAGES + 2, filter: {} });
  expect([first.messages[0]?.seq, first.messages.length, first.next]).toEqual([PAGE_MESSAGES + 1, PAGE_MESSAGES, 2]);
  expect(store.page(elsinore, { before: 2, filter: {} })).toMatchObject({ messages: [{ seq: 1 }], next: undefined });
});

test('so many characters are looked at, found or not', () => {
  const stanza = `<message><body>${'x'.repeat(PAGE_LOOKED_CHARACTERS)}</body></message>`;
  fill(2, (seq) => message(seq, { stanza }));
  expect(store.page(elsinore, { filter: { text: 'words' } })).toEqual({ messages: [], next: 1 });
});
