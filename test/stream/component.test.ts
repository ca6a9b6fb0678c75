import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ConnectionInput, LogEffect } from '../../src/lib/effects.ts';
import { Random } from '../../src/lib/random.ts';
import {
  CONNECT_TIMEOUT,
  type ComponentEffect,
  ComponentStream,
  HANDSHAKE_TIMEOUT,
  RECONNECT_DELAY,
} from '../../src/stream/component.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { StreamError } from '../../src/xml/stream-errors.ts';

const CONFIG = { domain: 'plays.shakespeare.lit', host: '127.0.0.1', port: 5347, secret: 's3cret' };
const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " +
  "xmlns='jabber:component:accept' from='plays.shakespeare.lit' id='3BF96D32'>";
const START = 1_000_000;

/** A stream and the server at its other end, which the test plays. */
class Scene {
  now = START;
  readonly stream: ComponentStream;
  /** The connection opened last. */
  connection = 0;

  constructor(seed = 1) {
    const nextConnection = () => (this.connection += 1);
    this.stream = new ComponentStream(CONFIG, { random: new Random(seed), nextConnection });
  }

  start = () => this.stream.start(this.now);
  stop = () => this.stream.stop(this.now);
  connected = () => this.#handle({ kind: 'connected', connection: this.connection });
  closed = (reason: string) => this.#handle({ kind: 'closed', connection: this.connection, reason });
  hears = (xml: string, connection = this.connection) =>
    this.#handle({ kind: 'data', connection, bytes: new TextEncoder().encode(xml) });

  /** Goes to the next time that the stream asked for. */
  wakes(): ComponentEffect[] {
    this.now = this.stream.nextTimeout() ?? Number.NaN;
    return this.stream.handleTimeout(this.now);
  }

  up(): this {
    this.start();
    this.connected();
    this.hears(`${HEADER}<handshake/>`);
    expect(this.stream.state).toBe('up');
    return this;
  }

  #handle(input: ConnectionInput): ComponentEffect[] {
    return this.stream.handle(input, this.now);
  }
}

/** Effects in a word each; what is written stands for itself. */
function brief(effects: readonly ComponentEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.kind === 'write') return String(effect.data);
    if (effect.kind === 'stanza') return `stanza ${serialise(effect.stanza)}`;
    return effect.kind === 'log' ? `${effect.level}: ${effect.message}` : effect.kind;
  });
}

function logs(effects: readonly ComponentEffect[]): LogEffect[] {
  return effects.filter((effect) => effect.kind === 'log');
}

describe('XEP-0114 §3 protocol flow', () => {
  it('opens, shakes hands and carries stanzas', () => {
    const scene = new Scene();
    expect(scene.stream.state).toBe('down');
    expect(scene.start()).toEqual([{ kind: 'open', connection: 1, host: '127.0.0.1', port: 5347 }]);
    expect([scene.stream.state, scene.stream.since]).toEqual(['connecting', START]);
    expect(scene.stream.owns(1)).toBe(true);
    expect(brief(scene.connected())).toEqual([
      "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' " +
        "xmlns:stream='http://etherx.jabber.org/streams' to='plays.shakespeare.lit'>",
    ]);
    scene.now += 5;
    const hash = createHash('sha1').update('3BF96D32s3cret').digest('hex');
    expect(brief(scene.hears(HEADER))).toEqual([`<handshake>${hash}</handshake>`]);
    expect([scene.stream.state, scene.stream.since]).toEqual(['connecting', START]);
    expect(brief(scene.hears('<handshake/>'))).toEqual(['component-up', 'info: component attached']);
    expect([scene.stream.state, scene.stream.since]).toEqual(['up', START + 5]);
    expect(scene.stream.nextTimeout()).toBeUndefined();
    expect(brief(scene.hears('<message/>\n<iq/>'))).toEqual(['stanza <message/>', 'stanza <iq/>']);
    expect(scene.stream.send('<presence/>')).toEqual([{ kind: 'write', connection: 1, data: '<presence/>' }]);
    expect(scene.stream.error).toBeUndefined();
  });

  it('takes header, features, handshake and a stanza in one read', () => {
    const scene = new Scene();
    scene.start();
    scene.connected();
    expect(brief(scene.hears(`${HEADER}<handshake></handshake><message/>`)).slice(1)).toEqual([
      'component-up',
      'info: component attached',
      'stanza <message/>',
    ]);
  });

  it('sends nothing before it is up', () => {
    const scene = new Scene();
    expect(scene.stream.send('<iq/>')).toEqual([]);
    scene.start();
    scene.connected();
    scene.hears(HEADER);
    expect(scene.stream.send('<iq/>')).toEqual([]);
  });

  it('a wrong secret: the words of the server in one line, then again, quietly while nothing changes', () => {
    const refusal = new StreamError('not-authorized', 'The given token does not match').toXml();
    const scene = new Scene();
    scene.start();
    for (const level of ['warn', 'debug', 'debug']) {
      scene.connected();
      scene.hears(HEADER);
      const effects = scene.hears(`${refusal}</stream:stream>`);
      expect(brief(effects)).toEqual(['</stream:stream>', 'close', `${level}: component not attached`]);
      expect(logs(effects)[0]?.fields).toMatchObject({
        domain: 'plays.shakespeare.lit',
        server: '127.0.0.1:5347',
        reason: 'not-authorized: The given token does not match',
        retry_in: expect.stringMatching(/^\d+ s$/) as string,
      });
      expect(scene.stream.error).toBe('not-authorized: The given token does not match');
      expect(scene.stream.state).toBe('down');
      expect(brief(scene.wakes())).toEqual(['open']);
    }
    expect(brief(scene.closed('connection refused'))).toEqual(['warn: component not attached']);
  });

  it('a refused header: an error before any handshake', () => {
    const scene = new Scene();
    scene.start();
    scene.connected();
    scene.hears(HEADER.replace(" id='3BF96D32'", " id=''") + new StreamError('host-unknown').toXml());
    expect(scene.stream.error).toMatch(/^host-unknown: /);
  });
});

describe('losing the stream', () => {
  it.each([
    [
      'the connection',
      (scene: Scene) => scene.closed('reset by peer'),
      ['component-down', 'warn: component lost'],
      'reset by peer',
    ],
    [
      'an orderly end',
      (scene: Scene) => scene.hears('<iq/></stream:stream>'),
      ['stanza <iq/>', '</stream:stream>', 'close', 'component-down', 'warn: component lost'],
      'the server closed the stream',
    ],
    [
      'a stream error',
      (scene: Scene) => scene.hears(`${new StreamError('system-shutdown', 'bye').toXml()}<message/><bad>`),
      ['</stream:stream>', 'close', 'component-down', 'warn: component lost'],
      'system-shutdown: bye',
    ],
    [
      'a violation',
      (scene: Scene) => scene.hears('<message/><!-- x --><message/>'),
      [
        'stanza <message/>',
        expect.stringMatching(/^<stream:error><restricted-xml .*<\/stream:error><\/stream:stream>$/),
        'close',
        'component-down',
        'warn: component lost',
      ],
      'restricted-xml: Comments and document types have no place in XMPP',
    ],
    [
      'no stanza',
      (scene: Scene) => scene.hears('<r xmlns="urn:xmpp:sm:3"/>'),
      [expect.stringContaining('<unsupported-stanza-type '), 'close', 'component-down', 'warn: component lost'],
      expect.stringMatching(/^unsupported-stanza-type: /),
    ],
  ])('%s: is said, and connected anew', (_, lose, effects, error) => {
    const scene = new Scene().up();
    scene.now += 1000;
    expect(brief(lose(scene))).toEqual(effects);
    expect(scene.stream.error).toEqual(error);
    expect([scene.stream.state, scene.stream.since]).toEqual(['down', START + 1000]);
    expect(scene.stream.send('<iq/>')).toEqual([]);
    expect(scene.stream.owns(1)).toBe(false);
    expect(brief(scene.wakes())).toEqual(['open']);
    expect(scene.hears('<message/>', 1)).toEqual([]);
    scene.connected();
    expect(brief(scene.hears(`${HEADER}<handshake/>`)).slice(1)).toEqual(['component-up', 'info: component attached']);
    expect(brief(scene.closed('x'))).toContain('warn: component lost');
  });

  it.each([
    ['garbage', 'GET / HTTP/1.1', 'not-well-formed'],
    ['another namespace', HEADER.replace('accept', 'connect'), 'invalid-namespace'],
    ['no id', HEADER.replace("id='3BF96D32'", ''), 'bad-format'],
    ['a stanza before the handshake', `${HEADER}<message/>`, 'not-authorized'],
    ['a handshake in another namespace', `${HEADER}<handshake xmlns="x"/>`, 'not-authorized'],
  ])('%s instead of a handshake gets the stream error', (_, xml, condition) => {
    const scene = new Scene();
    scene.start();
    scene.connected();
    const words = brief(scene.hears(xml));
    expect(words.join()).not.toContain('stanza <');
    expect(words.slice(-3)).toEqual([
      expect.stringMatching(new RegExp(`^<stream:error><${condition} .*</stream:stream>$`)),
      'close',
      'warn: component not attached',
    ]);
    expect(brief(scene.wakes())).toEqual(['open']);
  });
});

describe('deadlines', () => {
  it('for the connection', () => {
    const scene = new Scene();
    scene.start();
    expect(scene.stream.nextTimeout()).toBe(START + CONNECT_TIMEOUT);
    expect(scene.stream.handleTimeout(START + CONNECT_TIMEOUT - 1)).toEqual([]);
    expect(brief(scene.wakes())).toEqual(['close', 'warn: component not attached']);
    expect(scene.stream.error).toBe('no connection within 30 s');
  });

  it.each([
    ['', []],
    [HEADER, []],
    [`${HEADER} \n `, []],
  ])('for the handshake, whatever of it has come: %j', (xml) => {
    const scene = new Scene();
    scene.start();
    scene.connected();
    scene.now += 100;
    scene.hears(xml);
    expect(scene.stream.nextTimeout()).toBe(START + HANDSHAKE_TIMEOUT);
    expect(brief(scene.wakes())).toEqual([
      expect.stringContaining('<connection-timeout '),
      'close',
      'warn: component not attached',
    ]);
    expect(scene.stream.error).toBe('connection-timeout: no handshake within 30 s');
  });

  it('between attempts: within bounds over 1000 seeds, growing, and small again after a success', () => {
    const longest: number[] = [];
    for (let seed = 0; seed < 1000; seed += 1) {
      const scene = new Scene(seed);
      scene.start();
      const delays = Array.from({ length: 10 }, () => {
        scene.closed('refused');
        const before = scene.now;
        expect(brief(scene.wakes())).toEqual(['open']);
        return scene.now - before;
      });
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(RECONNECT_DELAY.min);
      expect(Math.max(...delays)).toBeLessThanOrEqual(RECONNECT_DELAY.max);
      longest.push(Math.max(...delays));
      scene.connected();
      scene.hears(`${HEADER}<handshake/>`);
      scene.closed('reset');
      expect(scene.stream.nextTimeout()).toBeLessThanOrEqual(scene.now + 2 * RECONNECT_DELAY.min);
    }
    expect(Math.max(...longest)).toBeGreaterThan(0.9 * RECONNECT_DELAY.max);
  });
});

describe('stopping', () => {
  it('ends the stream in order and stays down', () => {
    const scene = new Scene().up();
    scene.now += 7;
    expect(brief(scene.stop())).toEqual(['</stream:stream>', 'close', 'component-down']);
    expect([scene.stream.state, scene.stream.since]).toEqual(['down', START + 7]);
    expect(scene.stream.nextTimeout()).toBeUndefined();
    expect(scene.closed('done')).toEqual([]);
    expect(scene.stop()).toEqual([]);
    expect(brief(scene.start())).toEqual(['open']);
  });

  it.each([
    ['while connecting', (_: Scene) => {}, ['close']],
    ['while waiting', (scene: Scene) => void scene.closed('refused'), []],
    ['before the handshake', (scene: Scene) => void scene.connected(), ['</stream:stream>', 'close']],
  ])('%s', (_, then, effects) => {
    const scene = new Scene();
    scene.start();
    then(scene);
    expect(brief(scene.stop())).toEqual(effects);
    expect(scene.stream.nextTimeout()).toBeUndefined();
  });
});
