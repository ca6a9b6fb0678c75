import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatStamp, parseStamp } from '../../src/lib/stamp.ts';

const MOON = Date.UTC(1969, 6, 21, 2, 56, 15);

describe('XEP-0082 §3.2 DateTime', () => {
  it.each([
    ['1969-07-21T02:56:15Z', MOON],
    ['1969-07-20T21:56:15-05:00', MOON],
    ['1969-07-21T16:56:15+14:00', MOON],
    ['1969-07-21T02:56:15.5Z', MOON + 500],
    ['1969-07-21T02:56:15.1239999Z', MOON + 123],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
  ])('reads %s', (text, ms) => expect(parseStamp(text)).toBe(ms));

  it('reads the legacy form of XEP-0091, in UTC', () => expect(parseStamp('19690721T02:56:15')).toBe(MOON));

  it.each([
    '',
    'yesterday',
    '1969-07-21',
    '1969-07-21T02:56:15',
    '1969-07-21T02:56Z',
    '1969-07-21 02:56:15Z',
    '1969-02-30T02:56:15Z',
    '1969-13-01T02:56:15Z',
    '2023-02-29T00:00:00Z',
    '1969-07-21T24:00:00Z',
    '1969-07-21T02:60:15Z',
    '1969-07-21T02:56:60Z',
    '1969-07-21T02:56:15.Z',
    '1969-07-21T02:56:15+15:00',
    '1969-07-21T02:56:15+05:60',
    '19690230T02:56:15',
    ' 1969-07-21T02:56:15Z',
  ])('refuses %j', (text) => expect(parseStamp(text)).toBeUndefined());

  it('writes UTC, and milliseconds only where they are not zero', () => {
    expect(formatStamp(MOON)).toBe('1969-07-21T02:56:15Z');
    expect(formatStamp(MOON + 7)).toBe('1969-07-21T02:56:15.007Z');
  });

  it('reads what it writes', () => {
    const year0 = -62_167_219_200_000;
    const year9999 = 253_402_300_799_999;
    fc.assert(
      fc.property(fc.integer({ min: year0, max: year9999 }), (ms) => {
        expect(parseStamp(formatStamp(ms))).toBe(ms);
      }),
    );
  });
});
