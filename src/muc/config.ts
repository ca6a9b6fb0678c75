import type { Jid } from '../lib/jid.ts';
import { type FormField, formElement, readBoolean, readSubmission } from '../stanza/data-form.ts';
import type { Answer } from '../stanza/iq.ts';
import { attribute, childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { affiliationOf } from './affiliation.ts';
import { destroy } from './destroy.ts';
import { enforceAffiliations } from './enforce.ts';
import { ROOM_ERRORS } from './errors.ts';
import { followBroadcast } from './presence-broadcast.ts';
import type { RoomSettings } from './records.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The longest value of a text field, in characters. */
export const MAX_FIELD_LENGTH = 1024;

/** What a room starts with. */
export const DEFAULT_SETTINGS: RoomSettings = {
  name: '',
  description: '',
  persistent: false,
  public: true,
  membersOnly: false,
  moderated: false,
  password: '',
  whois: 'moderators',
  occupantsChangeSubject: false,
  maxOccupants: 0,
  membersInvite: false,
  privateMessages: 'anyone',
  presenceOf: ['moderator', 'participant', 'visitor'],
  membersSeenBy: ['moderator', 'participant'],
  logged: true,
  language: '',
};

/** What a room of the operator's file starts with: it stays, and its users see who is who, as in XEP-0289's examples. */
export const FILE_ROOM_SETTINGS: RoomSettings = { ...DEFAULT_SETTINGS, persistent: true, whois: 'anyone' };

/** A field of the form: the setting behind it, how it is shown, and how its value is read. */
interface ConfigField {
  readonly name: string;
  readonly label: string;
  readonly type: FormField['type'];
  readonly options?: Readonly<Record<string, string>>;
  readonly show: (settings: RoomSettings) => string;
  /** The settings with that value; undefined where the field can't have it. */
  readonly read: (settings: RoomSettings, value: string) => RoomSettings | undefined;
}

type KeyOf<T> = { [K in keyof RoomSettings]-?: RoomSettings[K] extends T ? K : never }[keyof RoomSettings];

function flag(name: string, label: string, key: KeyOf<boolean>): ConfigField {
  return {
    name: `muc#roomconfig_${name}`,
    label,
    type: 'boolean',
    show: (settings) => (settings[key] ? '1' : '0'),
    read: (settings, value) => {
      const read = readBoolean(value);
      return read === undefined ? undefined : { ...settings, [key]: read };
    },
  };
}

function text(
  name: string,
  label: string,
  key: 'name' | 'description' | 'password',
  type: FormField['type'],
): ConfigField {
  return {
    name: `muc#roomconfig_${name}`,
    label,
    type,
    show: (settings) => settings[key],
    read: (settings, value) => (value.length > MAX_FIELD_LENGTH ? undefined : { ...settings, [key]: value }),
  };
}

/** The fields of the form, in its order (XEP-0045 §15.5.3). */
const FIELDS: readonly ConfigField[] = [
  text('roomname', 'Name of the room', 'name', 'text-single'),
  text('roomdesc', 'What the room is for', 'description', 'text-single'),
  flag('persistentroom', 'Stays when the last occupant leaves', 'persistent'),
  flag('publicroom', 'Shown in the list of rooms', 'public'),
  flag('membersonly', 'Only members may enter', 'membersOnly'),
  flag('moderatedroom', 'Only those who have voice may speak', 'moderated'),
  {
    name: 'muc#roomconfig_passwordprotectedroom',
    label: 'Needs a password',
    type: 'boolean',
    show: (settings) => (settings.password === '' ? '0' : '1'),
    read: (settings, value) => {
      const wanted = readBoolean(value);
      if (wanted === undefined) return undefined;
      return wanted ? settings : { ...settings, password: '' };
    },
  },
  text('roomsecret', 'The password', 'password', 'text-private'),
  {
    name: 'muc#roomconfig_whois',
    label: 'Who may see real JIDs',
    type: 'list-single',
    options: { moderators: 'Moderators', anyone: 'Anyone' },
    show: (settings) => settings.whois,
    read: (settings, value) =>
      value === 'moderators' || value === 'anyone' ? { ...settings, whois: value } : undefined,
  },
  flag('changesubject', 'Every participant may change the subject', 'occupantsChangeSubject'),
  {
    name: 'muc#roomconfig_maxusers',
    label: 'The most occupants',
    type: 'list-single',
    options: { '10': '10', '20': '20', '50': '50', '100': '100', '500': '500', none: 'No bound' },
    show: (settings) => (settings.maxOccupants === 0 ? 'none' : String(settings.maxOccupants)),
    read: (settings, value) => {
      if (value === 'none') return { ...settings, maxOccupants: 0 };
      return /^[1-9]\d{0,3}$/.test(value) ? { ...settings, maxOccupants: Number(value) } : undefined;
    },
  },
];

/** Gives an owner the configuration form (XEP-0045 §10.2). */
export function configForm(room: Room, from: Jid): Answer {
  if (affiliationOf(room, from.bare) !== 'owner') return { error: ROOM_ERRORS.notOwner };
  const fields = FIELDS.map(({ name, label, type, options, show }) => ({
    name,
    label,
    type,
    value: show(room.settings),
    ...(options === undefined ? {} : { options }),
  }));
  const form = formElement('form', NS.mucRoomConfig, `Configuration of ${room.jid}`, fields);
  return { result: element('query', { xmlns: NS.mucOwner }, form) };
}

/**
 * An owner configures the room, destroys it, or gives up creating it (XEP-0045 §10.1.3, §10.2, §10.9). An empty form
 * takes the settings as they are (§10.1.2).
 */
export function handleOwnerRequest(room: Room, turn: Turn, from: Jid, query: Element): Answer {
  if (affiliationOf(room, from.bare) !== 'owner') return { error: ROOM_ERRORS.notOwner };
  const destruction = findChild(query, 'destroy');
  if (destruction !== undefined) {
    if (room.fixed !== undefined) return { error: ROOM_ERRORS.fixedByFile };
    destroy(room, turn, {
      alternate: attribute(destruction, 'jid'),
      password: childText(destruction, 'password'),
      reason: childText(destruction, 'reason'),
    });
    return { result: undefined };
  }
  const submission = readSubmission(query);
  if (submission === undefined) return { error: ROOM_ERRORS.malformedForm };
  if (submission.kind === 'cancel') {
    if (room.locked) destroy(room, turn, {});
    return { result: undefined };
  }
  if (submission.formType !== undefined && submission.formType !== NS.mucRoomConfig)
    return { error: ROOM_ERRORS.malformedForm };
  let settings: RoomSettings = room.settings;
  for (const field of FIELDS) {
    const value = submission.values.get(field.name);
    const read = value === undefined ? settings : field.read(settings, value);
    if (read === undefined) return { error: ROOM_ERRORS.malformedForm };
    settings = read;
  }
  if (submission.values.get('muc#roomconfig_passwordprotectedroom') === '0') settings = { ...settings, password: '' };
  if (room.fixed !== undefined && !settings.persistent) return { error: ROOM_ERRORS.fixedByFile };
  configure(room, turn, settings);
  return { result: undefined };
}

function configure(room: Room, turn: Turn, settings: RoomSettings): void {
  const before = room.settings;
  const wasPersistent = room.persistent;
  turn.journal.set(room, 'settings', settings);
  if (room.persistent || wasPersistent) turn.write({ kind: 'save', record: room.toRecord() });
  if (room.locked) {
    turn.journal.set(room, 'locked', false);
    return;
  }
  notify(room, turn, before);
  followBroadcast(room, turn, before);
  if (settings.membersOnly && !before.membersOnly) enforceAffiliations(room, turn, { membersOnlyNow: true });
}

/** Tells everyone what has changed of the room (XEP-0045 §10.2.1). */
function notify(room: Room, turn: Turn, before: RoomSettings): void {
  const statuses: number[] = [];
  if (room.settings.whois !== before.whois) statuses.push(room.settings.whois === 'anyone' ? 172 : 173);
  const otherwiseSame = JSON.stringify({ ...room.settings, whois: '' }) === JSON.stringify({ ...before, whois: '' });
  if (!otherwiseSame) statuses.push(104);
  for (const status of statuses)
    turn.send(
      element(
        'message',
        { from: room.jid, type: 'groupchat' },
        element('x', { xmlns: NS.mucUser }, element('status', { code: String(status) })),
      ),
      room.sessions(),
    );
}
