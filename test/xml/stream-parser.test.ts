import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialise } from '../../src/xml/serialise.ts';
import { StreamError } from '../../src/xml/stream-errors.ts';
import { DEFAULT_LIMITS, type ParserLimits, StreamParser } from '../../src/xml/stream-parser.ts';
import { anyElement, bytesOf, CONTENT, EXPLICIT, HEADER, hear, IMPLICIT, parsed } from './helpers.ts';

const stanza = (xml: string) => ['stanza', xml] as const;
const error = (condition: string) => ['error', condition] as const;

describe('the stream around the stanzas', () => {
  it('RFC 6120 §4.2: opens, carries stanzas and closes', () => {
    const xml = `<?xml version='1.0' encoding="UTF-8"?>\n${HEADER}<message/> <iq/></stream:stream>\n `;
    expect(hear([xml], EXPLICIT)).toEqual([
      ['open', JSON.stringify(['stream', 'http://etherx.jabber.org/streams', {}])],
      stanza('<message/>'),
      stanza('<iq/>'),
      ['close', ''],
    ]);
  });

  it('gives the attributes of the header, whatever their names', () => {
    const header = HEADER.replace('>', ' id="7" from="a.lit" xml:lang="de" constructor="c">');
    const heard = hear([header], EXPLICIT);
    expect((JSON.parse(heard[0]![1]) as unknown[])[2]).toEqual({
      id: '7',
      from: 'a.lit',
      'xml:lang': 'de',
      constructor: 'c',
    });
  });

  it('takes any prefix for the stream, and hands its own elements over', () => {
    const xml = `<s:stream xmlns:s="http://etherx.jabber.org/streams" xmlns="${CONTENT}"><s:features/></s:stream>`;
    expect(hear([xml], EXPLICIT).slice(1)).toEqual([
      stanza('<features xmlns="http://etherx.jabber.org/streams"/>'),
      ['close', ''],
    ]);
  });

  it('XEP-0361: an implied stream begins with a stanza and knows the prefix of the stream', () => {
    expect(hear(['<message/><stream:error/></stream:stream>'])).toEqual([
      stanza('<message/>'),
      stanza('<error xmlns="http://etherx.jabber.org/streams"/>'),
      ['close', ''],
    ]);
  });

  it('RFC 6120 §4.6.1: white space between stanzas is a keepalive, without end', () => {
    const parser = new StreamParser(
      { ...IMPLICIT, limits: { stanzaBytes: 100 } },
      { streamOpen() {}, stanza() {}, streamClose() {} },
    );
    for (let count = 0; count < 1000; count += 1) parser.write(bytesOf(' \n'));
    parser.write(bytesOf(`<a>${'x'.repeat(93)}</a>`));
    expect(() => parser.write(bytesOf(`<a>${'x'.repeat(94)}</a>`))).toThrow('more than 100 bytes');
  });
});

describe('canonical form', () => {
  it.each([
    ['a stanza in the content namespace has no xmlns', '<message xmlns="jabber:server"/>', '<message/>'],
    ['prefixes are resolved', '<x:a xmlns:x="urn:x"><x:b/></x:a>', '<a xmlns="urn:x"><b/></a>'],
    [
      'xmlns stands where it differs',
      '<a><b xmlns="urn:x"/><b xmlns="jabber:server"/></a>',
      '<a><b xmlns="urn:x"/><b/></a>',
    ],
    [
      'also on the way back',
      '<a><b xmlns="q"><c xmlns="jabber:server"/></b></a>',
      '<a><b xmlns="q"><c xmlns="jabber:server"/></b></a>',
    ],
    ['no namespace is one too', '<a><b xmlns=""/></a>', '<a><b xmlns=""/></a>'],
    ['attributes keep their order, xmlns first', '<a z="1" xmlns="urn:x" y="2"/>', '<a xmlns="urn:x" z="1" y="2"/>'],
    ['xml:lang is kept', '<a xml:lang="fr"/>', '<a xml:lang="fr"/>'],
    ['other prefixed attributes are not', '<a xmlns:x="urn:x" x:b="1" b="2"/>', '<a b="2"/>'],
    [
      'CDATA is text, and adjacent text is one',
      '<a>x&amp;<![CDATA[<y>&z;]]]]>&#x41;&#65;</a>',
      '<a>x&amp;&lt;y&gt;&amp;z;]]AA</a>',
    ],
    ['XML 1.0 §2.11: line ends', '<a>1\r\n2\r3\n4&#13;</a>', '<a>1\n2\n3\n4&#13;</a>'],
    ['XML 1.0 §3.3.3: white space in attributes', '<a b="1\r\n2\t3&#9;4\'5"/>', '<a b="1 2 3&#9;4&apos;5"/>'],
    ['> and quotes may stand in text', `<a>a > b "c" 'd' ]] ></a>`, `<a>a &gt; b "c" 'd' ]] &gt;</a>`],
  ])('%s', (_, received, canonical) => expect(hear([received])).toEqual([stanza(canonical)]));

  it('keeps text in one child', () => {
    expect(parsed('<a>x&lt;y<![CDATA[z]]>&#65;</a>').children).toEqual(['x<yzA']);
  });

  it('is not harmed by names that every object inherits', () => {
    const element = parsed('<constructor __proto__="p" toString="s"><__proto__ hasOwnProperty="h"/></constructor>');
    expect(Object.getPrototypeOf(element.attrs)).toBe(Object.prototype);
    expect(serialise(element)).toBe('<constructor toString="s"><__proto__ hasOwnProperty="h"/></constructor>');
  });
});

/** Each after one good stanza, which must have been handed over. */
const VIOLATIONS: readonly (readonly [what: string, bytes: string | Uint8Array, condition: string])[] = [
  ['RFC 6120 §11.1: a comment', '<a><!-- x --></a>', 'restricted-xml'],
  ['a comment that has only begun', '<!-', 'restricted-xml'],
  ['a document type', '<!DOCTYPE a>', 'restricted-xml'],
  ['a document type that has only begun', '<!DOC', 'restricted-xml'],
  ['a document type inside a stanza', '<a><!DOCTYPE a [<!ENTITY x "y">]></a>', 'restricted-xml'],
  ['a declaration inside a stanza', '<a><!ENTITY x "y"></a>', 'restricted-xml'],
  ['a processing instruction', '<?x y?>', 'restricted-xml'],
  ['a processing instruction that has only begun', '<a><?', 'restricted-xml'],
  ['an XML declaration that is not the first thing', "<?xml version='1.0'?>", 'restricted-xml'],
  ['an entity beyond the predefined', '<a>&nbsp;</a>', 'restricted-xml'],
  ['an entity beyond the predefined in an attribute', '<a b="&constructor;"/>', 'restricted-xml'],
  ['a predefined entity in capitals', '<a>&AMP;</a>', 'restricted-xml'],
  ['CDATA in small letters', '<a><![cdata[x]]></a>', 'restricted-xml'],
  ['XML 1.0 §2.2: NUL by reference', '<a>&#0;</a>', 'not-well-formed'],
  ['a control character by reference', '<a b="&#x1F;"/>', 'not-well-formed'],
  ['a surrogate by reference', '<a>&#xD83D;</a>', 'not-well-formed'],
  ['U+FFFE by reference', '<a>&#xfffe;</a>', 'not-well-formed'],
  ['beyond Unicode by reference', '<a>&#x110000;</a>', 'not-well-formed'],
  ['a reference with a capital X', '<a>&#X41;</a>', 'not-well-formed'],
  ['a reference without digits', '<a>&#;</a>', 'not-well-formed'],
  ['a reference without a name', '<a>&;</a>', 'restricted-xml'],
  ['an ampersand alone', '<a>a & b</a>', 'not-well-formed'],
  ['a control character', '<a>\u0001</a>', 'not-well-formed'],
  ['NUL', '<a>\0</a>', 'not-well-formed'],
  ['NUL in an attribute', '<a b="\0"/>', 'not-well-formed'],
  ['NUL in a name', '<a\0/>', 'not-well-formed'],
  ['NUL between stanzas', '\0', 'not-well-formed'],
  ['U+FFFF', '<a>\uffff</a>', 'not-well-formed'],
  ['a byte that is none of UTF-8', new Uint8Array([0xff]), 'unsupported-encoding'],
  ['an overlong form', new Uint8Array([0xc0, 0x80]), 'unsupported-encoding'],
  ['a surrogate in UTF-8', new Uint8Array([0xed, 0xa0, 0x80]), 'unsupported-encoding'],
  ['a broken character', new Uint8Array([0x3c, 0x61, 0x3e, 0xe2, 0x82, 0x3c]), 'unsupported-encoding'],
  ['§2.4: ]]> in text', '<a>]]></a>', 'not-well-formed'],
  ['§3: a wrong end tag', '<a></b>', 'not-well-formed'],
  ['an end tag too many', '</a>', 'not-well-formed'],
  ['white space before a name', '< a/>', 'not-well-formed'],
  ['white space before a name in an end tag', '<a></ a>', 'not-well-formed'],
  ['< in an attribute', '<a b="<"/>', 'not-well-formed'],
  ['an attribute without quotes', '<a b=c/>', 'not-well-formed'],
  ['an attribute without a value', '<a b/>', 'not-well-formed'],
  ['attributes without white space between', '<a b="1"c="2"/>', 'not-well-formed'],
  ['a name that starts with a digit', '<1a/>', 'not-well-formed'],
  ['§3.1: a duplicate attribute', '<a b="1" b="2"/>', 'not-well-formed'],
  ['a duplicate attribute that objects inherit', '<a valueOf="1" valueOf="1"/>', 'not-well-formed'],
  ['a namespace declared twice', '<a xmlns="x" xmlns="x"/>', 'not-well-formed'],
  ['a prefix declared twice', '<x:a xmlns:x="x" xmlns:x="x"/>', 'not-well-formed'],
  ['one expanded name twice', '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="1"/>', 'not-well-formed'],
  ['Namespaces §5: an undeclared prefix', '<x:a/>', 'not-well-formed'],
  ['an undeclared prefix on an attribute', '<a x:b="1"/>', 'not-well-formed'],
  ['an undeclared prefix that objects inherit', '<constructor:a/>', 'not-well-formed'],
  ['another one', '<a __proto__:b="1"/>', 'not-well-formed'],
  ['a prefix out of its scope', '<a><x:b xmlns:x="u"/><x:c/></a>', 'not-well-formed'],
  ['§4: a name with two colons', '<x:a:b xmlns:x="u"/>', 'not-well-formed'],
  ['a name without a prefix before its colon', '<:a/>', 'not-well-formed'],
  ['a local name that starts with a digit', '<x:1 xmlns:x="u"/>', 'not-well-formed'],
  ['§2.2: a prefix that is undeclared again', '<a xmlns:x=""/>', 'not-well-formed'],
  ['the prefix xml for another namespace', '<a xmlns:xml="u"/>', 'not-well-formed'],
  ["another prefix for xml's namespace", '<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>', 'not-well-formed'],
  ['the prefix xmlns declared', '<a xmlns:xmlns="http://www.w3.org/2000/xmlns/"/>', 'not-well-formed'],
  ['the prefix xmlns on an element', '<xmlns:a/>', 'not-well-formed'],
  ['text between stanzas', 'x', 'bad-format'],
  ['text between stanzas by reference', '&#65;', 'bad-format'],
  ['a byte order mark between stanzas', '\ufeff', 'bad-format'],
  ['a stream inside the stream', HEADER, 'bad-format'],
  ['a stream inside a stanza', `<a><b>${HEADER}</b></a>`, 'bad-format'],
  ['a stream inside the stream that is over at once', HEADER.replace('>', '/>'), 'bad-format'],
  ['a stream with another prefix', '<s:stream xmlns:s="http://etherx.jabber.org/streams"/>', 'bad-format'],
  ['a stream without a prefix', '<stream xmlns="http://etherx.jabber.org/streams"/>', 'bad-format'],
  ['a stream inside the stream with its declaration', `<?xml version='1.0'?>${HEADER}`, 'restricted-xml'],
  ['the end of the stream inside a stanza', '<a></stream:stream>', 'not-well-formed'],
  ['a stanza after the end', '</stream:stream><a/>', 'not-well-formed'],
  ['a stream after the end', `</stream:stream>${HEADER}`, 'not-well-formed'],
  ['text after the end', '</stream:stream>x', 'not-well-formed'],
  ['NUL after the end', '</stream:stream>\0', 'not-well-formed'],
  ['a second end', '</stream:stream></stream:stream>', 'not-well-formed'],
  [
    'a byte that is none of UTF-8 after the end',
    new Uint8Array([...bytesOf('</stream:stream>'), 0xff]),
    'unsupported-encoding',
  ],
];

const HEADER_VIOLATIONS: readonly (readonly [what: string, xml: string, condition: string])[] = [
  ['another version of XML', `<?xml version='1.1'?>${HEADER}`, 'not-well-formed'],
  ['a declaration without version', `<?xml encoding='UTF-8'?>${HEADER}`, 'not-well-formed'],
  ['another encoding', `<?xml version='1.0' encoding='ISO-8859-1'?>${HEADER}`, 'unsupported-encoding'],
  ['white space before the declaration', ` <?xml version='1.0'?>${HEADER}`, 'restricted-xml'],
  ['two declarations', `<?xml version='1.0'?><?xml version='1.0'?>${HEADER}`, 'restricted-xml'],
  ['a processing instruction in its place', `<?xsl version='1.0'?>${HEADER}`, 'restricted-xml'],
  ['a document type', `<!DOCTYPE stream>${HEADER}`, 'restricted-xml'],
  ['text before the header', `x${HEADER}`, 'not-well-formed'],
  ['a byte order mark', `\ufeff${HEADER}`, 'not-well-formed'],
  ['HTTP', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
  ['TLS', '\u0016\u0003\u0001', 'not-well-formed'],
  ['RFC 6120 §4.8.1: another namespace of the stream', HEADER.replace('etherx', 'ether'), 'invalid-namespace'],
  ['a stanza instead of the header', '<message xmlns="jabber:server"/>', 'invalid-namespace'],
  ['another element of the stream', HEADER.replace('stream:stream', 'stream:error'), 'bad-format'],
  ['§4.8.2: another content namespace', HEADER.replace(CONTENT, 'jabber:client'), 'invalid-namespace'],
];

describe('violations', () => {
  it.each(VIOLATIONS)('%s', (_, bytes, condition) => {
    const tail = typeof bytes === 'string' ? bytesOf(bytes) : bytes;
    const closed = new TextDecoder().decode(tail).startsWith('</stream:stream>') ? [['close', '']] : [];
    const whole = new Uint8Array([...bytesOf('<good/>'), ...tail, ...bytesOf('<late/>')]);
    const expected = [stanza('<good/>'), ...closed, error(condition)];
    const byteByByte = [...whole].map((byte) => Uint8Array.of(byte));
    expect(hear([whole])).toEqual(expected);
    expect(hear(byteByByte)).toEqual(expected);
    expect(hear([HEADER, whole], EXPLICIT).slice(1)).toEqual(expected);
    expect(hear([HEADER, ...byteByByte], EXPLICIT).slice(1)).toEqual(expected);
  });

  it.each(HEADER_VIOLATIONS)('at the start: %s', (_, xml, condition) => {
    expect(hear([xml], EXPLICIT)).toEqual([error(condition)]);
    expect(
      hear(
        [...bytesOf(xml)].map((byte) => Uint8Array.of(byte)),
        EXPLICIT,
      ),
    ).toEqual([error(condition)]);
  });

  it('a parser is dead after one', () => {
    const stanzas: unknown[] = [];
    const parser = new StreamParser(IMPLICIT, {
      streamOpen() {},
      stanza: (each) => stanzas.push(each),
      streamClose() {},
    });
    expect(() => parser.write(bytesOf('<a></b>'))).toThrow(StreamError);
    expect(() => parser.write(bytesOf('<a/>'))).toThrow('Unexpected close tag');
    expect(stanzas).toEqual([]);
  });

  it('one that the handler finds is like any other', () => {
    const refusing = {
      streamOpen: () => {
        throw new StreamError('host-unknown');
      },
      stanza() {},
      streamClose() {},
    };
    const parser = new StreamParser(EXPLICIT, refusing);
    expect(() => parser.write(bytesOf(HEADER))).toThrow('host-unknown');
    expect(() => parser.write(bytesOf('<a/>'))).toThrow('host-unknown');
  });
});

describe('limits', () => {
  const { stanzaBytes, depth, attributes, elements } = DEFAULT_LIMITS;
  const nested = (levels: number) => '<a>'.repeat(levels) + '</a>'.repeat(levels);
  const withAttributes = (count: number) => `<a${Array.from({ length: count }, (_, i) => ` a${i}=""`).join('')}/>`;
  const sized = (bytes: number) => `<a>${'é'.repeat((bytes - 7) / 2)}${bytes % 2 === 0 ? 'x' : ''}</a>`;

  it.each([
    ['depth', nested(depth), nested(depth + 1)],
    ['attributes', withAttributes(attributes), withAttributes(attributes + 1)],
    ['elements', `<a>${'<b/>'.repeat(elements - 1)}</a>`, `<a>${'<b/>'.repeat(elements)}</a>`],
    ['bytes', sized(stanzaBytes), sized(stanzaBytes + 1)],
  ])('%s: reached twice over, then passed', (_, fits, exceeds) => {
    const heard = hear([fits + fits, exceeds]);
    expect(heard.map(([kind, what]) => (kind === 'error' ? what : kind))).toEqual([
      'stanza',
      'stanza',
      'policy-violation',
    ]);
  });

  it.each([
    ['text', '<a>', 'x'],
    ['text of references', '<a>', '&amp;'],
    ['CDATA', '<a><![CDATA[', 'x'],
    ['a name', '<', 'x'],
    ['the name of an attribute', '<a ', 'x'],
    ['an attribute', '<a b="', 'x'],
    ['attributes', '<a', ' b="c"'],
    ['white space in a tag', '<a', ' '],
    ['an entity', '<a>&', 'x'],
    ['a character reference', '<a>&#', '0'],
    ['an end tag', '<a></', 'a'],
    ['white space in an end tag', '<a></a', ' '],
  ])('%s without end stops at the limit', (_, start, more) => {
    let written = 0;
    const parser = new StreamParser(
      { ...IMPLICIT, limits: { stanzaBytes: 1000 } },
      { streamOpen() {}, stanza() {}, streamClose() {} },
    );
    parser.write(bytesOf(start));
    expect(() => {
      for (; written < 2000; written += more.length) parser.write(bytesOf(more));
    }).toThrow('policy-violation');
    expect(written).toBeLessThanOrEqual(1000);
  });

  it.each([
    ['the header', '<stream:stream a="', 'x'],
    ['white space before the header', '', ' '],
    ['an XML declaration', '<?xml ', 'x'],
  ])('%s without end stops at the limit', (_, start, more) => {
    const chunks = [start, ...Array<string>(2000).fill(more)];
    expect(hear(chunks, { ...EXPLICIT, limits: { stanzaBytes: 1000 } })).toEqual([error('policy-violation')]);
  });
});

describe('limits that are relaxed', () => {
  const small = { stanzaBytes: 100, attributes: 2, depth: 2, elements: 2 };
  const large = { stanzaBytes: 200, attributes: 3, depth: 3, elements: 3 };

  /** A parser with small limits, which the first stanza relaxes. */
  function relaxing(limits: Partial<ParserLimits>): StreamParser {
    const parser = new StreamParser(
      { ...IMPLICIT, limits: small },
      { streamOpen() {}, stanza: () => parser.relax(limits), streamClose() {} },
    );
    return parser;
  }

  it.each<[keyof ParserLimits, string]>([
    ['stanzaBytes', `<a>${'x'.repeat(100)}</a>`],
    ['attributes', '<a b="" c="" d=""/>'],
    ['depth', '<a><b><c/></b></a>'],
    ['elements', '<a><b/><b/></a>'],
  ])('%s', (limit, xml) => {
    const after = bytesOf(`<first/>${xml}`);
    expect(() => relaxing(large).write(bytesOf(xml))).toThrow('policy-violation');
    expect(() => relaxing({ ...large, [limit]: small[limit] }).write(after)).toThrow('policy-violation');
    const parser = relaxing(large);
    parser.write(after);
    expect(() => parser.write(bytesOf(`<a>${'x'.repeat(200)}`))).toThrow('more than 200 bytes');
  });

  it('those that aren’t named stay', () => {
    const parser = relaxing({ depth: 3, elements: 3 });
    parser.write(bytesOf('<first/><a><b><c/></b></a>'));
    expect(() => parser.write(bytesOf(`<a>${'x'.repeat(100)}`))).toThrow('more than 100 bytes');
  });

  it('hold for a stanza that is under way', () => {
    const parser = relaxing({});
    parser.write(bytesOf(`<a>${'x'.repeat(90)}`));
    parser.relax({ stanzaBytes: 200 });
    parser.write(bytesOf(`${'x'.repeat(90)}</a>`));
    expect(() => parser.write(bytesOf(`<a>${'x'.repeat(200)}`))).toThrow('more than 200 bytes');
  });
});

describe('properties', () => {
  const stream = `<message from="a" to='b'>\r\n<body>h&amp;é😀&#x1F600;<![CDATA[]]x]]></body><x:y xmlns:x="u"\tz="\r\n"/></message> <iq/></stream:stream>`;

  it('bytes split at every position give the same', () => {
    for (const [xml, options] of [
      [stream, IMPLICIT],
      [`<?xml version="1.0"?>${HEADER}${stream}`, EXPLICIT],
    ] as const) {
      const bytes = bytesOf(xml);
      const whole = hear([bytes], options);
      expect(whole.at(-1)).toEqual(['close', '']);
      for (let at = 0; at <= bytes.length; at += 1)
        expect(hear([bytes.subarray(0, at), bytes.subarray(at)], options)).toEqual(whole);
      expect(
        hear(
          [...bytes].map((byte) => Uint8Array.of(byte)),
          options,
        ),
      ).toEqual(whole);
    }
  });

  it('any stanzas, split anywhere, come out as they went in', () => {
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(anyElement, { maxLength: 4 }), cuts, (elements, at) => {
        const bytes = bytesOf(elements.map(serialise).join('\n'));
        const edges = [0, ...at.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
        expect(hear(chunks)).toEqual(elements.map((element) => stanza(serialise(element))));
      }),
    );
  });

  it('whatever is done to the bytes, nothing but a StreamError is thrown', () => {
    const splice = fc.tuple(
      fc.nat({ max: 400 }),
      fc.nat({ max: 6 }),
      fc.oneof(
        fc.uint8Array({ maxLength: 6 }),
        fc
          .constantFrom(
            '<',
            '>',
            '&',
            ';',
            '"',
            "'",
            '<!',
            '<?',
            ']]>',
            '<![CDATA[',
            ':',
            '=',
            '/',
            '</',
            '&#',
            'xmlns',
            ' __proto__=',
          )
          .map(bytesOf),
      ),
    );
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(splice, { minLength: 1, maxLength: 5 }), fc.boolean(), (splices, explicit) => {
        let bytes = [...bytesOf(explicit ? HEADER + stream : stream)];
        for (const [at, remove, insert] of splices) bytes = bytes.toSpliced(at, remove, ...insert);
        const options = explicit ? EXPLICIT : IMPLICIT;
        const whole = hear([new Uint8Array(bytes)], options);
        expect(
          hear(
            bytes.map((byte) => Uint8Array.of(byte)),
            options,
          ),
        ).toEqual(whole);
        seen.add(whole.at(-1)?.[1] ?? '');
      }),
      { numRuns: 3000, seed: 1 },
    );
    for (const condition of ['not-well-formed', 'restricted-xml', 'unsupported-encoding', 'bad-format'])
      expect(seen).toContain(condition);
  });
});
