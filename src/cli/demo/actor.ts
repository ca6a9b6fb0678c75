import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Element } from '../../xml/element.ts';
import { type GatewayFileOptions, gatewayFile } from './gateway-file.ts';
import { GatewayProcess } from './gateway-process.ts';
import { Person, type Side } from './people.ts';
import { remember } from './remember.ts';
import type { Sight } from './sight.ts';
import { StandIn } from './stand-in.ts';

export interface ActorEvents {
  readonly saw: (actor: Actor, sight: Sight) => void;
  /** The gateway ended by itself; `text` says how, with the end of its log. */
  readonly died: (text: string) => void;
  /** Something about this side is not as it was. */
  readonly changed: () => void;
}

export interface StartOptions {
  /** The program to run the gateway with, and its first arguments. */
  readonly program: readonly string[];
  /** Where this side may leave files. */
  readonly directory: string;
  readonly peer: Side;
  readonly link: GatewayFileOptions['link'];
}

/** One side of the demo: a person, the stand-in for their server, and their gateway. */
export class Actor {
  readonly person: Person;
  /** What the person saw, the oldest first. */
  readonly sights: Sight[] = [];
  readonly #side: Side;
  readonly #events: ActorEvents;
  readonly #secret = randomBytes(16).toString('hex');
  readonly #server: StandIn;
  #gateway: GatewayProcess | undefined;
  #ready = false;

  constructor(side: Side, events: ActorEvents) {
    this.#side = side;
    this.#events = events;
    this.#server = new StandIn({ component: side.gateway, secret: this.#secret, attached: events.changed });
    this.person = new Person(side, (stanza) => this.#server.send(stanza));
    this.#server.connect(side.person.jid, (stanza) => this.#receive(stanza));
  }

  /** Whether the gateway says that it's ready, and has attached to the server. */
  get ready(): boolean {
    return this.#ready && this.#server.attached;
  }

  /** Writes the gateway's file and starts it. */
  async start({ program, directory, peer, link }: StartOptions): Promise<void> {
    const { name, gateway } = this.#side;
    const home = join(directory, name);
    const file = join(directory, `${name}.toml`);
    const component = { port: await this.#server.listen(), secret: this.#secret };
    mkdirSync(home);
    writeFileSync(file, gatewayFile({ directory: home, side: this.#side, peer, component, link }), { mode: 0o600 });
    this.#gateway = new GatewayProcess({
      program,
      name: gateway,
      file,
      log: join(directory, `${name}.log`),
      ready: () => {
        this.#ready = true;
        this.#events.changed();
      },
      died: this.#events.died,
    });
  }

  /** Stops the gateway, then the server. Resolves to what went wrong with that. */
  async stop(): Promise<string[]> {
    const status = (await this.#gateway?.stop()) ?? 0;
    this.#server.close();
    return status === 0 ? [] : [`the gateway ${this.#side.gateway} stops with status 0 (it was ${status})`];
  }

  /** Ends the gateway at once. */
  kill(): void {
    this.#gateway?.kill();
  }

  #receive(stanza: Element): void {
    const sight = this.person.receive(stanza);
    if (sight === undefined) return;
    remember(this.sights, sight);
    this.#events.saw(this, sight);
    this.#events.changed();
  }
}
