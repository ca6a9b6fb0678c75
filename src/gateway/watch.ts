import type { Federation } from '../fmuc/federation.ts';
import { bareOf, domainOf } from '../lib/jid.ts';
import { type CrossedEffect, crossed } from '../link/crossed.ts';
import type { Turn } from '../muc/turn.ts';
import { gistOf, nickIn } from '../stanza/gist.ts';
import type { WithheldReason } from '../stanza/withheld.ts';
import { attribute } from '../xml/element.ts';
import { serialise } from '../xml/serialise.ts';
import type { StanzaReceived } from './effects.ts';
import type { LinkWay, Ways } from './ways.ts';

/** What of the gateway is looked on at. */
interface Watched {
  readonly links: readonly LinkWay[];
  readonly ways: Ways;
  readonly federation: Federation;
}

/** At which ways somebody looks on: only of these is told what crosses them and what doesn't. */
export class Watch {
  readonly #gateway: Watched;
  #wanted: ReadonlySet<string | undefined> = new Set();

  constructor(gateway: Watched) {
    this.#gateway = gateway;
  }

  /** Whether anybody looks on at anything. */
  get isOn(): boolean {
    return this.#wanted.size > 0;
  }

  /**
   * From now on somebody looks on at these: the peers of links, and domains that an ordinary stream leads to. Undefined among
   * them: at every link, and at every domain that has a node.
   */
  follow(wanted: Iterable<string | undefined>): void {
    this.#wanted = new Set(wanted);
    for (const { peer, stream } of this.#gateway.links)
      stream.isTraced = this.#wanted.has(undefined) || this.#wanted.has(peer);
  }

  /** What those who look on know the way to a JID by; undefined where nobody looks on at it. */
  nameOf(jid: string): string | undefined {
    if (!this.isOn) return undefined;
    const domain = domainOf(jid);
    const link = this.#gateway.ways.linkTo(domain);
    if (link !== undefined) return link.stream.isTraced ? link.peer : undefined;
    const isNode = this.#wanted.has(undefined) && this.#gateway.federation.hasNodeAt(domain);
    return isNode || this.#wanted.has(domain) ? domain : undefined;
  }

  /** A stanza has come. Links tell of theirs themselves. */
  arrived({ via, stanza }: StanzaReceived): CrossedEffect[] {
    const peer = via.kind === 'link' ? undefined : this.nameOf(attribute(stanza, 'from') ?? '');
    return peer === undefined ? [] : crossed(peer, 'in', [serialise(stanza)], undefined);
  }

  /** A stanza is given to an ordinary stream. */
  departs(domain: string, xml: string): CrossedEffect[] {
    const peer = this.nameOf(domain);
    return peer === undefined ? [] : crossed(peer, 'out', [xml], undefined);
  }

  /** A stanza that has come isn't taken. */
  refused(turn: Turn, { via, stanza }: StanzaReceived, reason: WithheldReason): void {
    if (!this.isOn) return;
    const peer = via.kind === 'link' ? this.#linkNamed(via.peer) : this.nameOf(attribute(stanza, 'from') ?? '');
    const to = bareOf(attribute(stanza, 'to') ?? '');
    if (peer === undefined) return;
    const room = to === domainOf(to) ? null : to;
    const { kind: about } = gistOf(stanza);
    turn.withhold({ kind: 'withheld', peer, room, reason, about, who: nickIn(stanza), direction: 'in' });
  }

  #linkNamed(peer: string): string | undefined {
    return this.#gateway.links.some((link) => link.peer === peer && link.stream.isTraced) ? peer : undefined;
  }
}
