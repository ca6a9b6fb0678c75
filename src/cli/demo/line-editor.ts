/** What one press of a key means to the demo. */
export type Key =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: EditKey | 'enter' | 'tab' | 'quit' };

type EditKey = 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end' | 'clear' | 'word';

/** The longest line that can be typed, in graphemes. */
export const LINE_LENGTH = 500;

const KEYS: Readonly<Record<string, EditKey | 'enter' | 'tab' | 'quit'>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x03': 'quit',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x01': 'home',
  '\x05': 'end',
  '\x15': 'clear',
  '\x17': 'word',
  '\x1b[3~': 'delete',
  '\x1b[D': 'left',
  '\x1b[C': 'right',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1b[1~': 'home',
  '\x1b[4~': 'end',
};

// An escape sequence (ECMA-48 §5.4), another control character, or a run of text.
const TOKEN = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|[\0-\x1f\x7f]|[^\0-\x1f\x7f]+/gu;

/** What a terminal in raw mode sent, key by key. Keys that mean nothing here are left out. */
export function keysOf(input: string): Key[] {
  return (input.match(TOKEN) ?? []).flatMap((token): Key[] => {
    const kind = KEYS[token.replace(/^\x1bO/, '\x1b[')];
    if (kind !== undefined) return [{ kind }];
    return token < ' ' || token === '\x7f' ? [] : [{ kind: 'text', text: token }];
  });
}

const graphemes = new Intl.Segmenter();

/** One line of input with a cursor in it. */
export class LineEditor {
  #line: string[] = [];
  #cursor = 0;

  get text(): string {
    return this.#line.join('');
  }

  get beforeCursor(): string {
    return this.#line.slice(0, this.#cursor).join('');
  }

  /** Empties the line and gives back what it held. */
  take(): string {
    const { text } = this;
    this.#line = [];
    this.#cursor = 0;
    return text;
  }

  insert(text: string): void {
    const typed = [...graphemes.segment(text)].map(({ segment }) => segment).slice(0, LINE_LENGTH - this.#line.length);
    this.#line.splice(this.#cursor, 0, ...typed);
    this.#cursor += typed.length;
  }

  edit(key: EditKey): void {
    const at = this.#cursor;
    switch (key) {
      case 'backspace':
        return this.#erase(at - 1);
      case 'delete':
        if (at < this.#line.length) this.#line.splice(at, 1);
        return;
      case 'left':
        this.#cursor = Math.max(0, at - 1);
        return;
      case 'right':
        this.#cursor = Math.min(this.#line.length, at + 1);
        return;
      case 'home':
        this.#cursor = 0;
        return;
      case 'end':
        this.#cursor = this.#line.length;
        return;
      case 'clear':
        return this.#erase(0);
      case 'word':
        return this.#erase(this.#wordStart());
    }
  }

  #wordStart(): number {
    let start = this.#cursor;
    while (this.#line[start - 1] === ' ') start -= 1;
    while (start > 0 && this.#line[start - 1] !== ' ') start -= 1;
    return start;
  }

  /** Erases from there to the cursor. */
  #erase(from: number): void {
    const start = Math.max(0, from);
    this.#line.splice(start, this.#cursor - start);
    this.#cursor = start;
  }
}
