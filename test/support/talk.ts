import { expect } from 'vitest';
import { ALICE, brief, drop, ELSINORE, HAMLET, type Pair, RABBITHOLE, says } from './nodes.ts';

/** Hamlet and Alice, who are in their rooms, hear one another. */
export function expectTalk({ denmark, wonderland, world }: Pair): void {
  drop(denmark, wonderland);
  denmark.say(says(HAMLET, ELSINORE, 'To be'));
  wonderland.say(says(ALICE, RABBITHOLE, 'Curiouser'));
  world.settle(60_000);
  expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet To be', 'message Alice Curiouser']);
  expect(brief(denmark.take(HAMLET))).toEqual(['message Hamlet To be', 'message Alice Curiouser']);
}
