import { childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** Which page of a list is asked for (XEP-0059 §2). */
export interface PageRequest {
  /** The most items; 0: only how many there are. Absent: as many as fit. */
  readonly max?: number;
  /** What follows that item; empty: from the first item on. */
  readonly after?: string;
  /** What stands right before that item; empty: the last page. */
  readonly before?: string;
  /** What begins at that position of the whole. */
  readonly index?: number;
}

/** What an answer says of its page. */
export interface PageResult {
  /** The ids of its first and its last item; absent where it has none. */
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  /** How many items stand before the first; absent: that isn't known. */
  readonly index?: number | undefined;
  /** How many items there are in all, on other pages too. */
  readonly count?: number | undefined;
}

/** A page, and where it stands in the whole. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Of the first item, in the whole. */
  readonly index: number;
  /** Of the whole. */
  readonly count: number;
}

/** Reads what page is asked for: `undefined` where none in particular is, `malformed` where it can't be told which. */
export function readPageRequest(query: Element): PageRequest | 'malformed' | undefined {
  const set = findChild(query, 'set', NS.rsm);
  if (set === undefined) return undefined;
  const counts: { max?: number; index?: number } = {};
  for (const name of ['max', 'index'] as const) {
    const text = childText(set, name)?.trim();
    if (text === undefined) continue;
    if (!/^\d{1,15}$/.test(text)) return 'malformed';
    counts[name] = Number(text);
  }
  const after = childText(set, 'after');
  const before = childText(set, 'before');
  return { ...counts, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) };
}

/**
 * The page that is asked for of items in the order of their ids, so that one whose item is gone is found all the same
 * (XEP-0059 §2.5). `fits` tells whether an item can stand beside those taken before it.
 */
export function pageOf<T>(
  all: readonly T[],
  idOf: (item: T) => string,
  request: PageRequest,
  fits: (item: T, taken: readonly T[]) => boolean,
): Page<T> {
  const { max = all.length, after, before, index = 0 } = request;
  const taken: T[] = [];
  const take = (item: T | undefined): boolean => {
    if (item === undefined || taken.length >= max || !fits(item, taken)) return false;
    taken.push(item);
    return true;
  };
  const start = after === undefined ? index : all.filter((item) => idOf(item) <= after).length;
  if (before !== undefined) {
    let end = before === '' ? all.length : all.filter((item) => idOf(item) < before).length;
    while (end > start && take(all[end - 1])) end--;
    return { items: taken.reverse(), index: end, count: all.length };
  }
  for (let at = start; take(all[at]); ) at++;
  return { items: taken, index: start, count: all.length };
}

/** What an answer says of such a page. */
export function resultOfPage<T>({ items, index, count }: Page<T>, idOf: (item: T) => string): PageResult {
  const [first] = items;
  const last = items.at(-1);
  if (first === undefined || last === undefined) return { count };
  return { first: idOf(first), last: idOf(last), index, count };
}

/** `<set/>` of an answer (XEP-0059 §2.2). */
export function resultSetElement({ first, last, index, count }: PageResult): Element {
  return element(
    'set',
    { xmlns: NS.rsm },
    first === undefined ? undefined : element('first', { index: index?.toString() }, first),
    last === undefined ? undefined : element('last', {}, last),
    count === undefined ? undefined : element('count', {}, count.toString()),
  );
}
