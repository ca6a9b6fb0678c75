import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attribute, element } from '../../src/xml/element.ts';
import { serialise, serialiseTo } from '../../src/xml/serialise.ts';
import { anyElement, anyText, parsed, plain } from './helpers.ts';

describe('serialise', () => {
  it('is undone by the parser', () => {
    fc.assert(
      fc.property(anyElement, (each) => {
        const again = parsed(serialise(each));
        expect(sorted(plain(again))).toEqual(sorted(plain(each)));
        expect(serialise(again)).toBe(serialise(each));
      }),
      { numRuns: 500 },
    );
  });

  it('escapes what markup needs, and the white space that a parser would change', () => {
    const each = element('a', { b: `&<>"'\t\n\r` }, `&<>"'\t\n\r]]>`);
    expect(serialise(each)).toBe(`<a b="&amp;&lt;&gt;&quot;&apos;&#9;&#10;&#13;">&amp;&lt;&gt;"'\t\n&#13;]]&gt;</a>`);
  });

  it('puts U+FFFD for what XML cannot carry, and keeps astral characters', () => {
    const each = element('a', { b: '\ud800x' }, 'a\u0000b\udc00\ufffe😀');
    expect(serialise(each)).toBe('<a b="\ufffdx">a\ufffdb\ufffd\ufffd😀</a>');
  });

  it('closes an element without content at once', () => {
    expect(serialise(element('a', {}, element('b'), element('c', {}, '')))).toBe('<a><b/><c/></a>');
  });
});

describe('serialiseTo', () => {
  it('differs in the recipient only', () => {
    fc.assert(
      fc.property(anyElement, fc.array(anyText, { maxLength: 4 }), (each, recipients) => {
        const stanzas = serialiseTo(each, recipients).map((xml) => parsed(xml));
        expect(stanzas.map((stanza) => attribute(stanza, 'to'))).toEqual(recipients);
        delete each.attrs['to'];
        for (const stanza of stanzas) {
          delete stanza.attrs['to'];
          expect(plain(stanza)).toEqual(plain(parsed(serialise(each))));
        }
      }),
    );
  });
});

/** Attributes without their order, which canonical form leaves free but for xmlns. */
function sorted(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree), (key, value: unknown) =>
    key === 'attrs' && Array.isArray(value)
      ? value.map(String).toSorted((one, other) => (one < other ? -1 : 1))
      : value,
  );
}
