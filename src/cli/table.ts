import { WIDTH, wrap } from './format.ts';
import { type Paint, type Tint, unpainted } from './paint.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

export interface Row {
  /** As many as there are columns; the first names the thing. */
  readonly cells: readonly string[];
  /** What a person should know of it, beneath; the first lines of it. */
  readonly note?: string | undefined;
  /** 0: all is well. Else the row is marked, from 2 on as a fault, and the higher ones come first. */
  readonly urgency: number;
}

/** How a table is drawn. */
export interface Frame {
  /** Columns of the screen. */
  readonly width?: number;
  /** Lines that there may be. What doesn't fit is counted in a last line that names `more`, the command that shows it. */
  readonly maxLines?: number;
  readonly more?: string;
  readonly paint?: Paint;
}

/** Lines of a note. */
const NOTE_LINES = 3;

/** Columns that a value has at least, however long the names beside it are. */
const VALUE_WIDTH = 20;

const GAP = '  ';
const MARK = '! ';
const INDENT = ' '.repeat(MARK.length);

/**
 * Aligned columns, the most urgent rows first. A name that leaves no room for the rest stands on a line of its own.
 */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  { width = WIDTH, maxLines = Infinity, more = '', paint = unpainted }: Frame = {},
): string[] {
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)));
  const others = widths.slice(1).reduce((sum, each) => sum + GAP.length + each, 0);
  widths[0] = Math.min(widths[0] ?? 0, width - MARK.length - others);
  const draw = (cells: readonly string[]) =>
    cells
      .map((cell, at) => pad(cell, widths[at], columns[at]))
      .join(GAP)
      .trimEnd();

  const sorted = rows.toSorted((a, b) => b.urgency - a.urgency);
  const blocks = sorted.map(({ cells: [name = '', ...cells], note, urgency }) => {
    const mark = urgency > 0 ? MARK : INDENT;
    const tint = tintOf(urgency);
    const isLong = name.length > (widths[0] ?? 0);
    const lines = isLong ? [mark + name, INDENT + draw(['', ...cells])] : [mark + draw([name, ...cells])];
    const notes = note === undefined ? [] : noteLines(note, width).map((text) => INDENT + INDENT + text);
    return [...lines, ...notes].map((line) => paint(line, tint));
  });

  const lines = [paint(INDENT + draw(titles), 'title')];
  for (const [at, block] of blocks.entries()) {
    const reserve = at < blocks.length - 1 ? 1 : 0;
    if (lines.length + block.length + reserve > maxLines)
      return [...lines, paint(`${INDENT}and ${blocks.length - at} more: ${more}`, 'aside')];
    lines.push(...block);
  }
  return lines;
}

function tintOf(urgency: number): Tint | undefined {
  if (urgency <= 0) return undefined;
  return urgency < 2 ? 'warning' : 'fault';
}

/** The beginning of a longer text, as lines that stand beneath a row. */
export function noteLines(text: string, width = WIDTH): string[] {
  return wrap(text, width - 2 * INDENT.length).slice(0, NOTE_LINES);
}

function pad(cell: string, width = 0, column?: Column): string {
  return column?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
}

/** Names and values beneath one another; a value may take several lines. */
export function details(pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length)) + INDENT.length + GAP.length;
  return pairs.flatMap(([name, value]) =>
    wrap(value, Math.max(VALUE_WIDTH, WIDTH - width)).map(
      (line, at) => (INDENT + (at === 0 ? name : '')).padEnd(width) + line,
    ),
  );
}
