import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Console } from '../../src/cli/top/console.ts';
import { ESCAPE_WAIT } from '../../src/cli/top/keys.ts';
import { Live } from '../../src/cli/top/live.ts';
import type { StatusReport } from '../../src/gateway/report.ts';
import { type ControlRequest, ControlServer } from '../../src/io/control.ts';
import { atEnd, endAll, temporaryFolder } from '../support/ending.ts';
import { link, report, room } from './reports.ts';
import { Screen } from './top-screen.ts';

/* `fmucd top` with its terminal, which may be slow, silent or gone, and a gateway that answers or doesn't. Time is the test's. */

const EVERY = 2000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(async () => {
  await endAll();
  vi.useRealTimers();
});

/** A terminal, what it shows, and how much it takes. */
class Terminal {
  readonly input = Object.assign(new PassThrough(), {
    isRaw: false,
    setRawMode: (mode: boolean) => void (this.input.isRaw = mode),
  });
  readonly output: EventEmitter & { columns: number; rows: number; fd: number };
  /** Bytes that it takes at once. */
  takes = Number.POSITIVE_INFINITY;
  /** What it has taken. */
  text = '';
  readonly #size: readonly [columns: number, rows: number];

  constructor(columns = 80, rows = 24, known = { columns, rows }) {
    this.output = Object.assign(new EventEmitter(), { ...known, fd: -1 });
    this.#size = [columns, rows];
  }

  readonly write = (bytes: Uint8Array): number => {
    const taken = bytes.subarray(0, this.takes);
    this.text += Buffer.from(taken).toString();
    return taken.length;
  };

  /** What it shows. */
  get screen(): Screen {
    const screen = new Screen(...this.#size);
    screen.write(this.text);
    return screen;
  }

  /** Presses keys, and waits until they have been read. */
  async type(text: string): Promise<void> {
    const read = once(this.input, 'data');
    this.input.write(text);
    await read;
  }

  get line(): string {
    return this.screen.lines[0] ?? '';
  }
}

/** A gateway at a control socket that answers what `status` says. */
async function scene(terminal = new Terminal()) {
  const path = `${temporaryFolder()}/control.sock`;
  const asked: ControlRequest[] = [];
  const shown: { report: StatusReport; lines: string[] } = {
    report: report({ links: [link()], rooms: [room()] }),
    lines: [],
  };
  const server = new ControlServer(path, (request) => {
    asked.push(request);
    return { report: shown.report, log: { lines: shown.lines, position: 100 + asked.length } };
  });
  await server.listen();
  atEnd(() => server.close());
  const first = { report: shown.report, log: { lines: [], position: 100 } };
  const look = { hasUtf8: true, hasColours: false };
  const open = (events: ConstructorParameters<typeof Console>[2]) =>
    new Console(
      terminal.input as unknown as ReadStream,
      terminal.output as unknown as WriteStream & { fd: number },
      events,
      terminal.write,
    );
  const live = new Live(first, { path, every: EVERY, look, open });
  atEnd(() => live.close());
  await Promise.resolve();
  const tick = () => vi.advanceTimersByTimeAsync(EVERY);
  /** Waits until the gateway has been asked so often, and the answer is on the screen. */
  const sees = (text: string) => expect.poll(() => terminal.screen.lines.join('\n')).toContain(text);
  return { terminal, live, server, asked, shown, tick, sees };
}

describe('the terminal', () => {
  test('is ours while it shows, and is given back with the last picture on it', async () => {
    const { terminal, live } = await scene();
    expect([terminal.input.isRaw, terminal.screen.hasCursor]).toEqual([true, false]);
    expect(terminal.line).toContain('rooms.denmark.lit');
    await terminal.type('q');
    await live.ended;
    live.close();
    expect([terminal.input.isRaw, terminal.screen.hasCursor]).toEqual([false, true]);
    expect(terminal.line).toContain('rooms.denmark.lit');
    expect(terminal.screen.lines[23]?.trim()).toBe('');
    expect(vi.getTimerCount()).toBe(0);
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGTSTP', 'SIGCONT'])
      expect(process.listenerCount(name)).toBe(0);
  });

  test.each(['end', 'error'])('the %s of its line is the end', async (event) => {
    const { terminal, live } = await scene();
    terminal.input.emit(event, new Error('EIO'));
    await expect(live.ended).resolves.toBeUndefined();
  });

  test('is given back where this fails', async () => {
    const { terminal, live, shown, tick } = await scene();
    shown.report = {} as StatusReport;
    await tick();
    await expect(live.ended).rejects.toThrow('undefined');
    live.close();
    expect([terminal.input.isRaw, terminal.screen.hasCursor]).toEqual([false, true]);
  });

  test('says how large it is where the kernel doesn’t know', async () => {
    const { terminal, sees } = await scene(new Terminal(100, 30, { columns: 0, rows: 0 }));
    expect(terminal.text).toBe('\x1b[?25l\x1b[999;999H\x1b[6n');
    await terminal.type('\x1b[30;100R');
    await sees('q quit');
    expect(terminal.screen.lines[29]).toContain('q quit');
  });

  test('is taken for 80x24 where it says nothing, and asked anew by ctrl-L', async () => {
    const { terminal, sees } = await scene(new Terminal(80, 24, { columns: 0, rows: 0 }));
    await vi.advanceTimersByTimeAsync(1000);
    await sees('q quit');
    const before = terminal.text;
    await terminal.type('\x0c');
    expect(terminal.text).toBe(`${before}\x1b[?25l\x1b[999;999H\x1b[6n`);
  });

  test('has a lone ESC told from an arrow that comes in pieces', async () => {
    const { terminal, sees } = await scene();
    await terminal.type('\r');
    await sees('transport');
    await terminal.type('\x1b');
    await terminal.type('[');
    await vi.advanceTimersByTimeAsync(ESCAPE_WAIT - 1);
    await terminal.type('B');
    await vi.advanceTimersByTimeAsync(ESCAPE_WAIT);
    expect(terminal.screen.lines.join()).toContain('transport');
    await terminal.type('\x1b');
    await vi.advanceTimersByTimeAsync(ESCAPE_WAIT);
    await sees('REMOTE');
  });
});

describe('a terminal that takes less than there is', () => {
  test('is not sent the next picture, nor is the gateway asked, until it has taken the last one', async () => {
    const { terminal, asked, shown, tick } = await scene();
    const before = terminal.text;
    terminal.takes = 0;
    shown.report = report({ domain: 'other.lit' });
    await tick();
    await expect.poll(() => asked.length).toBe(1);
    // What the answer has come to is on its way.
    await expect.poll(() => vi.getTimerCount()).toBe(2);
    for (let at = 0; at < 5; at += 1) await tick();
    await terminal.type('j');
    expect(terminal.text).toBe(before);
    terminal.takes = 3;
    await vi.advanceTimersByTimeAsync(EVERY - 1);
    expect(terminal.line).toContain('other.lit');
    expect(terminal.screen.lines.join()).toContain('>elsinore@rooms.denmark.lit');
    await tick();
    await expect.poll(() => asked.length).toBe(2);
  });
});

describe('the gateway', () => {
  test('is asked again and again, for the lines of the log that are new', async () => {
    const { asked, shown, tick, sees } = await scene();
    shown.lines = ['time=2026-11-21T12:00:00.000Z level=info msg=first'];
    await tick();
    await sees('12:00:00 first');
    shown.lines = ['time=2026-11-21T12:00:02.000Z level=info msg=second'];
    await tick();
    await sees('12:00:02 second');
    await sees('12:00:00 first');
    expect(asked).toEqual([
      { command: 'top', after: 100 },
      { command: 'top', after: 101 },
    ]);
  });

  test('is left alone while paused, and asked at once after that', async () => {
    const { terminal, asked, shown, tick, sees } = await scene();
    await terminal.type('p');
    await sees('PAUSED');
    shown.report = report({ domain: 'other.lit' });
    for (let at = 0; at < 5; at += 1) await tick();
    expect(terminal.line).toContain('rooms.denmark.lit');
    await terminal.type('p');
    await sees('other.lit');
    expect(asked).toHaveLength(1);
  });

  test('that ends is said, and shown again when it is back', async () => {
    const { server, tick, sees, terminal } = await scene();
    server.close();
    await tick();
    await sees("! the gateway isn't running");
    await server.listen();
    await tick();
    await expect.poll(() => terminal.screen.lines.join()).not.toContain("isn't running");
  });
});
