import { describe, expect, it } from 'vitest';
import { element } from '../../src/xml/element.ts';
import { isStreamError, STREAM_ERRORS, StreamError, type StreamErrorCondition } from '../../src/xml/stream-errors.ts';
import { parsed } from './helpers.ts';

const CONDITIONS = Object.keys(STREAM_ERRORS) as StreamErrorCondition[];

describe('RFC 6120 §4.9 stream errors', () => {
  it('§4.9.3 defines 25 conditions, each with a text for people', () => {
    expect(CONDITIONS).toHaveLength(25);
    for (const condition of CONDITIONS) expect(STREAM_ERRORS[condition]).toMatch(/^[A-Z].{10,}[^.]$/);
  });

  it.each(CONDITIONS)('%s reads as it was written', (condition) => {
    const received = parsed(new StreamError(condition, 'why < "it"', { name: 'own', namespace: 'urn:own' }).toXml());
    expect(isStreamError(received)).toBe(true);
    const read = StreamError.read(received);
    expect([read.condition, read.text]).toEqual([condition, 'why < "it"']);
    expect(read.application).toEqual({ name: 'own', namespace: 'urn:own' });
  });

  it('§4.9.2: the form', () => {
    expect(new StreamError('conflict').toXml()).toBe(
      '<stream:error><conflict xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>' +
        '<text xmlns="urn:ietf:params:xml:ns:xmpp-streams" xml:lang="en">Another stream has taken the place of this one</text></stream:error>',
    );
  });

  it('§4.9.4: an application says more by an element of its own', () => {
    const own = { name: 'own', namespace: 'urn:own', detail: 'more' };
    expect(new StreamError('reset', 'why', own).toXml()).toContain('</text><own xmlns="urn:own"><more/></own>');
  });

  it.each([
    ['no condition', '<stream:error/>', 'undefined-condition', STREAM_ERRORS['undefined-condition']],
    ['only old-fashioned text', '<stream:error> bye </stream:error>', 'undefined-condition', 'bye'],
    [
      'a condition from elsewhere',
      '<stream:error><conflict xmlns="urn:x"/></stream:error>',
      'undefined-condition',
      STREAM_ERRORS['undefined-condition'],
    ],
    [
      'a name that objects inherit',
      '<stream:error><constructor xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>',
      'undefined-condition',
      STREAM_ERRORS['undefined-condition'],
    ],
    [
      'the text before the condition',
      '<stream:error xmlns:e="urn:ietf:params:xml:ns:xmpp-streams"><e:text>x</e:text><e:reset/></stream:error>',
      'reset',
      'x',
    ],
  ])('reads one with %s', (_, xml, condition, text) => {
    const { condition: readCondition, text: readText } = StreamError.read(parsed(xml));
    expect([readCondition, readText]).toEqual([condition, text]);
  });

  it('is told from an error stanza', () => expect(isStreamError(element('error'))).toBe(false));
});
