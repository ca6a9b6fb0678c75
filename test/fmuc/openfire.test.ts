import { describe, expect, it } from 'vitest';
import { ANSWER_TIMEOUT } from '../../src/fmuc/joining.ts';
import { attribute } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { brief, drop, ELSINORE, enters, fmuc, HAMLET, leaves, OPHELIA, says } from '../support/nodes.ts';
import { OpenfireRoom } from '../support/openfire.ts';
import type { OpenfirePeer } from '../support/openfire-peer.ts';
import {
  forget,
  GERTRUDE,
  JULIET,
  LOBBY,
  linked,
  nicksOf,
  type Options,
  ROMEO,
  renames,
  roomOf,
  type Story,
  sentTo,
  served,
  setsSubject,
  storeWithNote,
  together,
  upwardOf,
  WHILE,
  whispers,
} from '../support/openfire-story.ts';

/* We join an Openfire room, through a link and through our XMPP server. */

/** Each kind of way on which lobby is known to be Openfire. */
const WAYS: readonly (readonly [string, (options?: Options) => Story<OpenfirePeer>])[] = [
  ['through a link', (options) => linked(options)],
  ['through our XMPP server', (options) => served({ ...options, store: storeWithNote() })],
];

describe.each(WAYS)('we join Openfire %s', (_, start) => {
  it('and take its answer: JIDs that are missing or not real, history by occupant JIDs and by the room', () => {
    const { gateway, lobby, peer } = start();
    peer.does(lobby.userJoins('Juliet', JULIET));
    peer.does(lobby.userSays('Juliet', 'before'));
    peer.does(lobby.roomSays('the house opens'));
    peer.does(lobby.userSetsSubject('Juliet', 'Verona'));
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    expect(upwardOf(gateway)?.state).toBe('joined');
    expect(brief(gateway.take(HAMLET)).slice(2)).toEqual([
      'presence Juliet',
      'message Juliet before',
      'message - the house opens',
      'message Juliet = Verona',
    ]);
    expect(lobby.nicks).toEqual(['Hamlet', 'Juliet']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and talk with it, to and from full and bare addresses', () => {
    const { gateway, lobby, peer } = together(start());
    gateway.say(says(HAMLET, ELSINORE, 'to be'));
    peer.does(lobby.userSays('Juliet', 'wherefore'));
    expect(lobby.heard).toEqual(['Hamlet: to be', 'Juliet: wherefore']);
    expect(brief(gateway.take(HAMLET))).toEqual(['message Hamlet to be', 'message Juliet wherefore']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and take those who come there later, whose first presence has the form of a join, once', () => {
    const { gateway, lobby, peer } = together(start());
    peer.does(lobby.userJoins('Romeo', ROMEO));
    peer.does(lobby.userSays('Romeo', 'soft'));
    peer.does(lobby.userLeaves('Romeo'));
    expect(brief(gateway.take(HAMLET))).toEqual(['presence Romeo', 'message Romeo soft', 'presence unavailable Romeo']);
    expect(sentTo(peer)).toEqual([]);
    expect(lobby.broken).toEqual([]);
  });

  it('and introduce whoever comes here before their first message', () => {
    const { gateway, lobby } = together(start());
    gateway.send(enters(OPHELIA, ELSINORE, 'Ophelia'));
    gateway.send(says(OPHELIA, ELSINORE, 'rosemary'));
    gateway.world.settle();
    expect(lobby.heard).toEqual(['+ Ophelia', 'Ophelia: rosemary']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and what is said before its answer follows behind it', () => {
    const { gateway, lobby, peer } = start();
    peer.does(lobby.userJoins('Juliet', JULIET));
    gateway.send(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.send(says(HAMLET, ELSINORE, 'Hi'));
    gateway.send(enters(OPHELIA, ELSINORE, 'Ophelia'));
    gateway.world.settle();
    expect(lobby.heard).toEqual(['+ Hamlet', '+ Ophelia', 'Hamlet: Hi']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and leave with our last one, which it confirms', () => {
    const { gateway, lobby, peer } = together(start());
    gateway.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    expect(sentTo(peer)).toEqual(['presence unavailable Hamlet']);
    expect([upwardOf(gateway)?.state, lobby.inbound, lobby.nicks]).toEqual(['local', [], ['Juliet']]);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    expect([upwardOf(gateway)?.state, lobby.inbound]).toEqual(['joined', [ELSINORE]]);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  describe('private messages', () => {
    it('for its occupants are refused to the sender and not sent', () => {
      const { gateway, lobby, peer } = together(start());
      gateway.say(whispers(HAMLET, ELSINORE, 'Juliet', 'psst'));
      expect(brief(gateway.take(HAMLET))).toEqual(['message error Juliet feature-not-implemented']);
      expect(sentTo(peer)).toEqual([]);
      expect([lobby.leaked, lobby.broken]).toEqual([[], []]);
    });

    it('of its occupants that come through the room reach whom they are for, and nobody else', () => {
      const { gateway, peer, lobby } = together(start());
      gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
      drop(gateway);
      peer.does([
        parseElement(`<message from='${LOBBY}/Juliet' to='${ELSINORE}/Hamlet' type='chat'>${fmuc(JULIET)}
          <body>psst</body></message>`),
      ]);
      expect(brief(gateway.take(HAMLET))).toEqual(['message chat Juliet psst']);
      expect(gateway.take(OPHELIA)).toEqual([]);
      expect([lobby.leaked, lobby.broken]).toEqual([[], []]);
    });
  });

  describe('a change of nick here', () => {
    it('of the only one whom it knows: they leave, and join again under the new nick once it has said <left/>', () => {
      const { gateway, lobby, peer } = together(start());
      gateway.say(renames(HAMLET, 'Prince'));
      expect(sentTo(peer)).toEqual(['presence unavailable Hamlet', 'presence Prince']);
      expect(lobby.heard).toEqual(['- Hamlet', '+ Prince']);
      expect(lobby.inbound).toEqual([ELSINORE]);
      expect(brief(gateway.take(HAMLET))).toEqual(['presence unavailable Hamlet 110,303', 'presence Prince 110']);
      expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
    });

    it('of the only one, who says something at once: it arrives, once', () => {
      const { gateway, lobby } = together(start());
      gateway.send(renames(HAMLET, 'Prince'));
      gateway.send(says(HAMLET, ELSINORE, 'Call me Prince'));
      gateway.world.settle();
      expect(lobby.heard).toEqual(['- Hamlet', '+ Prince', 'Prince: Call me Prince']);
      expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
    });

    it('of the only one, twice in a row', () => {
      const { gateway, lobby } = together(start());
      gateway.send(renames(HAMLET, 'Prince'));
      gateway.send(renames(HAMLET, 'Dane'));
      gateway.world.settle(ANSWER_TIMEOUT);
      expect(lobby.nicks).toEqual(['Dane', 'Juliet']);
      expect(lobby.inbound).toEqual([ELSINORE]);
      expect(lobby.broken).toEqual([]);
    });

    it('of the only one, while somebody else enters', () => {
      const { gateway, lobby } = together(start());
      gateway.send(renames(HAMLET, 'Prince'));
      gateway.send(enters(OPHELIA, ELSINORE, 'Ophelia'));
      gateway.world.settle(ANSWER_TIMEOUT);
      expect(lobby.nicks).toEqual(['Juliet', 'Ophelia', 'Prince']);
      expect(lobby.broken).toEqual([]);
    });

    it('of the only one, who leaves before it has answered', () => {
      const { gateway, lobby } = together(start());
      gateway.send(renames(HAMLET, 'Prince'));
      gateway.send(leaves(HAMLET, ELSINORE, 'Prince'));
      gateway.world.settle(ANSWER_TIMEOUT);
      expect([lobby.nicks, lobby.inbound, upwardOf(gateway)?.state]).toEqual([['Juliet'], [], 'local']);
      expect(lobby.broken).toEqual([]);
    });

    it('of one of several: 303, then available', () => {
      const { gateway, lobby, peer } = together(start());
      gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
      forget({ gateway, lobby, peer, world: gateway.world });
      gateway.say(renames(HAMLET, 'Prince'));
      expect(sentTo(peer)).toEqual(['presence unavailable Hamlet 303', 'presence Prince']);
      expect(lobby.nicks).toEqual(['Juliet', 'Ophelia', 'Prince']);
      expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
    });
  });

  it('and take a change of nick there', () => {
    const { gateway, lobby, peer } = together(start());
    peer.does(lobby.userRenames('Juliet', 'Capulet'));
    expect(brief(gateway.take(HAMLET))).toEqual(['presence unavailable Juliet 303', 'presence Capulet']);
    expect(sentTo(peer)).toEqual([]);
  });

  it('and are rejected, to a full JID, where it is to join us', () => {
    const { gateway, lobby } = start();
    const other = new OpenfireRoom(LOBBY, ELSINORE);
    lobby.handle = (stanza) => other.handle(stanza);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    expect(upwardOf(gateway)?.state).toBe('rejected');
    expect(upwardOf(gateway)?.reason).toContain('circular');
    expect(nicksOf(gateway)).toEqual(['Hamlet']);
  });

  describe('kicks and roles name who is meant in the item alone', () => {
    it.each([
      [307, '307'],
      [301, '301'],
    ] as const)('%s of one of its own: they are gone, and the moderator is not', (status, code) => {
      const { gateway, lobby, peer } = together(start());
      peer.does(lobby.userJoins('Romeo', ROMEO));
      forget({ gateway, lobby, peer, world: gateway.world });
      peer.does(lobby.userKicks('Juliet', 'Romeo', 'Banished', status));
      expect(brief(gateway.take(HAMLET))).toEqual([`presence unavailable Romeo ${code}`]);
      expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
      peer.does(lobby.userSays('Juliet', 'O Romeo'));
      expect(brief(gateway.take(HAMLET))).toEqual(['message Juliet O Romeo']);
      expect(sentTo(peer)).toEqual([]);
    });

    it('the role of one of its own', () => {
      const { gateway, lobby, peer } = together(start());
      peer.does(lobby.userJoins('Romeo', ROMEO));
      peer.does(lobby.changes('Romeo', { role: 'visitor' }));
      expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet', 'Romeo']);
      expect(roomOf(gateway)?.occupants.get('Romeo')?.role).toBe('visitor');
      expect(roomOf(gateway)?.occupants.get('Juliet')?.role).toBe('moderator');
      expect(sentTo(peer)).toEqual([]);
    });

    it('a role of one of ours changes nothing here', () => {
      const { gateway, lobby, peer } = together(start());
      peer.does(lobby.changes('Hamlet', { role: 'moderator', affiliation: 'owner' }));
      expect(roomOf(gateway)?.occupants.get('Hamlet')).toMatchObject({ role: 'participant', affiliation: 'none' });
      expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
      expect(lobby.broken).toEqual([]);
    });

    it('a kick of one of ours: they stay, and it is shown so', () => {
      const { gateway, lobby, peer } = together(start());
      peer.does(lobby.userKicks('Juliet', 'Hamlet'));
      expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
      expect(lobby.nicks).toEqual(['Hamlet', 'Juliet']);
      gateway.say(says(HAMLET, ELSINORE, 'still here'));
      expect(lobby.heard.at(-1)).toBe('Hamlet: still here');
      expect(lobby.broken).toEqual([]);
    });
  });

  it('and never obey its affiliations', () => {
    const { gateway, lobby, peer } = together(start());
    peer.does(lobby.userJoins('Romeo', ROMEO, { affiliation: 'admin', role: 'moderator' }));
    peer.does(lobby.changes('Romeo', { affiliation: 'owner' }));
    expect([...(roomOf(gateway)?.affiliations.keys() ?? [])]).toEqual([]);
    peer.does(lobby.changes('Hamlet', { affiliation: 'owner' }));
    expect([...(roomOf(gateway)?.affiliations.keys() ?? [])]).toEqual([]);
    expect(roomOf(gateway)?.occupants.get('Hamlet')?.affiliation).toBe('none');
    expect(lobby.broken).toEqual([]);
  });

  it.each([
    ['a third domain', 'mercutio@verona.lit/x'],
    ['our own', OPHELIA],
  ])('and refuse it as proxy for %s', (_kind, user) => {
    const { gateway, lobby, peer } = together(start());
    peer.does(lobby.userJoins('Mask', user));
    peer.does(lobby.userSays('Mask', 'I am not who I am'));
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
    expect(gateway.take(HAMLET)).toEqual([]);
    expect(lobby.broken).toEqual([]);
  });

  it('with a nick that is taken: it yields here, and every error goes without the payload', () => {
    const { gateway, lobby, peer } = together(start());
    peer.does(lobby.userJoins('Hamlet', ROMEO));
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Hamlet-2', 'Juliet']);
    expect(roomOf(gateway)?.occupants.get('Hamlet')?.jid.toString()).toBe(ROMEO);
    expect(lobby.broken).toEqual([]);
  });

  it('and stay, though it pings our users at their real JIDs and removes who doesn’t answer', () => {
    const { gateway, lobby, peer } = together(start());
    peer.does(lobby.pings('Hamlet'));
    peer.does(lobby.roomKicks('Hamlet'));
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
    expect(lobby.nicks).toEqual(['Hamlet', 'Juliet']);
    gateway.say(says(HAMLET, ELSINORE, 'still here'));
    expect(lobby.heard.at(-1)).toBe('Hamlet: still here');
    expect(lobby.broken).toEqual([]);
  });
});

describe('a link that is trusted to moderate', () => {
  it('has Openfire’s kick of one of ours carried out', () => {
    const { gateway, lobby, peer } = together(linked({ moderate: true }));
    gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    drop(gateway);
    peer.does(lobby.userKicks('Juliet', 'Hamlet', 'Rude'));
    expect(nicksOf(gateway)).toEqual(['Juliet', 'Ophelia']);
    expect(brief(gateway.take(OPHELIA))).toEqual(['presence unavailable Hamlet 307']);
    expect(brief(gateway.take(HAMLET))).toEqual(['presence unavailable Hamlet 110,307']);
    expect(lobby.broken).toEqual([]);
  });

  it('has a role that Openfire gives one of ours carried out', () => {
    const { gateway, lobby, peer } = together(linked({ moderate: true }));
    peer.does(lobby.changes('Hamlet', { role: 'visitor' }));
    expect(roomOf(gateway)?.occupants.get('Hamlet')?.role).toBe('visitor');
    expect(lobby.broken).toEqual([]);
  });
});

describe('what goes to Openfire', () => {
  it('has no payload of our own', () => {
    const { gateway, peer } = together(linked());
    gateway.say(enters(GERTRUDE, ELSINORE, 'Gertrude'));
    gateway.say(says(HAMLET, ELSINORE, 'Hi'));
    gateway.say(setsSubject('S'));
    const texts = peer.take().map(serialise);
    expect(texts).toHaveLength(3);
    expect(texts.join('')).not.toContain('urn:fmucd');
  });

  it('is a change of subject by whoever made it', () => {
    const { gateway, lobby, peer } = together(linked());
    gateway.say(enters(GERTRUDE, ELSINORE, 'Gertrude'));
    peer.take();
    gateway.say(setsSubject('S'));
    expect(peer.take().map((stanza) => attribute(stanza, 'from'))).toEqual([`${ELSINORE}/Gertrude`]);
    expect(lobby.heard).toEqual(['+ Gertrude', '= S']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('is nothing after an outage in the name of the room, whatever the subject here is', () => {
    const { gateway, lobby, peer, world } = together(linked());
    gateway.say(enters(GERTRUDE, ELSINORE, 'Gertrude'));
    peer.outage(WHILE);
    world.settle(WHILE / 2);
    gateway.send(setsSubject('S'));
    gateway.send(leaves(GERTRUDE, ELSINORE, 'Gertrude'));
    world.settle(WHILE + ANSWER_TIMEOUT);
    expect(lobby.broken).toEqual([]);
  });
});
