import type { Key } from './keys.ts';

/** A link (or a domain that streams lead to), or a room. */
export interface Thing {
  readonly table: 'links' | 'rooms';
  readonly name: string;
}

/** What the operator has pressed has come to. */
export interface State {
  /** What the mark is at; undefined until it is moved: the first thing. */
  readonly chosen: Thing | undefined;
  /** Whether all about that is shown. */
  readonly isOpen: boolean;
  /** Lines that are scrolled away above what is opened. */
  readonly scroll: number;
  readonly isPaused: boolean;
  readonly isHelping: boolean;
}

export const AT_FIRST: State = { chosen: undefined, isOpen: false, scroll: 0, isPaused: false, isHelping: false };

/** What there is to move among. */
export interface Ground {
  /** Everything that is listed, from top to bottom. */
  readonly things: readonly Thing[];
  /** The most that what is shown can be scrolled. */
  readonly maxScroll: number;
}

/** Things, or lines, that a page key passes. */
const PAGE = 10;

const STEPS: Partial<Record<Key['kind'], number>> = {
  up: -1,
  down: 1,
  'page-up': -PAGE,
  'page-down': PAGE,
  home: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
};

/** What a key makes of the state. Keys about the terminal itself, and `quit`, are for others. */
export function press(state: State, { kind }: Key, ground: Ground): State {
  if (state.isHelping) return { ...state, isHelping: false };
  if (kind === 'help') return { ...state, isHelping: true };
  if (kind === 'pause') return { ...state, isPaused: !state.isPaused };
  return state.isOpen ? read(state, kind, ground) : move(state, kind, ground);
}

function read(state: State, kind: Key['kind'], { maxScroll }: Ground): State {
  if (kind === 'enter' || kind === 'left') return { ...state, isOpen: false, scroll: 0 };
  const step = STEPS[kind];
  return step === undefined ? state : { ...state, scroll: clamp(state.scroll + step, maxScroll) };
}

function move(state: State, kind: Key['kind'], { things }: Ground): State {
  const at = placeOf(state.chosen, things);
  const here = things[at];
  if (here === undefined) return state;
  if (kind === 'enter' || kind === 'right') return { ...state, chosen: here, isOpen: true, scroll: 0 };
  if (kind === 'tab') return { ...state, chosen: things.find(({ table }) => table !== here.table) ?? here };
  const step = STEPS[kind];
  return step === undefined ? state : { ...state, chosen: things[clamp(at + step, things.length - 1)] };
}

/** Which of the things the mark is at; the first where that is no more. */
export function placeOf(chosen: Thing | undefined, things: readonly Thing[]): number {
  return Math.max(
    0,
    things.findIndex(({ table, name }) => table === chosen?.table && name === chosen.name),
  );
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
