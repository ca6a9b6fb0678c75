import { columnsOf } from './columns.ts';

/** A piece of text in one style. */
export interface Span {
  readonly text: string;
  /** SGR parameters (ECMA-48 §8.3.117), `1;36` for example. */
  readonly style?: string;
}

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const ASCII = /^[ -~]*$/;
const graphemes = new Intl.Segmenter();

/** The text without what could steer a terminal: whoever typed it, it's only shown. */
export function printable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(CONTROL, '');
}

/** The characters as a person sees them, each with the columns that it takes. */
export function glyphsOf(text: string): { readonly glyph: string; readonly columns: number }[] {
  if (ASCII.test(text)) return Array.from(text, (glyph) => ({ glyph, columns: 1 }));
  return Array.from(graphemes.segment(text), ({ segment }) => ({ glyph: segment, columns: widthOf(segment) }));
}

/** How many columns the text takes. */
export function width(text: string): number {
  if (ASCII.test(text)) return text.length;
  return glyphsOf(text).reduce((sum, { columns }) => sum + columns, 0);
}

/** The text alone. */
export function plain(spans: readonly Span[]): string {
  return spans.map(({ text }) => text).join('');
}

/** One line exactly `columns` wide, each span in its style: filled with spaces, or cut off with an ellipsis. */
export function fit(spans: readonly Span[], columns: number): string {
  const isTooLong = width(plain(spans)) > columns;
  let left = isTooLong ? columns - 1 : columns;
  let line = '';
  for (const { text, style } of spans) {
    const shown = take(text, left);
    left -= width(shown);
    line += style === undefined ? shown : `\x1b[${style}m${shown}\x1b[m`;
    if (shown.length < text.length) break;
  }
  return `${line}${isTooLong ? '…' : ''}${' '.repeat(left)}`;
}

/** Lines of at most `columns`, broken at spaces where there are any; all but the first indented. Needs `indent` + 2 columns. */
export function wrap(spans: readonly Span[], columns: number, indent: number): Span[][] {
  const lines: Span[][] = [[]];
  let left = columns;
  for (const { text, ...style } of spans) {
    for (const word of text.match(/ *[^ ]+| +/g) ?? []) {
      let rest = word;
      if (width(word) > left && left < columns - indent) {
        breakLine();
        rest = word.trimStart();
      }
      while (rest !== '') {
        const shown = take(rest, left);
        lines.at(-1)?.push({ text: shown, ...style });
        left -= width(shown);
        rest = rest.slice(shown.length);
        if (rest !== '') breakLine();
      }
    }
  }
  return lines;

  function breakLine(): void {
    lines.push([{ text: ' '.repeat(indent) }]);
    left = columns - indent;
  }
}

/** The longest end of the text that fits. */
export function tail(text: string, columns: number): string {
  const pieces = [...graphemes.segment(text)];
  let left = columns;
  let start = pieces.length;
  while (start > 0 && (left -= widthOf(pieces[start - 1]?.segment ?? '')) >= 0) start -= 1;
  return text.slice(pieces[start]?.index ?? text.length);
}

function take(text: string, columns: number): string {
  let taken = '';
  let left = columns;
  for (const { segment } of graphemes.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    taken += segment;
  }
  return taken;
}

/** A picture of several characters takes no more than one of its own does. */
function widthOf(grapheme: string): number {
  return Math.min(2, columnsOf(grapheme));
}
