import { BLANK, type Cell, type Row } from './cells.ts';

/** Rows whose content moves up or down as one, such as those of a log. */
export interface Region {
  readonly first: number;
  readonly last: number;
}

/** Columns that are sooner written again than skipped. */
const SHORTEST_SKIP = 4;
/** Blanks that are sooner written than erased. */
const SHORTEST_ERASURE = 4;

/**
 * What a terminal shows, and what changes it into something else: few bytes, since the line to it may be slow. It takes what
 * a VT100 has: CUP, CUF, EL, ED, SGR (ECMA-48 §8.3), and its scrolling region (DECSTBM, IND by LF, RI).
 *
 * The last place of the last row stays empty, since some terminals scroll when it is written.
 */
export class Canvas {
  /** Empty: not known. */
  #shown: readonly Row[] = [];

  /** The terminal may show anything: the next picture begins with an empty screen. */
  forget(): void {
    this.#shown = [];
  }

  /** What to send for the terminal to show these rows; empty where it does already. */
  change(rows: readonly Row[], regions: readonly Region[] = []): string {
    const isKnown = this.#shown.length === rows.length && this.#shown[0]?.length === rows[0]?.length;
    const pen = new Pen(rows.length, rows[0]?.length ?? 0);
    let shown = this.#shown;
    if (isKnown) for (const region of regions) shown = scrolled(pen, shown, rows, region);
    else {
      pen.clear();
      shown = rows.map((row) => row.map(() => BLANK));
    }
    for (const [at, row] of rows.entries()) drawRow(pen, at, shown[at] ?? [], row);
    pen.setStyle('');
    this.#shown = rows;
    return pen.text;
  }
}

/** Scrolls the region where that saves bytes. Gives what is shown then. */
function scrolled(pen: Pen, shown: readonly Row[], rows: readonly Row[], region: Region): readonly Row[] {
  const { first, last } = region;
  const costOf = (from: readonly Row[]) => {
    const trial = new Pen(rows.length, rows[0]?.length ?? 0);
    for (let at = first; at <= last; at += 1) drawRow(trial, at, from[at] ?? [], rows[at] ?? []);
    return trial.text.length;
  };
  const by = shiftBetween(shown, rows, region);
  if (by === 0) return shown;
  const moved = shown.map((row, at) => {
    if (at < first || at > last) return row;
    const from = at + by;
    return from < first || from > last ? row.map(() => BLANK) : (shown[from] ?? row);
  });
  const trial = new Pen(rows.length, rows[0]?.length ?? 0);
  trial.scroll(region, by);
  if (trial.text.length + costOf(moved) >= costOf(shown)) return shown;
  pen.scroll(region, by);
  return moved;
}

/** By how many rows the region's content has moved up; below 0: down. 0: it hasn't, or nothing of it is left. */
function shiftBetween(shown: readonly Row[], rows: readonly Row[], { first, last }: Region): number {
  const fits = (by: number) => {
    const [from, to] = by > 0 ? [first, last - by] : [first - by, last];
    for (let at = from; at <= to; at += 1) if (!isSame(shown[at + by], rows[at])) return false;
    return from <= to;
  };
  if (fits(0)) return 0;
  for (let by = 1; by <= last - first; by += 1) {
    if (fits(by)) return by;
    if (fits(-by)) return -by;
  }
  return 0;
}

function isSame(one: Row = [], other: Row = []): boolean {
  return one.length === other.length && one.every((cell, at) => isEqual(cell, other[at]));
}

function isEqual(one: Cell, other: Cell = BLANK): boolean {
  return one === other || (one.glyph === other.glyph && one.style === other.style);
}

function drawRow(pen: Pen, at: number, from: Row, to: Row): void {
  const newEnd = endOf(to);
  const oldEnd = endOf(from);
  const isErased = oldEnd - newEnd >= SHORTEST_ERASURE;
  const end = isErased ? newEnd : Math.max(newEnd, oldEnd);
  for (let column = 0; column < end; column += 1) {
    const cell = to[column] ?? BLANK;
    if (isEqual(cell, from[column]) || cell.glyph === '') continue;
    pen.skipTo(at, column, to);
    pen.put(cell);
  }
  if (!isErased) return;
  pen.skipTo(at, newEnd, to);
  pen.eraseRest();
}

/** The column behind the last that isn't blank. */
function endOf(row: Row): number {
  let end = row.length;
  while (end > 0 && isEqual(row[end - 1] ?? BLANK, BLANK)) end -= 1;
  return end;
}

/** Writes for a terminal of that size, and knows where its cursor is. */
class Pen {
  text = '';
  readonly #rows: number;
  readonly #columns: number;
  /** Where the cursor is; undefined: that depends on the terminal. */
  #place: { row: number; column: number } | undefined;
  #style = '';

  constructor(rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
  }

  clear(): void {
    this.text += '\x1b[m\x1b[H\x1b[J';
    this.#place = { row: 0, column: 0 };
  }

  setStyle(style: string): void {
    if (style === this.#style) return;
    this.text += `\x1b[${this.#style === '' || style === '' ? '' : ';'}${style}m`;
    this.#style = style;
  }

  /** Moves the cursor, the shortest way; `row` is what stands in that row. */
  skipTo(at: number, column: number, row: Row): void {
    const place = this.#place;
    const gap = place?.row === at ? column - place.column : -1;
    if (place === undefined || gap < 0) this.#jumpTo(at, column);
    else if (gap > 0) {
      const between = row.slice(place.column, column);
      const isPlain = between.every(({ glyph, style }) => isCertain(glyph) && style === this.#style);
      if (gap < SHORTEST_SKIP && isPlain) for (const cell of between) this.put(cell);
      else this.text += `\x1b[${gap === 1 ? '' : gap}C`;
    }
    this.#place = { row: at, column };
  }

  put({ glyph, style }: Cell): void {
    const { row, column } = this.#place ?? { row: 0, column: 0 };
    if (row === this.#rows - 1 && column === this.#columns - 1) return;
    this.setStyle(style);
    this.text += glyph;
    // Behind the last column, or a character that the terminal may take for wider or narrower, that is anybody's guess.
    const isKnown = isCertain(glyph) && column + 1 < this.#columns;
    this.#place = isKnown ? { row, column: column + 1 } : undefined;
  }

  eraseRest(): void {
    this.setStyle('');
    this.text += '\x1b[K';
  }

  /** Moves what stands in the region up by so many rows, or down where that is below 0. What comes in is empty. */
  scroll({ first, last }: Region, by: number): void {
    this.setStyle('');
    this.text += `\x1b[${first + 1};${last + 1}r`;
    this.#place = undefined;
    this.#jumpTo(by > 0 ? last : first, 0);
    this.text += `${by > 0 ? '\n'.repeat(by) : '\x1bM'.repeat(-by)}\x1b[r`;
    this.#place = undefined;
  }

  #jumpTo(row: number, column: number): void {
    const isNext = this.#place?.row === row - 1 && column === 0;
    if (isNext) this.text += '\r\n';
    else if (column > 0) this.text += `\x1b[${row + 1};${column + 1}H`;
    else this.text += row > 0 ? `\x1b[${row + 1}H` : '\x1b[H';
  }
}

/** Whether every terminal gives one column to it. */
function isCertain(glyph: string): boolean {
  return /^[ -~\u00b7\u2581-\u2588]$/.test(glyph);
}
