import { describe, expect, it } from 'vitest';
import type { CrossedEffect } from '../../src/link/crossed.ts';
import { WITHHELD, type WithheldEffect, type WithheldReason } from '../../src/stanza/withheld.ts';
import type { VirtualGateway } from '../support/virtual.ts';
import { SCENES } from '../support/withheld-scenes.ts';

/* Whoever looks on is told of everything that doesn't cross, or not as it was said, and why. */

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
  it.each(Object.keys(WITHHELD) as WithheldReason[])('%s', (reason) => {
    let withheld: WithheldEffect[] = [];
    const expected = SCENES[reason]((gateway, ...peers) => {
      ({ withheld } = look(gateway, ...peers));
    });
    const told = withheld.filter((effect) => effect.reason === reason);
    expect(told).toContainEqual(expect.objectContaining({ kind: 'withheld', reason, ...expected }));
  });
});
