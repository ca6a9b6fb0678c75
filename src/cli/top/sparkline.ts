/** From an eighth of the peak to all of it. */
export const BLOCKS = '▁▂▃▄▅▆▇█';
/** Nothing at all. */
export const QUIET = '·';

/** The newest of these numbers, a column each, as parts of `peak`; what there is no number for stays blank. */
export function sparkline(numbers: readonly number[], columns: number, peak = Math.max(...numbers)): string {
  const shown = numbers.slice(-columns);
  return shown
    .map((number) => levelOf(number, peak))
    .join('')
    .padStart(columns);
}

function levelOf(number: number, peak: number): string {
  if (number <= 0) return QUIET;
  const level = Math.ceil((number / peak) * BLOCKS.length);
  return BLOCKS.charAt(Math.min(level, BLOCKS.length) - 1);
}
