import { Random } from '../../../src/lib/random.ts';
import type { Room } from '../../../src/muc/room.ts';
import { NS } from '../../../src/xml/names.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { type GatewayOverrides, VirtualGateway, VirtualWorld } from '../../support/virtual.ts';
import type { Wire } from '../../support/wire.ts';
import { FAULTS, type Fault, type Happening, PEOPLE, type PeopleDo, randomScript, type Step } from './script.ts';
import {
  below,
  type Dialer,
  domain,
  fileOf,
  linksOf,
  moderatorOf,
  type Policies,
  randomPolicies,
  randomTree,
  randomWeather,
  room,
  type Tree,
  usersDomain,
  withFallbacks,
} from './tree.ts';
import { User } from './user.ts';

export interface Options {
  readonly size?: number;
  readonly length?: number;
  readonly kinds?: readonly Happening[];
  /** Only these steps of the script, by index. */
  readonly steps?: readonly number[];
  /** Somebody sits in every room from the start; else by chance. */
  readonly isGathered?: boolean;
  /** Nobody wants a nick that somebody else may want. */
  readonly hasOwnNicks?: boolean;
  /** Some nodes may join another one where theirs is out of reach. */
  readonly hasFallbacks?: boolean;
  /** The rooms are primary-replica: the root puts everything in order. */
  readonly isReplicated?: boolean;
  /** Links bring little across after an outage: what is left behind may be missing. */
  readonly isTight?: boolean;
  /** People correct, reply and retract. */
  readonly hasReferences?: boolean;
  /** Links are slow: what is urgent overtakes the rest, so messages may stand in another order than they were said in. */
  readonly isPaced?: boolean;
  /** Links gather presence over windows of their own, and some carry all of it. */
  readonly isGathering?: boolean;
  readonly trace?: boolean;
}

const EVERYTHING = [...PEOPLE, ...FAULTS];
/** Nicks that everybody wants. */
const NICKS = ['ann', 'bob', 'cy', 'dee'];
/** What only links that carry all of presence carry. */
const EXTRA = ['', `<c xmlns='urn:example:extra' node='a&amp;b'><d e='1'>f</d></c>`];
/** Until every grace, notice, retry and redial has passed, in milliseconds. */
const ALL_SETTLED = 2 * 300_000 + 2 * 900_000 + 1_200_000;
/** Bits a second. */
const BANDWIDTHS = [2400, 9600, 1200, 600];
/** How much a run may come to. */
const MAX_EVENTS = 200_000;
/** Within it power is lost, for want of a turn to lose it in. */
const DOOM = 60_000;

/** One run: nodes in a tree, users at each, and what happens to them. */
export class Simulation {
  readonly world: VirtualWorld;
  readonly tree: Tree;
  readonly script: readonly Step[];
  readonly users: User[] = [];
  readonly nodes: VirtualGateway[] = [];
  readonly trace: string[] = [];
  /** For each private message the bare JID of whom it was for, where anyone was. */
  readonly secrets = new Map<string, string | undefined>();
  /** What messages refer to: body to body. */
  readonly references = new Map<string, string>();
  readonly counts: Record<string, number> = {};
  /** Lines of level error. */
  readonly errors: string[] = [];
  /** What crossed links after everything had settled. */
  restless: readonly string[] = [];
  readonly #byJid = new Map<string, User>();
  readonly #dialers: readonly Dialer[];
  readonly #dialect: 'fmucd' | 'auto';
  readonly #policies: Policies;
  readonly #random: Random;
  readonly options: Options;
  #made = 0;

  constructor(seed: number, options: Options) {
    this.options = options;
    const random = new Random(seed);
    this.#random = new Random(seed + 0.5);
    this.world = new VirtualWorld(seed + 0.25);
    this.world.maxEvents = MAX_EVENTS;
    if (options.trace === true) this.world.trace = (line) => this.#note(line);
    const size = options.size ?? 2 + below(random, 6);
    const tree = randomTree(random, size);
    this.tree = options.hasFallbacks === true ? withFallbacks(new Random(seed + 0.75), tree) : tree;
    // As long as a peer isn't known to be one of ours, most references don't go to it.
    this.#dialect = random.next() < 0.9 || options.hasReferences === true ? 'fmucd' : 'auto';
    this.#dialers = this.tree.map(
      () => (['child', 'child', 'child', 'parent', 'both'] as const)[below(random, 5)] ?? 'child',
    );
    this.#policies = options.isGathering === true ? randomPolicies(new Random(seed + 0.625), size) : [];
    const kinds = options.kinds ?? EVERYTHING;
    const hasFaults = kinds.some((kind) => (FAULTS as readonly string[]).includes(kind));
    for (const [child, parent] of linksOf(this.tree))
      this.world.wire(domain(child), domain(parent)).weather = randomWeather(random, hasFaults);
    for (const node of this.tree.keys()) {
      this.#add(`${moderatorOf(node)}/r`, node);
      for (let person = 0; person < 1 + below(random, 2); person++)
        this.#add(`p${person}@${usersDomain(node)}/r`, node);
      if (random.next() < 0.2) this.#add(`p0@${usersDomain(node)}/other`, node);
    }
    this.script = randomScript(random, options.length ?? 30 + below(random, 50), kinds);
  }

  run(): void {
    for (const node of this.tree.keys()) this.#boot(node, new MemoryStore());
    this.world.settle(120_000);
    const isGathered = this.#random.next() < 0.5;
    if (this.options.isGathered ?? isGathered) this.#gather();
    for (const [index, step] of this.script.entries()) {
      this.world.settle(step.wait);
      if (this.options.steps?.includes(index) !== false) this.#act(step);
    }
    this.#finish();
  }

  room(node: number): Room | undefined {
    return this.nodes[node]?.core.service.get(room(node));
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Everything is mended; somebody sits in every room; everyone speaks once more. */
  #finish(): void {
    this.#note('— all is mended —');
    for (const wire of this.world.wires()) wire.mend();
    this.world.settle(DOOM + 1);
    for (const [node, gateway] of this.nodes.entries()) this.#reboot(node, gateway);
    this.world.settle(120_000);
    // Who is out without knowing finds out.
    for (const user of this.users) if (user.nick !== undefined) this.#say(user);
    this.world.settle(60_000);
    this.#gather();
    this.world.settle(ALL_SETTLED);
    for (const user of this.users) if (user.nick !== undefined) this.#say(user);
    this.world.settle(1_200_000);
    const before = this.nodes.map((gateway) => gateway.crossed.length);
    this.#note('— all has settled —');
    this.world.settle(ALL_SETTLED);
    this.restless = this.nodes.flatMap((gateway, node) => gateway.crossed.slice(before[node]));
    for (const gateway of this.nodes) this.#takeErrors(gateway);
  }

  /** Somebody who stays sits in every room. */
  #gather(): void {
    for (const node of this.tree.keys()) {
      const user = this.#add(`stay@${usersDomain(node)}/r`, node);
      if (user.nick === undefined) this.#enter(user, `stay${node}`);
    }
    this.world.settle(60_000);
  }

  #add(jid: string, node: number): User {
    const known = this.#byJid.get(jid);
    if (known !== undefined) return known;
    const user = new User(jid, node);
    this.users.push(user);
    this.#byJid.set(jid, user);
    return user;
  }

  #fileOf(node: number): GatewayOverrides {
    return fileOf(this.tree, node, this.#dialers, {
      dialect: this.#dialect,
      mode: this.options.isReplicated === true ? 'primary-replica' : 'primary-primary',
      isTight: this.options.isTight === true,
      bandwidth: this.options.isPaced === true ? (BANDWIDTHS[node % BANDWIDTHS.length] ?? 0) : 0,
      policies: this.#policies,
    });
  }

  #boot(node: number, store: MemoryStore): void {
    const file = this.#fileOf(node);
    const seed = Uint8Array.from({ length: 16 }, () => below(this.#random, 256));
    const gateway = new VirtualGateway(this.world, domain(node), file, store, seed);
    gateway.onStanza = (xml) => {
      const to = /^<\w+[^>]* to="([^"]*)"/.exec(xml)?.[1] ?? '';
      if (this.options.trace === true) this.#note(`  ${to} gets ${xml}`);
      this.#byJid.get(to)?.hear(xml);
    };
    this.nodes[node] = gateway;
    this.#note(`${domain(node)} starts`);
    this.world.start(gateway);
  }

  #reboot(node: number, dead: VirtualGateway): void {
    if (this.nodes[node] !== dead || !dead.isDead) return;
    this.#takeErrors(dead);
    this.#boot(node, dead.store);
  }

  /** Errors that were logged, and whatever somebody said and the log repeats. */
  #takeErrors(gateway: VirtualGateway): void {
    const said = [...this.users.map(({ jid }) => `${jid} `), 'secret '];
    for (const { level, message, fields } of gateway.logs) {
      const line = `${gateway.domain}: ${message} ${JSON.stringify(fields)}`;
      if (level === 'error' || (level !== 'debug' && said.some((words) => line.includes(words))))
        this.errors.push(line);
    }
  }

  #act(step: Step): void {
    if (step.kind === 'reload') return this.#reload(step);
    if ((FAULTS as readonly string[]).includes(step.kind)) return this.#befall(step.kind as Fault, step);
    const moderators = this.users.filter(({ bare, node }) => bare === moderatorOf(node));
    const people = this.users.filter(({ jid }) => !jid.startsWith('stay@'));
    const user = pick(step.kind === 'kick' ? moderators : people, step.who);
    if (user === undefined) return;
    if (user.nick === undefined) return this.#enter(user, this.#nickFor(user, step));
    this.count(step.kind);
    this.#do(step.kind as PeopleDo, user, user.nick, step);
  }

  #do(kind: PeopleDo, user: User, nick: string, step: Step): void {
    const here = room(user.node);
    const self = `from='${user.jid}' to='${here}/${nick}'`;
    switch (kind) {
      case 'say':
        return this.#say(user);
      case 'leave':
        return this.#send(user, `<presence ${self} type='unavailable'/>`);
      case 'show':
        return this.#send(user, `<presence ${self}>${randomShow(step)}${EXTRA[Number(step.who < 0.5)]}</presence>`);
      case 'rename': {
        const wish = this.#nickFor(user, step);
        if (wish === nick) return;
        return this.#send(user, `<presence from='${user.jid}' to='${here}/${wish}'/>`);
      }
      case 'subject': {
        const subject = `<subject>subject ${++this.#made}</subject>`;
        return this.#send(user, `<message from='${user.jid}' to='${here}' type='groupchat'>${subject}</message>`);
      }
      case 'private':
        return this.#whisper(user, nick, step);
      case 'kick': {
        const target = pick([...user.roster.keys()], step.what);
        if (target === undefined) return;
        const item = `<item nick='${target}' role='none'/>`;
        return this.#send(
          user,
          `<iq from='${user.jid}' to='${here}' type='set' id='k'><query xmlns='${NS.mucAdmin}'>${item}</query></iq>`,
        );
      }
    }
  }

  #say(user: User): void {
    const body = `${user.jid} ${++user.sent}`;
    const { id, payload } =
      this.options.hasReferences === true ? this.#refer(user, body) : { id: `m${user.sent}`, payload: '' };
    this.#send(
      user,
      `<message from='${user.jid}' to='${room(user.node)}' type='groupchat' id='${id}'>
        <body>${body}</body>${payload}</message>`,
    );
  }

  /**
   * What a message refers to, by turns: nothing, the last one that the client has had, its own last one twice. What a
   * replica had held over its restart comes back under another id than the client gave it.
   */
  #refer(user: User, body: string): { readonly id: string; readonly payload: string } {
    const id = `${body} id`;
    const own = `${user.jid} ${user.sent - 1}`;
    const given = [...user.byStanzaId];
    const refer = (to: string | undefined, payload: string) => {
      if (to === undefined) return { id, payload: '' };
      this.references.set(body, to);
      return { id, payload };
    };
    switch (user.sent % 4) {
      case 1: {
        const [last, of] = given.at(-1) ?? [];
        return refer(of, `<reply xmlns='${NS.reply}' id='${last}' to='${room(user.node)}/x'/>`);
      }
      case 2:
        return refer(
          user.byId.has(`${own} id`) ? own : undefined,
          `<replace xmlns='${NS.correction}' id='${own} id'/>`,
        );
      case 3: {
        const [last] = given.findLast(([, of]) => of === own) ?? [];
        return refer(last === undefined ? undefined : own, `<retract xmlns='${NS.retract}' id='${last}'/>`);
      }
      default:
        return { id, payload: '' };
    }
  }

  #whisper(user: User, nick: string, step: Step): void {
    const to = pick(
      [...user.roster.keys()].filter((other) => other !== nick),
      step.what,
    );
    if (to === undefined) return;
    const body = `secret ${++this.#made}`;
    this.secrets.set(body, this.room(user.node)?.occupants.get(to)?.jid.bare);
    this.#send(
      user,
      `<message from='${user.jid}' to='${room(user.node)}/${to}' type='chat'><body>${body}</body></message>`,
    );
  }

  #enter(user: User, nick: string): void {
    this.count('enter');
    user.entering = nick;
    this.#send(user, `<presence from='${user.jid}' to='${room(user.node)}/${nick}'><x xmlns='${NS.muc}'/></presence>`);
  }

  /** Through the user's XMPP server, which bounces what is for a gateway that isn't there; some notice that. */
  #send(user: User, xml: string): void {
    const gateway = this.nodes[user.node];
    if (this.options.trace === true) this.#note(`> ${xml.replace(/\s+/g, ' ')}`);
    if (gateway === undefined || gateway.isDead || gateway.core.component?.state !== 'up') {
      if (this.#random.next() < 0.5) user.out();
      return;
    }
    gateway.send(xml);
  }

  #befall(fault: Fault, { who, what, which }: Step): void {
    const node = Math.floor(who * this.tree.length);
    const gateway = this.nodes[node];
    if (gateway === undefined) return;
    this.count(fault);
    this.#note(`— ${fault} of ${gateway.domain} —`);
    const wire = this.#wireOf(node, which);
    // One in three lasts longer than the grace.
    const duration = Math.round(what < 0.67 ? what * 120_000 : 300_000 + (what - 0.67) * 3_000_000);
    switch (fault) {
      case 'flap':
        return wire?.cut();
      case 'outage':
        return wire?.hold(duration);
      case 'crash':
        gateway.kill();
        break;
      case 'restart':
        gateway.stop();
        break;
      case 'crash amid a turn':
        gateway.killAmidTurn(which);
        this.world.schedule(DOOM, () => gateway.kill());
        return this.world.schedule(DOOM + duration, () => this.#reboot(node, gateway));
    }
    this.world.schedule(duration, () => this.#reboot(node, gateway));
  }

  /** A node's file says something else for a while; links that connect anew or aren't there, or a room that stands alone. */
  #reload({ who, what, which }: Step): void {
    const node = Math.floor(who * this.tree.length);
    const gateway = this.nodes[node];
    if (gateway === undefined || gateway.isDead) return;
    const file = this.#fileOf(node);
    const { links = [], rooms = [] } = file;
    const chosen = Math.floor(which * links.length);
    const change = (with_: object) => links.map((link, at) => (at === chosen ? { ...link, ...with_ } : link));
    const renewed: readonly GatewayOverrides[] = [
      { ...file, links: change({ from: ['127.0.0.1', '127.0.0.2'] }) },
      { ...file, links: change({ coalesce: 20, grace: 200 }) },
    ];
    const alone = rooms.map((room) => ({ ...room, federate: [] }));
    // A room that has been its own root for a while has an order of its own.
    const others =
      this.options.isReplicated === true
        ? renewed
        : [
            ...renewed,
            { ...file, rooms: alone },
            { ...file, rooms: alone, links: links.filter((_, at) => at !== chosen) },
          ];
    const other = pick(others, what);
    if (other === undefined) return;
    this.count('reload');
    this.#note(`— ${gateway.domain} reloads —`);
    gateway.reload(other);
    this.world.schedule(Math.round(which * 400_000), () => {
      if (this.nodes[node] !== gateway || gateway.isDead) return;
      this.#note(`— ${gateway.domain} reloads its first file —`);
      gateway.reload(file);
    });
  }

  /** One of a node's links. */
  #wireOf(node: number, chance: number): Wire | undefined {
    return pick(this.world.wires(domain(node)), chance);
  }

  /** One that many want, or one of the user's own. */
  #nickFor(user: User, { what, which }: Step): string {
    if (which < 0.5 && this.options.hasOwnNicks !== true) return pick(NICKS, what) ?? 'ann';
    const own = user.jid.endsWith('/other') ? 'other' : user.bare.slice(0, user.bare.indexOf('@'));
    return `${own}${user.node}${which < 0.6 ? 'x' : ''}`;
  }

  #note(line: string): void {
    if (this.options.trace === true)
      this.trace.push(`${new Date(this.world.now).toISOString().slice(11, 23)} ${shortened(line)}`);
  }
}

function shortened(line: string): string {
  return line
    .replace(/room@rooms\.node(\d)\.lit/g, 'room$1')
    .replace(/rooms\.node(\d)\.lit/g, 'node$1')
    .replace(/@users(\d)\.lit\/r\b/g, '@$1');
}

function pick<T>(from: readonly T[], chance: number): T | undefined {
  return from[Math.floor(chance * from.length)];
}

function randomShow({ what, which }: Step): string {
  const show = pick(['', '<show>away</show>', '<show>dnd</show>', '<show>xa</show>'], what) ?? '';
  return which < 0.5 ? show : `${show}<status>s${Math.floor(which * 100)}</status>`;
}
