import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiDomain } from '../../src/lib/idna.ts';
import { Jid } from '../../src/lib/jid.ts';

describe('a domain in ASCII', () => {
  it.each([
    ['denmark.lit', 'denmark.lit'],
    ['DENMARK.lit', 'denmark.lit'],
    ['denmark.lit.', 'denmark.lit'],
    ['localhost', 'localhost'],
    ['node_7.mesh', 'node_7.mesh'],
    ['4.denmark.lit', '4.denmark.lit'],
    ['bücher.lit', 'xn--bcher-kva.lit'],
    ['xn--bcher-kva.lit', 'xn--bcher-kva.lit'],
    ['faß.lit', 'xn--fa-hia.lit'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    [`${'a'.repeat(63)}.lit`, `${'a'.repeat(63)}.lit`],
  ])('%s', (domain, ascii) => expect(asciiDomain(domain)).toBe(ascii));

  it.each([
    ['nothing', ''],
    ['a dot', '.'],
    ['an empty label', 'denmark..lit'],
    ['an empty first label', '.denmark.lit'],
    ['two final dots', 'denmark.lit..'],
    ['an IPv4 address', '10.1.0.2'],
    ['a number, which is one too', '1.2.3'],
    ['a number in hexadecimal', 'denmark.0x7f'],
    ['an IPv6 address', '[::1]'],
    ['a port', 'denmark.lit:5269'],
    ['a user', 'hamlet@denmark.lit'],
    ['a path', 'denmark.lit/chamber'],
    ['a path in another script', 'bücher.lit/chamber'],
    ['a reference', 'bücher%2elit'],
    ['white space', 'den mark.lit'],
    ['a line end, which URLs leave out', 'bücher\n.lit'],
    ['NUL', 'denmark.lit\0.verona.lit'],
    ['a wildcard', '*.denmark.lit'],
    ['hyphens around a label', '-denmark-.lit'],
    ['a label of 64 characters', `${'a'.repeat(64)}.lit`],
    ['254 characters', `${'a.'.repeat(125)}.lit`],
    ['wide letters, which are those of another domain', 'ｄenmark.lit'],
    ['a ligature', 'ﬁnland.lit'],
    ['an invisible character', 'den\u{fe0f}mark.lit'],
    ['a soft hyphen', 'den\u{ad}mark.lit'],
    ['another full stop', 'bücher\u3002lit'],
    ['half a surrogate pair', 'a\ud800.lit'],
  ])('there is none of %s', (_, domain) => expect(asciiDomain(domain)).toBeUndefined());

  it('of whatever text is none or is its own', () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom('.', '*', 'xn--', 'ü', '0x1', '@', '%2e', '1'), fc.string()));
    fc.assert(
      fc.property(pieces, (parts) => {
        const ascii = asciiDomain(parts.join(''));
        if (ascii === undefined) return;
        expect(asciiDomain(ascii)).toBe(ascii);
        expect(Jid.parse(ascii).toString()).toBe(ascii);
      }),
    );
  });
});
