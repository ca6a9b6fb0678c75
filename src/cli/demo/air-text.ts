import { printable, type Span } from '../text.ts';
import type { Crossing } from './meter.ts';
import type { Direction } from './paced-link.ts';
import { STYLE } from './sight-text.ts';

/** What has crossed the link so far. */
export interface AirView {
  /** `cut`: on purpose; `down`: by itself. */
  readonly state: 'up' | 'down' | 'cut';
  readonly onAir: Direction | undefined;
  readonly forth: LaneView;
  readonly back: LaneView;
  /** Milliseconds for which the air was taken, of how many. */
  readonly busy: number;
  readonly elapsed: number;
}

export interface LaneView {
  readonly bytes: number;
  readonly stanzas: number;
  /** Bytes that wait for the air. */
  readonly waiting: number;
}

export const ARROW = { forth: '→', back: '←' } as const;

const KIND_COLUMNS = 9;
const BYTES_COLUMNS = 5;

/** One stanza in a line: which way, what it is, how big, and what about. */
export function crossingSpans({ direction, gist, bytes }: Crossing): Span[] {
  return [
    { text: ` ${ARROW[direction]} `, style: STYLE[direction] },
    { text: gist.kind.padEnd(KIND_COLUMNS) },
    { text: `${count(bytes).padStart(BYTES_COLUMNS)} B  `, style: STYLE.dim },
    { text: printable(gist.text) },
  ];
}

/** Bytes and stanzas each way, and for how long the air was taken. */
export function totalsSpans({ forth, back, onAir, busy, elapsed }: AirView): Span[] {
  const lane = (direction: Direction, { bytes, stanzas, waiting }: LaneView): Span[] => [
    { text: ` ${ARROW[direction]} `, style: onAir === direction ? `7;${STYLE[direction]}` : STYLE[direction] },
    { text: `${count(bytes)} B in ${stanzas}`, style: STYLE.bold },
    { text: waiting > 0 ? `, ${count(waiting)} wait  ` : '  ', style: STYLE.dim },
  ];
  return [
    ...lane('forth', forth),
    ...lane('back', back),
    { text: `air busy ${seconds(busy)} of ${seconds(elapsed)}`, style: STYLE.dim },
  ];
}

export function count(number: number): string {
  return number.toLocaleString('en');
}

/** Milliseconds as seconds, with tenths where those matter. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 100_000 ? 1 : 0)} s`;
}
