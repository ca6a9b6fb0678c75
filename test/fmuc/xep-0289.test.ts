import { beforeEach, describe, expect, test } from 'vitest';
import { parseStamp } from '../../src/lib/stamp.ts';
import { canonical, type Except } from '../support/canonical.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';
import {
  ALICE,
  activity,
  ELSINORE,
  HAMLET,
  HATTER,
  HISTORY,
  initialFederation,
  leaving,
  messages,
  privateMessages,
  RABBITHOLE,
  SUBJECT,
} from './examples.ts';

/*
 * Every exchange of XEP-0289 §5.1 to §5.4, and §5.6, once with ours as the joining node and once as the joined one. The
 * other node is scripted: a plain one that says exactly what the examples say, behind our XMPP server.
 */

/** What ours adds to what the examples show: identities of messages and occupants, and bounds of history. */
const IDENTITY: Except = { children: ['stanza-id urn:xmpp:sid:0', 'occupant-id urn:xmpp:occupant-id:0'] };
const OURS: Except = { children: [...(IDENTITY.children ?? []), 'history', 'x http://jabber.org/protocol/muc#user'] };

const NON_ANONYMOUS = (room: string, admin: string): string => `<iq from='${admin}' to='${room}' type='set' id='c'>
  <query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>
  <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>
  <field var='muc#roomconfig_whois'><value>anyone</value></field>
  <field var='muc#roomconfig_changesubject'><value>1</value></field></x></query></iq>`;

function expectStanzas(
  gateway: VirtualGateway,
  to: readonly string[],
  expected: readonly string[],
  except = IDENTITY,
): void {
  const came = to.flatMap((jid) => gateway.take(jid)).map((stanza) => canonical(stanza, except));
  expect(came).toEqual(expected.map((stanza) => canonical(stanza, except)));
}

function say(gateway: VirtualGateway, ...stanzas: readonly string[]): void {
  for (const stanza of stanzas) gateway.say(stanza);
}

function forget(gateway: VirtualGateway): void {
  for (const jid of gateway.recipients) gateway.take(jid);
}

describe('as the joining node', () => {
  const NODE = [RABBITHOLE, `${RABBITHOLE}/Hamlet`, `${RABBITHOLE}/Alice`, `${RABBITHOLE}/Hatter`];
  let elsinore: VirtualGateway;

  beforeEach(() => {
    elsinore = new VirtualWorld().gateway('talk.denmark.lit', {
      gateway: { admins: ['gertrude@denmark.lit'] },
      rooms: [{ name: 'elsinore', federate: [RABBITHOLE] }],
    });
    say(elsinore, NON_ANONYMOUS(ELSINORE, 'gertrude@denmark.lit/throne'));
    forget(elsinore);
  });

  function federate(): void {
    say(elsinore, initialFederation.userJoins, ...initialFederation.accepted);
    forget(elsinore);
  }

  test('§5.1 a user joins: they are in at once, and we join', () => {
    say(elsinore, initialFederation.userJoins);
    expect(elsinore.take(HAMLET).map((stanza) => stanza.name)).toEqual(['presence', 'message']);
    expectStanzas(elsinore, NODE, [initialFederation.nodeJoins], { children: ['history'] });
  });

  test('§5.1 a reject leaves the room to those who are here, and says why', () => {
    say(elsinore, initialFederation.userJoins);
    forget(elsinore);
    say(elsinore, initialFederation.rejected);
    expect(elsinore.recipients).toEqual([]);
    const upward = elsinore.core.federation.node(ELSINORE)?.upward;
    expect([upward?.state, upward?.reason]).toEqual(['rejected', 'No cross-domain federation.']);
    say(elsinore, messages.userSends);
    expectStanzas(elsinore, [HAMLET], [messages.reflected]);
    expect(elsinore.recipients).toEqual([]);
  });

  test('§5.1 an accept is relayed to those who are here, without its payloads', () => {
    say(elsinore, initialFederation.userJoins);
    forget(elsinore);
    say(elsinore, ...initialFederation.accepted);
    expectStanzas(elsinore, [HAMLET], initialFederation.relayed);
    expect(elsinore.recipients).toEqual([]);
    expect(elsinore.core.federation.node(ELSINORE)?.upward?.state).toBe('joined');
  });

  test('§5.1 the delay as the examples have it, <x/> and a stamp without hyphens, is understood too', () => {
    say(elsinore, initialFederation.userJoins);
    forget(elsinore);
    const legacy = initialFederation.accepted.map((stanza) =>
      stanza.replace('<delay', '<x').replace(/stamp='(\d{4})-(\d\d)-(\d\d)(T[\d:]+)Z'/, "stamp='$1$2$3$4'"),
    );
    say(elsinore, ...legacy);
    expectStanzas(elsinore, [HAMLET], initialFederation.relayed);
  });

  test('§5.2 a message of ours goes to us at once and to the other node once', () => {
    federate();
    say(elsinore, messages.userSends);
    expectStanzas(elsinore, [HAMLET], [messages.reflected]);
    expectStanzas(elsinore, NODE, [messages.carried]);
  });

  test('§5.2 a message of the other node goes to us, and not back', () => {
    federate();
    say(elsinore, messages.replyCarried);
    expectStanzas(elsinore, [HAMLET], [messages.replyDelivered]);
    expect(elsinore.recipients).toEqual([]);
  });

  test('§5.3 and §5.4 somebody enters the other node and leaves it', () => {
    federate();
    say(elsinore, activity.carried);
    expectStanzas(elsinore, [HAMLET], [activity.toHamlet]);
    say(elsinore, leaving.carried);
    expectStanzas(elsinore, [HAMLET], [leaving.toHamlet]);
    expect(elsinore.recipients).toEqual([]);
  });

  test('§5.4 the last one here leaves: the other node hears of it, and its answer is understood', () => {
    federate();
    say(elsinore, `<presence from='${HAMLET}' to='${ELSINORE}/Hamlet' type='unavailable'/>`);
    forget(elsinore);
    const node = elsinore.core.federation.node(ELSINORE);
    expect(node?.upward?.state).toBe('local');
    say(elsinore, leaving.left);
    expect(elsinore.recipients).toEqual([]);
    expect(node?.room.occupants.size).toBe(0);
  });

  test('§5.6 a private message goes to the node of its recipient alone', () => {
    federate();
    say(elsinore, privateMessages.userSends);
    expectStanzas(elsinore, NODE, [privateMessages.carried]);
    expect(elsinore.recipients).toEqual([]);
  });
});

describe('as the joined node', () => {
  const NODE = [ELSINORE, `${ELSINORE}/Hamlet`, `${ELSINORE}/Hatter`, `${ELSINORE}/Alice`];
  let rabbithole: VirtualGateway;

  beforeEach(() => {
    const world = new VirtualWorld();
    const at = (stamp: string, stanza: string): void => {
      world.settle((parseStamp(stamp) ?? 0) - world.now);
      rabbithole.say(stanza);
    };
    world.now = Date.UTC(2012, 3, 1);
    rabbithole = world.gateway('rooms.wonderland.lit', {
      gateway: { admins: ['alice@wonderland.lit'] },
      rooms: [{ name: 'rabbithole', accept: ['talk.denmark.lit'] }],
    });
    const [first, second] = HISTORY;
    say(rabbithole, NON_ANONYMOUS(RABBITHOLE, ALICE));
    say(
      rabbithole,
      `<presence from='${ALICE}' to='${RABBITHOLE}/Alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    say(rabbithole, activity.userJoins);
    at(
      first.stamp,
      `<message from='${ALICE}' to='${RABBITHOLE}' type='groupchat'><body>${first.body}</body></message>`,
    );
    at(
      second.stamp,
      `<message from='${HATTER}' to='${RABBITHOLE}' type='groupchat'><body>${second.body}</body></message>`,
    );
    at(
      SUBJECT.stamp,
      `<message from='${HATTER}' to='${RABBITHOLE}' type='groupchat'><subject>${SUBJECT.text}</subject></message>`,
    );
    say(rabbithole, leaving.userLeaves);
    forget(rabbithole);
  });

  function federate(): void {
    say(rabbithole, initialFederation.nodeJoins);
    forget(rabbithole);
  }

  test('§5.1 a node joins: occupants, itself, history, subject, in that order', () => {
    say(rabbithole, initialFederation.nodeJoins);
    expectStanzas(rabbithole, NODE, initialFederation.accepted);
    expectStanzas(
      rabbithole,
      [ALICE],
      [
        `<presence from='${RABBITHOLE}/Hamlet' to='${ALICE}'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='none' role='participant' jid='${HAMLET}'/></x></presence>`,
      ],
    );
    expect(rabbithole.recipients).toEqual([]);
  });

  test('§5.1 a node that may not join is told so, and nobody else hears of it', () => {
    say(rabbithole, initialFederation.nodeJoins.replaceAll('talk.denmark.lit', 'talk.norway.lit'));
    const [reject, ...more] = rabbithole.takeText('elsinore@talk.norway.lit');
    expect(more).toEqual([]);
    expect(reject).toContain('<fmuc xmlns="http://isode.com/protocol/fmuc"><reject>');
    expect(reject).toContain(`from="${RABBITHOLE}"`);
    expect(rabbithole.recipients).toEqual([]);
  });

  test('§5.2 a message of the joining node goes to those here, and not back', () => {
    federate();
    say(rabbithole, messages.carried);
    expectStanzas(rabbithole, [ALICE], [messages.delivered]);
    expect(rabbithole.recipients).toEqual([]);
  });

  test('§5.2 a message from here goes to us and to the joining node', () => {
    federate();
    say(rabbithole, messages.reply);
    expectStanzas(rabbithole, [ALICE], [messages.replyReflected]);
    expectStanzas(rabbithole, NODE, [messages.replyCarried]);
  });

  test('§5.3 somebody enters here', () => {
    federate();
    say(rabbithole, activity.userJoins);
    expectStanzas(rabbithole, [ALICE], [activity.toAlice]);
    expect(
      rabbithole
        .take(HATTER)
        .slice(0, 3)
        .map((stanza) => canonical(stanza, IDENTITY)),
    ).toEqual(activity.toHatter.map((stanza) => canonical(stanza)));
    expectStanzas(rabbithole, NODE, [activity.carried]);
  });

  test('§5.4 somebody leaves here', () => {
    federate();
    say(rabbithole, activity.userJoins);
    forget(rabbithole);
    say(rabbithole, leaving.userLeaves);
    expectStanzas(rabbithole, [HATTER], [leaving.toHatter]);
    expectStanzas(rabbithole, [ALICE], [leaving.toAlice]);
    expectStanzas(rabbithole, NODE, [leaving.carried]);
  });

  test('§5.4 the last one of the joining node leaves: it is out of the set, is told so, and hears no more', () => {
    federate();
    say(
      rabbithole,
      `<presence from='${ELSINORE}/Hamlet' to='${RABBITHOLE}/Hamlet' type='unavailable'>
      <fmuc xmlns='http://isode.com/protocol/fmuc' from='${HAMLET}'/></presence>`,
    );
    expectStanzas(rabbithole, NODE, [leaving.left]);
    forget(rabbithole);
    say(rabbithole, messages.reply);
    expectStanzas(rabbithole, NODE, []);
  });

  test('§5.6 a private message reaches its recipient as from an occupant here', () => {
    federate();
    say(rabbithole, privateMessages.carried);
    expectStanzas(rabbithole, [ALICE], [privateMessages.delivered], OURS);
    expect(rabbithole.recipients).toEqual([]);
  });
});
