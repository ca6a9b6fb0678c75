import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf, Jid, JidError } from '../../src/lib/jid.ts';

/** The examples of RFC 7622 §3.5, and what the three rules of preparation do to a text. */
const VALID: readonly (readonly [text: string, prepared: string])[] = [
  ['juliet@example.com', 'juliet@example.com'],
  ['juliet@example.com/foo', 'juliet@example.com/foo'],
  ['juliet@example.com/foo bar', 'juliet@example.com/foo bar'],
  ['juliet@example.com/foo@bar', 'juliet@example.com/foo@bar'],
  ['foo\\20bar@example.com', 'foo\\20bar@example.com'],
  ['fussball@example.com', 'fussball@example.com'],
  ['fu\u00dfball@example.com', 'fu\u00dfball@example.com'],
  ['\u03c0@example.com', '\u03c0@example.com'],
  ['\u03a3@example.com/foo', '\u03c3@example.com/foo'],
  ['\u03c3@example.com/foo', '\u03c3@example.com/foo'],
  ['\u03c2@example.com/foo', '\u03c2@example.com/foo'],
  ['king@example.com/\u265a', 'king@example.com/\u265a'],
  ['example.com', 'example.com'],
  ['example.com/foobar', 'example.com/foobar'],
  ['a.example.com/b@example.net', 'a.example.com/b@example.net'],
  ['example.com/a/b', 'example.com/a/b'],
  // Case, width, canonical composition; the resourcepart keeps case and width.
  ['Hamlet@Elsinore.Lit/Hamlet', 'hamlet@elsinore.lit/Hamlet'],
  ['\uff28amlet@elsinore.lit/\uff28amlet', 'hamlet@elsinore.lit/\uff28amlet'],
  ['e\u0301@e\u0301.lit/e\u0301', '\u00e9@\u00e9.lit/\u00e9'],
  ['x@y.lit/a\u00a0b\u3000c', 'x@y.lit/a b c'],
  // Domains.
  ['example.com.', 'example.com'],
  ['x@EXAMPLE\u3002COM/y', 'x@example.com/y'],
  ['x@127.0.0.1', 'x@127.0.0.1'],
  ['x@[2001:DB8::1]/y', 'x@[2001:db8::1]/y'],
  ['rooms_1.lit', 'rooms_1.lit'],
  ['x@\u65e5\u672c.lit', 'x@\u65e5\u672c.lit'],
  // Context and direction (RFC 5892 appendix A, RFC 5893 §2).
  ['l\u00b7l@x', 'l\u00b7l@x'],
  ['\u05e9\u05dc\u05d5\u05dd1@x', '\u05e9\u05dc\u05d5\u05dd1@x'],
  ['\u0628\u0660@x', '\u0628\u0660@x'],
  ['\u0915\u094d\u200d\u0937@x', '\u0915\u094d\u200d\u0937@x'],
  ['x@y/\u0645\u06cc\u200c\u062e', 'x@y/\u0645\u06cc\u200c\u062e'],
  ['\u30a2\u30fb\u30a2@x', '\u30a2\u30fb\u30a2@x'],
];

const INVALID: readonly (readonly [text: string, why: string])[] = [
  ['', 'nothing'],
  ['@example.com', 'an empty localpart'],
  ['juliet@', 'an empty domainpart'],
  ['example.com/', 'an empty resourcepart'],
  ['juliet@/foo', 'no domainpart'],
  ['a@b@c', 'a second @ in the bare JID'],
  ['"juliet"@example.com', 'quotation marks'],
  ['foo bar@example.com', 'a space in the localpart'],
  ['henry\u2163@example.com', 'a Roman numeral, a compatibility character'],
  ['\u265a@example.com', 'a symbol in the localpart'],
  ['juliet@exa mple.com', 'a space in the domainpart'],
  ['juliet@example..com', 'an empty label'],
  ['juliet@.', 'only a dot'],
  ['juliet@-example.com', 'a label that starts with a hyphen'],
  ['juliet@example-.com', 'a label that ends with a hyphen'],
  ['juliet@\u0301x.com', 'a label that starts with a mark'],
  ['juliet@ex\u265aample.com', 'a symbol in a label'],
  [`juliet@${'a'.repeat(64)}.com`, 'a label of 64 bytes'],
  ['juliet@[::1', 'an open bracket'],
  ['juliet@[10.0.0.1]', 'IPv4 in brackets'],
  ['juliet@::1', 'IPv6 without brackets'],
  ['x@y/a\u0000b', 'NUL'],
  ['x@y/a\tb', 'a tab'],
  ['x@y/a\u007fb', 'DEL'],
  ['x@y/a\u00adb', 'a soft hyphen, which nobody sees'],
  ['x@y/a\u202eb', 'an override of direction'],
  ['x@y/a\ufeffb', 'a byte order mark'],
  ['x@y/a\u0378b', 'an unassigned character'],
  ['x@y/a\ue000b', 'a private character'],
  ['x@y/a\ufdd0b', 'a noncharacter'],
  ['x@y/a\ud800b', 'half a surrogate pair'],
  ['x@y/a\u1100b', 'conjoining Hangul'],
  ['x@y/a\u0640b', 'an exception of RFC 5892'],
  ['\u200c@y', 'a joiner without context'],
  ['x\u200dy@z', 'a joiner between Latin letters'],
  ['a\u00b7l@x', 'a middle dot outside l·l'],
  ['a\u30fbb@x', 'a Katakana dot among Latin letters'],
  ['\u0375a@x', 'a Greek sign before a Latin letter'],
  ['\u0661\u06f1@x', 'both kinds of Arabic digits'],
  ['a\u05d0@x', 'both directions'],
  ['1\u05d0@x', 'a number before right-to-left'],
  ['\u05d0-@x', 'punctuation after right-to-left'],
  ['\u06281\u0660@x', 'European and Arabic digits in right-to-left'],
];

describe('RFC 7622', () => {
  it.each(VALID)('prepares %j as %j', (text, prepared) => expect(Jid.parse(text).toString()).toBe(prepared));

  it.each(INVALID)('refuses %j: %s', (text) => {
    expect(() => Jid.parse(text)).toThrow(JidError);
    expect(Jid.tryParse(text)).toBeUndefined();
  });

  it.each(['"', '&', "'", '/', ':', '<', '>', '@', ' '])('§3.3.1: a localpart has no %j', (char) => {
    expect(Jid.tryParse(`a${char}b@example.com`)?.local).toBeUndefined();
  });

  it('§3.3.1: nor one that only appears when width is mapped', () =>
    expect(Jid.tryParse('a\uff20b@example.com')).toBeUndefined());

  it('§3.1: each part has up to 1023 bytes, not characters', () => {
    const fits = 'é'.repeat(511);
    const domain = `${'abcdefgh.'.repeat(113)}abcdef`;
    for (const text of [`${fits}é@x`, `x/${fits}é`, `x@${domain}abcd.efgh`]) {
      expect(() => Jid.parse(text)).toThrow('longer than 1023 bytes');
    }
    expect(domain.length).toBe(1023);
    expect(Jid.parse(`${fits}a@${domain}/${fits}a`).domain).toBe(domain);
  });
});

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const jidLike = fc
  .tuple(anyText, fc.oneof(anyText, fc.domain()), anyText)
  .map(([local, domain, resource]) => `${local}@${domain}/${resource}`);

describe('Jid', () => {
  it('is the same after parsing its own text, whatever it was parsed from', () => {
    let parsed = 0;
    const check = (text: string) => {
      const jid = Jid.tryParse(text);
      if (jid === undefined) return;
      parsed += 1;
      const again = Jid.parse(jid.toString());
      expect(again).toEqual(jid);
      expect(again.equals(jid)).toBe(true);
    };
    const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(fc.property(jidLike, check), { numRuns: 500 });
    fc.assert(
      fc.property(printable, printable, (local, resource) => check(`${local}@example.com/${resource}`)),
      { numRuns: 2000 },
    );
    expect(parsed).toBeGreaterThan(200);
  });

  it('throws nothing but JidError', () => {
    fc.assert(
      fc.property(fc.oneof(jidLike, anyText), (text) => {
        Jid.tryParse(text);
      }),
    );
  });

  it('takes localparts that differ in case for one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Zäöüéñ\d]{1,20}$/), (local) => {
        const lower = Jid.parse(`${local.toLowerCase()}@x.lit`);
        expect(Jid.parse(`${local}@X.LIT`).equals(lower)).toBe(true);
        expect(Jid.parse(`${local.toUpperCase()}@x.lit`).equals(lower)).toBe(true);
      }),
    );
  });

  it('has parts, a bare form and other resources', () => {
    const jid = Jid.parse('hamlet@elsinore.lit/Desk');
    expect([jid.local, jid.domain, jid.resource, jid.bare]).toEqual([
      'hamlet',
      'elsinore.lit',
      'Desk',
      'hamlet@elsinore.lit',
    ]);
    expect(jid.isBare).toBe(false);
    expect(jid.toBare().toString()).toBe('hamlet@elsinore.lit');
    expect(jid.toBare().isBare).toBe(true);
    expect(jid.withResource('Throne').toString()).toBe('hamlet@elsinore.lit/Throne');
    expect(() => jid.withResource('')).toThrow('the resourcepart is empty');
    expect(jid.equals(jid.toBare())).toBe(false);
    expect(Jid.parse('elsinore.lit').bare).toBe('elsinore.lit');
    expect(Jid.tryParse(undefined)).toBeUndefined();
  });
});

it.each(['a@b.lit', 'a@b.lit/c', 'b.lit', 'b.lit/c@d/e', 'a@b.lit/@'])('domainOf(%j)', (text) => {
  expect(domainOf(text)).toBe(Jid.parse(text).domain);
});
