import { describe, expect, it } from 'vitest';
import { linkReports } from '../../src/gateway/status.ts';
import { outgoing } from '../../src/link/outgoing.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { ALICE, brief, drop, ELSINORE, enters, HAMLET, type Pair, RABBITHOLE, says } from '../support/nodes.ts';
import { denmarkOverS2s, pairOverS2s, wonderlandOverS2s } from '../support/over-s2s.ts';
import { expectTalk } from '../support/talk.ts';
import type { GatewayOverrides } from '../support/virtual.ts';

/* Links over server-to-server streams, in virtual time. */

function meet(story: Pair): Pair {
  const { denmark, wonderland, world } = story;
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  world.settle(60_000);
  drop(denmark, wonderland);
  expect(stateOf(story)).toBe('joined');
  return story;
}

const stateOf = ({ denmark }: Pair) => denmark.core.federation.node(ELSINORE)?.upward?.state;
const streamOf = ({ denmark }: Pair) => denmark.core.links[0]?.stream;
const words = (count: number) => Array.from({ length: count }, (_, index) => `word ${index}`);

describe('a link over S2S', () => {
  it('has its stream held, and tells of it', () => {
    const story = meet(pairOverS2s({}));
    expectTalk(story);
    const [report] = linkReports(story.denmark.core, story.denmark.config, story.world.now);
    expect(report).toMatchObject({ peer: 'rooms.wonderland.lit', transport: 's2s', state: 'up', waiting: 0 });
    expect([report?.bytes_in, report?.bytes_out, report?.stanzas_in]).not.toContain(0);
    story.world.settle(86_400_000);
    expect(streamOf(story)?.state).toBe('up');
  });

  it('leaves at the pace of its line, the most urgent first', () => {
    const story = meet(pairOverS2s({ bandwidth: 300 }));
    const { denmark, wonderland, world } = story;
    for (const word of words(10)) denmark.send(says(HAMLET, ELSINORE, word));
    world.settle(10_000);
    const early = brief(wonderland.take(ALICE)).length;
    expect(early).toBeLessThan(5);
    expect(streamOf(story)?.departures.waitingMessages).toBeGreaterThan(3);
    expect(linkReports(denmark.core, denmark.config, world.now)[0]?.delay).toBeGreaterThan(20);
    world.settle(600_000);
    expect(early + brief(wonderland.take(ALICE)).length).toBe(10);
  });

  it('is not down while its stream is lost and may be resumed: nothing is joined anew', () => {
    const story = meet(pairOverS2s({}));
    const { denmark, wonderland, world } = story;
    const joins = denmark.core.federation.node(ELSINORE)?.upward?.joins;
    for (const [index, word] of words(20).entries()) {
      denmark.send(says(HAMLET, ELSINORE, word));
      if (index === 5) world.wire('rooms.denmark.lit', 'rooms.wonderland.lit').cut();
    }
    expect(streamOf(story)?.isReachable).toBe(true);
    world.settle(120_000);
    expect(brief(wonderland.take(ALICE))).toEqual(words(20).map((word) => `message Hamlet ${word}`));
    expect(denmark.core.federation.node(ELSINORE)?.upward?.joins).toBe(joins);
    expectTalk(story);
  });

  it('that is down for long is down, and what was missed follows once it is back', () => {
    const story = meet(pairOverS2s({}));
    const { denmark, wonderland, world } = story;
    world.wire('rooms.denmark.lit', 'rooms.wonderland.lit').hold(2 * 3_600_000);
    denmark.send(says(HAMLET, ELSINORE, 'anybody?'));
    world.settle(3_600_000);
    expect([stateOf(story), streamOf(story)?.isReachable]).toEqual(['out-of-reach', false]);
    world.settle(3_600_000 + 600_000);
    expect(stateOf(story)).toBe('joined');
    expect(brief(wonderland.take(ALICE)).filter((line) => line.startsWith('message'))).toEqual([
      'message Hamlet anybody?',
    ]);
  });

  it('has the line to share with what the peer sends', () => {
    const { denmark, wonderland, world } = meet(pairOverS2s({ bandwidth: 300 }));
    const departures = denmark.core.links[0]?.stream.departures;
    world.settle(60_000);
    denmark.send(says(HAMLET, ELSINORE, 'To be'));
    const free = departures?.freeAt ?? 0;
    wonderland.send(says(ALICE, RABBITHOLE, 'Curiouser'));
    world.settle(1000);
    expect(free).toBeGreaterThan(world.now);
    expect(departures?.freeAt).toBeGreaterThan(free + 5000);
  });

  it('whose stream is another one all at once has been down, with what was under way on it', () => {
    const story = meet(pairOverS2s({}));
    const { denmark, world } = story;
    const { s2s } = denmark.core;
    const handleTimeout = s2s?.handleTimeout.bind(s2s);
    if (s2s === undefined || handleTimeout === undefined) throw new Error('no streams');
    s2s.handleTimeout = () => [
      { kind: 's2s-down', peer: 'rooms.wonderland.lit' },
      { kind: 's2s-up', peer: 'rooms.wonderland.lit' },
    ];
    const { joins } = denmark.core.federation.node(ELSINORE)?.upward ?? {};
    denmark.core.handleTimeout(world.now);
    s2s.handleTimeout = handleTimeout;
    expect([stateOf(story), denmark.core.federation.node(ELSINORE)?.upward?.joins]).toEqual([
      'joining',
      (joins ?? 0) + 1,
    ]);
  });

  it('goes on after a fault of its stream', () => {
    const { denmark, wonderland, world } = meet(pairOverS2s({}));
    const { core } = denmark;
    const { s2s } = core;
    const send = s2s?.send.bind(s2s);
    if (s2s === undefined || send === undefined) throw new Error('no streams');
    s2s.send = () => {
      throw new Error('a fault');
    };
    const posting = outgoing(parseElement('<message/>'), RABBITHOLE, says(ELSINORE, RABBITHOLE, 'x'));
    const [handed] = core.links[0]?.stream.post([posting], world.now) ?? [];
    if (handed?.kind !== 's2s-send') throw new Error('nothing was handed on');
    expect(() => core.handle(handed, world.now)).toThrow('a fault');
    core.rollback(handed, 'internal', 'a fault', world.now);
    core.commit();
    s2s.send = send;
    denmark.say(says(HAMLET, ELSINORE, 'To be'));
    expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet To be']);
  });

  it('is the only way by which its peer may come', () => {
    const { denmark } = meet(pairOverS2s({}));
    denmark.say(says('forger@rooms.wonderland.lit', ELSINORE, 'x'));
    expect(denmark.logs.at(-1)).toMatchObject({ message: 'stanza refused', fields: { via: 'component' } });
  });
});

describe('another file', () => {
  const denmarkFile = (link: Parameters<typeof denmarkOverS2s>[0]): GatewayOverrides => denmarkOverS2s(link);

  it('that changes the line has the rooms join anew on the stream that there is', () => {
    const story = meet(pairOverS2s({}));
    const { denmark, world } = story;
    const before = streamOf(story);
    denmark.reload(denmarkFile({ bandwidth: 2400 }));
    denmark.send(says(HAMLET, ELSINORE, 'meanwhile'));
    world.settle(60_000);
    expect(streamOf(story)).not.toBe(before);
    expect(stateOf(story)).toBe('joined');
    expect(brief(story.wonderland.take(ALICE)).filter((line) => line.startsWith('message'))).toEqual([
      'message Hamlet meanwhile',
    ]);
    expectTalk(story);
  });

  it('that changes a budget is taken without a word on air', () => {
    const story = meet(pairOverS2s({}));
    const before = streamOf(story);
    const sent = before?.bytesOut;
    story.denmark.reload(denmarkFile({ grace: 7 }));
    expect([streamOf(story), streamOf(story)?.bytesOut]).toEqual([before, sent]);
    expectTalk(story);
  });

  it('without the link goes on by streams that nobody holds', () => {
    const story = meet(pairOverS2s({}));
    const { denmark, world } = story;
    denmark.reload(denmarkFile(undefined));
    world.settle(60_000);
    expect([denmark.core.links, stateOf(story)]).toEqual([[], 'joined']);
    expectTalk(story);
    expect(denmark.core.s2s?.settings.peers).toEqual([]);
  });

  it('with one more has its stream opened', () => {
    const story = pairOverS2s();
    const { denmark, world } = story;
    world.settle(3_600_000);
    expect(denmark.core.s2s?.reports().filter(({ state }) => state === 'up')).toEqual([]);
    denmark.reload(denmarkFile({}));
    world.settle(60_000);
    expect(streamOf(story)?.state).toBe('up');
    meet(story);
    expectTalk(story);
  });

  it('that a full store cannot take changes nothing', () => {
    const story = meet(pairOverS2s({}));
    const { denmark } = story;
    const before = streamOf(story);
    denmark.store.full = true;
    denmark.reload(denmarkFile({ bandwidth: 2400 }));
    denmark.store.full = false;
    expect(streamOf(story)).toBe(before);
    expectTalk(story);
  });

  it('of both, one after the other', () => {
    const story = meet(pairOverS2s());
    story.denmark.reload(denmarkOverS2s({ bandwidth: 2400 }));
    story.wonderland.reload(wonderlandOverS2s({ bandwidth: 2400 }));
    story.world.settle(120_000);
    expect(stateOf(story)).toBe('joined');
    expectTalk(story);
  });
});
