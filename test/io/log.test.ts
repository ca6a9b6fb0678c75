import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Log, MAX_VALUE_CHARACTERS } from '../../src/io/log.ts';
import type { LogLevel } from '../../src/lib/effects.ts';

function record(level: LogLevel) {
  const lines: string[] = [];
  const log = new Log({ write: (text) => lines.push(text) }, level, () => Date.UTC(2026, 10, 21, 1, 2, 3, 456));
  return { log, lines };
}

function valueOf(value: string): string {
  const { log, lines } = record('info');
  log.write('info', 'x', { value });
  return lines.join('').replace(/^.* value=/, '');
}

test('one event is one line', () => {
  const { log, lines } = record('info');
  log.write('info', 'ready', { domain: 'rooms.denmark.lit', links: 2 });
  log.write('warn', 'peer refused', { address: '[fe80::1]:5270', reason: 'not in "from"' });
  expect(lines).toEqual([
    '<6>time=2026-11-21T01:02:03.456Z level=info msg=ready domain=rooms.denmark.lit links=2\n',
    '<4>time=2026-11-21T01:02:03.456Z level=warn msg="peer refused" address=[fe80::1]:5270 reason="not in \\"from\\""\n',
  ]);
});

test('leaves out what is less important than its level, which may change', () => {
  const { log, lines } = record('warn');
  for (const level of ['error', 'warn', 'info', 'debug'] as const) log.write(level, level);
  log.level = 'debug';
  log.write('debug', 'now');
  expect(lines.map((line) => / msg=(\S+)\n/.exec(line)?.[1])).toEqual(['error', 'warn', 'now']);
});

describe('a line begins', () => {
  const time = 'time=2026-11-21T01:02:03.456Z';
  function written(isTTY: boolean): string {
    const lines: string[] = [];
    const log = new Log({ isTTY, write: (text) => lines.push(text) }, 'debug', () =>
      Date.UTC(2026, 10, 21, 1, 2, 3, 456),
    );
    for (const level of ['error', 'warn', 'info', 'debug'] as const) log.write(level, 'x');
    return lines.join('');
  }
  afterEach(() => vi.unstubAllEnvs());

  test('with the priority that syslog has for its level, for programs', () => {
    expect(written(false)).toBe(
      `<3>${time} level=error msg=x\n<4>${time} level=warn msg=x\n<6>${time} level=info msg=x\n<7>${time} level=debug msg=x\n`,
    );
  });

  test('in the colour of what matters, on a terminal', () => {
    vi.stubEnv('TERM', 'linux');
    vi.stubEnv('NO_COLOR', '');
    expect(written(true)).toBe(
      `\u001b[1;31m${time} level=error msg=x\u001b[0m\n\u001b[33m${time} level=warn msg=x\u001b[0m\n` +
        `${time} level=info msg=x\n\u001b[2m${time} level=debug msg=x\u001b[0m\n`,
    );
  });

  test('with itself, on a terminal without colours', () => {
    vi.stubEnv('TERM', 'dumb');
    expect(written(true)).toMatch(/^(?:time=\S+ level=\w+ msg=x\n){4}$/);
  });
});

test.each([
  ['', '""'],
  ['plain-1.2/x', 'plain-1.2/x'],
  ['grüße', 'grüße'],
  ['two words', '"two words"'],
  ['a=b', '"a=b"'],
  ['back\\slash', '"back\\\\slash"'],
  ['line\nbreak\r\tand', '"line\\nbreak\\r\\tand"'],
  ['\u001b[2Jgone', '"\\u{1b}[2Jgone"'],
  ['\u202Eevil', '"\\u{202e}evil"'],
  ['\u2028', '"\\u{2028}"'],
  ['\ud800', '"\\u{d800}"'],
])('%j is written %s', (value, expected) => {
  expect(valueOf(value)).toBe(`${expected}\n`);
});

test('a long value is cut', () => {
  expect(valueOf('x'.repeat(MAX_VALUE_CHARACTERS))).toBe(`${'x'.repeat(MAX_VALUE_CHARACTERS)}\n`);
  expect(valueOf('x'.repeat(MAX_VALUE_CHARACTERS + 1))).toBe(`${'x'.repeat(MAX_VALUE_CHARACTERS)}…\n`);
});

test('whatever the value, the line is one line, ends once, and reads back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
      const written = valueOf(value);
      expect(written).toMatch(/^(?:"(?:[^"\\\p{C}]|\\["\\nrt]|\\u\{[\da-f]+\})*"|[^\s"=\\\p{C}]+)\n$/u);
      const read = written
        .slice(0, -1)
        .replace(/^"(.*)"$/su, '$1')
        .replace(/\\(?:u\{([\da-f]+)\}|(.))/gu, (_, code: string | undefined, short: string) =>
          code === undefined
            ? ({ n: '\n', r: '\r', t: '\t' }[short] ?? short)
            : String.fromCodePoint(Number.parseInt(code, 16)),
        );
      expect(read).toBe(value);
    }),
  );
});
