import { describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/lib/random.ts';
import {
  type CorpusUser,
  joins,
  messages,
  messageXml,
  PRESENCE_EVENTS,
  presenceHour,
  presenceXml,
  users,
} from '../support/corpus.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';
import type { Wire } from '../support/wire.ts';

/*
 * What may cross a link between two gateways of ours, in bytes of TCP's payload, both ways together. The corpus' people of
 * the first site are near, the others far; the near room joins the far one.
 */

vi.setConfig({ testTimeout: 120_000 });

const PEOPLE = users('measured');
const SITES = [...new Set(PEOPLE.map(({ domain }) => domain))];
const [NEAR = '', FAR = '', FARTHER = ''] = SITES;
const MINUTE = 60_000;
const LINK = {
  dialect: 'fmucd',
  compression: true,
  presence: 'availability',
  coalesce: 60,
  history: { messages: 1000, bytes: 1_000_000, age: 86_400 },
} as const;

class Link {
  readonly world = new VirtualWorld();
  readonly near: VirtualGateway;
  readonly far: VirtualGateway;

  constructor() {
    const address = { host: '127.0.0.1', port: 5270 };
    this.far = this.world.gateway(`rooms.${FAR}`, {
      gateway: { localDomains: [FAR, FARTHER] },
      links: [{ ...LINK, peer: `rooms.${NEAR}`, domains: [NEAR], listen: address, from: ['127.0.0.1'] }],
      rooms: [{ name: 'ops', keep: KEEP_ALL }],
    });
    this.near = this.world.gateway(`rooms.${NEAR}`, {
      gateway: { localDomains: [NEAR] },
      links: [{ ...LINK, peer: `rooms.${FAR}`, domains: [FAR, FARTHER], connect: address }],
      rooms: [{ name: 'ops', keep: KEEP_ALL, federate: [this.#room(this.far)] }],
    });
    // On each side somebody has been there all the time.
    for (const side of [this.near, this.far])
      this.#send(side, `<presence from='${watcher(side)}' to='${this.#room(side)}/${side.domain}'>${MUC}</presence>`);
    this.settle();
  }

  /** Lets everything cross, windows of presence included. */
  settle(): void {
    this.world.settle(5 * MINUTE);
  }

  gather(): void {
    for (const event of joins('measured')) this.presence(event);
    this.settle();
  }

  presence(event: Parameters<typeof presenceXml>[0]): void {
    const side = this.#sideOf(event.user);
    this.#send(side, presenceXml(event, event.user.jid, this.#room(side)));
  }

  say(message: ReturnType<typeof messages>[number]): void {
    const side = this.#sideOf(message.user);
    this.#send(side, messageXml(message, message.user.jid, this.#room(side)));
  }

  /** The bytes that cross while that happens. */
  cost(act: () => void): number {
    const before = this.near.bytesCrossed + this.far.bytesCrossed;
    act();
    return this.near.bytesCrossed + this.far.bytesCrossed - before;
  }

  get wire(): Wire {
    return this.world.wire(this.near.domain, this.far.domain);
  }

  down(): void {
    this.wire.hold(1000 * MINUTE);
    this.world.settle(1000);
  }

  up(): void {
    this.wire.mend();
  }

  #send(side: VirtualGateway, xml: string): void {
    side.send(xml);
    this.world.settle(0);
  }

  #sideOf({ domain }: CorpusUser): VirtualGateway {
    return domain === NEAR ? this.near : this.far;
  }

  #room({ domain }: VirtualGateway): string {
    return `ops@${domain}`;
  }
}

/** Bytes of a segment's headers and of its ACK, with timestamps, as Linux sends them. */
const SEGMENT = 104;
const KEEP_ALL = { messages: 0, age: 0 } as const;
const MUC = `<x xmlns='http://jabber.org/protocol/muc'/>`;
const watcher = ({ domain }: VirtualGateway): string => `watcher@${domain.slice('rooms.'.length)}/r`;
const bodies = (gateway: VirtualGateway): number => gateway.store.messages(`ops@${gateway.domain}`).length;

describe('the budget of a compressed link', () => {
  it('a message, mean over the corpus: 36 bytes, and 140 on air, confirmations and corrections among them', () => {
    const link = new Link();
    link.gather();
    const said = messages('measured');
    const writes = link.near.writes + link.far.writes;
    const bytes = link.cost(() => {
      for (const message of said) {
        link.say(message);
        link.world.settle(2000);
      }
      link.settle();
    });
    expect([bodies(link.near), bodies(link.far)]).toEqual([said.length, said.length]);
    expect(bytes / said.length).toBeLessThanOrEqual(36);
    expect(bytes / said.length).toBeGreaterThan(15);
    const segments = link.near.writes + link.far.writes - writes;
    expect((bytes + segments * SEGMENT) / said.length).toBeLessThanOrEqual(140);
  });

  it('before the first message after link-up, said before or then: 150 bytes, and no round trip', () => {
    const [first] = messages('measured', 200)
      .slice(100)
      .filter(({ user }) => user.domain === NEAR);
    if (first === undefined) throw new Error('nobody near says anything');
    /** What leaves at once: the join, and what is said before it, if that is so. */
    const atOnce = (isSaidBefore: boolean): { readonly bytes: number; readonly link: Link } => {
      const link = new Link();
      link.gather();
      for (const message of messages('measured', 100)) link.say(message);
      link.settle();
      link.down();
      if (isSaidBefore) link.say(first);
      const [before, answered] = [link.near.writes, link.far.writes];
      const bytes = link.near.bytesCrossed;
      link.near.crossed.splice(0);
      link.up();
      while (link.near.writes === before) link.world.settle(1);
      if (!isSaidBefore) link.say(first);
      expect(link.near.crossed.join('')).toContain('<body>');
      expect([link.near.writes - before, link.far.writes - answered]).toEqual([isSaidBefore ? 1 : 2, 0]);
      return { bytes: link.near.bytesCrossed - bytes, link };
    };
    const alone = new Link();
    alone.gather();
    alone.down();
    const join = alone.near.bytesCrossed;
    alone.up();
    while (alone.near.bytesCrossed === join) alone.world.settle(1);
    expect(alone.near.bytesCrossed - join).toBeLessThanOrEqual(150);
    for (const isSaidBefore of [true, false]) {
      const { bytes, link } = atOnce(isSaidBefore);
      expect(bytes).toBeLessThanOrEqual(250);
      link.settle();
      expect([bodies(link.near), bodies(link.far)]).toEqual([101, 101]);
    }
  });

  it('joining anew where nothing was missed: 300 bytes', () => {
    const link = new Link();
    link.gather();
    for (const message of messages('measured', 100)) link.say(message);
    link.settle();
    link.down();
    const bytes = link.cost(() => {
      link.up();
      link.settle();
    });
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(300);
  });

  it('200 missed messages: 7,000 bytes, the join among them', () => {
    const link = new Link();
    link.gather();
    link.down();
    const missed = messages('measured', 600)
      .filter(({ user }) => user.domain !== NEAR)
      .slice(0, 200);
    for (const message of missed) {
      link.say(message);
      link.world.settle(1000);
    }
    const bytes = link.cost(() => {
      link.up();
      link.settle();
    });
    expect(missed).toHaveLength(200);
    expect(bodies(link.near)).toBe(200);
    expect(bytes).toBeLessThanOrEqual(7000);
  });

  it('20 occupants who join: 1,000 bytes', () => {
    const link = new Link();
    const bytes = link.cost(() => link.gather());
    expect(link.near.core.service.get(`ops@${link.near.domain}`)?.occupants.size).toBe(PEOPLE.length + 2);
    expect(bytes).toBeLessThanOrEqual(1000);
  });

  it('an hour of presence, gathered over a minute: 1,500 bytes', () => {
    const link = new Link();
    link.gather();
    const events = presenceHour('measured');
    const started = link.world.now;
    const bytes = link.cost(() => {
      for (const event of events) {
        link.world.settle(started + event.at - link.world.now);
        link.presence(event);
      }
      link.settle();
    });
    expect(events).toHaveLength(PRESENCE_EVENTS);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(1500);
  });

  it('an hour of silence: nothing', () => {
    const link = new Link();
    link.gather();
    for (const message of messages('measured', 50)) link.say(message);
    link.settle();
    expect(link.cost(() => link.world.settle(60 * MINUTE))).toBe(0);
  });

  it('1,000 random cuts at 10 % loss: nothing is lost or doubled', () => {
    const link = new Link();
    link.gather();
    const random = new Random(4);
    link.wire.weather = {
      latency: { min: 300, max: 2000 },
      loss: 0.1,
      retransmission: { min: 1000, max: 4000 },
      split: 0.1,
      notice: { min: 0, max: 20_000 },
    };
    const said = messages('measured', 1000);
    for (const message of said) {
      link.say(message);
      link.world.settle(Math.floor(random.next() ** 2 * 60_000));
      link.wire.cut();
    }
    link.wire.weather = undefined;
    link.settle();
    link.settle();
    for (const side of [link.near, link.far]) {
      const numbers = side.store.messages(`ops@${side.domain}`).map(({ origin }) => `${origin?.by} ${origin?.id}`);
      expect(numbers).toHaveLength(said.length);
      expect(new Set(numbers).size).toBe(said.length);
    }
  });
});
