import { NS } from '../xml/names.ts';
import { StreamError } from '../xml/stream-errors.ts';
import type { KeptSession, SessionRecord, SessionWrite, UnacknowledgedStanza } from './session-record.ts';

/** Stanzas that wait for their acknowledgement, and their characters: from either on no more are to be sent. */
export const MAX_UNACKNOWLEDGED = 1000;
export const MAX_UNACKNOWLEDGED_CHARACTERS = 1_048_576;
/** Stanzas after which their acknowledgement is asked for. An `<r/>` and its `<a/>` are as long as a short message. */
export const ACK_AFTER_STANZAS = 25;
/** Milliseconds after which it is asked for that of fewer. */
export const ACK_AFTER = 2000;
/** Milliseconds that a request may stay unanswered. */
export const ACK_TIMEOUT = 60_000;
/** Milliseconds for which a stanza waits in memory alone. Longer than ACK_AFTER, so that where all is well nothing is written. */
export const KEEP_AFTER = 5000;

/** Counts go from 0 to 2^32 - 1, and to 0 again (§4). */
const COUNTS = 2 ** 32;

type Identity = Pick<SessionRecord, 'domain' | 'id' | 'until'>;

/**
 * One side of a session of stream management (XEP-0198): what was sent and isn't acknowledged, what was handled, when to ask,
 * and what of it is to outlive the process. Times are milliseconds since the epoch.
 *
 * A session is in the store only while stanzas are that have waited long. As long as it is, every count of handled stanzas
 * is given at once, to be durable with what they led to: a peer that is told fewer than it has heard of doesn't resume.
 */
export class StreamManagement {
  /** In the order of sending, which is that of the numbers. */
  #waiting: UnacknowledgedStanza[] = [];
  #characters = 0;
  #acknowledged = 0;
  #sent = 0;
  #handled = 0;
  /** The last so many of those that wait have come after the last request. */
  #unrequested = 0;
  /** When the oldest request was made that isn't answered, or when a later answer came that left some open. */
  #asked: number | undefined;
  #identity: Identity | undefined;
  /** As the store has it. */
  #stored: SessionRecord | undefined;
  /** The first so many of those that wait are in the store. */
  #kept = 0;
  /** The last of those that are in the store and have been acknowledged, and when the first of them was. */
  #spare: { readonly upTo: number; readonly since: number } | undefined;
  /** What the store has bears other numbers than the session by now. */
  #isRenumbered = false;
  /** More may have been sent than is known. */
  #isRestored = false;

  /** A session as the store has kept it, to be resumed. */
  static restore({ stanzas, ...record }: KeptSession): StreamManagement {
    const restored = new StreamManagement();
    restored.#waiting = [...stanzas];
    restored.#characters = stanzas.reduce((sum, { xml }) => sum + xml.length, 0);
    restored.#acknowledged = record.acknowledged;
    restored.#sent = stanzas.at(-1)?.number ?? record.acknowledged;
    restored.#handled = record.handled;
    restored.#identity = record;
    restored.#stored = record;
    restored.#kept = stanzas.length;
    restored.#isRestored = true;
    return restored;
  }

  /** What was sent and isn't acknowledged, oldest first. */
  get unacknowledged(): Iterable<UnacknowledgedStanza> {
    return this.#waiting;
  }

  /** How many stanzas that is. */
  get size(): number {
    return this.#waiting.length;
  }

  get characters(): number {
    return this.#characters;
  }

  /** Whether nothing more is to be sent before something is acknowledged. */
  get isFull(): boolean {
    return this.size >= MAX_UNACKNOWLEDGED || this.#characters >= MAX_UNACKNOWLEDGED_CHARACTERS;
  }

  /** How many stanzas of the peer have been handled: what an `<a/>`, `<resume/>` or `<resumed/>` says. */
  get h(): number {
    return this.#handled;
  }

  /** A stanza of the peer has been handled. */
  handled(): void {
    this.#handled = (this.#handled + 1) % COUNTS;
  }

  /** A stanza leaves, or will once the session is resumed. Only while it isn't full. */
  sent(xml: string, now: number): void {
    this.#sent = (this.#sent + 1) % COUNTS;
    this.#waiting.push({ number: this.#sent, xml, since: now });
    this.#characters += xml.length;
    this.#unrequested += 1;
  }

  /**
   * The peer has handled that many; gives how many of ours it acknowledges thereby. Throws StreamError for more than were
   * sent (§6), or fewer than it said before.
   */
  acknowledge(h: number, now: number): number {
    const count = distance(this.#acknowledged, h);
    if (count > distance(this.#acknowledged, this.#sent))
      throw new StreamError(
        'undefined-condition',
        `h is ${h}: what may be acknowledged is ${this.#acknowledged} to ${this.#sent}`,
        { name: 'handled-count-too-high', namespace: NS.sm },
      );
    const acknowledged = this.#waiting.filter(({ number }) => distance(this.#acknowledged, number) <= count);
    this.#remove(acknowledged, now);
    this.#acknowledged = h;
    if (this.#asked !== undefined) this.#asked = this.size > this.#unrequested ? now : undefined;
    this.#unrequested = Math.min(this.#unrequested, this.size);
    return acknowledged.length;
  }

  /** When `requestDue` will be true, 0 where it is; undefined where there is nothing to ask for. */
  nextRequest(): number | undefined {
    const oldest = this.#waiting[this.size - this.#unrequested];
    if (oldest === undefined) return undefined;
    return this.#unrequested >= ACK_AFTER_STANZAS || this.isFull ? 0 : oldest.since + ACK_AFTER;
  }

  /** Whether acknowledgements are to be asked for now. */
  requestDue(now: number): boolean {
    return now >= (this.nextRequest() ?? Number.POSITIVE_INFINITY);
  }

  /** They have been asked for. */
  requested(now: number): void {
    this.#unrequested = 0;
    this.#asked ??= now;
  }

  /** When the stream counts as dead unless an acknowledgement comes. Without meaning while there is no stream. */
  get deadline(): number | undefined {
    return this.#asked === undefined ? undefined : this.#asked + ACK_TIMEOUT;
  }

  /**
   * The session goes on, on another stream, where the peer has handled that many (§5): gives what is to be sent again, in
   * order. Throws StreamError as `acknowledge` does, but knows that one which was restored may have sent more.
   */
  resume(h: number, now: number): UnacknowledgedStanza[] {
    if (this.#isRestored && isAhead(this.#sent, h)) this.#sent = h;
    this.#isRestored = false;
    this.acknowledge(h, now);
    const waiting = this.#waiting.map((stanza, index) => ({ ...stanza, number: (h + 1 + index) % COUNTS }));
    this.#isRenumbered ||= waiting.some(({ number }, index) => number !== this.#waiting[index]?.number);
    this.#waiting = waiting;
    this.#sent = (h + waiting.length) % COUNTS;
    this.#unrequested = this.size;
    this.#asked = undefined;
    return [...waiting];
  }

  /**
   * The session doesn't go on, and the peer has handled that many, if it says so: gives what it hasn't had, as far as is
   * known. Nothing is under way any more. Throws StreamError as `resume` does.
   */
  abandon(h: number | undefined, now: number): UnacknowledgedStanza[] {
    if (h !== undefined) this.resume(h, now);
    this.#characters = 0;
    return this.#waiting.splice(0);
  }

  /**
   * The session may be resumed under that id until then, and is kept from now on where it has to be. Gives its record as it
   * is now.
   */
  record(domain: string, id: string, until: number): SessionRecord {
    this.#identity = { domain, id, until };
    return this.#record(this.#identity);
  }

  /**
   * What is to be written now, and hasn't been given before. With a `now` of infinity every stanza is, as is right when the
   * stream is lost. Nothing of a session without record.
   */
  toKeep(now: number): SessionWrite[] {
    const identity = this.#identity;
    if (identity === undefined || now < (this.nextKeep() ?? Number.POSITIVE_INFINITY)) return [];
    const { domain } = identity;
    const writes: SessionWrite[] = [];
    const before = this.#kept;
    if (this.#isRenumbered) {
      writes.push({ kind: 'drop-session', domain });
      this.#forgetStored();
    }
    const young = this.#waiting.findIndex(({ since }, index) => index >= before && since + KEEP_AFTER > now);
    const stanzas = this.#waiting.slice(this.#kept, young === -1 ? this.size : young);
    this.#kept += stanzas.length;
    if (this.#kept === 0) {
      if (this.#stored !== undefined) writes.push({ kind: 'drop-session', domain });
      this.#forgetStored();
      return writes;
    }
    const record = this.#record(identity);
    if (this.#isOutdated(identity) || this.#stored?.acknowledged !== this.#acknowledged)
      writes.push({ kind: 'session', record });
    if (this.#spare !== undefined) writes.push({ kind: 'acknowledged', domain, upTo: this.#spare.upTo });
    if (stanzas.length > 0) writes.push({ kind: 'unacknowledged', domain, stanzas });
    this.#stored = record;
    this.#spare = undefined;
    return writes;
  }

  /** When `toKeep` will give something, 0 where it does; undefined where nothing is waited for. */
  nextKeep(): number | undefined {
    if (this.#identity === undefined) return undefined;
    if (this.#isRenumbered || this.#isOutdated(this.#identity)) return 0;
    const oldest = [this.#waiting[this.#kept]?.since, this.#spare?.since].filter((since) => since !== undefined);
    return oldest.length === 0 ? undefined : Math.min(...oldest) + KEEP_AFTER;
  }

  /** Whether the store has what can't be resumed with. */
  #isOutdated({ id, until }: Identity): boolean {
    const stored = this.#stored;
    return stored !== undefined && (stored.handled !== this.#handled || stored.id !== id || stored.until !== until);
  }

  #record(identity: Identity): SessionRecord {
    return { ...identity, acknowledged: this.#acknowledged, handled: this.#handled };
  }

  #remove(acknowledged: readonly UnacknowledgedStanza[], now: number): void {
    const spare = acknowledged.slice(0, this.#kept);
    const last = spare.at(-1);
    if (last !== undefined) this.#spare = { upTo: last.number, since: this.#spare?.since ?? now };
    this.#kept -= spare.length;
    this.#waiting.splice(0, acknowledged.length);
    for (const { xml } of acknowledged) this.#characters -= xml.length;
  }

  #forgetStored(): void {
    this.#stored = undefined;
    this.#spare = undefined;
    this.#kept = 0;
    this.#isRenumbered = false;
  }
}

/** How many steps from one count to the other. */
function distance(from: number, to: number): number {
  return (to - from + COUNTS) % COUNTS;
}

/** Whether the other count comes after, by less than half of all. */
function isAhead(from: number, to: number): boolean {
  return distance(from, to) > 0 && distance(from, to) < COUNTS / 2;
}
