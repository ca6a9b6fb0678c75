import { describe, expect, it } from 'vitest';
import { findChild } from '../../src/xml/element.ts';
import { brief, drop, ELSINORE, enters, HAMLET, leaves, OPHELIA, says } from '../support/nodes.ts';
import {
  forget,
  GERTRUDE,
  JULIET,
  linked,
  nicksOf,
  type Options,
  ROMEO,
  renames,
  roomOf,
  type Story,
  sentTo,
  setsSubject,
  WHILE,
  whispers,
} from '../support/openfire-story.ts';

/* An Openfire room joins ours. */

describe('Openfire joins us', () => {
  const start = (options: Options = {}): Story => linked({ ...options, weJoin: false });

  /** Hamlet is in elsinore, and has said some things; Juliet has brought lobby into the set. */
  function joined(options: Options = {}): Story {
    const story = start(options);
    story.gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    story.peer.does(story.lobby.userJoins('Juliet', JULIET, { affiliation: 'owner', role: 'moderator' }));
    forget(story);
    return story;
  }

  it('and gets our occupants but its own, the history, and one subject at the end', () => {
    const { gateway, lobby, peer } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    gateway.say(says(HAMLET, ELSINORE, 'one'));
    gateway.say(enters(GERTRUDE, ELSINORE, 'Gertrude'));
    gateway.say(setsSubject('Elsinore'));
    gateway.say(says(OPHELIA, ELSINORE, 'two'));
    drop(gateway);
    peer.does(lobby.userJoins('Juliet', JULIET));
    expect(sentTo(peer)).toEqual([
      'presence Hamlet',
      'presence Ophelia',
      'presence Gertrude',
      'message Hamlet one',
      'message Ophelia two',
      'message Gertrude = Elsinore',
    ]);
    expect(lobby.outbound).toBe('joined');
    expect(lobby.nicks).toEqual(['Gertrude', 'Hamlet', 'Juliet', 'Ophelia']);
    expect(lobby.subject?.text).toBe('Elsinore');
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and gets one subject also where there is none, nor anybody', () => {
    const { gateway, lobby, peer } = start();
    peer.does(lobby.userJoins('Juliet', JULIET));
    expect(sentTo(peer)).toEqual(['message - =']);
    expect([lobby.outbound, lobby.nicks, nicksOf(gateway)]).toEqual(['joined', ['Juliet'], ['Juliet']]);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and gets no <subject> in the history, where a message has one beside its body', () => {
    const { gateway, lobby, peer } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(`<message from='${HAMLET}' to='${ELSINORE}' type='groupchat'><subject>Re: ghosts</subject>
      <body>I have seen one</body></message>`);
    peer.take();
    peer.does(lobby.userJoins('Juliet', JULIET));
    const messages = peer.take().filter(({ name }) => name === 'message');
    expect(messages.map((message) => findChild(message, 'subject') !== undefined)).toEqual([false, true]);
    expect(messages[0]?.getChildText('body')).toBe('I have seen one');
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and what happens here at the same time comes behind the subject', () => {
    const { gateway, lobby, peer, world } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(says(HAMLET, ELSINORE, 'before'));
    peer.take();
    peer.send(lobby.userJoins('Juliet', JULIET));
    for (let word = 0; word < 20; word++) {
      world.schedule(word * 50, () => gateway.send(says(HAMLET, ELSINORE, `w${word}`)));
      world.schedule(word * 50 + 10, () => gateway.send(renames(HAMLET, word % 2 === 0 ? 'Prince' : 'Hamlet')));
    }
    world.settle();
    expect(lobby.outbound).toBe('joined');
    expect(lobby.nicks).toEqual(['Hamlet', 'Juliet']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and its second presence changes nothing here', () => {
    const { gateway, lobby, peer } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    drop(gateway);
    peer.does(lobby.userJoins('Juliet', JULIET));
    peer.does(lobby.userJoins('Romeo', ROMEO));
    expect(brief(gateway.take(HAMLET))).toEqual(['presence Juliet', 'presence Romeo']);
    expect(lobby.broken).toEqual([]);
  });

  it('and whoever comes there later, whose first presence has the form of a join, is taken without another accept', () => {
    const { gateway, lobby, peer } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(says(HAMLET, ELSINORE, 'once'));
    peer.does(lobby.userJoins('Juliet', JULIET));
    forget({ gateway, lobby, peer, world: gateway.world });
    peer.does(lobby.userJoins('Romeo', ROMEO));
    expect(sentTo(peer)).toEqual([]);
    expect(lobby.heard).toEqual([]);
    expect(brief(gateway.take(HAMLET))).toEqual(['presence Romeo']);
    peer.does(lobby.userSays('Juliet', 'here too'));
    expect(brief(gateway.take(HAMLET))).toEqual(['message Juliet here too']);
    gateway.world.settle(10 * WHILE);
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet', 'Romeo']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it.each([
    ['the same user', 'Juliet', JULIET],
    ['another one', 'Romeo', ROMEO],
  ])('and has forgotten us, and joins anew for %s: it gets a whole accept', (_, nick, jid) => {
    const { gateway, lobby, peer } = joined();
    lobby.restart();
    peer.does(lobby.userJoins(nick, jid));
    gateway.world.settle(10 * WHILE);
    expect(lobby.outbound).toBe('joined');
    expect(lobby.nicks).toEqual(['Hamlet', nick].toSorted());
    expect(nicksOf(gateway)).toEqual(['Hamlet', nick].toSorted());
    expect(lobby.broken).toEqual([]);
  });

  it('and is known to be away, where its user says so in the second presence', () => {
    const { gateway, lobby, peer } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    drop(gateway);
    peer.does(lobby.userJoins('Juliet', JULIET, { show: 'away' }));
    expect(brief(gateway.take(HAMLET)).every((line) => line === 'presence Juliet')).toBe(true);
    expect(
      roomOf(gateway)
        ?.occupants.get('Juliet')
        ?.presence.map(({ name }) => name),
    ).toEqual(['show']);
  });

  it('and its messages to full addresses reach everyone, and ours reach it', () => {
    const { gateway, lobby, peer } = joined();
    peer.does(lobby.userSays('Juliet', 'wherefore'));
    gateway.say(says(HAMLET, ELSINORE, 'to be'));
    expect(brief(gateway.take(HAMLET))).toEqual(['message Juliet wherefore', 'message Hamlet to be']);
    expect(lobby.heard).toEqual(['Juliet: wherefore', 'Hamlet: to be']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and whoever comes here is introduced before their first message', () => {
    const { gateway, lobby } = joined();
    gateway.send(enters(OPHELIA, ELSINORE, 'Ophelia'));
    gateway.send(says(OPHELIA, ELSINORE, 'rosemary'));
    gateway.world.settle();
    expect(lobby.heard).toEqual(['+ Ophelia', 'Ophelia: rosemary']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and an occupant with several clients keeps one full JID', () => {
    const { gateway, lobby } = joined();
    const phone = 'hamlet@denmark.lit/phone';
    gateway.say(enters(phone, ELSINORE, 'Hamlet'));
    gateway.say(says(phone, ELSINORE, 'from my phone'));
    gateway.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(says(phone, ELSINORE, 'still here'));
    expect(lobby.heard).toEqual(['Hamlet: from my phone', 'Hamlet: still here']);
    expect(lobby.broken).toEqual([]);
  });

  it('and a change of nick here is told in two steps, also of the only one here', () => {
    const { gateway, lobby, peer } = joined();
    gateway.say(renames(HAMLET, 'Prince'));
    expect(sentTo(peer)).toEqual(['presence unavailable Hamlet 303', 'presence Prince']);
    expect([lobby.nicks, lobby.outbound]).toEqual([['Juliet', 'Prince'], 'joined']);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('and a change of nick of its only occupant is no leave', () => {
    const { gateway, lobby, peer } = joined();
    peer.does(lobby.userRenames('Juliet', 'Capulet'));
    expect(brief(gateway.take(HAMLET))).toEqual(['presence unavailable Juliet 303', 'presence Capulet']);
    expect(sentTo(peer)).toEqual([]);
    expect(lobby.outbound).toBe('joined');
  });

  it('and leaves with its last one, which we confirm, and comes again', () => {
    const { gateway, lobby, peer } = joined();
    peer.does(lobby.userLeaves('Juliet'));
    expect(sentTo(peer)).toEqual(['presence - left']);
    expect([lobby.outbound, lobby.nicks, nicksOf(gateway)]).toEqual(['none', [], ['Hamlet']]);
    peer.does(lobby.userJoins('Juliet', JULIET));
    expect([lobby.outbound, lobby.nicks]).toEqual(['joined', ['Hamlet', 'Juliet']]);
    expect(lobby.broken).toEqual([]);
  });

  it('and private messages for its occupants are refused to the sender and not sent', () => {
    const { gateway, lobby, peer } = joined();
    gateway.say(whispers(HAMLET, ELSINORE, 'Juliet', 'psst'));
    expect(brief(gateway.take(HAMLET))).toEqual(['message error Juliet feature-not-implemented']);
    expect(sentTo(peer)).toEqual([]);
    expect([lobby.leaked, lobby.broken]).toEqual([[], []]);
  });

  it('and the private message that it sends to a real JID disturbs nothing', () => {
    const { gateway, lobby, peer } = joined();
    peer.does(lobby.userWhispers('Juliet', 'Hamlet', 'psst'));
    peer.does(lobby.userSays('Juliet', 'aloud'));
    expect(brief(gateway.take(HAMLET)).at(-1)).toBe('message Juliet aloud');
    expect(lobby.broken).toEqual([]);
  });

  it('and its moderator kicks one of its own', () => {
    const { gateway, lobby, peer } = joined();
    peer.does(lobby.userJoins('Romeo', ROMEO));
    drop(gateway);
    peer.does(lobby.userKicks('Juliet', 'Romeo'));
    expect(brief(gateway.take(HAMLET))).toEqual(['presence unavailable Romeo 307']);
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
    expect(lobby.broken).toEqual([]);
  });

  it('and its moderator’s kick of one of ours does nothing here', () => {
    const { gateway, lobby, peer } = joined();
    peer.does(lobby.userKicks('Juliet', 'Hamlet'));
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
    expect(lobby.nicks).toEqual(['Hamlet', 'Juliet']);
    expect(lobby.broken).toEqual([]);
  });

  it('and a role that its room gives', () => {
    const { gateway, lobby, peer } = joined();
    peer.does(lobby.userJoins('Romeo', ROMEO));
    peer.does(lobby.changes('Romeo', { role: 'visitor', affiliation: 'admin' }));
    expect(roomOf(gateway)?.occupants.get('Romeo')?.role).toBe('visitor');
    expect([...(roomOf(gateway)?.affiliations.keys() ?? [])]).toEqual([]);
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet', 'Romeo']);
    expect(lobby.broken).toEqual([]);
  });

  it('for a user of a foreign domain, and is rejected', () => {
    const { gateway, lobby, peer } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    peer.take();
    peer.does(lobby.userJoins('Mask', 'mercutio@verona.lit/x'));
    expect(sentTo(peer)).toEqual(['presence - reject']);
    expect([lobby.outbound, nicksOf(gateway)]).toEqual(['none', ['Hamlet']]);
    expect(lobby.broken).toEqual([]);
  });

  it('in the name of somebody whose nick is taken, and isn’t left to wait for ever', () => {
    const { gateway, lobby, peer } = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    peer.does(lobby.userJoins('Hamlet', JULIET));
    expect(lobby.outbound).not.toBe('joining');
    expect(nicksOf(gateway)).toEqual(['Hamlet']);
    expect(lobby.broken).toEqual([]);
  });

  describe('and after an outage, which it doesn’t notice,', () => {
    function apart(options: Options = {}): Story {
      const story = joined(options);
      story.gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
      forget(story);
      story.peer.outage(WHILE);
      story.world.settle(WHILE / 2);
      return story;
    }

    it('is sent what was said here, but for the words of those who are gone', () => {
      const { gateway, lobby, world } = apart();
      gateway.send(says(HAMLET, ELSINORE, 'meanwhile'));
      world.settle(3 * WHILE);
      expect(lobby.heard).toEqual(['Hamlet: meanwhile']);
      expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
    });

    it('is asked nothing of by silence: it goes on speaking, and is heard', () => {
      const { gateway, lobby, peer, world } = apart();
      world.settle(3 * WHILE);
      peer.does(lobby.userSays('Juliet', 'still here'));
      expect(brief(gateway.take(HAMLET))).toEqual(['message Juliet still here']);
      expect(lobby.broken).toEqual([]);
    });

    it('knows at the latest with its next local join who came and went here', () => {
      const { gateway, lobby, peer, world } = apart();
      gateway.send(says(OPHELIA, ELSINORE, 'good night, ladies'));
      gateway.send(leaves(OPHELIA, ELSINORE, 'Ophelia'));
      gateway.send(enters('horatio@denmark.lit/tower', ELSINORE, 'Horatio'));
      world.settle(3 * WHILE);
      peer.does(lobby.userJoins('Romeo', ROMEO));
      world.settle(WHILE);
      expect(lobby.nicks).toEqual(['Hamlet', 'Horatio', 'Juliet', 'Romeo']);
      gateway.say(says(HAMLET, ELSINORE, 'now'));
      expect(lobby.heard.at(-1)).toBe('Hamlet: now');
      expect(lobby.broken).toEqual([]);
    });
  });
});
