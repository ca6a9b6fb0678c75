import type { Jid } from '../lib/jid.ts';
import { type Journal, JournaledMap } from '../lib/journal.ts';
import { errorElement, type StanzaError } from '../stanza/errors.ts';
import type { Answer, Request } from '../stanza/iq.ts';
import { attribute, childElements, copyOf, type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { ROOM_ERRORS } from './errors.ts';
import { mayPass, type Occupant } from './occupant.ts';
import { mayWritePrivately } from './private-message.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** How long a request waits for its answer, in milliseconds; then whoever asked is told that there is none. */
export const ANSWER_TIMEOUT = 120_000;
/** The most requests that wait for an answer, and the most of one client. */
export const MAX_WAITING = 1024;
export const MAX_WAITING_OF_ONE = 256;
/** The longest id of a request, in characters. */
export const MAX_REQUEST_ID = 256;

/** What a user's server answers in their name, so that it is asked of the bare JID (XEP-0054 §3.3, XEP-0292 §4). */
const OF_ACCOUNT: ReadonlySet<string> = new Set([NS.vcard, NS.vcard4]);

/** Conditions that may hold another address of the recipient (RFC 6120 §8.3.3.5, §8.3.3.14). */
const TELLING: ReadonlySet<string> = new Set(['gone', 'redirect']);

/** A request that has been passed on. */
interface Waiting {
  /** Occupant JID that was asked: the answer comes from there. */
  readonly asked: string;
  /** Full real JID of the client that asked, and the id that it gave. */
  readonly asker: string;
  readonly id: string;
  /** Bare JID of the room, and the real JID that alone may answer. */
  readonly room: string;
  readonly answerer: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

interface OccupantRequest {
  readonly room: Room;
  readonly turn: Turn;
  /** The client that asks. */
  readonly from: Jid;
  readonly sender: Occupant;
  readonly recipient: Occupant;
  readonly stanza: Element;
}

/**
 * Requests of one occupant to another one (XEP-0045 §16.4): passed on from one occupant JID, and their answers back from the
 * other, so that neither side learns a real JID. What waits is gone with the process.
 */
export class OccupantRequests {
  /** By the id that the recipient sees, the oldest first. */
  readonly #waiting: JournaledMap<string, Waiting>;
  /** Greater than any given before, also before a restart as far as the clock knows. */
  #last = 0;

  constructor(journal: Journal) {
    this.#waiting = new JournaledMap(journal);
  }

  /**
   * Passes a request on, or tells why it can't be. Of several clients of the recipient the first is asked. Asking is free; whoever
   * would have somebody do something must be one who may write to them.
   */
  pass({ room, turn, from, sender, recipient, stanza }: OccupantRequest, { type, payload }: Request): Answer {
    const asker = from.toString();
    const id = attribute(stanza, 'id') ?? '';
    if (!mayPass(payload)) return { error: ROOM_ERRORS.requestOfServices };
    if (type === 'set' && sender !== recipient && !mayWritePrivately(room, sender))
      return { error: ROOM_ERRORS.mayNotAskPrivately };
    const [client] = recipient.sessions;
    if (client === undefined) return { error: ROOM_ERRORS.requestNotCarried };
    if (id.length > MAX_REQUEST_ID) return { error: ROOM_ERRORS.tooLong };
    if (this.#isFullFor(asker)) return { error: ROOM_ERRORS.tooManyRequests };
    const answerer = OF_ACCOUNT.has(attribute(payload, 'xmlns') ?? '') ? recipient.jid.bare : client;
    this.#last = Math.max(this.#last + 1, turn.now);
    const passedId = `occupant-${this.#last.toString(36)}`;
    const asked = room.addressOf(recipient.nick);
    const until = turn.now + ANSWER_TIMEOUT;
    this.#waiting.set(passedId, { asked, asker, id, room: room.jid, answerer, until });
    const passed = element('iq', { from: room.addressOf(sender.nick), id: passedId, type }, payload);
    turn.send(passed, answerer);
    return 'later';
  }

  /** Takes an answer back to whoever asked. One that nobody waits for from there is dropped. */
  answer(turn: Turn, from: Jid, to: Jid, stanza: Element): void {
    const id = attribute(stanza, 'id') ?? '';
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || waiting.answerer !== from.toString() || waiting.room !== to.bare) return;
    this.#waiting.delete(id);
    const type = attribute(stanza, 'type');
    const answer = answerTo(waiting, type === 'error' ? 'error' : 'result');
    for (const child of childElements(stanza)) {
      if (mayPass(child)) answer.cnode(child);
      else if (type === 'error' && child.name === 'error') answer.cnode(withoutAddresses(child));
    }
    turn.send(answer, waiting.asker);
  }

  /** Tells those who have waited long enough. */
  handleTimeout(turn: Turn): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.until > turn.now) continue;
      this.#waiting.delete(id);
      turn.send(answerTo(waiting, 'error', ROOM_ERRORS.notAnswered), waiting.asker);
    }
  }

  /** When the oldest has waited long enough, in milliseconds since the epoch. */
  nextTimeout(): number | undefined {
    for (const { until } of this.#waiting.values()) return until;
    return undefined;
  }

  #isFullFor(asker: string): boolean {
    if (this.#waiting.size >= MAX_WAITING) return true;
    let own = 0;
    for (const waiting of this.#waiting.values()) if (waiting.asker === asker) own++;
    return own >= MAX_WAITING_OF_ONE;
  }
}

function answerTo({ asked, id, room }: Waiting, type: 'result' | 'error', error?: StanzaError): Element {
  return element('iq', { from: asked, id, type }, error && errorElement(error, room));
}

/** An error that doesn't tell who has sent it, nor where they are (XEP-0045 §16.4). */
function withoutAddresses(error: Element): Element {
  const copy = copyOf(error);
  delete copy.attrs['by'];
  copy.children = error.children.map((child) =>
    typeof child !== 'string' && TELLING.has(child.name) ? element(child.name, { xmlns: NS.stanzaErrors }) : child,
  );
  return copy;
}
