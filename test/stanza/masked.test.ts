import { describe, expect, it } from 'vitest';
import { MASK, masked } from '../../src/stanza/masked.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';

/* What whoever looks on at stanzas is not shown. */

const SECRET = 's3cret';
const field = (attributes: string): string =>
  `<iq type='set'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field ${attributes}><value>${SECRET}</value></field></x></query></iq>`;

describe('a secret is masked', () => {
  it.each([
    [
      'XEP-0045 §7.2.6 in a join',
      `<presence><x xmlns='http://jabber.org/protocol/muc'><password>${SECRET}</password></x></presence>`,
    ],
    [
      'XEP-0045 §7.8.2 in an invitation',
      `<message><x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b'/><password>${SECRET}</password></x></message>`,
    ],
    [
      'XEP-0249 in a direct invitation',
      `<message><x xmlns='jabber:x:conference' jid='a@b' password='${SECRET}'/></message>`,
    ],
    ['XEP-0045 §10.2 in a form', field("var='muc#roomconfig_roomsecret'")],
    ['XEP-0004 in any private field', field("var='x' type='text-private'")],
    ['XEP-0077 of an account', `<iq><query xmlns='jabber:iq:register'><password>${SECRET}</password></query></iq>`],
    ['XEP-0078', `<iq><query xmlns='jabber:iq:auth'><digest>${SECRET}</digest></query></iq>`],
    ['XEP-0114', `<iq><handshake xmlns='jabber:component:accept'>${SECRET}</handshake></iq>`],
    ['XEP-0220', `<message><result xmlns='jabber:server:dialback' from='a' to='b'>${SECRET}</result></message>`],
    ['RFC 6120 §6', `<iq><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${SECRET}</auth></iq>`],
    [
      'XEP-0047 a part of a file',
      `<iq><data xmlns='http://jabber.org/protocol/ibb' seq='0' sid='x'>${SECRET}</data></iq>`,
    ],
    ['XEP-0231 a file', `<message><data xmlns='urn:xmpp:bob' cid='x' type='image/png'>${SECRET}</data></message>`],
  ])('%s', (_, xml) => {
    const stanza = parseElement(xml);
    const before = serialise(stanza);
    const shown = serialise(masked(stanza));
    expect(shown).toBe(before.replace(SECRET, MASK));
    // The stanza itself goes on.
    expect(serialise(stanza)).toBe(before);
  });

  it('wherever it stands', () => {
    const xml = `<message><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><x xmlns='http://jabber.org/protocol/muc#user'><password>${SECRET}</password></x></message></forwarded></message>`;
    expect(serialise(masked(parseElement(xml)))).not.toContain(SECRET);
  });
});

it('whatever has none is shown as it is: what people say, forms, hashes', () => {
  for (const xml of [
    `<message><body>The password is ${SECRET}</body></message>`,
    "<iq><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data'><field var='muc#roomconfig_roomname'><value>Elsinore</value></field></x></query></iq>",
    "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>",
    "<presence><x xmlns='http://jabber.org/protocol/muc'><password/></x></presence>",
  ]) {
    const stanza = parseElement(xml);
    expect(masked(stanza)).toBe(stanza);
  }
});
