import { columnsOf, padded } from './columns.ts';
import { visible, WIDTH, wrap } from './format.ts';
import { type Paint, type Tint, unpainted } from './paint.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Whether it tells the state of the thing, which has the row's colour. */
  readonly isState?: boolean;
  /** Where the screen is too narrow for all, columns with this are left out, the highest first. */
  readonly spare?: number;
}

export interface Row {
  /** As many as there are columns; the first names the thing. */
  readonly cells: readonly string[];
  /** What a person should know of it, beneath; the first lines of it. */
  readonly note?: string | undefined;
  /** 0: all is well. Else the row is marked, from 2 on as a fault, and the higher ones come first. */
  readonly urgency: number;
  /** What colour its state has; absent: what the urgency says. */
  readonly tint?: Tint | undefined;
}

/** How a table, or what is told of one thing, is drawn. */
export interface Frame {
  /** Columns of the screen. */
  readonly width?: number;
  /** Lines that there may be. What doesn't fit is counted in a last line that names `more`, the command that shows it. */
  readonly maxLines?: number;
  readonly more?: string;
  readonly paint?: Paint;
}

/** The narrowest screen that anything is drawn for. */
const LEAST_WIDTH = 40;

/** Columns that are left for names, even where that costs the other columns. */
const LEAST_NAME = 12;

/** Lines of a name that is longer than one. */
const NAME_LINES = 3;

/** Lines of a note. */
const NOTE_LINES = 3;

/** Columns that a value has at least, however long the names beside it are. */
const VALUE_WIDTH = 20;

/** The state itself, or the number, of what is said of it. */
const FIRST_WORD = /[\w-]+/;

const GAP = '  ';
const MARK = '!';
const INDENT = ' '.repeat(MARK.length + 1);

/** The frame that suits where a command's words go: a terminal as wide as it is, or else a console. */
export function frameFor({ paint, columns }: { readonly paint: Paint; readonly columns?: number | undefined }): Frame {
  // A serial line has no size: the kernel says 0.
  return { paint, width: Math.max(LEAST_WIDTH, columns || WIDTH) };
}

/**
 * Aligned columns, the most urgent rows first. A name that leaves no room for the rest stands on a line of its own. Of the
 * most urgent row as much is shown as there are lines for.
 */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  { width = WIDTH, maxLines = Infinity, more = '', paint = unpainted }: Frame = {},
): string[] {
  const widest = columns.map(({ title }, at) =>
    Math.max(columnsOf(title), ...rows.map(({ cells }) => columnsOf(cells[at] ?? ''))),
  );
  const shown = thoseThatFit(columns, widest, width - INDENT.length - LEAST_NAME);
  const [nameAt = 0, ...others] = shown;
  const room = width - INDENT.length - spanOf(others, widest);
  const nameWidth = Math.min(widest[nameAt] ?? 0, room);
  const draw = (cells: readonly string[], tint?: Tint) =>
    shown
      .map((at) => {
        const { align, isState } = columns[at] ?? {};
        const cell = padded(cells[at] ?? '', at === nameAt ? nameWidth : (widest[at] ?? 0), align);
        return isState === true ? cell.replace(FIRST_WORD, (word) => paint(word, tint)) : cell;
      })
      .join(GAP)
      .trimEnd();

  const sorted = rows.toSorted((a, b) => b.urgency - a.urgency);
  const blocks = sorted.map(({ cells: [name = '', ...cells], note, urgency, tint = tintOf(urgency) }) => {
    const mark = urgency > 0 ? `${paint(MARK, tintOf(urgency))} ` : INDENT;
    const notes = note === undefined ? [] : noteLines(note, width).map((text) => INDENT + INDENT + text);
    if (columnsOf(name) <= nameWidth) return [mark + draw([name, ...cells], tint), ...notes];
    const [first = '', ...rest] = nameLines(name, width - INDENT.length);
    return [mark + first, ...rest.map((line) => INDENT + line), INDENT + draw(['', ...cells], tint), ...notes];
  });

  const lines = [INDENT + paint(draw(columns.map(({ title }) => title)), 'title')];
  for (const [at, block] of blocks.entries()) {
    const left = blocks.length - at;
    const free = maxLines - lines.length - (left > 1 ? 1 : 0);
    if (block.length > free && at > 0) return [...lines, INDENT + paint(`and ${left} more: ${more}`, 'aside')];
    lines.push(...block.slice(0, Math.max(0, free)));
  }
  return lines;
}

/** Which columns are shown: all but the first take no more than `room`, as far as some of them can be left out. */
function thoseThatFit(columns: readonly Column[], widths: readonly number[], room: number): number[] {
  const shown = [...columns.keys()];
  for (;;) {
    const spare = shown.filter((at) => columns[at]?.spare !== undefined);
    if (spare.length === 0 || spanOf(shown.slice(1), widths) <= room) return shown;
    const most = Math.max(...spare.map((at) => columns[at]?.spare ?? 0));
    shown.splice(
      shown.findIndex((at) => columns[at]?.spare === most),
      1,
    );
  }
}

/** Columns of the screen that these take, with the gap before each. */
function spanOf(shown: readonly number[], widths: readonly number[]): number {
  return shown.reduce((sum, at) => sum + GAP.length + (widths[at] ?? 0), 0);
}

function nameLines(name: string, width: number): string[] {
  const lines = wrap(name, width);
  if (lines.length <= NAME_LINES) return lines;
  const [last = ''] = wrap(lines[NAME_LINES - 1] ?? '', width - 1);
  return [...lines.slice(0, NAME_LINES - 1), `${last}…`];
}

/** The colour of something as urgent as that. */
function tintOf(urgency: number): Tint | undefined {
  if (urgency <= 0) return undefined;
  return urgency < 2 ? 'warning' : 'fault';
}

/** The beginning of a longer text, as lines that stand beneath a row. */
export function noteLines(text: string, width = WIDTH): string[] {
  return wrap(text, width - 2 * INDENT.length).slice(0, NOTE_LINES);
}

/** A name and a value; the first word of the value may have a colour. */
export type Detail = readonly [name: string, value: string, tint?: Tint | undefined];

/** Names and values beneath one another; a value may take several lines, and so may a name, which then stands above it. */
export function details(pairs: readonly Detail[], { width = WIDTH, paint = unpainted }: Frame = {}): string[] {
  const least = INDENT.length + GAP.length;
  const widest = Math.max(...pairs.map(([name]) => columnsOf(name))) + least;
  const indent = Math.min(widest, Math.max(least, width - VALUE_WIDTH));
  return pairs.flatMap(([name, value, tint]) => {
    const isLong = columnsOf(name) > indent - least;
    const [first = '', ...more] = wrap(value, width - indent);
    const tinted = tint === undefined ? first : first.replace(FIRST_WORD, (word) => paint(word, tint));
    const others = more.map((line) => ' '.repeat(indent) + line);
    if (!isLong) return [INDENT + padded(name, indent - INDENT.length) + tinted, ...others];
    const start = name.length - name.trimStart().length + INDENT.length;
    const names = nameLines(name.trimStart(), width - start).map((line) => ' '.repeat(start) + line);
    return [...names, ' '.repeat(indent) + tinted, ...others];
  });
}

/** What details stand beneath, in as many lines as it takes. */
export function heading(text: string, { width = WIDTH, paint = unpainted }: Frame = {}, indent = ''): string[] {
  return wrap(visible(text), width - indent.length).map((line) => indent + paint(line, 'title'));
}

/** A digest beneath what it is of, in lines of the same length where it takes several. */
export function digestLines(digest: string, indent: string, { width = WIDTH }: Frame = {}): string[] {
  const text = visible(digest);
  const pieces = Math.ceil(text.length / (width - indent.length));
  return wrap(text, Math.max(1, Math.ceil(text.length / pieces))).map((line) => indent + line);
}
