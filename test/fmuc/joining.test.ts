import { beforeEach, describe, expect, it } from 'vitest';
import { ANSWER_TIMEOUT, RETRY_MAX, RETRY_MIN } from '../../src/fmuc/joining.ts';
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
  leaves,
  nodeJoins,
  OPHELIA,
  RABBITHOLE,
  says,
} from '../support/nodes.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* The joining side, with a scripted plain node behind our XMPP server. */

function start(leaveAfter = 0): VirtualGateway {
  return new VirtualWorld().gateway('rooms.denmark.lit', {
    gateway: { localDomains: ['denmark.lit'] },
    rooms: [{ name: 'elsinore', federate: [RABBITHOLE], accept: [], leaveAfter }],
  });
}

const upwardOf = (gateway: VirtualGateway) => gateway.core.federation.node(ELSINORE)?.upward;

const fromAbove = (nick: string, user: string): string =>
  `<presence from='${RABBITHOLE}/${nick}' to='${ELSINORE}'>${fmuc(user)}</presence>`;
const subjectFromAbove = (text: string): string =>
  `<message from='${RABBITHOLE}/Alice' to='${ELSINORE}' type='groupchat'>${fmuc(ALICE)}<subject>${text}</subject></message>`;
const accept = (gateway: VirtualGateway): void => {
  for (const stanza of [fromAbove('Alice', ALICE), fromAbove('Hamlet', HAMLET), subjectFromAbove('')])
    gateway.say(stanza);
};

describe('local first', () => {
  it('a join, a message and a leave are done before the other node has said anything', () => {
    const gateway = start();
    gateway.send(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.send(says(HAMLET, ELSINORE, 'Is anybody there?'));
    gateway.send(leaves(HAMLET, ELSINORE, 'Hamlet'));
    expect(brief(gateway.take(HAMLET))).toEqual([
      'presence Hamlet 100,110,170',
      'message - =',
      'message Hamlet Is anybody there?',
      'presence unavailable Hamlet 110',
    ]);
  });

  it('what is said before the answer waits for it: a node that may never answer is sent who is here alone', () => {
    const gateway = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(says(HAMLET, ELSINORE, 'Hi'));
    gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['presence Hamlet', 'presence Ophelia']);
    drop(gateway);
    accept(gateway);
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['message Hamlet Hi']);
  });
});

describe('the answer to a join', () => {
  let gateway: VirtualGateway;

  beforeEach(() => {
    gateway = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    drop(gateway);
  });

  it.each([
    ['to the bare room', `<presence from='${RABBITHOLE}' to='${ELSINORE}'>`],
    ['to an occupant', `<presence from='${RABBITHOLE}' to='${ELSINORE}/Hamlet'>`],
    ['as an error', `<presence from='${RABBITHOLE}' to='${ELSINORE}' type='error'>`],
  ])('a reject %s is understood', (_, opening) => {
    gateway.say(`${opening}<fmuc xmlns='http://isode.com/protocol/fmuc'><reject>Not today</reject></fmuc></presence>`);
    expect([upwardOf(gateway)?.state, upwardOf(gateway)?.reason]).toEqual(['rejected', 'Not today']);
    expect(gateway.recipients).toEqual([]);
  });

  it('a reject without a text is one all the same', () => {
    gateway.say(
      `<presence from='${RABBITHOLE}' to='${ELSINORE}'><fmuc xmlns='http://isode.com/protocol/fmuc'><reject/></fmuc></presence>`,
    );
    expect(upwardOf(gateway)).toMatchObject({ state: 'rejected', reason: 'no reason given' });
  });

  it('occupants of an accept need no extended presence, and history may be by an occupant JID or the bare room', () => {
    gateway.say(fromAbove('Alice', ALICE));
    const history = (nick: string, by: string, body: string): string =>
      `<message from='${RABBITHOLE}${nick}' to='${ELSINORE}' type='groupchat'>${fmuc(by)}<body>${body}</body>
      <delay xmlns='urn:xmpp:delay' stamp='2025-12-31T12:00:00Z'/></message>`;
    gateway.say(history('/Alice', `${RABBITHOLE}/Alice`, 'one'));
    gateway.say(history('', RABBITHOLE, 'two'));
    gateway.say(subjectFromAbove('tea'));
    expect(brief(gateway.take(HAMLET))).toEqual([
      'presence Alice',
      'message Alice one',
      'message - two',
      'message Alice = tea',
    ]);
  });

  it('the same history twice is taken once, also without identities', () => {
    const old = `<message from='${RABBITHOLE}/Alice' to='${ELSINORE}' type='groupchat'>${fmuc(ALICE)}<body>old</body>
      <delay xmlns='urn:xmpp:delay' stamp='2025-12-31T12:00:00Z'/></message>`;
    gateway.say(old);
    gateway.say(old);
    expect(brief(gateway.take(HAMLET))).toEqual(['message Alice old']);
  });

  it('a subject replaces ours, and one that is ours already changes nothing', () => {
    gateway.say(subjectFromAbove('tea'));
    gateway.say(subjectFromAbove('tea'));
    expect(brief(gateway.take(HAMLET))).toEqual(['message Alice = tea']);
    expect(gateway.core.service.get(ELSINORE)?.subject?.text).toBe('tea');
  });

  it('a nick that is taken there: our user gets another one, is told, and joins with it', () => {
    gateway.say(`<presence from='${RABBITHOLE}/Hamlet' to='${ELSINORE}/Hamlet' type='error'>
      <error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`);
    expect(brief(gateway.take(HAMLET))).toEqual([
      'presence unavailable Hamlet 110,210,303',
      'presence Hamlet-2 110,210',
    ]);
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['presence Hamlet-2']);
    expect(upwardOf(gateway)?.state).toBe('joining');
  });

  it('an occupant from above has a nick of ours: ours yields', () => {
    gateway.say(fromAbove('Alice', ALICE));
    gateway.say(fromAbove('Hamlet', HATTER));
    expect(brief(gateway.take(HAMLET))).toEqual([
      'presence Alice',
      'presence unavailable Hamlet 110,210,303',
      'presence Hamlet-2 110,210',
      'presence Hamlet',
    ]);
  });

  it('another error is the end of the attempt, and it is made again', () => {
    gateway.say(`<presence from='${RABBITHOLE}/Hamlet' to='${ELSINORE}/Hamlet' type='error'>
      <error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`);
    expect(upwardOf(gateway)).toMatchObject({
      state: 'out-of-reach',
      reason: `${RABBITHOLE} answers remote-server-not-found`,
    });
    gateway.world.settle(RETRY_MIN);
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['presence Hamlet']);
  });

  it('none at all: it is asked again later and later, within bounds', () => {
    const attempts: number[] = [];
    for (let minute = 0; minute < 240; minute++) {
      gateway.world.settle(60_000);
      if (briefFor(gateway, RABBITHOLE).length > 0) attempts.push(minute);
    }
    const gaps = attempts.slice(1).map((at, index) => (at - (attempts[index] ?? 0)) * 60_000 - ANSWER_TIMEOUT);
    expect(gaps.length).toBeGreaterThan(5);
    expect(gaps.every((gap, index) => gap >= (gaps[index - 1] ?? 0))).toBe(true);
    expect(gaps.at(-1)).toBe(RETRY_MAX);
  });

  it('stanzas that nobody asked for are ignored: a reject of a stranger, a leave of somebody unknown', () => {
    gateway.say(
      `<presence from='stranger@rooms.norway.lit' to='${ELSINORE}'><fmuc xmlns='http://isode.com/protocol/fmuc'><reject/></fmuc></presence>`,
    );
    gateway.say(
      `<presence from='${RABBITHOLE}/Nobody' to='${ELSINORE}' type='unavailable'>${fmuc('nobody@wonderland.lit/x')}</presence>`,
    );
    expect(gateway.take(HAMLET)).toEqual([]);
    expect(upwardOf(gateway)?.state).toBe('joined');
  });
});

describe('the last one here leaves (XEP-0289 §5.4)', () => {
  it('at once where the file says so', () => {
    const gateway = start(0);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    accept(gateway);
    drop(gateway);
    gateway.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['presence unavailable Hamlet']);
    expect(gateway.core.service.get(ELSINORE)?.occupants.size).toBe(0);
  });

  it('else after leave_after: until then the set is not left', () => {
    const gateway = start(60_000 / 1000);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    accept(gateway);
    drop(gateway);
    gateway.send(leaves(HAMLET, ELSINORE, 'Hamlet'));
    gateway.world.settle(59_999);
    expect(briefFor(gateway, RABBITHOLE)).toEqual([]);
    gateway.world.settle(1);
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['presence unavailable Hamlet']);
    expect(upwardOf(gateway)?.state).toBe('local');
  });

  it('the same one is back in time: nothing crosses', () => {
    const gateway = start(60);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    accept(gateway);
    gateway.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    drop(gateway);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.world.settle(120_000);
    expect(briefFor(gateway, RABBITHOLE)).toEqual([]);
    expect(upwardOf(gateway)?.state).toBe('joined');
  });

  it('another one comes in time: first they enter, then the one who left is gone', () => {
    const gateway = start(60);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    accept(gateway);
    gateway.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    drop(gateway);
    gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    expect(briefFor(gateway, RABBITHOLE).toSorted()).toEqual(['presence Ophelia', 'presence unavailable Hamlet']);
    expect(upwardOf(gateway)?.state).toBe('joined');
  });

  it('a <left/> while somebody is here means that we were lost: we join again, and keep who is known meanwhile', () => {
    const gateway = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    accept(gateway);
    drop(gateway);
    gateway.say(
      `<presence from='${RABBITHOLE}' to='${ELSINORE}'><fmuc xmlns='http://isode.com/protocol/fmuc'><left/></fmuc></presence>`,
    );
    expect(upwardOf(gateway)?.state).toBe('out-of-reach');
    gateway.say(says(HAMLET, ELSINORE, 'meanwhile'));
    gateway.world.settle(RETRY_MIN);
    gateway.take(HAMLET);
    accept(gateway);
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['presence Hamlet', 'message Hamlet meanwhile']);
    expect(gateway.take(HAMLET)).toEqual([]);
  });
});

describe('in the name of our own users', () => {
  it('the node above says nothing, neither live nor as history nor in private', () => {
    const gateway = start();
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    accept(gateway);
    drop(gateway);
    const delay = `<delay xmlns='urn:xmpp:delay' stamp='2025-12-31T12:00:00Z'/>`;
    for (const more of ['', delay])
      gateway.say(
        `<message from='${RABBITHOLE}/Hamlet' to='${ELSINORE}' type='groupchat'>${fmuc(HAMLET)}<body>forged</body>${more}</message>`,
      );
    gateway.say(
      `<message from='${RABBITHOLE}/Hamlet' to='${ELSINORE}/Ophelia' type='chat'>${fmuc(HAMLET)}<body>forged</body></message>`,
    );
    gateway.say(`<presence from='${RABBITHOLE}/Hamlet' to='${ELSINORE}' type='unavailable'>${fmuc(HAMLET)}</presence>`);
    gateway.say(
      `<message from='${RABBITHOLE}/Ghost' to='${ELSINORE}' type='groupchat'>${fmuc('ghost@denmark.lit/x')}<body>forged</body></message>`,
    );
    expect(gateway.recipients).toEqual([]);
    expect(gateway.core.service.get(ELSINORE)?.occupants.size).toBe(3);
  });
});

describe('circles', () => {
  it('a node that we have joined may not join us', () => {
    const gateway = new VirtualWorld().gateway('rooms.denmark.lit', {
      gateway: { localDomains: ['denmark.lit'] },
      rooms: [{ name: 'elsinore', federate: [RABBITHOLE], accept: ['*'] }],
    });
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    accept(gateway);
    drop(gateway);
    gateway.say(nodeJoins(RABBITHOLE, ELSINORE, 'Alice', ALICE));
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['presence - reject']);
  });
});
