import { sequenceId, sequenceNumber } from '../lib/message-id.ts';
import { delayElement } from '../stanza/delay.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { stanzaIdElement } from '../stanza/stanza-id.ts';
import { attribute, childElements, childText, copyOf, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { serialise } from '../xml/serialise.ts';
import type { Source } from './events.ts';
import { mayPass } from './occupant.ts';
import { occupantIdElement } from './occupant-id.ts';
import type { ArchiveEntry, MessageRecord, Origin } from './records.ts';
import { isReferable, type Remembered, showReferences } from './references.ts';
import { retract, whatIsLeft } from './retraction.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** A message in a room, from wherever it came; there is one path for all of them. */
export interface RoomMessage {
  /** Empty: the room itself. */
  readonly nick: string;
  /** The author's real JID, full where known. */
  readonly author: string;
  readonly source: Source;
  /** Of one that was put in order elsewhere: the node that it had come from on its way there. */
  readonly broughtBy?: Source;
  /** Where it entered the FMUC set. A peer that knows no ids gives none, and what isn't shared has none. */
  readonly origin: Origin | undefined;
  /** An id of another kind that it came with, from a peer that numbers its messages in its own way. */
  readonly foreign?: Origin | undefined;
  /** Milliseconds since the epoch at which it entered the set. */
  readonly stamp: number;
  /** Set where it isn't live: who stamped it. */
  readonly delayedBy?: string | undefined;
  /**
   * A `<message/>` with its id and payloads, without addresses, type, delay or stanza-ids. What refers to another message
   * does so in the form that is the same everywhere (`references.ts`).
   */
  readonly content: Element;
}

/** Payloads without a body that are part of the conversation all the same, and so are kept and carried. */
const LASTING: readonly (readonly [string, string])[] = [
  ['reactions', NS.reactions],
  ['retract', NS.retract],
  ['retracted', NS.retract],
  ['store', NS.hints],
];

/** Payloads that are a message by themselves, without a body. */
const WHOLE: readonly (readonly [string, string])[] = [
  ['reactions', NS.reactions],
  ['retract', NS.retract],
  ['retracted', NS.retract],
  ['encrypted', NS.omemo],
  ['encrypted', NS.omemoLegacy],
  ['openpgp', NS.openPgp],
  ['x', NS.openPgpLegacy],
  ['x', NS.outOfBand],
  ['x', NS.conference],
];

/** Whether a message is kept; what isn't (a chat state, a marker) is of the moment, and local. */
export function isLasting(content: Element): boolean {
  return (
    findChild(content, 'body') !== undefined ||
    LASTING.some(([name, namespace]) => findChild(content, name, namespace) !== undefined)
  );
}

/** Whether a payload is a message by itself, whatever stands beside it. */
export function isWhole(payload: Element): boolean {
  const namespace = attribute(payload, 'xmlns');
  if (namespace === undefined) return payload.name === 'body';
  return WHOLE.some(([name, whole]) => payload.name === name && namespace === whole);
}

/**
 * Whether a message that is kept is part of the conversation that all nodes share, and so gets a number. What is kept
 * only because it asks to be, or refers to what nobody else can find, isn't: no node is to wait for it.
 */
export function isShared(content: Element): boolean {
  return isLasting(content) && childElements(content).some((payload) => isWhole(payload) && isReferable(payload));
}

/** Whether it changes the subject: a subject, and neither body nor thread (XEP-0045 §8.1). */
export function isSubjectChange(stanza: Element): boolean {
  return (
    findChild(stanza, 'subject') !== undefined &&
    findChild(stanza, 'body') === undefined &&
    findChild(stanza, 'thread') === undefined
  );
}

/** What of a message stanza is passed on: its id, language and payloads, but none that only the service may make. */
export function messageContent(stanza: Element): Element {
  const content = element('message', { id: attribute(stanza, 'id'), 'xml:lang': attribute(stanza, 'xml:lang') });
  for (const child of childElements(stanza)) if (mayPass(child)) content.cnode(child);
  return content;
}

/** The origin of a message that enters the set here. Its position is given for good when the turn stands. */
export function newOrigin(room: Room, turn: Turn): Origin {
  turn.journal.set(room, 'lastOriginSeq', room.lastOriginSeq + 1);
  return { by: room.jid, id: sequenceId(room.lastOriginSeq) };
}

/** The identity of a message that gets no number: the stanza-id that those here will see. */
export function unnumbered(room: Room): Origin {
  return { by: room.jid, id: room.stanzaIdOf(room.lastSeq + 1) };
}

/** Keeps a message, gives it to everyone here, and announces it (XEP-0045 §7.4). */
export function deliverMessage(room: Room, turn: Turn, said: RoomMessage): void {
  const message = whatIsLeft(room, turn, said);
  if (!isLasting(message.content)) return turn.send(messageStanza(room, message, undefined), room.sessions());
  const record = toRecord(room, turn, message);
  turn.write({ kind: 'append', message: record, keep: room.keep, neededFrom: room.neededFrom });
  turn.send(messageStanza(room, message, record.seq), room.sessions());
  room.referable.add(record, turn.journal);
  turn.announce({ kind: 'message', room, message, entry: entryOf(record), source: message.source });
  retract(room, turn, message);
}

/** What of a message's record its way to other nodes depends on. */
function entryOf({ seq, origin, via, received, stanza }: MessageRecord): ArchiveEntry {
  return {
    seq,
    received,
    characters: stanza.length,
    ...(origin === undefined ? {} : { origin }),
    ...(via === undefined ? {} : { via }),
  };
}

/** A message as occupants here get it; `seq` is its place in the archive, undefined where it isn't kept. */
export function messageStanza(
  room: Room,
  message: RoomMessage,
  seq: number | undefined,
  remembered?: Remembered,
): Element {
  const stanza = copyOf(showReferences(room, message, remembered));
  stanza.attrs['from'] = room.addressOf(message.nick);
  stanza.attrs['type'] = 'groupchat';
  if (seq !== undefined) stanza.cnode(stanzaIdElement({ by: room.jid, id: room.stanzaIdOf(seq) }));
  if (message.nick !== '') stanza.cnode(occupantIdElement(room, message.author, message.source));
  if (message.delayedBy !== undefined) stanza.cnode(delayElement({ from: message.delayedBy, stamp: message.stamp }));
  return stanza;
}

function toRecord(room: Room, turn: Turn, message: RoomMessage): MessageRecord {
  turn.journal.set(room, 'lastSeq', room.lastSeq + 1);
  const { origin, foreign } = message;
  const originSeq = origin?.by === room.jid ? sequenceNumber(origin) : undefined;
  return {
    room: room.jid,
    seq: room.lastSeq,
    ...(origin === undefined ? {} : { origin }),
    ...(foreign === undefined ? {} : { foreign }),
    ...(originSeq === undefined ? {} : { originSeq }),
    nick: message.nick,
    author: message.author,
    stamp: message.stamp,
    received: turn.now,
    ...(message.source === undefined ? {} : { via: message.source }),
    ...(room.settings.logged ? {} : { unlogged: true }),
    stanza: serialise(message.content),
  };
}

/** The text of a message, empty where it has none. */
export function bodyOf(content: Element): string {
  return childText(content, 'body') ?? '';
}

/** Whether a message of an occupant here is put in order here (`here`), or elsewhere (`taken`), or can't be. */
export function orderOf(room: Room, turn: Turn, message: RoomMessage): 'here' | 'taken' | StanzaError {
  return room.elsewhere?.order(turn, message) ?? 'here';
}
