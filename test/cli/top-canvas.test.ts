import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Canvas, type Region } from '../../src/cli/top/canvas.ts';
import { type Row, rowOf, textOf } from '../../src/cli/top/cells.ts';
import { Screen, type Wrap } from './top-screen.ts';

/* What `top` sends to a terminal: few bytes, and the terminal shows what it should, whatever kind it is. */

const look = { hasUtf8: true, hasColours: true };

/** Rows of these texts; `*text*` is bold. */
function rows(columns: number, ...texts: readonly string[]): Row[] {
  return texts.map((text) => {
    const spans = text.split('*').map((part, at) => ({ text: part, ...(at % 2 === 1 && { style: '1' }) }));
    return rowOf(spans, columns, look);
  });
}

/** What a screen shows that shows these rows. */
function shown(all: readonly Row[]): string[] {
  return all.map((row) => {
    let before = '';
    return row
      .map(({ glyph, style }) => {
        const change = style === before ? '' : `{${style}}`;
        before = style;
        return change + glyph;
      })
      .join('');
  });
}

/** What changes one picture into another on 12x4. */
function change(from: readonly string[], to: readonly string[], region?: Region): string {
  const canvas = new Canvas();
  canvas.change(rows(12, ...from));
  return canvas.change(rows(12, ...to), region && [region]);
}

describe('the bytes that a change takes', () => {
  const before = ['*LINK*  STATE', 'a.lit up 12s', 'b.lit up', ''];

  test.each<[string, readonly string[], string]>([
    ['nothing', before, ''],
    ['a figure', before.with(1, 'a.lit up 13s'), '\x1b[2;11H3'],
    ['two figures that are near', before.with(1, 'a.lit uq 13s'), '\x1b[2;8Hq 13'],
    ['two that are far', before.with(1, 'b.lit up 13s'), '\x1b[2Hb\x1b[9C3'],
    ['text that is shorter', before.with(1, 'a.lit'), '\x1b[2;6H\x1b[K'],
    ['text that is a little shorter', before.with(2, 'b.lit u'), '\x1b[3;8H '],
    ['a word in another style', before.with(2, 'b.lit *up*'), '\x1b[3;7H\x1b[1mup\x1b[m'],
    ['rows below one another', before.with(2, 'c.lit').with(3, 'd'), '\x1b[3Hc\x1b[5C  \r\nd'],
  ])('%s', (_, after, expected) => {
    expect(change(before, after)).toBe(expected);
  });

  test('the first picture clears the screen', () => {
    expect(new Canvas().change(rows(12, 'a', '', '*b*', ''))).toBe('\x1b[m\x1b[H\x1b[Ja\x1b[3H\x1b[1mb\x1b[m');
  });

  test('a line of the log that comes in moves the others up', () => {
    const region = { first: 1, last: 3 };
    const log = ['LOG', '07:31 first', '07:32 second', '07:33 third'];
    const after = ['LOG', '07:32 second', '07:33 third', '07:35 other'];
    expect(change(log, after, region)).toBe('\x1b[2;4r\x1b[4H\n\x1b[r\x1b[4H07:35 other');
    expect(change(after, log, region)).toBe('\x1b[2;4r\x1b[2H\x1bM\x1b[r\x1b[2H07:31 first');
    // Where little changes it isn't worth it.
    expect(change(['', 'a', 'b', 'c'], ['', 'b', 'c', 'd'], region)).toBe('\x1b[2Hb\r\nc\r\nd');
  });
});

test('the last place of the last row is never written: there are terminals that scroll then', () => {
  expect(change(['', '', '', ''], ['', '', '', 'x'.repeat(12)])).toBe(`\x1b[4H${'x'.repeat(11)}`);
});

describe('whatever was shown before', () => {
  const WIDTH = 10;
  const HEIGHT = 5;
  const text = fc.array(fc.constantFrom('a', 'b', ' ', '  ', '*', '▃', '…', '漢', 'ü', '    '), { maxLength: 14 });
  const picture = fc.array(
    text.map((parts) => parts.join('')),
    { minLength: HEIGHT, maxLength: HEIGHT },
  );
  const region = fc
    .tuple(fc.nat(HEIGHT - 1), fc.nat(HEIGHT - 1))
    .map(([a, b]): Region => ({ first: Math.min(a, b), last: Math.max(a, b) }));
  /** A picture, or the one before moved by some rows. */
  const step = fc.oneof(
    picture.map((texts) => () => texts),
    fc.integer({ min: -3, max: 3 }).map((by) => (before: readonly string[]) => {
      const moved = before.map((_, at) => before[at + by] ?? 'new');
      return moved;
    }),
  );

  test.each<Wrap>(['waiting', 'at once'])('the terminal shows the last picture (rows wrap %s)', (wrap) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, region, fc.boolean()), { minLength: 1, maxLength: 8 }), (steps) => {
        const screen = new Screen(WIDTH, HEIGHT, wrap);
        const canvas = new Canvas();
        let texts: readonly string[] = Array.from({ length: HEIGHT }, () => '');
        for (const [next, area, isForgotten] of steps) {
          texts = next(texts);
          const all = rows(WIDTH, ...texts);
          const last = all[HEIGHT - 1] ?? [];
          all[HEIGHT - 1] = [...rowOf([], 1, look), ...last.slice(1, -2), ...rowOf([], 2, look)];
          if (last[1]?.glyph === '' || last.at(-2)?.glyph === '') all[HEIGHT - 1] = rowOf([], WIDTH, look);
          if (isForgotten) canvas.forget();
          screen.write(canvas.change(all, [area]));
          expect(screen.lines).toEqual(shown(all));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a line as cells', () => {
  const of = (text: string, columns: number, changes = {}) =>
    textOf(rowOf([{ text, style: '1' }], columns, { ...look, hasColours: false, ...changes }));

  test.each([
    ['fits', 4, 'fits'],
    ['too long', 5, 'too …'],
    ['漢字', 4, '漢字'],
    ['漢字', 3, '漢…'],
    ['漢字', 2, ' …'],
    ['e\u0301te\u0301', 3, 'e\u0301te\u0301'],
  ])('%s in %i columns', (text, columns, expected) => {
    expect(of(text, columns)).toBe(expected);
  });

  test('without UTF-8 our own characters have others, and nobody else’s do', () => {
    expect(of('▁▂▃▄▅▆▇█·', 9, { hasUtf8: false })).toBe(':-=+ox%#.');
    expect(of('漢ü and so on', 9, { hasUtf8: false })).toBe('??? and ~');
  });

  test('colours only where there are any', () => {
    expect(of('a', 2, { hasColours: true })).toBe('\x1b[0;1ma\x1b[0m');
  });
});
