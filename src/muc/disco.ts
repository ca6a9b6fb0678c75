import type { Jid } from '../lib/jid.ts';
import { unescapeLocal } from '../lib/jid-escaping.ts';
import { formElement } from '../stanza/data-form.ts';
import { discoInfoElement, discoItemsElement } from '../stanza/disco.ts';
import type { Answer } from '../stanza/iq.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { isNotThereFor, isPrivateTo, maySeeJids } from './discretion.ts';
import { ROOM_ERRORS } from './errors.ts';
import { isShown } from './presence.ts';
import type { Room } from './room.ts';
import { avatarFields } from './vcard.ts';

/** What people read of a room: the name that it was given, or its address's (XEP-0106 §4.1). */
export function roomName(room: Room): string {
  return room.settings.name === '' ? unescapeLocal(room.jid.slice(0, room.jid.indexOf('@'))) : room.settings.name;
}

/** The most owners whom a room names as those to turn to. */
export const MAX_CONTACTS = 20;

/** What the room is: identity, features that mirror its settings, and more about it (XEP-0045 §6.4). */
export function roomInfo(room: Room, from: Jid): Answer {
  if (isNotThereFor(room, from)) return { error: ROOM_ERRORS.noSuchRoom };
  const { settings } = room;
  const result = discoInfoElement({
    category: 'conference',
    type: 'text',
    name: roomName(room),
    features: [
      NS.discoInfo,
      NS.discoItems,
      NS.muc,
      NS.mucSelfPing,
      NS.mucRegister,
      NS.mucRequest,
      NS.mucRoomConfig,
      NS.mucRoomInfo,
      NS.mucStableId,
      NS.ping,
      NS.stanzaId,
      NS.retract,
      NS.tombstone,
      NS.moderate,
      ...(settings.logged ? [NS.mam, NS.mamExtended] : []),
      NS.occupantId,
      NS.vcard,
      NS.version,
      NS.time,
      NS.jidEscaping,
      settings.password === '' ? 'muc_unsecured' : 'muc_passwordprotected',
      settings.public ? 'muc_public' : 'muc_hidden',
      room.persistent ? 'muc_persistent' : 'muc_temporary',
      settings.membersOnly ? 'muc_membersonly' : 'muc_open',
      settings.moderated ? 'muc_moderated' : 'muc_unmoderated',
      settings.whois === 'anyone' ? 'muc_nonanonymous' : 'muc_semianonymous',
    ],
    forms: [roomInfoForm(room, from)],
  });
  return { result };
}

/** The fields of XEP-0045 §15.5.4 that have a meaning here: there is neither an LDAP group nor an address of logs. */
function roomInfoForm(room: Room, from: Jid): Element {
  const { settings } = room;
  const subjectCanChange = settings.occupantsChangeSubject ? 'true' : 'false';
  const text = (name: string, label: string, value: string) => ({ name, type: 'text-single', label, value }) as const;
  const flag = (name: string, label: string, value: string) => ({ name, type: 'boolean', label, value }) as const;
  const contacts = contactsFor(room, from);
  return formElement('result', NS.mucRoomInfo, undefined, [
    text('muc#roominfo_description', 'Description', settings.description),
    ...(settings.language === '' ? [] : [text('muc#roominfo_lang', 'Language of discussion', settings.language)]),
    ...(isPrivateTo(room, from)
      ? []
      : [
          text('muc#roominfo_subject', 'Subject', room.subject?.text ?? ''),
          text('muc#roominfo_occupants', 'Occupants', String(room.occupants.size)),
        ]),
    flag('muc#roominfo_subjectmod', 'Participants may change the subject', subjectCanChange),
    flag('muc#roomconfig_changesubject', 'Participants may change the subject', subjectCanChange),
    text('muc#maxhistoryfetch', 'The most messages of history', String(settings.maxHistory)),
    ...(contacts.length === 0
      ? []
      : [{ name: 'muc#roominfo_contactjid', type: 'jid-multi', label: 'Whom to turn to', value: contacts } as const]),
    ...avatarFields(room),
  ]);
}

/** The owners, where that tells no real JID to somebody who may not see it (XEP-0045 §13.5). */
function contactsFor(room: Room, from: Jid): string[] {
  if (!maySeeJids(room, from)) return [];
  const owners: string[] = [];
  for (const [jid, entry] of room.affiliations) if (entry.affiliation === 'owner') owners.push(jid);
  return owners.slice(0, MAX_CONTACTS);
}

/** Who is in the room, for those who are in it themselves; to everybody else that is private (XEP-0045 §6.5). */
export function roomItems(room: Room, from: Jid): Answer {
  if (isNotThereFor(room, from)) return { error: ROOM_ERRORS.noSuchRoom };
  if (room.bySession(from.toString()) === undefined) return { result: discoItemsElement([]) };
  const shown = [...room.occupants.values()].filter((occupant) => isShown(room.settings, occupant.role));
  return { result: discoItemsElement(shown.map(({ nick }) => ({ jid: room.addressOf(nick) }))) };
}
