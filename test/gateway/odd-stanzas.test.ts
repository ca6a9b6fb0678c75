import { describe, expect, it, vi } from 'vitest';
import { roomReports } from '../../src/gateway/status.ts';
import { attribute, type Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { ALICE, ELSINORE, enters, HAMLET, OPHELIA, pair, RABBITHOLE, says } from '../support/nodes.ts';
import { OddStanzas } from '../support/odd-stanzas.ts';
import { bodiesOf } from '../support/stanzas.ts';
import type { VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* What clients never send, sent by those who are in a room and by those who aren't. A throw in the core fails the test. */

const HAG = 'hag66@denmark.lit/pda';
const CRONE = 'crone1@denmark.lit/desktop';
const STRANGER = 'macbeth@denmark.lit/heath';
/** An admin of the gateway. */
const KING = 'king@denmark.lit/throne';
const COVEN = 'coven@rooms.denmark.lit';
const QUIET = 'quiet@rooms.denmark.lit';
const STANZAS = 2000;

vi.setConfig({ testTimeout: 120_000 });

/** A room that nobody writes to: what it is, and what the store has of it. */
function quietRoom({ core, store }: VirtualGateway): unknown {
  const room = core.service.get(QUIET);
  return {
    settings: room?.settings,
    subject: room?.subject,
    affiliations: [...(room?.affiliations ?? [])],
    occupants: [...(room?.occupants.values() ?? [])].map(({ nick, role, sessions }) => ({ nick, role, sessions })),
    record: store.rooms.find((record) => record.room === QUIET),
    messages: store.messages(QUIET),
    vcard: store.vcard(QUIET),
    report: roomReports(core, () => 0).find(({ jid }) => jid === QUIET),
  };
}

function accepts(jid: string, room: string): string {
  return `<iq from='${jid}' to='${room}' type='set' id='accept'><query xmlns='${NS.mucOwner}'>
    <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${NS.mucRoomConfig}</value></field>
    <field var='muc#roomconfig_persistentroom'><value>1</value></field></x></query></iq>`;
}

function isError(stanza: Element): boolean {
  return attribute(stanza, 'type') === 'error';
}

/** Two gateways with people in their rooms, and a client that sends what it shouldn't. */
class Trial {
  readonly denmark: VirtualGateway;
  readonly #world: VirtualWorld;
  readonly #wonderland: VirtualGateway;
  readonly #before: unknown;
  #count = 0;

  constructor() {
    const { world, denmark, wonderland } = pair({
      gateway: { localDomains: ['denmark.lit'], admins: ['king@denmark.lit'] },
    });
    this.#world = world;
    this.denmark = denmark;
    this.#wonderland = wonderland;
    for (const xml of [enters(OPHELIA, QUIET, 'Ophelia'), accepts(OPHELIA, QUIET), says(OPHELIA, QUIET, 'Rosemary')])
      denmark.say(xml);
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    this.#before = quietRoom(denmark);
  }

  /** Sends it; what comes of it may be one error and one answer, both for its sender. */
  expectBorne(stanza: Element): void {
    if (this.#count % 50 === 0) this.#gather();
    this.#count += 1;
    const { denmark } = this;
    const xml = serialise(stanza);
    denmark.send(xml);
    this.#world.settle(this.#count % 100 === 0 ? 1000 : 0);
    const came = new Map(denmark.recipients.map((jid) => [jid, denmark.take(jid)]));
    const errors = [...came].flatMap(([jid, stanzas]) => stanzas.filter(isError).map((error) => ({ jid, error })));
    const about = `#${this.#count} ${xml.slice(0, 2000)}`;
    expect(errors.length, about).toBeLessThanOrEqual(1);
    for (const { jid, error } of errors) {
      expect(serialise(error), about).not.toContain('internal-server-error');
      if (!isError(stanza)) expect(jid, about).toBe(attribute(stanza, 'from'));
    }
    expect(came.get(OPHELIA), about).toBeUndefined();
    if (isRequest(stanza)) expectOneAnswer(stanza, came, about);
  }

  /** The gateways and the room that nobody wrote to are as they were. */
  expectUnharmed(): void {
    const { denmark } = this;
    this.#world.settle(120_000);
    for (const { logs } of [denmark, this.#wonderland])
      expect(logs.filter(({ level }) => level === 'error')).toEqual([]);
    expect(denmark.core.component?.state).toBe('up');
    expect(denmark.core.links.map(({ stream }) => stream.state)).toEqual(['up']);
    expect(quietRoom(denmark)).toEqual(this.#before);
    denmark.take(OPHELIA);
    denmark.say(says(OPHELIA, QUIET, 'and there is pansies'));
    expect(bodiesOf({ collected: () => denmark.take(OPHELIA) })).toEqual(['and there is pansies']);
  }

  /** Whoever has left, or was sent out, is back; a room that was destroyed is made anew. */
  #gather(): void {
    for (const xml of [
      enters(CRONE, COVEN, 'crone'),
      accepts(CRONE, COVEN),
      enters(HAG, COVEN, 'hag'),
      enters(HAG, ELSINORE, 'hag'),
    ])
      this.denmark.say(xml);
    for (const jid of this.denmark.recipients) this.denmark.take(jid);
  }
}

const TARGETS = {
  senders: [HAG, HAG, HAG, CRONE, CRONE, KING, STRANGER],
  service: 'rooms.denmark.lit',
  rooms: [COVEN, COVEN, ELSINORE, 'nowhere@rooms.denmark.lit'],
  nicks: ['hag', 'crone', 'Hamlet', 'Alice', 'nobody'],
};

function expectBorne(stanzas: Iterable<Element>): void {
  const trial = new Trial();
  for (const stanza of stanzas) trial.expectBorne(stanza);
  trial.expectUnharmed();
}

describe('odd stanzas get one error at most, throw nowhere, and touch no other room', () => {
  it.each([1, 2, 3])('whatever is wrong with them (seed %i)', (seed) =>
    expectBorne(new OddStanzas(seed, TARGETS).take(STANZAS)),
  );

  it('with any odd text in any place', () => expectBorne(new OddStanzas(0, TARGETS).everyText()));
});

function isRequest(stanza: Element): boolean {
  const type = attribute(stanza, 'type');
  return stanza.name === 'iq' && (type === 'get' || type === 'set') && attribute(stanza, 'id') !== undefined;
}

/** RFC 6120 §8.2.3: a request has one answer, unless it went to somebody else, who answers it. */
function expectOneAnswer(request: Element, came: ReadonlyMap<string, readonly Element[]>, about: string): void {
  const all = [...came.values()].flat().filter(({ name }) => name === 'iq');
  const wasForwarded = all.some(({ attrs }) => attrs['type'] === 'get' || attrs['type'] === 'set');
  const answers = (came.get(attribute(request, 'from') ?? '') ?? []).filter(
    ({ name, attrs }) =>
      name === 'iq' && attrs['id'] === request.attrs['id'] && attrs['type'] !== 'get' && attrs['type'] !== 'set',
  );
  expect(answers.length, about).toBe(wasForwarded ? 0 : 1);
}
