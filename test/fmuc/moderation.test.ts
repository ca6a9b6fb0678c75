import { beforeEach, describe, expect, it } from 'vitest';
import { type Plan, room, type Set, set, user } from '../support/chain.ts';
import { brief, drop, enters, fmuc, leaves } from '../support/nodes.ts';

/* Moderators of one node and occupants of another: only the occupant's own node acts, and only where its link says so. */

const ADMIN = 'admin@a.lit/x';
const OURS = { dialect: 'fmucd' } as const;

function chain(plan: Partial<Plan> = {}): Set {
  const tree = set({ federate: { a: [], b: ['a'], c: ['b'] }, link: { ...OURS, moderate: true }, ...plan });
  for (const name of ['a', 'b', 'c']) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  tree.node('a').say(enters(ADMIN, room('a'), 'Admin'));
  tree.world.settle(60_000);
  drop(...['a', 'b', 'c'].map((name) => tree.node(name)));
  return tree;
}

const admin = (item: string, from = ADMIN, node = 'a'): string =>
  `<iq from='${from}' to='${room(node)}' type='set' id='m'><query xmlns='http://jabber.org/protocol/muc#admin'>${item}</query></iq>`;
const nicks = (tree: Set, name: string): string[] =>
  [...(tree.node(name).core.service.get(room(name))?.occupants.keys() ?? [])].toSorted();
const roleOf = (tree: Set, name: string, nick: string) =>
  tree.node(name).core.service.get(room(name))?.occupants.get(nick)?.role;
const seen = (tree: Set, name: string): string[] => brief(tree.node(name).take(user(name)));

let tree: Set;

describe('where every link is trusted to moderate', () => {
  beforeEach(() => {
    tree = chain();
  });

  it('a kick travels to the occupant, however far, and everyone sees it', () => {
    tree.node('a').say(admin(`<item nick='C' role='none'><reason>Enough</reason></item>`));
    tree.world.settle(60_000);
    expect(brief(tree.node('a').take(ADMIN))[0]).toBe('iq result -');
    expect(seen(tree, 'c')).toEqual(['presence unavailable C 110,307']);
    expect(seen(tree, 'b')).toEqual(['presence unavailable C 307']);
    expect(seen(tree, 'a')).toEqual(['presence unavailable C 307']);
    for (const name of ['a', 'b', 'c']) expect(nicks(tree, name)).not.toContain('C');
  });

  it('the reason and who did it are shown', () => {
    tree.node('a').say(admin(`<item nick='C' role='none'><reason>Enough</reason></item>`));
    tree.world.settle(60_000);
    const [gone] = tree.node('c').takeText(user('c'));
    expect(gone).toMatch(/<actor nick="Admin"\/><reason>Enough<\/reason>/);
  });

  it('a role changes there, and is shown everywhere', () => {
    tree.node('a').say(admin(`<item nick='C' role='visitor'/>`));
    tree.world.settle(60_000);
    expect(['a', 'b', 'c'].map((name) => roleOf(tree, name, 'C'))).toEqual(['visitor', 'visitor', 'visitor']);
    tree.node('a').say(admin(`<item nick='C' role='participant'/>`));
    tree.world.settle(60_000);
    expect(['a', 'b', 'c'].map((name) => roleOf(tree, name, 'C'))).toEqual([
      'participant',
      'participant',
      'participant',
    ]);
  });

  it('a ban sends out with 301, and stands in the list of the room where it was spoken', () => {
    tree.node('a').say(admin(`<item jid='u@c.lit' affiliation='outcast'/>`));
    tree.world.settle(60_000);
    expect(seen(tree, 'c')).toEqual(['presence unavailable C 110,301']);
    expect(seen(tree, 'b')).toEqual(['presence unavailable C 301']);
    expect(tree.node('a').core.service.get(room('a'))?.affiliations.get('u@c.lit')?.affiliation).toBe('outcast');
    expect(tree.node('c').core.service.get(room('c'))?.affiliations.size).toBe(0);
  });

  it('who is banned and comes again there is sent out again', () => {
    tree.node('a').say(admin(`<item jid='u@c.lit' affiliation='outcast'><reason>Enough</reason></item>`));
    tree.world.settle(60_000);
    drop(...['a', 'b', 'c'].map((name) => tree.node(name)));
    tree.node('c').say(enters(user('c'), room('c'), 'Again'));
    tree.world.settle(60_000);
    const last = tree.node('c').takeText(user('c')).at(-1);
    expect(last).toMatch(/type="unavailable".*<reason>Enough<\/reason>.*"301"/);
    for (const name of ['a', 'b', 'c']) expect(nicks(tree, name)).not.toContain('Again');
  });

  it('a ban of a domain sends out everyone of it, and nobody else', () => {
    tree.node('a').say(admin(`<item jid='c.lit' affiliation='outcast'/>`));
    tree.world.settle(60_000);
    expect(nicks(tree, 'a')).toEqual(['A', 'Admin', 'B']);
  });

  it('the list of a role has those elsewhere, with their real JIDs', () => {
    tree.node('a').say(admin(`<item role='participant'/>`).replace(`type='set'`, `type='get'`));
    const [list = ''] = tree.node('a').takeText(ADMIN);
    for (const name of ['a', 'b', 'c'])
      expect(list).toContain(
        `<item nick="${name.toUpperCase()}" role="participant" affiliation="none" jid="${user(name)}"/>`,
      );
  });

  it('who is here is told of the affiliation of somebody elsewhere, and nobody crosses a link for it', () => {
    tree.node('a').say(admin(`<item jid='u@c.lit' affiliation='member'/>`));
    tree.world.settle(60_000);
    expect(tree.node('a').takeText(user('a'))).toEqual([
      expect.stringMatching(/^<message .*<item affiliation="member" role="none" jid="u@c.lit">/),
    ]);
    expect(tree.node('a').crossed).toEqual([]);
    expect(tree.node('c').recipients).toEqual([]);
  });

  it('§5.1 voice that was taken from afar stays away in a moderated room', () => {
    const config = `<iq from='admin@c.lit/y' to='${room('c')}' type='set' id='f'><query xmlns='http://jabber.org/protocol/muc#owner'>
      <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>
      <field var='muc#roomconfig_moderatedroom'><value>1</value></field></x></query></iq>`;
    tree.node('c').say(config);
    tree.node('c').say(admin(`<item jid='u@c.lit' affiliation='member'/>`, 'admin@c.lit/y', 'c'));
    tree.node('a').say(admin(`<item nick='C' role='visitor'/>`));
    tree.world.settle(60_000);
    tree.node('c').say(leaves(user('c'), room('c'), 'C'));
    tree.node('c').say(enters(user('c'), room('c'), 'C'));
    tree.world.settle(60_000);
    expect(['a', 'c'].map((name) => roleOf(tree, name, 'C'))).toEqual(['visitor', 'visitor']);
  });

  it('a role that somebody has already is asked of nobody', () => {
    tree.node('a').say(admin(`<item nick='C' role='participant'/>`));
    tree.world.settle(60_000);
    expect(tree.node('a').crossed).toEqual([]);
  });

  it('nobody is made a moderator from afar', () => {
    tree.node('a').say(admin(`<item nick='C' role='moderator'/>`));
    expect(brief(tree.node('a').take(ADMIN))).toEqual(['iq error - not-allowed']);
    expect(roleOf(tree, 'c', 'C')).toBe('participant');
  });

  it('a moderator there is out of reach of a moderator here', () => {
    tree.node('c').say(enters('admin@c.lit/y', room('c'), 'Chief'));
    tree.world.settle(60_000);
    tree.node('a').say(admin(`<item nick='Chief' role='none'/>`));
    tree.world.settle(60_000);
    for (const name of ['a', 'b', 'c']) expect(nicks(tree, name)).toContain('Chief');
  });

  it('while the link is down the moderator is told', () => {
    tree.world.wire('rooms.a.lit', 'rooms.b.lit').hold(1_000_000);
    tree.world.settle(1000);
    tree.node('a').say(admin(`<item nick='C' role='none'/>`));
    expect(brief(tree.node('a').take(ADMIN))).toEqual(['iq error - remote-server-timeout']);
  });

  it('who is no moderator moderates nobody, here or elsewhere', () => {
    tree.node('a').say(admin(`<item nick='C' role='none'/>`, user('a')));
    expect(brief(tree.node('a').take(user('a')))).toEqual(['iq error - forbidden']);
    expect(nicks(tree, 'c')).toContain('C');
  });
});

describe('a link that is not trusted to moderate', () => {
  it.each([
    ['the last', { 'c b': { moderate: false } }],
    ['one on the way', { 'b a': { moderate: false } }],
  ])('%s: nothing happens, and the occupant is shown as before', (_, linkOf) => {
    tree = chain({ linkOf });
    tree.node('a').say(admin(`<item nick='C' role='none'/>`));
    tree.node('a').say(admin(`<item nick='C' role='visitor'/>`));
    tree.world.settle(60_000);
    for (const name of ['a', 'b', 'c']) {
      expect(nicks(tree, name)).toContain('C');
      expect(roleOf(tree, name, 'C')).toBe('participant');
    }
    expect(seen(tree, 'c')).toEqual([]);
    const refusals = ['b', 'c'].flatMap((name) =>
      tree.node(name).logs.filter(({ message }) => message === 'moderation refused'),
    );
    expect(refusals).toHaveLength(1);
  });
});

describe('what a remote node says of affiliations', () => {
  it('is shown, and opens nothing: not through its node, not by a request of the same JID', () => {
    tree = chain();
    const claimed = `<presence from='${room('b')}/B' to='${room('a')}/B'>${fmuc(user('b'))}
      <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator' jid='${user('b')}'/></x></presence>`;
    tree.node('b').inject('rooms.a.lit', claimed);
    tree.world.settle();
    const shown = tree.node('a').core.service.get(room('a'))?.occupants.get('B');
    expect([shown?.affiliation, shown?.role]).toEqual(['owner', 'moderator']);
    for (const item of [
      `<item nick='A' role='none'/>`,
      `<item jid='u@a.lit' affiliation='outcast'/>`,
      `<item affiliation='owner' jid='u@b.lit'/>`,
    ]) {
      tree.node('b').inject('rooms.a.lit', admin(item, user('b')));
      tree.world.settle();
    }
    tree
      .node('b')
      .inject(
        'rooms.a.lit',
        `<iq from='${user('b')}' to='${room('a')}' type='get' id='o'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>`,
      );
    tree.world.settle();
    expect(nicks(tree, 'a')).toContain('A');
    expect(tree.node('a').core.service.get(room('a'))?.affiliations.size).toBe(0);
    const answers = tree.node('a').crossed.filter((xml) => xml.startsWith('<iq'));
    expect(answers).toHaveLength(4);
    for (const answer of answers) expect(answer).toMatch(/type="error".*<forbidden/);
  });
});
