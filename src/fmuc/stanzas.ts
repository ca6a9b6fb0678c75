import { subjectId } from '../lib/message-id.ts';
import { formatStamp } from '../lib/stamp.ts';
import type { Departure, Moderation } from '../muc/events.ts';
import type { RoomMessage } from '../muc/message.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { delayElement } from '../stanza/delay.ts';
import { errorElement, type StanzaError } from '../stanza/errors.ts';
import { fmucElement, leftPresence } from '../stanza/fmuc.ts';
import { historyElement } from '../stanza/history-request.ts';
import { mucUserElement } from '../stanza/muc-user.ts';
import { stanzaIdElement } from '../stanza/stanza-id.ts';
import { type Sync, syncElement } from '../stanza/sync.ts';
import { copyOf, type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Neighbour } from './neighbour.ts';
import { type Bounds, isNothing } from './peer.ts';

/*
 * The stanzas that go to other nodes (XEP-0289 §5), all with their `to`. Live presence goes to node/nick, as in the
 * XEP's examples of a further join; the occupants of an accept and messages go to the bare node.
 */

/** The real JID in extended presence, by the rule of XEP-0045 §7.2.4; the payload bears it in any case. */
function shownJid(room: Room, occupant: Occupant): string | undefined {
  return room.settings.whois === 'anyone' ? occupant.jid.toString() : undefined;
}

/** A joining node asks to join, in the name of one of its occupants, given as they are shown (XEP-0289 §5.1). */
export function joinStanza(
  room: Room,
  occupant: Occupant,
  node: string,
  history: Bounds,
  since: number | undefined,
  sync?: Sync,
): Element {
  return element(
    'presence',
    { from: room.addressOf(occupant.nick), to: `${node}/${occupant.nick}` },
    ...occupant.presence,
    fmucElement(occupant.jid.toString()),
    element(
      'x',
      { xmlns: NS.muc },
      isNothing(history)
        ? historyElement({ maxChars: 0 })
        : historyElement({
            maxStanzas: history.messages,
            maxChars: history.bytes,
            seconds: Number.isFinite(history.age) ? history.age : undefined,
            since: since === undefined ? undefined : formatStamp(since),
          }),
    ),
    mucUserElement({ affiliation: occupant.affiliation, role: occupant.role, jid: shownJid(room, occupant) }),
    sync && syncElement(sync),
  );
}

/** An occupant, given as they are shown, is in the room, or has changed (XEP-0289 §5.3). */
export function occupantStanza(room: Room, occupant: Occupant, to: string): Element {
  return element(
    'presence',
    { from: room.addressOf(occupant.nick), to },
    ...occupant.presence,
    fmucElement(occupant.jid.toString()),
    mucUserElement({ affiliation: occupant.affiliation, role: occupant.role, jid: shownJid(room, occupant) }),
  );
}

/** An occupant has left (XEP-0289 §5.4), or takes another nick (`newNick`, status 303). */
export function leaveStanza(
  room: Room,
  occupant: Occupant,
  node: string,
  departure: Departure & { readonly newNick?: string },
): Element {
  return element(
    'presence',
    { from: room.addressOf(occupant.nick), to: `${node}/${occupant.nick}`, type: 'unavailable' },
    departure.text === undefined ? undefined : element('status', {}, departure.text),
    fmucElement(occupant.jid.toString()),
    mucUserElement({
      affiliation: occupant.affiliation,
      role: departure.newNick === undefined ? 'none' : occupant.role,
      jid: shownJid(room, occupant),
      nick: departure.newNick,
      actor: departure.actor,
      reason: departure.reason,
      statuses: departure.statuses,
    }),
  );
}

/**
 * A message or a change of subject (XEP-0289 §5.2), with its identity; stamped where it isn't live. What a room has said, each room on
 * the way says in its own name, since each link says for itself whom it trusts.
 */
export function messageStanza(room: Room, message: RoomMessage, node: string): Element {
  const stanza = copyOf(message.content);
  stanza.attrs['from'] = room.addressOf(message.nick);
  stanza.attrs['to'] = node;
  stanza.attrs['type'] = 'groupchat';
  stanza.cnode(fmucElement(message.nick === '' ? room.jid : message.author));
  if (message.origin !== undefined) stanza.cnode(stanzaIdElement(message.origin));
  if (message.foreign !== undefined) stanza.cnode(stanzaIdElement(message.foreign));
  if (message.delayedBy !== undefined) stanza.cnode(delayElement({ from: message.delayedBy, stamp: message.stamp }));
  return stanza;
}

/** The subject that ends an accept (XEP-0289 §5.1): always exactly one, empty and unstamped where none was ever set. */
export function subjectStanza(room: Room, node: string, sync?: Sync): Element {
  const { subject } = room;
  return element(
    'message',
    { from: room.addressOf(subject?.nick ?? ''), to: node, type: 'groupchat' },
    fmucElement(subject?.author ?? room.jid),
    element('subject', {}, subject === undefined || subject.text === '' ? undefined : subject.text),
    subject === undefined ? undefined : delayElement({ from: room.jid, stamp: subject.stamp }),
    subject?.by === undefined ? undefined : stanzaIdElement({ by: subject.by, id: subjectId(subject.stamp) }),
    sync && syncElement(sync),
  );
}

/** A private message on its way to the node of its recipient (XEP-0289 §5.6). */
export function privateStanza(
  room: Room,
  sender: Occupant,
  recipient: Occupant,
  node: string,
  content: Element,
): Element {
  const stanza = copyOf(content);
  stanza.attrs['from'] = room.addressOf(sender.nick);
  stanza.attrs['to'] = `${node}/${recipient.nick}`;
  stanza.cnode(fmucElement(sender.jid.toString()));
  return stanza;
}

/** A node's user is refused; without the payload, which an error must not bear to some peers. */
export function refusalStanza(room: Room, nick: string, node: string, error: StanzaError): Element {
  return element(
    'presence',
    { from: room.addressOf(nick), to: `${node}/${nick}`, type: 'error' },
    errorElement(error, room.jid),
  );
}

/** A moderator here asks the node of an occupant elsewhere for what only that node can do. */
export function moderationStanza(room: Room, occupant: Occupant, node: string, request: Moderation): Element {
  const { role, banned, actor, reason } = request;
  const gone = role === 'none';
  const jid = occupant.jid.toString();
  return element(
    'presence',
    { from: room.addressOf(occupant.nick), to: `${node}/${occupant.nick}`, type: gone ? 'unavailable' : undefined },
    fmucElement(jid),
    mucUserElement({
      affiliation: banned ? 'outcast' : occupant.affiliation,
      role,
      jid,
      actor,
      reason,
      statuses: banned ? [301] : gone ? [307] : undefined,
    }),
  );
}

/** A node is out of the set (XEP-0289 §5.4); one of ours is told which of its joins that belongs to. */
export function leftStanza(room: Room, { node, lastJoin }: Neighbour): Element {
  const stanza = leftPresence(room.jid, node);
  if (lastJoin !== undefined) stanza.cnode(syncElement({ join: lastJoin }));
  return stanza;
}
