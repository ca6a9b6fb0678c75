import type { Federation } from '../fmuc/federation.ts';
import type { Jid } from '../lib/jid.ts';
import { originOfId, sequenceNumber } from '../lib/message-id.ts';
import type { Room } from '../muc/room.ts';
import { SEARCHED_INDEX_ROWS, type Search } from '../muc/search.ts';
import { retractOf } from '../muc/tombstone.ts';
import { attribute, type Element } from '../xml/element.ts';

/**
 * What is to be looked up before a stanza is handled: a message that it retracts and that is older than those which the room
 * remembers (XEP-0424 §5). Somebody here names it by the room's id, a node by the one that is the same everywhere.
 */
export function recallFor(
  room: Room | undefined,
  federation: Federation,
  from: Jid,
  stanza: Element,
): Search | undefined {
  const payload =
    stanza.name === 'message' && attribute(stanza, 'type') === 'groupchat' ? retractOf(stanza) : undefined;
  const id = payload && attribute(payload, 'id');
  if (room === undefined || id === undefined) return undefined;
  const look = { kind: 'recall', room: room.jid, rows: SEARCHED_INDEX_ROWS } as const;
  if (room.bySession(from.toString()) !== undefined) {
    const seq = room.positionOf(id);
    return seq === undefined || room.referable.at(seq) !== undefined
      ? undefined
      : { ...look, seqs: [seq], origins: [] };
  }
  const node = federation.node(room.jid);
  const origin = originOfId(id);
  if (node?.neighbour(from.bare) === undefined || origin === undefined || room.referable.of(origin) !== undefined)
    return undefined;
  // What hasn't come isn't there: the retraction is ahead of it.
  const isHad = node.had.has(origin.by, sequenceNumber(origin) ?? 0);
  return isHad ? { ...look, seqs: [], origins: [origin] } : undefined;
}
