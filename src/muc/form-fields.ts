import { type FormValues, readBoolean } from '../stanza/data-form.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { MAX_OCCUPANTS } from './enter.ts';
import { ROOM_ERRORS } from './errors.ts';
import { type ConfigField, choice, choices, flag, number, refusedField, text } from './form-field.ts';
import { MAX_HISTORY_MESSAGES } from './history.ts';
import type { RoomSettings } from './records.ts';

/** RFC 5646 in its outline; empty: none in particular. */
const LANGUAGE = /^(?:[A-Za-z]{1,8}(?:-[A-Za-z\d]{1,8})*)?$/;
/** What is offered as the most occupants; whatever else is set is offered besides. */
const OFFERED_MAXIMA = [10, 20, 30, 50, 100, 500];

const PROTECTED = 'muc#roomconfig_passwordprotectedroom';
const SECRET = 'muc#roomconfig_roomsecret';

const ROLES = { moderator: 'Moderators', participant: 'Participants', visitor: 'Visitors' } as const;

/** The fields of the form that are settings, in its order (XEP-0045 §15.5.3). `pubsub` is left out: there is no such node. */
export const CONFIG_FIELDS: readonly ConfigField[] = [
  text('muc#roomconfig_roomname', 'Name of the room', 'name'),
  text('muc#roomconfig_roomdesc', 'What the room is for', 'description'),
  text(
    'muc#roomconfig_lang',
    'Language of the room',
    'language',
    'text-single',
    LANGUAGE,
    'a language tag, such as en or fr-CA,',
  ),
  flag('muc#roomconfig_persistentroom', 'Stays when the last occupant leaves', 'persistent'),
  flag('muc#roomconfig_publicroom', 'Shown in the list of rooms', 'public'),
  flag('muc#roomconfig_membersonly', 'Only members may enter', 'membersOnly'),
  flag('muc#roomconfig_allowinvites', 'Members may invite others', 'membersInvite'),
  flag('muc#roomconfig_moderatedroom', 'Only those who have voice may speak', 'moderated'),
  flag('muc#roomconfig_changesubject', 'Every participant may change the subject', 'occupantsChangeSubject'),
  {
    name: PROTECTED,
    label: 'Needs a password',
    type: 'boolean',
    show: (settings) => (settings.password === '' ? '0' : '1'),
    // What it means is said by it and the password together: `settlePassword`.
    read: (settings, values) =>
      values.length > 1 || values.some((value) => readBoolean(value) === undefined) ? '1 or 0' : settings,
  },
  text(SECRET, 'The password', 'password', 'text-private'),
  choice('muc#roomconfig_whois', 'Who may see real JIDs', 'whois', { moderators: 'Moderators', anyone: 'Anyone' }),
  choice('muc#roomconfig_allowpm', 'Who may send private messages', 'privateMessages', {
    anyone: 'Anyone',
    participants: 'Those who have voice',
    moderators: 'Moderators',
    none: 'Nobody',
  }),
  choices('muc#roomconfig_presencebroadcast', 'Whose presence is shown to others', 'presenceOf', ROLES),
  choices('muc#roomconfig_getmemberlist', 'Who may see the list of members', 'membersSeenBy', ROLES),
  number(
    'muc#roomconfig_maxusers',
    'The most occupants',
    'list-single',
    'maxOccupants',
    `a number from 1 to ${MAX_OCCUPANTS}, or none`,
    {
      options: ({ maxOccupants }) => ({
        ...Object.fromEntries(
          [...OFFERED_MAXIMA, ...(maxOccupants === 0 ? [] : [maxOccupants])].map((n) => [n, `${n}`]),
        ),
        none: 'As many as there can be',
      }),
      show: (value) => (value === 0 ? 'none' : String(value)),
      read: (value) => (value === 'none' ? 0 : whole(value, 1, MAX_OCCUPANTS)),
    },
  ),
  number(
    'muc#maxhistoryfetch',
    'The most messages of history that a newcomer gets',
    'text-single',
    'maxHistory',
    `a number from 0 to ${MAX_HISTORY_MESSAGES}`,
    { show: String, read: (value) => whole(value, 0, MAX_HISTORY_MESSAGES) },
  ),
  flag('muc#roomconfig_enablelogging', 'What is said can be read in the archive', 'logged'),
];

/** The settings that submitted values make of these; why they can't be, naming the field (XEP-0045 §10.1.3). */
export function readSettings(
  before: RoomSettings,
  submitted: FormValues,
): { readonly settings: RoomSettings } | { readonly error: StanzaError } {
  let settings = before;
  for (const { name, read } of CONFIG_FIELDS) {
    const values = submitted.get(name);
    const changed = values === undefined ? settings : read(settings, values);
    if (typeof changed === 'string') return { error: refusedField(name, changed) };
    settings = changed;
  }
  const password = settlePassword(before.password, settings.password, submitted);
  return password === undefined ? { error: ROOM_ERRORS.blankPassword } : { settings: { ...settings, password } };
}

/** The settings as the form makes them, with what is no field of it as it is by now. */
export function applySettings(now: RoomSettings, { voices: _, ...settings }: RoomSettings): RoomSettings {
  return now.voices === undefined ? settings : { ...settings, voices: now.voices };
}

/**
 * The password that a room has from now on, empty for none; undefined where one is wanted that is blank (XEP-0045
 * §10.1.3). Where the form doesn't say whether one is wanted, a room that has one goes on to want it, and so does one
 * that is given one.
 */
function settlePassword(before: string, after: string, submitted: FormValues): string | undefined {
  const [said] = submitted.get(PROTECTED) ?? [];
  const isWanted = said === undefined ? before !== '' || after !== '' : readBoolean(said) === true;
  if (!isWanted) return '';
  return after === '' ? undefined : after;
}

function whole(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
