import { type Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { ComponentServer } from './component-server.ts';
import { Gateway } from './gateway.ts';
import { gatewayOf, SECRET } from './gateway-file.ts';
import type { Person } from './person.ts';
import { type Scene, type Script, type Step, stanzasIn } from './script.ts';
import { fillIn, fit } from './stanza-pattern.ts';
import { hasStatus } from './stanzas.ts';

const DOMAIN = 'shakespeare.lit';

/** The cast of a script, its server and the built program, on which its scenes are played one after the other. */
export class Stage {
  readonly gateway: Gateway;
  readonly #server: ComponentServer;
  /** Asks when everything that was to come has come: there is one stream, and it keeps the order. */
  readonly #prompter: Person;
  readonly #cast: ReadonlyMap<string, Player>;
  #bindings = new Map<string, string>();
  #scenes = 0;

  private constructor(script: Script, server: ComponentServer, gateway: Gateway) {
    this.gateway = gateway;
    this.#server = server;
    this.#prompter = server.user(`prompter@${DOMAIN}/box`);
    this.#cast = new Map([...script.clients].map(([name, jid]) => [name, new Player(server.user(jid))]));
  }

  static async set(script: Script): Promise<Stage> {
    const server = await ComponentServer.start(SECRET);
    const file = gatewayOf(DOMAIN, server).replace('[gateway]', `[gateway]\n${script.settings.join('\n')}`);
    const gateway = await Gateway.start(file);
    await server.handshake('accepted');
    return new Stage(script, server, gateway);
  }

  /** Plays a scene in rooms of its own. What came and isn't told fails it, as what is told and didn't come. */
  async play(scene: Scene): Promise<void> {
    this.#scenes += 1;
    const domain = `rooms.${DOMAIN}`;
    this.#bindings = new Map([
      ['domain', domain],
      ['room', `scene${this.#scenes}@${domain}`],
      ['other room', `aside${this.#scenes}@${domain}`],
    ]);
    for (const [name, { person }] of this.#cast) {
      this.#bindings.set(name, person.jid);
      this.#bindings.set(`${name}'s account`, person.account);
    }
    this.#disregard();
    for (const step of scene.steps) await this.#take(step);
    this.#expectNothingElse(scene.steps.at(-1)?.place ?? scene.title);
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'receive':
        for (const who of step.who) this.#expect(step, this.#player(who), stanzasIn(step.xml));
        return;
      case 'nothing-else':
        return this.#expectNothingElse(step.place);
      case 'disregard':
        return this.#disregard();
      case 'send': {
        this.#expectNothingElse(step.place);
        for (const stanza of stanzasIn(this.#filledIn(step))) await this.#player(step.who).person.send(stanza);
        return this.#settle();
      }
      case 'enter': {
        this.#expectNothingElse(step.place);
        const { person, unexplained } = this.#player(step.who);
        const room = fillIn(step.room, this.#bindings);
        await person.send(element('presence', { to: `${room}/${step.nick}` }, element('x', { xmlns: NS.muc })));
        await this.#settle();
        const own = unexplained.find((stanza) => hasStatus(stanza, 110));
        if (own === undefined) throw new Error(`${step.place}: isn't in: ${unexplained.map(serialise).join('')}`);
        if (hasStatus(own, 201)) await person.acceptDefaults(room);
        await this.#settle();
        return this.#disregard();
      }
      case 'configure': {
        this.#expectNothingElse(step.place);
        const values = [['FORM_TYPE', NS.mucRoomConfig] as const, ...step.fields].map(([name, value]) =>
          element('field', { var: name }, element('value', {}, fillIn(value, this.#bindings))),
        );
        const form = element('x', { xmlns: NS.dataForms, type: 'submit' }, ...values);
        const query = element('query', { xmlns: NS.mucOwner }, form);
        const answer = await this.#player(step.who).person.request(fillIn('{room}', this.#bindings), 'set', query);
        if (answer.attrs['type'] !== 'result') throw new Error(`${step.place}: ${serialise(answer)}`);
        await this.#settle();
        return this.#disregard();
      }
      case 'kill':
        this.#expectNothingElse(step.place);
        await this.gateway.restart('SIGKILL');
        await this.#server.handshake('accepted');
        return this.#settle();
    }
  }

  /** Every stanza that is told fits one that has come since the last action. */
  #expect(step: Step & { readonly kind: 'receive' }, player: Player, patterns: readonly Element[]): void {
    let after = 0;
    for (const pattern of patterns) {
      const index = player.unexplained.findIndex((stanza, position) => {
        const bound = position < after ? undefined : fit(pattern, stanza, this.#bindings);
        if (bound !== undefined) this.#bindings = new Map(bound);
        return bound !== undefined;
      });
      if (index < 0) {
        const wanted = fillIn(serialise(pattern), this.#bindings);
        throw new Error(`${step.place}: ${player.person.jid} received nothing like\n  ${wanted}\nbut\n${player.shown}`);
      }
      if (step.inOrder) after = index;
      player.unexplained.splice(index, 1);
    }
  }

  #expectNothingElse(place: string): void {
    const surprised = [...this.#cast.values()].filter(({ unexplained }) => unexplained.length > 0);
    if (surprised.length === 0) return;
    const shown = surprised.map((player) => `${player.person.jid} received what nobody told of:\n${player.shown}`);
    throw new Error(`before ${place}: ${shown.join('\n')}`);
  }

  #disregard(): void {
    for (const { unexplained } of this.#cast.values()) unexplained.length = 0;
  }

  /** Everything that was to come has come. */
  async #settle(): Promise<void> {
    await this.#prompter.request(`rooms.${DOMAIN}`, 'get', element('ping', { xmlns: NS.ping }));
    for (const player of this.#cast.values()) player.look();
  }

  #player(name: string): Player {
    const player = this.#cast.get(name);
    if (player === undefined) throw new Error(`nobody is called ${name}`);
    return player;
  }

  #filledIn(step: Step & { readonly kind: 'send' }): string {
    const filled = fillIn(step.xml, this.#bindings);
    const unbound = /\{[\w' ]+\}/.exec(filled)?.[0];
    if (unbound !== undefined) throw new Error(`${step.place}: ${unbound} stands for nothing yet`);
    return filled;
  }
}

/** A client of the cast, and what it has received that the script hasn't told of yet. */
class Player {
  readonly person: Person;
  readonly unexplained: Element[] = [];
  #seen = 0;

  constructor(person: Person) {
    this.person = person;
  }

  look(): void {
    const all = this.person.collected();
    this.unexplained.push(...all.slice(this.#seen));
    this.#seen = all.length;
  }

  get shown(): string {
    return this.unexplained.map((stanza) => `  ${serialise(stanza)}`).join('\n') || '  nothing';
  }
}
