import { childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** Which page of a list is asked for (XEP-0059 §2). */
export interface PageRequest {
  /** The most items; 0: only how many there are. Absent: as many as fit. */
  readonly max?: number;
  /** What follows that item. */
  readonly after?: string;
  /** What stands right before that item; empty: the last page. */
  readonly before?: string;
  /** What begins at that position of the whole. */
  readonly index?: number;
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
  if (after !== undefined && before !== undefined) return 'malformed';
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
  if (before !== undefined) {
    let end = before === '' ? all.length : all.filter((item) => idOf(item) < before).length;
    while (take(all[end - 1])) end--;
    return { items: taken.reverse(), index: end, count: all.length };
  }
  const start = after === undefined ? index : all.filter((item) => idOf(item) <= after).length;
  for (let at = start; take(all[at]); ) at++;
  return { items: taken, index: start, count: all.length };
}

/** `<set/>` of a page (XEP-0059 §2.2). */
export function resultSetElement<T>({ items, index, count }: Page<T>, idOf: (item: T) => string): Element {
  const [first] = items;
  const last = items.at(-1);
  const set = element('set', { xmlns: NS.rsm });
  if (first !== undefined && last !== undefined) {
    set.cnode(element('first', { index: String(index) }, idOf(first)));
    set.cnode(element('last', {}, idOf(last)));
  }
  set.cnode(element('count', {}, String(count)));
  return set;
}
