import { expect, test } from 'vitest';
import { limitsElement, MIN_MAX_BYTES, readLimits, type StreamLimits } from '../../src/stream/stream-limits.ts';
import { element } from '../../src/xml/element.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { parsed } from '../xml/helpers.ts';

const said = (children: string) =>
  readLimits(
    parsed(`<bidi xmlns="urn:xmpp:bidi"><limits xmlns="urn:xmpp:stream-limits:0">${children}</limits></bidi>`),
  );

test('XEP-0478 §3.1: the element of the example', () => {
  expect(serialise(limitsElement({ maxBytes: 10_000, idleSeconds: 1800 }))).toBe(
    '<limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>10000</max-bytes><idle-seconds>1800</idle-seconds></limits>',
  );
});

test.each<StreamLimits>([{}, { maxBytes: 262_144 }, { idleSeconds: 600 }, { maxBytes: 2 ** 32 - 1, idleSeconds: 1 }])(
  'what is written is read: %j',
  (limits) => {
    const features = parsed(serialise(element('features', {}, limitsElement(limits))));
    expect(readLimits(features)).toEqual(limits);
  },
);

test('a peer that says nothing has no limits', () => {
  expect(readLimits(parsed('<bidi xmlns="urn:xmpp:bidi"/>'))).toEqual({});
  expect(readLimits(parsed('<bidi><limits xmlns="urn:x"><max-bytes>10000</max-bytes></limits></bidi>'))).toEqual({});
});

test('white space around a number is none of it', () => {
  expect(said('<max-bytes>\n 20000 </max-bytes>')).toEqual({ maxBytes: 20_000 });
});

test.each([
  '',
  ' ',
  'x',
  '-20000',
  '2e4',
  '20000.5',
  '0x9999',
  '4294967296',
  '99999999999',
  `${MIN_MAX_BYTES - 1}`,
  '0',
])('no number of bytes: %j', (text) => {
  expect(said(`<max-bytes>${text}</max-bytes><idle-seconds>60</idle-seconds>`)).toEqual({ idleSeconds: 60 });
});

test.each(['0', '-1', 'never'])('no number of seconds: %j', (text) => {
  expect(said(`<max-bytes>20000</max-bytes><idle-seconds>${text}</idle-seconds>`)).toEqual({ maxBytes: 20_000 });
});
