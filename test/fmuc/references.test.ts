import { describe, expect, it } from 'vitest';
import { NS } from '../../src/xml/names.ts';
import { type Plan, room, type Set, set, user } from '../support/chain.ts';
import { drop, enters } from '../support/nodes.ts';
import { Reader } from '../support/reader.ts';

/*
 * Corrections (XEP-0308), replies (XEP-0461), reactions (XEP-0444) and retractions (XEP-0424) across nodes: whoever reads
 * them finds the message that is meant, by the ids that their own room gave.
 */

const NAMES = ['a', 'b', 'c'] as const;
/** As clients make them. */
const UUID = 'f81d4fae-7dec-41d0-a765-';
const ANY_UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-/;

/** Three nodes in a row, somebody at each, and what their clients make of it. */
class Story {
  readonly tree: Set;
  readonly readers = new Map<string, Reader>();
  #sent = 0;

  constructor(plan: Partial<Plan> = {}) {
    this.tree = set({ federate: { a: [], b: ['a'], c: ['b'] }, link: { dialect: 'fmucd' }, ...plan });
    for (const name of NAMES) {
      this.readers.set(name, new Reader(room(name)));
      this.enter(name);
    }
    this.settle();
    drop(...NAMES.map((name) => this.tree.node(name)));
  }

  settle(milliseconds = 60_000): void {
    this.tree.world.settle(milliseconds);
  }

  enter(name: string): void {
    this.tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  }

  reader(name: string): Reader {
    return this.readers.get(name) as Reader;
  }

  /** Somebody sends what a client sends; answers its id. */
  send(name: string, payloads: string): string {
    const id = `${UUID}${String(++this.#sent).padStart(12, '0')}`;
    this.tree.node(name).send(`<message from='${user(name)}' to='${room(name)}' type='groupchat' id='${id}'>${payloads}
      <origin-id xmlns='${NS.stanzaId}' id='${id}'/><active xmlns='http://jabber.org/protocol/chatstates'/></message>`);
    return id;
  }

  correct(name: string, id: string, body: string): void {
    this.send(name, `<body>${body}</body><replace xmlns='${NS.correction}' id='${id}'/>`);
  }

  /** Replies to, reacts to and retracts what the client knows by its own stanza-ids. */
  reply(name: string, to: string, body: string): void {
    const whose = to.slice(0, 1).toUpperCase();
    this.send(
      name,
      `<body>${body}</body><reply xmlns='${NS.reply}' to='${room(name)}/${whose}' id='${this.id(name, to)}'/>`,
    );
  }

  react(name: string, to: string): void {
    const reactions = `<reactions xmlns='${NS.reactions}' id='${this.id(name, to)}'><reaction>x</reaction></reactions>`;
    this.send(name, `${reactions}<store xmlns='${NS.hints}'/>`);
  }

  retract(name: string, what: string): void {
    this.send(name, `<body>gone</body><retract xmlns='${NS.retract}' id='${this.id(name, what)}'/>`);
  }

  id(name: string, body: string): string {
    return this.reader(name).stanzaId(body);
  }

  /** What everyone's client makes of what has come since the last look, for each name. */
  heard(): Record<string, string[]> {
    return Object.fromEntries(
      NAMES.map((name) => [name, this.reader(name).read(this.tree.node(name).take(user(name)))]),
    );
  }

  /** Everyone makes the same of it. */
  expectAll(...lines: readonly string[]): void {
    const heard = this.heard();
    for (const name of NAMES) expect(heard[name], name).toEqual(lines);
  }

  crossed(): string {
    return NAMES.flatMap((name) => this.tree.node(name).crossed).join('\n');
  }
}

/** Everybody says something and refers to what the others said. */
function refer(story: Story): void {
  for (const name of NAMES) {
    const mine = story.send(name, `<body>${name} helo</body>`);
    story.settle(5000);
    story.expectAll(`${name.toUpperCase()} ${name} helo`);
    story.correct(name, mine, `${name} hello`);
    story.settle(5000);
    story.expectAll(`${name.toUpperCase()} ${name} hello (corrects ${name} helo)`);
  }
  for (const name of NAMES)
    for (const other of NAMES) {
      const nick = name.toUpperCase();
      story.reply(name, `${other} helo`, 'hi');
      story.settle(5000);
      story.react(name, `${other} hello`);
      story.settle(5000);
      story.expectAll(`${nick} hi (replies to ${other} helo)`, `${nick} (reacts to ${other} hello)`);
    }
  for (const name of NAMES) {
    story.retract(name, `${name} helo`);
    story.settle(5000);
    story.expectAll(`${name.toUpperCase()} gone (retracts ${name} helo)`);
  }
}

describe('a reference', () => {
  it('finds its message at every node, live, and no random id crosses', () => {
    const story = new Story();
    refer(story);
    expect(story.crossed()).toContain('helo');
    expect(story.crossed()).not.toMatch(ANY_UUID);
  });

  it('finds its message where the topmost node puts all in order', () => {
    const story = new Story({ room: { mode: 'primary-replica' } });
    refer(story);
    expect(story.crossed()).not.toMatch(ANY_UUID);
  });

  it('finds its message after an outage, in what was said meanwhile and before', () => {
    const story = new Story();
    const before = story.send('a', '<body>a before</body>');
    story.settle();
    story.expectAll('A a before');
    story.tree.world.wire('rooms.a.lit', 'rooms.b.lit').hold(10_000_000);
    story.tree.world.wire('rooms.b.lit', 'rooms.c.lit').hold(10_000_000);
    story.settle(1000);
    const meanwhile = story.send('a', '<body>a meanwhil</body>');
    story.settle(1000);
    story.heard();
    story.correct('a', meanwhile, 'a meanwhile');
    story.correct('a', before, 'a Before');
    story.reply('c', 'a before', 'c yes');
    story.react('b', 'a before');
    story.settle(1000);
    const here = story.heard();
    expect(here['a']).toEqual(['A a meanwhile (corrects a meanwhil)', 'A a Before (corrects a before)']);
    expect(here['b']).toEqual(['B (reacts to a before)']);
    expect(here['c']).toEqual(['C c yes (replies to a before)']);
    for (const wire of story.tree.world.wires()) wire.mend();
    story.settle(600_000);
    const there = story.heard();
    const news = {
      a: ['A a meanwhil', 'A a meanwhile (corrects a meanwhil)', 'A a Before (corrects a before)'],
      b: ['B (reacts to a before)'],
      c: ['C c yes (replies to a before)'],
    };
    for (const name of NAMES) {
      const expected = NAMES.filter((other) => other !== name).flatMap((other) => news[other]);
      expect(there[name]?.toSorted(), name).toEqual(expected.toSorted());
    }
    expect(story.crossed()).not.toMatch(ANY_UUID);
  });

  it('finds its message after a restart of every node', () => {
    const story = new Story();
    const id = story.send('a', '<body>a helo</body>');
    story.settle();
    story.expectAll('A a helo');
    for (const name of NAMES) story.tree.restart(name);
    story.settle();
    for (const name of NAMES) story.enter(name);
    story.settle();
    // Each has it once more, from the history.
    for (const name of NAMES) expect(story.heard()[name]?.length ?? 1).toBeLessThanOrEqual(1);
    story.correct('a', id, 'a hello');
    story.settle();
    story.expectAll('A a hello (corrects a helo)');
    for (const name of NAMES) {
      story.reply(name, 'a helo', 'yes');
      story.settle();
      story.react(name, 'a helo');
      story.settle();
      story.expectAll(`${name.toUpperCase()} yes (replies to a helo)`, `${name.toUpperCase()} (reacts to a helo)`);
    }
    story.retract('a', 'a helo');
    story.settle();
    story.expectAll('A gone (retracts a helo)');
  });

  it('finds its message in the history that a newcomer gets', () => {
    const story = new Story();
    const id = story.send('a', '<body>a helo</body>');
    story.settle();
    story.heard();
    story.correct('a', id, 'a hello');
    story.reply('b', 'a helo', 'b hi');
    story.react('c', 'a helo');
    story.settle();
    for (const name of NAMES) {
      const newcomer = user(name, 'new');
      story.tree.node(name).say(enters(newcomer, room(name), `${name}-new`));
      const read = new Reader(room(name)).read(story.tree.node(name).take(newcomer));
      const expected = [
        'A a helo',
        'A a hello (corrects a helo)',
        'B b hi (replies to a helo)',
        'C (reacts to a helo)',
      ];
      expect(read.toSorted(), name).toEqual(expected.toSorted());
    }
  });
});

describe('a reference that leads nowhere', () => {
  it('stays with those here, and what is said with it goes on', () => {
    const story = new Story();
    const unknown = "id='zzzzz'";
    const mark = (namespace: string) =>
      `<fallback xmlns='${NS.fallback}' for='${namespace}'><body end='3'/></fallback>`;
    story.send('a', `<body>&gt; b yes</body><reply xmlns='${NS.reply}' ${unknown}/>${mark(NS.reply)}`);
    story.send(
      'a',
      `<reactions xmlns='${NS.reactions}' ${unknown}><reaction>x</reaction></reactions><store xmlns='${NS.hints}'/>`,
    );
    story.send('a', `<body>new</body><replace xmlns='${NS.correction}' ${unknown}/>`);
    story.settle();
    expect(story.heard()).toEqual({
      a: ['A > b yes (replies to ?, but to undefined)', 'A (reacts to ?)', 'A new (corrects ?)'],
      b: ['A > b yes', 'A new'],
      c: ['A > b yes', 'A new'],
    });
    const [link] = story.tree.node('a').core.links;
    // The text stands for itself now: no mark says that it needn't be shown.
    expect(story.crossed()).not.toMatch(/reply|fallback|reactions|replace/);
    expect(link?.spared.payloads).toBeGreaterThanOrEqual(4);
    // Nothing is waited for: with the 32nd message that came all are confirmed.
    for (let count = 2; count < 32; count++) story.send('a', `<body>${count}</body>`);
    story.settle();
    const neighbours = NAMES.flatMap(
      (name) => story.tree.node(name).core.federation.node(room(name))?.everyone() ?? [],
    );
    for (const { waitingMessages, dropped } of neighbours) expect([waitingMessages, dropped]).toEqual([0, 0]);
  });

  it('to somebody else’s message is no correction and no retraction, for nobody', () => {
    const story = new Story();
    const id = story.send('a', '<body>a mine</body>');
    story.settle();
    story.heard();
    const mine = `~${(story.tree.node('a').core.service.get(room('a'))?.lastOriginSeq ?? 0).toString(36)}@${room('a')}`;
    story.correct('b', mine, 'b forged');
    story.correct('a', mine, 'a forged');
    story.retract('b', 'a mine');
    story.settle();
    const heard = story.heard();
    for (const name of NAMES) expect(heard[name]?.toSorted(), name).toEqual(['A a forged', 'B b forged', 'B gone']);
    // Nor to one of somebody at the same node, whose id those here know.
    const other = user('a', 'other');
    story.tree.node('a').say(enters(other, room('a'), 'Other'));
    story.heard();
    const replace = `<replace xmlns='${NS.correction}' id='${id}'/>`;
    story.tree
      .node('a')
      .say(`<message from='${other}' to='${room('a')}' type='groupchat'><body>x</body>${replace}</message>`);
    expect(story.tree.node('a').takeText(user('a')).join()).not.toContain('<replace');
  });

  it('forged by a node that is not its author’s leads nowhere', () => {
    const story = new Story();
    story.send('a', '<body>a mine</body>');
    story.settle();
    story.heard();
    const number = story.tree.node('a').core.service.get(room('a'))?.lastOriginSeq ?? 0;
    const id = `~${number.toString(36)}@${room('a')}`;
    story.tree.node('c').inject(
      'rooms.b.lit',
      `<message from='${room('c')}/C' to='${room('b')}' type='groupchat'><fmuc xmlns='${NS.fmuc}' from='${user('c')}'/>
        <stanza-id xmlns='${NS.stanzaId}' by='${room('c')}' id='~zzz'/><body>c forged</body>
        <replace xmlns='${NS.correction}' id='${id}'/><retract xmlns='${NS.retract}' id='${id}'/></message>`,
    );
    story.settle();
    expect(story.heard()).toEqual({ a: ['C c forged'], b: ['C c forged'], c: [] });
  });

  it('said by the room of a node is obeyed only of one that may moderate', () => {
    for (const moderate of [false, true]) {
      const story = new Story({ link: { dialect: 'fmucd', moderate } });
      story.send('a', '<body>a rude</body>');
      story.settle();
      story.heard();
      const number = story.tree.node('a').core.service.get(room('a'))?.lastOriginSeq ?? 0;
      const retract = `<retract xmlns='${NS.retract}' id='~${number.toString(36)}@${room('a')}'>
        <moderated xmlns='${NS.moderate}' by='${room('c')}/C'/><reason>rude</reason></retract>`;
      story.tree.node('c').inject(
        'rooms.b.lit',
        `<message from='${room('c')}' to='${room('b')}' type='groupchat'><fmuc xmlns='${NS.fmuc}' from='${room('c')}'/>
          <stanza-id xmlns='${NS.stanzaId}' by='${room('c')}' id='~zzz'/><body>moderated</body>${retract}</message>`,
      );
      // What a client says of itself never counts.
      story.send('b', `<body>b says</body>${retract}`);
      story.settle();
      const texts = story.tree.node('b').takeText(user('b'));
      const [moderated = ''] = texts.filter((xml) => !xml.includes('b says'));
      expect(moderated).toContain('moderated</body>');
      if (moderate) expect(moderated).toContain(`<moderated xmlns="${NS.moderate}" by="${room('b')}/C"/>`);
      else expect(moderated).not.toContain('<retract');
      const said = story.tree.node('a').takeText(user('a')).join();
      expect(said).toContain('b says');
      // The node in between passes it on in the name of its own room.
      expect(said.split('<retract ')).toHaveLength(moderate ? 2 : 1);
      if (moderate) expect(said).toContain(`<moderated xmlns="${NS.moderate}" by="${room('a')}/C"/>`);
    }
  });
});
