import { beforeEach, describe, expect, it } from 'vitest';
import {
  crossed,
  gathered,
  givesRole,
  linked,
  listOf,
  sent,
  shows,
  sparedBy,
  WINDOW,
  whispers,
} from '../support/gathered.ts';
import {
  ALICE,
  drop,
  ELSINORE,
  enters,
  fmuc,
  HAMLET,
  HATTER,
  leaves,
  nodeJoins,
  OPHELIA,
  type Pair,
  RABBITHOLE,
  says,
} from '../support/nodes.ts';

/* What of presence crosses a link: all that the room passes on, show and status, or only who speaks. */

const HORATIO = 'horatio@denmark.lit/hall';
const CAPS = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:client' ver='v'/>";
const DETAILS = `<show>away</show><status>at sea</status><priority>5</priority>${CAPS}`;
const window = WINDOW * 1000;

/** The names of the payloads of each presence that was sent, but those of the protocol itself. */
const payloadsOf = (both: Pair): string[] =>
  crossed(both.denmark).map((stanza) =>
    stanza.children
      .flatMap((child) => (typeof child === 'string' || ['fmuc', 'x', 'sync'].includes(child.name) ? [] : child.name))
      .join(' '),
  );

describe('full', () => {
  it('lets everything across that the room passes on, live and in a list', () => {
    const both = linked({ presence: 'full' });
    const { denmark, wonderland, world } = both;
    denmark.send(enters(HAMLET, ELSINORE, 'Hamlet').replace('</presence>', `${DETAILS}</presence>`));
    world.settle(60_000);
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice').replace('</presence>', `${CAPS}</presence>`));
    world.settle(60_000);
    expect(payloadsOf(both)[0]).toBe('show status priority c');
    expect(wonderland.takeText(ALICE)[0]).toContain('ver="v"');
    expect(denmark.takeText(HAMLET).at(-1)).toContain('ver="v"');
    denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', DETAILS.replace('ver=', 'ext=')));
    world.settle(window);
    expect(payloadsOf(both)).toEqual(['show status priority c']);
  });

  it.each([
    ['on both sides', 'full'],
    ['on one side', 'availability'],
  ] as const)('%s, a rejoin after which nothing is new costs no list', (_, far) => {
    const both = gathered({ presence: 'full' }, { presence: far });
    const { denmark, wonderland, world } = both;
    denmark.say(shows(HAMLET, ELSINORE, 'Hamlet', DETAILS));
    wonderland.say(shows(ALICE, RABBITHOLE, 'Alice', DETAILS));
    world.settle(window);
    drop(denmark, wonderland);
    denmark.cut();
    world.settle(60_000);
    expect(sent(denmark)).toEqual(['presence Hamlet']);
    expect(sent(wonderland)).toEqual(['message -', expect.stringContaining('message -')]);
  });
});

describe('availability', () => {
  it('lets show and status across, and a change of anything else costs nothing', () => {
    const both = gathered();
    const { denmark, world } = both;
    denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', DETAILS));
    world.settle(window);
    expect(payloadsOf(both)).toEqual(['show status']);
    denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', DETAILS.replace(CAPS, '')));
    world.settle(window);
    expect(payloadsOf(both)).toEqual([]);
    expect(sparedBy(denmark)).toBe(1);
  });
});

describe('none', () => {
  let both: Pair;

  beforeEach(() => {
    both = gathered({ presence: 'none' });
    both.denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    both.denmark.say(enters(HORATIO, ELSINORE, 'Horatio'));
  });

  /** Everything of a window has been sent. */
  const told = (): string[] => {
    both.world.settle(2 * window);
    return sent(both.denmark);
  };
  const far = (): string[] => listOf(both.wonderland, RABBITHOLE);

  it('names the one for whom a node joins (XEP-0289 §5.1), and nobody who comes, changes or goes', () => {
    const { denmark } = both;
    denmark.say(shows(HAMLET, ELSINORE, 'Hamlet', DETAILS));
    denmark.say(shows(OPHELIA, ELSINORE, 'Ophelia', DETAILS));
    denmark.say(shows(OPHELIA, ELSINORE, 'Nymph'));
    denmark.say(leaves(OPHELIA, ELSINORE, 'Nymph'));
    expect(told()).toEqual([]);
    expect(far()).toEqual(['Alice alice@wonderland.lit', 'Hamlet hamlet@denmark.lit']);
    expect(sparedBy(denmark)).toBe(7);
  });

  it('and names nobody in an accept', () => {
    expect(listOf(both.denmark, ELSINORE)).toEqual([
      'Hamlet hamlet@denmark.lit',
      'Horatio horatio@denmark.lit',
      'Ophelia ophelia@denmark.lit',
    ]);
  });

  it('introduces once who speaks, who then leaves, too', () => {
    const { denmark } = both;
    denmark.say(says(OPHELIA, ELSINORE, 'Good my lord'));
    denmark.say(says(OPHELIA, ELSINORE, 'How does your honour?'));
    expect(told()).toEqual([
      'presence Ophelia',
      'message Ophelia Good my lord',
      'message Ophelia How does your honour?',
    ]);
    denmark.say(shows(OPHELIA, ELSINORE, 'Ophelia', DETAILS));
    denmark.say(leaves(OPHELIA, ELSINORE, 'Ophelia'));
    expect(told()).toEqual(['presence unavailable Ophelia']);
    denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    expect(told()).toEqual([]);
  });

  it('introduces who speaks to one alone', () => {
    both.wonderland.say(says(ALICE, RABBITHOLE, 'Hi'));
    both.denmark.say(whispers(OPHELIA, ELSINORE, 'Alice', 'psst'));
    expect(told()).toEqual(['presence Ophelia', 'message chat Ophelia psst']);
  });

  it('says at once that somebody is kicked who was introduced, and nothing of others', () => {
    const { denmark, world } = both;
    denmark.say(says(OPHELIA, ELSINORE, 'Good my lord'));
    told();
    denmark.send(givesRole(HAMLET, ELSINORE, 'Ophelia', 'none'));
    denmark.send(givesRole(HAMLET, ELSINORE, 'Horatio', 'none'));
    world.settle(0);
    expect(sent(denmark)).toEqual(['presence unavailable Ophelia 307']);
  });

  it('names another one before the only one known there leaves, also at once', () => {
    const { denmark, wonderland, world } = both;
    denmark.send(leaves(HAMLET, ELSINORE, 'Hamlet'));
    expect(told()).toEqual(['presence Ophelia', 'presence unavailable Hamlet']);
    denmark.send(leaves(OPHELIA, ELSINORE, 'Ophelia'));
    denmark.send(leaves(HORATIO, ELSINORE, 'Horatio'));
    world.settle(0);
    expect(sent(denmark)).toEqual(['presence unavailable Ophelia']);
    world.settle(5000);
    expect(sent(wonderland)).toEqual(['presence - left']);
  });

  it('an outage changes nothing of who is known, and what changed of them is made good', () => {
    const { denmark, wonderland, world } = both;
    denmark.say(says(OPHELIA, ELSINORE, 'Good my lord'));
    told();
    const before = far();
    denmark.cut();
    world.settle(60_000);
    expect(sent(denmark)).toEqual(['presence Hamlet']);
    expect(far()).toEqual(before);
    drop(wonderland);
    denmark.cut();
    denmark.say(leaves(OPHELIA, ELSINORE, 'Ophelia'));
    world.settle(60_000);
    expect(far()).toEqual(['Alice alice@wonderland.lit', 'Hamlet hamlet@denmark.lit']);
    expect(sent(wonderland).filter((line) => line.startsWith('presence'))).toEqual([]);
  });

  it('who is refused for a nick is introduced under the next one', () => {
    const { denmark } = both;
    denmark.say(shows(OPHELIA, ELSINORE, 'Alice'));
    denmark.say(says(OPHELIA, ELSINORE, 'Good my lord'));
    told();
    expect(far()).toEqual(['Alice alice@wonderland.lit', 'Alice-2 ophelia@denmark.lit', 'Hamlet hamlet@denmark.lit']);
    expect(listOf(denmark, ELSINORE)).toContain('Alice-2 ophelia@denmark.lit');
  });
});

it('a plain node that joins is told of nobody but its own, where nothing crosses', () => {
  const { denmark, wonderland, world } = linked({ presence: 'none', dialect: 'xep' });
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.inject('rooms.wonderland.lit', nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
  world.settle(1000);
  expect(sent(wonderland)).toEqual(['presence Hamlet', 'message - =']);
  wonderland.say(enters(HATTER, RABBITHOLE, 'Hatter'));
  wonderland.say(says(HATTER, RABBITHOLE, 'Tea'));
  denmark.inject(
    'rooms.wonderland.lit',
    `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}<body>Words</body></message>`,
  );
  world.settle(1000);
  expect(sent(wonderland)).toEqual(['presence Hatter', 'message Hatter Tea']);
});
