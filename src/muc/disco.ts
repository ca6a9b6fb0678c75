import { formElement } from '../stanza/data-form.ts';
import { discoInfoElement, discoItemsElement } from '../stanza/disco.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Room } from './room.ts';

/** What the room is: identity, features that mirror its settings, and more about it (XEP-0045 §6.4). */
export function roomInfo(room: Room): Element {
  const { settings } = room;
  return discoInfoElement({
    category: 'conference',
    type: 'text',
    name: settings.name === '' ? room.jid.slice(0, room.jid.indexOf('@')) : settings.name,
    features: [
      NS.discoInfo,
      NS.discoItems,
      NS.muc,
      NS.mucStableId,
      NS.ping,
      NS.stanzaId,
      settings.password === '' ? 'muc_unsecured' : 'muc_passwordprotected',
      settings.public ? 'muc_public' : 'muc_hidden',
      room.persistent ? 'muc_persistent' : 'muc_temporary',
      settings.membersOnly ? 'muc_membersonly' : 'muc_open',
      settings.moderated ? 'muc_moderated' : 'muc_unmoderated',
      settings.whois === 'anyone' ? 'muc_nonanonymous' : 'muc_semianonymous',
    ],
    forms: [
      formElement('result', NS.mucRoomInfo, undefined, [
        { name: 'muc#roominfo_description', type: 'text-single', label: 'Description', value: settings.description },
        { name: 'muc#roominfo_subject', type: 'text-single', label: 'Subject', value: room.subject?.text ?? '' },
        { name: 'muc#roominfo_occupants', type: 'text-single', label: 'Occupants', value: String(room.occupants.size) },
        {
          name: 'muc#maxhistoryfetch',
          type: 'text-single',
          label: 'The most messages of history',
          value: String(settings.maxHistory),
        },
      ]),
    ],
  });
}

/** A room's occupants aren't listed to whoever asks (XEP-0045 §6.5). */
export function roomItems(): Element {
  return discoItemsElement([]);
}
