import { originOfId } from '../lib/message-id.ts';
import { mucUserElement } from '../stanza/muc-user.ts';
import type { Element } from '../xml/element.ts';
import { affiliationOf } from './affiliation.ts';
import { fromRecord } from './history.ts';
import { messageStanza } from './message.ts';
import type { MessageRecord, Origin } from './records.ts';
import { type Referable, referableOf } from './referable.ts';
import type { Room } from './room.ts';

/* A message of the archive as those in the room have got it, and who has said it (XEP-0313 §6.1.2). */

/** The most messages that are looked up because those of one page refer to them. */
export const MAX_REFERRED = 200;
/** An id by which one message refers to another, or is called itself. */
const REFERENCE = / id="(~[^"@]{1,10}@[^"&]+)"/g;

/** What is known of the messages around it, and of whoever is to get it. */
interface View {
  readonly page: readonly MessageRecord[];
  readonly referred: readonly MessageRecord[];
  readonly maySeeJids: boolean;
}

/** The stanza, without `to` and without delay; who has said it is in it for those who may know. */
export function archivedStanza(room: Room, record: MessageRecord, view: View): Element {
  const message = { ...fromRecord(record), delayedBy: undefined };
  const stanza = messageStanza(room, message, record.seq, { of: (origin) => find(room, view, origin) });
  const author = authorElement(room, record);
  if (view.maySeeJids && author !== undefined) stanza.cnode(author);
  return stanza;
}

/** The messages that those of a page refer to and that nobody here remembers. What only looks like one is looked for in vain. */
export function referredFrom(room: Room, page: readonly MessageRecord[]): Origin[] {
  const named = new Map<string, Origin>();
  for (const { stanza } of page)
    for (const [, id = ''] of stanza.matchAll(REFERENCE)) {
      const origin = originOfId(id);
      if (origin === undefined || named.size >= MAX_REFERRED || room.referable.of(origin) !== undefined) continue;
      if (page.every((other) => !isSame(other.origin, origin))) named.set(id, origin);
    }
  return [...named.values()];
}

function find(room: Room, { page, referred }: View, origin: Origin): Referable | undefined {
  const known = room.referable.of(origin);
  if (known !== undefined) return known;
  const record = page.find((one) => isSame(one.origin, origin)) ?? referred.find((one) => isSame(one.origin, origin));
  return record && referableOf(record);
}

/** The author's real JID, with what they are in the room now. */
function authorElement(room: Room, { nick, author, via }: MessageRecord): Element | undefined {
  if (nick === '' || author === room.jid) return undefined;
  const present = room.occupants.get(nick);
  const isHere = present?.source === via && present?.jid.toString() === author;
  const bare = author.split('/')[0] ?? author;
  return mucUserElement({
    affiliation: isHere ? present.affiliation : via === undefined ? affiliationOf(room, bare) : 'none',
    role: isHere ? present.role : 'none',
    jid: author,
  });
}

function isSame(one: Origin | undefined, other: Origin): boolean {
  return one?.id === other.id && one.by === other.by;
}
