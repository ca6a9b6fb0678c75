import { describe, expect, it } from 'vitest';
import { attribute, type Element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { brief } from './nodes.ts';
import { OpenfireRoom } from './openfire.ts';
import { RULES } from './openfire-rules.ts';
import { authorOf, bareOf } from './openfire-stanzas.ts';

/* The scripted Openfire has Openfire's faults: rooms of it talking to one another. */

const ANN = 'ann@a.lit/pc';
const ART = 'art@a.lit/pc';
const BOB = 'bob@b.lit/pc';
const CAT = 'cat@c.lit/pc';

/** Carries stanzas between rooms until nothing moves, or that many have moved. Those that `isLost` says never arrive. */
function carry(
  rooms: readonly OpenfireRoom[],
  stanzas: readonly Element[],
  limit = 1000,
  isLost: (stanza: Element) => boolean = () => false,
): Element[] {
  const under = [...stanzas];
  const moved: Element[] = [];
  for (let stanza = under.shift(); stanza !== undefined && moved.length < limit; stanza = under.shift()) {
    moved.push(stanza);
    const to = bareOf(attribute(stanza, 'to') ?? '');
    if (!isLost(stanza)) under.push(...(rooms.find(({ jid }) => jid === to)?.handle(stanza) ?? []));
  }
  return moved;
}

function pair(): { a: OpenfireRoom; b: OpenfireRoom; both: OpenfireRoom[] } {
  const a = new OpenfireRoom('room@conference.a.lit', 'room@conference.b.lit');
  const b = new OpenfireRoom('room@conference.b.lit');
  return { a, b, both: [a, b] };
}

describe('a join', () => {
  it('has <x muc/> and no history request, and the ordinary presence comes once it is answered', () => {
    const { a, b, both } = pair();
    carry(both, b.userJoins('Bob', BOB));
    const moved = carry(both, a.userJoins('Ann', ANN));
    expect(brief(moved)).toEqual(['presence Ann', 'presence Bob', 'message - =', 'presence Ann']);
    const [join, occupant, subject, second] = moved;
    expect(join && findChild(join, 'x', NS.muc)?.children).toEqual([]);
    expect(join && serialise(join)).not.toContain(' jid=');
    expect(occupant && serialise(occupant)).toContain(`jid="${b.jid}/Bob"`);
    expect(subject && [attribute(subject, 'from'), authorOf(subject)]).toEqual([b.jid, b.jid]);
    expect(second && [attribute(second, 'to'), findChild(second, 'x', NS.muc)]).toEqual([`${b.jid}/Ann`, undefined]);
    expect([a.nicks, b.nicks]).toEqual([
      ['Ann', 'Bob'],
      ['Ann', 'Bob'],
    ]);
    expect([...a.broken, ...b.broken]).toEqual([]);
  });

  it('brings the last 25 messages, under occupant JIDs, and they are thrown away', () => {
    const { a, b, both } = pair();
    carry(both, b.userJoins('Bob', BOB));
    for (let word = 0; word < 30; word++) carry(both, b.userSays('Bob', `w${word}`));
    const history = carry(both, a.userJoins('Ann', ANN)).filter((stanza) => findChild(stanza, 'body') !== undefined);
    expect(history).toHaveLength(25);
    expect(history.map(authorOf)).toEqual(history.map(() => `${b.jid}/Bob`));
    expect(a.heard).toEqual(['+ Bob', '= ']);
  });

  it('goes also to nodes that have joined, with <x muc/> and before the ordinary presence', () => {
    const { a, b, both } = pair();
    carry(both, a.userJoins('Ann', ANN));
    const moved = carry(both, b.userJoins('Bob', BOB));
    expect(moved.map((stanza) => findChild(stanza, 'x', NS.muc) !== undefined)).toEqual([true, false]);
    expect(a.nicks).toEqual(['Ann', 'Bob']);
  });

  it('of the node that it joins itself is rejected, to the full JID', () => {
    const { a } = pair();
    const other = new OpenfireRoom('room@conference.b.lit', a.jid);
    const [rejection] = carry([a, other], other.userJoins('Bob', BOB)).slice(1);
    expect(rejection && [brief([rejection]), attribute(rejection, 'to')]).toEqual([
      ['presence - reject'],
      `${other.jid}/Bob`,
    ]);
    expect(other.outbound).toBe('none');
  });

  it('is never given up', () => {
    const { a, b } = pair();
    a.userJoins('Ann', ANN);
    expect(a.userSays('Ann', 'hello?')).toEqual([]);
    expect([a.outbound, b.inbound]).toEqual(['joining', []]);
  });

  it('that is answered with a presence of nobody comes to nothing', () => {
    const { a, b } = pair();
    carry([a], a.userJoins('Ann', ANN));
    const left = `<presence from='${b.jid}' to='${a.jid}'><fmuc xmlns='${NS.fmuc}'><left/></fmuc></presence>`;
    const subject = `<message from='${b.jid}' to='${a.jid}' type='groupchat'><fmuc xmlns='${NS.fmuc}' from='${b.jid}'/>
      <subject/></message>`;
    carry([a], [parseElement(left), parseElement(subject)]);
    expect(a.broken).toEqual([RULES.anonymous]);
    expect(a.dropped).toEqual([`the whole accept: ${b.jid}`]);
  });
});

describe('two nodes', () => {
  function joined(): ReturnType<typeof pair> {
    const both = pair();
    carry(both.both, both.b.userJoins('Bob', BOB));
    carry(both.both, both.a.userJoins('Ann', ANN));
    both.a.heard.length = 0;
    both.b.heard.length = 0;
    return both;
  }

  it('exchange messages without echo, to the full address one way and to the bare one the other', () => {
    const { a, b, both } = joined();
    expect(carry(both, a.userSays('Ann', 'hi')).map((stanza) => attribute(stanza, 'to'))).toEqual([`${b.jid}/Ann`]);
    expect(carry(both, b.userSays('Bob', 'ho')).map((stanza) => attribute(stanza, 'to'))).toEqual([a.jid]);
    expect([a.heard, b.heard]).toEqual([
      ['Ann: hi', 'Bob: ho'],
      ['Ann: hi', 'Bob: ho'],
    ]);
  });

  it('drop the message of an author whom they know by another address', () => {
    const { b, both } = joined();
    carry(both, [
      parseElement(`<message from='room@conference.a.lit/Ann' to='${b.jid}' type='groupchat'>
        <fmuc xmlns='${NS.fmuc}' from='ann@a.lit/phone'/><body>lost</body></message>`),
    ]);
    expect(b.heard).toEqual([]);
    expect(b.broken).toEqual([RULES.unknownAuthor]);
  });

  it('lose changes of show and roles', () => {
    const { a, b, both } = joined();
    carry(both, a.userChangesShow('Ann', 'away'));
    expect(b.dropped.at(-1)).toContain('somebody known');
    carry(both, a.changes('Ann', { role: 'visitor' }));
    expect(b.broken).toEqual([RULES.bare]);
    expect(b.nicks).toEqual(['', 'Ann', 'Bob']);
  });

  it('take a kick for the leave of the kicker', () => {
    const { a, b, both } = joined();
    const moved = carry(both, b.userKicks('Bob', 'Ann'));
    expect(moved.map((stanza) => [attribute(stanza, 'from'), authorOf(stanza)])).toEqual([
      [`${b.jid}/Bob`, BOB],
      [b.jid, b.jid],
    ]);
    expect([a.nicks, b.nicks]).toEqual([['Ann'], ['Bob']]);
  });

  it('part when the only occupant changes nick, and the other node forgets it', () => {
    const { a, b, both } = joined();
    const moved = carry(both, a.userRenames('Ann', 'Anna'));
    expect(brief(moved)).toEqual(['presence unavailable Ann 303', 'presence Anna', 'presence - left']);
    expect([a.outbound, b.inbound, b.nicks, a.nicks]).toEqual(['none', [], ['Bob'], ['Anna']]);
    expect(b.broken).toEqual([RULES.rename]);
    carry(both, a.userSays('Anna', 'anybody?'));
    expect(b.heard).toEqual(['- Ann']);
    carry(both, a.userJoins('Art', ART));
    expect(b.nicks).toEqual(['Art', 'Bob']);
  });

  it('keep one another while somebody else is there', () => {
    const { a, b, both } = joined();
    carry(both, a.userJoins('Art', ART));
    carry(both, a.userRenames('Ann', 'Anna'));
    expect(b.nicks).toEqual(['Anna', 'Art', 'Bob']);
    carry(both, [...a.userLeaves('Anna'), ...a.userLeaves('Art')]);
    expect([a.outbound, b.inbound]).toEqual(['none', []]);
  });

  it('send a private message past the other node, and show everyone the one that comes through it', () => {
    const { a, b, both } = joined();
    const [whisper] = a.userWhispers('Ann', 'Bob', 'psst');
    expect(whisper && attribute(whisper, 'to')).toBe(BOB);
    carry(both, [
      parseElement(`<message from='${a.jid}/Ann' to='${b.jid}/Bob' type='chat'><fmuc xmlns='${NS.fmuc}' from='${ANN}'/>
        <body>psst</body></message>`),
    ]);
    expect([b.leaked, b.broken]).toEqual([['Ann: psst'], [RULES.private]]);
  });

  it('keep ghosts after a failure of the link, and a join anew of the known gets no answer', () => {
    const { a, b, both } = joined();
    a.userLeaves('Ann');
    expect(b.nicks).toEqual(['Ann', 'Bob']);
    a.restart();
    const moved = carry(both, a.userJoins('Ann', ANN));
    expect(brief(moved)).toEqual(['presence Ann']);
    expect(a.outbound).toBe('joining');
  });
});

describe('three nodes', () => {
  const rooms = (): [OpenfireRoom, OpenfireRoom, OpenfireRoom] => [
    new OpenfireRoom('room@conference.a.lit', 'room@conference.b.lit'),
    new OpenfireRoom('room@conference.b.lit', 'room@conference.c.lit'),
    new OpenfireRoom('room@conference.c.lit', 'room@conference.a.lit'),
  ];
  const countOf = (room: OpenfireRoom, line: string): number => room.heard.filter((heard) => heard === line).length;

  it('are taken into a ring, where messages arrive twice', () => {
    const [a, b, c] = rooms();
    const all = [a, b, c];
    carry(all, c.userJoins('Cat', CAT));
    carry(all, b.userJoins('Bob', BOB));
    carry(all, a.userJoins('Ann', ANN));
    expect(all.map(({ outbound }) => outbound)).toEqual(['joined', 'joined', 'joined']);
    carry(all, c.userSays('Cat', 'hi'));
    expect(Math.max(...all.map((room) => countOf(room, 'Cat: hi')))).toBe(2);
  });

  it('loop for ever in a ring once one link of it has been down while somebody came', () => {
    const [a, b, c] = rooms();
    const all = [a, b, c];
    carry(all, c.userJoins('Cat', CAT));
    carry(all, b.userJoins('Bob', BOB));
    carry(all, a.userJoins('Ann', ANN));
    const ends = (stanza: Element): string =>
      ['from', 'to']
        .map((name) => bareOf(attribute(stanza, name) ?? ''))
        .toSorted()
        .join(' ');
    const isBetween = (stanza: Element): boolean => ends(stanza) === [a.jid, c.jid].join(' ');
    carry(all, a.userJoins('Art', ART), 1000, isBetween);
    expect(c.nicks).toContain('Art');
    expect(carry(all, a.userSays('Art', 'for ever'), 500)).toHaveLength(500);
    expect(countOf(a, 'Art: for ever')).toBeGreaterThan(20);
  });

  it('in a tree are told nothing of who was there before the node above was joined', () => {
    const [a, b] = rooms();
    const d = new OpenfireRoom('room@conference.d.lit', a.jid);
    const all = [a, b, d];
    carry(all, d.userJoins('Dan', 'dan@d.lit/pc'));
    carry(all, a.userJoins('Ann', ANN));
    expect(b.nicks).toEqual(['Ann']);
    carry(all, d.userSays('Dan', 'unheard'));
    expect(b.dropped.at(-1)).toContain('somebody unknown');
  });
});
