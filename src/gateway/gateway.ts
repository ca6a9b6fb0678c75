import type { ConfigChanges } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import { Federation } from '../fmuc/federation.ts';
import type { Peers } from '../fmuc/peer.ts';
import type { Fetched } from '../fmuc/resync.ts';
import { formatAddress } from '../lib/address.ts';
import type { ConnectionId, ConnectionInput } from '../lib/effects.ts';
import { domainOf, Jid } from '../lib/jid.ts';
import { Journal } from '../lib/journal.ts';
import { Random } from '../lib/random.ts';
import { OncePer } from '../lib/rate-limit.ts';
import type { LinkEffect } from '../link/link-effects.ts';
import { S2sLink } from '../link/s2s-link.ts';
import { continueArchive, continueMetadata } from '../muc/archive.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import { sendHistory } from '../muc/history.ts';
import { leaveSession, tellDeparture, withdraw } from '../muc/leave.ts';
import { moderateFound } from '../muc/moderate.ts';
import type { Kept } from '../muc/records.ts';
import { MAX_REFERABLE, STANZA_START } from '../muc/referable.ts';
import { MucService, type ServiceOptions } from '../muc/service.ts';
import { sayShutDown } from '../muc/shut-down.ts';
import { Turn } from '../muc/turn.ts';
import { sendVcard } from '../muc/vcard.ts';
import { ERRORS, errorReply } from '../stanza/errors.ts';
import type { ComponentEffect, ComponentStream } from '../stream/component.ts';
import type { S2s } from '../stream/s2s.ts';
import type { S2sEffect, SendEffect } from '../stream/s2s-types.ts';
import type { KeptSessions } from '../stream/session-record.ts';
import { attribute, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { AdHoc } from './ad-hoc.ts';
import {
  type ArchiveRead,
  type Effect,
  type Input,
  isWrite,
  type Searched,
  type StanzaReceived,
  type VcardRead,
  type Via,
} from './effects.ts';
import { type Admission, Entrance } from './entrance.ts';
import { isOff, optionsOf } from './federation-fields.ts';
import { recallFor } from './recall.ts';
import { type FederationContext, RoomFederations } from './room-federation.ts';
import { peersOf, reshape, type Shape, type StreamContext, shapeOf } from './shape.ts';
import { toStreams } from './to-streams.ts';
import { handleUserStanza } from './user-stanza.ts';
import { Watch } from './watch.ts';
import type { LinkWay, Ways } from './ways.ts';

/** A refusal is logged once in this time for each source, in milliseconds. */
const LOG_INTERVAL = 60_000;
/** The sources whose refusals are told apart. */
const MAX_LOGGED_SOURCES = 256;

/** What streams bring about. That the stream of a link is gone is for the link to say. */
type StreamEffect = ComponentEffect | LinkEffect | Exclude<S2sEffect, { readonly kind: 's2s-down' }>;

/**
 * The whole gateway without the world: streams, rooms and federation, put together. Inputs and times go in, effects come
 * out. Each input is one turn, which the caller settles: `commit` once its writes stand, `rollback` where they failed.
 */
export class Gateway {
  readonly service: MucService;
  readonly federation: Federation;
  /** With whom each room federates, as the file or its owners say. */
  readonly rooms: RoomFederations;
  /** At which ways somebody looks on. */
  readonly watch = new Watch(this);
  readonly #commands: AdHoc;
  readonly #context: StreamContext;
  readonly #journal = new Journal();
  readonly #entrance = new Entrance();
  /** What streams have asked for in this turn. They can't be taken back: without what the store would keep of them they go on. */
  #ofStreams: Effect[] = [];
  #shape: Shape;
  /** The store, from the start on. */
  #kept: Kept | undefined;
  readonly #refusals = new OncePer(LOG_INTERVAL, MAX_LOGGED_SOURCES);

  readonly #version: string;

  /** `seed` feeds whatever is left to chance; `secret` is 32 bytes that nobody else knows; `version` is the program's. */
  constructor(
    config: Config,
    seed: Uint8Array,
    secret: Uint8Array,
    nextConnection: () => ConnectionId,
    version: string,
  ) {
    this.#version = version;
    this.#context = { random: new Random(seed), nextConnection, secret };
    this.#shape = shapeOf(config, this.#context);
    const { watch } = this;
    const peers: Peers = {
      domain: config.gateway.domain,
      to: (domain) => this.#shape.ways.to(domain),
      isKnown: (domain) => this.#shape.ways.isKnown(domain),
      watchedAs: (jid) => watch.nameOf(jid),
      get isWatched() {
        return watch.isOn;
      },
    };
    this.federation = new Federation(peers, this.#journal);
    this.rooms = new RoomFederations(this.#federationContext());
    this.service = new MucService(this.#serviceOptions(config), this.#journal);
    this.#commands = new AdHoc(this, this.#journal);
  }

  /** The file that it follows. */
  get config(): Config {
    return this.#shape.config;
  }

  get component(): ComponentStream | undefined {
    return this.#shape.component;
  }

  get links(): readonly LinkWay[] {
    return this.#shape.links;
  }

  /** The server-to-server streams, where the file wants any. */
  get s2s(): S2s | undefined {
    return this.#shape.s2s;
  }

  get ways(): Ways {
    return this.#shape.ways;
  }

  /** Brings back the rooms, then opens the streams. */
  start(kept: Kept & KeptSessions, now: number): Effect[] {
    const turn = this.#turn(now);
    this.#kept = kept;
    const file = this.config.rooms.map((room) => ({ ...room, jid: this.#jidOf(room.name) }));
    this.service.stanzaIds.restore(turn, kept, this.#context.secret);
    this.service.occupantIds.restore(turn, kept, this.#context.secret);
    this.service.restore(turn, file, kept.rooms, kept.archives);
    for (const room of this.service.rooms()) {
      room.referable.restore(kept.referable(room.jid, MAX_REFERABLE, STANZA_START));
      room.retractions.restore(room.jid, kept);
    }
    for (const room of this.service.rooms()) this.rooms.restore(room, turn, kept);
    const sessions = this.#ofS2s((s2s) => s2s.start(kept.sessions(), now), now);
    return [...this.#finish(turn), ...this.#startStreams(now), ...sessions];
  }

  /**
   * Follows another file as far as that goes without a restart. Afterwards everything is as it would be after one, but
   * what doesn't change goes on undisturbed. The streams change only once this turn stands.
   */
  reconfigure(changes: ConfigChanges, kept: Kept & KeptSessions, now: number): Effect[] {
    const { config } = changes;
    const before = this.#shape;
    const next = reshape(before, changes, this.#context);
    const rooms = [...changes.rooms.keys()].map((name) => ({
      jid: this.#jidOf(name),
      entry: config.rooms.find((room) => room.name === name),
    }));
    const parting = this.#turn(now);
    this.#removeStrangers(parting, before.ways, next.ways);
    this.federation.retire(
      parting,
      new Map(rooms.map(({ jid, entry }) => [jid, entry && !this.#isOff(jid) ? optionsOf(entry) : undefined])),
      (domain) => next.ways.routeOf(domain) !== before.ways.routeOf(domain),
    );
    const effects = this.#finish(parting);
    this.#journal.record(() => {
      this.#shape = before;
    });
    this.#shape = next;
    const turn = this.#turn(now);
    this.service.reconfigure(turn, this.#serviceOptions(config));
    for (const { jid, entry } of rooms) {
      const room = entry === undefined ? this.service.get(jid) : this.service.fix(turn, { jid, keep: entry.keep });
      if (room === undefined) continue;
      if (entry === undefined) this.service.release(room);
      else this.rooms.forgetOwners(room, turn);
      const options = this.rooms.optionsOf(room);
      if (options === undefined) this.federation.remove(turn, room);
      else this.federation.configure(turn, room, options, kept);
    }
    this.federation.followWays(turn);
    return [...effects, ...this.#finish(turn), { kind: 'change-over' }];
  }

  handle(input: Input, now: number): Effect[] {
    switch (input.kind) {
      case 'stanza':
        return this.watch.isOn
          ? [...this.watch.arrived(input), ...this.#handleStanza(input, now)]
          : this.#handleStanza(input, now);
      case 'archive':
        return this.#handleArchive(input, now);
      case 'searched':
        return this.#handleSearched(input, now);
      case 'vcard-read':
        return this.#handleVcard(input, now);
      case 'change-over':
        return [
          ...this.#stopRetired(now),
          ...this.#ofS2s((s2s) => s2s.configurePeers(peersOf(this.config), now), now),
          ...this.#startStreams(now),
        ];
      case 'post': {
        const link = this.#allLinks().find(({ peer }) => peer === input.peer);
        return link === undefined ? [] : this.#ofStream(link.stream.post(input.postings, now, input.isMoreToCome), now);
      }
      case 's2s-send':
        return [...this.#ofS2s((s2s) => s2s.send(input, now), now), ...this.#handedOn(input, now)];
      case 's2s-go-on':
        return this.#ofS2s((s2s) => s2s.goOn(input, now), now);
      case 'departed': {
        const turn = this.#turn(now);
        const { room, occupant } = input;
        if (this.service.get(room.jid) === room) tellDeparture(room, turn, occupant, { statuses: [333] });
        return this.#finish(turn);
      }
      case 'resolved':
        return this.#ofS2s((s2s) => s2s.handle(input, now), now);
      default:
        return this.#handleConnection(input, now);
    }
  }

  /** Whatever was to be woken for by now. */
  handleTimeout(now: number): Effect[] {
    const effects = this.#entrance.handleTimeout(now).flatMap((admission) => this.#admit(admission, now));
    if (this.component !== undefined) effects.push(...this.#ofStream(this.component.handleTimeout(now), now));
    for (const link of this.links) effects.push(...this.#ofStream(link.stream.handleTimeout(now), now));
    effects.push(...this.#ofS2s((s2s) => s2s.handleTimeout(now), now));
    const turn = this.#turn(now);
    this.federation.handleTimeout(turn);
    this.service.occupantRequests.handleTimeout(turn);
    effects.push(...this.#finish(turn));
    return effects;
  }

  /** When to be woken next, in milliseconds since the epoch; undefined: not before something happens. */
  nextTimeout(): number | undefined {
    const times = [
      this.#entrance.nextTimeout(),
      this.component?.nextTimeout(),
      ...this.links.map((link) => link.stream.nextTimeout()),
      this.s2s?.nextTimeout(),
      this.federation.nextTimeout(),
      this.service.occupantRequests.nextTimeout(),
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The turn's writes stand. */
  commit(): void {
    this.#journal.commit();
    this.#ofStreams = [];
  }

  /** The turn can't stand, for `reason`: it is taken back, and whoever caused it is told. */
  rollback(input: Input | undefined, failure: 'storeFailed' | 'internal', reason: string, now: number): Effect[] {
    this.#journal.rollback();
    const effects = this.#ofStreams.splice(0);
    if (input?.kind === 's2s-send') effects.push(...this.#handedOn(input, now));
    const turn = this.#turn(now);
    turn.log('error', failure === 'storeFailed' ? 'store failed' : 'fault', { reason });
    if (input?.kind === 'stanza') this.watch.refused(turn, input, 'not-kept');
    const stanza = input === undefined ? undefined : causeOf(input);
    if (stanza !== undefined) turn.deliver(errorReply(stanza, ERRORS[failure], attribute(stanza, 'to')));
    this.#ofStreams = [];
    return [...effects, ...this.#finish(turn)];
  }

  /** The peer whose link a domain is reached through. */
  linkTo(domain: string): string | undefined {
    return this.#shape.ways.linkTo(domain)?.peer;
  }

  /** Asks the other nodes for what was left behind on its way to a room. */
  fetch(room: string, now: number): { readonly effects: Effect[]; readonly asked: Fetched | undefined } {
    const turn = this.#turn(now);
    const asked = this.federation.fetch(turn, room);
    return { effects: this.#finish(turn), asked };
  }

  /** Tells those who are here, and closes every stream in order. */
  stop(now: number): Effect[] {
    const effects = this.#sayShutDown(now);
    for (const link of this.links) effects.push(...this.#ofStream(link.stream.stop(now), now));
    effects.push(...this.#ofS2s((s2s) => s2s.stop(now), now));
    if (this.component !== undefined) effects.push(...this.#ofStream(this.component.stop(now), now));
    return effects;
  }

  /**
   * Whoever can be told at once that the service shuts down is told (XEP-0045 §11.2). Nobody waits for a stream to be opened,
   * nor for a link: what is slow to be told is soon to be seen.
   */
  #sayShutDown(now: number): Effect[] {
    const turn = this.#turn(now);
    for (const room of this.service.rooms()) sayShutDown(room, turn);
    return this.#finish(turn).flatMap((effect) => {
      if (effect.kind === 'post') return [];
      if (effect.kind !== 's2s-send') return [effect];
      return this.#ofS2s((s2s) => (s2s.isReachable(effect.domain) ? s2s.send(effect, now) : []), now);
    });
  }

  #startStreams(now: number): Effect[] {
    const { fresh } = this.#shape;
    this.#shape = { ...this.#shape, fresh: [] };
    return fresh.flatMap((stream) => this.#ofStream(stream.start(now), now));
  }

  /** What their end means to the other nodes has been dealt with. */
  #stopRetired(now: number): Effect[] {
    const { links, component } = this.#shape.retired;
    this.#shape = { ...this.#shape, retired: { links: [] } };
    return [...links.map(({ stream }) => stream), component].flatMap((stream) =>
      (stream?.stop(now) ?? []).filter((effect) => effect.kind === 'write' || effect.kind === 'close'),
    );
  }

  /** Clients whose stanzas would no longer be taken, or come another way, leave while they can still be told. */
  #removeStrangers(turn: Turn, before: Ways, next: Ways): void {
    for (const room of this.service.rooms())
      for (const session of room.sessions()) {
        const entry = next.entryOf(domainOf(session));
        const mayStay = entry !== undefined && entry === before.entryOf(domainOf(session));
        const occupant = mayStay ? undefined : room.bySession(session);
        if (occupant !== undefined) leaveSession(room, turn, occupant, session, { statuses: [333] });
      }
  }

  #jidOf(name: string): string {
    return `${name}@${this.config.gateway.domain}`;
  }

  #handleConnection(input: ConnectionInput, now: number): Effect[] {
    const { direct, s2s } = this.#shape;
    if (s2s?.owns(input.connection) || (input.kind === 'accepted' && s2s?.accepts(input.listener)))
      return this.#ofS2s(() => s2s.handle(input, now), now);
    if (input.kind === 'accepted') return this.#admit(this.#entrance.accept(input, direct, now), now);
    if (this.#entrance.owns(input.connection)) return this.#admit(this.#entrance.handle(input, direct), now);
    if (this.component?.owns(input.connection)) return this.#ofStream(this.component.handle(input, now), now);
    const link = direct.find((candidate) => candidate.owns(input.connection));
    return link === undefined ? [] : this.#ofStream(link.handle(input, now), now);
  }

  /** Gives a connection to the link whose it is, or refuses it. */
  #admit(admission: Admission, now: number): Effect[] {
    if (admission.kind === 'open') return [...admission.effects];
    const { accepted } = admission;
    if (admission.kind === 'taken') return this.#ofStream(admission.link.handle(accepted, now), now);
    const { connection, listener, address } = accepted;
    for (const link of this.#shape.direct) link.turnedAway(listener, address, admission.reason);
    const turn = this.#turn(now);
    this.#refuse(turn, 'connection refused', address, { listener, from: address, reason: admission.reason });
    return [{ kind: 'close', connection }, ...this.#finish(turn)];
  }

  #handleStanza(received: StanzaReceived, now: number): Effect[] {
    const { via, stanza } = received;
    const turn = this.#turn(now);
    const from = Jid.tryParse(attribute(stanza, 'from'));
    const to = Jid.tryParse(attribute(stanza, 'to'));
    const refuse = (reason: string, told: 'wrong-address' | 'wrong-way'): void => {
      this.watch.refused(turn, received, told);
      this.#refuse(turn, 'stanza refused', `${nameOf(via)} ${from?.domain ?? ''}`, {
        via: nameOf(via),
        from: attribute(stanza, 'from') ?? '',
        reason,
      });
    };
    if (domainOf(attribute(stanza, 'to') ?? '') !== this.config.gateway.domain)
      refuse('it is not for our domain', 'wrong-address');
    else if (from === undefined) {
      refuse('it has no valid from', 'wrong-address');
      if (via.kind === 'component') turn.deliver(errorReply(stanza, ERRORS.malformedAddress));
    } else if (!this.#mayCome(via, from)) refuse('that domain does not come this way', 'wrong-way');
    else if (to === undefined) turn.deliver(errorReply(stanza, ERRORS.malformedAddress));
    else {
      const search = recallFor(this.service.get(to.bare), this.federation, from, stanza);
      if (search !== undefined)
        return [{ kind: 'search', search, request: { kind: 'refers', room: to.bare, received }, isContinued: false }];
      this.#dispatch(turn, via, from, to, stanza);
    }
    return this.#finish(turn);
  }

  /** To the other nodes' part, or the users' (XEP-0289 §5, XEP-0045). */
  #dispatch(turn: Turn, via: Via, from: Jid, to: Jid, stanza: Element): void {
    if (this.federation.handleStanza(turn, from, to, stanza)) return;
    const isLocal = this.#shape.ways.isLocal(from.domain, via);
    if (via.kind === 'component' && !isLocal) return turn.deliver(errorReply(stanza, ROOM_ERRORS.notLocal, to.bare));
    handleUserStanza(this.service, turn, { stanza, from, to, isLocal, commands: this.#commands });
  }

  /** A look into an archive is done. */
  #handleSearched({ request, found }: Searched, now: number): Effect[] {
    const turn = this.#turn(now);
    const room = this.service.get(request.room);
    if (request.kind === 'refers') {
      const { via, stanza } = request.received;
      const [from, to] = [attribute(stanza, 'from'), attribute(stanza, 'to')].map((jid) => Jid.tryParse(jid));
      room?.referable.recall(found?.messages ?? [], turn.journal);
      if (from !== undefined && to !== undefined) this.#dispatch(turn, via, from, to, stanza);
    } else if (room === undefined) turn.deliver(errorReply(request.iq, ROOM_ERRORS.noSuchRoom, request.room));
    else if (found === undefined) turn.deliver(errorReply(request.iq, ROOM_ERRORS.archiveBusy, request.room));
    else if (request.kind === 'archive') continueArchive(room, turn, request, found);
    else if (request.kind === 'metadata') continueMetadata(room, turn, request, found);
    else moderateFound(room, turn, request, found);
    return this.#finish(turn);
  }

  #mayCome(via: Via, from: Jid): boolean {
    return from.domain !== this.config.gateway.domain && this.#shape.ways.mayCome(from.domain, via);
  }

  #handleArchive({ request, messages }: ArchiveRead, now: number): Effect[] {
    const turn = this.#turn(now);
    const room = this.service.get(request.room);
    if (request.kind === 'entered' && room !== undefined)
      sendHistory(room, turn, request.to, messages, request.maxChars);
    this.federation.handleArchive(turn, request, messages);
    return this.#finish(turn);
  }

  #handleVcard({ request, vcard }: VcardRead, now: number): Effect[] {
    const turn = this.#turn(now);
    const room = this.service.get(request.room);
    if (room !== undefined) sendVcard(room, turn, request, vcard);
    return this.#finish(turn);
  }

  #refuse(turn: Turn, message: string, key: string, fields: Record<string, string | number>): void {
    const suppressed = this.#refusals.allow(`${message} ${key}`, turn.now);
    if (suppressed === false) return;
    turn.log('warn', message, suppressed === 0 ? fields : { ...fields, suppressed });
  }

  #turn(now: number): Turn {
    return new Turn(now, this.#journal);
  }

  #allLinks(): LinkWay[] {
    return [...this.#shape.retired.links, ...this.links];
  }

  /** What a link over S2S has handed on has been given to its stream. */
  #handedOn({ domain }: SendEffect, now: number): Effect[] {
    return this.#allLinks().flatMap(({ peer, stream }) =>
      peer === domain && stream instanceof S2sLink ? this.#ofStream(stream.handedOn(now), now) : [],
    );
  }

  /** Has S2S streams do something. What comes by the stream of a link has come through the link. */
  #ofS2s(act: (s2s: S2s) => S2sEffect[], now: number): Effect[] {
    const { s2s, held } = this.#shape;
    if (s2s === undefined) return [];
    const effects = act(s2s).flatMap((effect): readonly StreamEffect[] => {
      if (effect.kind === 's2s-down') return held.get(effect.peer)?.fall() ?? [];
      return (effect.kind === 'stanza' && held.get(effect.via.domain)?.hear(effect.stanza)) || [effect];
    });
    return [
      ...this.#ofStream(effects, now),
      ...[...held.values()].flatMap((link) => this.#ofStream(link.proceed(now), now)),
    ];
  }

  /** Carries what happened in rooms further until nothing is left to tell, then gives the stanzas to their streams. */
  #finish(turn: Turn): Effect[] {
    this.#settle(turn);
    return toStreams(turn.effects, this.#shape.ways, this.watch);
  }

  #settle(turn: Turn): void {
    for (let event = turn.events.shift(); event !== undefined; event = turn.events.shift()) {
      this.federation.handleEvent(turn, event);
      const { room } = event;
      const isEmpty = event.kind === 'left' && !room.persistent && room.occupants.size === 0;
      if (event.kind === 'destroyed') this.federation.end(turn, room);
      if ((event.kind === 'destroyed' || isEmpty) && this.service.get(room.jid) === room)
        this.service.remove(turn, room);
    }
  }

  #isOff(jid: string): boolean {
    return isOff(this.service.get(jid)?.settings.further);
  }

  #serviceOptions({ gateway }: Config): ServiceOptions {
    const { domain, name, admins, createRooms } = gateway;
    return {
      domain,
      name,
      admins: new Set(admins),
      createRooms,
      version: this.#version,
      features: [NS.sync, NS.commands],
      further: this.rooms,
    };
  }

  /** What changes of it is asked for anew each time. */
  #federationContext(): FederationContext {
    const shape = (): Shape => this.#shape;
    const store = (): Kept | undefined => this.#kept;
    return {
      federation: this.federation,
      get config() {
        return shape().config;
      },
      get ways() {
        return shape().ways;
      },
      get kept() {
        return store();
      },
      settle: (turn) => this.#settle(turn),
    };
  }

  /** The effects of a stream, and what its coming or going means to the other nodes. */
  #ofStream(effects: readonly StreamEffect[], now: number): Effect[] {
    return effects.flatMap((effect): Effect[] => {
      switch (effect.kind) {
        case 'component-up':
        case 'component-down':
        case 'link-up':
        case 'link-down':
        case 's2s-up':
        case 's2s-lost': {
          const turn = this.#turn(now);
          if (effect.kind === 's2s-lost')
            this.federation.handleLoss(
              turn,
              (domain) => domain === effect.domain && this.#shape.ways.way(domain)?.kind === 's2s',
            );
          const lost = effect.kind === 'link-down' ? this.#lose(turn, effect.peer) : [];
          this.federation.handleWays(turn);
          return [...lost, ...this.#finish(turn)];
        }
        case 'link-drained': {
          const turn = this.#turn(now);
          this.federation.handleDrained(turn, effect.overrun);
          return this.#finish(turn);
        }
        case 's2s-unreachable':
          return this.#withdraw(effect.domain);
        default:
          if (!isWrite(effect)) this.#ofStreams.push(effect);
          return [effect];
      }
    });
  }

  /** A link has been down: what waited for it is out of date. */
  #lose(turn: Turn, down: string): readonly Effect[] {
    this.federation.handleLoss(turn, (domain) => this.linkTo(domain) === down);
    return this.links.find(({ peer }) => peer === down)?.stream.departures.forget(turn.now) ?? [];
  }

  /** Users whom streams can't reach any more are out of every room at once; the others hear of one after the other. */
  #withdraw(domain: string): Effect[] {
    if (this.#shape.ways.way(domain)?.kind !== 's2s') return [];
    return [...this.service.rooms()].flatMap((room) => {
      const gone = room.occupantsOf(undefined).filter(({ jid }) => jid.domain === domain);
      withdraw(room, gone);
      return gone.map((occupant): Effect => ({ kind: 'departed', room, occupant }));
    });
  }
}

/** The stanza that an input is about. */
function causeOf(input: Input): Element | undefined {
  if (input.kind === 'stanza') return input.stanza;
  if (input.kind === 'vcard-read') return input.request.stanza;
  if (input.kind !== 'searched') return undefined;
  return input.request.kind === 'refers' ? input.request.received.stanza : input.request.iq;
}

function nameOf(via: Via): string {
  return via.kind === 'link' ? via.peer : via.kind;
}

/** The listeners that the file asks for, each once. */
export function listenersOf(config: Config): { readonly host: string; readonly port: number }[] {
  const wanted = config.links.flatMap(({ listen, transport }) =>
    listen === undefined || transport === 's2s' ? [] : [listen],
  );
  const all = [...wanted, ...(config.s2s?.listen ?? [])];
  return [...new Map(all.map((address) => [formatAddress(address), address])).values()];
}
