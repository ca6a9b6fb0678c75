import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyReader } from '../../src/cli/top/keys.ts';
import { AT_FIRST, press, type State, type Thing } from '../../src/cli/top/state.ts';

/* The keys of `top`: as a terminal sends them, and what each does. */

const kinds = (reader: KeyReader, text: string) => reader.read(text).map(({ kind }) => kind);

describe('what a terminal sends', () => {
  test.each([
    ['q', 'quit'],
    ['\x03', 'quit'],
    ['p', 'pause'],
    ['?', 'help'],
    ['h', 'help'],
    ['k', 'up'],
    ['j', 'down'],
    ['\x1b[A', 'up'],
    ['\x1bOB', 'down'],
    ['\x1b[C', 'right'],
    ['\x1bOD', 'left'],
    ['\x1b[5~', 'page-up'],
    ['\x1b[6~', 'page-down'],
    ['\x1b[H', 'home'],
    ['\x1bOF', 'end'],
    ['\x1b[1~', 'home'],
    ['\x1b[4~', 'end'],
    ['\r', 'enter'],
    ['\n', 'enter'],
    ['\t', 'tab'],
    ['\x0c', 'redraw'],
    ['\x1a', 'suspend'],
    ['x', 'other'],
    ['漢', 'other'],
    ['\x1b[15~', 'other'],
    ['constructor'.charAt(0), 'other'],
  ])('%j is %s, in whatever pieces it comes', (text, kind) => {
    expect(kinds(new KeyReader(), text)).toEqual([kind]);
    const reader = new KeyReader();
    expect([...text].flatMap((piece) => kinds(reader, piece))).toEqual([kind]);
    expect(reader.isAmid).toBe(false);
  });

  test('a size, which it was asked for', () => {
    expect(new KeyReader().read('\x1b[24;80Rq')).toEqual([{ kind: 'size', rows: 24, columns: 80 }, { kind: 'quit' }]);
  });

  test('an ESC that nothing follows is a key, and one that begins an arrow is not', () => {
    const reader = new KeyReader();
    expect([kinds(reader, '\x1b'), reader.isAmid]).toEqual([[], true]);
    expect(kinds(reader, '[')).toEqual([]);
    expect(kinds(reader, 'A')).toEqual(['up']);
    expect(kinds(reader, '\x1b')).toEqual([]);
    expect(reader.giveUp()).toEqual([{ kind: 'left' }]);
    expect([reader.isAmid, reader.giveUp()]).toEqual([false, []]);
  });

  test('half a sequence that ends there is no key, and neither is one without an end', () => {
    const reader = new KeyReader();
    expect([kinds(reader, '\x1b['), reader.giveUp(), kinds(reader, 'q')]).toEqual([[], [], ['quit']]);
    expect(kinds(reader, `\x1b[${'1;'.repeat(20)}`)).toEqual([]);
    expect(reader.isAmid).toBe(false);
  });

  test('several at once are the same as one by one, cut anywhere', () => {
    const key = fc.constantFrom('q', 'p', '\x1b[A', '\x1bOB', '\x1b[6~', '\r', 'x');
    fc.assert(
      fc.property(fc.array(key, { maxLength: 8 }), fc.nat(20), (keys, cut) => {
        const text = keys.join('');
        const reader = new KeyReader();
        const pieces = [...kinds(reader, text.slice(0, cut)), ...kinds(reader, text.slice(cut))];
        expect(pieces).toEqual(keys.flatMap((one) => kinds(new KeyReader(), one)));
      }),
    );
  });
});

describe('what keys do', () => {
  const thing = (table: Thing['table'], name: string): Thing => ({ table, name });
  const things = [
    ...Array.from({ length: 12 }, (_, at) => thing('links', `link-${at}`)),
    ...Array.from({ length: 3 }, (_, at) => thing('rooms', `room-${at}`)),
  ];
  const ground = { things, maxScroll: 12 };
  /** What those keys, one after the other, make of the first state. */
  const after = (keys: string, on = ground, from: State = AT_FIRST) =>
    new KeyReader().read(keys).reduce((state, key) => press(state, key, on), from);
  const chosen = (keys: string) => after(keys).chosen?.name;

  test('arrows move the mark, from the links on to the rooms, and end at the ends', () => {
    expect(chosen('j')).toBe('link-1');
    expect(chosen('jjk')).toBe('link-1');
    expect(chosen('k')).toBe('link-0');
    expect(chosen('G')).toBe('room-2');
    expect(chosen('Gj')).toBe('room-2');
    expect(chosen('Gg')).toBe('link-0');
    expect(chosen('\x1b[6~')).toBe('link-10');
    expect(chosen('\x1b[6~\x1b[6~')).toBe('room-2');
    expect(chosen('G\x1b[5~')).toBe('link-4');
    expect(chosen('\t')).toBe('room-0');
    expect(chosen('jj\t\t')).toBe('link-0');
  });

  test('enter opens, and enter, left or esc goes back to the same', () => {
    expect(after('j\r')).toMatchObject({ isOpen: true, chosen: { name: 'link-1' } });
    for (const back of ['\r', '\x1b[D', '\x7f'])
      expect(after(`j\r${back}`)).toMatchObject({ isOpen: false, chosen: { name: 'link-1' } });
    expect(press(after('\r'), { kind: 'left' }, ground).isOpen).toBe(false);
  });

  test('in what is opened arrows scroll, as far as there is anything', () => {
    expect(after('\rjj').scroll).toBe(2);
    expect(after('\rjjk').scroll).toBe(1);
    expect(after('\rG').scroll).toBe(12);
    expect(after('\rGj').scroll).toBe(12);
    expect(after('\rk').scroll).toBe(0);
    expect(after('\rG\x1b[5~').scroll).toBe(2);
    expect(after('\rG\r\r').scroll).toBe(0);
  });

  test('p pauses and goes on; ? helps until any key', () => {
    expect(after('p').isPaused).toBe(true);
    expect(after('pp').isPaused).toBe(false);
    expect(after('?').isHelping).toBe(true);
    expect(after('?p')).toMatchObject({ isHelping: false, isPaused: false });
    expect(after('x\t\tx')).toEqual({ ...AT_FIRST, chosen: things[0] });
  });

  test('where there is nothing, nothing happens', () => {
    expect(after('jk\t\r', { things: [], maxScroll: 0 })).toEqual(AT_FIRST);
  });

  test('where what was marked is no more, the first is', () => {
    const from = { ...AT_FIRST, chosen: thing('links', 'gone') };
    expect(after('\r', ground, from).chosen?.name).toBe('link-0');
  });
});
