import { beforeEach, describe, expect, it } from 'vitest';
import { room, type Set, set, user } from '../support/chain.ts';
import { brief, drop, enters } from '../support/nodes.ts';

/* What users of one node say to single people, to moderators and in the room's name, where others are on another node. */

const ADMIN = 'admin@a.lit/x';
const NAMES = ['a', 'b', 'c'] as const;

let tree: Set;

/** A chain: a is the root, b joins a, and c joins b. On each there is one user; on a there is an admin besides. */
beforeEach(() => {
  tree = set({ federate: { a: [], b: ['a'], c: ['b'] }, link: { dialect: 'fmucd', moderate: true } });
  for (const name of NAMES) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  tree.node('a').say(enters(ADMIN, room('a'), 'Admin'));
  tree.world.settle(60_000);
  drop(...NAMES.map((name) => tree.node(name)));
});

const seen = (name: string): string[] => brief(tree.node(name).take(user(name)));
const say = (name: string, stanza: string): void => {
  tree.node(name).say(stanza);
  tree.world.settle(60_000);
};
const roleOf = (name: string, nick: string) => tree.node(name).core.service.get(room(name))?.occupants.get(nick)?.role;
function settings(name: string, changes: object): void {
  const found = tree.node(name).core.service.get(room(name));
  if (found !== undefined) found.settings = { ...found.settings, ...changes };
}
const writes = (name: string, nick: string): string =>
  `<message from='${user(name)}' to='${room(name)}/${nick}' type='chat' id='p'><body>psst</body></message>`;
const form = (from: string, name: string, fields: Readonly<Record<string, string>>): string =>
  `<message from='${from}' to='${room(name)}' id='v'><x xmlns='jabber:x:data' type='submit'>
    <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>${Object.entries(fields)
      .map(([field, value]) => `<field var='${field}'><value>${value}</value></field>`)
      .join('')}</x></message>`;

describe('§7.5 a private message to another node', () => {
  it.each(['item-not-found', 'remote-server-timeout', 'remote-server-not-found'])(
    'that its recipient’s server returns with %s comes back to its author, and nobody else leaves',
    (condition) => {
      say('a', writes('a', 'C'));
      expect(seen('c')).toEqual(['message chat A psst']);
      say(
        'c',
        `<message from='${user('c')}' to='${room('c')}/A' type='error' id='p'><error type='cancel'>
          <${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
      );
      const told = condition === 'item-not-found' ? condition : 'recipient-unavailable';
      expect(seen('a')).toEqual([`message error C ${told}`, 'presence unavailable C 333']);
      expect(seen('b')).toEqual(['presence unavailable C 333']);
      for (const name of ['a', 'b'])
        expect([...(tree.node(name).core.service.get(room(name))?.occupants.keys() ?? [])].toSorted()).toEqual([
          'A',
          'Admin',
          'B',
        ]);
    },
  );

  it('is refused where the room of its author, or that of its recipient, wants none', () => {
    settings('c', { privateMessages: 'moderators' });
    say('c', writes('c', 'A'));
    expect(seen('c')).toEqual(['message error A forbidden']);
    say('a', writes('a', 'C'));
    expect(seen('a')).toEqual(['message error C forbidden']);
    expect(seen('c')).toEqual([]);
    say('a', writes('a', 'B'));
    expect(seen('b')).toEqual(['message chat A psst']);
  });
});

describe('§7.13 voice', () => {
  const silence = (nick: string): void => {
    say(
      'a',
      `<iq from='${ADMIN}' to='${room('a')}' type='set' id='m'><query xmlns='http://jabber.org/protocol/muc#admin'>
        <item nick='${nick}' role='visitor'/></query></iq>`,
    );
    drop(...NAMES.map((name) => tree.node(name)));
  };

  it('is asked of the moderators here alone', () => {
    silence('C');
    say('c', form(user('c'), 'c', { 'muc#role': 'participant' }));
    expect(seen('c')).toEqual(['message error - recipient-unavailable']);
    expect(brief(tree.node('a').take(ADMIN))).toEqual([]);
  });

  it('§8.6 is given by a moderator’s form also to somebody on another node, who carries it out', () => {
    silence('C');
    const allow = { 'muc#role': 'participant', 'muc#request_allow': '1', 'muc#jid': user('c'), 'muc#roomnick': 'C' };
    say('a', form(ADMIN, 'a', allow));
    expect(NAMES.map((name) => roleOf(name, 'C'))).toEqual(['participant', 'participant', 'participant']);
    expect(seen('c')).toEqual(['presence C 110']);
  });
});

it('§7.8.2 an invitation is sent by the room of its inviter, and crosses no link', () => {
  for (const name of NAMES) tree.node(name).crossed.length = 0;
  say(
    'c',
    `<message from='${user('c')}' to='${room('c')}' id='i'><x xmlns='http://jabber.org/protocol/muc#user'>
      <invite to='friend@c.lit'/></x></message>`,
  );
  expect(brief(tree.node('c').take('friend@c.lit'))).toEqual(['message -']);
  expect(NAMES.map((name) => tree.node(name).crossed.length)).toEqual([0, 0, 0]);
});

it('§7.10 a nick of somebody on another node is not to be had', () => {
  say(
    'a',
    `<iq from='${user('a')}' to='${room('a')}' type='set' id='r'><query xmlns='jabber:iq:register'>
      <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>
      <field var='muc#register_roomnick'><value>C</value></field></x></query></iq>`,
  );
  expect(seen('a')).toEqual(['iq error - conflict']);
});
