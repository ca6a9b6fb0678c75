import { describe, expect, it } from 'vitest';
import type { Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { brief, drop, ELSINORE, enters, fmuc, HAMLET, leaves } from '../support/nodes.ts';
import type { OpenfirePeer } from '../support/openfire-peer.ts';
import { RULES } from '../support/openfire-rules.ts';
import {
  fileOf,
  JULIET,
  LOBBY,
  linked,
  NOTE,
  renames,
  type Story,
  sentTo,
  served,
  together,
  upwardOf,
  WHILE,
  whispers,
} from '../support/openfire-story.ts';

/* How Openfire is found out. */

describe('dialect auto', () => {
  it.each([
    ['through a link', () => linked({ dialect: 'auto' })],
    ['through our XMPP server', () => served()],
  ] as const)('%s finds Openfire out by its accept, and remembers it', (_, start) => {
    const { gateway, lobby, peer }: Story<OpenfirePeer> = together(start());
    expect(gateway.store.note(NOTE)).toBe('openfire');
    gateway.say(whispers(HAMLET, ELSINORE, 'Juliet', 'psst'));
    expect(brief(gateway.take(HAMLET))).toEqual(['message error Juliet feature-not-implemented']);
    gateway.world.settle(WHILE);
    peer.take();
    gateway.say(renames(HAMLET, 'Prince'));
    expect(sentTo(peer)).toEqual(['presence unavailable Hamlet', 'presence Prince']);
    expect([lobby.leaked, lobby.broken]).toEqual([[], []]);
  });

  it('finds it out where it says so itself', () => {
    const { gateway, lobby } = linked({ dialect: 'auto', tellsSoftware: true });
    gateway.world.settle(WHILE);
    expect(gateway.store.note(NOTE)).toBe('openfire');
    expect(lobby.broken).toEqual([]);
  });

  it('is told by a restart later what was found out before, and asks no more', () => {
    const { gateway, world, peer } = together(linked({ dialect: 'auto' }));
    expect(gateway.store.note(NOTE)).toBe('openfire');
    gateway.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    gateway.kill();
    peer.take();
    const again = world.gateway('rooms.denmark.lit', fileOf({ dialect: 'auto' }), gateway.store);
    world.settle(WHILE);
    again.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    expect(peer.take().filter(({ name }) => name === 'iq')).toEqual([]);
    drop(again);
    again.say(whispers(HAMLET, ELSINORE, 'Juliet', 'psst'));
    expect(brief(again.take(HAMLET))).toEqual(['message error Juliet feature-not-implemented']);
  });

  it('doesn’t take a node for it whose accept has real JIDs, or none', () => {
    const { gateway, lobby, peer } = linked({ dialect: 'auto' });
    lobby.handle = () => [];
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    const accept = (item: string): Element =>
      parseElement(`<presence from='${LOBBY}/Juliet' to='${ELSINORE}'>${fmuc(JULIET)}
        <x xmlns='${NS.mucUser}'><item affiliation='none' role='participant' ${item}/></x></presence>`);
    for (const item of [`jid='${JULIET}'`, '']) peer.does([accept(item)]);
    expect(upwardOf(gateway)?.state).toBe('joined');
    expect(gateway.store.note(NOTE)).not.toBe('openfire');
  });

  it('is not asked where the file says what it is', () => {
    const { gateway, peer, world } = linked({ dialect: 'openfire' });
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(WHILE);
    expect(
      peer
        .take()
        .filter(({ name }) => name === 'iq')
        .map(serialise),
    ).toEqual([]);
    expect(gateway.store.note(NOTE)).toBeUndefined();
  });
});

describe('dialect xep', () => {
  it('is no way to speak to Openfire', () => {
    const { gateway, lobby, peer } = linked({ dialect: 'xep', weJoin: false });
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    peer.does(lobby.userJoins('Juliet', JULIET));
    expect(lobby.broken).toEqual([RULES.ownPresence]);
    gateway.say(whispers(HAMLET, ELSINORE, 'Juliet', 'psst'));
    expect(lobby.leaked).toEqual(['Hamlet: psst']);
    expect(lobby.broken).toEqual([RULES.ownPresence, RULES.private]);
  });
});
