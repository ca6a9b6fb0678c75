import type { Jid } from '../lib/jid.ts';
import { readSubmission } from '../stanza/data-form.ts';
import { findDecline, findInvites } from '../stanza/invitation.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { handleDecline } from './decline.ts';
import { handleInvites } from './invitation.ts';
import { answerRegistration } from './registration-approval.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';
import { handleVoiceForm } from './voice-request.ts';

/**
 * Takes a message to the room itself that isn't for everyone in it to what it is about: an invitation, a decline, or a
 * form (XEP-0045 §7.8.2, §7.13, §8.6, §9.9). Answers whether it was any of these.
 */
export function handleRoomMessage(room: Room, turn: Turn, from: Jid, stanza: Element): boolean {
  if (findInvites(stanza).length > 0) handleInvites(room, turn, from, stanza);
  else if (findDecline(stanza) !== undefined) handleDecline(room, turn, from, stanza);
  else return handleForm(room, turn, from, stanza);
  return true;
}

function handleForm(room: Room, turn: Turn, from: Jid, stanza: Element): boolean {
  const submission = readSubmission(stanza);
  // What was asked of a moderator or an admin goes without an answer.
  if (submission?.kind === 'cancel') return room.bySession(from.toString()) !== undefined;
  if (submission?.formType === NS.mucRequest) handleVoiceForm(room, turn, from, stanza, submission);
  else if (submission?.formType === NS.mucRegister) answerRegistration(room, turn, from, stanza, submission);
  else return false;
  return true;
}
