import { expect, it, vi } from 'vitest';
import { crossed } from '../../src/link/crossed.ts';
import { withheldStanza } from '../../src/link/withheld-stanza.ts';
import { gistOf } from '../../src/stanza/gist.ts';
import { gathered, shows } from '../support/gathered.ts';
import { ELSINORE, enters, HAMLET, leaves, nodeJoins, OPHELIA, says } from '../support/nodes.ts';

/* While nobody looks on, nothing is put together of what whoever does would be told. */

vi.mock('../../src/link/crossed.ts', { spy: true });
vi.mock('../../src/link/withheld-stanza.ts', { spy: true });
vi.mock('../../src/stanza/gist.ts', { spy: true });

/** Talk, presence, an outage and a refusal on a slow link, and how often something was put together for whoever looks on. */
function work(isWatched: boolean): number[] {
  vi.clearAllMocks();
  const { denmark, wonderland, world } = gathered({ bandwidth: 300 });
  if (isWatched) denmark.core.watch.follow([undefined]);
  for (const body of ['one', 'two', 'three']) denmark.send(says(HAMLET, ELSINORE, body));
  denmark.send(enters(OPHELIA, ELSINORE, 'Ophelia'));
  denmark.send(leaves(OPHELIA, ELSINORE, 'Ophelia'));
  denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', '<show>away</show>'));
  wonderland.inject('rooms.denmark.lit', nodeJoins('x@rooms.wonderland.lit', ELSINORE, 'X', 'x@wonderland.lit/r'));
  world.settle(5000);
  denmark.cut();
  denmark.send(says(HAMLET, ELSINORE, 'four'));
  world.settle(120_000);
  return [crossed, withheldStanza, gistOf].map((made) => vi.mocked(made).mock.calls.length);
}

it('no stanza is serialised, read or named for anybody, not once', () => {
  expect(work(false)).toEqual([0, 0, 0]);
  expect(work(true).every((made) => made > 0)).toBe(true);
});
