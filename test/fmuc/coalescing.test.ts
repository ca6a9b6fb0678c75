import { describe, expect, it } from 'vitest';
import { attribute } from '../../src/xml/element.ts';
import {
  crossed,
  gathered,
  givesRole,
  linked,
  listOf,
  payload,
  sent,
  setsSubject,
  shows,
  sparedBy,
  WINDOW,
  whispers,
} from '../support/gathered.ts';
import { ALICE, drop, ELSINORE, enters, HAMLET, leaves, OPHELIA, RABBITHOLE, says } from '../support/nodes.ts';
import { linked as linkedOpenfire, renames, sentTo, together } from '../support/openfire-story.ts';

/* Presence is gathered over the window of the link, and the difference to what the other node was told is sent. */

const GERTRUDE = 'gertrude@denmark.lit/throne';
const HORATIO = 'horatio@denmark.lit/hall';
const here = (jid: string, nick: string): string => enters(jid, ELSINORE, nick);
const gone = (jid: string, nick: string): string => leaves(jid, ELSINORE, nick);
const window = WINDOW * 1000;
const person = (number: number): string => `p${number}@denmark.lit/r`;

describe('within one window', () => {
  it('twenty joins are one flush', () => {
    const { world, denmark, wonderland } = gathered();
    for (let number = 0; number < 20; number++) {
      denmark.send(here(person(number), `P${number}`));
      world.settle(100);
    }
    world.settle(window - 2001);
    expect(sent(denmark)).toEqual([]);
    world.settle(1);
    const before = listOf(wonderland, RABBITHOLE).length;
    expect(sent(denmark)).toEqual(Array.from({ length: 20 }, (_, number) => `presence P${number}`));
    world.settle(1000);
    expect([before, listOf(wonderland, RABBITHOLE).length]).toEqual([2, 22]);
    expect(sparedBy(denmark)).toBe(0);
  });

  it('who joins us hears of those who come in one flush, too', () => {
    const { world, denmark, wonderland } = gathered();
    for (const number of [1, 2, 3]) wonderland.say(enters(`p${number}@wonderland.lit/r`, RABBITHOLE, `P${number}`));
    world.settle(window);
    expect(sent(wonderland)).toEqual(['presence P1', 'presence P2', 'presence P3']);
    expect(listOf(denmark, ELSINORE)).toHaveLength(5);
  });

  it('whoever comes and goes was never there', () => {
    const { world, denmark } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    denmark.say(gone(OPHELIA, 'Ophelia'));
    world.settle(2 * window);
    expect(sent(denmark)).toEqual([]);
    expect(sparedBy(denmark)).toBe(2);
  });

  it('whoever goes and comes back has been there all the time', () => {
    const { world, denmark } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(2 * window);
    drop(denmark);
    denmark.say(gone(OPHELIA, 'Ophelia'));
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(2 * window);
    expect(sent(denmark)).toEqual([]);
    expect(sparedBy(denmark)).toBe(2);
  });

  it('the last availability counts, and one that comes back to what it was is none', () => {
    const { world, denmark } = gathered();
    for (const show of ['away', 'dnd', 'xa']) denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', `<show>${show}</show>`));
    world.settle(window);
    expect(crossed(denmark).map((stanza) => stanza.getChildText('show'))).toEqual(['xa']);
    for (const show of ['away', 'xa']) denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', `<show>${show}</show>`));
    world.settle(2 * window);
    expect(sent(denmark)).toEqual([]);
    expect(sparedBy(denmark)).toBe(4);
  });

  it('several changes of nick are one step (XEP-0045 §7.6)', () => {
    const { world, denmark, wonderland } = gathered();
    for (const nick of ['Prince', 'Dane', 'Heir']) denmark.send(shows(HAMLET, ELSINORE, nick));
    world.settle(window + 1000);
    const stanzas = crossed(denmark);
    expect(stanzas.map((stanza) => attribute(stanza, 'from'))).toEqual([`${ELSINORE}/Hamlet`, `${ELSINORE}/Heir`]);
    expect(payload(stanzas[0], 'item')).toBe('Heir');
    expect(listOf(wonderland, RABBITHOLE)).toContain('Heir hamlet@denmark.lit');
    expect(sparedBy(denmark)).toBe(4);
  });

  it('a nick is free before another one takes it', () => {
    const { world, denmark, wonderland } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(window);
    drop(denmark, wonderland);
    denmark.say(shows(HAMLET, ELSINORE, 'Prince'));
    denmark.say(shows(OPHELIA, ELSINORE, 'Hamlet'));
    denmark.say(here(HORATIO, 'Ophelia'));
    world.settle(window);
    expect(sent(denmark)).toEqual([
      'presence unavailable Hamlet 303',
      'presence Prince',
      'presence unavailable Ophelia 303',
      'presence Hamlet',
      'presence Ophelia',
    ]);
    expect(listOf(wonderland, RABBITHOLE)).toEqual(listOf(denmark, ELSINORE));
  });

  it('two who swap their nicks are told apart: one leaves, and comes back', () => {
    const { world, denmark, wonderland } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(window);
    drop(denmark, wonderland);
    denmark.send(shows(HAMLET, ELSINORE, 'x'));
    denmark.send(shows(OPHELIA, ELSINORE, 'Hamlet'));
    denmark.send(shows(HAMLET, ELSINORE, 'Ophelia'));
    world.settle(window + 1000);
    expect(sent(denmark)).toEqual([
      'presence unavailable Hamlet',
      'presence unavailable Ophelia 303',
      'presence Hamlet',
      'presence Ophelia',
    ]);
    expect(listOf(wonderland, RABBITHOLE)).toEqual(listOf(denmark, ELSINORE));
  });

  it('the only one known there leaves after another one has come: else we would be out (XEP-0289 §5.4)', () => {
    const { world, denmark, wonderland } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    denmark.say(gone(HAMLET, 'Hamlet'));
    world.settle(window);
    expect(sent(denmark)).toEqual(['presence Ophelia', 'presence unavailable Hamlet']);
    expect(sent(wonderland)).toEqual([]);
    expect(listOf(wonderland, RABBITHOLE)).toEqual(['Alice alice@wonderland.lit', 'Ophelia ophelia@denmark.lit']);
  });

  it('an hour of 276 changes of twenty people is at most sixty flushes of what has changed', () => {
    const { world, denmark, wonderland } = gathered({ coalesce: 60 });
    for (let number = 0; number < 20; number++) denmark.send(here(person(number), `P${number}`));
    world.settle(120_000);
    drop(denmark, wonderland);
    const flushes = new Set<number>();
    let stanzas = 0;
    for (let event = 0; event < 276; event++) {
      const number = Math.floor(event / 2) % 20;
      denmark.send(shows(person(number), ELSINORE, `P${number}`, event % 2 === 0 ? '<show>away</show>' : ''));
      for (let second = 0; second < 13; second++) {
        world.settle(1000);
        const count = denmark.crossed.splice(0).length;
        if (count > 0) flushes.add(world.now);
        stanzas += count;
      }
    }
    world.settle(60_000);
    stanzas += denmark.crossed.length;
    expect(flushes.size).toBeLessThanOrEqual(60);
    expect(stanzas).toBeLessThanOrEqual(60);
    expect(stanzas + sparedBy(denmark)).toBe(276);
    expect(listOf(wonderland, RABBITHOLE)).toEqual(listOf(denmark, ELSINORE));
  });
});

it('whoever comes and goes untold leaves nothing behind', () => {
  const { denmark, world } = gathered({ coalesce: 60 });
  for (let number = 0; number < 500; number++) {
    denmark.send(here(person(number), `P${number}`));
    denmark.send(shows(person(number), ELSINORE, `Q${number}`));
    denmark.send(gone(person(number), `Q${number}`));
  }
  const above = denmark.core.federation.node(ELSINORE)?.upward?.at;
  expect([above?.pending.size, above?.told.size]).toEqual([0, 1]);
  world.settle(120_000);
  expect(sent(denmark)).toEqual([]);
  expect(sparedBy(denmark)).toBe(2000);
});

describe('what does not wait', () => {
  it('is anything where the window is 0', () => {
    const { denmark, world } = gathered({ coalesce: 0 });
    denmark.send(here(OPHELIA, 'Ophelia'));
    denmark.send(shows(OPHELIA, ELSINORE, 'Nymph'));
    denmark.send(gone(OPHELIA, 'Nymph'));
    world.settle(0);
    expect(sent(denmark)).toEqual([
      'presence Ophelia',
      'presence unavailable Ophelia 303',
      'presence Nymph',
      'presence unavailable Nymph',
    ]);
    expect(sparedBy(denmark)).toBe(0);
  });

  it('is the first occupant’s join, which brings those who have come since along (XEP-0289 §5.1)', () => {
    const { denmark, world } = linked();
    denmark.send(here(HAMLET, 'Hamlet'));
    world.settle(0);
    expect(sent(denmark)).toEqual(['presence Hamlet', 'message -']);
  });

  it('is the parting of the last, and what was pending of those before (XEP-0289 §5.4)', () => {
    const { denmark, wonderland, world } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(window);
    drop(denmark, wonderland);
    denmark.send(gone(OPHELIA, 'Ophelia'));
    denmark.send(gone(HAMLET, 'Hamlet'));
    world.settle(0);
    expect(sent(denmark)).toEqual(['presence unavailable Ophelia', 'presence unavailable Hamlet']);
    world.settle(2 * window);
    expect(sent(wonderland)).toEqual(['presence - left']);
    expect(sent(denmark)).toEqual([]);
  });

  it('is a kick, with its reason and who did it (XEP-0045 §8.2)', () => {
    const { denmark, world } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    denmark.say(here(HORATIO, 'Horatio'));
    world.settle(window);
    drop(denmark);
    denmark.send(shows(OPHELIA, ELSINORE, 'Nymph'));
    denmark.send(shows(HORATIO, ELSINORE, 'Horatio', '<show>away</show>'));
    denmark.send(givesRole(HAMLET, ELSINORE, 'Nymph', 'none'));
    world.settle(0);
    const [kick, ...more] = crossed(denmark);
    expect(more).toEqual([]);
    expect(kick?.attrs['from']).toBe(`${ELSINORE}/Ophelia`);
    expect([payload(kick, 'actor'), payload(kick, 'reason')]).toEqual(['Hamlet', 'so it is']);
    world.settle(window);
    expect(sent(denmark)).toEqual(['presence Horatio']);
  });

  it('is a kick, ahead of all that waits on a slow link, but behind one who stays if nobody else is known there', () => {
    const { denmark, wonderland, world } = gathered({ bandwidth: 300 });
    denmark.say(here(GERTRUDE, 'Gertrude'));
    denmark.send(givesRole(HAMLET, ELSINORE, 'Gertrude', 'moderator'));
    world.settle(60_000);
    denmark.say(gone(HAMLET, 'Hamlet'));
    world.settle(60_000);
    drop(denmark, wonderland);
    for (let number = 0; number < 5; number++) denmark.send(here(person(number), `P${number}`));
    denmark.send(givesRole(GERTRUDE, ELSINORE, 'Gertrude', 'none'));
    world.settle(600_000);
    expect(sent(denmark)).toEqual([
      'presence P0',
      'presence unavailable Gertrude 307',
      ...[1, 2, 3, 4].map((number) => `presence P${number}`),
    ]);
    expect(sent(wonderland)).toEqual([]);
  });

  it('is nothing where somebody is kicked who was never told of', () => {
    const { denmark, world } = gathered();
    denmark.send(here(OPHELIA, 'Ophelia'));
    denmark.send(givesRole(HAMLET, ELSINORE, 'Ophelia', 'none'));
    world.settle(2 * window);
    expect(sent(denmark)).toEqual([]);
    expect(sparedBy(denmark)).toBe(2);
  });

  it('is a role that a moderator gives (XEP-0045 §8.3)', () => {
    const { denmark, world } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(window);
    drop(denmark);
    denmark.send(givesRole(HAMLET, ELSINORE, 'Ophelia', 'visitor'));
    world.settle(0);
    expect(denmark.crossed.join('')).toContain('role="visitor"');
    expect(sent(denmark)).toEqual(['presence Ophelia']);
  });
});

describe('an author is introduced before what they say', () => {
  it('to the room (XEP-0289 §5.2), and alone', () => {
    const { denmark, wonderland, world } = gathered();
    denmark.send(here(HORATIO, 'Horatio'));
    denmark.send(here(OPHELIA, 'Ophelia'));
    denmark.send(says(OPHELIA, ELSINORE, 'Good my lord'));
    denmark.send(says(OPHELIA, ELSINORE, 'How does your honour?'));
    world.settle(0);
    expect(sent(denmark)).toEqual([
      'presence Ophelia',
      'message Ophelia Good my lord',
      'message Ophelia How does your honour?',
    ]);
    world.settle(window);
    expect(sent(denmark)).toEqual(['presence Horatio']);
    expect(wonderland.takeText(ALICE).filter((text) => text.includes('Ophelia'))).toHaveLength(3);
  });

  it('as a subject', () => {
    const { denmark, world } = gathered();
    denmark.send(shows(HAMLET, ELSINORE, 'Prince'));
    denmark.send(setsSubject(HAMLET, ELSINORE, 'Words'));
    world.settle(0);
    expect(sent(denmark)).toEqual(['presence unavailable Hamlet 303', 'presence Prince', 'message Prince = Words']);
  });

  it('to one of them (XEP-0289 §5.6)', () => {
    const { denmark, wonderland, world } = gathered();
    denmark.send(here(OPHELIA, 'Ophelia'));
    denmark.send(whispers(OPHELIA, ELSINORE, 'Alice', 'psst'));
    world.settle(0);
    expect(sent(denmark)).toEqual(['presence Ophelia', 'message chat Ophelia psst']);
    world.settle(1000);
    expect(wonderland.takeText(ALICE).at(-1)).toContain('psst');
  });

  it('but a change of availability does not hurry', () => {
    const { denmark, world } = gathered();
    denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', '<show>away</show>'));
    denmark.send(says(HAMLET, ELSINORE, 'Words'));
    world.settle(0);
    expect(sent(denmark)).toEqual(['message Hamlet Words']);
  });

  it('and whoever is known there by their nick is out of the way', () => {
    const { denmark, wonderland, world } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(window);
    drop(denmark, wonderland);
    denmark.send(gone(OPHELIA, 'Ophelia'));
    denmark.send(shows(HAMLET, ELSINORE, 'Ophelia'));
    denmark.send(here(HORATIO, 'Hamlet'));
    denmark.send(says(HORATIO, ELSINORE, 'My lord'));
    world.settle(0);
    expect(sent(denmark)).toEqual([
      'presence unavailable Ophelia',
      'presence unavailable Hamlet 303',
      'presence Ophelia',
      'presence Hamlet',
      'message Hamlet My lord',
    ]);
    world.settle(window);
    expect(sent(denmark)).toEqual([]);
    expect(listOf(wonderland, RABBITHOLE)).toEqual(listOf(denmark, ELSINORE));
  });

  it('ahead of all that waits on a slow link, in one piece', () => {
    const { denmark, wonderland, world } = gathered({ bandwidth: 300 });
    denmark.say(here(OPHELIA, 'Ophelia'));
    world.settle(60_000);
    drop(denmark, wonderland);
    for (let number = 0; number < 10; number++) denmark.send(here(person(number), `P${number}`));
    world.settle(window + 1000);
    denmark.send(gone(OPHELIA, 'Ophelia'));
    denmark.send(shows(HAMLET, ELSINORE, 'Ophelia'));
    denmark.send(says(HAMLET, ELSINORE, 'Words'));
    world.settle(600_000);
    const lines = sent(denmark);
    const words = lines.indexOf('message Ophelia Words');
    expect(words).toBeLessThan(7);
    expect(lines.slice(words - 3, words)).toEqual([
      'presence unavailable Ophelia',
      'presence unavailable Hamlet 303',
      'presence Ophelia',
    ]);
    expect(lines).toHaveLength(14);
    expect(listOf(wonderland, RABBITHOLE)).toEqual(listOf(denmark, ELSINORE));
  });

  it('and Openfire, which has nobody else of ours, is left and joined anew before the words are sent', () => {
    const { gateway, lobby, peer, world } = together(linkedOpenfire({ coalesce: WINDOW }));
    world.settle(120_000);
    peer.take();
    gateway.send(renames(HAMLET, 'Prince'));
    gateway.send(says(HAMLET, ELSINORE, 'Words'));
    world.settle(window);
    expect(peer.take().map(({ name, attrs }) => `${name} ${String(attrs['from'])}`)).toEqual([
      `presence ${ELSINORE}/Hamlet`,
      `presence ${ELSINORE}/Prince`,
      `message ${ELSINORE}/Prince`,
    ]);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });
});

it('two who swap their nicks leave Openfire and join it anew: it would take their leaving for our parting', () => {
  const { gateway, lobby, peer, world } = together(linkedOpenfire({ coalesce: WINDOW }));
  gateway.say(here(OPHELIA, 'Ophelia'));
  world.settle(120_000);
  peer.take();
  for (const [jid, nick] of [
    [HAMLET, 'x'],
    [OPHELIA, 'Hamlet'],
    [HAMLET, 'Ophelia'],
  ] as const)
    gateway.send(renames(jid, nick));
  world.settle(2 * window);
  expect(sentTo(peer)).toEqual([
    'presence unavailable Hamlet',
    'presence unavailable Ophelia',
    'presence Hamlet',
    'presence Ophelia',
  ]);
  expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
});

describe('a window', () => {
  it('that an outage ends is settled by the rejoin', () => {
    const { denmark, wonderland, world } = gathered();
    denmark.send(here(OPHELIA, 'Ophelia'));
    denmark.cut();
    world.settle(2000);
    expect(
      denmark.core.federation.node(ELSINORE)?.timers.get('presence rabbithole@rooms.wonderland.lit'),
    ).toBeUndefined();
    world.settle(120_000);
    expect(sent(denmark).filter((line) => line === 'presence Ophelia')).toHaveLength(1);
    expect(listOf(wonderland, RABBITHOLE)).toEqual(listOf(denmark, ELSINORE));
  });

  it('in which somebody came and went while the link was cut costs no list', () => {
    const { denmark, wonderland, world } = gathered();
    denmark.say(here(OPHELIA, 'Ophelia'));
    denmark.cut();
    denmark.say(gone(OPHELIA, 'Ophelia'));
    world.settle(120_000);
    expect(sent(denmark)).toEqual(['presence Hamlet']);
    expect(sent(wonderland).filter((line) => line.startsWith('presence'))).toEqual([]);
  });

  it('is taken back with the turn that would have closed it, and closes later', () => {
    const { denmark, world } = gathered();
    denmark.send(here(OPHELIA, 'Ophelia'));
    world.settle(window - 1);
    const at = world.now + 1;
    denmark.core.handleTimeout(at);
    denmark.core.rollback(undefined, 'storeFailed', 'the disk is full', at);
    denmark.core.commit();
    drop(denmark);
    world.settle(window + 1);
    expect(sent(denmark)).toEqual(['presence Ophelia']);
  });

  it('still holds whom a message would have introduced that can’t be kept', () => {
    const { denmark, world } = gathered();
    denmark.send(here(OPHELIA, 'Ophelia'));
    denmark.store.full = true;
    denmark.send(says(OPHELIA, ELSINORE, 'Good my lord'));
    denmark.store.full = false;
    world.settle(0);
    expect(sent(denmark)).toEqual([]);
    world.settle(window);
    expect(sent(denmark)).toEqual(['presence Ophelia']);
  });

  it('is followed by another one where the way is congested, and what hurries goes all the same', () => {
    const { denmark, world } = gathered();
    const node = denmark.core.federation.node(ELSINORE);
    if (node === undefined) throw new Error('no node');
    let isCongested = true;
    const peerOf = node.peerOf.bind(node);
    node.peerOf = (name) => ({ ...peerOf(name), isCongested });
    denmark.send(here(OPHELIA, 'Ophelia'));
    denmark.send(here(HORATIO, 'Horatio'));
    world.settle(3 * window);
    expect(sent(denmark)).toEqual([]);
    denmark.send(says(HORATIO, ELSINORE, 'My lord'));
    expect(sent(denmark)).toEqual(['presence Horatio', 'message Horatio My lord']);
    isCongested = false;
    world.settle(window);
    expect(sent(denmark)).toEqual(['presence Ophelia']);
  });
});
