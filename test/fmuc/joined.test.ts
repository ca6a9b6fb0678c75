import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_JOINED_NODES } from '../../src/fmuc/node.ts';
import {
  ALICE,
  brief,
  briefFor,
  drop,
  ELSINORE,
  enters,
  fmuc,
  HAMLET,
  HATTER,
  nodeJoins,
  OPHELIA,
  RABBITHOLE,
  says,
} from '../support/nodes.ts';
import { type GatewayOverrides, type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* The joined side, with a scripted plain node behind our XMPP server. */

function start(accept: readonly string[], overrides: GatewayOverrides = {}): VirtualGateway {
  return new VirtualWorld().gateway('rooms.wonderland.lit', {
    gateway: { localDomains: ['wonderland.lit'] },
    rooms: [
      { name: 'rabbithole', accept },
      { name: 'alone', accept: [] },
    ],
    ...overrides,
  });
}

describe('who may join (XEP-0289 §5.1)', () => {
  it.each([
    ['named by its room', [ELSINORE], true],
    ['named by its domain', ['rooms.denmark.lit'], true],
    ['any', ['*'], true],
    ['none', [], false],
    ['another room', ['helsingor@rooms.denmark.lit'], false],
    ['another domain', ['denmark.lit'], false],
  ])('%s', (_, accept, taken) => {
    const gateway = start(accept);
    gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
    expect(briefFor(gateway, ELSINORE)).toEqual(taken ? ['presence Hamlet', 'message - ='] : ['presence - reject']);
    expect(gateway.core.service.get(RABBITHOLE)?.occupants.size).toBe(taken ? 1 : 0);
  });

  it.each([
    ['a room that is not there', 'nowhere@rooms.wonderland.lit'],
    ['a room that does not federate', 'alone@rooms.wonderland.lit'],
  ])('%s rejects', (_, room) => {
    const gateway = start(['*']);
    gateway.say(nodeJoins(ELSINORE, room, 'Hamlet', HAMLET));
    expect(briefFor(gateway, ELSINORE)).toEqual(['presence - reject']);
  });

  it.each([
    ['a user of our own', 'alice@wonderland.lit/mirror'],
    ['a user of a third domain', 'peer@gynt.lit/boat'],
  ])('a node may not speak for %s', (_, user) => {
    const gateway = start(['*']);
    gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Somebody', user));
    expect(briefFor(gateway, ELSINORE)).toEqual(['presence - reject']);
  });

  it('an ordinary user is no node, whatever the payload says', () => {
    const gateway = start(['*']);
    gateway.say(nodeJoins('alice@wonderland.lit', RABBITHOLE, 'garden', HAMLET));
    gateway.say(
      `<message from='${ALICE}' to='${RABBITHOLE}' type='groupchat' id='1'><body>x</body>${fmuc(HAMLET)}</message>`,
    );
    expect(brief(gateway.take('alice@wonderland.lit'))).toEqual(['presence - reject']);
    expect(brief(gateway.take(ALICE))).toEqual(['message error - forbidden']);
    expect(gateway.core.service.get(RABBITHOLE)?.occupants.size).toBe(0);
  });

  it('without local_domains only a node that the file names is taken', () => {
    for (const [accept, taken] of [
      [['*'], 0],
      [[ELSINORE], 1],
    ] as const) {
      const gateway = start(accept, { gateway: {}, rooms: [{ name: 'rabbithole', accept }] });
      gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
      expect(gateway.core.service.get(RABBITHOLE)?.occupants.size).toBe(taken);
    }
  });

  it.each([RABBITHOLE, 'nowhere@rooms.wonderland.lit'])(
    'a refusal is logged once a minute for each peer: %s',
    (room) => {
      const gateway = start([]);
      for (let attempt = 0; attempt < 20; attempt++) gateway.send(nodeJoins(ELSINORE, room, 'Hamlet', HAMLET));
      const refusals = () =>
        gateway.logs.filter(({ message }) => message === 'join rejected' || message.includes('refused'));
      expect(refusals()).toHaveLength(1);
      gateway.world.settle(61_000);
      gateway.say(nodeJoins(ELSINORE, room, 'Hamlet', HAMLET));
      expect(refusals()).toHaveLength(2);
      expect(refusals()[1]?.fields).toMatchObject({ suppressed: 19 });
    },
  );

  it('no more nodes than MAX_JOINED_NODES', () => {
    const gateway = start(['*']);
    for (let node = 0; node <= MAX_JOINED_NODES; node++)
      gateway.send(nodeJoins(`e${node}@rooms.denmark.lit`, RABBITHOLE, `n${node}`, `u${node}@denmark.lit/r`));
    gateway.world.settle();
    expect(briefFor(gateway, `e${MAX_JOINED_NODES}@rooms.denmark.lit`)).toEqual(['presence - reject']);
    expect(gateway.core.federation.node(RABBITHOLE)?.joined.size).toBe(MAX_JOINED_NODES);
  });
});

describe('a node that has joined', () => {
  let gateway: VirtualGateway;

  beforeEach(() => {
    gateway = start(['*']);
    gateway.say(enters(ALICE, RABBITHOLE, 'Alice'));
    gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
    drop(gateway);
  });

  it('that joins again gets everything again, and nobody else hears of it', () => {
    gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
    expect(briefFor(gateway, ELSINORE)).toEqual(['presence Alice', 'presence Hamlet', 'message - =']);
    expect(gateway.recipients).toEqual([]);
  });

  it('that joins again without naming an occupant loses them after the grace, with 333', () => {
    gateway.say(`<presence from='${ELSINORE}/Ophelia' to='${RABBITHOLE}'>${fmuc(OPHELIA)}</presence>`);
    drop(gateway);
    gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
    drop(gateway);
    gateway.world.settle(301_000);
    expect(brief(gateway.take(ALICE))).toEqual(['presence unavailable Ophelia 333']);
  });

  it('introduces further occupants with any address form, with or without extended presence', () => {
    gateway.say(`<presence from='${ELSINORE}/Ophelia' to='${RABBITHOLE}'>${fmuc(OPHELIA)}</presence>`);
    gateway.say(
      `<presence from='${ELSINORE}/Osric' to='${RABBITHOLE}/Whatever'>${fmuc('osric@denmark.lit/hat')}</presence>`,
    );
    expect(brief(gateway.take(ALICE))).toEqual(['presence Ophelia', 'presence Osric']);
  });

  it('sends a second, ordinary presence after its join, which changes nothing', () => {
    gateway.say(`<presence from='${ELSINORE}/Hamlet' to='${RABBITHOLE}/Hamlet'>${fmuc(HAMLET)}
      <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='participant'/></x></presence>`);
    expect(gateway.recipients).toEqual([]);
  });

  it('sends messages to a full address too, and they are not lost', () => {
    gateway.say(
      `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}/Hamlet' type='groupchat'>${fmuc(HAMLET)}<body>Hi</body></message>`,
    );
    expect(brief(gateway.take(ALICE))).toEqual(['message Hamlet Hi']);
  });

  it('sends a message twice: with an identity it is taken once', () => {
    const message = `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}<body>Hi</body>
      <stanza-id xmlns='urn:xmpp:sid:0' by='${ELSINORE}' id='7'/></message>`;
    gateway.say(message);
    gateway.say(message);
    expect(brief(gateway.take(ALICE))).toEqual(['message Hamlet Hi']);
  });

  it('sends back a message of ours, which dies', () => {
    gateway.say(says(ALICE, RABBITHOLE, 'Hello'));
    const [carried = ''] = gateway.takeText(ELSINORE);
    expect(carried).toContain(`by="${RABBITHOLE}"`);
    drop(gateway);
    gateway.say(
      carried.replace(`to="${ELSINORE}"`, `to='${RABBITHOLE}'`).replace(`${RABBITHOLE}/Alice`, `${ELSINORE}/Alice`),
    );
    expect(gateway.recipients).toEqual([]);
  });

  it('may not speak with the nick of somebody else', () => {
    gateway.say(
      `<message from='${ELSINORE}/Alice' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}<body>I am Alice</body></message>`,
    );
    expect(gateway.recipients).toEqual([]);
  });

  it('renames an occupant in one step, and the two stanzas of it are no leave', () => {
    gateway.say(`<presence from='${ELSINORE}/Hamlet' to='${RABBITHOLE}/Hamlet' type='unavailable'>${fmuc(HAMLET)}
      <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='participant' nick='Prince'/><status code='303'/></x></presence>`);
    gateway.say(`<presence from='${ELSINORE}/Prince' to='${RABBITHOLE}/Prince'>${fmuc(HAMLET)}</presence>`);
    expect(brief(gateway.take(ALICE))).toEqual(['presence unavailable Hamlet 303', 'presence Prince']);
    expect(briefFor(gateway, ELSINORE)).toEqual([]);
  });

  it('brings a nick that is taken here: its user is refused, without the payload', () => {
    gateway.say(`<presence from='${ELSINORE}/Alice' to='${RABBITHOLE}/Alice'>${fmuc(OPHELIA)}</presence>`);
    const [refusal = ''] = gateway.takeText(`${ELSINORE}/Alice`);
    expect(refusal).toContain('<conflict');
    expect(refusal).not.toContain('fmuc');
    expect(gateway.recipients).toEqual([]);
  });

  it('says something malformed: it is ignored, with a line that says why', () => {
    gateway.say(
      `<presence from='${ELSINORE}/X' to='${RABBITHOLE}'><fmuc xmlns='http://isode.com/protocol/fmuc' from='@@'/></presence>`,
    );
    gateway.say(
      `<presence from='${ELSINORE}/X' to='${RABBITHOLE}'><fmuc xmlns='http://isode.com/protocol/fmuc'/></presence>`,
    );
    expect(gateway.recipients).toEqual([]);
    expect(gateway.logs.at(-1)).toMatchObject({ level: 'warn', fields: { from: `${ELSINORE}/X` } });
  });

  it('has its message refused while the disk is full, and taken when it comes again', () => {
    const message = `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}<body>Hi</body>
      <stanza-id xmlns='urn:xmpp:sid:0' by='${ELSINORE}' id='7'/></message>`;
    gateway.store.full = true;
    gateway.say(message);
    expect(gateway.take(ALICE)).toEqual([]);
    gateway.store.full = false;
    drop(gateway);
    gateway.say(message);
    expect(brief(gateway.take(ALICE))).toEqual(['message Hamlet Hi']);
  });

  it('is forgotten by a restart: it is told so, and may join again', () => {
    const again = gateway.world.gateway(
      'rooms.wonderland.lit',
      { gateway: { localDomains: ['wonderland.lit'] }, rooms: [{ name: 'rabbithole' }] },
      gateway.store,
    );
    again.say(
      `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}<body>Hi</body></message>`,
    );
    expect(briefFor(again, ELSINORE)).toEqual(['presence - left']);
    again.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
    expect(briefFor(again, ELSINORE)).toEqual(['presence Hamlet', 'message - =']);
  });
});

describe('history for a node', () => {
  function told(history: string): string[] {
    const gateway = start(['*']);
    gateway.say(enters(HATTER, RABBITHOLE, 'Hatter'));
    for (let word = 0; word < 5; word++) gateway.say(says(HATTER, RABBITHOLE, `w${word}`));
    drop(gateway);
    gateway.say(
      nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET).replace("/muc'/>", `/muc'><history ${history}/></x>`),
    );
    return briefFor(gateway, ELSINORE).filter((line) => line.startsWith('message Hatter'));
  }

  it('is the newest that every bound allows', () => {
    expect(told("maxstanzas='2'")).toEqual(['message Hatter w3', 'message Hatter w4']);
    expect(told("maxchars='0'")).toEqual([]);
    expect(told("seconds='16'")).toEqual(['message Hatter w2', 'message Hatter w3', 'message Hatter w4']);
    expect(told("maxstanzas='99'")).toHaveLength(5);
  });

  it('counts characters as they are sent', () => {
    const gateway = start(['*']);
    gateway.say(enters(HATTER, RABBITHOLE, 'Hatter'));
    for (let word = 0; word < 5; word++) gateway.say(says(HATTER, RABBITHOLE, `w${word}`));
    drop(gateway);
    gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET));
    const length = gateway.takeText(ELSINORE).find((text) => text.includes('w4'))?.length ?? 0;
    expect(told(`maxchars='${2 * length}'`)).toEqual(['message Hatter w3', 'message Hatter w4']);
    expect(told(`maxchars='${2 * length - 1}'`)).toEqual(['message Hatter w4']);
  });
});
