import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actor } from './actor.ts';
import type { AirView } from './air-text.ts';
import { BANDWIDTH } from './gateway-file.ts';
import { freePort } from './loopback.ts';
import { type Crossing, StanzaMeter } from './meter.ts';
import type { Direction } from './paced-link.ts';
import { PacedProxy } from './paced-proxy.ts';
import { DENMARK, WONDERLAND } from './people.ts';
import { remember } from './remember.ts';
import type { Sight } from './sight.ts';

/** The link: bit/s, shared by both ways, and milliseconds each way. */
const LINK = { bitsPerSecond: BANDWIDTH, delay: 300 } as const;

export interface StageEvents {
  readonly saw: (actor: Actor, sight: Sight) => void;
  readonly crossed: (crossing: Crossing) => void;
  /** A gateway ended by itself; the demo can't go on. */
  readonly died: (text: string) => void;
}

/**
 * The whole demo but for who tells it: Hamlet's side, Alice's side and the paced link between their gateways. Both
 * gateways' files, stores and logs are in one directory, which goes with the stage.
 */
export class Stage {
  readonly hamlet: Actor;
  readonly alice: Actor;
  /** What crossed the link, the oldest first. */
  readonly crossings: Crossing[] = [];
  readonly #events: StageEvents;
  readonly #directory = mkdtempSync(join(tmpdir(), 'fmucd-demo-'));
  readonly #started = performance.now();
  readonly #conditions = new Set<() => void>();
  readonly #carried = { forth: { bytes: 0, stanzas: 0 }, back: { bytes: 0, stanzas: 0 } };
  #meters: Readonly<Record<Direction, StanzaMeter>> = this.#newMeters();
  #proxy: PacedProxy | undefined;
  #up = false;
  #closed: Promise<string[]> | undefined;

  constructor(events: StageEvents) {
    const actorEvents = { saw: events.saw, died: events.died, changed: () => this.#look() };
    this.#events = events;
    this.hamlet = new Actor(DENMARK, actorEvents);
    this.alice = new Actor(WONDERLAND, actorEvents);
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return performance.now() - this.#started;
  }

  get air(): AirView {
    const proxy = this.#proxy;
    return {
      state: this.#up ? 'up' : proxy?.listening === false ? 'cut' : 'down',
      onAir: proxy?.onAir(),
      forth: { ...this.#carried.forth, waiting: proxy?.waiting('forth') ?? 0 },
      back: { ...this.#carried.back, waiting: proxy?.waiting('back') ?? 0 },
      busy: proxy?.airTime() ?? 0,
      elapsed: this.elapsed,
    };
  }

  /**
   * Starts both gateways with this program, and resolves once both are ready, or the signal is aborted. Alice's waits
   * for the link that Hamlet's opens.
   */
  async start(program: readonly string[], signal: AbortSignal): Promise<void> {
    const listen = await freePort();
    this.#proxy = new PacedProxy(LINK, listen, {
      crossed: (direction, bytes) => this.#crossed(direction, bytes),
      changed: (up) => this.#linkChanged(up),
    });
    const connect = await this.#proxy.listen();
    const directory = this.#directory;
    await this.alice.start({ program, directory, peer: DENMARK, link: { listen } });
    await this.hamlet.start({ program, directory, peer: WONDERLAND, link: { connect } });
    await this.until(() => this.hamlet.ready && this.alice.ready, signal);
  }

  /** Takes the link down, with all that is on its way. */
  cut(): void {
    this.#proxy?.cut();
  }

  /** Lets the link come up again. */
  async mend(): Promise<void> {
    await this.#proxy?.listen();
  }

  /** Resolves as soon as the condition holds, or the signal is aborted. It's looked at whenever something happens. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!signal.aborted && !condition()) return;
        this.#conditions.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#conditions.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }

  /** Ends all that was started and removes the directory. Resolves to what went wrong with that. */
  close(): Promise<string[]> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The same at once, for when the process is about to exit. */
  closeNow(): void {
    this.hamlet.kill();
    this.alice.kill();
    this.#removeDirectory();
  }

  async #close(): Promise<string[]> {
    const problems = await Promise.all([this.hamlet.stop(), this.alice.stop()]);
    this.#proxy?.cut();
    this.#removeDirectory();
    return problems.flat();
  }

  #removeDirectory(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #crossed(direction: Direction, bytes: Uint8Array): void {
    this.#carried[direction].bytes += bytes.length;
    this.#meters[direction].write(bytes);
  }

  #newMeters(): Record<Direction, StanzaMeter> {
    const crossed = (crossing: Crossing): void => {
      if (crossing.isStanza) this.#carried[crossing.direction].stanzas += 1;
      remember(this.crossings, crossing);
      this.#events.crossed(crossing);
      this.#look();
    };
    return { forth: new StanzaMeter('forth', crossed), back: new StanzaMeter('back', crossed) };
  }

  #linkChanged(up: boolean): void {
    this.#up = up;
    this.#meters = this.#newMeters();
  }

  #look(): void {
    for (const look of this.#conditions) look();
  }
}
