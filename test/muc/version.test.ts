import { describe, expect, it } from 'vitest';
import { Jid } from '../../src/lib/jid.ts';
import { unescapeLocal } from '../../src/lib/jid-escaping.ts';
import { attribute, findChild, findChildren } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { enters } from '../support/nodes.ts';
import { CRONE1, HAG, ROOM, RoomStory } from '../support/room-story.ts';
import { VERSION } from '../support/virtual.ts';

/* What the service and its rooms tell of themselves: XEP-0030, XEP-0092, XEP-0106, XEP-0115, XEP-0199, XEP-0202. */

const SERVICE = 'chat.shakespeare.lit';
const CAVE = String.raw`dark\20cave\40\3cnight\3e@chat.shakespeare.lit`;

const asks = (to: string, payload: string, type = 'get'): string =>
  `<iq from='${HAG}' to='${to}' type='${type}' id='q'>${payload}</iq>`;

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

describe.each([
  ['the service', SERVICE],
  ['a room', ROOM],
])('%s', (_, to) => {
  it('XEP-0092 tells what it runs, and on what not', () => {
    coven()
      .send(asks(to, `<query xmlns='jabber:iq:version'/>`))
      .expectAll({
        [HAG]: [
          `<iq from='${to}' type='result' id='q'><query xmlns='jabber:iq:version'>
            <name>fmucd</name><version>${VERSION}</version></query></iq>`,
        ],
      });
  });

  it('XEP-0199 answers a ping', () => {
    coven()
      .send(asks(to, `<ping xmlns='urn:xmpp:ping'/>`))
      .expectAll({ [HAG]: [`<iq from='${to}' type='result' id='q'/>`] });
  });

  it('XEP-0202 tells the time, in UTC', () => {
    const story = coven();
    story.gateway.world.now = Date.UTC(2026, 1, 3, 4, 5, 6);
    story.gateway.send(asks(to, `<time xmlns='urn:xmpp:time'/>`));
    story.expectAll({
      [HAG]: [
        `<iq from='${to}' type='result' id='q'><time xmlns='urn:xmpp:time'>
          <tzo>+00:00</tzo><utc>2026-02-03T04:05:06Z</utc></time></iq>`,
      ],
    });
  });

  it('XEP-0030 §3.1 tells each feature once, those that it has among them, in an order that never changes', () => {
    const [answer] = coven()
      .send(asks(to, `<query xmlns='${NS.discoInfo}'/>`))
      .gateway.take(HAG);
    const query = answer && findChild(answer, 'query', NS.discoInfo);
    if (query === undefined) throw new Error('no answer');
    const features = findChildren(query, 'feature').map((feature) => attribute(feature, 'var') ?? '');
    expect(features).toEqual([...new Set(features)].toSorted());
    for (const feature of ['jabber:iq:version', 'urn:xmpp:ping', 'urn:xmpp:time', String.raw`jid\20escaping`])
      expect(features).toContain(feature);
    expect(features).not.toContain('urn:xmpp:hats:0');
  });

  it('XEP-0115 §5.4 tells nothing that makes its hash ill-formed', () => {
    const [answer] = coven()
      .send(asks(to, `<query xmlns='${NS.discoInfo}'/>`))
      .gateway.take(HAG);
    const query = answer && findChild(answer, 'query', NS.discoInfo);
    if (query === undefined) throw new Error('no answer');
    const identities = findChildren(query, 'identity').map(({ attrs }) =>
      [attrs['category'], attrs['type'], attrs['xml:lang']].join('/'),
    );
    expect(identities).toEqual([...new Set(identities)]);
    expect(identities).not.toEqual([]);
    const types = findChildren(query, 'x', NS.dataForms).map((form) => {
      const fields = findChildren(form, 'field');
      const names = fields.map((field) => attribute(field, 'var'));
      expect(names).toEqual([...new Set(names)]);
      const [type] = fields.filter((field) => attribute(field, 'var') === 'FORM_TYPE');
      expect(type && attribute(type, 'type')).toBe('hidden');
      expect(type && findChildren(type, 'value')).toHaveLength(1);
      return type && findChild(type, 'value')?.getText();
    });
    expect(types).toEqual([...new Set(types)]);
  });

  it.each(['jabber:iq:version', 'urn:xmpp:time', 'urn:xmpp:ping'])('%s cannot be set', (namespace) => {
    const name = { 'jabber:iq:version': 'query', 'urn:xmpp:time': 'time', 'urn:xmpp:ping': 'ping' }[namespace];
    const story = coven().send(asks(to, `<${name} xmlns='${namespace}'/>`, 'set'));
    expect(story.gateway.takeText(HAG).join('')).toContain('<service-unavailable');
  });
});

describe('XEP-0106 a room whose address has escapes', () => {
  it('is made, entered and found under its address, and read by what that stands for', () => {
    const story = new RoomStory().send(enters(HAG, CAVE, 'thirdwitch'));
    const [self] = story.gateway.take(HAG);
    expect(attribute(self as NonNullable<typeof self>, 'from')).toBe(`${CAVE}/thirdwitch`);
    story.send(`<iq from='${HAG}' to='${CAVE}' type='set' id='c'><query xmlns='${NS.mucOwner}'>
      <x xmlns='jabber:x:data' type='submit'/></query></iq>`);
    story.forget().send(asks(SERVICE, `<query xmlns='${NS.discoItems}'/>`));
    story.expectAll({
      [HAG]: [
        `<iq from='${SERVICE}' type='result' id='q'><query xmlns='${NS.discoItems}'>
          <item jid='${CAVE}' name='dark cave@&lt;night&gt;'/></query></iq>`,
      ],
    });
    story.send(asks(CAVE, `<query xmlns='${NS.discoInfo}'/>`));
    expect(story.gateway.takeText(HAG)[0]).toContain('name="dark cave@&lt;night&gt;"');
    story.send(`<message from='${HAG}' to='${CAVE}' type='groupchat'><body>x</body></message>`);
    expect(attribute(story.gateway.take(HAG)[0] as NonNullable<typeof self>, 'from')).toBe(`${CAVE}/thirdwitch`);
  });

  it('§4.1 is another one than a room whose address has other escapes that read the same', () => {
    const one = String.raw`foo\5cbar@chat.shakespeare.lit`;
    const other = String.raw`foo\bar@chat.shakespeare.lit`;
    const story = new RoomStory().send(enters(HAG, one, 'thirdwitch'), enters(CRONE1, other, 'firstwitch'));
    expect(story.gateway.core.service.rooms().map(({ jid }) => jid)).toEqual([one, other]);
  });

  // The examples of §3, §4 and §5: the localpart of the address, and as it is read.
  it.each([
    [String.raw`d\27artagnan`, `d'artagnan`],
    [String.raw`tréville\40musketeers.lit`, 'tréville@musketeers.lit'],
    [String.raw`space\20cadet`, 'space cadet'],
    [String.raw`call\20me\20\22ishmael\22`, 'call me "ishmael"'],
    [String.raw`at\26t\20guy`, 'at&t guy'],
    [String.raw`\2f.fanboy`, '/.fanboy'],
    [String.raw`\3a\3afoo\3a\3a`, '::foo::'],
    [String.raw`\3cfoo\3e`, '<foo>'],
    [String.raw`user\40host`, 'user@host'],
    [String.raw`c\3a\net`, String.raw`c:\net`],
    [String.raw`c\3a\5c5commas`, String.raw`c:\5commas`],
    [String.raw`\5c3and\2is\5c5cool`, String.raw`\3and\2is\5cool`],
    [String.raw`somenick!user\22\26\27\2f\3a\3c\3e\5c3address`, String.raw`somenick!user"&'/:<>\3address`],
    [
      String.raw`here\27s_a_wild_\26_\2fcr%zy\2f_address_for\3a\3cwv\3e(\22imps\22)`,
      `here's_a_wild_&_/cr%zy/_address_for:<wv>("imps")`,
    ],
    // §4.3: what is no escape stays as it is.
    [String.raw`\2plus\2is\4`, String.raw`\2plus\2is\4`],
    [String.raw`foo\bar`, String.raw`foo\bar`],
    [String.raw`foob\41r`, String.raw`foob\41r`],
    // §4.1: a space is neither the first nor the last character.
    [String.raw`\20foo\20`, String.raw`\20foo\20`],
  ])('%s is read as %s, and is a localpart', (escaped, read) => {
    expect(unescapeLocal(escaped)).toBe(read);
    expect(Jid.tryParse(`${escaped}@chat.shakespeare.lit`)?.local).toBe(escaped);
  });
});
