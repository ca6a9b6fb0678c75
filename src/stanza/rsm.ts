import { childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** Which part of a result is asked for (XEP-0059 §2). */
export interface PageRequest {
  /** The most items; absent: as many as whoever answers likes. */
  readonly max?: number | undefined;
  /** Only what stands after the item with that UID. */
  readonly after?: string | undefined;
  /** Only what stands before the item with that UID, the last of it; empty: the last of all. */
  readonly before?: string | undefined;
  /** Whether the page is asked for by its number (§2.6). */
  readonly byIndex: boolean;
}

/** Reads the `<set/>` of a request; undefined where it says what it can't. One that isn't there asks for nothing special. */
export function readPageRequest(parent: Element): PageRequest | undefined {
  const set = findChild(parent, 'set', NS.rsm);
  if (set === undefined) return { byIndex: false };
  const max = childText(set, 'max')?.trim();
  if (max !== undefined && !/^\d{1,9}$/.test(max)) return undefined;
  return {
    max: max === undefined ? undefined : Number(max),
    // Without a UID it stands for the place before the first item (§2.2).
    after: childText(set, 'after') || undefined,
    before: childText(set, 'before'),
    byIndex: findChild(set, 'index') !== undefined,
  };
}

/** The part of a result that an answer has. */
export interface PageResult {
  /** The UIDs of its first and its last item; absent where it has none. */
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  /** How many items stand before the first; absent: that isn't known. */
  readonly index?: number | undefined;
  /** How many items there are in all, on other pages too. */
  readonly count?: number | undefined;
}

/** The `<set/>` of an answer. */
export function pageResultElement({ first, last, index, count }: PageResult): Element {
  return element(
    'set',
    { xmlns: NS.rsm },
    first === undefined ? undefined : element('first', { index: index?.toString() }, first),
    last === undefined ? undefined : element('last', {}, last),
    count === undefined ? undefined : element('count', {}, count.toString()),
  );
}
