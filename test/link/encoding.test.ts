import fc from 'fast-check';
import { constants, Deflate } from 'pako';
import { describe, expect, it } from 'vitest';
import { DeflateEncoder, MAX_FRAME_BYTES, MAX_FRAME_TEXT, MAX_RATIO } from '../../src/link/deflate.ts';
import { DICTIONARY, PHRASES } from '../../src/link/dictionary.ts';
import { type Decoder, encodingOf } from '../../src/link/encoding.ts';
import { FIRST_CHECK, HEADER } from '../../src/link/encoding-header.ts';
import { runningCheck } from '../../src/link/frame-check.ts';
import { shorten } from '../../src/link/shorthand.ts';
import { DEFAULT_LIMITS } from '../../src/xml/stream-parser.ts';
import { history, messages, noise, occupants, presenceHour } from './sample.ts';

const compressing = () => encodingOf({ compression: true });
const plain = () => encodingOf({ compression: false });

/** What a decoder makes of some pieces: all the text until a fault, and the fault's reason. */
function read(decoder: Decoder, ...pieces: readonly Uint8Array[]) {
  const text: Uint8Array[] = [];
  for (const piece of pieces) {
    const decoded = decoder.decode(piece);
    text.push(...decoded.text);
    if (decoded.fault !== undefined) return { text: Buffer.concat(text).toString(), fault: decoded.fault.message };
  }
  return { text: Buffer.concat(text).toString(), fault: undefined };
}

/** What a hostile peer could send: a stream with valid checks whose frames hold any bytes. */
function forged(...frames: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = [HEADER];
  let check = FIRST_CHECK;
  for (const bytes of frames) {
    const { length } = bytes;
    const frame = Buffer.concat([
      length < 0x80 ? Uint8Array.of(length) : Uint8Array.of(0x80 | (length & 0x7f), length >> 7),
      bytes,
    ]);
    check = runningCheck(check, frame);
    pieces.push(frame, Uint8Array.of(check >> 8, check & 0xff));
  }
  return Buffer.concat(pieces);
}

/** Deflate of any bytes, that of a sync flush without its marker. */
function deflated(bytes: Uint8Array, isLast = false): Uint8Array {
  const deflate = new Deflate({ raw: true, level: 9, dictionary: Buffer.from(shorten(DICTIONARY)) });
  const pieces: Uint8Array[] = [];
  deflate.onData = (piece) => pieces.push(piece as Uint8Array);
  deflate.push(bytes, isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH);
  const all = Buffer.concat(pieces);
  return isLast ? all : all.subarray(0, -4);
}

const MESSAGES = messages(2000);

describe('what is encoded comes back', () => {
  it('in whatever pieces it comes, and whatever the text', () => {
    const words = fc.constantFrom(...PHRASES, ...MESSAGES.slice(0, 5), 'elsinore@rooms.denmark.lit', 'é', '\u{1f44d}');
    const text = fc.array(fc.oneof(words, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.nat(40)), fc.boolean(), (texts, cuts, compression) => {
        const { encoder, decoder } = encodingOf({ compression });
        const bytes = Buffer.concat(texts.map((xml) => encoder.encode(xml)));
        const pieces: Uint8Array[] = [];
        let from = 0;
        for (const cut of cuts) pieces.push(bytes.subarray(from, (from += cut)));
        const written = texts.join('');
        expect(read(decoder, ...pieces, bytes.subarray(from))).toEqual({
          // What XML doesn't have becomes U+FFFD; plain text is as serialise.ts wrote it.
          text: compression ? written.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '\ufffd') : written,
          fault: undefined,
        });
      }),
    );
  });

  it('as soon as its last byte is there', () => {
    const { encoder, decoder } = compressing();
    for (const xml of MESSAGES.slice(0, 20)) {
      const bytes = encoder.encode(xml);
      expect(read(decoder, bytes.subarray(0, -1)).text).toBe('');
      expect(read(decoder, bytes.subarray(-1)).text).toBe(xml);
    }
  });

  it('over any length of stream, when deflate has long forgotten the dictionary', () => {
    const { encoder, decoder } = compressing();
    for (const xml of MESSAGES) expect(read(decoder, encoder.encode(xml)).text).toBe(xml);
  });

  it('where one flush takes several frames, cut between characters', () => {
    for (const xml of [
      MESSAGES.join(''),
      'a\u{1f44d}'.repeat(20_000),
      '\u{1f44d}'.repeat(20_000),
      noise(DEFAULT_LIMITS.stanzaBytes / 3),
    ]) {
      const { encoder, decoder } = compressing();
      expect(read(decoder, encoder.encode(xml)).text === xml).toBe(true);
    }
  });

  it('of nothing is nothing', () => {
    for (const { encoder, decoder } of [plain(), compressing()]) {
      expect(encoder.encode('')).toHaveLength(0);
      expect(decoder.decode(new Uint8Array(0))).toEqual({ text: [], fault: undefined });
    }
  });

  it('with the header once', () => {
    const { encoder } = compressing();
    const [first, second] = [encoder.encode('<a/>'), encoder.encode('<a/>')];
    expect(first.subarray(0, HEADER.length)).toEqual(Buffer.from(HEADER));
    expect(second.length).toBeLessThan(first.length);
    expect(HEADER).toHaveLength(3);
  });
});

describe('the two sides that are not set the same way', () => {
  it.each(['<message/>', ' ', '\n<presence/>', '</stream:stream>'])(
    'a plain peer of one that compresses: %j',
    (xml) => {
      expect(read(compressing().decoder, plain().encoder.encode(xml))).toEqual({
        text: '',
        fault: "the peer doesn't compress: set compression the same on both sides",
      });
    },
  );

  it('a peer that compresses of a plain one', () => {
    expect(read(plain().decoder, compressing().encoder.encode('<message/>'))).toEqual({
      text: '',
      fault: 'the peer compresses: set compression the same on both sides',
    });
  });

  it('another version', () => {
    expect(read(compressing().decoder, Uint8Array.of(0xff)).fault).toBe(
      'the peer compresses by version 7, we by version 0: run the same version on both sides',
    );
  });

  it('another dictionary', () => {
    const [mark, high, low] = HEADER;
    const ours = Buffer.from(HEADER).toString('hex').slice(2);
    const { decoder } = compressing();
    expect(read(decoder, Uint8Array.of(mark!, high!)).fault).toBeUndefined();
    expect(read(decoder, Uint8Array.of(low! ^ 1)).fault).toBe(
      `the peer compresses with dictionary ${Buffer.from([high!, low! ^ 1]).toString('hex')}, ` +
        `we with ${ours}: run the same version on both sides`,
    );
  });

  it('neither of both', () => {
    expect(read(compressing().decoder, Uint8Array.of(0x16, 0x03, 0x01)).fault).toBe(
      'what the peer sends is neither XML nor compressed',
    );
  });
});

describe('a stream that is damaged on its way', () => {
  const { encoder } = compressing();
  const sent = MESSAGES.slice(0, 3);
  const stream = Buffer.concat(sent.map((xml) => encoder.encode(xml)));

  /** What comes of it, which is messages that were sent, in order and whole, and no other text. */
  function readDamaged(damaged: Uint8Array) {
    const { text, fault } = read(compressing().decoder, damaged);
    const whole = [0, 1, 2, 3].map((count) => sent.slice(0, count).join(''));
    if (!whole.includes(text)) expect.unreachable(`altered: ${text} (${fault})`);
    return { messages: whole.indexOf(text), fault };
  }

  it('is noticed whatever one byte becomes, or waits for more where that is a length', () => {
    const changes = [1, 2, 4, 8, 16, 32, 64, 128, 0xff, 0x55, 0x7f, 0x81];
    let faults = 0;
    for (let at = 0; at < stream.length; at += 1)
      for (const change of changes) {
        const damaged = Buffer.from(stream);
        damaged[at]! ^= change;
        const { messages, fault } = readDamaged(damaged);
        expect(messages).toBeLessThan(sent.length);
        if (fault !== undefined) faults += 1;
      }
    expect(faults).toBeGreaterThan((stream.length - 2 * sent.length) * changes.length);
  });

  it('gives no altered text whatever bytes are lost or come twice', () => {
    for (let from = 0; from < stream.length; from += 1)
      for (let to = from + 1; to <= stream.length; to += 7) {
        const lost = readDamaged(Buffer.concat([stream.subarray(0, from), stream.subarray(to)]));
        expect(lost.messages).toBeLessThan(sent.length);
        const doubled = readDamaged(Buffer.concat([stream.subarray(0, to), stream.subarray(from)]));
        if (to < stream.length) expect(doubled.messages).toBeLessThan(sent.length);
      }
  });

  it('stays at its first fault', () => {
    const { decoder } = compressing();
    const damaged = Buffer.from(stream);
    damaged[HEADER.length + 3]! ^= 1;
    const { fault } = decoder.decode(damaged);
    expect(fault?.message).toBe('damaged on its way: the check of a frame fails');
    expect(decoder.decode(stream)).toEqual({ text: [], fault });
  });
});

describe('a hostile peer', () => {
  it('gives a frame no more bytes than its length may say', () => {
    const most = Buffer.alloc(MAX_FRAME_BYTES);
    const { fault } = read(compressing().decoder, forged(most));
    expect(fault).toBe('a frame is no deflate of ours');
    expect(read(compressing().decoder, HEADER, Uint8Array.of(0x80, 0x80)).fault).toBe(
      `damaged on its way: a frame of more than ${MAX_FRAME_BYTES} bytes`,
    );
  });

  it('gives a frame no more text than the bound, and what is beyond it is not inflated', () => {
    const text = Buffer.alloc(MAX_FRAME_TEXT, 'lorem ipsum ');
    expect(read(compressing().decoder, forged(deflated(text))).text === text.toString()).toBe(true);
    const fault = `a frame holds more than ${MAX_FRAME_TEXT} bytes of text, or more than ${MAX_RATIO} for each of its bytes`;
    const beyond = Buffer.concat([text, Buffer.from('x')]);
    expect(read(compressing().decoder, forged(deflated(beyond)))).toEqual({ text: '', fault });

    const bomb = forged(deflated(Buffer.alloc(16_000_000, 'a')));
    expect(bomb.length).toBeLessThan(MAX_FRAME_BYTES);
    const { decoder } = compressing();
    const before = process.memoryUsage().arrayBuffers;
    expect(read(decoder, bomb)).toEqual({ text: '', fault });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('gives a frame no more text for each of its bytes than the ratio', () => {
    const phrase = PHRASES.toSorted((a, b) => b.length - a.length)[0]!;
    const times = Math.floor(MAX_FRAME_TEXT / phrase.length);
    const bytes = deflated(Buffer.from(shorten(phrase.repeat(times))));
    expect(bytes.length * MAX_RATIO).toBeLessThan(phrase.length * times);
    expect(read(compressing().decoder, forged(bytes)).fault).toContain(`more than ${MAX_RATIO}`);
  });

  it('can send what is no deflate, what is not all of it, and what ends the stream', () => {
    const cut = deflated(Buffer.from('<message/>')).subarray(0, -2);
    for (const bytes of [Buffer.alloc(0), Uint8Array.of(0x07), cut, deflated(Buffer.from('<a/>'), true)])
      expect(read(compressing().decoder, forged(bytes)).fault).toBe('a frame is no deflate of ours');
  });

  it('never brings a peer of ours near the bounds, whatever its users write', () => {
    for (const xml of ['a', '漢', '\u{1f44d}', '&lt;', '</message>', ...PHRASES, MESSAGES[0]!]) {
      const { encoder, decoder } = compressing();
      const all = xml.repeat(30_000 / xml.length);
      const { text, fault } = read(decoder, encoder.encode(all));
      expect({ xml, isSame: text === all, fault }).toEqual({ xml, isSame: true, fault: undefined });
    }
  });
});

describe('the budgets of a compressed link, framing and header included', () => {
  const sizes = (flushes: readonly string[], before: readonly string[] = []) => {
    const encoder = new DeflateEncoder();
    for (const xml of before) encoder.encode(xml);
    return flushes.reduce((sum, xml) => sum + encoder.encode(xml).length, 0);
  };

  it('a message, mean over 2,000 that are flushed one by one: 36 bytes', () => {
    const bodies = MESSAGES.map((xml) => /<body>(.*)<\/body>/.exec(xml)?.[1]?.length ?? 0);
    expect(Math.round(bodies.reduce((a, b) => a + b) / MESSAGES.length)).toBe(40);
    expect(sizes(MESSAGES) / MESSAGES.length).toBeLessThanOrEqual(36);
  });

  it('200 missed messages, ten to a flush: 7,000 bytes', () => {
    expect(sizes(history(200))).toBeLessThanOrEqual(7000);
  });

  it('20 occupants in one flush: 1,000 bytes', () => {
    expect(sizes([occupants()])).toBeLessThanOrEqual(1000);
  });

  it('an hour of 276 events of presence, gathered over a minute: 1,500 bytes', () => {
    expect(sizes(presenceHour(), [occupants()])).toBeLessThanOrEqual(1500);
  });
});
