import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/gateway/effects.ts';
import { MAX_TOGETHER } from '../../src/gateway/to-streams.ts';
import { type Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, ROOM, RoomStory } from '../support/room-story.ts';
import { type GatewayOverrides, VirtualWorld } from '../support/virtual.ts';

/* What goes to many is made once, however many they are, and leaves together. Numbers are counted, never times. */

const OWN = 'chat.shakespeare.lit';
/** As many as a room may well have, and few. */
const SIZES = [2, 10, 50];

/** A payload, and how often it has been made text. */
function counted(): { readonly payload: Element; readonly times: () => number } {
  const inner = element('inner');
  const { children } = inner;
  let times = 0;
  Object.defineProperty(inner, 'children', { get: () => ((times += 1), children) });
  return { payload: element('counted', { xmlns: 'urn:example:counted' }, inner), times: () => times };
}

const jidOf = (index: number): string => `witch${index}@shakespeare.lit/broom`;

/** A room of that many, all of them behind the component. */
function roomOf(size: number): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch');
  for (let index = 1; index < size; index++) story.enter(jidOf(index), `witch${index}`);
  return story;
}

/** What the gateway answers a user's stanza with. */
function handle({ gateway }: RoomStory, stanza: Element): Effect[] {
  const effects = gateway.core.handle({ kind: 'stanza', via: { kind: 'component' }, stanza }, gateway.world.now);
  gateway.core.commit();
  return effects;
}

const written = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.kind === 'write' ? [String(effect.data)] : []));
const countIn = (text: string, what: string): number => text.split(what).length - 1;

describe.each(SIZES)('in a room of %i', (size) => {
  it('a message is made text twice, for the archive and for all, and is written at once', () => {
    const { payload, times } = counted();
    const message = element(
      'message',
      { from: CRONE1, to: ROOM, type: 'groupchat', id: '1' },
      element('body', {}, 'Thrice the brinded cat hath mewed'),
      payload,
    );
    const writes = written(handle(roomOf(size), message));
    expect(times()).toBe(2);
    expect(writes).toHaveLength(1);
    expect(countIn(writes.join(''), '</message>')).toBe(size);
    for (let index = 1; index < size; index++) expect(countIn(writes.join(''), ` to="${jidOf(index)}"`)).toBe(1);
  });

  it('presence is made text once for each way in which it is seen, and once for its author', () => {
    const { payload, times } = counted();
    const change = element('presence', { from: jidOf(1), to: `${ROOM}/witch1` }, payload);
    const text = written(handle(roomOf(size), change)).join('');
    // With real JIDs, without them, and to oneself; where nobody but a moderator is there, not without.
    expect(times()).toBe(size === 2 ? 2 : 3);
    expect(countIn(text, '</presence>')).toBe(size);
  });

  it('presence that newcomers find is made text once for all of them, until it changes', () => {
    const story = roomOf(size);
    const { payload, times } = counted();
    handle(story, element('presence', { from: jidOf(1), to: `${ROOM}/witch1` }, payload));
    const before = times();
    const enter = (index: number) =>
      written(
        handle(
          story,
          element('presence', { from: jidOf(index), to: `${ROOM}/witch${index}` }, element('x', { xmlns: NS.muc })),
        ),
      ).join('');
    for (let index = size; index < size + 5; index++) expect(enter(index)).toContain('<counted');
    expect(times() - before).toBe(1);
    handle(story, element('presence', { from: jidOf(1), to: `${ROOM}/witch1` }, element('show', {}, 'away')));
    const text = enter(size + 5);
    expect(text).not.toContain('<counted');
    expect(countIn(text, '<show>away</show>')).toBe(1);
  });
});

it('what is written at once is bounded', () => {
  const body = 'x'.repeat(MAX_TOGETHER / 4);
  const message = element('message', { from: CRONE1, to: ROOM, type: 'groupchat' }, element('body', {}, body));
  const writes = written(handle(roomOf(9), message));
  expect(writes.map((text) => countIn(text, '</message>'))).toEqual([4, 4, 1]);
});

describe('by streams between servers', () => {
  const OPTIONS: GatewayOverrides = {
    gateway: { localDomains: [] },
    s2s: { listen: [], hosts: { 'shakespeare.lit': { host: '127.0.0.1', port: 5001 } } },
    component: false,
    rooms: [{ name: 'coven' }],
  };

  it('all that one turn has for a domain is given to it at once, made text once', () => {
    const { core, world } = new VirtualWorld().gateway(OWN, OPTIONS);
    const say = (stanza: Element): Effect[] => {
      const effects = core.handle(
        { kind: 'stanza', via: { kind: 's2s', domain: 'shakespeare.lit' }, stanza },
        world.now,
      );
      core.commit();
      return effects;
    };
    for (let index = 0; index < 100; index++)
      say(element('presence', { from: jidOf(index), to: `${ROOM}/witch${index}` }, element('x', { xmlns: NS.muc })));
    const { payload, times } = counted();
    const effects = say(
      element('message', { from: jidOf(0), to: ROOM, type: 'groupchat' }, element('body', {}, 'Double'), payload),
    );
    const sends = effects.filter((effect) => effect.kind === 's2s-send');
    expect(sends.map(({ domain, stanzas }) => [domain, stanzas.length])).toEqual([['shakespeare.lit', 100]]);
    expect(times()).toBe(2);
  });
});
