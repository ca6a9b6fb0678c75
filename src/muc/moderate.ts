import type { Jid } from '../lib/jid.ts';
import { messageId } from '../lib/message-id.ts';
import { ERRORS, errorReply } from '../stanza/errors.ts';
import { type Answer, resultOf } from '../stanza/iq.ts';
import { attribute, childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { parseElement } from '../xml/parse.ts';
import { ROOM_ERRORS } from './errors.ts';
import { deliverMessage, newOrigin, orderOf, type RoomMessage } from './message.ts';
import { occupantIdElement } from './occupant-id.ts';
import type { MessageRecord } from './records.ts';
import { bury } from './retraction.ts';
import type { Room } from './room.ts';
import type { Found } from './search.ts';
import { isTombstone } from './tombstone.ts';
import type { Turn } from './turn.ts';

/** The longest reason, in characters. */
export const MAX_REASON_LENGTH = 1024;

/** A moderator wants a message retracted, which is looked up. */
export interface ModerationRequest {
  readonly kind: 'moderate';
  readonly room: string;
  readonly iq: Element;
  /** Who does it: occupant JID and occupant id. */
  readonly moderated: Element;
  readonly reason: string | undefined;
}

/** A user asks that somebody's message be retracted (XEP-0425 §3). */
export function moderate(room: Room, turn: Turn, from: Jid, iq: Element, payload: Element): Answer {
  const moderator = room.bySession(from.toString());
  if (moderator === undefined) return { error: ROOM_ERRORS.notOccupant };
  if (moderator.role !== 'moderator') return { error: ROOM_ERRORS.mayNotModerate };
  const id = attribute(payload, 'id');
  const reason = childText(payload, 'reason');
  if (id === undefined || findChild(payload, 'retract', NS.retract) === undefined) return { error: ERRORS.badRequest };
  if ((reason?.length ?? 0) > MAX_REASON_LENGTH) return { error: ROOM_ERRORS.tooLong };
  const seq = room.positionOf(id);
  if (seq === undefined) return { error: ROOM_ERRORS.noSuchMessage };
  const moderated = element(
    'moderated',
    { xmlns: NS.moderate, by: room.addressOf(moderator.nick) },
    occupantIdElement(room, moderator.jid.toString(), undefined),
  );
  turn.search(
    { kind: 'recall', room: room.jid, seqs: [seq], origins: [], rows: 1 },
    { kind: 'moderate', room: room.jid, iq, moderated, reason },
  );
  return 'later';
}

/** The message has been looked up: it is retracted, and everyone is told; once is enough. */
export function moderateFound(room: Room, turn: Turn, request: ModerationRequest, { messages }: Found): void {
  const { iq } = request;
  const [record] = messages;
  if (record === undefined) return turn.deliver(errorReply(iq, ROOM_ERRORS.noSuchMessage, room.jid));
  if (!isTombstone(parseElement(record.stanza))) {
    room.referable.recall([record], turn.journal);
    const message = moderation(room, turn, request, record);
    const order = orderOf(room, turn, message);
    if (order !== 'here' && order !== 'taken') return turn.deliver(errorReply(iq, order, room.jid));
    if (order === 'here') deliverMessage(room, turn, message);
    // What has no number is called by nothing that `retract` would know.
    if (room.referable.at(record.seq) === undefined)
      bury(room, turn, record.seq, attribute(parseElement(record.stanza), 'id') ?? '', message);
  }
  turn.deliver(resultOf(iq));
}

/** What the room says of it, with an id of its own (XEP-0425 §3.1). */
function moderation(
  room: Room,
  turn: Turn,
  { moderated, reason }: ModerationRequest,
  record: MessageRecord,
): RoomMessage {
  const found = room.referable.at(record.seq);
  const origin = newOrigin(room, turn);
  const payload = element(
    'retract',
    { xmlns: NS.retract, id: found === undefined ? room.stanzaIdOf(record.seq) : messageId(found.origin) },
    moderated,
    reason === undefined ? undefined : element('reason', {}, reason),
  );
  const content = element('message', { id: messageId(origin) }, payload);
  return { nick: '', author: room.jid, source: undefined, origin, stamp: turn.now, content };
}
