import { deflateRawSync, deflateSync, gzipSync, inflateSync, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Compressor, Decompressor, MAX_AHEAD, MAX_RATIO, MAX_READ_TEXT } from '../../src/stream/compression.ts';
import { DEFAULT_LIMITS } from '../../src/xml/stream-parser.ts';

const SYNC = { finishFlush: zlib.Z_SYNC_FLUSH };

/** What comes of some pieces: all the text until a fault, and the fault's condition. */
function read(decompressor: Decompressor, ...pieces: readonly Uint8Array[]) {
  const text: Uint8Array[] = [];
  for (const piece of pieces) {
    const inflated = decompressor.decompress(piece);
    text.push(...inflated.text);
    if (inflated.fault !== undefined) return { text: Buffer.concat(text).toString(), fault: inflated.fault.toXml() };
  }
  return { text: Buffer.concat(text).toString(), fault: undefined };
}

/** Of a fan-out: the same to one after the other. */
const fanOut = (count: number) =>
  Array.from(
    { length: count },
    (_, index) =>
      `<message from='r@a.lit/n' to='u${index}@b.lit/home' type='groupchat' id='m7'><body>words</body></message>`,
  );

describe('XEP-0138: the method zlib', () => {
  it('what is written can be read at once, in whatever pieces it comes', () => {
    const texts = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...fanOut(3))));
    fc.assert(
      fc.property(texts, fc.array(fc.nat(60)), (written, cuts) => {
        const compressor = new Compressor();
        const decompressor = new Decompressor();
        const bytes = Buffer.concat(written.map((text) => compressor.compress(text)));
        const pieces: Uint8Array[] = [];
        let from = 0;
        for (const cut of cuts) pieces.push(bytes.subarray(from, (from += cut)));
        expect(read(decompressor, ...pieces, bytes.subarray(from))).toEqual({
          text: written.join(''),
          fault: undefined,
        });
      }),
    );
  });

  it('is RFC 1950, each way', () => {
    const compressor = new Compressor();
    const stanzas = fanOut(50);
    const bytes = Buffer.concat(stanzas.map((stanza) => compressor.compress(stanza)));
    expect(inflateSync(bytes, SYNC).toString()).toBe(stanzas.join(''));
    expect(read(new Decompressor(), deflateSync(stanzas.join(''), SYNC)).text).toBe(stanzas.join(''));
  });

  it('of one stanza after the other, each is there as soon as its last byte is', () => {
    const compressor = new Compressor();
    const decompressor = new Decompressor();
    for (const stanza of fanOut(20)) expect(read(decompressor, compressor.compress(stanza)).text).toBe(stanza);
  });

  it('of nothing is nothing', () => {
    expect(new Compressor().compress('')).toHaveLength(0);
    expect(new Decompressor().decompress(new Uint8Array(0))).toEqual({ text: [], fault: undefined });
  });

  it('a peer may end its zlib stream, and then send nothing more', () => {
    const ended = deflateSync('</stream:stream>');
    const decompressor = new Decompressor();
    expect(read(decompressor, ended, new Uint8Array(0))).toEqual({ text: '</stream:stream>', fault: undefined });
    const { fault } = read(decompressor, ended);
    expect(fault).toContain('after the end');
    expect(read(new Decompressor(), Buffer.concat([ended, ended]))).toEqual({ text: '</stream:stream>', fault });
    expect(read(new Decompressor(), Buffer.concat([ended, Uint8Array.of(0)]))).toEqual({
      text: '</stream:stream>',
      fault,
    });
  });
});

describe('bad input', () => {
  const stanza = Buffer.from(fanOut(1).join(''));

  it.each<[string, Uint8Array]>([
    ['XML', stanza],
    ['raw deflate', deflateRawSync(stanza)],
    ['gzip', gzipSync(stanza)],
    ['a preset dictionary', deflateSync(stanza, { dictionary: stanza })],
    ['a wrong check at the end', Buffer.concat([deflateSync(stanza).subarray(0, -1), Uint8Array.of(0)])],
  ])('%s is refused as the XEP says', (_, bytes) => {
    expect(read(new Decompressor(), bytes).fault).toBe(
      `<stream:error><undefined-condition xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>` +
        `<text xmlns="urn:ietf:params:xml:ns:xmpp-streams" xml:lang="en">` +
        `What came is not compressed with zlib, or was damaged on its way</text>` +
        `<failure xmlns="http://jabber.org/protocol/compress"><processing-failed/></failure></stream:error>`,
    );
  });

  it('what came before it is handed over, and nothing after', () => {
    const compressor = new Compressor();
    const decompressor = new Decompressor();
    const { text, fault } = read(decompressor, compressor.compress('<a/>'), Uint8Array.of(0xff, 0xff, 0xff));
    expect(text).toBe('<a/>');
    expect(fault).toBeDefined();
    expect(read(decompressor, compressor.compress('<b/>'))).toEqual({ text: '', fault });
  });

  it('whatever comes, there is text or a fault', () => {
    const bytes = new Compressor().compress(fanOut(3).join(''));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.uint8Array(), (at, value, more) => {
        const changed = Uint8Array.from([...bytes.with(at, value), ...more]);
        const byteByByte = Array.from(changed, (byte) => Uint8Array.of(byte));
        const whole = read(new Decompressor(), changed);
        const inPieces = read(new Decompressor(), ...byteByByte);
        expect(inPieces.fault).toBe(whole.fault);
        expect(inPieces.text.startsWith(whole.text)).toBe(true);
        if (whole.fault === undefined) expect(inPieces.text).toBe(whole.text);
      }),
    );
  });
});

describe('bounds', () => {
  const bomb = (bytes: number) => deflateSync(Buffer.alloc(bytes, 'a'), SYNC);

  it('what honest peers send is far within', () => {
    const compressor = new Compressor();
    const stanzas = fanOut(2000);
    const bytes = compressor.compress(stanzas.join(''));
    expect(stanzas.join('').length / bytes.length).toBeLessThan(MAX_RATIO / 3);
    expect(read(new Decompressor(), bytes).text).toBe(stanzas.join(''));
    const letters = 'a'.repeat(DEFAULT_LIMITS.stanzaBytes);
    const decompressor = new Decompressor();
    const other = new Compressor();
    for (let sent = 0; sent < 4; sent++) expect(read(decompressor, other.compress(letters)).text).toBe(letters);
  });

  it('text for each byte, over all of the stream', () => {
    const { text, fault } = read(new Decompressor(), bomb(2 * MAX_AHEAD));
    expect(fault).toContain('policy-violation');
    expect(fault).toContain(`More than ${MAX_RATIO} bytes of text for each`);
    expect(text.length).toBeLessThan(1.5 * MAX_AHEAD);
    const byteByByte = Array.from(bomb(2 * MAX_AHEAD), (byte) => Uint8Array.of(byte));
    expect(read(new Decompressor(), ...byteByByte).fault).toBe(fault);
  });

  it('however long the stream was a good one', () => {
    const compressor = new Compressor();
    const decompressor = new Decompressor();
    for (const stanza of fanOut(1000)) decompressor.decompress(compressor.compress(stanza));
    expect(read(decompressor, compressor.compress('a'.repeat(2 * MAX_AHEAD))).fault).toContain('policy-violation');
  });

  it('text of one read', () => {
    // Of a ratio that is borne.
    const piece = `${'a'.repeat(1500)}${Array.from({ length: 9 }, (_, index) => `<${index * 7919}/>`).join('')}`;
    const text = Array.from({ length: MAX_READ_TEXT / 1000 }, (_, index) => `${piece}${index}`).join('');
    const bytes = new Compressor().compress(text);
    expect(read(new Decompressor(), bytes).fault).toContain(`More than ${MAX_READ_TEXT} bytes`);
    const reads = Array.from({ length: 8 }, (_, index) => {
      const size = Math.ceil(bytes.length / 8);
      return bytes.subarray(index * size, (index + 1) * size);
    });
    expect(read(new Decompressor(), ...reads).text === text).toBe(true);
  });
});
