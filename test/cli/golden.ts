import { expect } from 'vitest';
import { columnsOf } from '../../src/cli/columns.ts';
import { painted, unpainted } from '../../src/cli/paint.ts';
import type { Frame } from '../../src/cli/table.ts';

/** Lines of a serial console, without the one of the prompt. */
export const CONSOLE_LINES = 23;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for.
const COLOUR = /\u001b\[[\d;]*m/g;

/** A screen as it is without and with colours: the same words in the same places, and no line longer than it is wide. */
export async function expectGolden(name: string, draw: (frame: Frame) => string, width = 80): Promise<void> {
  const plain = draw({ width, paint: unpainted });
  const coloured = draw({ width, paint: painted });
  expect(coloured.replaceAll(COLOUR, '')).toBe(plain);
  const tooWide = plain.split('\n').filter((line) => columnsOf(line) > width);
  expect(tooWide).toEqual([]);
  await expect(plain).toMatchFileSnapshot(`golden/${name}.txt`);
  await expect(coloured).toMatchFileSnapshot(`golden/${name}.ansi.txt`);
}

/** The same, of one that a console shows at once. */
export async function expectGoldenConsole(name: string, draw: (frame: Frame) => string, width = 80): Promise<void> {
  expect(draw({ width }).split('\n').length).toBeLessThanOrEqual(CONSOLE_LINES);
  await expectGolden(name, draw, width);
}
