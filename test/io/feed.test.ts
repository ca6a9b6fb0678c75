import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlServer, RequestError } from '../../src/io/control.ts';
import { follow } from '../../src/io/control-client.ts';
import { type Feed, MAX_WAITING_BYTES, OpenAnswer } from '../../src/io/feed.ts';

/* A request that stays open, over a real control socket. */

let directory: string;
let path: string;
let server: ControlServer;
let sockets: Socket[];
/** Every feed that is open. */
let feeds: Feed[];
/** Called once a feed is opened or closed. */
let changed: () => void;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-feed-'));
  path = join(directory, 'control.sock');
  sockets = [];
  feeds = [];
  changed = () => {};
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(directory, { recursive: true });
});

async function serve(deadline?: number): Promise<void> {
  const answer = ({ peer }: { readonly peer?: string }) => {
    if (peer === 'nobody') throw new RequestError('no link to "nobody"');
    return new OpenAnswer({ peer }, (feed) => {
      feeds.push(feed);
      changed();
      return () => {
        feeds.splice(feeds.indexOf(feed), 1);
        changed();
      };
    });
  };
  server = new ControlServer(path, answer, deadline);
  await server.listen();
}

function change(): Promise<void> {
  return new Promise((resolve) => (changed = resolve));
}

/** Follows an answer, and notes what comes. */
function following(peer = 'rooms.wonderland.lit') {
  const abort = new AbortController();
  const seen: unknown[] = [];
  let more = () => {};
  const note = (thing: unknown) => {
    seen.push(thing);
    more();
  };
  const end = follow(path, { command: 'trace', peer }, { begun: note, line: note, signal: abort.signal });
  const until = async (count: number) => {
    while (seen.length < count) await new Promise<void>((resolve) => (more = resolve));
  };
  return { seen, until, end, abort: () => abort.abort() };
}

describe('an answer that stays open', () => {
  test('brings lines until whoever follows it ends it, and the gateway notices', async () => {
    await serve();
    const { seen, until, end, abort } = following();
    await until(1);
    feeds[0]?.send('{"says":"ünï"}');
    feeds[0]?.send('{"says":"more"}');
    await until(3);
    expect(seen).toEqual([{ peer: 'rooms.wonderland.lit' }, { says: 'ünï' }, { says: 'more' }]);
    const closed = change();
    abort();
    expect(await end).toBeUndefined();
    await closed;
    expect(feeds).toEqual([]);
  });

  test('outlives the deadline of an answer', async () => {
    await serve(50);
    const { until, abort, end } = following();
    await until(1);
    // A connection that asks nothing is ended by the same deadline: by then it is over for this one as well.
    const idle = connect(path);
    sockets.push(idle);
    await once(idle.resume(), 'close');
    feeds[0]?.send('{}');
    await until(2);
    abort();
    expect(await end).toBeUndefined();
  });

  test('is refused with the reason', async () => {
    await serve();
    expect(await following('nobody').end).toEqual({ ok: false, error: 'no link to "nobody"' });
  });

  test('ends with the gateway', async () => {
    await serve();
    const { until, end } = following();
    await until(1);
    server.close();
    await expect(end).rejects.toMatchObject({
      condition: 'ended',
      message: `the gateway has ended (nobody answers at ${path} any more)`,
    });
  });

  test('is none where nobody runs', async () => {
    await serve();
    server.close();
    await expect(following().end).rejects.toMatchObject({ condition: 'not-running' });
  });
});

test('a reader that is too slow gets what fits, and then how many are missing', async () => {
  await serve();
  const socket = connect(path);
  sockets.push(socket);
  const opened = change();
  socket.write('{"command":"trace"}\n');
  await opened;
  const COUNT = 3000;
  const line = (number: number) => JSON.stringify({ number, text: 'x'.repeat(1000) });
  let most = 0;
  for (let number = 0; number < COUNT; number += 1) {
    feeds[0]?.send(line(number));
    most = Math.max(most, feeds[0]?.waiting ?? 0);
  }
  expect(most).toBeGreaterThan(MAX_WAITING_BYTES - 2000);
  expect(most).toBeLessThanOrEqual(MAX_WAITING_BYTES);
  const read: { number?: number; left_out?: number }[] = [];
  for await (const text of createInterface(socket)) {
    read.push(JSON.parse(text) as (typeof read)[number]);
    if (read.at(-1)?.left_out !== undefined) break;
  }
  const [, ...lines] = read; // the first one is the answer
  const got = lines.slice(0, -1);
  expect(got.map(({ number }) => number)).toEqual(got.map((_, at) => at));
  expect(lines.at(-1)).toEqual({ left_out: COUNT - got.length });
});

test('one line goes out however long it is', async () => {
  await serve();
  const { seen, until, abort, end } = following();
  await until(1);
  const text = 'x'.repeat(MAX_WAITING_BYTES);
  feeds[0]?.send(JSON.stringify({ text }));
  await until(2);
  expect(seen[1]).toEqual({ text });
  abort();
  await end;
});
