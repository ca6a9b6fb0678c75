import { describe, expect, it } from 'vitest';
import { MAX_REFERABLE } from '../../src/muc/referable.ts';
import { MAX_AWAITED_RETRACTIONS } from '../../src/muc/retraction.ts';
import { NS } from '../../src/xml/names.ts';
import { type Plan, room, type Set, set, user } from '../support/chain.ts';
import { drop, enters } from '../support/nodes.ts';
import { Reader } from '../support/reader.ts';

/*
 * Messages that are retracted across nodes, by their author (XEP-0424) or by a moderator of one of them (XEP-0425): each puts a
 * tombstone in their place, and shows it with its own ids.
 */

const NAMES = ['a', 'b', 'c'] as const;

/** Three nodes in a row, a moderator at each. */
class Story {
  readonly tree: Set;
  readonly readers = new Map<string, Reader>();

  constructor(plan: Partial<Plan> = {}) {
    this.tree = set({ federate: { a: [], b: ['a'], c: ['b'] }, link: { dialect: 'fmucd', moderate: true }, ...plan });
    for (const name of NAMES) {
      this.readers.set(name, new Reader(room(name)));
      this.enter(name, user(name), name.toUpperCase());
      this.enter(name, `admin@${name}.lit/r`, `${name}-admin`);
    }
    this.settle();
    this.forget();
  }

  enter(name: string, jid: string, nick: string): void {
    this.tree.node(name).say(enters(jid, room(name), nick));
  }

  settle(milliseconds = 60_000): void {
    this.tree.world.settle(milliseconds);
  }

  forget(): void {
    drop(...NAMES.map((name) => this.tree.node(name)));
  }

  say(name: string, payloads: string, id: string = payloads): void {
    this.tree
      .node(name)
      .send(`<message from='${user(name)}' to='${room(name)}' type='groupchat' id='${id}'>${payloads}</message>`);
  }

  /** Somebody says something that everyone gets. */
  said(name: string, body: string): void {
    this.say(name, `<body>${body}</body>`, 'm1');
    this.settle(5000);
    this.hear();
  }

  hear(): Record<string, string[]> {
    return Object.fromEntries(
      NAMES.map((name) => [name, this.readers.get(name)?.read(this.tree.node(name).take(user(name))) ?? []]),
    );
  }

  id(name: string, body: string): string {
    return this.readers.get(name)?.stanzaId(body) ?? '';
  }

  retract(name: string, body: string): void {
    this.say(name, `<retract xmlns='${NS.retract}' id='${this.id(name, body)}'/><body>gone</body>`, 'r1');
  }

  moderate(name: string, body: string): void {
    this.tree.node(name).send(`<iq from='admin@${name}.lit/r' to='${room(name)}' type='set' id='mod'>
      <moderate xmlns='${NS.moderate}' id='${this.id(name, body)}'><retract xmlns='${NS.retract}'/>
      <reason>rude</reason></moderate></iq>`);
  }

  /** What the moderator at a node has been answered. */
  answers(name: string): string {
    const stanzas = this.tree.node(name).takeText(`admin@${name}.lit/r`);
    return stanzas.filter((xml) => xml.startsWith('<iq')).join();
  }

  kept(name: string): string[] {
    return this.tree
      .node(name)
      .store.messages(room(name))
      .map(({ stanza }) => stanza);
  }

  /** At each of these nodes there is but a tombstone of the first message. */
  expectBuried(names: readonly string[], secret: string): void {
    for (const name of NAMES) {
      const all = this.kept(name).join();
      const isBuried = names.includes(name);
      expect([name, all.includes(secret), all.includes('<retracted ')]).toEqual([name, !isBuried, isBuried]);
    }
  }

  cut(): void {
    for (const [one, other] of [
      ['a', 'b'],
      ['b', 'c'],
    ] as const)
      this.tree.world.wire(`rooms.${one}.lit`, `rooms.${other}.lit`).hold(10_000_000);
    this.settle(1000);
  }

  mend(): void {
    for (const wire of this.tree.world.wires()) wire.mend();
    this.settle(600_000);
  }
}

describe('a message that its author retracts', () => {
  it('is a tombstone at every node, which names the retraction by the id that it has there', () => {
    const story = new Story();
    story.said('a', 'secret');
    story.retract('a', 'secret');
    story.settle();
    for (const heard of Object.values(story.hear())) expect(heard).toEqual(['A gone (retracts secret)']);
    story.expectBuried(NAMES, 'secret');
    for (const name of NAMES) {
      const newcomer = user(name, 'new');
      story.enter(name, newcomer, `${name}-new`);
      const history = story.tree.node(name).takeText(newcomer).join();
      const retraction = /<message id="([^"]+)"[^>]*>(?:<body>gone<\/body>)?<retract /.exec(history)?.[1];
      expect(retraction, name).toBeDefined();
      expect(history, name).toContain(`<retracted xmlns="${NS.retract}" id="${retraction}"`);
      expect(history, name).not.toContain('secret');
      // A client's own id stays at its node.
      expect(retraction === 'r1', name).toBe(name === 'a');
    }
  });

  it('by somebody at another node stays as it is', () => {
    const story = new Story();
    story.said('a', 'mine');
    story.retract('b', 'mine');
    story.settle();
    expect(story.kept('b').join()).not.toContain('<retract ');
    story.expectBuried([], 'mine');
  });

  it('during an outage reaches those who missed it as a tombstone, and those who had it as a retraction', () => {
    const story = new Story();
    story.said('a', 'before');
    story.cut();
    story.say('a', '<body>meanwhile</body>', 'm');
    story.settle(1000);
    story.hear();
    story.retract('a', 'meanwhile');
    story.retract('a', 'before');
    story.settle(1000);
    story.forget();
    story.mend();
    for (const name of NAMES) {
      const all = story.kept(name).join();
      expect(all.split('<retracted '), name).toHaveLength(3);
      expect(all, name).not.toMatch(/before|meanwhile/);
    }
    for (const name of ['b', 'c']) expect(story.tree.node(name).crossed.join(), name).not.toContain('meanwhile');
    expect(story.tree.node('a').crossed.join()).not.toContain('meanwhile');
    expect(story.tree.node('c').takeText(user('c')).join()).not.toContain('meanwhile');
  });

  it('that is older than what any node remembers is found in the archive', { timeout: 60_000 }, () => {
    const story = new Story();
    story.said('a', 'secret');
    for (let count = 0; count <= MAX_REFERABLE; count++) {
      story.say('b', `<body>x</body>`, 'x');
      if (count % 50 === 0) story.settle(5000);
    }
    story.settle();
    story.forget();
    story.retract('a', 'secret');
    story.settle();
    story.expectBuried(NAMES, 'secret');
    expect(story.tree.node('c').takeText(user('c')).join()).toContain(`id="${story.id('c', 'secret')}"`);
  });
});

describe('a message that a moderator has retracted', () => {
  it('is a tombstone at every node, shown with its ids and its nicks', () => {
    const story = new Story();
    story.said('a', 'rude words');
    story.moderate('c', 'rude words');
    story.settle();
    expect(story.answers('c')).toContain('type="result"');
    for (const name of NAMES) {
      const [told = '', ...more] = story.tree.node(name).takeText(user(name));
      expect(more, name).toEqual([]);
      expect(told, name).toContain(`from="${room(name)}" type="groupchat"`);
      const own = name === 'c' ? `><occupant-id xmlns="${NS.occupantId}" id="[^"]+"/></moderated>` : '/>';
      expect(told, name).toMatch(
        new RegExp(
          `<retract xmlns="${NS.retract}" id="${story.id(name, 'rude words')}"><moderated xmlns="${NS.moderate}" by="${room(name)}/c-admin"${own}<reason>rude</reason></retract>`,
        ),
      );
      expect(told, name).not.toMatch(/fmuc|~[0-9a-z]+"/);
      expect(story.tree.node(name).crossed.join(), name).not.toContain('occupant-id');
    }
    story.expectBuried(NAMES, 'rude words');
  });

  it('is one wherever the link is trusted to moderate, and no further', () => {
    const story = new Story({ linkOf: { 'a b': { moderate: false } } });
    story.said('c', 'rude words');
    story.moderate('c', 'rude words');
    story.settle();
    story.expectBuried(['b', 'c'], 'rude words');
    expect(story.tree.node('a').takeText(user('a'))).toEqual([]);
    expect(
      story.tree.node('a').logs.filter(({ message }) => message === 'stanza of another node ignored'),
    ).toHaveLength(1);
    // It is settled: no join brings it again.
    story.tree.node('b').cut();
    story.settle();
    story.forget();
    for (const name of NAMES) story.tree.restart(name);
    story.settle();
    for (const name of NAMES) story.enter(name, user(name), name.toUpperCase());
    story.settle();
    for (const name of NAMES) expect(story.tree.node(name).crossed.join(), name).not.toContain('<retract ');
  });

  it('is one at the other nodes after an outage, and after a restart', () => {
    const story = new Story();
    story.said('b', 'rude words');
    story.cut();
    story.moderate('a', 'rude words');
    story.settle(1000);
    story.expectBuried(['a'], 'rude words');
    story.tree.restart('a');
    story.mend();
    for (const name of NAMES) story.enter(name, user(name), name.toUpperCase());
    story.settle();
    for (const name of NAMES) expect(story.kept(name), name).toHaveLength(2);
    story.expectBuried(NAMES, 'rude words');
  });

  it('is one where the topmost node puts all in order', () => {
    const story = new Story({ room: { mode: 'primary-replica' } });
    story.said('a', 'rude words');
    story.moderate('c', 'rude words');
    story.settle();
    story.expectBuried(NAMES, 'rude words');
    expect(story.answers('c')).toContain('type="result"');
    expect(story.tree.node('c').core.federation.node(room('c'))?.held.size).toBe(0);
  });

  it('stays where the topmost node does not let it, and nothing waits for that', () => {
    const story = new Story({
      room: { mode: 'primary-replica' },
      linkOf: { 'a b': { moderate: false } },
    });
    story.said('a', 'rude words');
    story.moderate('c', 'rude words');
    story.settle();
    story.expectBuried([], 'rude words');
    for (const name of NAMES) expect(story.tree.node(name).core.federation.node(room(name))?.held.size, name).toBe(0);
    story.forget();
    story.say('c', '<body>on</body>', 'on');
    story.settle();
    for (const heard of Object.values(story.hear())) expect(heard).toEqual(['C on']);
  });

  it('is refused while the node that would put it in order is out of reach', () => {
    const story = new Story({ room: { mode: 'primary-replica' } });
    story.said('a', 'rude words');
    for (const wire of story.tree.world.wires('rooms.a.lit')) wire.hold(10_000_000);
    story.tree.node('b').cut();
    story.settle(60_000);
    story.forget();
    story.moderate('b', 'rude words');
    story.settle(1000);
    expect(story.answers('b')).toContain('<remote-server-timeout');
    story.expectBuried([], 'rude words');
  });
});

describe('a retraction that is ahead of its message', () => {
  const BY = 'room@rooms.x.lit';
  const from = (payloads: string, id: string, as = '/C', author = user('c')) =>
    `<message from='${room('c')}${as}' to='${room('b')}' type='groupchat'><fmuc xmlns='${NS.fmuc}' from='${author}'/>
      <stanza-id xmlns='${NS.stanzaId}' by='${BY}' id='${id}'/>${payloads}</message>`;
  const retraction = (id: string) => `<retract xmlns='${NS.retract}' id='${id}@${BY}'/><body>gone</body>`;
  const moderation = (id: string) =>
    `<retract xmlns='${NS.retract}' id='${id}@${BY}'><moderated xmlns='${NS.moderate}' by='${BY}/m'/></retract>`;
  const inject = (story: Story, xml: string): void => {
    story.tree.node('c').inject('rooms.b.lit', xml);
    story.settle(2000);
  };

  it.each([
    ['its author’s', () => from(retraction('~1'), '~2')],
    ['a moderator’s', () => from(moderation('~1'), '~2', '', room('c'))],
  ])('%s is done when that comes, also after a restart', (_, ahead) => {
    for (const isRestarted of [false, true]) {
      const story = new Story();
      inject(story, ahead());
      if (isRestarted) {
        story.tree.restart('b');
        story.settle();
        story.enter('b', user('b'), 'B');
        story.settle();
      }
      story.forget();
      inject(story, from('<body>late</body>', '~1'));
      const told = story.tree.node('b').takeText(user('b')).join();
      expect(told).toContain('<retracted ');
      for (const name of ['a', 'b']) expect(story.kept(name).join(), name).not.toContain('late');
      expect(story.tree.node('b').core.service.get(room('b'))?.retractions.size).toBe(0);
    }
  });

  it('by somebody else is none', () => {
    const story = new Story();
    inject(story, from(retraction('~1'), '~2'));
    inject(story, from('<body>late</body>', '~1', '/Other', user('c', 'other')));
    expect(story.kept('b').join()).toContain('late');
  });

  it(`is remembered among ${MAX_AWAITED_RETRACTIONS}: the oldest is forgotten`, () => {
    const story = new Story();
    for (let number = 0; number <= MAX_AWAITED_RETRACTIONS; number++)
      story.tree
        .node('c')
        .inject('rooms.b.lit', from(retraction(`~1${number.toString(36)}`), `~z${number.toString(36)}`));
    story.settle();
    const retractions = story.tree.node('b').core.service.get(room('b'))?.retractions;
    expect(retractions?.size).toBe(MAX_AWAITED_RETRACTIONS);
    expect([retractions?.find(`~10@${BY}`), retractions?.find(`~11@${BY}`)?.id]).toEqual([undefined, `~11@${BY}`]);
  });
});

describe('to a plain node', () => {
  it.each(['xep', 'openfire'] as const)('(%s) nothing is sent of a moderation, and the room goes on', (dialect) => {
    const story = new Story({ link: { dialect } });
    story.said('a', 'rude words');
    story.moderate('a', 'rude words');
    story.settle();
    expect(story.kept('a').join()).not.toContain('rude words');
    expect(story.answers('a')).toContain('type="result"');
    expect(story.tree.node('a').crossed.join()).not.toMatch(/<retract|moderated/);
  });

  it('what it said itself is retracted by the id that it gave', () => {
    const story = new Story({ link: { dialect: 'xep' } });
    story.tree.node('b').inject(
      'rooms.a.lit',
      `<message from='${room('b')}/B' to='${room('a')}' type='groupchat' id='plain'><fmuc xmlns='${NS.fmuc}' from='${user('b')}'/>
        <stanza-id xmlns='${NS.stanzaId}' by='${room('b')}' id='theirs'/><body>rude words</body></message>`,
    );
    story.settle(2000);
    story.hear();
    story.moderate('a', 'rude words');
    story.settle();
    expect(story.kept('a').join()).not.toContain('rude words');
    expect(story.tree.node('a').crossed.join()).toContain(`<retract xmlns="${NS.retract}" id="theirs">`);
  });
});
