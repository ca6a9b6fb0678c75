import { glyphsOf, type Span } from '../text.ts';
import { BLOCKS, QUIET } from './sparkline.ts';

/** One place of the screen. The right half of a wide character is a place without a glyph. */
export interface Cell {
  readonly glyph: string;
  /** SGR parameters (ECMA-48 §8.3.117); empty: as the terminal is. */
  readonly style: string;
}

export type Row = readonly Cell[];

/** What the terminal can show. */
export interface Look {
  readonly hasUtf8: boolean;
  readonly hasColours: boolean;
}

export const BLANK: Cell = { glyph: ' ', style: '' };

/** What stands for our own characters where there is no UTF-8. The levels grow in weight. */
const ASCII: Readonly<Record<string, string>> = {
  '…': '~',
  [QUIET]: '.',
  ...Object.fromEntries(Array.from(BLOCKS, (block, level) => [block, ':-=+ox%#'.charAt(level)])),
};

const IS_ASCII = /^[ -~]?$/;

/** A line as exactly so many cells: filled with blanks, or cut off with an ellipsis. */
export function rowOf(line: readonly Span[], columns: number, look: Look): Row {
  const row: Cell[] = [];
  for (const { text, style = '' } of line)
    for (const { glyph, columns: width } of glyphsOf(text)) {
      const cell = { glyph, style: look.hasColours ? style : '' };
      if (row.length + width > columns) return cut(row, columns).map((each) => shown(each, look));
      row.push(cell, ...(width === 2 ? [{ ...cell, glyph: '' }] : []));
    }
  while (row.length < columns) row.push(BLANK);
  return row.map((each) => shown(each, look));
}

/** A row as text, for what isn't a terminal to be moved about in. */
export function textOf(row: Row): string {
  let text = '';
  let before = '';
  for (const { glyph, style } of row) {
    if (style !== before) text += style === '' ? '\x1b[0m' : `\x1b[0;${style}m`;
    text += glyph;
    before = style;
  }
  return before === '' ? text.trimEnd() : `${text}\x1b[0m`;
}

/** Puts an ellipsis into the last column. Half a character is none. */
function cut(row: Cell[], columns: number): Cell[] {
  const kept = row.slice(0, columns - 1);
  const half = row[columns - 1]?.glyph === '' ? kept.pop() : undefined;
  const { style } = kept.at(-1) ?? BLANK;
  while (kept.length < columns - 1) kept.push(half === undefined ? { glyph: ' ', style } : BLANK);
  return [...kept, { glyph: '…', style }];
}

function shown(cell: Cell, { hasUtf8 }: Look): Cell {
  if (hasUtf8 || IS_ASCII.test(cell.glyph)) return cell.glyph === '' && !hasUtf8 ? { ...cell, glyph: '?' } : cell;
  return { ...cell, glyph: ASCII[cell.glyph] ?? '?' };
}
