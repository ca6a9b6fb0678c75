import { Jid } from '../lib/jid.ts';
import { formElement, readBoolean, type Submission } from '../stanza/data-form.ts';
import { errorReply, type StanzaError } from '../stanza/errors.ts';
import { type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { associate } from './admin.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

type Submitted = Extract<Submission, { readonly kind: 'submit' }>;

interface VoiceForm {
  readonly room: Room;
  readonly turn: Turn;
  readonly from: Jid;
  readonly sender: Occupant;
  readonly values: Submitted['values'];
}

/** A form of type muc#request: a visitor here asks for voice, or a moderator answers (XEP-0045 §7.13, §8.6). */
export function handleVoiceForm(room: Room, turn: Turn, from: Jid, stanza: Element, { values }: Submitted): void {
  const sender = room.bySession(from.toString());
  const names = values.has('muc#jid') || values.has('muc#roomnick');
  const isAnswer = values.has('muc#request_allow') || (names && sender?.role === 'moderator');
  const error =
    sender === undefined
      ? ROOM_ERRORS.notOccupant
      : isAnswer
        ? answer({ room, turn, from, sender, values })
        : request({ room, turn, from, sender, values });
  if (error !== undefined) turn.deliver(errorReply(stanza, error, room.jid));
}

/** Passes a request on to the moderators who are here; others can't know who asks. */
function request({ room, turn, from, sender, values }: VoiceForm): StanzaError | undefined {
  if (values.get('muc#role') !== 'participant') return ROOM_ERRORS.malformedVoiceRequest;
  if (sender.role !== 'visitor') return ROOM_ERRORS.hasVoice;
  if (room.pending.voiceRequests.get(from.bare, turn.now) !== undefined) return ROOM_ERRORS.askedAlready;
  const moderators = room.occupantsOf(undefined).filter(({ role }) => role === 'moderator');
  if (moderators.length === 0) return ROOM_ERRORS.nobodyToGiveVoice;
  room.pending.voiceRequests.set(from.bare, turn.now, turn.now);
  const form = formElement(
    'form',
    NS.mucRequest,
    'Voice request',
    [
      {
        name: 'muc#role',
        type: 'list-single',
        label: 'Requested role',
        value: 'participant',
        options: { participant: 'Participant' },
      },
      { name: 'muc#jid', type: 'jid-single', label: 'User ID', value: from.toString() },
      { name: 'muc#roomnick', type: 'text-single', label: 'Room Nickname', value: sender.nick },
      { name: 'muc#request_allow', type: 'boolean', label: 'Grant voice to this person?', value: 'false' },
    ],
    'To approve this request for voice, check "Grant voice to this person?" and submit the form. To skip it, cancel.',
  );
  turn.send(
    element('message', { from: room.jid }, form),
    moderators.flatMap(({ sessions }) => sessions),
  );
  return undefined;
}

/**
 * Gives voice to whom a moderator's form names, as any moderator may do without being asked (XEP-0045 §8.3), and no other
 * role, whatever the form says. Whoever has voice by now keeps the role that they have.
 */
function answer({ room, turn, from, sender, values }: VoiceForm): StanzaError | undefined {
  if (sender.role !== 'moderator') return ROOM_ERRORS.notModerator;
  const allowed = readBoolean(values.get('muc#request_allow') ?? '0');
  if (allowed === undefined || (values.get('muc#role') ?? 'participant') !== 'participant')
    return ROOM_ERRORS.malformedVoiceRequest;
  if (!allowed) return undefined;
  const asker = askerOf(room, values);
  if (asker === undefined) return ROOM_ERRORS.noSuchOccupant;
  if (asker.role !== 'visitor') return undefined;
  const item = element('item', { nick: asker.nick, role: 'participant' });
  const query = element('query', { xmlns: NS.mucAdmin }, item);
  return associate(room, turn, from, query, () => undefined)?.error;
}

/** Who has asked: known by the JID, and by the nick alone where the form has none. They may have another nick by now. */
function askerOf(room: Room, values: Submitted['values']): Occupant | undefined {
  const named = values.get('muc#jid');
  if (named === undefined) return room.occupants.get(values.get('muc#roomnick') ?? '');
  const jid = Jid.tryParse(named)?.toString();
  if (jid === undefined) return undefined;
  return room.bySession(jid) ?? [...room.occupants.values()].find((occupant) => occupant.jid.toString() === jid);
}
