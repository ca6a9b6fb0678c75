import { createHash } from 'node:crypto';
import type { Jid } from '../lib/jid.ts';
import type { FormField } from '../stanza/data-form.ts';
import { errorReply } from '../stanza/errors.ts';
import { type Answer, resultOf } from '../stanza/iq.ts';
import { childText, type Element, element, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { parseElement } from '../xml/parse.ts';
import { serialise } from '../xml/serialise.ts';
import { affiliationOf } from './affiliation.ts';
import { isNotThereFor } from './discretion.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Room } from './room.ts';
import { sendStatus } from './status-notice.ts';
import type { Turn, VcardRequest } from './turn.ts';

/*
 * A room's avatar (XEP-0486): the photos in its vCard. The store has the vCard; in memory there are only the hashes of the photos.
 */

/** The longest vCard of a room, in characters of XML: a photo of 48 KiB, six times what XEP-0153 §4.5 recommends. */
export const MAX_VCARD_CHARACTERS = 65_536;
/** The most photos in one, which are all the same image. */
export const MAX_PHOTOS = 8;

/** Gives the room's vCard to anybody who may know of the room, as soon as the store has been read (XEP-0486 §3.4). */
export function getVcard(room: Room, turn: Turn, from: Jid, stanza: Element): Answer {
  if (isNotThereFor(room, from)) return { error: ROOM_ERRORS.noSuchRoom };
  if (room.settings.photos === undefined) return { error: ROOM_ERRORS.noVcard };
  turn.queryVcard({ room: room.jid, stanza });
  return 'later';
}

/** Sends what the store had. */
export function sendVcard(room: Room, turn: Turn, { stanza }: VcardRequest, vcard: string | undefined): void {
  turn.deliver(
    vcard === undefined ? errorReply(stanza, ROOM_ERRORS.noVcard, room.jid) : resultOf(stanza, parseElement(vcard)),
  );
}

/** An owner gives the room another vCard, or with an empty one none, and everyone is told (XEP-0486 §3.2). */
export function setVcard(room: Room, turn: Turn, from: Jid, vcard: Element): Answer {
  if (affiliationOf(room, from.bare) !== 'owner') return { error: ROOM_ERRORS.onlyOwnersSetVcard };
  const text = serialise(vcard);
  if (text.length > MAX_VCARD_CHARACTERS) return { error: ROOM_ERRORS.vcardTooLarge };
  const isEmpty = vcard.children.length === 0;
  const photos = photosOf(vcard);
  if (photos === undefined) return { error: ROOM_ERRORS.malformedPhoto };
  const before = room.settings.photos ?? [];
  turn.journal.set(room, 'settings', { ...room.settings, photos: isEmpty ? undefined : photos });
  turn.write({ kind: 'vcard', room: room.jid, vcard: isEmpty ? undefined : text });
  room.save(turn);
  if (before.join() !== photos.join()) turn.send(avatarPresence(room), room.sessions());
  sendStatus(room, turn, 104);
  return { result: undefined };
}

/** Tells a newcomer of the room's avatar, if it has one, as clients expect that know it from presence (XEP-0486 §5.2). */
export function sendAvatar(room: Room, turn: Turn, to: string): void {
  if (room.settings.photos !== undefined && room.settings.photos.length > 0) turn.send(avatarPresence(room), to);
}

/** What the form that tells of the room has of its avatar, if it has one (XEP-0486 §3.3). */
export function avatarFields({ settings: { photos = [] } }: Room): readonly FormField[] {
  if (photos.length === 0) return [];
  return [{ name: 'muc#roominfo_avatarhash', type: 'text-multi', label: 'Avatar hash', value: photos }];
}

/** XEP-0153 §3.1 */
function avatarPresence({ jid, settings: { photos = [] } }: Room): Element {
  return element('presence', { from: jid }, element('x', { xmlns: NS.vcardUpdate }, element('photo', {}, photos[0])));
}

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** SHA-1 of each photo in a vCard (XEP-0153 §3.1); undefined where one can't be read, or there are too many. */
function photosOf(vcard: Element): string[] | undefined {
  const hashes: string[] = [];
  for (const photo of findChildren(vcard, 'PHOTO')) {
    const data = (childText(photo, 'BINVAL') ?? '').replace(/\s+/g, '');
    if (data === '') continue;
    if (!BASE64.test(data) || hashes.length >= MAX_PHOTOS) return undefined;
    hashes.push(createHash('sha1').update(Buffer.from(data, 'base64')).digest('hex'));
  }
  return hashes;
}
