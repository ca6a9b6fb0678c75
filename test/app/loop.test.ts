import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CONGESTED_BYTES,
  HELD_BACK_STEP,
  Loop,
  MAX_HELD_BACK,
  MAX_SEARCHES,
  PIECE,
  SLICE,
  STALL_TIMEOUT,
  type World,
} from '../../src/app/loop.ts';
import type { Effect, Input } from '../../src/gateway/effects.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { StoreError } from '../../src/io/store-error.ts';
import type { Resolution, TlsRequest } from '../../src/lib/effects.ts';
import type { CrossedEffect } from '../../src/link/crossed.ts';
import type { Found } from '../../src/muc/search.ts';
import type { WithheldEffect } from '../../src/stanza/withheld.ts';
import { element } from '../../src/xml/element.ts';
import { DamagedTextError } from '../../src/xml/parse.ts';

/* Effects are carried out in the order that README.md promises, whatever the gateway's turns hold. */

const input: Input = { kind: 'data', connection: 1, bytes: new Uint8Array() };
const append: Effect = {
  kind: 'append',
  message: { room: 'r@a', seq: 1, nick: 'n', author: 'u@a', stamp: 0, received: 0, stanza: '<message/>' },
  keep: { messages: 0, age: 0 },
};
const write = (data: string): Effect => ({ kind: 'write', connection: 1, data });
const stanza: Effect = { kind: 'stanza', via: { kind: 'component' }, stanza: element('iq') };
const query: Effect = {
  kind: 'query',
  query: { room: 'r@a' },
  request: { kind: 'node-unsent', room: 'r@a', node: 'n@b' },
};

const search = (isContinued: boolean): Effect => ({
  kind: 'search',
  search: { kind: 'count', room: 'r@a', filter: {}, rows: 1 },
  request: { kind: 'metadata', room: 'r@a', iq: element('iq'), first: undefined },
  isContinued,
});
const queryVcard: Effect = { kind: 'query-vcard', request: { room: 'r@a', stanza: element('iq') } };

let done: string[];
let commit: () => void;
let history: () => [];
let look: () => Found;
let inputs: Input[];
let vcard: (room: string) => string | undefined;
let newest: number | undefined;
let turns: ((what: Input) => Effect[])[];
let timeout: number | undefined;
let buffered: number;
let drained: (() => void) | undefined;
let ahead: number[];
let resolve: (domain: string) => Promise<Resolution>;

const gateway = {
  component: { connection: 7 },
  s2s: { isAhead: (connection: number) => ahead.includes(connection), carriersOf: () => [7] },
  handle: (what: Input) => (inputs.push(what), turns.shift()?.(what) ?? []),
  handleTimeout: () => (done.push('timeout'), []),
  nextTimeout: () => timeout,
  commit: () => void done.push('settled'),
  rollback: (_: Input, failure: string) => (done.push(`taken back: ${failure}`), [write('refused')]),
} as unknown as Gateway;

function loop(): Loop {
  return new Loop(gateway, world());
}

function world(): World {
  return {
    store: {
      rooms: [],
      newest: () => newest,
      commit: () => (commit(), done.push('stored')),
      history: () => history(),
      search: () => (done.push('looked'), look()),
      vcard: (room: string) => vcard(room),
      foundDamaged: (cause: unknown) => new StoreError('corrupt', 'fmucd.db', cause),
    },
    tcp: {
      write: (_: number, data: string) => void done.push(data),
      buffered: (connection: number) => (connection === 7 ? buffered : Number.POSITIVE_INFINITY),
      pause: (connection?: number) => void done.push(`paused${connection ?? ''}`),
      setAhead: (connection: number, isAhead: boolean) =>
        void done.push(`${isAhead ? 'held back' : 'let go'} ${connection}`),
      resume: (connection?: number) => void done.push(`resumed${connection ?? ''}`),
      secure: (connection: number, _: TlsRequest, received: Uint8Array) =>
        void done.push(`secured ${connection} with ${Buffer.from(received).toString()}`),
      abort: (connection: number) => void done.push(`aborted ${connection}`),
      whenDrained: (_: number, callback: () => void) => (drained = callback),
    },
    log: { write: (_: string, message: string) => void done.push(`log: ${message}`) },
    now: () => Date.now(),
    resolve: (domain: string) => resolve(domain),
    onRest: () => void done.push('rest'),
    onTraced: ({ kind, direction }: CrossedEffect | WithheldEffect) => void done.push(`${kind} ${direction}`),
  } as unknown as World;
}

beforeEach(() => {
  vi.useFakeTimers();
  done = [];
  turns = [];
  timeout = undefined;
  buffered = 0;
  ahead = [];
  commit = () => {};
  history = () => [];
  inputs = [];
  look = () => ({ messages: [], count: 7, isFull: false, next: undefined });
  vcard = () => undefined;
  newest = undefined;
});

afterEach(() => void vi.useRealTimers());

describe('a turn', () => {
  it('is durable before it is seen, wherever its effects stand', () => {
    turns = [() => [write('first'), append, write('second')]];
    loop().handle(input);
    expect(done).toEqual(['stored', 'settled', 'first', 'second', 'rest']);
  });

  it('tells of what crosses a traced link, once it is durable', () => {
    const crossed: Effect = { kind: 'crossed', peer: 'a', direction: 'out', xml: '<iq/>', bytes: 5, wire: 5 };
    turns = [() => [write('first'), crossed, append]];
    loop().handle(input);
    expect(done).toEqual(['stored', 'settled', 'first', 'crossed out', 'rest']);
  });

  it('that cannot be written is taken back, and only its refusal is seen', () => {
    commit = () => {
      throw new StoreError('full', 'fmucd.db');
    };
    turns = [() => [write('first'), append]];
    loop().handle(input);
    expect(done).toEqual(['taken back: storeFailed', 'settled', 'refused', 'rest']);
  });

  it('with a fault in it costs itself alone', () => {
    turns = [
      () => {
        throw new TypeError('a bug');
      },
      () => [write('next')],
    ];
    const running = loop();
    running.handle(input);
    running.handle(input);
    expect(done).toEqual(['taken back: internal', 'settled', 'refused', 'rest', 'settled', 'next', 'rest']);
  });

  it('has what it brings back handled, with all that comes of it, before its next effect', () => {
    turns = [() => [stanza, write('last')], () => [query, write('middle')], () => [write('history')]];
    loop().handle(input);
    expect(done.filter((what) => what !== 'settled')).toEqual(['history', 'middle', 'last', 'rest']);
  });

  it('whose archive cannot be read goes on without', () => {
    history = () => {
      throw new StoreError('corrupt', 'fmucd.db');
    };
    turns = [() => [query], () => [write('nothing')]];
    loop().handle(input);
    expect(done).toContain('log: archive not read');
    expect(done).toContain('nothing');
  });

  it('gets the vCard of a room that it asks for, or none where that cannot be read', () => {
    const read = (what: Input): Effect[] => [write(what.kind === 'vcard-read' ? `vCard ${what.vcard}` : what.kind)];
    vcard = (room) => `of ${room}`;
    turns = [() => [queryVcard, write('last')], read];
    loop().handle(input);
    vcard = () => {
      throw new StoreError('failing', 'fmucd.db');
    };
    turns = [() => [queryVcard], read];
    loop().handle(input);
    expect(done.filter((what) => /vCard|last|log/.test(what))).toEqual([
      'vCard of r@a',
      'last',
      'log: archive not read',
      'vCard undefined',
    ]);
  });
});

describe('a connection', () => {
  const tls = { role: 'server', profile: 's2s' } as const;
  const data = (connection: number, text: string): Input => ({ kind: 'data', connection, bytes: Buffer.from(text) });

  it('that is to be secured takes what has come of it and was not handled into TLS, and nothing of others', () => {
    const running = loop();
    turns = [
      () => {
        for (const late of [data(2, 'c'), data(3, 'kept'), data(2, 'd')]) running.handle(late);
        return [{ kind: 'secure', connection: 2, tls, received: Buffer.from('b') }];
      },
      () => [write('of another')],
    ];
    running.handle(data(2, 'ab'));
    expect(done.filter((what) => what !== 'settled')).toEqual(['secured 2 with bcd', 'of another', 'rest']);
    expect(turns).toEqual([]);
  });

  it('is held and read again by itself', () => {
    turns = [
      () => [
        { kind: 'pause', connection: 2 },
        { kind: 'resume', connection: 2 },
      ],
    ];
    loop().handle(input);
    expect(done).toEqual(['settled', 'paused2', 'resumed2', 'rest']);
  });
});

describe('a domain', () => {
  it('is resolved, and what comes of it is an input, unless the loop has been halted', async () => {
    const resolution: Resolution = { records: [], addresses: ['10.1.0.2'], isDefinite: false };
    resolve = async () => resolution;
    const running = loop();
    turns = [() => [{ kind: 'resolve', domain: 'wonderland.lit' }], () => [write('resolved')]];
    running.handle(input);
    expect(done).toEqual(['settled', 'rest']);
    await vi.runAllTimersAsync();
    expect(done).toContain('resolved');
    turns = [() => [{ kind: 'resolve', domain: 'wonderland.lit' }], () => [write('too late')]];
    running.handle(input);
    running.halt();
    await vi.runAllTimersAsync();
    expect(done).not.toContain('too late');
  });
});

describe('the loop', () => {
  it('does not start where the first turn cannot be written', () => {
    commit = () => {
      throw new StoreError('full', 'fmucd.db');
    };
    expect(() => loop().start(() => [write('half'), append])).toThrow(StoreError);
    expect(done).toEqual([]);
  });

  it('takes a fault in its first turn for damage of what it reads, unless there is nothing to read', () => {
    const fault = new TypeError('no such thing');
    const first = () => {
      throw fault;
    };
    newest = 1;
    expect(() => loop().start(first)).toThrow(expect.objectContaining({ condition: 'corrupt', cause: fault }));
    newest = undefined;
    expect(() => loop().start(first)).toThrow(fault);
  });

  it('takes what was kept and can not be read for damage', () => {
    turns = [
      () => {
        throw new DamagedTextError('not one whole element');
      },
    ];
    loop().handle(input);
    expect(done).toEqual(['taken back: storeFailed', 'settled', 'refused', 'rest']);
  });

  it('tells whether a turn that no input leads to stands, and if not, why', async () => {
    expect(await loop().run(() => [append])).toBeUndefined();
    commit = () => {
      throw new StoreError('full', 'fmucd.db');
    };
    expect(await loop().run(() => [append])).toBe(new StoreError('full', 'fmucd.db').message);
    expect(await loop().run(() => expect.fail('a bug'))).toBe('a bug');
  });

  it('wakes when the gateway wants to be woken, and not once it is halted', () => {
    const running = loop();
    timeout = Date.now() + 1000;
    running.handle(input);
    timeout = undefined;
    vi.advanceTimersByTime(999);
    expect(done).not.toContain('timeout');
    vi.advanceTimersByTime(1);
    expect(done).toContain('timeout');
    done = [];
    timeout = Date.now() + 1000;
    running.halt();
    running.handle(input);
    vi.advanceTimersByTime(5000);
    expect(done).not.toContain('timeout');
  });
});

describe('long work', () => {
  const long = (...effects: Effect[]) => {
    vi.advanceTimersByTime(SLICE);
    return effects;
  };

  it('lets others have their turn after a slice, goes on in order, and reads nothing meanwhile', () => {
    const running = loop();
    turns = [() => long(stanza, write('last')), () => [write('middle')], () => [write('next')]];
    running.handle(input);
    running.handle(input);
    expect(done).toEqual(['settled', 'paused']);
    vi.runAllTimers();
    expect(done.filter((what) => what !== 'settled')).toEqual(['paused', 'resumed', 'middle', 'last', 'next', 'rest']);
  });

  it('that takes many slices lets others have their turn after each', () => {
    turns = [() => long(stanza, stanza), () => long(), () => long(write('end'))];
    loop().handle(input);
    vi.runAllTimers();
    expect(done.filter((what) => what === 'paused')).toHaveLength(3);
    expect(done.slice(-2)).toEqual(['end', 'rest']);
  });

  it('goes on to its end once it is halted', () => {
    const running = loop();
    turns = [() => long(stanza), () => long(write('end'))];
    running.handle(input);
    running.halt();
    expect(done.at(-1)).toBe('end');
    vi.runAllTimers();
    expect(done.filter((what) => what === 'end')).toHaveLength(1);
  });

  it('does not come of much that one connection brings at once: it is handled in pieces, with all that comes of each', () => {
    const sizes: number[] = [];
    const take = (piece: Input): Effect[] => {
      if (piece.kind === 'data') sizes.push(piece.bytes.length);
      return [stanza];
    };
    turns = [1, 2, 3].flatMap((count) => [take, () => [write(`after ${count}`)]]);
    loop().handle({ kind: 'data', connection: 1, bytes: new Uint8Array(2 * PIECE + 1) });
    expect(sizes).toEqual([PIECE, PIECE, 1]);
    expect(done.filter((what) => what !== 'settled')).toEqual(['after 1', 'after 2', 'after 3', 'rest']);
  });
});

describe('a stream that brings more than its own server takes of what comes of it', () => {
  const goOn: Effect = { kind: 's2s-go-on', connection: 3 };
  const told = () => done.filter((what) => what !== 'settled');

  it('is held back, and nobody else, until there is room', () => {
    const running = loop();
    ahead = [3];
    turns = [() => [goOn, write('rest of the turn')], () => [write('of another')], () => [write('gone on')]];
    running.handle(input);
    running.handle(input);
    expect(told()).toEqual(['held back 3', 'rest of the turn', 'rest', 'of another', 'rest']);
    vi.advanceTimersByTime(10 * HELD_BACK_STEP);
    expect(done).not.toContain('gone on');
    ahead = [];
    vi.advanceTimersByTime(HELD_BACK_STEP);
    expect(told().slice(-3)).toEqual(['let go 3', 'gone on', 'rest']);
  });

  it('goes on after a while in any case: what makes room may stand behind', () => {
    ahead = [3];
    turns = [() => [goOn], () => [write('gone on')]];
    loop().handle(input);
    vi.advanceTimersByTime(MAX_HELD_BACK - HELD_BACK_STEP);
    expect(done).not.toContain('gone on');
    vi.advanceTimersByTime(2 * HELD_BACK_STEP);
    expect(done).toContain('gone on');
    expect(done.some((what) => what.startsWith('aborted'))).toBe(false);
  });

  it('goes on once its server, which takes nothing, is given up', () => {
    (gateway as { component?: unknown }).component = undefined;
    buffered = CONGESTED_BYTES;
    turns = [() => [goOn], () => [write('gone on')]];
    loop().handle(input);
    vi.advanceTimersByTime(STALL_TIMEOUT - HELD_BACK_STEP);
    expect(done).not.toContain('gone on');
    vi.advanceTimersByTime(2 * HELD_BACK_STEP);
    expect(told()).toEqual(expect.arrayContaining(['aborted 7', 'let go 3', 'gone on']));
    (gateway as { component?: unknown }).component = { connection: 7 };
  });

  it('does not keep the end from being reached', () => {
    ahead = [3];
    turns = [() => [goOn], () => [write('gone on')]];
    const running = loop();
    running.halt();
    running.handle(input);
    expect(done).toContain('gone on');
  });
});

describe('a server that takes too little', () => {
  beforeEach(() => {
    turns = [() => [stanza, write('last')], () => [write('middle')], () => [write('next')]];
  });

  it('has everything wait as it is, in order, and nothing read, until it has taken what there is', () => {
    const running = loop();
    buffered = CONGESTED_BYTES;
    running.handle(input);
    running.handle(input);
    expect(done).toEqual(['paused']);
    buffered = 0;
    drained?.();
    expect(done.filter((what) => what !== 'settled')).toEqual(['paused', 'resumed', 'middle', 'last', 'next', 'rest']);
  });

  it('is given up after a while', () => {
    buffered = CONGESTED_BYTES;
    loop().handle(input);
    vi.advanceTimersByTime(STALL_TIMEOUT - 1);
    expect(done).toEqual(['paused']);
    vi.advanceTimersByTime(1);
    expect(done).toEqual(['paused', 'aborted 7']);
  });

  it('does not keep the end from being reached', () => {
    const running = loop();
    buffered = CONGESTED_BYTES;
    running.handle(input);
    running.halt();
    expect(done).toContain('last');
  });
});

describe('a search', () => {
  const found = () => inputs.flatMap((happened) => (happened.kind === 'searched' ? [happened.found?.count] : []));

  it('that begins is done before the next effect', () => {
    turns = [() => [search(false), write('last')], () => [write('answer')]];
    loop().handle(input);
    expect(done.filter((what) => what !== 'settled')).toEqual(['looked', 'answer', 'last', 'rest']);
    expect(found()).toEqual([7]);
  });

  it('that goes on waits until everybody else has had their turn, one look for each', () => {
    turns = [() => [search(true), search(true)], () => [write('other')], () => [search(true)], () => [write('second')]];
    const running = loop();
    running.handle(input);
    running.handle(input);
    expect(done).not.toContain('looked');
    vi.runAllTimers();
    const seen = done.filter((what) => what !== 'settled' && what !== 'rest');
    expect(seen).toEqual(['other', 'looked', 'looked', 'second', 'looked']);
    expect(found()).toEqual([7, 7, 7]);
  });

  it(`is one of ${MAX_SEARCHES} that go on: a further one has found nothing`, () => {
    turns = [() => Array.from({ length: MAX_SEARCHES + 1 }, () => search(true))];
    loop().handle(input);
    expect(found()).toEqual([undefined]);
    vi.runAllTimers();
    expect(found().filter((count) => count === 7)).toHaveLength(MAX_SEARCHES);
  });

  it('of an archive that cannot be read has found nothing, and the log says so', () => {
    look = () => {
      throw new StoreError('corrupt', 'fmucd.db');
    };
    turns = [() => [search(false)]];
    loop().handle(input);
    expect(found()).toEqual([undefined]);
    expect(done).toContain('log: archive not read');
  });

  it('does not go on once the loop is halted', () => {
    turns = [() => [search(true)]];
    const running = loop();
    running.handle(input);
    running.halt();
    vi.runAllTimers();
    expect(done).not.toContain('looked');
  });
});
