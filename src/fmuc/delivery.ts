import type { RoomMessage } from '../muc/message.ts';
import type { ArchiveEntry } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import { attribute, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';

/*
 * An author here may ask to be told when the other nodes have a message (XEP-0184's request). It is our own node that
 * tells, of the neighbours that confirm what they have; the request itself crosses no link.
 */

/** The most messages of a room whose authors wait to be told; of more, the oldest goes without. */
export const MAX_AWAITED = 256;

/** A message whose author is to be told. */
export interface Awaited {
  readonly entry: ArchiveEntry;
  /** Full real JID of the author's session. */
  readonly author: string;
  /** The id that the author's client gave it. */
  readonly id: string;
  /** Bare room JIDs of the neighbours that are not known to have it. */
  readonly nodes: readonly string[];
}

/** Notes that the author of a message wants to be told, if they do, and if anyone can confirm it. */
export function awaitDelivery(node: FmucNode, { author, content }: RoomMessage, entry: ArchiveEntry): void {
  const id = attribute(content, 'id');
  // For what has no number nobody waits, and nobody confirms it.
  if (entry.origin === undefined || id === undefined || findChild(content, 'request', NS.receipts) === undefined)
    return;
  if (node.room.bySession(author) === undefined) return;
  const nodes = node
    .everyone()
    .filter((neighbour) => neighbour.isTracked && neighbour.isOurs)
    .map((neighbour) => neighbour.node);
  if (nodes.length === 0) return;
  const [oldest] = node.awaited.keys();
  if (node.awaited.size >= MAX_AWAITED && oldest !== undefined) node.awaited.delete(oldest);
  node.awaited.set(entry.seq, { entry, author, id, nodes });
}

/** Whether a neighbour is to be asked to confirm the message at that position soon. */
export function isAwaited(node: FmucNode, neighbour: Neighbour, seq: number): boolean {
  return node.awaited.get(seq)?.nodes.includes(neighbour.node) === true;
}

/** A neighbour has told what it has: the authors of what has arrived everywhere are told. */
export function tellDelivered(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  for (const [seq, { entry, author, id, nodes }] of node.awaited) {
    if (!nodes.includes(neighbour.node) || !neighbour.hasEntry(entry)) continue;
    const left = nodes.filter((one) => one !== neighbour.node);
    if (left.length > 0) node.awaited.set(seq, { entry, author, id, nodes: left });
    else {
      node.awaited.delete(seq);
      tell(node, turn, author, id);
    }
  }
}

/** A neighbour is out of the set: nobody waits for it. */
export function forgetAwaited(node: FmucNode, { node: gone }: Neighbour): void {
  for (const [seq, awaited] of node.awaited) {
    const nodes = awaited.nodes.filter((one) => one !== gone);
    if (nodes.length === 0) node.awaited.delete(seq);
    else if (nodes.length < awaited.nodes.length) node.awaited.set(seq, { ...awaited, nodes });
  }
}

function tell({ room }: FmucNode, turn: Turn, author: string, id: string): void {
  if (room.bySession(author) === undefined) return;
  const received = element('received', { xmlns: NS.receipts, id });
  turn.send(element('message', { from: room.jid, type: 'groupchat' }, received), author);
}
