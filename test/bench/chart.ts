import { type Row, show } from './rows.ts';

/* The figures as bars on a logarithmic scale, since they differ by factors of thousands. */

const WIDTH = 1040;
const LEFT = 490;
const RIGHT = 90;
const TOP = 70;
const ROW = 46;
const BAR = 14;
const COLOURS = { ours: '#1f6feb', prosody: '#b8b8b8', budget: '#d1242f', text: '#24292f', grid: '#e4e4e4' } as const;

/** An SVG picture of the rows. `caption` says what was measured on what. */
export function chart(rows: readonly Row[], caption: string): string {
  const greatest = Math.max(10, ...rows.flatMap(({ ours = 0, prosody = 0, budget = 0 }) => [ours, prosody, budget]));
  const decades = Math.ceil(Math.log10(greatest));
  const scale = (WIDTH - LEFT - RIGHT) / decades;
  /** From 1; what is less has no length. */
  const length = (value: number): number => Math.max(0, Math.log10(Math.max(1, value))) * scale;
  const height = TOP + rows.length * ROW + 40;
  const bottom = height - 36;

  const grid = Array.from({ length: decades + 1 }, (_, power) => {
    const x = LEFT + power * scale;
    return [
      `<line x1="${round(x)}" y1="${TOP - 6}" x2="${round(x)}" y2="${bottom}" stroke="${COLOURS.grid}"/>`,
      label(x, bottom + 16, (10 ** power).toLocaleString('en'), 'middle', 11),
    ].join('');
  });
  const bars = rows.flatMap(({ row, ours, prosody, budget }, index) => {
    const y = TOP + index * ROW;
    return [
      label(LEFT - 12, y + BAR + 4, row, 'end', 12),
      ...bar(y, ours, COLOURS.ours, length),
      ...bar(y + BAR + 2, prosody, COLOURS.prosody, length),
      budget === undefined
        ? ''
        : `<line x1="${round(LEFT + length(budget))}" y1="${y - 3}" x2="${round(LEFT + length(budget))}" y2="${y + BAR + 3}" stroke="${COLOURS.budget}" stroke-width="2"/>`,
    ];
  });
  const legend = [
    [COLOURS.ours, 'fmucd'],
    [COLOURS.prosody, 'Prosody, plain MUC over S2S'],
    [COLOURS.budget, 'budget (red line)'],
  ].map(([colour, text], index) => {
    const x = LEFT + index * 200 - (index > 1 ? -20 : 0);
    return `<rect x="${x}" y="36" width="12" height="12" fill="${colour}"/>${label(x + 18, 46, text ?? '', 'start', 12)}`;
  });

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    label(12, 20, `What crosses a link, in bytes where nothing else is said (logarithmic). ${caption}`, 'start', 12),
    ...grid,
    ...legend,
    ...bars,
    '</svg>\n',
  ].join('\n');
}

function bar(y: number, value: number | undefined, colour: string, length: (value: number) => number): string[] {
  const width = value === undefined ? 0 : length(value);
  return [
    `<rect x="${LEFT}" y="${y}" width="${round(width)}" height="${BAR}" fill="${colour}"/>`,
    label(LEFT + width + 6, y + BAR - 3, show(value), 'start', 11),
  ];
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end', size: number): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${COLOURS.text}">${escaped}</text>`;
}

function round(value: number): string {
  return value.toFixed(1);
}
