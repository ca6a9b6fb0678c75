import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Log } from '../../src/io/log.ts';
import { LogTail, TAIL_CHARACTERS, TAIL_LINES } from '../../src/io/log-tail.ts';

test('the log keeps its last lines as it has written them, and nothing that its level leaves out', () => {
  const written: string[] = [];
  const log = new Log({ write: (text) => written.push(text) }, 'info', () => 1000);
  log.write('info', 'ready', { domain: 'rooms.denmark.lit' });
  log.write('debug', 'secret');
  log.write('warn', 'two words');
  expect(log.tail.since(0)).toEqual({
    lines: written.map((line) => line.replace(/^<\d>/, '').trimEnd()),
    position: 1002,
  });
});

test('whoever has seen some gets the others', () => {
  const tail = new LogTail(1000);
  for (const line of ['a', 'b', 'c']) tail.add(line);
  expect(tail.since(1001)).toEqual({ lines: ['b', 'c'], position: 1003 });
  expect(tail.since(1003)).toEqual({ lines: [], position: 1003 });
});

test('a position of an earlier log, or of none that this can be, gives all', () => {
  const tail = new LogTail(1000);
  tail.add('a');
  expect(tail.since(900).lines).toEqual(['a']);
  expect(tail.since(1002).lines).toEqual(['a']);
});

test('it is bounded in lines and in characters, and gives the newest', () => {
  const line = fc.oneof(fc.nat(40), fc.nat(2 * TAIL_CHARACTERS)).map((length) => 'x'.repeat(length));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 2 * TAIL_LINES }), fc.nat(TAIL_LINES), (lines, news) => {
      const tail = new LogTail(0);
      for (const [at, text] of lines.entries()) tail.add(`${at} ${text}`);
      const kept = tail.since(0).lines;
      expect(kept.length).toBeLessThanOrEqual(TAIL_LINES);
      expect(kept.join('').length).toBeLessThanOrEqual(TAIL_CHARACTERS);
      const first = lines.length - kept.length;
      expect(kept.map((text) => Number.parseInt(text, 10))).toEqual(kept.map((_, at) => first + at));
      if (lines.length > 0) expect(kept).not.toEqual([]);
      expect(tail.since(lines.length - news).lines.length).toBe(Math.min(news, kept.length));
    }),
  );
  const tail = new LogTail(0);
  for (let at = 0; at < TAIL_LINES + 1; at += 1) tail.add(`${at}`);
  expect(tail.since(0).lines).toHaveLength(TAIL_LINES);
});
