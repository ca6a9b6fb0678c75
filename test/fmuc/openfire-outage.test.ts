import { describe, expect, it } from 'vitest';
import { ANSWER_TIMEOUT, RETRY_MIN } from '../../src/fmuc/joining.ts';
import { brief, ELSINORE, enters, HAMLET, leaves, OPHELIA, says } from '../support/nodes.ts';
import {
  fileOf,
  forget,
  JULIET,
  linked,
  nicksOf,
  type Options,
  ROMEO,
  renames,
  type Story,
  sentTo,
  together,
  upwardOf,
  WHILE,
} from '../support/openfire-story.ts';

/* We join an Openfire room, and it is silent, or out of reach for a while. */

describe('silence behind our join', () => {
  it('is no answer: it is tried again, and nobody here notices', () => {
    const { gateway, lobby, peer, world } = linked();
    lobby.isEnabled = false;
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    expect(upwardOf(gateway)?.state).toBe('joining');
    peer.take();
    world.settle(ANSWER_TIMEOUT);
    expect(upwardOf(gateway)?.state).toBe('out-of-reach');
    lobby.isEnabled = true;
    peer.does(lobby.userJoins('Juliet', JULIET));
    world.settle(RETRY_MIN + ANSWER_TIMEOUT);
    expect(upwardOf(gateway)?.state).toBe('joined');
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Juliet']);
    expect(lobby.heard).toEqual(['+ Hamlet']);
    expect(lobby.broken).toEqual([]);
  });

  it('takes nothing with it that was said meanwhile', () => {
    const { gateway, lobby, peer, world } = linked();
    lobby.isEnabled = false;
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(says(HAMLET, ELSINORE, 'anybody?'));
    lobby.isEnabled = true;
    peer.does(lobby.userJoins('Juliet', JULIET));
    world.settle(2 * ANSWER_TIMEOUT + RETRY_MIN);
    expect(lobby.heard).toEqual(['+ Hamlet', 'Hamlet: anybody?']);
    expect(lobby.broken).toEqual([]);
  });

  it('is not left to us by a crash: Openfire is told at once that those whom it knew are gone', () => {
    const story = together(linked());
    const { gateway, lobby, world, peer } = story;
    gateway.kill();
    const again = world.gateway('rooms.denmark.lit', fileOf({}), gateway.store);
    world.settle(WHILE);
    expect(lobby.nicks).toEqual(['Juliet']);
    again.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(ANSWER_TIMEOUT + RETRY_MIN + WHILE);
    expect(upwardOf(again)?.state).toBe('joined');
    expect(nicksOf(again)).toEqual(['Hamlet', 'Juliet']);
    peer.does(lobby.userSays('Juliet', 'again'));
    expect(brief(again.take(HAMLET)).at(-1)).toBe('message Juliet again');
    expect(lobby.broken).toEqual([]);
  });

  it('and the ghost of another of ours, from before a crash, goes', () => {
    const { gateway, lobby, world } = together(linked());
    gateway.kill();
    const again = world.gateway('rooms.denmark.lit', fileOf({}), gateway.store);
    world.settle(WHILE);
    again.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    world.settle(ANSWER_TIMEOUT + RETRY_MIN + WHILE);
    expect(nicksOf(again)).toEqual(['Juliet', 'Ophelia']);
    expect(lobby.nicks).toEqual(['Juliet', 'Ophelia']);
    expect(lobby.broken).toEqual([]);
  });
});

describe('after an outage of the link that we join Openfire through', () => {
  function apart(options: Options = {}): Story {
    const story = together(linked(options));
    story.gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    forget(story);
    story.peer.outage(WHILE);
    story.world.settle(WHILE / 2);
    return story;
  }

  it('all of ours leave, and join anew once it has said <left/>', () => {
    const { gateway, lobby, peer, world } = apart();
    expect(upwardOf(gateway)?.state).toBe('out-of-reach');
    world.settle(WHILE);
    expect(sentTo(peer)).toEqual([
      'presence unavailable Hamlet',
      'presence unavailable Ophelia',
      'presence Hamlet',
      'presence Ophelia',
    ]);
    expect(lobby.heard).toEqual(['- Hamlet', '- Ophelia', '+ Hamlet', '+ Ophelia']);
    expect(upwardOf(gateway)?.state).toBe('joined');
    expect([...brief(gateway.take(HAMLET)), ...brief(gateway.take(OPHELIA))]).toEqual([]);
    expect([lobby.broken, lobby.dropped]).toEqual([[], []]);
  });

  it('no <left/> comes where it has forgotten us meanwhile, and we join after a while', () => {
    const { gateway, lobby, peer, world } = apart();
    lobby.restart();
    peer.does(lobby.userJoins('Juliet', JULIET));
    world.settle(WHILE + ANSWER_TIMEOUT);
    expect(upwardOf(gateway)?.state).toBe('joined');
    expect(lobby.nicks).toEqual(['Hamlet', 'Juliet', 'Ophelia']);
    expect(lobby.broken).toEqual([]);
  });

  it('who came and went there meanwhile is seen here', () => {
    const { gateway, lobby, world, peer } = apart({ grace: 3600 });
    peer.send([...lobby.userJoins('Romeo', ROMEO), ...lobby.userLeaves('Juliet')]);
    world.settle(WHILE);
    expect(nicksOf(gateway)).toEqual(['Hamlet', 'Ophelia', 'Romeo']);
    expect(brief(gateway.take(HAMLET)).toSorted()).toEqual(['presence Romeo', 'presence unavailable Juliet 333']);
    expect(lobby.broken).toEqual([]);
  });

  it('who left and came here meanwhile is seen there', () => {
    const { gateway, lobby, world } = apart();
    gateway.send(leaves(HAMLET, ELSINORE, 'Hamlet'));
    gateway.send(enters('horatio@denmark.lit/tower', ELSINORE, 'Horatio'));
    world.settle(ANSWER_TIMEOUT + WHILE);
    expect(lobby.nicks).toEqual(['Horatio', 'Juliet', 'Ophelia']);
    expect(lobby.broken).toEqual([]);
  });

  it('what was said meanwhile arrives, but for the words of those who are gone', () => {
    const { gateway, lobby, world } = apart();
    gateway.send(says(OPHELIA, ELSINORE, 'there is rue for you'));
    gateway.send(says(HAMLET, ELSINORE, 'get thee to a nunnery'));
    gateway.send(leaves(OPHELIA, ELSINORE, 'Ophelia'));
    world.settle(ANSWER_TIMEOUT + WHILE);
    expect(lobby.heard.filter((line) => line.includes(': '))).toEqual(['Hamlet: get thee to a nunnery']);
    expect(lobby.nicks).toEqual(['Hamlet', 'Juliet']);
    expect(lobby.broken).toEqual([]);
  });

  it('what was said under a nick that has changed since isn’t said by somebody unknown', () => {
    const { gateway, lobby, world } = apart();
    gateway.send(says(HAMLET, ELSINORE, 'the play is the thing'));
    gateway.send(renames(HAMLET, 'Prince'));
    world.settle(ANSWER_TIMEOUT + WHILE);
    expect(lobby.nicks).toEqual(['Juliet', 'Ophelia', 'Prince']);
    expect(lobby.broken).toEqual([]);
  });

  it('all of ours have left meanwhile: no ghost of them stays there', () => {
    const { gateway, lobby, world } = apart();
    gateway.send(leaves(HAMLET, ELSINORE, 'Hamlet'));
    gateway.send(leaves(OPHELIA, ELSINORE, 'Ophelia'));
    world.settle(ANSWER_TIMEOUT + WHILE);
    expect(lobby.nicks).toEqual(['Juliet']);
    expect(lobby.broken).toEqual([]);
  });
});
