import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PAGE_CHARACTERS, PAGE_MESSAGES, PAGE_ROWS } from '../../src/io/archive-page.ts';
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
