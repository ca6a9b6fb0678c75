import { expect, it } from 'vitest';
import { REMIND_INTERVAL } from '../../src/fmuc/joined.ts';
import { RETRY_MAX } from '../../src/fmuc/joining.ts';
import { ALICE, brief, drop, ELSINORE, enters, HAMLET, type Pair, pair, RABBITHOLE, says } from '../support/nodes.ts';
import { denmarkOverS2s, pairOverS2s, wonderlandOverS2s } from '../support/over-s2s.ts';
import type { GatewayOverrides, VirtualGateway } from '../support/virtual.ts';

/* Nodes that reach one another by server-to-server streams, without a link. */

const HOUR = 3_600_000;

function meet(story = pairOverS2s()): Pair {
  story.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  story.denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  story.world.settle(60_000);
  expect(upward(story)?.state).toBe('joined');
  drop(story.denmark, story.wonderland);
  return story;
}

const upward = ({ denmark }: Pair) => denmark.core.federation.node(ELSINORE)?.upward;
const below = (gateway: VirtualGateway) => gateway.core.federation.node(RABBITHOLE)?.joined.get(ELSINORE);

it('join, and carry what is said both ways', () => {
  const { denmark, wonderland, world } = meet();
  denmark.say(says(HAMLET, ELSINORE, 'To be'));
  wonderland.say(says(ALICE, RABBITHOLE, 'Curiouser'));
  world.settle();
  expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet To be', 'message Alice Curiouser']);
  expect(brief(denmark.take(HAMLET))).toEqual(['message Hamlet To be', 'message Alice Curiouser']);
});

it('lose nothing on a stream that is cut', () => {
  const { denmark, wonderland, world } = meet();
  const said = Array.from({ length: 20 }, (_, index) => `word ${index}`);
  for (const [index, word] of said.entries()) {
    denmark.send(says(HAMLET, ELSINORE, word));
    if (index === 10) world.wire('rooms.denmark.lit', 'rooms.wonderland.lit').cut();
  }
  world.settle(120_000);
  expect(brief(wonderland.take(ALICE))).toEqual(said.map((word) => `message Hamlet ${word}`));
  expect(upward({ denmark, wonderland, world })?.state).toBe('joined');
});

it('lose nothing either where the stream can not be resumed: it is joined anew', () => {
  const byDialback = (file: GatewayOverrides): GatewayOverrides => ({
    ...file,
    s2s: { ...file.s2s, auth: ['dialback'] },
  });
  const { denmark, wonderland, world } = meet(pair(byDialback(denmarkOverS2s()), byDialback(wonderlandOverS2s())));
  const said = Array.from({ length: 20 }, (_, index) => `word ${index}`);
  for (const [index, word] of said.entries()) {
    denmark.send(says(HAMLET, ELSINORE, word));
    if (index % 5 === 4) world.wire('rooms.denmark.lit', 'rooms.wonderland.lit').cut();
    world.settle(index * 7);
  }
  world.settle(120_000);
  const arrived = brief(wonderland.take(ALICE)).filter((line) => line.startsWith('message'));
  expect(arrived.toSorted()).toEqual(said.map((word) => `message Hamlet ${word}`).toSorted());
  expect(upward({ denmark, wonderland, world })?.state).toBe('joined');
});

it('try again and again to join one that cannot be reached, and have what was missed once it can', () => {
  const story = meet();
  const { denmark, wonderland, world } = story;
  const { store } = wonderland;
  wonderland.kill();
  denmark.say(says(HAMLET, ELSINORE, 'anybody?'));
  world.settle(HOUR);
  expect(upward(story)).toMatchObject({
    state: 'out-of-reach',
    reason: 'rabbithole@rooms.wonderland.lit answers remote-server-timeout',
  });
  expect(brief(denmark.take(HAMLET)).slice(0, 2)).toEqual([
    'message Hamlet anybody?',
    'presence unavailable Alice 333',
  ]);
  denmark.say(says(HAMLET, ELSINORE, 'still here'));
  world.settle(5 * HOUR);
  const back = world.gateway('rooms.wonderland.lit', wonderlandOverS2s(), store);
  back.say(enters(ALICE, RABBITHOLE, 'Alice'));
  world.settle(2 * RETRY_MAX);
  expect(upward(story)?.state).toBe('joined');
  const bodies = brief(back.take(ALICE)).filter((line) => line.startsWith('message Hamlet'));
  expect(bodies.toSorted()).toEqual(['message Hamlet anybody?', 'message Hamlet still here']);
});

it('take one that has joined for away where it cannot be reached, and it joins anew', () => {
  const story = meet();
  const { denmark, wonderland, world } = story;
  const wire = world.wire('rooms.denmark.lit', 'rooms.wonderland.lit');
  wire.hold(HOUR);
  wonderland.say(says(ALICE, RABBITHOLE, 'anybody?'));
  world.settle(HOUR - 60_000);
  expect(below(wonderland)?.presence).toBe('away');
  expect(upward(story)?.state).toBe('out-of-reach');
  denmark.take(HAMLET);
  world.settle(2 * REMIND_INTERVAL + 60_000);
  expect([below(wonderland)?.presence, upward(story)?.state]).toEqual(['here', 'joined']);
  expect(brief(denmark.take(HAMLET)).filter((line) => line.startsWith('message'))).toEqual(['message Alice anybody?']);
});
