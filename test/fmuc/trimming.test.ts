import { beforeEach, describe, expect, it } from 'vitest';
import { CARRIED, MAX_THREAD, saysSomething, trim } from '../../src/fmuc/trimming.ts';
import { isWhole } from '../../src/muc/message.ts';
import { type Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import {
  ALICE,
  brief,
  drop,
  ELSINORE,
  enters,
  HAMLET,
  type Pair,
  pair,
  RABBITHOLE,
  WONDERLAND,
} from '../support/nodes.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* What of a message crosses a constrained link, and what of another way. */

function trimmed(payloads: string): { readonly left: string; readonly dropped: string[]; readonly says: boolean } {
  const dropped: string[] = [];
  const content = trim(parseElement(`<message>${payloads}</message>`), (payload) => dropped.push(serialise(payload)));
  return {
    left: serialise(content)
      .replace(/^<message>|^<message\/>|<\/message>$/g, '')
      .replaceAll('"', "'"),
    dropped,
    says: saysSomething(content),
  };
}

const BODY = '<body>Hi</body>';

describe('crosses', () => {
  it.each([
    ['a body in every language', `${BODY}<body xml:lang='da'>Hej</body>`],
    ['a change of subject', '<subject>tea</subject>'],
    ['a subject beside a body', `<subject>tea</subject>${BODY}`],
    ['a short thread', `${BODY}<thread>e0</thread>`],
    ['XEP-0258 a security label', `${BODY}<securitylabel xmlns='urn:xmpp:sec-label:0'><label/></securitylabel>`],
    ['XEP-0308 a correction', `${BODY}<replace xmlns='urn:xmpp:message-correct:0' id='~1@a@b'/>`],
    [
      'XEP-0461 a reply, with XEP-0428 the part of the body that stands for it',
      `${BODY}<reply xmlns='urn:xmpp:reply:0' id='~1@a@b'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='1'/></fallback>`,
    ],
    ['XEP-0444 reactions', "<reactions xmlns='urn:xmpp:reactions:0' id='~1@a@b'><reaction>x</reaction></reactions>"],
    ['XEP-0424 a retraction', "<retract xmlns='urn:xmpp:message-retract:1' id='~1@a@b'/>"],
    [
      'XEP-0425 a moderated one',
      "<retract xmlns='urn:xmpp:message-retract:1' id='~1@a@b'><moderated xmlns='urn:xmpp:message-moderate:1' by='a@b/c'/></retract>",
    ],
    ['XEP-0424 what is left of a retracted message', "<retracted xmlns='urn:xmpp:message-retract:1' id='~2@a@b'/>"],
    ['XEP-0066 the address of a file', `${BODY}<x xmlns='jabber:x:oob'><url>https://x/y</url></x>`],
    ['XEP-0249 an invitation', "<x xmlns='jabber:x:conference' jid='a@b'/>"],
    [
      'XEP-0384 what is encrypted, and XEP-0380 how',
      "<encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'/></encrypted><encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/>",
    ],
    ['XEP-0384 the same, older', "<encrypted xmlns='eu.siacs.conversations.axolotl'><payload>x</payload></encrypted>"],
    ['XEP-0373', "<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>"],
    ['XEP-0027', "<x xmlns='jabber:x:encrypted'>x</x>"],
  ])('%s', (_, payloads) => {
    expect(trimmed(payloads)).toEqual({ left: payloads, dropped: [], says: true });
  });

  it('whatever is a message by itself', () => {
    const all = CARRIED.map(({ name, namespace }) => element(name, { xmlns: namespace }));
    const whole = all.filter(isWhole).map(({ name, attrs }) => `${name} ${attrs['xmlns'] ?? ''}`.trim());
    expect(whole).toEqual([
      'body',
      `x ${NS.openPgpLegacy}`,
      `x ${NS.outOfBand}`,
      `x ${NS.conference}`,
      `openpgp ${NS.openPgp}`,
      `encrypted ${NS.omemo}`,
      `encrypted ${NS.omemoLegacy}`,
      `retract ${NS.retract}`,
      `retracted ${NS.retract}`,
      `reactions ${NS.reactions}`,
    ]);
  });
});

describe('stays here', () => {
  it.each([
    ['XEP-0085 a chat state', "<active xmlns='http://jabber.org/protocol/chatstates'/>"],
    ['XEP-0184 a request for a receipt', "<request xmlns='urn:xmpp:receipts'/>"],
    ['XEP-0184 a receipt', "<received xmlns='urn:xmpp:receipts' id='1'/>"],
    ['XEP-0333 a marker', "<markable xmlns='urn:xmpp:chat-markers:0'/>"],
    [
      'XEP-0071 XHTML',
      "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>Hi</body></html>",
    ],
    ['XEP-0115 capabilities', "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>"],
    ['XEP-0334 hints', "<store xmlns='urn:xmpp:hints'/>"],
    ['XEP-0359 an id of a client', "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>"],
    ['XEP-0153 a photograph', "<x xmlns='vcard-temp:x:update'><photo/></x>"],
    ['what nobody knows', "<unknown xmlns='urn:example'/>"],
    ['a thread as clients make it', `<thread>${'e'.repeat(MAX_THREAD + 1)}</thread>`],
    ['a thread with such a parent', `<thread parent='${'e'.repeat(MAX_THREAD)}'>1</thread>`],
    [
      'the mark that a text stands for what isn’t there',
      "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'/>",
    ],
    ['the mark that a text stands for anything', "<fallback xmlns='urn:xmpp:fallback:0'/>"],
  ])('%s', (_, payload) => {
    const { left, dropped, says } = trimmed(BODY + payload);
    expect(left).toBe(BODY);
    expect(dropped.map((xml) => xml.replaceAll('"', "'"))).toEqual([payload]);
    expect(says).toBe(true);
    expect(trimmed(payload)).toMatchObject({ left: '', says: false });
  });

  it('a subject that is no change of the subject, since a thread stands beside it', () => {
    expect(trimmed('<subject>tea</subject><thread>e0</thread>')).toMatchObject({ says: false });
  });
});

describe('between gateways of ours', () => {
  const STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
  const UNKNOWN = "<unknown xmlns='urn:example'/>";
  const STORED = `${UNKNOWN}<store xmlns='urn:xmpp:hints'/>`;
  const says = (payloads: string, to = ELSINORE, type = 'groupchat') =>
    `<message from='${HAMLET}' to='${to}' type='${type}' id='f81d4fae-7dec-41d0-a765-000000000001'>${payloads}</message>`;
  let story: Pair;

  function gather({ denmark, wonderland, world }: Pair): void {
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    drop(denmark, wonderland);
  }

  /** Each behind the XMPP server of the other, with no link. */
  function servers(): Pair {
    const world = new VirtualWorld();
    const denmark = world.gateway('rooms.denmark.lit', {
      rooms: [{ name: 'elsinore', federate: [RABBITHOLE] }],
    });
    const wonderland = world.gateway('rooms.wonderland.lit', {
      rooms: [{ name: 'rabbithole', accept: [ELSINORE] }],
    });
    const route = (from: VirtualGateway, to: VirtualGateway) => {
      const carry = (stanza: Element): void => {
        from.crossed.push(serialise(stanza));
        world.schedule(100, () => to.send(serialise(stanza)));
      };
      // What it has asked before there was a way.
      from.take(to.domain).forEach(carry);
      from.servers.set(to.domain, carry);
    };
    route(denmark, wonderland);
    route(wonderland, denmark);
    world.settle();
    return { world, denmark, wonderland };
  }

  const spared = ({ denmark }: Pair) => denmark.core.links[0]?.spared;
  const waiting = ({ denmark }: Pair) => denmark.core.federation.node(ELSINORE)?.upward?.at.waitingMessages;

  beforeEach(() => {
    story = pair();
    gather(story);
  });

  it('only the conversation crosses a link; those here have all of it, and the archive too; what is spared is counted', () => {
    const { denmark, wonderland } = story;
    denmark.say(says(BODY + STATE + UNKNOWN));
    expect(denmark.crossed).toHaveLength(1);
    expect(denmark.crossed[0]).not.toMatch(/composing|unknown|f81d4fae/);
    const [heard = ''] = wonderland.takeText(ALICE);
    expect(heard).toMatch(/^<message id="~\w+@elsinore@rooms.denmark.lit" from="rabbithole@[^"]*\/Hamlet"/);
    expect(denmark.takeText(HAMLET)[0]).toMatch(/id="f81d4fae.*<composing.*<unknown/);
    expect(denmark.store.messages(ELSINORE)[0]?.stanza).toMatch(/id="f81d4fae.*<composing.*<unknown/);
    const characters = serialise(parseElement(STATE)).length + serialise(parseElement(UNKNOWN)).length;
    expect(spared(story)).toEqual({ presences: 0, payloads: 2, payloadCharacters: characters });
  });

  it('all but the ids that are made anew crosses another way', () => {
    story = servers();
    gather(story);
    story.denmark.say(says(BODY + STATE + UNKNOWN));
    const [heard = ''] = story.wonderland.takeText(ALICE);
    expect(heard).toMatch(/^<message id="~\w+@elsinore@rooms.denmark.lit".*<composing.*<unknown/);
    expect(story.denmark.crossed.join()).not.toContain('f81d4fae');
  });

  it('what is kept only because it asks to be crosses no link, gets no number, and nobody waits for it', () => {
    const { denmark, wonderland, world } = story;
    const number = denmark.core.service.get(ELSINORE)?.lastOriginSeq;
    for (let count = 0; count < 3; count++) denmark.say(says(STORED));
    expect(denmark.crossed).toEqual([]);
    expect(denmark.store.messages(ELSINORE)).toHaveLength(3);
    expect(denmark.core.service.get(ELSINORE)?.lastOriginSeq).toBe(number);
    expect(waiting(story)).toBe(0);
    denmark.cut();
    denmark.say(says(STORED));
    denmark.say(says(BODY));
    world.settle(60_000);
    expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet Hi']);
  });

  it('what is kept only because it asks to be crosses another way, once, and comes back to nobody', () => {
    story = servers();
    gather(story);
    const { denmark, wonderland } = story;
    denmark.say(says(STORED));
    expect(wonderland.takeText(ALICE).filter((xml) => xml.includes('<store'))).toHaveLength(1);
    expect(denmark.takeText(HAMLET)).toHaveLength(1);
    expect(wonderland.store.messages(RABBITHOLE)[0]).toMatchObject({ foreign: { by: ELSINORE } });
    expect(waiting(story)).toBe(0);
  });

  it('a message of an archive of before, of which nothing can cross, is not waited for', () => {
    const { denmark, wonderland, world } = story;
    denmark.cut();
    world.settle(700);
    denmark.send(says(BODY));
    const [record] = denmark.store.messages(ELSINORE);
    if (record === undefined) throw new Error('nothing kept');
    // As an earlier version kept a reaction: with the id of its client, and the stanza-id that it knew.
    Object.assign(record, {
      stanza: `<message id="f81d4fae"><reactions xmlns="${NS.reactions}" id="abc"><reaction>x</reaction></reactions></message>`,
    });
    world.settle(60_000);
    expect(wonderland.take(ALICE)).toEqual([]);
    expect(waiting(story)).toBe(0);
    const before = denmark.crossed.length;
    denmark.cut();
    world.settle(60_000);
    expect(denmark.crossed.slice(before).join()).not.toMatch(/reactions|skip/);
    expect(waiting(story)).toBe(0);
  });

  it('a message of an archive of before loses its id on its way', () => {
    const { denmark, wonderland, world } = story;
    denmark.cut();
    world.settle(700);
    denmark.send(says(BODY));
    world.settle(60_000);
    expect(denmark.crossed.join()).toContain(BODY);
    expect(denmark.crossed.join()).not.toContain('f81d4fae');
    expect(wonderland.takeText(ALICE)[0]).toMatch(/^<message id="~/);
  });

  it('one that came with its id before is called so there still, and a correction of it finds it', () => {
    const { denmark, wonderland, world } = story;
    const old = 'f81d4fae-7dec-41d0-a765-000000000001';
    denmark.say(says(BODY));
    const [record] = wonderland.store.messages(RABBITHOLE);
    if (record === undefined) throw new Error('nothing kept');
    Object.assign(record, { stanza: record.stanza.replace(/id="~[^"]*"/, `id="${old}"`) });
    wonderland.kill();
    const again = world.gateway('rooms.wonderland.lit', WONDERLAND, wonderland.store);
    again.say(enters(ALICE, RABBITHOLE, 'Alice'));
    world.settle(60_000);
    denmark.say(says(`<body>Ho</body><replace xmlns='${NS.correction}' id='${old}'/>`));
    const texts = again.takeText(ALICE);
    expect(texts.find((xml) => xml.includes(BODY))).toContain(`<message id="${old}"`);
    expect(texts.at(-1)).toContain(`<replace xmlns="${NS.correction}" id="${old}"/>`);
    expect(denmark.crossed.join()).not.toContain(old);
  });

  it('a private message keeps its id and its references, and is trimmed as any other', () => {
    const { denmark, wonderland } = story;
    const reply = `<reply xmlns='${NS.reply}' id='p1' to='${ELSINORE}/Alice'/>`;
    denmark.say(
      says(`${BODY}${STATE}<replace xmlns='${NS.correction}' id='p0'/>${reply}`, `${ELSINORE}/Alice`, 'chat'),
    );
    expect(denmark.crossed.join()).not.toContain('composing');
    const [text = ''] = wonderland.takeText(ALICE);
    expect(text).toMatch(/id="f81d4fae.*<replace [^>]*id="p0"\/><reply /);
    expect(text).toContain(`id="p1" to="${RABBITHOLE}/Alice"`);
    expect(spared(story)).toMatchObject({ payloads: 1 });
  });

  it('a chat state alone in private stays here', () => {
    const { denmark, wonderland } = story;
    denmark.say(says(STATE, `${ELSINORE}/Alice`, 'chat'));
    expect(denmark.crossed).toEqual([]);
    expect([...denmark.recipients, ...wonderland.recipients]).toEqual([]);
    expect(spared(story)).toMatchObject({ payloads: 1 });
  });

  it('a change of subject crosses as a subject alone', () => {
    story = pair({ gateway: { localDomains: ['denmark.lit'], admins: ['hamlet@denmark.lit'] } });
    gather(story);
    const { denmark, wonderland } = story;
    denmark.say(says(`<subject>tea</subject>${STATE}`));
    expect(denmark.crossed.join()).not.toMatch(/composing|f81d4fae/);
    expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet = tea']);
  });
});
