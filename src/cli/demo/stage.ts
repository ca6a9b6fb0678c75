import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Element } from '../../xml/element.ts';
import type { AirView, LaneView } from './air-text.ts';
import { BANDWIDTH, type GatewayFileOptions, gatewayFile } from './gateway-file.ts';
import { GatewayProcess } from './gateway-process.ts';
import { freePort } from './loopback.ts';
import { type Crossing, StanzaMeter } from './meter.ts';
import type { Direction } from './paced-link.ts';
import { PacedProxy } from './paced-proxy.ts';
import { DENMARK, Person, type Side, WONDERLAND } from './people.ts';
import type { Sight } from './sight.ts';
import { StandIn } from './stand-in.ts';

/** Milliseconds each way. */
const DELAY = 300;

/** How many sights of a person, and how many crossings, are remembered. */
export const REMEMBERED = 500;

export interface StageEvents {
  readonly saw: (actor: Actor, sight: SeenSight) => void;
  readonly crossed: (crossing: Crossing) => void;
  /** A gateway ended by itself; the demo can't go on. */
  readonly died: (text: string) => void;
}

export interface SeenSight {
  readonly sight: Sight;
  /** Whether the one who sees it did it. */
  readonly own: boolean;
}

/** A person with the server and the gateway of their side. */
export interface Actor {
  readonly side: Side;
  readonly person: Person;
  readonly server: StandIn;
  readonly secret: string;
  readonly sights: SeenSight[];
  gateway: GatewayProcess | undefined;
  ready: boolean;
}

/**
 * The whole demo but for who tells it: two people, the stand-ins for their servers, two gateway processes with a
 * directory each, and the paced link between them.
 */
export class Stage {
  readonly hamlet: Actor;
  readonly alice: Actor;
  readonly crossings: Crossing[] = [];
  readonly #events: StageEvents;
  readonly #directory = mkdtempSync(join(tmpdir(), 'fmucd-demo-'));
  readonly #changes = new Set<() => void>();
  readonly #started = performance.now();
  readonly #crossed: Record<Direction, { bytes: number; stanzas: number }> = {
    forth: { bytes: 0, stanzas: 0 },
    back: { bytes: 0, stanzas: 0 },
  };
  #meters: Readonly<Record<Direction, StanzaMeter>>;
  #proxy: PacedProxy | undefined;
  #up = false;
  #closed: Promise<string[]> | undefined;

  constructor(events: StageEvents) {
    this.#events = events;
    this.#meters = this.#newMeters();
    this.hamlet = this.#actor(DENMARK);
    this.alice = this.#actor(WONDERLAND);
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return performance.now() - this.#started;
  }

  get air(): AirView {
    const proxy = this.#proxy;
    const lane = (direction: Direction): LaneView => ({
      ...this.#crossed[direction],
      waiting: proxy?.waiting(direction) ?? 0,
    });
    return {
      state: this.#up ? 'up' : proxy?.mended === false ? 'cut' : 'down',
      onAir: proxy?.onAir(),
      forth: lane('forth'),
      back: lane('back'),
      busy: proxy?.airTime() ?? 0,
      elapsed: this.elapsed,
    };
  }

  /** Starts both gateways with this program, and resolves once both are ready and attached to their servers. */
  async start(program: readonly string[], signal: AbortSignal): Promise<void> {
    const listen = await freePort();
    this.#proxy = new PacedProxy({ bitsPerSecond: BANDWIDTH, delay: DELAY }, listen, {
      crossed: (direction, bytes) => this.#count(direction, bytes),
      changed: (up) => this.#linkChanged(up),
    });
    const connect = await this.#proxy.mend();
    await this.#startGateway(program, this.alice, WONDERLAND, DENMARK, { listen });
    await this.#startGateway(program, this.hamlet, DENMARK, WONDERLAND, { connect });
    await this.until(() => [this.hamlet, this.alice].every(({ ready, server }) => ready && server.attached), signal);
  }

  cut(): void {
    this.#proxy?.cut();
    this.#change();
  }

  async mend(): Promise<void> {
    await this.#proxy?.mend();
    this.#change();
  }

  /** Resolves as soon as the condition holds, or the signal is aborted. It's looked at whenever something happens. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!signal.aborted && !condition()) return;
        this.#changes.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#changes.add(look);
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
    for (const { gateway } of [this.hamlet, this.alice]) gateway?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #close(): Promise<string[]> {
    const stops = [this.hamlet, this.alice].map(async ({ side, gateway }) => {
      const status = (await gateway?.stop()) ?? 0;
      return status === 0 ? [] : [`the gateway ${side.gateway} stops with status 0 (it was ${status})`];
    });
    const problems = (await Promise.all(stops)).flat();
    this.#proxy?.cut();
    for (const { server } of [this.hamlet, this.alice]) server.close();
    rmSync(this.#directory, { recursive: true, force: true });
    return problems;
  }

  #actor(side: Side): Actor {
    const secret = randomBytes(16).toString('hex');
    const server = new StandIn({ component: side.gateway, secret, attached: () => this.#change() });
    const person = new Person(side, (stanza) => server.send(stanza));
    const actor: Actor = { side, person, server, secret, sights: [], gateway: undefined, ready: false };
    server.connect(side.person.jid, (stanza) => this.#receive(actor, stanza));
    return actor;
  }

  async #startGateway(
    program: readonly string[],
    actor: Actor,
    side: Side,
    peer: Side,
    link: GatewayFileOptions['link'],
  ): Promise<void> {
    const directory = join(this.#directory, side.name);
    const file = join(this.#directory, `${side.name}.toml`);
    const component = { port: await actor.server.listen(), secret: actor.secret };
    mkdirSync(directory);
    writeFileSync(file, gatewayFile({ directory, side, peer, component, link }), { mode: 0o600 });
    if (this.#closed !== undefined) return;
    actor.gateway = new GatewayProcess({
      program,
      name: side.gateway,
      file,
      log: join(this.#directory, `${side.name}.log`),
      ready: () => {
        actor.ready = true;
        this.#change();
      },
      died: this.#events.died,
    });
  }

  #receive(actor: Actor, stanza: Element): void {
    const { person, sights } = actor;
    const nick = person.view.self;
    const sight = person.receive(stanza);
    if (sight === undefined) return;
    const own = 'self' in sight ? sight.self : 'nick' in sight && sight.nick === nick;
    remember(sights, { sight, own });
    this.#events.saw(actor, { sight, own });
    this.#change();
  }

  #count(direction: Direction, bytes: Uint8Array): void {
    this.#crossed[direction].bytes += bytes.length;
    this.#meters[direction].write(bytes);
    this.#change();
  }

  #newMeters(): Record<Direction, StanzaMeter> {
    const crossed = (crossing: Crossing): void => {
      this.#crossed[crossing.direction].stanzas += 1;
      remember(this.crossings, crossing);
      this.#events.crossed(crossing);
    };
    return { forth: new StanzaMeter('forth', crossed), back: new StanzaMeter('back', crossed) };
  }

  #linkChanged(up: boolean): void {
    this.#up = up;
    this.#meters = this.#newMeters();
    this.#change();
  }

  #change(): void {
    for (const look of this.#changes) look();
  }
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > REMEMBERED) list.shift();
}
