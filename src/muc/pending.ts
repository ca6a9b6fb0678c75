import type { Journal } from '../lib/journal.ts';
import { Remembered } from '../lib/remembered.ts';

/** The most invitations of one room that may still be declined. */
export const MAX_PENDING_INVITATIONS = 100;
/** How long one may be, in milliseconds. */
export const INVITATION_LIFETIME = 7 * 86_400_000;
/** The most people of one room who have asked for voice lately. */
export const MAX_VOICE_REQUESTS = 100;
/** How long one of them has to wait before asking again, in milliseconds. */
export const VOICE_REQUEST_INTERVAL = 60_000;
/** The most people of one room who have sought membership lately. */
export const MAX_PENDING_REGISTRATIONS = 50;
/** How long one of them waits for an admin, and can't ask again, in milliseconds. */
export const REGISTRATION_LIFETIME = 86_400_000;

/** Somebody has been invited by an occupant here (XEP-0045 §7.8.2). */
export interface Invitation {
  /** Bare JID. */
  readonly invitee: string;
  /** Full JID of the client that has invited. */
  readonly inviter: string;
  /** The inviter's address as the invitee was told it. */
  readonly shown: string;
  /** Of the stanza that has invited. */
  readonly id: string | undefined;
}

/** Somebody seeks to become a member under that nick (XEP-0045 §9.9). */
export interface RegistrationRequest {
  readonly nick: string;
  /** It waits for an admin; else it has been refused or taken back. */
  readonly isOpen: boolean;
}

/** What a room has passed on and expects an answer to. It is in memory alone: after a restart it is to be asked anew. */
export class Pending {
  /** By bare JIDs of invitee and inviter. */
  readonly invitations: Remembered<Invitation>;
  /** By bare JID, since when they have to wait. */
  readonly voiceRequests: Remembered<number>;
  /** By bare JID. */
  readonly registrations: Remembered<RegistrationRequest>;

  constructor(journal: Journal) {
    this.invitations = new Remembered(journal, MAX_PENDING_INVITATIONS, INVITATION_LIFETIME);
    this.voiceRequests = new Remembered(journal, MAX_VOICE_REQUESTS, VOICE_REQUEST_INTERVAL);
    this.registrations = new Remembered(journal, MAX_PENDING_REGISTRATIONS, REGISTRATION_LIFETIME);
  }
}
