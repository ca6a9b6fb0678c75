import { unescapeLocal } from '../lib/jid-escaping.ts';
import { formElement } from '../stanza/data-form.ts';
import { discoInfoElement, discoItemsElement } from '../stanza/disco.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { MAX_HISTORY_MESSAGES } from './history.ts';
import type { Room } from './room.ts';
import { withAvatar } from './vcard.ts';

/** What people read of a room: the name that it was given, or its address's (XEP-0106 §4.1). */
export function roomName(room: Room): string {
  return room.settings.name === '' ? unescapeLocal(room.jid.slice(0, room.jid.indexOf('@'))) : room.settings.name;
}

/** What the room is: identity, features that mirror its settings, and more about it (XEP-0045 §6.4). */
export function roomInfo(room: Room): Element {
  const { settings } = room;
  return discoInfoElement({
    category: 'conference',
    type: 'text',
    name: roomName(room),
    features: [
      NS.discoInfo,
      NS.discoItems,
      NS.muc,
      NS.mucSelfPing,
      NS.mucStableId,
      NS.ping,
      NS.stanzaId,
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
    forms: [
      withAvatar(
        room,
        formElement('result', NS.mucRoomInfo, undefined, [
          { name: 'muc#roominfo_description', type: 'text-single', label: 'Description', value: settings.description },
          { name: 'muc#roominfo_subject', type: 'text-single', label: 'Subject', value: room.subject?.text ?? '' },
          {
            name: 'muc#roominfo_occupants',
            type: 'text-single',
            label: 'Occupants',
            value: String(room.occupants.size),
          },
          {
            name: 'muc#maxhistoryfetch',
            type: 'text-single',
            label: 'The most messages of history',
            value: String(MAX_HISTORY_MESSAGES),
          },
        ]),
      ),
    ],
  });
}

/** A room's occupants aren't listed to whoever asks (XEP-0045 §6.5). */
export function roomItems(): Element {
  return discoItemsElement([]);
}
