import type { Outbox } from './outbox.ts';
import type { Outgoing } from './outgoing.ts';

/** What is written at once takes a paced link about so long, in milliseconds; one stanza may take longer. */
const BATCH_TIME = 1000;
/** The most characters that are written at once, whatever the link could carry. */
export const MAX_BATCH_CHARACTERS = 16_384;
/** Bytes of the headers of TCP and IP, with those of the answer, that every segment costs on air. */
const SEGMENT_OVERHEAD = 80;
/** Bytes of a segment's payload. */
const SEGMENT_SIZE = 1400;
/** How much the latest batch counts for what characters are expected to become. */
const WEIGHT = 0.2;

/**
 * How fast a link may be written to: so that the kernel and the modem hold about a second of data, and what is urgent
 * can overtake the rest. The line is half-duplex: what the peer sends delays what we have sent. Times are milliseconds.
 */
export class Pace {
  /** Bits a second; 0: no bound. */
  readonly #bandwidth: number;
  #freeAt = 0;
  /** Bytes on the wire for each character, as it has turned out lately. */
  #bytesPerCharacter: number;

  constructor(bandwidth: number, bytesPerCharacter: number) {
    this.#bandwidth = bandwidth;
    this.#bytesPerCharacter = bytesPerCharacter;
  }

  get isPaced(): boolean {
    return this.#bandwidth > 0;
  }

  /** When everything that was written will have left. */
  get freeAt(): number {
    return this.#freeAt;
  }

  isFree(now: number): boolean {
    return now >= this.#freeAt;
  }

  /** Takes out what is to be written at once: at least one stanza where any waits. */
  batch(outbox: Outbox): Outgoing[] {
    const batch: Outgoing[] = [];
    let characters = 0;
    for (let next = outbox.peek(); next !== undefined; next = outbox.peek()) {
      characters += next.xml.length;
      if (
        batch.length > 0 &&
        (characters > MAX_BATCH_CHARACTERS || this.#airtime(this.#bytesOf(characters)) > BATCH_TIME)
      )
        break;
      outbox.take();
      batch.push(next);
    }
    return batch;
  }

  /** So many characters have been written, and became so many bytes. */
  note(now: number, characters: number, bytes: number): void {
    this.#bytesPerCharacter += WEIGHT * (bytes / Math.max(characters, 1) - this.#bytesPerCharacter);
    this.#freeAt = Math.max(now, this.#freeAt) + this.#airtime(bytes);
  }

  /** The peer has sent so many bytes: what we had written before has waited for them. */
  hear(now: number, bytes: number): void {
    if (this.#freeAt > now) this.#freeAt += this.#airtime(bytes);
  }

  /** Seconds until one message more has left, if that much leaves before it. */
  delay(now: number, before: { readonly stanzas: number; readonly characters: number }): number {
    const bytes = this.#bytesOf(before.characters + TYPICAL_MESSAGE);
    return (Math.max(0, this.#freeAt - now) + this.#airtime(bytes)) / 1000;
  }

  #bytesOf(characters: number): number {
    return characters * this.#bytesPerCharacter;
  }

  #airtime(bytes: number): number {
    if (!this.isPaced) return 0;
    return Math.ceil(((bytes + SEGMENT_OVERHEAD * Math.ceil(bytes / SEGMENT_SIZE)) * 8000) / this.#bandwidth);
  }
}

/** Characters of a message as it crosses, about. */
const TYPICAL_MESSAGE = 240;
