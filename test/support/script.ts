import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Element } from '../../src/xml/element.ts';
import { childElements } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';

/*
 * Conversations as scripts: who sends what, and what everybody gets for it. `test/interop/conversations/README.md` says how
 * they are written.
 */

/** One sentence of a scene, and where it stands. */
export type Step = { readonly place: string } & (
  | { readonly kind: 'send'; readonly who: string; readonly xml: string }
  | { readonly kind: 'receive'; readonly who: readonly string[]; readonly inOrder: boolean; readonly xml: string }
  | { readonly kind: 'enter'; readonly who: string; readonly nick: string; readonly room: string }
  | { readonly kind: 'configure'; readonly who: string; readonly fields: readonly (readonly [string, string])[] }
  | { readonly kind: 'nothing-else' | 'disregard' | 'kill' }
);

/** A conversation in rooms of its own. */
export interface Scene {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** A file: its cast, what its gateway's file has besides, and its scenes. */
export interface Script {
  readonly title: string;
  /** Full JIDs, by name. */
  readonly clients: ReadonlyMap<string, string>;
  /** Lines of the gateway's file under `[gateway]`. */
  readonly settings: readonly string[];
  readonly scenes: readonly Scene[];
}

/** Sentences without a block; what each is made into. */
const SENTENCES: readonly (readonly [RegExp, (...parts: readonly string[]) => Sentence])[] = [
  [
    /^(\w+) enters(?: (\{[\w ]+\}))? as (.+)$/,
    (who, room, nick) => ({ kind: 'enter', who, room: room ?? '{room}', nick }),
  ],
  [/^Nobody receives anything(?: else)?\.$/, () => ({ kind: 'nothing-else' })],
  [/^The rest doesn't matter\.$/, () => ({ kind: 'disregard' })],
  [/^The gateway is killed and starts again\.$/, () => ({ kind: 'kill' })],
];

/** Those that end in a colon, with the indented lines that follow. */
const WITH_BLOCK: readonly (readonly [RegExp, (block: string, ...parts: readonly string[]) => Sentence])[] = [
  [/^(\w+) sends:$/, (xml, who) => ({ kind: 'send', who, xml })],
  [/^(\w+) configures:$/, (block, who) => ({ kind: 'configure', who, fields: fieldsIn(block) })],
  [
    /^(\w+(?:(?:, \w+)* and \w+)?) receives?( in order)?:$/,
    (xml, names, order) => ({ kind: 'receive', who: names.split(/, | and /), inOrder: order !== undefined, xml }),
  ],
];

type Sentence = Step extends infer S ? (S extends Step ? Omit<S, 'place'> : never) : never;

/** Reads a script. Throws where a sentence is none, with its place. */
export function readScript(file: string): Script {
  return parseScript(readFileSync(file, 'utf8'), basename(file));
}

export function parseScript(text: string, name: string): Script {
  const lines = text.split('\n');
  const clients = new Map<string, string>();
  const settings: string[] = [];
  const scenes: { readonly title: string; readonly steps: Step[] }[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index]?.trimEnd() ?? '';
    const place = `${name}:${index + 1}`;
    const client = /^\[Client\] (\w+): (\S+)$/.exec(line);
    if (line === '' || line.startsWith('#')) continue;
    else if (client !== null) clients.set(client[1] ?? '', client[2] ?? '');
    else if (line.startsWith('[Gateway] ')) settings.push(line.slice(10));
    else if (line.startsWith('--- ')) scenes.push({ title: line.slice(4), steps: [] });
    else {
      const block: string[] = [];
      while (line.endsWith(':') && /^(\s|$)/.test(lines[index + 1] ?? 'end')) block.push(lines[(index += 1)] ?? '');
      const sentence = read(line, block.join('\n').trim());
      if (sentence === undefined) throw new SyntaxError(`${place}: "${line}" is no sentence of a script`);
      const strangers = namesIn(sentence).filter((who) => !clients.has(who));
      if (strangers.length > 0) throw new SyntaxError(`${place}: there is no [Client] ${strangers.join(', ')}`);
      scenes.at(-1)?.steps.push({ ...sentence, place });
    }
  }
  return { title: lines[0] ?? name, clients, settings, scenes };
}

/** Stanzas that stand one after the other. */
export function stanzasIn(xml: string): Element[] {
  return childElements(parseElement(`<all>${xml}</all>`));
}

function read(line: string, block: string): Sentence | undefined {
  for (const [form, make] of SENTENCES) {
    const found = form.exec(line);
    if (found !== null) return make(...found.slice(1));
  }
  for (const [form, make] of WITH_BLOCK) {
    const found = form.exec(line);
    if (found !== null && block !== '') return make(block, ...found.slice(1));
  }
  return undefined;
}

function namesIn(sentence: Sentence): readonly string[] {
  if (!('who' in sentence)) return [];
  return typeof sentence.who === 'string' ? [sentence.who] : sentence.who;
}

function fieldsIn(block: string): (readonly [string, string])[] {
  return block.split('\n').map((line) => {
    const [name = '', ...value] = line.trim().split(' = ');
    return [name, value.join(' = ')] as const;
  });
}
