import { describe, expect, it } from 'vitest';
import { Jid } from '../../src/lib/jid.ts';
import { readSubmission } from '../../src/stanza/data-form.ts';
import { delayElement, readDelay } from '../../src/stanza/delay.ts';
import { ERRORS, errorCondition, errorReply, meansGone } from '../../src/stanza/errors.ts';
import { fmucElement, leftPresence, readFmuc, rejectPresence } from '../../src/stanza/fmuc.ts';
import { historyElement, readHistoryRequest } from '../../src/stanza/history-request.ts';
import { readRequest, resultOf } from '../../src/stanza/iq.ts';
import { mucUserElement, readMucUser } from '../../src/stanza/muc-user.ts';
import { readStanzaIds, stanzaIdElement } from '../../src/stanza/stanza-id.ts';
import { type Element, element } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { canonical } from '../support/canonical.ts';

/* One table of payloads, each written and read: what we write is the XML, and reading the XML gives the value again. */

const within = (payload: Element): Element => element('message', {}, payload);

interface Codec {
  readonly name: string;
  readonly value: unknown;
  readonly xml: string;
  readonly written: Element;
  readonly read: (stanza: Element) => unknown;
}

const STAMP = Date.UTC(2012, 3, 19, 16, 0, 44);

const codecs: readonly Codec[] = [
  {
    name: 'XEP-0203 delay',
    value: { stamp: STAMP, from: 'a@b.lit' },
    xml: `<message><delay xmlns='urn:xmpp:delay' from='a@b.lit' stamp='2012-04-19T16:00:44Z'/></message>`,
    written: within(delayElement({ stamp: STAMP, from: 'a@b.lit' })),
    read: readDelay,
  },
  {
    name: 'XEP-0359 stanza-id',
    value: [{ by: 'r@b.lit', id: 'a1' }],
    xml: `<message><stanza-id xmlns='urn:xmpp:sid:0' by='r@b.lit' id='a1'/></message>`,
    written: within(stanzaIdElement({ by: 'r@b.lit', id: 'a1' })),
    read: readStanzaIds,
  },
  {
    name: 'XEP-0289 from',
    value: { kind: 'from', from: Jid.parse('a@b.lit/c') },
    xml: `<message><fmuc xmlns='http://isode.com/protocol/fmuc' from='a@b.lit/c'/></message>`,
    written: within(fmucElement('a@b.lit/c')),
    read: readFmuc,
  },
  {
    name: 'XEP-0289 reject',
    value: { kind: 'reject', reason: 'No.' },
    xml: `<presence from='r@a.lit' to='r@b.lit'><fmuc xmlns='http://isode.com/protocol/fmuc'><reject>No.</reject></fmuc></presence>`,
    written: rejectPresence('r@a.lit', 'r@b.lit', 'No.'),
    read: readFmuc,
  },
  {
    name: 'XEP-0289 left',
    value: { kind: 'left' },
    xml: `<presence from='r@a.lit' to='r@b.lit'><fmuc xmlns='http://isode.com/protocol/fmuc'><left/></fmuc></presence>`,
    written: leftPresence('r@a.lit', 'r@b.lit'),
    read: readFmuc,
  },
  {
    name: 'XEP-0045 extended presence',
    value: {
      affiliation: 'member',
      role: 'none',
      jid: 'a@b.lit/c',
      nick: undefined,
      actor: 'Fluellen',
      reason: 'Avaunt',
      statuses: [110, 307],
    },
    xml: `<message><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member' role='none' jid='a@b.lit/c'>
      <actor nick='Fluellen'/><reason>Avaunt</reason></item><status code='110'/><status code='307'/></x></message>`,
    written: within(
      mucUserElement({
        affiliation: 'member',
        role: 'none',
        jid: 'a@b.lit/c',
        actor: 'Fluellen',
        reason: 'Avaunt',
        statuses: [110, 307],
      }),
    ),
    read: readMucUser,
  },
  {
    name: 'XEP-0045 history',
    value: { maxChars: 3, maxStanzas: 2, seconds: 1, since: STAMP },
    xml: `<message><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='2' maxchars='3' seconds='1' since='2012-04-19T16:00:44Z'/></x></message>`,
    written: within(
      element(
        'x',
        { xmlns: 'http://jabber.org/protocol/muc' },
        historyElement({ maxStanzas: 2, maxChars: 3, seconds: 1, since: '2012-04-19T16:00:44Z' }),
      ),
    ),
    read: readHistoryRequest,
  },
];

describe.each(codecs)('$name', ({ value, xml, written, read }) => {
  it('is written', () => expect(canonical(serialise(written))).toBe(canonical(xml)));
  it('is read', () => expect(read(parseElement(xml))).toEqual(value));
});

describe('what is read of less than that', () => {
  it.each([
    [`<message><fmuc xmlns='http://isode.com/protocol/fmuc' from='@@'/></message>`, { kind: 'malformed' }],
    [`<message><fmuc xmlns='http://isode.com/protocol/fmuc'/></message>`, { kind: 'malformed' }],
    [`<message><fmuc xmlns='urn:other' from='a@b.lit/c'/></message>`, undefined],
  ])('%s', (xml, expected) => expect(readFmuc(parseElement(xml))).toEqual(expected));

  it('a delay in the old forms', () => {
    for (const payload of [
      `<x xmlns='jabber:x:delay' stamp='20120419T16:00:44'/>`,
      `<x xmlns='urn:xmpp:delay' stamp='20120419T16:00:44'/>`,
    ])
      expect(readDelay(parseElement(`<message>${payload}</message>`))?.stamp).toBe(STAMP);
    expect(readDelay(parseElement(`<message><delay xmlns='urn:xmpp:delay' stamp='soon'/></message>`))).toBeUndefined();
  });

  it('a form that is given up, and fields without a value', () => {
    const form = (xml: string): Element => parseElement(`<message><x xmlns='jabber:x:data' ${xml}</x></message>`);
    expect(readSubmission(form(`type='cancel'>`))).toEqual({ kind: 'cancel' });
    expect(readSubmission(form(`type='form'>`))).toBeUndefined();
    expect(readSubmission(form(`type='submit'><field var='a'/><field var='b'><value>1</value></field>`))).toEqual({
      kind: 'submit',
      formType: undefined,
      values: new Map([['b', '1']]),
    });
  });
});

describe('RFC 6120 §8 requests and errors', () => {
  it('§8.2.3 an iq has a type, an id and one payload', () => {
    const read = (xml: string) => readRequest(parseElement(xml))?.payload.name;
    expect(read(`<iq type='get' id='1'><q/></iq>`)).toBe('q');
    for (const xml of [
      `<iq type='get' id='1'/>`,
      `<iq type='get'><q/></iq>`,
      `<iq type='set' id='1'><q/><r/></iq>`,
      `<iq type='result' id='1'><q/></iq>`,
    ])
      expect(read(xml)).toBeUndefined();
  });

  it('a result goes back where the request came from', () => {
    const result = resultOf(parseElement(`<iq type='get' id='1' from='a@b.lit' to='c.lit'><q/></iq>`));
    expect(serialise(result)).toBe('<iq from="c.lit" to="a@b.lit" id="1" type="result"/>');
  });

  it.each([
    [`<message from='a@b.lit' to='c.lit' type='error'/>`],
    [`<iq from='a@b.lit' to='c.lit' type='result' id='1'/>`],
    [`<iq from='a@b.lit' to='c.lit' type='error' id='1'/>`],
    [`<presence from='a@b.lit' to='c.lit' type='unavailable'/>`],
    [`<message to='c.lit'/>`],
  ])('§8.3.1 %s is never answered by an error', (xml) => {
    expect(errorReply(parseElement(xml), ERRORS.badRequest)).toBeUndefined();
  });

  it('every error of the registry says its condition, its type, and what to do', () => {
    for (const error of Object.values(ERRORS)) {
      const reply = errorReply(parseElement(`<message from='a@b.lit' to='c.lit' id='1'/>`), error, 'c.lit');
      expect(reply && errorCondition(reply)).toBe(error.condition);
      expect(error.text).toMatch(/\.$/);
    }
  });

  it('§17.1.2 of XEP-0045: what means that somebody is gone', () => {
    const bounced = (condition: string): Element =>
      parseElement(
        `<message type='error'><error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
      );
    expect(meansGone(bounced('recipient-unavailable'))).toBe(true);
    expect(meansGone(bounced('not-acceptable'))).toBe(false);
    expect(meansGone(parseElement(`<message type='error'/>`))).toBe(false);
  });
});
