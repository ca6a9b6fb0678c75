import type { Attention } from '../attention.ts';
import { SGR } from '../paint.ts';
import { glyphsOf, type Span, width } from '../text.ts';

export type Line = readonly Span[];

/** A column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly width: number;
  readonly align?: 'right';
  /** Columns between it and the one before; else 2. */
  readonly gap?: number;
  readonly cell: (item: T) => string;
}

/** Something that a table lists. */
export interface Entry<T> extends Attention {
  readonly item: T;
  readonly name: string;
}

/** Where a table stands. */
export interface Place {
  readonly columns: number;
  readonly lines: number;
  /** The entry that the operator's mark is at. */
  readonly marked: number | undefined;
}

const GAP = 2;
const MARKS = 2;

/** Columns that a table takes beside the names. */
export function widthBeside<T>(columns: readonly Column<T>[]): number {
  return columns.reduce((sum, { gap = GAP, width }) => sum + gap + width, MARKS);
}

/**
 * A table: a title, and that page of its entries which the mark is on. The name takes what the columns leave. Where there are
 * further pages, the title says which entries these are.
 */
export function grid<T>(
  title: string,
  columns: readonly Column<T>[],
  entries: readonly Entry<T>[],
  place: Place,
): Line[] {
  const nameWidth = Math.max(title.length, place.columns - widthBeside(columns));
  const line = (name: string, cells: readonly string[]) =>
    columns
      .reduce(
        (text, column, at) => text + ' '.repeat(column.gap ?? GAP) + pad(cells[at] ?? '', column.width, column.align),
        pad(name, nameWidth),
      )
      .trimEnd();
  const { first, end } = pageOf(entries, place.lines - 1, place.marked ?? 0);
  const range = end - first < entries.length ? ` ${first + 1}-${end} of ${entries.length}` : '';
  const heads = line(
    title + range,
    columns.map((column) => column.title),
  );
  return [
    [{ text: ' '.repeat(MARKS) + heads, style: SGR.title }],
    ...entries.slice(first, end).flatMap(({ item, name, urgency, note }, at) => {
      const tint = urgency > 0 ? { style: urgency < 2 ? SGR.warning : SGR.fault } : {};
      const isMarked = first + at === place.marked;
      const text = line(
        name,
        columns.map(({ cell }) => cell(item)),
      );
      const shown = cutTo(name, nameWidth);
      return [
        [
          { text: (urgency > 0 ? '!' : ' ') + (isMarked ? '>' : ' '), ...tint },
          { text: text.slice(0, shown.length), ...(isMarked ? { style: MARKED } : tint) },
          { text: text.slice(shown.length), ...tint },
        ],
        ...(note === undefined ? [] : [[{ text: `    ${note}`, ...tint }]]),
      ];
    }),
  ];
}

/** The name that the mark is at, in reverse video. */
const MARKED = '7';

/** Lines that a table takes where it has all that it needs. */
export function heightOf(entries: readonly Entry<unknown>[]): number {
  return 1 + entries.reduce((sum, entry) => sum + linesOf(entry), 0);
}

function linesOf({ note }: Entry<unknown>): number {
  return note === undefined ? 1 : 2;
}

/** The page that an entry is on: from one page to the next nothing moves, so that a step of the mark costs little. */
function pageOf(
  entries: readonly Entry<unknown>[],
  lines: number,
  wanted: number,
): { readonly first: number; readonly end: number } {
  let first = 0;
  let left = lines;
  for (const [at, entry] of entries.entries()) {
    if (linesOf(entry) > left && at > first) {
      if (wanted < at) return { first, end: at };
      first = at;
      left = lines;
    }
    left -= linesOf(entry);
  }
  return { first, end: entries.length };
}

/** Text in a column: filled up, or cut off with an ellipsis. */
export function pad(text: string, columns: number, align?: 'right'): string {
  const shown = cutTo(text, columns);
  const blanks = ' '.repeat(columns - width(shown));
  return align === 'right' ? blanks + shown : shown + blanks;
}

/** Text that takes so many columns at most, with an ellipsis where it is longer. */
export function cutTo(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let left = columns - 1;
  let kept = '';
  for (const glyph of glyphsOf(text)) {
    if ((left -= glyph.columns) < 0) break;
    kept += glyph.glyph;
  }
  return `${kept}…`;
}
