import type { Kind } from './gist.ts';

/** What becomes of something that doesn't cross as it was said: later, less of it, not at all, or it is turned down. */
export type Verdict = 'held' | 'trimmed' | 'dropped' | 'refused';

/**
 * Everything for which something is held, trimmed, dropped or refused on its way between gateways, with a line that tells
 * the operator.
 */
export const WITHHELD = {
  // Messages that wait.
  'link-down': { verdict: 'held', text: 'the way there is down: kept until it is back, as far as the queue goes' },
  'not-joined': { verdict: 'held', text: 'the node there is not joined at the moment: kept until it is' },
  'join-unanswered': { verdict: 'held', text: 'the node there has yet to answer our join: this follows the answer' },
  'held-for-primary': { verdict: 'held', text: 'shown here once the primary has put it in order and sent it back' },
  'waits-turn': { verdict: 'held', text: 'waits for its turn on the link' },
  'outbox-full': { verdict: 'held', text: 'too much waits for the link: sent from the archive once there is room' },
  // Presence that waits.
  gathered: { verdict: 'held', text: 'presence is gathered, and the last state crosses (coalesce)' },
  congested: { verdict: 'held', text: 'presence waits on the link already: gathered for another window (coalesce)' },
  'told-by-list': { verdict: 'held', text: 'the node there is away: the list of its next join tells of it' },
  'second-presence': { verdict: 'held', text: 'Openfire may mean a join or one user more: the next presence tells' },
  // Less of it.
  payloads: { verdict: 'trimmed', text: 'only what belongs to the conversation crosses' },
  'presence-payloads': { verdict: 'trimmed', text: 'of presence no more crosses than the link lets (presence)' },
  // Presence that never crosses.
  'cancelled-out': { verdict: 'dropped', text: 'came and left within one window (coalesce)' },
  folded: { verdict: 'dropped', text: 'several changes within one window cross as the last (coalesce)' },
  'nothing-new': { verdict: 'dropped', text: 'nothing that crosses the link has changed' },
  'presence-none': { verdict: 'dropped', text: 'the link carries no comings and goings (presence = "none")' },
  'not-known-there': { verdict: 'dropped', text: 'the node there was never told of them' },
  'told-anew': { verdict: 'dropped', text: 'a join tells everything anew: this is part of that' },
  'comes-from-there': { verdict: 'dropped', text: 'they come from the node there now, which knows best' },
  // Messages that never cross.
  'nothing-left': { verdict: 'dropped', text: 'nothing of it belongs to the conversation: it stays here' },
  'queue-messages': { verdict: 'dropped', text: 'more waits than the queue keeps (queue.messages)' },
  'queue-bytes': { verdict: 'dropped', text: 'more waits than the queue keeps (queue.bytes)' },
  'queue-age': { verdict: 'dropped', text: 'it waited longer than the queue keeps (queue.age)' },
  unconfirmed: { verdict: 'dropped', text: 'sent, not confirmed: kept no more in case it was lost (queue)' },
  'away-too-long': {
    verdict: 'dropped',
    text: 'the node there has been away for too long (queue.age): nothing is kept',
  },
  'no-longer-joined': { verdict: 'dropped', text: 'the node there is out of the set: nothing is kept for it' },
  'join-rejected': { verdict: 'dropped', text: 'the node there rejects our join: nothing said here goes there' },
  'left-behind': { verdict: 'dropped', text: 'more than a join brings (history): fmucd fetch there gets it' },
  'openfire-stranger': { verdict: 'dropped', text: 'Openfire takes nothing of somebody who is not in the room' },
  'echo-late': { verdict: 'dropped', text: 'the primary has not sent it back in time: its author is told' },
  // What the link had, and lost.
  overtaken: { verdict: 'dropped', text: 'they have left meanwhile: it never left the link' },
  'out-of-date': { verdict: 'dropped', text: 'it waited for the link, and a join or parting has made it out of date' },
  'lost-with-link': { verdict: 'dropped', text: 'the link went down first: the next join brings what is missing' },
  'not-reachable': { verdict: 'dropped', text: 'the link is down, and nothing keeps this: the next join settles it' },
  // What comes, and has been here, or is too late.
  'own-again': { verdict: 'dropped', text: 'our own has come back to us: a loop ends here' },
  'seen-number': { verdict: 'dropped', text: 'it has been here: known by its number' },
  'seen-id': { verdict: 'dropped', text: 'it has been here: known by the id that it came with' },
  'seen-words': { verdict: 'dropped', text: 'it has been here: known by author, time and words' },
  'held-already': { verdict: 'dropped', text: 'it is held for the primary already' },
  'other-way': { verdict: 'dropped', text: 'its author comes to us by another way, and so does what they say' },
  'before-join': { verdict: 'dropped', text: 'it was sent before our last join or parting was known there' },
  'older-subject': { verdict: 'dropped', text: 'the subject that is here was set later' },
  'same-subject': { verdict: 'dropped', text: 'that is the subject already' },
  'missing-here': { verdict: 'dropped', text: 'left behind there (history): fmucd fetch gets it' },
  gone: { verdict: 'dropped', text: 'asked for, and there is no more of it' },
  // What is turned down, coming.
  unreadable: { verdict: 'refused', text: 'it cannot be read: the connection ends' },
  'too-large': { verdict: 'refused', text: 'it breaks a limit: the connection ends' },
  'wrong-address': { verdict: 'refused', text: 'it is not for us, or not from anybody' },
  'wrong-way': { verdict: 'refused', text: 'that domain does not come this way (domains)' },
  'not-kept': { verdict: 'refused', text: 'the store cannot keep it: its sender is told' },
  'not-federating': { verdict: 'refused', text: 'that room does not federate (federate, accept)' },
  'not-a-node': { verdict: 'refused', text: 'that domain is no gateway to us ([[link]], accept)' },
  'join-refused': { verdict: 'refused', text: 'its join is rejected' },
  'not-understood': { verdict: 'refused', text: 'it says nothing between nodes that can be understood' },
  'not-asked': { verdict: 'refused', text: 'we have not joined the node that answers' },
  'not-a-member': { verdict: 'refused', text: 'the node there has not joined: it is told, and can' },
  'not-trusted': { verdict: 'refused', text: 'that is not its own to say (domains)' },
  'not-its-nick': { verdict: 'refused', text: "that nick is somebody else's here" },
  'nick-taken': { verdict: 'refused', text: 'that nick is taken here: the node there is told' },
  'nick-unfit': { verdict: 'refused', text: 'that nick is missing or too long' },
  'room-full': { verdict: 'refused', text: 'the room is full' },
  'long-subject': { verdict: 'refused', text: 'the subject is too long' },
  retraction: { verdict: 'refused', text: 'it may not retract that message (moderate)' },
  moderation: { verdict: 'refused', text: 'it may not do that here' },
  'private-refused': { verdict: 'refused', text: 'a private message that nobody here can be given' },
  'too-many-held': { verdict: 'refused', text: 'too many wait for the primary already' },
  // What is turned down, going.
  'primary-away': { verdict: 'refused', text: 'the primary is out of reach, and nothing is said without it' },
  'occupant-away': { verdict: 'refused', text: 'whom it is for is out of reach: its author is told' },
  'openfire-private': { verdict: 'refused', text: 'Openfire would show everybody a private message' },
  'refused-there': { verdict: 'refused', text: 'the peer has taken something of ours amiss, and ended the connection' },
} as const satisfies Readonly<Record<string, { readonly verdict: Verdict; readonly text: string }>>;

export type WithheldReason = keyof typeof WITHHELD;

/** What is said of something that is withheld. */
export interface Withheld {
  readonly about: Kind;
  /** Nick of the occupant whose it is; undefined where it is of a node, or nobody knows any more. */
  readonly who?: string | undefined;
  /** `out` where left out. */
  readonly direction?: 'in' | 'out';
  /** How many of them; 1 where left out. */
  readonly count?: number;
  /** Of what is withheld, in UTF-8; 0 where it never became a stanza. */
  readonly bytes?: number;
  /** Names and figures that belong to the reason. */
  readonly detail?: string | undefined;
  readonly xml?: string;
}

/** Something doesn't cross, or not now, or not whole. Told of only while somebody looks on at that way. */
export interface WithheldEffect extends Withheld {
  readonly kind: 'withheld';
  /** Whose link it is; over an ordinary stream, the domain. */
  readonly peer: string;
  /** Ours, bare; null where it is of the gateways alone. */
  readonly room: string | null;
  readonly reason: WithheldReason;
}
