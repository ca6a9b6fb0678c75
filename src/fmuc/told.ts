import { Jid } from '../lib/jid.ts';
import { TOLD_NOTE } from '../lib/note-keys.ts';
import type { Sending } from '../lib/urgency.ts';
import { type Occupant, samePresence } from '../muc/occupant.ts';
import type { Kept } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import type { Element } from '../xml/element.ts';
import { serialise } from '../xml/serialise.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { namesOf, onlooker } from './onlooker.ts';
import type { Peer, PresencePolicy } from './peer.ts';
import { dropPending, type Parting, spare } from './pending.ts';
import { leaveStanza, occupantStanza } from './stanzas.ts';

/*
 * What a neighbour was told of the occupants whom it has through us, by full real JID and as far as its way carries
 * presence. It is kept while the neighbour is away, set anew by each join, and bounded by what a room can hold, twice: those
 * who are in it, and those who have left since the last flush.
 */

/** The payloads of a user's presence that cross a way. */
function carried(policy: PresencePolicy, presence: readonly Element[]): readonly Element[] {
  if (policy === 'full') return presence;
  if (policy === 'none') return [];
  return presence.filter((child) => child.name === 'show' || child.name === 'status');
}

/** An occupant as the way to another node shows them. */
export function asShown({ presence }: Peer, occupant: Occupant): Occupant {
  return { ...occupant, presence: carried(presence, occupant.presence) };
}

/** Tells whoever looks on what of somebody's presence stays here, as a way shows them. */
export function tellLess(
  node: FmucNode,
  turn: Turn,
  to: Neighbour,
  occupant: Occupant | undefined,
  { nick, presence }: Occupant,
): void {
  if (!node.isWatched || occupant === undefined || occupant.presence.length === presence.length) return;
  const spared = occupant.presence.filter((payload) => !presence.includes(payload));
  const look = onlooker(node, turn, to.node);
  look?.('presence-payloads', {
    about: 'occupant',
    who: nick,
    bytes: spared.reduce((sum, payload) => sum + Buffer.byteLength(serialise(payload)), 0),
    detail: namesOf(spared),
  });
}

/** Whether a neighbour that was told the one has to be told the other, both as they are shown. */
export function differs(one: Occupant, other: Occupant): boolean {
  return (
    one.nick !== other.nick ||
    one.affiliation !== other.affiliation ||
    one.role !== other.role ||
    !samePresence(one.presence, other.presence)
  );
}

/** The occupants whom a neighbour may have through us, by full real JID: those whom it hasn't brought. */
export function occupantsFor(node: FmucNode, to: Neighbour): Map<string, Occupant> {
  const occupants = new Map<string, Occupant>();
  for (const occupant of node.room.occupants.values())
    if (occupant.source !== to.node) occupants.set(occupant.jid.toString(), occupant);
  return occupants;
}

/** Those of them whom a list for it names, as they are shown: where comings and goings don't cross, the introduced. */
export function listFor(node: FmucNode, to: Neighbour): Map<string, Occupant> {
  const peer = node.peerOf(to.node);
  const listed = new Map<string, Occupant>();
  for (const [full, occupant] of occupantsFor(node, to))
    if (peer.presence !== 'none' || to.told.has(full)) listed.set(full, asShown(peer, occupant));
  return listed;
}

/** Whether a neighbour has missed anything of what its way carries. */
export function owesPresence(node: FmucNode, to: Neighbour): boolean {
  const now = listFor(node, to);
  for (const full of to.told.keys()) if (!now.has(full)) return true;
  for (const [full, occupant] of now) {
    const was = to.told.get(full);
    if (was === undefined || differs(was, occupant)) return true;
  }
  return false;
}

/** Sends a list of occupants, those of them whom one names; answers these. */
export function sendList(
  node: FmucNode,
  turn: Turn,
  to: Neighbour,
  occupants: readonly Occupant[],
  addressOf: (nick: string) => string,
  sending?: Sending,
): Occupant[] {
  const named = listFor(node, to);
  const listed = occupants.flatMap(({ jid }) => named.get(jid.toString()) ?? []);
  for (const occupant of listed) turn.deliver(occupantStanza(node.room, occupant, addressOf(occupant.nick)), sending);
  spare(node, turn, to, occupants.length - listed.length);
  if (node.isWatched)
    for (const occupant of occupants) {
      const shown = named.get(occupant.jid.toString());
      if (shown === undefined)
        onlooker(node, turn, to.node)?.('presence-none', { about: 'occupant', who: occupant.nick });
      else tellLess(node, turn, to, occupant, shown);
    }
  return listed;
}

/** From now on a neighbour has these, as they are shown, and nobody else. */
export function settleTold(node: FmucNode, turn: Turn, to: Neighbour, occupants: Iterable<Occupant>): void {
  dropPending(node, turn, to);
  const now = new Map([...occupants].map((occupant) => [occupant.jid.toString(), occupant]));
  // What Openfire isn't told to forget it keeps for ever.
  if (to.dialect !== 'openfire') for (const full of to.told.keys()) if (!now.has(full)) to.told.delete(full);
  for (const [full, occupant] of now) to.told.set(full, occupant);
  keepTold(node, turn, to);
}

/** Those whom a neighbour was told of and who are gone leave: a list doesn't name them, but our join may have. */
export function takeBackGone(node: FmucNode, turn: Turn, to: Neighbour): void {
  const here = occupantsFor(node, to);
  for (const [full, was] of to.told) {
    if (here.has(full)) continue;
    const pending = to.pending.get(full);
    turn.deliver(leaveStanza(node.room, was, to.node, pending?.gone?.departure ?? {}));
    if (pending !== undefined) spare(node, turn, to, -1);
    to.told.delete(full);
  }
}

/** Everyone whom a neighbour has through us leaves; `last`, the last of them, as is said there. */
export function takeBack(node: FmucNode, turn: Turn, to: Neighbour, last?: Parting): void {
  const { room } = node;
  const lastFull = last?.occupant.jid.toString();
  const lastTold = lastFull === undefined ? undefined : to.told.get(lastFull);
  for (const [full, was] of to.told) {
    if (full === lastFull) continue;
    turn.deliver(leaveStanza(room, was, to.node, to.pending.get(full)?.gone?.departure ?? {}));
  }
  spare(node, turn, to, -[...to.told.keys()].filter((full) => to.pending.has(full)).length);
  if (last !== undefined && lastTold !== undefined)
    turn.deliver(leaveStanza(room, { ...last.occupant, nick: lastTold.nick }, to.node, last.departure));
  forgetTold(node, turn, to);
}

/** A neighbour has nobody through us. */
export function forgetTold(node: FmucNode, turn: Turn, to: Neighbour): void {
  dropPending(node, turn, to);
  if (to.told.size === 0) return;
  for (const full of to.told.keys()) to.told.delete(full);
  keepTold(node, turn, to);
}

/** Has the store keep whom Openfire was told of: a crash makes nobody forget us there. */
export function keepTold(node: FmucNode, turn: Turn, to: Neighbour): void {
  if (to.dialect !== 'openfire' || !to.isUpward) return;
  const value = JSON.stringify([...to.told].map(([full, { nick }]) => [full, nick]));
  turn.write({ kind: 'note', key: keyOfTold(node, to), value });
}

/** Takes over what the store kept of whom Openfire was told of. */
export function restoreTold(node: FmucNode, neighbour: Neighbour, kept: Pick<Kept, 'note'>): void {
  const told = JSON.parse(kept.note(keyOfTold(node, neighbour)) ?? '[]') as readonly (readonly [string, string])[];
  for (const [full, nick] of told) {
    const jid = Jid.tryParse(full);
    if (jid === undefined) continue;
    const occupant = { nick, jid, source: undefined, role: 'participant', affiliation: 'none' } as const;
    neighbour.told.set(full, { ...occupant, presence: [], sessions: [] });
  }
}

function keyOfTold({ room }: FmucNode, { node }: Neighbour): string {
  return `${TOLD_NOTE}${room.jid} ${node}`;
}
