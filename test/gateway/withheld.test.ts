import { describe, expect, it } from 'vitest';
import type { CrossedEffect } from '../../src/link/crossed.ts';
import { WITHHELD, type WithheldEffect, type WithheldReason } from '../../src/stanza/withheld.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { gathered, shows, WINDOW } from '../support/gathered.ts';
import { ELSINORE, enters, HAMLET, leaves, type Pair, RABBITHOLE, says } from '../support/nodes.ts';
import { pairOverS2s } from '../support/over-s2s.ts';
import type { VirtualGateway } from '../support/virtual.ts';
import { SCENES } from '../support/withheld-scenes.ts';

/* Whoever looks on is told of everything that doesn't cross, or not as it was said, and why. */

const WONDERLAND = 'rooms.wonderland.lit';
const DENMARK = 'rooms.denmark.lit';
const REASONS = Object.keys(WITHHELD) as WithheldReason[];

/** Looks on at a gateway: at these ways, or at all. */
function look(gateway: VirtualGateway, ...peers: readonly string[]) {
  const withheld: WithheldEffect[] = [];
  const crossed: CrossedEffect[] = [];
  gateway.core.watch.follow(peers.length > 0 ? peers : [undefined]);
  gateway.onWithheld = (effect) => void withheld.push(effect);
  gateway.onCrossed = (effect) => void crossed.push(effect);
  return { withheld, crossed };
}

describe('every reason shows in a scene of its own', () => {
  it.each(REASONS)('%s', (reason) => {
    let withheld: WithheldEffect[] = [];
    const expected = SCENES[reason]((gateway, ...peers) => {
      ({ withheld } = look(gateway, ...peers));
    });
    const told = withheld.filter((effect) => effect.reason === reason);
    expect(told).toContainEqual(expect.objectContaining({ kind: 'withheld', reason, ...expected }));
  });

  it('and there is no scene for anything else, nor a text that a console has to break', () => {
    expect(Object.keys(SCENES).toSorted()).toEqual(REASONS.toSorted());
    for (const { text } of Object.values(WITHHELD)) expect(text.length, text).toBeLessThanOrEqual(76);
  });
});

const counted = (withheld: readonly WithheldEffect[], ...reasons: readonly WithheldReason[]): number =>
  withheld.filter(({ reason }) => reasons.includes(reason)).reduce((sum, { count = 1 }) => sum + count, 0);

describe('what status counts is seen', () => {
  it('presence that was gathered into other, to the stanza', () => {
    const { denmark, world } = gathered();
    const { withheld } = look(denmark);
    const before = denmark.core.links[0]?.spared.presences ?? 0;
    const ophelia = (number: number): string => `ophelia${number}@denmark.lit/r`;
    for (let number = 0; number < 40; number++) {
      const nick = `O${number % 5}`;
      denmark.send(enters(ophelia(number % 5), ELSINORE, nick));
      if (number % 3 === 0) denmark.send(shows(ophelia(number % 5), ELSINORE, nick, '<show>away</show>'));
      if (number % 4 === 0) denmark.send(shows(ophelia(number % 5), ELSINORE, `${nick}-too`));
      if (number % 2 === 0) denmark.send(leaves(ophelia(number % 5), ELSINORE, nick));
      world.settle((number % 7) * 1000);
    }
    world.settle(2 * WINDOW * 1000);
    const spared = (denmark.core.links[0]?.spared.presences ?? 0) - before;
    expect(spared).toBeGreaterThan(10);
    expect(counted(withheld, 'cancelled-out', 'folded', 'nothing-new', 'presence-none', 'not-known-there')).toBe(
      spared,
    );
  });

  it('payloads that were left out, to the byte', () => {
    const { denmark } = gathered();
    const { withheld } = look(denmark);
    const adorned =
      "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/></message>";
    denmark.say(says(HAMLET, ELSINORE, 'Words').replace('</message>', adorned));
    denmark.say(says(HAMLET, ELSINORE, 'words').replace('</message>', adorned));
    const { payloads, payloadCharacters } = denmark.core.links[0]?.spared ?? {};
    const told = withheld.filter(({ reason }) => reason === 'payloads');
    expect(told.map(({ detail }) => detail)).toEqual(Array(2).fill('active (chatstates), request (receipts)'));
    expect([payloads, payloadCharacters]).toEqual([4, told.reduce((sum, { bytes = 0 }) => sum + bytes, 0)]);
  });

  it.each(REASONS.filter((reason) => WITHHELD[reason].verdict === 'refused'))(
    'stanzas of a neighbour that were refused, for one: %s',
    (reason) => {
      let gateway: VirtualGateway | undefined;
      let seen: WithheldEffect[] = [];
      SCENES[reason]((watched, ...peers) => {
        gateway = watched;
        ({ withheld: seen } = look(watched, ...peers));
      });
      const nodes = [...(gateway?.core.federation.nodes() ?? [])];
      const refused = nodes.flatMap((node) => node.everyone()).reduce((sum, one) => sum + one.refused, 0);
      const told = seen.filter((effect) => WITHHELD[effect.reason].verdict === 'refused' && effect.direction === 'in');
      expect(told.length).toBeGreaterThanOrEqual(refused);
    },
  );

  it('messages that were left behind', () => {
    const both = gathered({ history: { messages: 2, bytes: 10_000, age: 86_400 } });
    const { withheld } = look(both.denmark);
    outage(both, () => {
      for (let number = 0; number < 9; number++) both.denmark.say(says(HAMLET, ELSINORE, `${number}`));
    });
    const dropped = both.denmark.core.federation.node(ELSINORE)?.upward?.at.dropped;
    expect([dropped, counted(withheld, 'left-behind'), counted(withheld, 'link-down')]).toEqual([7, 7, 9]);
  });
});

function outage({ world }: Pair, act: () => void): void {
  const wire = world.wire(DENMARK, WONDERLAND);
  wire.hold(10_000_000);
  world.settle(1000);
  act();
  wire.mend();
  world.settle(120_000);
}

describe('a link', () => {
  it('tells in order what becomes of a message while it is down, and when it comes', () => {
    const both = gathered();
    const [near, far] = [look(both.denmark), look(both.wonderland)];
    const isMessage = ({ xml = '' }: { readonly xml?: string }): boolean => xml.includes('<body>');
    outage(both, () => both.denmark.say(says(HAMLET, ELSINORE, 'Words')));
    expect(near.withheld.map(({ reason, about, who }) => [reason, about, who])).toContainEqual([
      'link-down',
      'message',
      'Hamlet',
    ]);
    expect(near.crossed.filter(isMessage).map(({ direction }) => direction)).toEqual(['out']);
    expect(far.crossed.filter(isMessage).map(({ direction }) => direction)).toEqual(['in']);
    expect(counted(far.withheld, 'seen-number')).toBe(0);
  });

  it('on which everything waits for its turn tells of nothing that leaves at once', () => {
    const { denmark, world } = gathered({ bandwidth: 300, coalesce: 0 });
    const { withheld, crossed } = look(denmark);
    denmark.say(says(HAMLET, ELSINORE, 'alone'));
    expect([withheld, crossed.length]).toEqual([[], 1]);
    world.settle(60_000);
    for (const body of ['one', 'two']) denmark.send(says(HAMLET, ELSINORE, body));
    world.settle(60_000);
    expect(withheld.map(({ reason }) => reason)).toEqual(['waits-turn']);
    expect(crossed).toHaveLength(3);
  });
});

describe('costs nothing', () => {
  /** A day of talk in which everything that can be withheld is. */
  function story(gatewayOf: (both: Pair) => VirtualGateway | undefined) {
    const both = gathered({ bandwidth: 2400 });
    const watched = gatewayOf(both);
    const seen = watched === undefined ? undefined : look(watched);
    const told: string[] = [];
    both.wonderland.onWithheld = ({ reason }) => void told.push(reason);
    both.wonderland.onCrossed = ({ direction }) => void told.push(direction);
    outage(both, () => both.denmark.say(says(HAMLET, ELSINORE, 'missed')));
    for (const body of ['one', 'two', 'three']) both.denmark.send(says(HAMLET, ELSINORE, body));
    both.denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', '<show>away</show>'));
    both.world.settle(60_000);
    return { told, seen, crossed: [...both.denmark.crossed] };
  }

  it('while nobody looks on: nothing is told, at either end', () => {
    expect(story(() => undefined).told).toEqual([]);
  });

  it('to others while somebody looks on at one end, and changes nothing of what crosses', () => {
    const { told, seen, crossed } = story(({ denmark }) => denmark);
    expect(told).toEqual([]);
    expect([seen?.withheld.length, seen?.crossed.length].every((length) => (length ?? 0) > 0)).toBe(true);
    expect(crossed).toEqual(story(() => undefined).crossed);
  });

  it('once whoever looked on has gone', () => {
    const both = gathered({ bandwidth: 300, coalesce: 0 });
    const { withheld, crossed } = look(both.denmark);
    for (const body of ['one', 'two']) both.denmark.send(says(HAMLET, ELSINORE, body));
    const before = [withheld.length, crossed.length];
    both.denmark.core.watch.follow([]);
    both.world.settle(60_000);
    both.denmark.say(says(HAMLET, ELSINORE, 'three'));
    expect([withheld.length, crossed.length]).toEqual(before);
    expect(both.denmark.core.links.map(({ stream }) => stream.isTraced)).toEqual([false]);
  });

  it('of links that nobody looks on at', () => {
    const both = gathered();
    const { withheld, crossed } = look(both.denmark, 'rooms.tempest.lit');
    outage(both, () => both.denmark.say(says(HAMLET, ELSINORE, 'Words')));
    expect([withheld, crossed]).toEqual([[], []]);
  });
});

describe('a node over ordinary streams', () => {
  const ALICE = 'alice@wonderland.lit/garden';

  it.each([
    ['named', [WONDERLAND]],
    ['among all', []],
  ])('%s is seen both ways, without a size on the wire', (_, peers) => {
    const { denmark, wonderland, world } = pairOverS2s();
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    const { crossed } = look(denmark, ...peers);
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    denmark.say(says(HAMLET, ELSINORE, 'Words'));
    wonderland.say(says(ALICE, RABBITHOLE, 'What words?'));
    const talk = crossed.filter(({ xml }) => xml.includes('<body>'));
    expect(talk.map(({ peer, direction, wire }) => [peer, direction, wire])).toEqual([
      [WONDERLAND, 'out', undefined],
      [WONDERLAND, 'in', undefined],
    ]);
    expect(crossed.every(({ xml, bytes }) => bytes === Buffer.byteLength(xml) && parseElement(xml) !== null)).toBe(
      true,
    );
  });

  it('is not seen where another domain is looked on at, nor are our own users', () => {
    const { denmark, wonderland, world } = pairOverS2s();
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    const { crossed } = look(denmark, 'rooms.tempest.lit');
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    expect(crossed).toEqual([]);
    const all = look(denmark);
    denmark.say(says(HAMLET, ELSINORE, 'Words'));
    expect(all.crossed.map(({ peer }) => peer)).toEqual([WONDERLAND]);
  });

  it('over a link on such a stream has its bytes on the wire, both ways', () => {
    const { denmark, wonderland, world } = pairOverS2s({ dialect: 'fmucd' });
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    const { crossed } = look(denmark, WONDERLAND);
    denmark.say(says(HAMLET, ELSINORE, 'Words'));
    wonderland.say(says(ALICE, RABBITHOLE, 'What words?'));
    const talk = crossed.filter(({ xml }) => xml.includes('<body>'));
    expect(talk.map(({ direction, wire = 0, bytes }) => [direction, wire >= bytes])).toEqual([
      ['out', true],
      ['in', true],
    ]);
  });
});
