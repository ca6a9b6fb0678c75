import { Jid } from '../lib/jid.ts';
import { Ranges } from '../lib/ranges.ts';
import { attribute, childElements, type Element, element, findChild, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** Numbers of the sequences of several rooms, by bare room JID. */
export type Numbers = ReadonlyMap<string, Ranges>;

/** The most rooms of one list. */
export const MAX_ORIGINS = 256;
/** The most parts that the numbers of one room are in. */
export const MAX_PARTS = 64;
/** The most nodes of a path. */
export const MAX_PATH = 64;

/** What gateways of ours tell one another beside XEP-0289 (`urn:fmucd:sync:0`). Every part may be absent. */
export interface Sync {
  /** What the sender has, or does without: all of it in a join and in the answer to it, elsewhere what is new. */
  readonly have?: Numbers | undefined;
  /** What the receiver misses and the sender has, but doesn't send now: it may be asked for. */
  readonly skip?: Numbers | undefined;
  /** What was asked for and the sender has no more. */
  readonly gone?: Numbers | undefined;
  /** What the receiver is asked to send after all. */
  readonly want?: Numbers | undefined;
  /** The nodes above the sender: the one that it joins first, the root last. */
  readonly path?: readonly string[] | undefined;
  /** Digest of the occupants that the sender has for the receiver. */
  readonly mine?: string | undefined;
  /** Digest of the occupants that the sender knows through the receiver. */
  readonly yours?: string | undefined;
  /** Tells the answer to one join from that to another. */
  readonly join?: string | undefined;
  /** Say soon that this message has come: somebody waits to be told. */
  readonly confirm?: boolean | undefined;
  /** Flags. `echo`: messages are to come back (primary-replica). `list`: send your occupants. `listed`: those were all. */
  readonly echo?: boolean | undefined;
  readonly list?: boolean | undefined;
  readonly listed?: boolean | undefined;
  /** The sender leaves the set by this way, and its occupants may come back by another. */
  readonly part?: boolean | undefined;
  /** Real JID of the occupant that a private message is for: the nick may be somebody else's when it arrives. */
  readonly recipient?: string | undefined;
}

const NUMBERS = ['have', 'skip', 'gone', 'want'] as const;
const FLAGS = ['confirm', 'echo', 'list', 'listed', 'part'] as const;

/** `<sync xmlns='urn:fmucd:sync:0'/>` */
export function syncElement(sync: Sync): Element {
  const { join, mine, yours } = sync;
  const attributes: Record<string, string | undefined> = { xmlns: NS.sync, join, mine, yours };
  if (sync.recipient !== undefined) attributes['for'] = sync.recipient;
  for (const flag of FLAGS) if (sync[flag] === true) attributes[flag] = '1';
  const result = element('sync', attributes);
  for (const name of NUMBERS)
    for (const [by, ranges] of sync[name] ?? [])
      if (!ranges.isEmpty) result.cnode(element(name, { by }, ranges.toString()));
  if (sync.path !== undefined) {
    const path = element('path');
    for (const node of sync.path) path.cnode(element('node', { jid: node }));
    result.cnode(path);
  }
  return result;
}

/** A message from node to node with that payload alone. */
export function syncMessage(room: string, node: string, sync: Sync): Element {
  return element('message', { from: room, to: node }, syncElement(sync));
}

/** Reads the payload; undefined where the stanza has none. What can't be understood in it counts as absent. */
export function readSync(stanza: Element): Sync | undefined {
  const payload = findChild(stanza, 'sync', NS.sync);
  if (payload === undefined) return undefined;
  const path = findChild(payload, 'path');
  const read: { -readonly [K in keyof Sync]: Sync[K] } = {
    join: attribute(payload, 'join'),
    mine: attribute(payload, 'mine'),
    yours: attribute(payload, 'yours'),
    recipient: attribute(payload, 'for'),
    path: path && readPath(path),
  };
  for (const flag of FLAGS) read[flag] = attribute(payload, flag) === '1';
  for (const name of NUMBERS) read[name] = readNumbers(payload, name);
  return read;
}

function readPath(path: Element): string[] | undefined {
  const nodes = childElements(path).map((node) => Jid.tryParse(attribute(node, 'jid'))?.bare);
  return nodes.length > MAX_PATH ? undefined : nodes.filter((node) => node !== undefined);
}

function readNumbers(payload: Element, name: string): Numbers {
  const numbers = new Map<string, Ranges>();
  for (const child of childElements(payload)) {
    if (child.name !== name || numbers.size >= MAX_ORIGINS) continue;
    const by = Jid.tryParse(attribute(child, 'by'))?.bare;
    const ranges = Ranges.parse(textOf(child));
    if (by !== undefined && ranges !== undefined) numbers.set(by, ranges);
  }
  return numbers;
}
