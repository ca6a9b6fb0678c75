import { describe, expect, it } from 'vitest';
import { MAX_ACCEPT } from '../../src/gateway/federation-fields.ts';
import { roomReports } from '../../src/gateway/status.ts';
import { MAX_FEDERATE } from '../../src/lib/node-names.ts';
import { attribute, type Element, findChildren } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import {
  ALICE,
  brief,
  DENMARK,
  drop,
  ELSINORE,
  enters,
  HAMLET,
  type Pair,
  pair,
  RABBITHOLE,
  says,
} from '../support/nodes.ts';
import type { GatewayOverrides, VirtualGateway } from '../support/virtual.ts';

/* Whom a room federates with, as its owners say (§10.2 with fields of ours), as the file says, and as an admin switches it. */

const KRONBORG = 'kronborg@rooms.denmark.lit';
const FEDERATE = 'fmuc#roomconfig_federate';
const ACCEPT = 'fmuc#roomconfig_accept';
const MODE = 'fmuc#roomconfig_mode';
const LEAVE_AFTER = 'fmuc#roomconfig_leave_after';
const PERSISTENT = { 'muc#roomconfig_persistentroom': ['1'] };

type Fields = Readonly<Record<string, readonly string[]>>;

function owner(jid: string, room: string, type: 'get' | 'set', payload = ''): string {
  return `<iq from='${jid}' to='${room}' type='${type}' id='o'><query xmlns='${NS.mucOwner}'>${payload}</query></iq>`;
}

function submits(jid: string, room: string, fields: Fields): string {
  const all = Object.entries(fields).map(
    ([name, values]) => `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`,
  );
  return owner(jid, room, 'set', `<x xmlns='${NS.dataForms}' type='submit'>${all.join('')}</x>`);
}

/** The last answer to an owner: `done`, or the condition and the text of the error. */
function answer(gateway: VirtualGateway, jid: string): string {
  const iq = gateway.take(jid).findLast(({ name }) => name === 'iq');
  const error = iq?.getChild('error');
  if (error === undefined) return iq === undefined ? 'nothing' : 'done';
  const condition = error.children.find((child): child is Element => typeof child !== 'string')?.name;
  return `${condition}: ${error.getChildText('text')}`;
}

/** The form's values of a field. */
function shown(gateway: VirtualGateway, jid: string, room: string, field: string): string[] | undefined {
  drop(gateway);
  gateway.say(owner(jid, room, 'get'));
  const form = gateway.take(jid)[0]?.getChild('query', NS.mucOwner)?.getChild('x', NS.dataForms);
  const found = findChildren(form as Element, 'field').find((one) => attribute(one, 'var') === field);
  return found?.getChildren('value').map((value) => value.getText());
}

/** Both gateways; Hamlet has made kronborg, which is no room of the file. */
function courts(denmark: GatewayOverrides = {}): Pair {
  const both = pair({ rooms: [], ...denmark });
  both.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  both.denmark.say(enters(HAMLET, KRONBORG, 'Hamlet'));
  both.denmark.say(submits(HAMLET, KRONBORG, PERSISTENT));
  drop(both.denmark, both.wonderland);
  return both;
}

function federated(denmark: GatewayOverrides = {}): Pair {
  const both = courts(denmark);
  both.denmark.say(submits(HAMLET, KRONBORG, { [FEDERATE]: [RABBITHOLE], [LEAVE_AFTER]: ['0'] }));
  both.world.settle(60_000);
  return both;
}

/** What Hamlet says is heard by Alice. */
function isShared({ world, denmark, wonderland }: Pair, room = KRONBORG): boolean {
  drop(denmark, wonderland);
  denmark.say(says(HAMLET, room, 'Words, words, words.'));
  world.settle(60_000);
  return brief(wonderland.take(ALICE)).includes('message Hamlet Words, words, words.');
}

const nodeOf = (gateway: VirtualGateway, room = KRONBORG) => gateway.core.federation.node(room);

describe('§10.2 an owner federates a room by its form', () => {
  it('the rooms share occupants and messages from then on, and everyone is told with 104', () => {
    const both = federated();
    expect(brief(both.denmark.take(HAMLET))).toEqual(['message - 104', 'iq result -', 'presence Alice']);
    expect(brief(both.wonderland.take(ALICE))).toEqual(['presence Hamlet']);
    expect(isShared(both)).toBe(true);
    both.wonderland.say(says(ALICE, RABBITHOLE, 'Curiouser!'));
    expect(brief(both.denmark.take(HAMLET))).toContain('message Alice Curiouser!');
  });

  it('a room that waits for its first configuration federates with it', () => {
    const both = pair({ rooms: [] });
    both.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    both.denmark.say(enters(HAMLET, KRONBORG, 'Hamlet'));
    both.denmark.say(submits(HAMLET, KRONBORG, { ...PERSISTENT, [FEDERATE]: [RABBITHOLE] }));
    both.world.settle(60_000);
    expect(isShared(both)).toBe(true);
  });

  it('the form shows what is configured, and a report has the room like one of the file', () => {
    const { denmark } = federated();
    expect(shown(denmark, HAMLET, KRONBORG, FEDERATE)).toEqual([RABBITHOLE]);
    expect(shown(denmark, HAMLET, KRONBORG, MODE)).toEqual(['primary-primary']);
    expect(shown(denmark, HAMLET, KRONBORG, ACCEPT)).toEqual([]);
    expect(shown(denmark, HAMLET, KRONBORG, LEAVE_AFTER)).toEqual(['0']);
    expect(roomReports(denmark.core, () => 0)).toMatchObject([
      {
        jid: KRONBORG,
        mode: 'primary-primary',
        federate: RABBITHOLE,
        state: 'joined',
        occupants: { local: 1, remote: 1 },
      },
    ]);
  });

  it('another room may join one whose owner lets it', () => {
    const both = pair({ rooms: [] }, { rooms: [{ name: 'rabbithole', federate: [KRONBORG], accept: [] }] });
    both.denmark.say(enters(HAMLET, KRONBORG, 'Hamlet'));
    both.denmark.say(submits(HAMLET, KRONBORG, { ...PERSISTENT, [ACCEPT]: ['rooms.wonderland.lit'] }));
    both.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    both.world.settle(60_000);
    expect(isShared(both)).toBe(true);
  });

  it('what is taken out of the form ends: the other node is told, and nobody of it stays listed', () => {
    const both = federated();
    drop(both.denmark, both.wonderland);
    both.denmark.say(submits(HAMLET, KRONBORG, { [FEDERATE]: [] }));
    both.world.settle(60_000);
    expect(brief(both.denmark.take(HAMLET))).toEqual(['message - 104', 'presence unavailable Alice', 'iq result -']);
    expect(brief(both.wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet']);
    expect(nodeOf(both.denmark)).toBeUndefined();
    expect(isShared(both)).toBe(false);
  });

  it('is there after a restart', () => {
    const both = federated();
    both.denmark.kill();
    const denmark = both.world.gateway('rooms.denmark.lit', { ...DENMARK, rooms: [] }, both.denmark.store);
    denmark.say(enters(HAMLET, KRONBORG, 'Hamlet'));
    both.world.settle(60_000);
    expect(nodeOf(denmark)?.options).toEqual({
      federate: [RABBITHOLE],
      mode: 'primary-primary',
      accept: [],
      leaveAfter: 0,
    });
    expect(isShared({ ...both, denmark })).toBe(true);
  });

  it('is taken back whole where the store cannot keep it', () => {
    const both = courts();
    both.denmark.store.full = true;
    both.denmark.say(submits(HAMLET, KRONBORG, { [FEDERATE]: [RABBITHOLE] }));
    expect(answer(both.denmark, HAMLET)).toContain('resource-constraint');
    both.denmark.store.full = false;
    expect(nodeOf(both.denmark)).toBeUndefined();
    expect(shown(both.denmark, HAMLET, KRONBORG, FEDERATE)).toEqual([]);
    expect(isShared(both)).toBe(false);
  });
});

describe('§10.1.3 what cannot be is refused with the reason, and changes nothing', () => {
  const OWN = 'other@rooms.denmark.lit';
  it.each<[string, Fields, string]>([
    ['the room itself', { [FEDERATE]: [KRONBORG] }, `${FEDERATE}: ${KRONBORG} is this room itself`],
    ['a room beside it', { [FEDERATE]: [OWN] }, `${FEDERATE}: ${OWN} is on this gateway itself`],
    ['our users’ domain', { [ACCEPT]: ['denmark.lit'] }, `${ACCEPT}: denmark.lit is one of local_domains`],
    ['a domain to join', { [FEDERATE]: ['rooms.wonderland.lit'] }, `${FEDERATE} can't be that. It takes room JIDs`],
    ['no JID', { [ACCEPT]: ['@@'] }, `${ACCEPT} can't be that. It takes room JIDs, domains, or *`],
    [
      `more than ${MAX_FEDERATE} nodes`,
      { [FEDERATE]: Array.from({ length: MAX_FEDERATE + 1 }, (_, n) => `r${n}@rooms.wonderland.lit`) },
      `${FEDERATE} can't be that. It takes ${MAX_FEDERATE} nodes or fewer`,
    ],
    [
      `more than ${MAX_ACCEPT} who may join`,
      { [ACCEPT]: Array.from({ length: MAX_ACCEPT + 1 }, (_, n) => `r${n}@rooms.wonderland.lit`) },
      `${ACCEPT} can't be that. It takes ${MAX_ACCEPT} nodes or fewer`,
    ],
    [
      'an unknown mode',
      { [MODE]: ['both'] },
      `${MODE} can't be that. It takes one of primary-primary, primary-replica`,
    ],
    ['a time that is none', { [LEAVE_AFTER]: ['soon'] }, `${LEAVE_AFTER} can't be that. It takes a whole number`],
    [
      'a room that is to die with its last occupant',
      { [FEDERATE]: [RABBITHOLE], 'muc#roomconfig_persistentroom': ['0'] },
      'muc#roomconfig_persistentroom: a room that federates has to be persistent',
    ],
  ])('%s', (_, fields, text) => {
    const { denmark } = courts();
    const before = denmark.core.service.get(KRONBORG)?.settings;
    denmark.say(submits(HAMLET, KRONBORG, fields));
    expect(answer(denmark, HAMLET)).toContain(`not-acceptable: ${text}`);
    expect(denmark.core.service.get(KRONBORG)?.settings).toBe(before);
    expect(nodeOf(denmark)).toBeUndefined();
  });

  it('a node that nothing reaches', () => {
    const { denmark, wonderland } = pair({ component: false, rooms: [] });
    const says = (stanza: string): void => {
      wonderland.inject('rooms.denmark.lit', stanza);
      wonderland.world.settle(60_000);
    };
    says(enters(ALICE, KRONBORG, 'Alice'));
    denmark.crossed.length = 0;
    says(submits(ALICE, KRONBORG, { ...PERSISTENT, [FEDERATE]: ['a@rooms.nowhere.lit'] }));
    expect(denmark.crossed.join('')).toContain(`${FEDERATE}: nothing reaches rooms.nowhere.lit`);
    expect(denmark.core.service.get(KRONBORG)?.locked).toBe(true);
  });

  it('a room that federates stays persistent', () => {
    const { denmark } = federated();
    drop(denmark);
    denmark.say(submits(HAMLET, KRONBORG, { 'muc#roomconfig_persistentroom': ['0'] }));
    expect(answer(denmark, HAMLET)).toContain('a room that federates has to be persistent');
  });

  it('Openfire is no primary', () => {
    const [link] = DENMARK.links ?? [];
    const { denmark } = courts({ links: [{ ...link, peer: 'rooms.wonderland.lit', dialect: 'openfire' }] });
    denmark.say(submits(HAMLET, KRONBORG, { [FEDERATE]: [RABBITHOLE], [MODE]: ['primary-replica'] }));
    expect(answer(denmark, HAMLET)).toContain(`${MODE}: ${RABBITHOLE} can't be the primary`);
  });
});

describe('a room of the file', () => {
  const ADMIN = { gateway: { localDomains: ['denmark.lit'], admins: ['hamlet@denmark.lit'] } };

  it('shows what the file says; the same may be submitted, anything else is refused', () => {
    const { denmark } = pair(ADMIN);
    expect(shown(denmark, HAMLET, ELSINORE, FEDERATE)).toEqual([RABBITHOLE]);
    denmark.say(submits(HAMLET, ELSINORE, { [FEDERATE]: [RABBITHOLE], [ACCEPT]: [], [LEAVE_AFTER]: ['0'] }));
    expect(answer(denmark, HAMLET)).toBe('done');
    for (const other of [
      { [FEDERATE]: [] },
      { [ACCEPT]: ['*'] },
      { [MODE]: ['primary-replica'] },
      { [LEAVE_AFTER]: ['1'] },
    ]) {
      denmark.say(submits(HAMLET, ELSINORE, other));
      expect(answer(denmark, HAMLET)).toContain("not-allowed: That is fixed in the gateway's configuration file");
    }
    expect(nodeOf(denmark, ELSINORE)?.options.federate).toEqual([RABBITHOLE]);
  });

  it('the file wins over the owners, at a reload and for good', () => {
    const both = federated();
    both.denmark.reload({ ...DENMARK, rooms: [{ name: 'kronborg', federate: [], accept: ['rooms.wonderland.lit'] }] });
    both.world.settle(60_000);
    expect(nodeOf(both.denmark)?.options).toEqual({
      federate: [],
      mode: 'primary-primary',
      accept: ['rooms.wonderland.lit'],
      leaveAfter: 0,
    });
    expect(isShared(both)).toBe(false);
    both.denmark.reload({ ...DENMARK, rooms: [] });
    both.world.settle(60_000);
    expect(nodeOf(both.denmark)).toBeUndefined();
    expect(shown(both.denmark, HAMLET, KRONBORG, FEDERATE)).toEqual([]);
  });

  it('the file wins over the owners at a start too', () => {
    const both = federated();
    both.denmark.kill();
    const named = { ...DENMARK, rooms: [{ name: 'kronborg', accept: [] }] };
    const denmark = both.world.gateway('rooms.denmark.lit', named, both.denmark.store);
    expect(nodeOf(denmark)?.options.federate).toEqual([]);
    denmark.kill();
    const again = both.world.gateway('rooms.denmark.lit', { ...DENMARK, rooms: [] }, both.denmark.store);
    expect(again.core.service.get(KRONBORG)).toBeDefined();
    expect(nodeOf(again)).toBeUndefined();
  });

  it('another file leaves a room alone that it doesn’t name', () => {
    const both = federated();
    both.denmark.reload({ ...DENMARK, rooms: [{ name: 'helsingor' }] });
    expect(isShared(both)).toBe(true);
  });
});

describe('§10.9 destroying a room that federates', () => {
  it('the other nodes lose its occupants and are told that it is out of the set; nothing is left of it', () => {
    const both = federated();
    drop(both.denmark, both.wonderland);
    both.denmark.say(owner(HAMLET, KRONBORG, 'set', '<destroy/>'));
    both.world.settle(60_000);
    expect(brief(both.denmark.take(HAMLET))).toEqual(['presence unavailable Hamlet 110', 'iq result -']);
    expect(brief(both.wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet']);
    expect(nodeOf(both.denmark)).toBeUndefined();
    expect(both.denmark.core.service.get(KRONBORG)).toBeUndefined();
    expect(both.denmark.store.neighbours(KRONBORG)).toEqual([]);
    both.denmark.say(enters(HAMLET, KRONBORG, 'Hamlet'));
    both.denmark.say(submits(HAMLET, KRONBORG, {}));
    both.world.settle(60_000);
    expect(isShared(both)).toBe(false);
  });

  it('a node that had joined it is told, and rejected from then on', () => {
    const both = pair({ rooms: [] }, { rooms: [{ name: 'rabbithole', federate: [KRONBORG], accept: [] }] });
    both.denmark.say(enters(HAMLET, KRONBORG, 'Hamlet'));
    both.denmark.say(submits(HAMLET, KRONBORG, { ...PERSISTENT, [ACCEPT]: ['*'] }));
    both.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    both.world.settle(60_000);
    drop(both.denmark, both.wonderland);
    both.denmark.say(owner(HAMLET, KRONBORG, 'set', '<destroy/>'));
    both.world.settle(60_000);
    expect(brief(both.wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet']);
    expect(nodeOf(both.wonderland, RABBITHOLE)?.upward?.state).toBe('rejected');
  });
});
