/**
 * Where the keys and values of a TOML text stand, which the parser doesn't tell. Only ever run on text that the parser
 * has accepted: it recognises what TOML 1.1 allows and refuses nothing.
 */

import { parse } from 'smol-toml';

export type Path = readonly (string | number)[];

/** From 1, in UTF-16 units, as the parser's own errors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds the key or the value at a path. Where the path leads to nothing, the value of the nearest table around it. */
export type Locate = (path: Path, part: 'key' | 'value') => Position;

/** A key with its value; the offsets are of their first characters. A table's value is its header, or its `{`. */
interface Spot {
  key: number;
  value: number;
  readonly children: Map<string | number, Spot>;
  /** The table that headers below this array of tables belong to. */
  last?: Spot;
}

/** Maps a text that the parser accepts. */
export function locator(toml: string): Locate {
  const root = new Scanner(toml).document();
  return (path, part) => {
    let spot = root;
    for (const step of path) {
      const next = spot.children.get(step);
      if (next === undefined) return positionOf(toml, spot.value);
      spot = next;
    }
    return positionOf(toml, spot[part]);
  };
}

function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

const BLANK = /[ \t]*/y;
const BLANK_LINES_AND_COMMENTS = /(?:[ \t\r\n]|#[^\n]*)*/y;
const BARE_KEY = /[\w-]+/y;
/** A multi-line string may end in one or two quotes of its own before the closing three. */
const STRING = /"""(?:\\[^]|(?!""")[^\\])*"{3,5}|'''(?:(?!''')[^])*'{3,5}|"(?:\\.|[^"\\])*"|'[^']*'/y;
/** A date and its time may have a space between them. */
const OTHER_SCALAR = /\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]+/y;

interface KeyPart {
  readonly name: string;
  readonly offset: number;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Spot {
    const root = spotAt(0, 0);
    let table = root;
    for (this.#take(BLANK_LINES_AND_COMMENTS); this.#at < this.#text.length; this.#take(BLANK_LINES_AND_COMMENTS)) {
      if (this.#text[this.#at] === '[') table = this.#header(root);
      else this.#pair(table);
    }
    return root;
  }

  /** `[a.b]` or `[[a.b]]`: the table that the lines below it fill. */
  #header(root: Spot): Spot {
    const start = this.#at;
    const isArray = this.#text.startsWith('[[', start);
    this.#at += isArray ? 2 : 1;
    const parts = this.#keys();
    this.#at += isArray ? 2 : 1;
    const spot = parts.reduce((parent, part) => child(parent.last ?? parent, part, start), root);
    const key = parts.at(-1)?.offset ?? start;
    if (!isArray) return Object.assign(spot, { key, value: start });
    spot.last = spotAt(key, start);
    spot.children.set(spot.children.size, spot.last);
    return spot.last;
  }

  /** `a.b = value`. */
  #pair(table: Spot): void {
    const parts = this.#keys();
    this.#at += 1;
    this.#take(BLANK);
    const value = this.#at;
    this.#value(parts.reduce((parent, part) => child(parent, part, value), table));
  }

  #keys(): KeyPart[] {
    const parts: KeyPart[] = [];
    do {
      if (parts.length > 0) this.#at += 1;
      this.#take(BLANK);
      const offset = this.#at;
      parts.push({ name: this.#take(BARE_KEY) || unquoted(this.#take(STRING)), offset });
      this.#take(BLANK);
    } while (this.#text[this.#at] === '.');
    return parts;
  }

  #value(spot: Spot): void {
    if (this.#text[this.#at] === '[')
      this.#members(']', () => {
        const item = spotAt(this.#at, this.#at);
        spot.children.set(spot.children.size, item);
        this.#value(item);
      });
    else if (this.#text[this.#at] === '{') this.#members('}', () => this.#pair(spot));
    else if (this.#take(STRING) === '') this.#take(OTHER_SCALAR);
  }

  #members(end: string, member: () => void): void {
    this.#at += 1;
    for (this.#take(BLANK_LINES_AND_COMMENTS); this.#text[this.#at] !== end; this.#take(BLANK_LINES_AND_COMMENTS)) {
      member();
      this.#take(BLANK_LINES_AND_COMMENTS);
      if (this.#text[this.#at] === ',') this.#at += 1;
    }
    this.#at += 1;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += taken.length;
    return taken;
  }
}

function spotAt(key: number, value: number): Spot {
  return { key, value, children: new Map() };
}

function child(parent: Spot, part: KeyPart, value: number): Spot {
  const known = parent.children.get(part.name);
  if (known !== undefined) return known;
  const made = spotAt(part.offset, value);
  parent.children.set(part.name, made);
  return made;
}

function unquoted(key: string): string {
  const { name } = parse(`name = ${key}`);
  return typeof name === 'string' ? name : key;
}
