import { describe, expect, it } from 'vitest';
import { ANSWER_TIMEOUT, MAX_REQUEST_ID, MAX_WAITING, MAX_WAITING_OF_ONE } from '../../src/muc/occupant-iq.ts';
import { attribute, type Element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { canonical } from '../support/canonical.ts';
import { ALICE, drop, ELSINORE, enters, HAMLET, pair, RABBITHOLE } from '../support/nodes.ts';
import { CRONE1, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §16.4 and §6.6, XEP-0410: what one occupant asks of another one. */

const PHONE = 'crone1@shakespeare.lit/phone';
const CRONE = 'crone1@shakespeare.lit';
const FIRST = `${ROOM}/firstwitch`;
const THIRD = `${ROOM}/thirdwitch`;
const PING = `<ping xmlns='${NS.ping}'/>`;
const VERSION = `<query xmlns='jabber:iq:version'/>`;
const STANZAS = NS.stanzaErrors;

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(PHONE, 'firstwitch').enter(HAG, 'thirdwitch');
}

const asks = (from: string, to: string, payload: string, type = 'get', id = 'q'): string =>
  `<iq from='${from}' to='${to}' type='${type}' id='${id}'>${payload}</iq>`;

/** The one request that has been passed on to somebody, and nothing else has come for anyone. */
function passed(story: RoomStory, to: string): Element {
  expect(story.gateway.recipients).toEqual([to]);
  const [request, ...more] = story.gateway.take(to);
  expect(more).toEqual([]);
  return request as Element;
}

/** Somebody answers what they were asked. */
function answers(from: string, request: Element, type: 'result' | 'error', payload = ''): string {
  return `<iq from='${from}' to='${attribute(request, 'from')}' type='${type}' id='${attribute(request, 'id')}'>${payload}</iq>`;
}

describe('§16.4 a request to an occupant', () => {
  it.each([
    ['XEP-0030 what they can do', `<query xmlns='${NS.discoInfo}' node='x#y'/>`, 'get'],
    ['XEP-0092 their software', VERSION, 'get'],
    ['XEP-0199 whether they are there', PING, 'get'],
    ['XEP-0202 their time', `<time xmlns='urn:xmpp:time'/>`, 'get'],
    ['XEP-0166 a session', `<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'/>`, 'set'],
  ])('%s reaches the first of their clients as from an occupant, and so does its answer', (_, payload, type) => {
    const story = coven().send(asks(HAG, FIRST, payload, type));
    const request = passed(story, CRONE1);
    const id = attribute(request, 'id') ?? '';
    expect(id).not.toBe('q');
    expect(canonical(request)).toBe(
      canonical(`<iq from='${THIRD}' to='${CRONE1}' type='${type}' id='${id}'>${payload}</iq>`),
    );
    story.send(answers(CRONE1, request, 'result', `<answer xmlns='urn:answer'/>`));
    story.expectAll({ [HAG]: [`<iq from='${FIRST}' type='result' id='q'><answer xmlns='urn:answer'/></iq>`] });
    story.send(answers(CRONE1, request, 'result')).expectAll({});
  });

  it('XEP-0054 for a vCard goes to their account, whose server answers', () => {
    const vcard = `<vCard xmlns='vcard-temp'/>`;
    const story = coven().send(asks(HAG, FIRST, vcard));
    const request = passed(story, CRONE);
    expect(attribute(request, 'from')).toBe(THIRD);
    story.send(answers(CRONE, request, 'result', `<vCard xmlns='vcard-temp'><FN>Crone</FN></vCard>`));
    story.expectAll({
      [HAG]: [`<iq from='${FIRST}' type='result' id='q'><vCard xmlns='vcard-temp'><FN>Crone</FN></vCard></iq>`],
    });
  });

  it('is answered by an error as it came, but for where it came from', () => {
    const story = coven().send(asks(HAG, FIRST, VERSION));
    const request = passed(story, CRONE1);
    story.send(
      answers(
        CRONE1,
        request,
        'error',
        `${VERSION}<error type='cancel' by='${CRONE}'><gone xmlns='${STANZAS}'>xmpp:${CRONE}</gone></error>`,
      ),
    );
    story.expectAll({
      [HAG]: [
        `<iq from='${FIRST}' type='error' id='q'>${VERSION}<error type='cancel'><gone xmlns='${STANZAS}'/></error></iq>`,
      ],
    });
    expect(story.room?.occupants.size).toBe(2);
  });

  it('tells neither side who the other one is', () => {
    const story = coven().send(asks(HAG, FIRST, VERSION, 'get', 'hag66@shakespeare.lit'));
    const request = passed(story, CRONE1);
    expect(request.toString()).not.toContain('hag66');
    story.send(answers(CRONE1, request, 'result', VERSION));
    expect(story.gateway.takeText(HAG).join('')).not.toContain('crone1');
  });

  it('is answered by nobody else, nor anywhere else, nor twice', () => {
    const story = coven()
      .enter(WICCA, 'secondwitch')
      .send(asks(HAG, FIRST, VERSION));
    const request = passed(story, CRONE1);
    const away = parseElement(request.toString());
    away.attrs['from'] = `heath@chat.shakespeare.lit/thirdwitch`;
    const stray = parseElement(request.toString());
    stray.attrs['id'] = 'q';
    story.send(answers(WICCA, request, 'result'), answers(PHONE, request, 'result'), answers(CRONE, request, 'result'));
    story.send(answers(CRONE1, away, 'result'), answers(CRONE1, stray, 'result')).expectAll({});
    story.send(answers(CRONE1, request, 'result'), answers(CRONE1, request, 'result'));
    story.expectAll({ [HAG]: [`<iq from='${FIRST}' type='result' id='q'/>`] });
  });

  it('goes on where either of them has got another nick since', () => {
    const story = coven().send(asks(HAG, FIRST, VERSION));
    const request = passed(story, CRONE1);
    story.send(`<presence from='${HAG}' to='${ROOM}/oldhag'/>`, `<presence from='${CRONE1}' to='${ROOM}/oldcrone'/>`);
    story.forget().send(answers(CRONE1, request, 'result', VERSION));
    story.expectAll({ [HAG]: [`<iq from='${FIRST}' type='result' id='q'>${VERSION}</iq>`] });
  });

  it.each([
    ['from somebody who is not in the room', WICCA, FIRST, VERSION, 'cancel', 'not-acceptable'],
    [
      '§6.6 of service discovery, from somebody who is not',
      WICCA,
      FIRST,
      `<query xmlns='${NS.discoInfo}'/>`,
      'modify',
      'bad-request',
    ],
    ['§6.6 the same for items', WICCA, FIRST, `<query xmlns='${NS.discoItems}'/>`, 'modify', 'bad-request'],
    ['to nobody', HAG, `${ROOM}/nobody`, VERSION, 'cancel', 'item-not-found'],
    ['that only a room answers', HAG, FIRST, `<query xmlns='${NS.mucAdmin}'/>`, 'cancel', 'feature-not-implemented'],
  ])('%s is refused', (_, from, to, payload, type, condition) => {
    coven()
      .send(asks(from, to, payload))
      .expectAll({ [from]: [refusal('iq', to, type, condition, 'q')] });
  });

  it(`with an id of more than ${MAX_REQUEST_ID} characters is refused`, () => {
    const id = 'q'.repeat(MAX_REQUEST_ID + 1);
    coven()
      .send(asks(HAG, FIRST, VERSION, 'get', id))
      .expectAll({ [HAG]: [refusal('iq', FIRST, 'modify', 'not-acceptable', id)] });
  });

  it('of between gateways reaches nobody', () => {
    for (const namespace of [NS.fmuc, NS.sync]) {
      const story = coven().send(asks(HAG, FIRST, `<x xmlns='${namespace}'/>`));
      expect(story.gateway.recipients).toEqual([HAG]);
    }
  });

  it('that has them do something is for those who may write to them, and asking is for everybody', () => {
    const jingle = `<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'/>`;
    const story = coven();
    const { room } = story;
    if (room === undefined) throw new Error('no room');
    for (const [privateMessages, allowed] of [
      ['anyone', true],
      ['participants', true],
      ['moderators', false],
      ['none', false],
    ] as const) {
      room.settings = { ...room.settings, privateMessages };
      story.send(asks(HAG, FIRST, jingle, 'set'));
      if (allowed) expect(attribute(passed(story, CRONE1), 'from')).toBe(THIRD);
      else story.expectAll({ [HAG]: [refusal('iq', FIRST, 'auth', 'forbidden', 'q')] });
      story.send(asks(HAG, FIRST, VERSION));
      expect(attribute(passed(story, CRONE1), 'from')).toBe(THIRD);
    }
  });

  it('that nobody answers is given up, and what comes later is dropped', () => {
    const story = coven().send(asks(HAG, FIRST, VERSION));
    const request = passed(story, CRONE1);
    story.gateway.world.settle(ANSWER_TIMEOUT - 20_000);
    story.expectAll({});
    story.gateway.world.settle(20_000);
    story.expectAll({ [HAG]: [refusal('iq', FIRST, 'wait', 'remote-server-timeout', 'q')] });
    story.send(answers(CRONE1, request, 'result')).expectAll({});
  });

  it('waits no longer than the process lives', () => {
    const story = coven();
    story.send(asks(HAG, FIRST, VERSION));
    const request = passed(story, CRONE1);
    const again = story.restarted();
    again.send(answers(CRONE1, request, 'result')).expectAll({});
  });

  it(`is refused beyond ${MAX_WAITING_OF_ONE} of one client and ${MAX_WAITING} of all, until answers come`, () => {
    const story = coven();
    const clients = Array.from(
      { length: MAX_WAITING / MAX_WAITING_OF_ONE + 1 },
      (_, at) => `wicca@shakespeare.lit/${at}`,
    );
    for (const client of clients) story.enter(client, 'secondwitch');
    const requests: Element[] = [];
    for (const client of clients.slice(0, -1)) {
      for (let count = 0; count < MAX_WAITING_OF_ONE; count++) story.gateway.send(asks(client, FIRST, PING));
      story.gateway.world.settle();
      requests.push(...story.gateway.take(CRONE1));
      story.expectAll({});
    }
    expect(requests).toHaveLength(MAX_WAITING);
    const full = refusal('iq', FIRST, 'wait', 'resource-constraint', 'q');
    const [one = '', last = ''] = [clients[0], clients.at(-1)];
    story.send(asks(one, FIRST, PING), asks(last, FIRST, PING)).expectAll({ [one]: [full], [last]: [full] });
    for (const request of requests.slice(0, 1)) story.send(answers(CRONE1, request, 'result'));
    story.forget().send(asks(last, FIRST, PING), asks(one, FIRST, PING));
    story.gateway.take(CRONE1);
    story.expectAll({ [one]: [full] });
  }, 30_000);
});

describe('XEP-0410 a client asks whether it is still in the room', () => {
  it('§3.3 and hears so of the room itself, which says that it does', () => {
    const story = coven().send(asks(HAG, THIRD, PING));
    story.expectAll({ [HAG]: [`<iq from='${THIRD}' type='result' id='q'/>`] });
    story.send(asks(PHONE, FIRST, PING)).expectAll({ [PHONE]: [`<iq from='${FIRST}' type='result' id='q'/>`] });
    story.send(asks(HAG, ROOM, `<query xmlns='${NS.discoInfo}'/>`));
    expect(story.gateway.takeText(HAG)[0]).toContain(
      '<feature var="http://jabber.org/protocol/muc#self-ping-optimization"/>',
    );
  });

  it('§3.2 one that is not is told so, though another one of the same user is', () => {
    const other = 'hag66@shakespeare.lit/phone';
    coven()
      .send(asks(other, THIRD, PING))
      .expectAll({ [other]: [refusal('iq', THIRD, 'cancel', 'not-acceptable', 'q')] });
  });

  it('§3.2 nobody is in a room that is not there, and no client takes that for a change of nick', () => {
    const gone = 'nowhere@chat.shakespeare.lit';
    const story = coven().send(asks(HAG, `${gone}/thirdwitch`, PING));
    story.expectAll({
      [HAG]: [
        refusal('iq', `${gone}/thirdwitch`, 'cancel', 'not-acceptable', 'q').replace(`by='${ROOM}'`, `by='${gone}'`),
      ],
    });
  });

  it('§3.2 under a nick that it has no more: it is, and the nick is nobody’s', () => {
    coven()
      .send(asks(HAG, `${ROOM}/formerly`, PING))
      .expectAll({ [HAG]: [refusal('iq', `${ROOM}/formerly`, 'cancel', 'item-not-found', 'q')] });
  });

  it('by somebody else’s nick asks them', () => {
    const story = coven().send(asks(HAG, FIRST, PING));
    const request = passed(story, CRONE1);
    expect(findChild(request, 'ping', NS.ping)).toBeDefined();
  });
});

it('somebody on another node cannot be asked: XEP-0289 carries no requests', () => {
  const { world, denmark, wonderland } = pair();
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  world.settle(60_000);
  drop(denmark, wonderland);
  denmark.say(asks(HAMLET, `${ELSINORE}/Alice`, VERSION));
  const [text = '', ...more] = denmark.takeText(HAMLET);
  expect(more).toEqual([]);
  expect(text).toMatch(/type="cancel" by="elsinore@rooms.denmark.lit"><service-unavailable .*Ask them directly/);
  expect(denmark.crossed).toEqual([]);
  expect(wonderland.recipients).toEqual([]);
});
