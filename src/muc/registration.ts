import { Jid } from '../lib/jid.ts';
import { formElement, readFields, readSubmission } from '../stanza/data-form.ts';
import { discoNodeElement } from '../stanza/disco.ts';
import type { StanzaError } from '../stanza/errors.ts';
import type { Answer } from '../stanza/iq.ts';
import { childElements, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { affiliationOf, setAffiliation } from './affiliation.ts';
import { isNotThereFor } from './discretion.ts';
import { enforceAffiliations } from './enforce.ts';
import { enrol } from './enrol.ts';
import { ROOM_ERRORS } from './errors.ts';
import { MAX_FIELD_LENGTH } from './form-field.ts';
import { MAX_NICK_LENGTH } from './nick.ts';
import { type Particulars, REGISTRATION_FIELDS, requestApproval } from './registration-approval.ts';
import { reservedNick, reserveNick } from './reserved-nick.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** Well-known node of service discovery (XEP-0045 §7.12). */
export const ROOMUSER_ITEM = 'x-roomuser-item';

/** Tells a user the nick that is reserved for them, if any (XEP-0045 §7.12). */
export function discoverNick(room: Room, from: Jid): Answer {
  if (isNotThereFor(room, from)) return { error: ROOM_ERRORS.noSuchRoom };
  const nick = reservedNick(room, from.bare);
  const identity =
    nick === undefined ? undefined : element('identity', { category: 'conference', name: nick, type: 'text' });
  return { result: discoNodeElement(ROOMUSER_ITEM, identity) };
}

/** Tells a user what registering with the room takes, or that they have registered (XEP-0045 §7.10). */
export function registrationForm(room: Room, from: Jid): Answer {
  const refusal = refusalOf(room, from);
  if (refusal !== undefined) return { error: refusal };
  const query = element('query', { xmlns: NS.register });
  const nick = reservedNick(room, from.bare);
  if (nick !== undefined) {
    query.cnode(element('registered'));
    query.cnode(element('username', {}, nick));
    return { result: query };
  }
  const asksMore = needsApproval(room, from);
  const instructions = asksMore
    ? 'Choose the nickname that is to be yours in this room. Its admins see what you fill in, and decide.'
    : 'Choose the nickname that is to be yours in this room.';
  query.cnode(element('instructions', {}, instructions));
  query.cnode(
    formElement(
      'form',
      NS.mucRegister,
      `Registration with ${room.jid}`,
      REGISTRATION_FIELDS.filter(({ required }) => asksMore || required === true),
      instructions,
    ),
  );
  return { result: query };
}

/** A user registers with the room, or is registered no more (XEP-0045 §7.10, XEP-0077 §3.2). */
export function register(room: Room, turn: Turn, from: Jid, query: Element): Answer {
  const refusal = refusalOf(room, from);
  if (refusal !== undefined) return { error: refusal };
  if (findChild(query, 'remove') !== undefined) return unregister(room, turn, from, query);
  const submission = readSubmission(query);
  if (submission?.kind === 'cancel') return { result: undefined };
  const form = findChild(query, 'x', NS.dataForms);
  if (form === undefined || submission?.formType !== NS.mucRegister)
    return { error: ROOM_ERRORS.malformedRegistration };
  const particulars = readParticulars(room, form);
  if ('condition' in particulars) return { error: particulars };
  const error = needsApproval(room, from)
    ? requestApproval(room, turn, from, particulars)
    : enrol(room, turn, from.bare, particulars.nick);
  return error === undefined ? { result: undefined } : { error };
}

function refusalOf(room: Room, from: Jid): StanzaError | undefined {
  if (isNotThereFor(room, from)) return ROOM_ERRORS.noSuchRoom;
  return affiliationOf(room, from.bare) === 'outcast' ? ROOM_ERRORS.mayNotRegister : undefined;
}

/**
 * Membership brings voice into a moderated room, and opens one for members alone: there an admin is to decide. Whoever
 * has an affiliation already only gets a nick.
 */
function needsApproval(room: Room, from: Jid): boolean {
  return (room.settings.membersOnly || room.settings.moderated) && affiliationOf(room, from.bare) === 'none';
}

function readParticulars(room: Room, form: Element): Particulars | StanzaError {
  const { values: details } = readFields(form);
  for (const { name } of REGISTRATION_FIELDS)
    if ((details.get(name)?.join('\n').length ?? 0) > MAX_FIELD_LENGTH) return ROOM_ERRORS.tooLong;
  const [wanted = ''] = details.get('muc#register_roomnick') ?? [];
  if (wanted === '') return ROOM_ERRORS.nickMissing;
  if (wanted.length > MAX_NICK_LENGTH) return ROOM_ERRORS.tooLong;
  const nick = Jid.tryParse(`${room.jid}/${wanted}`)?.resource;
  // A nick must be seen (XEP-0045 §16.1).
  if (nick === undefined || nick.trim() === '') return ROOM_ERRORS.malformedNick;
  return { nick, details };
}

/** A member is none any more; an admin or owner stays one, without a nick. What waits for an admin waits no more. */
function unregister(room: Room, turn: Turn, from: Jid, query: Element): Answer {
  if (childElements(query).length > 1) return { error: ROOM_ERRORS.malformedRegistration };
  const entry = room.affiliations.get(from.bare);
  const request = room.pending.registrations.get(from.bare, turn.now);
  if (entry?.affiliation !== 'member' && entry?.nick === undefined && request?.isOpen !== true)
    return { error: ROOM_ERRORS.notRegistered };
  if (request !== undefined) room.pending.registrations.set(from.bare, { ...request, isOpen: false }, turn.now);
  if (entry === undefined) return { result: undefined };
  if (entry.affiliation === 'member') setAffiliation(room, from.bare, 'none', undefined);
  else reserveNick(room, from.bare, undefined);
  room.save(turn);
  enforceAffiliations(room, turn, {});
  return { result: undefined };
}
