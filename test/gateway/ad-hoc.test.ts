import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/gateway/ad-hoc.ts';
import { MAX_OFFERED } from '../../src/gateway/command.ts';
import { COMMAND_SESSION_AGE, MAX_COMMAND_SESSIONS } from '../../src/gateway/command-sessions.ts';
import { MAX_LISTED } from '../../src/gateway/room-commands.ts';
import { roomReports } from '../../src/gateway/status.ts';
import { attribute, childElements, type Element, findChildren } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { ALICE, brief, DENMARK, drop, ELSINORE, enters, HAMLET, pair, RABBITHOLE, says } from '../support/nodes.ts';
import { CRONE1, HAG, ROOM, RoomStory } from '../support/room-story.ts';
import type { VirtualGateway } from '../support/virtual.ts';

/* XEP-0050, as far as the service takes commands of the gateway's admins. */

const SERVICE = 'chat.shakespeare.lit';
const GERTRUDE = 'gertrude@shakespeare.lit/throne';
const FILE = { gateway: { admins: ['gertrude@shakespeare.lit'] }, rooms: [{ name: 'castle' }] };

function disco(from: string, what: 'info' | 'items', node?: string, to = SERVICE): string {
  const named = node === undefined ? '' : ` node='${node}'`;
  return `<iq from='${from}' to='${to}' type='get' id='d'><query xmlns='http://jabber.org/protocol/disco#${what}'${named}/></iq>`;
}

interface Asked {
  readonly action?: string;
  readonly session?: string | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  readonly form?: string;
  readonly language?: string;
  readonly from?: string;
}

/** What a command has come to. */
interface Answered {
  readonly status?: string | undefined;
  readonly session?: string | undefined;
  /** What may be done next, the one that `execute` means first. */
  readonly actions?: readonly string[];
  readonly note?: string;
  readonly error?: string;
  readonly fields?: readonly string[];
  readonly rows?: readonly (readonly string[])[];
}

/** An admin's conversation with the service. */
class Console {
  readonly #gateway: VirtualGateway;
  readonly #admin: string;

  constructor(gateway: VirtualGateway, admin = GERTRUDE) {
    this.#gateway = gateway;
    this.#admin = admin;
  }

  ask(node: string, asked: Asked = {}): Answered {
    const { action, session, fields, language, from = this.#admin } = asked;
    const values = Object.entries(fields ?? {}).map(
      ([name, value]) => `<field var='${name}'><value>${value}</value></field>`,
    );
    const form = fields === undefined ? '' : `<x xmlns='${NS.dataForms}' type='submit'>${values.join('')}</x>`;
    const attributes = [
      `node='${node}'`,
      ...(action === undefined ? [] : [`action='${action}'`]),
      ...(session === undefined ? [] : [`sessionid='${session}'`]),
      ...(language === undefined ? [] : [`xml:lang='${language}'`]),
    ];
    this.#gateway.take(from);
    this.#gateway.say(
      `<iq from='${from}' to='${this.#gateway.domain}' type='set' id='c'><command xmlns='${NS.commands}' ${attributes.join(' ')}>${asked.form ?? form}</command></iq>`,
    );
    return read(this.#gateway.take(from).find(({ name }) => name === 'iq'));
  }
}

function read(iq: Element | undefined): Answered {
  const error = iq?.getChild('error');
  if (error !== undefined)
    return {
      error: [
        error.attrs['type'],
        ...childElements(error)
          .map(({ name }) => name)
          .filter((name) => name !== 'text'),
      ].join(' '),
    };
  const command = iq?.getChild('command', NS.commands);
  if (command === undefined) return {};
  const actions = command.getChild('actions');
  const note = command.getChild('note');
  const form = command.getChild('x', NS.dataForms);
  const fields = form && findChildren(form, 'field').flatMap((field) => attribute(field, 'var') ?? []);
  return {
    status: attribute(command, 'status'),
    session: attribute(command, 'sessionid'),
    ...(actions && {
      actions: [attribute(actions, 'execute') ?? '', ...childElements(actions).map(({ name }) => name)],
    }),
    ...(note && { note: `${attribute(note, 'type')}: ${note.getText()}` }),
    ...(fields && { fields }),
    ...(form?.getChild('reported') && {
      rows: findChildren(form, 'item').map((item) =>
        findChildren(item, 'field').map((field) => field.getChildText('value') ?? ''),
      ),
    }),
  };
}

function begun(): { readonly story: RoomStory; readonly console: Console } {
  const story = new RoomStory(FILE);
  return { story, console: new Console(story.gateway) };
}

const BAD = (specific: string): Answered => ({ error: `modify bad-request ${specific}` });

describe('§2 discovery', () => {
  it('§2.1 the service takes commands', () => {
    const [text = ''] = new RoomStory(FILE).send(disco(HAG, 'info')).gateway.takeText(HAG);
    expect(text).toContain(`<feature var="${NS.commands}"/>`);
  });

  it('§2.2 they are listed to an admin, and to nobody else', () => {
    const story = new RoomStory(FILE).send(disco(GERTRUDE, 'items', NS.commands), disco(HAG, 'items', NS.commands));
    const items = COMMANDS.map(({ node, name }) => `<item jid='${SERVICE}' node='${node}' name='${name}'/>`).join('');
    const listed = (inside: string): string =>
      `<iq from='${SERVICE}' type='result' id='d'><query xmlns='${NS.discoItems}' node='${NS.commands}'>${inside}</query></iq>`;
    story.expectAll({ [GERTRUDE]: [listed(items)], [HAG]: [listed('')] });
  });

  it('§2.2 what each is, for an admin; forbidden to others', () => {
    for (const { node, name } of COMMANDS) {
      const story = new RoomStory(FILE).send(disco(GERTRUDE, 'info', node));
      story.expectAll({
        [GERTRUDE]: [
          `<iq from='${SERVICE}' type='result' id='d'><query xmlns='${NS.discoInfo}' node='${node}'>
           <identity category='automation' type='command-node' name='${name}'/>
           <feature var='${NS.commands}'/><feature var='${NS.dataForms}'/></query></iq>`,
        ],
      });
      const [refused = ''] = story.send(disco(HAG, 'info', node)).gateway.takeText(HAG);
      expect(refused).toContain('<forbidden xmlns');
    }
  });

  it('§2.2 the list of commands is one, other nodes are not there', () => {
    const story = new RoomStory(FILE).send(disco(HAG, 'info', NS.commands));
    expect(story.gateway.takeText(HAG)[0]).toContain('category="automation" type="command-list"');
    expect(story.send(disco(HAG, 'info', 'nowhere')).gateway.takeText(HAG)[0]).toContain('<item-not-found xmlns');
    expect(story.send(disco(HAG, 'items', 'nowhere')).gateway.takeText(HAG)[0]).toContain('<item-not-found xmlns');
  });
});

describe('§2.4 and §4 executing', () => {
  it('§4.4 only an admin may, and only a command that there is', () => {
    const { story, console } = begun();
    for (const { node } of COMMANDS) expect(console.ask(node, { from: HAG })).toEqual({ error: 'cancel forbidden' });
    expect(console.ask('nowhere')).toEqual({ error: 'cancel item-not-found' });
    story.expectAll({});
  });

  it('§2.4.2 stages go forward and back, and the last one is completed', () => {
    const { story, console } = begun();
    story.enter(HAG, 'thirdwitch');
    const first = console.ask('destroy-room', { action: 'execute' });
    expect(first).toMatchObject({ status: 'executing', actions: ['next', 'next'], fields: ['FORM_TYPE', 'room'] });
    const { session } = first;
    const second = console.ask('destroy-room', { action: 'next', session, fields: { room: ROOM } });
    expect(second).toMatchObject({ status: 'executing', session, actions: ['complete', 'complete', 'prev'] });
    expect(console.ask('destroy-room', { action: 'prev', session })).toEqual(first);
    expect(console.ask('destroy-room', { session, fields: { room: ROOM } })).toEqual(second);
    const last = console.ask('destroy-room', { action: 'complete', session, fields: { reason: 'Macbeth doth come.' } });
    expect(last).toEqual({ status: 'completed', session, note: `info: ${ROOM} is no more.` });
    expect(console.ask('destroy-room', { session })).toEqual({ error: 'cancel not-allowed session-expired' });
  });

  it('§2.4.3 a session is canceled, and is over then', () => {
    const { console } = begun();
    const { session } = console.ask('create-room');
    expect(console.ask('create-room', { action: 'cancel', session })).toEqual({ status: 'canceled', session });
    expect(console.ask('create-room', { action: 'cancel', session })).toEqual({
      error: 'cancel not-allowed session-expired',
    });
  });

  it('§4.4 what cannot be done is refused, each with its condition, and the session goes on', () => {
    const { console } = begun();
    const { session } = console.ask('destroy-room');
    expect(console.ask('destroy-room', { action: 'leap', session })).toEqual(BAD('malformed-action'));
    expect(console.ask('destroy-room', { action: 'complete', session })).toEqual(BAD('bad-action'));
    expect(console.ask('destroy-room', { action: 'prev', session })).toEqual(BAD('bad-action'));
    expect(console.ask('destroy-room', { action: 'next' })).toEqual(BAD('bad-action'));
    expect(console.ask('destroy-room', { session, language: 'fr-ca' })).toEqual(BAD('bad-locale'));
    expect(console.ask('destroy-room', { session, fields: { room: 'nowhere' } })).toEqual(BAD('bad-payload'));
    expect(console.ask('destroy-room', { session })).toEqual(BAD('bad-payload'));
    const other = `<x xmlns='${NS.dataForms}' type='submit'><field var='FORM_TYPE'><value>urn:other</value></field></x>`;
    expect(console.ask('destroy-room', { session, form: other })).toEqual(BAD('bad-payload'));
    expect(console.ask('destroy-room', { session: 'no session' })).toEqual(BAD('bad-sessionid'));
    expect(console.ask('destroy-room', { session: '' })).toEqual(BAD('bad-sessionid'));
    expect(console.ask('create-room', { session })).toEqual(BAD('bad-sessionid'));
    expect(console.ask('destroy-room', { session, language: 'en-GB', fields: { room: 'castle' } })).toEqual(
      BAD('bad-payload'),
    );
    expect(console.ask('destroy-room', { action: 'cancel', session })).toMatchObject({ status: 'canceled' });
  });

  it('§3.6.1 a form of type cancel is one of type submit', () => {
    const { console } = begun();
    const { session } = console.ask('create-room');
    const form = `<x xmlns='${NS.dataForms}' type='cancel'><field var='name'><value>heath</value></field></x>`;
    expect(console.ask('create-room', { session, form })).toMatchObject({ status: 'completed' });
  });

  it('§3.3 a session is its requester’s alone, by full JID', () => {
    const { console } = begun();
    const { session } = console.ask('create-room');
    const from = 'gertrude@shakespeare.lit/closet';
    expect(console.ask('create-room', { session, from })).toEqual(BAD('bad-sessionid'));
  });

  it(`§3.3 a session is over after ${COMMAND_SESSION_AGE / 60_000} minutes, and after a restart`, () => {
    const { story, console } = begun();
    const { session } = console.ask('create-room');
    story.gateway.world.settle(COMMAND_SESSION_AGE);
    expect(console.ask('create-room', { session })).toEqual({ error: 'cancel not-allowed session-expired' });
    const { session: next } = console.ask('create-room');
    const again = new Console(story.restarted(FILE).gateway);
    expect(again.ask('create-room', { session: next })).toEqual({ error: 'cancel not-allowed session-expired' });
  });

  it(`§3.3 ${MAX_COMMAND_SESSIONS} sessions; the one that was left alone for longest makes room`, () => {
    const { console } = begun();
    const ids = Array.from({ length: MAX_COMMAND_SESSIONS + 1 }, () => console.ask('create-room').session);
    expect(new Set(ids).size).toBe(ids.length);
    expect(console.ask('create-room', { session: ids[0] })).toEqual({ error: 'cancel not-allowed session-expired' });
    expect(console.ask('create-room', { session: ids[1] })).toEqual(BAD('bad-payload'));
  });

  it('a turn that the store cannot keep leaves the session as it was', () => {
    const { story, console } = begun();
    const { session } = console.ask('create-room');
    story.gateway.store.full = true;
    expect(console.ask('create-room', { session, fields: { name: 'heath' } }).error).toContain('resource-constraint');
    story.gateway.store.full = false;
    expect(console.ask('create-room', { session, fields: { name: 'heath' } })).toMatchObject({ status: 'completed' });
  });
});

describe('the rooms', () => {
  it('are listed, hidden ones too', () => {
    const { story, console } = begun();
    story
      .enter(HAG, 'thirdwitch')
      .configure(HAG, { 'muc#roomconfig_publicroom': '0', 'muc#roomconfig_roomname': 'A Cave' });
    const { status, rows } = console.ask('list-rooms');
    expect(status).toBe('completed');
    expect(rows).toEqual([
      [`castle@${SERVICE}`, '', '0', 'of the file', 'on'],
      [ROOM, 'A Cave', '1', 'temporary', 'none'],
    ]);
  });

  it(`${MAX_LISTED} of them are listed, ${MAX_OFFERED} offered to choose from`, () => {
    const { story, console } = begun();
    for (let room = 0; room < MAX_LISTED; room++) story.gateway.send(enters(HAG, `r${room}@${SERVICE}`, 'thirdwitch'));
    const { rows, note } = console.ask('list-rooms');
    expect(rows).toHaveLength(MAX_LISTED);
    expect(note).toBe('warn: 1 more rooms are not listed.');
    const { session } = console.ask('destroy-room');
    expect(console.ask('destroy-room', { session, fields: { room: `r7@${SERVICE}` } })).toMatchObject({
      status: 'executing',
    });
  });

  it('one is created, for its owners, and stays', () => {
    const { story, console } = begun();
    const { session } = console.ask('create-room');
    const fields = { name: 'heath', roomname: 'The heath', membersonly: '1', roomowners: 'hag66@shakespeare.lit' };
    expect(console.ask('create-room', { session, fields })).toEqual({
      status: 'completed',
      session,
      note: `info: There is a room heath@${SERVICE} now.`,
    });
    const again = story.restarted(FILE);
    const room = again.gateway.core.service.get(`heath@${SERVICE}`);
    expect(room?.settings).toMatchObject({ name: 'The heath', membersOnly: true, public: true, persistent: true });
    expect([...(room?.affiliations ?? [])]).toEqual([['hag66@shakespeare.lit', { affiliation: 'owner' }]]);
    again.send(enters(HAG, `heath@${SERVICE}`, 'thirdwitch'));
    expect(again.gateway.takeText(HAG)[0]).toContain('affiliation="owner" role="moderator"');
  });

  it.each([
    [{ name: '' }],
    [{ name: 'a@b' }],
    [{ name: 'a b' }],
    [{ name: 'a/b' }],
    [{ name: 'heath', roomowners: '@@' }],
    [{ name: 'heath', publicroom: 'perhaps' }],
  ])('none is created as %j', (fields) => {
    const { story, console } = begun();
    const { session } = console.ask('create-room');
    expect(console.ask('create-room', { session, fields })).toEqual(BAD('bad-payload'));
    expect(story.gateway.core.service.rooms()).toHaveLength(1);
  });

  it('none is created twice', () => {
    const { console } = begun();
    const { session } = console.ask('create-room');
    expect(console.ask('create-room', { session, fields: { name: 'castle' } })).toEqual({
      status: 'completed',
      session,
      note: `error: There is a room castle@${SERVICE} already.`,
    });
  });

  it('one is destroyed: everyone there is told why and where to go (XEP-0045 §10.9)', () => {
    const { story, console } = begun();
    story.enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
    const { session } = console.ask('destroy-room');
    console.ask('destroy-room', { session, fields: { room: 'coven' } });
    const fields = { reason: 'Macbeth doth come.', alternate: `castle@${SERVICE}`, password: 'x' };
    console.ask('destroy-room', { session, fields });
    const gone = (nick: string, jid: string): string => `<presence from='${ROOM}/${nick}' type='unavailable'>
      <x xmlns='${NS.mucUser}'><item affiliation='none' role='none' jid='${jid}'/><status code='110'/>
      <destroy jid='castle@${SERVICE}'><password>x</password><reason>Macbeth doth come.</reason></destroy></x></presence>`;
    story.expectAll({ [CRONE1]: [gone('firstwitch', CRONE1)], [HAG]: [gone('thirdwitch', HAG)] });
    expect(story.room).toBeUndefined();
  });

  it('one of the file is not destroyed', () => {
    const { story, console } = begun();
    const { session } = console.ask('destroy-room');
    expect(console.ask('destroy-room', { session, fields: { room: 'castle' } })).toEqual(BAD('bad-payload'));
    expect(story.gateway.core.service.get(`castle@${SERVICE}`)).toBeDefined();
  });
});

describe('federation and links', () => {
  const ADMIN = { gateway: { localDomains: ['denmark.lit'], admins: ['gertrude@denmark.lit'] } };
  const QUEEN = 'gertrude@denmark.lit/throne';

  function switchTo(console: Console, on: '0' | '1'): Answered {
    const { session } = console.ask('federation');
    console.ask('federation', { session, fields: { room: 'elsinore' } });
    return console.ask('federation', { session, fields: { federation: on } });
  }

  it('off, a room parts and goes on alone, also after a restart and a reload; on again, it joins', () => {
    const { world, denmark, wonderland } = pair(ADMIN);
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    drop(denmark, wonderland);
    expect(switchTo(new Console(denmark, QUEEN), '0').note).toBe(`info: The federation of ${ELSINORE} is off.`);
    world.settle(60_000);
    expect(brief(denmark.take(HAMLET))).toEqual(['message - 104', 'presence unavailable Alice']);
    expect(brief(wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet']);
    expect(roomReports(denmark.core, () => 0)[0]).toMatchObject({
      jid: ELSINORE,
      federate: null,
      state: 'local',
      reason: 'an admin has switched its federation off',
    });
    const keep = { messages: 7, age: 0 };
    denmark.reload({ ...DENMARK, ...ADMIN, rooms: [{ name: 'elsinore', federate: [RABBITHOLE], accept: [], keep }] });
    denmark.say(says(HAMLET, ELSINORE, 'Is anybody there?'));
    denmark.kill();
    const again = world.gateway('rooms.denmark.lit', { ...DENMARK, ...ADMIN }, denmark.store);
    again.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    expect(wonderland.take(ALICE)).toEqual([]);
    const queen = new Console(again, QUEEN);
    expect(queen.ask('list-rooms').rows).toEqual([[ELSINORE, '', '1', 'of the file', 'off']]);
    switchTo(queen, '1');
    world.settle(60_000);
    drop(again, wonderland);
    again.say(says(HAMLET, ELSINORE, 'Who’s there?'));
    world.settle(60_000);
    expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet Who’s there?']);
    expect(queen.ask('list-rooms').rows).toEqual([[ELSINORE, '', '2', 'of the file', `joined, ${RABBITHOLE}`]]);
  });

  it('a room that federates with nobody has nothing to switch', () => {
    const { story, console } = begun();
    story.enter(HAG, 'thirdwitch');
    const { session } = console.ask('federation');
    expect(console.ask('federation', { session, fields: { room: 'coven' } })).toEqual(BAD('bad-payload'));
  });

  it('each link is shown as it stands', () => {
    const { world, denmark, wonderland } = pair(ADMIN);
    const queen = new Console(denmark, QUEEN);
    expect(queen.ask('link-status').rows).toEqual([
      ['rooms.wonderland.lit', 'direct', 'up', expect.stringMatching(/^2026-01-01T/) as string, '0', ''],
    ]);
    wonderland.kill();
    world.settle(5000);
    const [row] = queen.ask('link-status').rows ?? [];
    expect(row?.[2]).not.toBe('up');
    expect(row?.[5]).not.toBe('');
  });

  it('a gateway without links says so', () => {
    expect(begun().console.ask('link-status')).toMatchObject({
      status: 'completed',
      note: 'info: This gateway has no links.',
    });
  });
});
