/** What one press of a key means to `top`, or what the terminal tells of itself. */
export type Key =
  | { readonly kind: (typeof KEYS)[keyof typeof KEYS] | 'other' }
  | { readonly kind: 'size'; readonly rows: number; readonly columns: number };

/** Milliseconds after which an ESC that nothing follows is a key of its own. A slow line brings a sequence in pieces. */
export const ESCAPE_WAIT = 250;
/** Characters of an escape sequence that isn't whole yet; what is longer is nobody's key. */
const MAX_SEQUENCE = 16;

const KEYS = {
  q: 'quit',
  Q: 'quit',
  '\x03': 'quit',
  p: 'pause',
  P: 'pause',
  '?': 'help',
  h: 'help',
  k: 'up',
  j: 'down',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x7f': 'left',
  '\b': 'left',
  '\x1b[5~': 'page-up',
  '\x1b[6~': 'page-down',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1b[1~': 'home',
  '\x1b[4~': 'end',
  '\x1b[7~': 'home',
  '\x1b[8~': 'end',
  g: 'home',
  G: 'end',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x0c': 'redraw',
  '\x1a': 'suspend',
} as const;

// An escape sequence (ECMA-48 §5.4, §7.1) or any other character.
const TOKEN = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|[^]/gu;
const BEGINNING = /\x1b(?:\[[0-?]*[ -/]*|O)?$/;
/** A cursor position report (CPR), which answers where the last column of the last row is. */
const POSITION = /^\x1b\[(\d{1,4});(\d{1,4})R$/;

/** Reads keys out of what a terminal in raw mode sends, in whatever pieces that comes. */
export class KeyReader {
  #pending = '';

  /** Whether a key has begun that `giveUp` may end. */
  get isAmid(): boolean {
    return this.#pending !== '';
  }

  read(text: string): Key[] {
    const all = this.#pending + text;
    const [beginning = ''] = BEGINNING.exec(all) ?? [];
    this.#pending = beginning.length > MAX_SEQUENCE ? '' : beginning;
    return (all.slice(0, all.length - beginning.length).match(TOKEN) ?? []).map(keyOf);
  }

  /** Nothing more has come within ESCAPE_WAIT. */
  giveUp(): Key[] {
    const pending = this.#pending;
    this.#pending = '';
    return pending === '\x1b' ? [keyOf(pending)] : [];
  }
}

function keyOf(token: string): Key {
  if (token === '\x1b') return { kind: 'left' };
  const [, rows, columns] = POSITION.exec(token) ?? [];
  if (rows !== undefined) return { kind: 'size', rows: Number(rows), columns: Number(columns) };
  const name = token.replace(/^\x1bO/, '\x1b[');
  return { kind: Object.hasOwn(KEYS, name) ? KEYS[name as keyof typeof KEYS] : 'other' };
}
