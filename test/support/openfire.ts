import { domainOf } from '../../src/lib/jid.ts';
import { formatStamp } from '../../src/lib/stamp.ts';
import { attribute, childText, type Element, element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { breaches } from './openfire-rules.ts';
import {
  answerTo,
  authorOf,
  bareOf,
  departureOf,
  isJoin,
  type OpenfireOccupant,
  presenceOf,
  rejection,
  requestOf,
  resourceOf,
  withAddresses,
  withoutPayload,
} from './openfire-stanzas.ts';

/*
 * Openfire's side of XEP-0289, with everything that it does otherwise than the XEP (Openfire 5.1). Stanzas in, stanzas out;
 * what it can't digest is dropped with nothing said, as an exception there is.
 */

/** In whose name something goes out; without a nick it is the room itself. */
interface Sender {
  readonly jid: string;
  readonly nick?: string;
  readonly isRemote: boolean;
  /** The node whose doing it is, where the room acts for one. */
  readonly via?: string;
}

/** A node of the set, and whom it has brought. */
interface FmucPeer {
  readonly node: string;
  readonly occupants: Set<string>;
}

/** A join that hasn't been answered to the end. */
interface Progress {
  readonly node: string;
  readonly responses: Element[];
  readonly queue: { readonly content: Element; readonly sender: Sender }[];
}

const HISTORY_LENGTH = 25;

/** An Openfire room with `xmpp.muc.room.fmuc.enabled`. */
export class OpenfireRoom {
  readonly jid: string;
  /** What others did that they must not do with Openfire. */
  readonly broken: string[] = [];
  /** What its local users have seen. */
  readonly heard: string[] = [];
  /** Private messages that everyone here has seen. */
  readonly leaked: string[] = [];
  /** What came and had no effect: unknown authors, updates of known occupants, strangers. */
  readonly dropped: string[] = [];
  /** Whether federation is switched on: without it nothing is answered. */
  isEnabled = true;
  /** Answers to service discovery say that this is Openfire. */
  tellsSoftware = false;
  subject: { readonly text: string; readonly nick: string | undefined; readonly stamp: number } | undefined;
  /** Milliseconds since the epoch. */
  clock: () => number = () => Date.UTC(2026, 0, 1);
  readonly #federate: string | undefined;
  #occupants: OpenfireOccupant[] = [];
  #history: Element[] = [];
  #inbound = new Map<string, FmucPeer>();
  #outbound: FmucPeer | undefined;
  #progress: Progress | undefined;
  /** The accept has just been complete. */
  #justJoined = false;
  #ids = 0;

  /** `federate`: bare JID of the node that it joins at a local join. */
  constructor(jid: string, federate?: string) {
    this.jid = jid;
    this.#federate = federate;
  }

  get occupants(): readonly OpenfireOccupant[] {
    return this.#occupants;
  }

  get nicks(): string[] {
    return this.#occupants.map(({ nick }) => nick).toSorted();
  }

  /** Where it stands with the node that it joins. */
  get outbound(): 'none' | 'joining' | 'joined' {
    return this.#progress === undefined ? (this.#outbound === undefined ? 'none' : 'joined') : 'joining';
  }

  /** The nodes that have joined it. */
  get inbound(): string[] {
    return [...this.#inbound.keys()];
  }

  /** What it sends for a stanza of another node. */
  handle(stanza: Element): Element[] {
    const node = bareOf(attribute(stanza, 'from') ?? '');
    this.broken.push(
      ...breaches(stanza, {
        isJoining: this.#progress?.node === node,
        justJoined: this.#justJoined && this.#outbound?.node === node,
        isJoinedTo: this.#outbound?.node === node,
        brought: this.#inbound.get(node)?.occupants ?? new Set(),
        find: (jid) => this.#find(jid),
        holder: (nick) => this.#occupants.find((occupant) => occupant.nick === nick),
      }),
    );
    if (stanza.name === 'iq') return this.#answer(stanza);
    if (!this.isEnabled) return this.#drop('a stanza for a room without federation', stanza);
    const payload = findChild(stanza, 'fmuc', NS.fmuc);
    if (payload === undefined) return [];
    if (this.#progress?.node === node) return this.#respond(this.#progress, stanza);
    this.#justJoined = false;
    if (this.#outbound?.node === node && stanza.name === 'presence' && findChild(payload, 'left') !== undefined)
      return this.#stopOutbound();
    const peer = this.#inbound.get(node) ?? (this.#outbound?.node === node ? this.#outbound : undefined);
    if (peer !== undefined) return this.#process(peer, stanza);
    if (isJoin(stanza)) return this.#takeJoin(node, stanza);
    return this.#drop('a stanza of a stranger', stanza);
  }

  userJoins(nick: string, jid: string, as: { affiliation?: string; role?: string; show?: string } = {}): Element[] {
    const { affiliation = 'none', role = 'participant', show } = as;
    const occupant: OpenfireOccupant = { nick, jid, affiliation, role, isRemote: false };
    const request = requestOf(occupant);
    const sent: Element[] = [];
    if (this.#federate !== undefined && this.#outbound === undefined && this.#progress === undefined) {
      this.#progress = { node: this.#federate, responses: [], queue: [] };
      sent.push(this.#addressed(request, occupant, `${this.#federate}/${nick}`));
    } else sent.push(...this.#propagateOutbound(request, occupant));
    sent.push(...this.#propagateInbound(request, occupant));
    this.#occupants.push(occupant);
    const presence = show === undefined ? [] : [element('show', {}, show)];
    return [...sent, ...this.#propagate(presenceOf(occupant, presence), occupant)];
  }

  userLeaves(nick: string): Element[] {
    const occupant = this.#local(nick);
    const sent = this.#propagate(departureOf(occupant), occupant);
    this.#remove(occupant);
    return sent;
  }

  userSays(nick: string, body: string): Element[] {
    return this.#broadcast(this.#message(element('body', {}, body)), this.#local(nick));
  }

  /** An administrator speaks as the room. */
  roomSays(body: string): Element[] {
    return this.#broadcast(this.#message(element('body', {}, body)), this.#self);
  }

  userSetsSubject(nick: string, text: string): Element[] {
    this.subject = { text, nick, stamp: this.clock() };
    return this.#broadcast(this.#message(element('subject', {}, text)), this.#local(nick));
  }

  userChangesShow(nick: string, show: string): Element[] {
    const occupant = this.#local(nick);
    return this.#propagate(presenceOf(occupant, [element('show', {}, show)]), occupant);
  }

  userRenames(nick: string, newNick: string): Element[] {
    const occupant = this.#local(nick);
    const { jid, affiliation, role } = occupant;
    const item = element('item', { jid, affiliation, role, nick: newNick });
    const sent = this.#propagate(
      element(
        'presence',
        { type: 'unavailable' },
        element('x', { xmlns: NS.mucUser }, item, element('status', { code: '303' })),
      ),
      occupant,
    );
    const renamed = { ...occupant, nick: newNick };
    this.#occupants = this.#occupants.map((other) => (other === occupant ? renamed : other));
    return [...sent, ...this.#propagate(presenceOf(renamed), renamed)];
  }

  /** To someone elsewhere it goes to their real JID, whatever node they came through. */
  userWhispers(nick: string, to: string, body: string): Element[] {
    const sender = this.#local(nick);
    const recipient = this.#occupants.find((occupant) => occupant.nick === to);
    if (recipient === undefined) throw new Error(`no ${to}`);
    const message = element('message', { type: 'chat', id: this.#id() }, element('body', {}, body));
    return recipient.isRemote ? [this.#addressed(message, sender, recipient.jid)] : [];
  }

  /** The first stanza comes from the moderator, the second from the room; only the item names who is meant. */
  userKicks(nick: string, victim: string, reason?: string, status: 301 | 307 = 307): Element[] {
    return this.#kick(this.#local(nick), victim, status, reason);
  }

  /** Somebody hasn't answered its pings: both stanzas come from the room. */
  roomKicks(victim: string): Element[] {
    return this.#kick(this.#self, victim, 307);
  }

  /** A role or an affiliation changes: the room itself says so. */
  changes(nick: string, change: { readonly role?: string; readonly affiliation?: string }): Element[] {
    const occupant = this.#occupants.find((other) => other.nick === nick);
    if (occupant === undefined) throw new Error(`no ${nick}`);
    const changed = { ...occupant, ...change };
    this.#occupants = this.#occupants.map((other) => (other === occupant ? changed : other));
    return this.#propagate(presenceOf(changed), this.#self);
  }

  /** Asks someone, here or elsewhere, at their real JID whether they are still there. */
  pings(nick: string): Element[] {
    const jid = this.#occupants.find((occupant) => occupant.nick === nick)?.jid;
    const ping = element('ping', { xmlns: NS.ping });
    return [element('iq', { from: domainOf(this.jid), to: jid, type: 'get', id: this.#id() }, ping)];
  }

  /** Federation is switched on with people in the room: each of them joins. */
  startOutbound(): Element[] {
    if (this.#federate === undefined) return [];
    const [first, ...others] = this.#occupants;
    if (first === undefined) return [];
    const progress: Progress = { node: this.#federate, responses: [], queue: [] };
    this.#progress = progress;
    for (const other of others) progress.queue.push({ content: requestOf(other), sender: other });
    return [this.#addressed(requestOf(first), first, `${this.#federate}/${first.nick}`)];
  }

  /** Everything but the history and the subject is forgotten, and nobody is told. */
  restart(): void {
    this.#occupants = [];
    this.#inbound = new Map();
    this.#outbound = undefined;
    this.#progress = undefined;
  }

  #kick(sender: Sender, victim: string, status: 301 | 307, reason?: string): Element[] {
    const occupant = this.#occupants.find((other) => other.nick === victim);
    if (occupant === undefined) throw new Error(`no ${victim}`);
    const affiliation = status === 301 ? 'outcast' : occupant.affiliation;
    const item = element(
      'item',
      { jid: occupant.jid, affiliation, role: 'none' },
      reason === undefined ? undefined : element('reason', {}, reason),
      sender.nick === undefined ? undefined : element('actor', { nick: sender.nick }),
    );
    const content = element(
      'presence',
      { type: 'unavailable' },
      element('x', { xmlns: NS.mucUser }, item, element('status', { code: String(status) })),
    );
    this.#remove(occupant);
    return [...this.#propagate(content, sender), ...this.#propagate(content, this.#self)];
  }

  get #self(): Sender {
    return { jid: this.jid, isRemote: false };
  }

  #respond(progress: Progress, stanza: Element): Element[] {
    progress.responses.push(stanza);
    const payload = findChild(stanza, 'fmuc', NS.fmuc);
    if (stanza.name === 'presence' && payload !== undefined && findChild(payload, 'reject') !== undefined) {
      this.#progress = undefined;
      return [];
    }
    if (stanza.name !== 'message' || findChild(stanza, 'subject') === undefined) return [];
    this.#progress = undefined;
    this.#justJoined = true;
    const outbound: FmucPeer = { node: progress.node, occupants: new Set() };
    this.#outbound = outbound;
    const presences = progress.responses.filter(({ name }) => name === 'presence');
    for (const presence of presences) {
      const author = authorOf(presence);
      // An exception there: what came is lost, and what was queued with it.
      if (author === undefined) return this.#drop('the whole accept', presence);
      outbound.occupants.add(author);
    }
    const sent = presences.flatMap((presence) => this.#enter(presence));
    if (findChild(stanza, 'body') === undefined) {
      const text = childText(stanza, 'subject') ?? '';
      this.subject = { text, nick: undefined, stamp: this.clock() };
      sent.push(...this.#broadcast(this.#message(element('subject', {}, text)), { ...this.#self, via: outbound.node }));
    }
    for (const { content, sender } of progress.queue)
      sent.push(
        this.#addressed(content, sender, `${outbound.node}${sender.nick === undefined ? '' : `/${sender.nick}`}`),
      );
    return sent;
  }

  #takeJoin(node: string, stanza: Element): Element[] {
    if (node === this.#federate) return [rejection(this.jid, attribute(stanza, 'from') ?? '')];
    const author = authorOf(stanza);
    if (author === undefined) return this.#drop('a join of nobody', stanza);
    this.#inbound.set(node, { node, occupants: new Set([author]) });
    const occupants = this.#occupants.map((occupant) => {
      const { affiliation, role } = occupant;
      const item = element('item', { affiliation, role, jid: `${this.jid}/${occupant.nick}` });
      const presence = element('presence', {}, element('x', { xmlns: NS.mucUser }, item));
      return this.#addressed(presence, occupant, node);
    });
    const history = this.#history.map((message) => withAddresses(message, { to: node }));
    return [...occupants, ...history, this.#subjectFor(node), ...this.#enter(stanza)];
  }

  #subjectFor(node: string): Element {
    const { subject } = this;
    const author = subject?.nick === undefined ? this.jid : `${this.jid}/${subject.nick}`;
    return element(
      'message',
      { from: author, to: node, type: 'groupchat', id: this.#id() },
      element('subject', {}, subject?.text === '' ? undefined : subject?.text),
      subject && element('delay', { xmlns: NS.delay, from: this.jid, stamp: formatStamp(subject.stamp) }),
      element('fmuc', { xmlns: NS.fmuc, from: author }),
    );
  }

  /** A stanza of a node of the set. */
  #process(peer: FmucPeer, stanza: Element): Element[] {
    const author = authorOf(stanza);
    const occupant = author === undefined ? undefined : this.#find(author);
    if (stanza.name === 'message') {
      if (occupant === undefined) return this.#drop('a message of somebody unknown', stanza);
      const content = element('message', { type: attribute(stanza, 'type'), id: attribute(stanza, 'id') });
      content.children = withoutPayload(stanza);
      if (attribute(stanza, 'type') !== 'groupchat') this.leaked.push(`${occupant.nick}: ${childText(stanza, 'body')}`);
      return this.#broadcast(content, occupant);
    }
    const type = attribute(stanza, 'type');
    if (author === undefined) return this.#drop('a presence of nobody', stanza);
    if (type === undefined) {
      peer.occupants.add(author);
      return this.#enter(stanza);
    }
    if (type !== 'unavailable') return this.#drop(`a presence of type ${type}`, stanza);
    if (occupant === undefined) return this.#drop('a leave of somebody unknown', stanza);
    const sent = this.#leave(occupant);
    peer.occupants.delete(author);
    if (peer === this.#outbound || peer.occupants.size > 0) return sent;
    this.#inbound.delete(peer.node);
    const left = element('fmuc', { xmlns: NS.fmuc }, element('left'));
    return [...sent, element('presence', { from: this.jid, to: peer.node }, left)];
  }

  /** Someone elsewhere comes, and whoever is known already is left as they are. */
  #enter(stanza: Element): Element[] {
    const jid = authorOf(stanza) ?? '';
    const nick = resourceOf(attribute(stanza, 'from') ?? '') ?? '';
    if (this.#occupants.some((other) => other.jid === jid && other.nick.toLowerCase() === nick.toLowerCase()))
      return this.#drop('a presence of somebody known', stanza);
    const user = findChild(stanza, 'x', NS.mucUser);
    const item = user && findChild(user, 'item');
    const affiliation = (item && attribute(item, 'affiliation')) ?? 'none';
    const role = (item && attribute(item, 'role')) ?? 'participant';
    const occupant: OpenfireOccupant = { nick, jid, affiliation, role, isRemote: true };
    this.#occupants.push(occupant);
    this.heard.push(`+ ${nick}`);
    const presence = withoutPayload(stanza).filter((child) => typeof child === 'string' || child.name !== 'x');
    return this.#propagate(presenceOf(occupant, presence), occupant);
  }

  #leave(occupant: OpenfireOccupant): Element[] {
    const sent = this.#propagate(departureOf(occupant), occupant);
    this.#remove(occupant);
    return sent;
  }

  #remove(occupant: OpenfireOccupant): void {
    this.#occupants = this.#occupants.filter((other) => other !== occupant);
    if (occupant.isRemote) this.heard.push(`- ${occupant.nick}`);
  }

  #stopOutbound(): Element[] {
    const gone = [...(this.#outbound?.occupants ?? [])].map((jid) => this.#find(jid));
    const sent = gone.flatMap((occupant) => (occupant === undefined ? [] : this.#leave(occupant)));
    this.#outbound = undefined;
    return sent;
  }

  #broadcast(content: Element, sender: Sender): Element[] {
    const from = sender.nick === undefined ? this.jid : `${this.jid}/${sender.nick}`;
    const subject = childText(content, 'subject');
    const body = childText(content, 'body');
    this.heard.push(subject === undefined ? `${sender.nick ?? ''}: ${body ?? ''}` : `= ${subject}`);
    if (body !== undefined && attribute(content, 'type') === 'groupchat') {
      const delay = element('delay', { xmlns: NS.delay, from: this.jid, stamp: formatStamp(this.clock()) });
      const payload = element('fmuc', { xmlns: NS.fmuc, from });
      this.#history = [...this.#history, withAddresses(content, { from }, delay, payload)].slice(-HISTORY_LENGTH);
    }
    return this.#propagate(content, sender);
  }

  /** To every node but those that the sender came through; while a join isn't answered, what is for there waits. */
  #propagate(content: Element, sender: Sender): Element[] {
    return [...this.#propagateOutbound(content, sender), ...this.#propagateInbound(content, sender)];
  }

  #propagateOutbound(content: Element, sender: Sender): Element[] {
    if (this.#progress !== undefined) {
      this.#progress.queue.push({ content, sender });
      return [];
    }
    if (this.#outbound === undefined || !wants(this.#outbound, sender)) return [];
    const { node } = this.#outbound;
    return [this.#addressed(content, sender, sender.nick === undefined ? node : `${node}/${sender.nick}`)];
  }

  #propagateInbound(content: Element, sender: Sender): Element[] {
    const peers = [...this.#inbound.values()].filter((peer) => wants(peer, sender));
    return peers.map(({ node }) => this.#addressed(content, sender, node));
  }

  #addressed(content: Element, { jid, nick }: Sender, to: string): Element {
    const from = nick === undefined ? this.jid : `${this.jid}/${nick}`;
    return withAddresses(content, { from, to }, element('fmuc', { xmlns: NS.fmuc, from: jid }));
  }

  #answer(iq: Element): Element[] {
    return attribute(iq, 'type') === 'get' ? [answerTo(iq, this.tellsSoftware)] : [];
  }

  #message(...children: readonly Element[]): Element {
    return element('message', { type: 'groupchat', id: this.#id() }, ...children);
  }

  #find(jid: string): OpenfireOccupant | undefined {
    return this.#occupants.find((occupant) => occupant.jid === jid);
  }

  #local(nick: string): OpenfireOccupant {
    const occupant = this.#occupants.find((other) => other.nick === nick && !other.isRemote);
    if (occupant === undefined) throw new Error(`no ${nick} of its own`);
    return occupant;
  }

  #drop(what: string, stanza: Element): [] {
    this.dropped.push(`${what}: ${attribute(stanza, 'from')}`);
    return [];
  }

  #id(): string {
    return `of-${++this.#ids}`;
  }
}

function wants({ node, occupants }: FmucPeer, sender: Sender): boolean {
  if (sender.via !== undefined) return sender.via !== node;
  return !sender.isRemote || !occupants.has(sender.jid);
}
