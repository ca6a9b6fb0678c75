import type { WithheldEffect } from '../stanza/withheld.ts';
import { Outbox, type OutboxBounds } from './outbox.ts';
import type { Outgoing } from './outgoing.ts';
import { Pace } from './pace.ts';
import { withheldStanza } from './withheld-stanza.ts';

/** What is to cross a link, or what of it is out of date: all that waits for a node. */
export type Posting = Outgoing | { readonly discard: string };

/** Stanzas for a link. They are given to it once whatever they follow from is durable. */
export interface PostEffect {
  readonly kind: 'post';
  readonly peer: string;
  readonly postings: readonly Posting[];
  /** More follows in an instant, and is to leave together with these. */
  readonly isMoreToCome?: boolean;
}

/** There is room again for what wasn't taken: by node, from which position in the archive on, where that is known. */
export interface DrainedEffect {
  readonly kind: 'link-drained';
  readonly peer: string;
  readonly overrun: ReadonlyMap<string, number | undefined>;
}

const NOTHING: readonly WithheldEffect[] = [];

/** What part of its text a compressed stanza is expected to take, before any has been sent. */
const COMPRESSED = 0.2;

/** What the operator's file says of how a link is written to. */
export interface DeparturesConfig {
  /** The far gateway's domain. */
  readonly peer: string;
  /** Bits a second on air; 0: as fast as it takes them. */
  readonly bandwidth: number;
  /** Whether what is written is compressed. */
  readonly compression: boolean;
}

/**
 * What is to leave by a link: it waits until the link can carry it, the most urgent first, and leaves in batches at the
 * link's pace. Times are milliseconds since the epoch.
 */
export class Departures {
  /** Whether stanzas wait until the link can carry them, the most urgent first. */
  readonly isPaced: boolean;
  readonly #peer: string;
  readonly #outbox: Outbox;
  readonly #pace: Pace;
  /** What is to be told, and of which stanzas it has to be seen yet whether they leave at once, while somebody looks on. */
  #told: WithheldEffect[] = [];
  #fresh: Outgoing[] | undefined;

  /** `held`: the most that waits for a link which may refuse for a while what its pace allows. */
  constructor({ peer, bandwidth, compression }: DeparturesConfig, held?: OutboxBounds) {
    this.#peer = peer;
    this.#pace = new Pace(bandwidth, compression ? COMPRESSED : 1);
    this.isPaced = held !== undefined || this.#pace.isPaced;
    this.#outbox = new Outbox(this.isPaced, held);
  }

  /** Whether somebody looks on: then `takeTold` tells of every stanza that doesn't leave, or not at once. */
  get isTraced(): boolean {
    return this.#fresh !== undefined;
  }

  set isTraced(isTraced: boolean) {
    if (isTraced === this.isTraced) return;
    this.#fresh = isTraced ? [] : undefined;
    this.#told = [];
    this.#outbox.onLoss = isTraced
      ? (stanza, reason) => void this.#told.push(withheldStanza(this.#peer, stanza, reason))
      : undefined;
  }

  /** Stanzas that wait until the link can carry them. */
  get waiting(): number {
    return this.#outbox.size;
  }

  /** How many of them are messages. */
  get waitingMessages(): number {
    return this.#outbox.messages;
  }

  /** Whether presence waits already, so that more of it would only wait behind. */
  get isCongested(): boolean {
    return this.#outbox.hasPresence;
  }

  /** When everything that was written will have left. */
  get freeAt(): number {
    return this.#pace.freeAt;
  }

  /** Seconds until a message that is posted now has left, as long as nothing but the pace holds it back. */
  delay(now: number): number {
    return this.#pace.delay(now, this.#outbox.waiting('message'));
  }

  /** The lowest position in the archive of what waits for a node, as far as it was posted with one. */
  firstWaiting(node: string): number | undefined {
    return this.#outbox.firstPosition(node);
  }

  put(postings: readonly Posting[]): void {
    for (const posting of postings)
      if ('discard' in posting) this.#outbox.discard(posting.discard);
      else if (this.#outbox.put(posting) && this.isPaced) this.#fresh?.push(posting);
  }

  /** Nothing of that can be taken: the link is down. */
  refuse(postings: readonly Posting[]): readonly WithheldEffect[] {
    if (!this.isTraced) return NOTHING;
    return postings.flatMap((posting) =>
      'discard' in posting ? [] : [withheldStanza(this.#peer, posting, 'not-reachable')],
    );
  }

  /** What is to be told of what was put here or taken out since the last time, now that what could leave has left. */
  takeTold(now: number): readonly WithheldEffect[] {
    const fresh = this.#fresh;
    if (fresh === undefined || (fresh.length === 0 && this.#told.length === 0)) return NOTHING;
    const told = this.#told;
    this.#told = [];
    this.#fresh = [];
    const waiting = this.#outbox.texts();
    const wait = Math.round(this.#pace.delay(now, this.#outbox.waiting('history')));
    const detail = wait > 0 ? `${this.waiting} wait, about ${wait} s` : `${this.waiting} wait`;
    for (const stanza of fresh)
      if (waiting.has(stanza.xml)) told.push(withheldStanza(this.#peer, stanza, 'waits-turn', detail));
    return told;
  }

  /** Whatever waits is out of date: the link has been down. */
  forget(now: number): readonly WithheldEffect[] {
    this.#outbox.clear();
    return this.takeTold(now);
  }

  /** Takes out what is to leave now in one go, with `left` to follow. Empty: nothing waits, or the line isn't free. */
  next(now: number): readonly string[] {
    return this.#pace.isFree(now) ? this.#pace.batch(this.#outbox).map(({ xml }) => xml) : [];
  }

  /** When something that waits may leave; undefined where nothing does. */
  nextTimeout(): number | undefined {
    return this.#outbox.size === 0 ? undefined : this.#pace.freeAt;
  }

  /** So many characters have left, and became so many bytes. */
  left(now: number, characters: number, bytes: number): void {
    this.#pace.note(now, characters, bytes);
  }

  /** The peer has sent so many bytes: what we had written before has waited for them. */
  hear(now: number, bytes: number): void {
    this.#pace.hear(now, bytes);
  }

  /** Tells for whom there is room again that there wasn't before. */
  drained(): DrainedEffect[] {
    const overrun = this.#outbox.takeOverrun();
    return overrun.size === 0 ? [] : [{ kind: 'link-drained', peer: this.#peer, overrun }];
  }
}
