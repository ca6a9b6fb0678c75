import { fit, printable, type Span, tail, width, wrap } from '../text.ts';
import { type AirView, crossingSpans, totalsSpans } from './air-text.ts';
import type { Crossing } from './meter.ts';
import type { Sight } from './sight.ts';
import { STYLE, sightSpans } from './sight-text.ts';

/** All that the screen shows at one moment. */
export interface View {
  readonly left: PaneView;
  readonly right: PaneView;
  readonly typing: 'left' | 'right';
  readonly crossings: readonly Crossing[];
  readonly air: AirView;
  readonly input: { readonly text: string; readonly beforeCursor: string };
  /** What whoever types should know, shown in place of the help. */
  readonly notice: string;
}

export interface PaneView {
  readonly name: string;
  readonly room: string;
  readonly subject: string;
  readonly sights: readonly Sight[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A picture for the whole terminal: each line exactly as wide as it. */
export interface Frame {
  readonly lines: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number };
}

const SMALLEST: Size = { columns: 64, rows: 16 };

/** Rows that are neither conversation nor crossings: title, heads, subjects, three rules, totals, input. */
const FIXED_ROWS = 8;

const HELP = 'Tab: the other one   /nick /leave /join /subject /cut /mend /quit';

/** Draws the view. */
export function draw(view: View, size: Size): Frame {
  const { columns, rows } = size;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return tooSmall(size);
  const crossingRows = Math.floor(((rows - FIXED_ROWS) * 4) / 9);
  const paneRows = rows - FIXED_ROWS - crossingRows;
  const half = Math.floor((columns - 1) / 2);
  const left = paneLines(view, 'left', half, paneRows);
  const right = paneLines(view, 'right', columns - 1 - half, paneRows);
  const [heads = '', subjects = '', ...sights] = left.map((line, row) => `${line}${dim('│')}${right[row]}`);
  const input = inputLine(view, columns);
  return {
    lines: [
      fit(
        [
          { text: ' fmucd demo', style: STYLE.bold },
          aside('  two gateways and a link: 2400 bit/s, half-duplex, 300 ms'),
        ],
        columns,
      ),
      heads,
      subjects,
      rule(columns, half, '┼'),
      ...sights,
      rule(columns, half, '┴', ` the link is ${view.air.state} `),
      ...toBottom(view.crossings.slice(-crossingRows).map(crossingSpans), crossingRows).map((line) =>
        fit(line, columns),
      ),
      fit(totalsSpans(view.air), columns),
      rule(columns),
      input.line,
    ],
    cursor: { row: rows - 1, column: input.column },
  };
}

/** Head, subject, and what was seen last. */
function paneLines(view: View, side: 'left' | 'right', columns: number, rows: number): string[] {
  const { name, room, subject, sights } = view[side];
  const colors = { left: STYLE.forth, right: STYLE.back };
  const others = side === 'left' ? colors.right : colors.left;
  const lines = sights
    .slice(-rows)
    .flatMap((sight) => wrap(sightSpans(sight, 'self' in sight && sight.self ? colors[side] : others), columns - 2, 2));
  return [
    [
      { text: view.typing === side ? '▸' : ' ' },
      { text: printable(name), style: `1;${colors[side]}` },
      aside(`  ${printable(room)}`),
    ],
    [aside(` ${printable(subject)}`)],
    ...toBottom(lines, rows).map((line) => [{ text: ' ' }, ...line]),
  ].map((line) => fit(line, columns));
}

function inputLine({ typing, input, notice, ...view }: View, columns: number): { line: string; column: number } {
  const prompt: Span = {
    text: ` ${printable(view[typing].name)} ▸ `,
    style: typing === 'left' ? STYLE.forth : STYLE.back,
  };
  const room = columns - width(prompt.text) - 1;
  // A line longer than the screen is shown up to its cursor and as far beyond it as there is room.
  const before = tail(printable(input.beforeCursor), room);
  const shown = before + printable(input.text.slice(input.beforeCursor.length));
  const hint: Span = notice === '' ? aside(HELP) : { text: notice, style: STYLE.warning };
  return {
    line: fit([prompt, input.text === '' || notice !== '' ? hint : { text: shown }], columns),
    column: width(prompt.text) + width(before),
  };
}

function tooSmall({ columns, rows }: Size): Frame {
  const text = ` The demo needs ${SMALLEST.columns}x${SMALLEST.rows}, this is ${columns}x${rows}. Ctrl-C ends it.`;
  const lines = Array.from({ length: rows }, (_, row) => fit(row === 0 ? [{ text }] : [], columns));
  return { lines, cursor: { row: 0, column: 0 } };
}

/** The last `rows` lines, with empty ones above where there are fewer. */
function toBottom(lines: readonly Span[][], rows: number): Span[][] {
  return [...Array.from({ length: Math.max(0, rows - lines.length) }, () => []), ...lines.slice(-rows)];
}

/** A horizontal line with a junction where the panes meet. */
function rule(columns: number, junctionAt = 0, junction = '', label = ''): string {
  const line =
    junction === ''
      ? '─'.repeat(columns)
      : `${'─'.repeat(junctionAt)}${junction}${'─'.repeat(columns - junctionAt - 1)}`;
  return dim(`${line.slice(0, 2)}${label}${line.slice(2 + label.length)}`);
}

function aside(text: string): Span {
  return { text, style: STYLE.dim };
}

function dim(text: string): string {
  return fit([aside(text)], width(text));
}
