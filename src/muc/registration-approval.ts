import { Jid } from '../lib/jid.ts';
import { type FormField, type FormValues, formElement, readBoolean, type Submission } from '../stanza/data-form.ts';
import { errorReply, type StanzaError } from '../stanza/errors.ts';
import { type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { affiliationOf } from './affiliation.ts';
import { tellAbsent } from './affiliation-notice.ts';
import { enrol } from './enrol.ts';
import { ROOM_ERRORS } from './errors.ts';
import { isFreeFor } from './reserved-nick.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** What somebody fills in who registers with a room. */
export interface Particulars {
  /** As it is prepared. */
  readonly nick: string;
  /** By field of the form. */
  readonly details: FormValues;
}

/** The fields of the form (XEP-0045 §15.5.1). */
export const REGISTRATION_FIELDS: readonly FormField[] = [
  { name: 'muc#register_first', type: 'text-single', label: 'Given Name', value: [] },
  { name: 'muc#register_last', type: 'text-single', label: 'Family Name', value: [] },
  { name: 'muc#register_roomnick', type: 'text-single', label: 'Desired Nickname', value: [], required: true },
  { name: 'muc#register_url', type: 'text-single', label: 'A Web Page', value: [] },
  { name: 'muc#register_email', type: 'text-single', label: 'Email Address', value: [] },
  { name: 'muc#register_faqentry', type: 'text-multi', label: 'FAQ Entry', value: [] },
];

/** The field that says who asks, named as in a request for voice: XEP-0045's example of the form leaves it out. */
const ASKER = 'muc#jid';

/**
 * Asks the admins who are here whether somebody may register (XEP-0045 §9.9). One request a person: what was refused or
 * taken back isn't asked again until it is forgotten.
 */
export function requestApproval(room: Room, turn: Turn, from: Jid, asked: Particulars): StanzaError | undefined {
  const { registrations } = room.pending;
  const { nick, details } = asked;
  if (registrations.get(from.bare, turn.now) !== undefined) return ROOM_ERRORS.askedAlready;
  const isSought = registrations.latest(turn.now).some(([, other]) => other.isOpen && other.nick === nick);
  if (isSought || !isFreeFor(room, from.bare, nick)) return ROOM_ERRORS.nickReserved;
  const admins = room.occupantsOf(undefined).filter(({ jid }) => mayApprove(room, jid));
  if (admins.length === 0) return ROOM_ERRORS.nobodyToApprove;
  registrations.set(from.bare, { nick, isOpen: true }, turn.now);
  const form = formElement(
    'form',
    NS.mucRegister,
    'Registration request',
    [
      { name: ASKER, type: 'jid-single', label: 'User ID', value: from.bare },
      ...REGISTRATION_FIELDS.map(({ name, type, label = '' }) => ({
        name,
        type,
        label,
        value: name === 'muc#register_roomnick' ? nick : (details.get(name) ?? []),
      })),
      {
        name: 'muc#register_allow',
        type: 'boolean',
        label: 'Allow this person to register with the room?',
        value: '0',
      },
    ],
    `${from.bare} asks to become a member. To approve, check "Allow this person to register with the room?" and submit ` +
      'the form. To skip it, cancel.',
  );
  turn.send(
    element('message', { from: room.jid }, form),
    admins.flatMap(({ sessions }) => sessions),
  );
  return undefined;
}

/** An admin answers such a request (XEP-0045 §9.9). Whoever has asked is known by JID and nick together. */
export function answerRegistration(
  room: Room,
  turn: Turn,
  from: Jid,
  stanza: Element,
  { values }: Extract<Submission, { readonly kind: 'submit' }>,
): void {
  const refuse = (error: StanzaError) => turn.deliver(errorReply(stanza, error, room.jid));
  if (!mayApprove(room, from)) return refuse(ROOM_ERRORS.notAdmin);
  const allowed = readBoolean(values.get('muc#register_allow') ?? '0');
  if (allowed === undefined) return refuse(ROOM_ERRORS.malformedForm);
  const asker = Jid.tryParse(values.get(ASKER))?.bare ?? '';
  const request = room.pending.registrations.get(asker, turn.now);
  if (request?.isOpen !== true || request.nick !== values.get('muc#register_roomnick'))
    return refuse(ROOM_ERRORS.noSuchRegistration);
  if (!allowed) return room.pending.registrations.set(asker, { ...request, isOpen: false }, turn.now);
  if (affiliationOf(room, asker) === 'outcast') return refuse(ROOM_ERRORS.inviteeBanned);
  const error = enrol(room, turn, asker, request.nick);
  if (error !== undefined) return refuse(error);
  room.pending.registrations.delete(asker);
  tellMember(room, turn, asker);
}

function mayApprove(room: Room, { bare }: Jid): boolean {
  const affiliation = affiliationOf(room, bare);
  return affiliation === 'owner' || affiliation === 'admin';
}

/** Whoever has become a member and isn't here hears of it (XEP-0045 §17.1, status 101). */
function tellMember(room: Room, turn: Turn, bare: string): void {
  if (room.occupantsOf(undefined).some(({ jid }) => jid.bare === bare)) return;
  tellAbsent(room, turn, bare, 'member');
}
