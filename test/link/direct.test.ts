import { describe, expect, it } from 'vitest';
import type { ConnectionInput } from '../../src/lib/effects.ts';
import { Random } from '../../src/lib/random.ts';
import {
  CONNECT_TIMEOUT,
  DirectLink,
  type DirectLinkConfig,
  REDIAL_DELAY,
  STEADY_AFTER,
} from '../../src/link/direct.ts';
import type { LinkEffect } from '../../src/link/link-effects.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { StreamError } from '../../src/xml/stream-errors.ts';
import { certificate } from '../support/virtual.ts';
import { posting } from './network.ts';

const CONNECT = { host: '10.1.0.2', port: 5270 };
const LISTEN = { host: '0.0.0.0', port: 5270 };
const LISTENER = '0.0.0.0:5270';
const PEER = 'rooms.wonderland.lit';
const BOTH = { connect: CONNECT, listen: LISTEN };
const START = 1_000_000;

/** A link and the world around it, which the test plays. */
class Scene {
  now = START;
  readonly link: DirectLink;
  #connections = 0;

  constructor(config: Partial<DirectLinkConfig>, seed = 1) {
    this.link = new DirectLink(
      {
        domain: 'rooms.denmark.lit',
        idle: 0,
        bandwidth: 0,
        compression: false,
        peer: PEER,
        pin: '',
        from: ['10.1.0.2'],
        ...config,
      },
      { random: new Random(seed), nextConnection: () => (this.#connections += 1) },
    );
  }

  start = () => this.link.start(this.now);
  stop = () => this.link.stop(this.now);
  connected = (connection: number) => this.#handle({ kind: 'connected', connection });
  closed = (connection: number, reason = 'reset') => this.#handle({ kind: 'closed', connection, reason });
  accepted = (connection: number) =>
    this.#handle({ kind: 'accepted', connection, listener: LISTENER, address: '10.1.0.2' });
  secured = (connection: number, sha256?: string) =>
    this.#handle({
      kind: 'secured',
      connection,
      version: 'TLSv1.3',
      certificate: sha256 === undefined ? undefined : certificate(sha256),
      isResumed: false,
    });
  hears = (connection: number, xml: string) =>
    this.#handle({ kind: 'data', connection, bytes: new TextEncoder().encode(xml) });

  wakes(): LinkEffect[] {
    this.now = this.link.nextTimeout() ?? Number.NaN;
    return this.link.handleTimeout(this.now);
  }

  #handle(input: ConnectionInput): LinkEffect[] {
    return this.link.handle(input, this.now);
  }
}

/** Effects in a word each; those of a connection with its number. */
function brief(effects: readonly LinkEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.kind === 'write') return `${effect.connection} ${String(effect.data)}`;
    if (effect.kind === 'stanza') return `stanza ${serialise(effect.stanza)}`;
    if (effect.kind === 'log') return `${effect.level}: ${effect.message}`;
    return effect.kind === 'open' || effect.kind === 'close' ? `${effect.kind} ${effect.connection}` : effect.kind;
  });
}

function send(link: DirectLink, xml: string): LinkEffect[] {
  return link.post([posting(xml)], START);
}

/** Where a stanza would be sent now. */
function sendsOn(link: DirectLink): number | undefined {
  const [effect] = send(link, '<message/>');
  return effect?.kind === 'write' ? effect.connection : undefined;
}

describe('XEP-0361 §4.1: no handshake', () => {
  it('dials, says nothing, and carries stanzas both ways from the first byte', () => {
    const scene = new Scene({ connect: CONNECT });
    expect(scene.link.state).toBe('down');
    expect(scene.start()).toEqual([{ kind: 'open', connection: 1, host: '10.1.0.2', port: 5270 }]);
    expect([scene.link.state, scene.link.since]).toEqual(['connecting', START]);
    expect(send(scene.link, '<message/>')).toEqual([]);
    scene.now += 600;
    expect(brief(scene.connected(1))).toEqual(['info: link up', 'link-up']);
    expect([scene.link.state, scene.link.since, scene.link.nextTimeout()]).toEqual(['up', START + 600, undefined]);
    expect(brief(send(scene.link, '<message/>'))).toEqual(['1 <message/>']);
    expect(scene.hears(1, '<presence/>')).toMatchObject([{ kind: 'stanza', via: { kind: 'link', peer: PEER } }]);
  });

  it('counts bytes as they are on the wire, and stanzas', () => {
    const scene = new Scene({ connect: CONNECT });
    scene.start();
    scene.connected(1);
    send(scene.link, '<message>é</message>');
    scene.hears(1, '<iq/> <me');
    const { bytesIn, bytesOut, stanzasIn, stanzasOut } = scene.link;
    expect([bytesIn, bytesOut, stanzasIn, stanzasOut]).toEqual([9, 21, 1, 1]);
  });

  it('tells of each stanza that crosses, and of its bytes, while it is traced', () => {
    const scene = new Scene({ connect: CONNECT });
    const told = (effects: readonly LinkEffect[]) =>
      effects.flatMap((effect) =>
        effect.kind === 'crossed' ? [[effect.direction, effect.xml, effect.bytes, effect.wire]] : [],
      );
    scene.start();
    scene.connected(1);
    expect(told([...send(scene.link, '<message/>'), ...scene.hears(1, '<iq/> <message')])).toEqual([]);
    scene.link.isTraced = true;
    expect(told(send(scene.link, '<message>é</message>'))).toEqual([['out', '<message>é</message>', 21, 21]]);
    expect(send(scene.link, '<message/>')[1]).toMatchObject({ kind: 'crossed', peer: PEER });
    expect(told(scene.link.post([posting('<message/>'), posting('<iq/>')], START))).toEqual([
      ['out', '<message/>', 10, 15],
      ['out', '<iq/>', 5, undefined],
    ]);
    expect(told(scene.hears(1, "  a='"))).toEqual([]);
    const heard = scene.hears(1, "é'/><iq></iq><mess");
    expect(told(heard)).toEqual([
      ['in', '<message a="é"/>', 17, 24],
      ['in', '<iq/>', 5, undefined],
    ]);
    expect(heard.map(({ kind }) => kind)).toEqual(['crossed', 'crossed', 'stanza', 'stanza']);
    scene.link.isTraced = false;
    expect(told([...send(scene.link, '<message/>'), ...scene.hears(1, 'age/>')])).toEqual([]);
  });

  it('a link that only listens waits', () => {
    const scene = new Scene({ listen: LISTEN });
    expect(scene.start()).toEqual([]);
    expect([scene.link.state, scene.link.nextTimeout()]).toEqual(['down', undefined]);
    expect(brief(scene.accepted(7))).toEqual(['info: link up', 'link-up']);
    expect(scene.link.owns(7)).toBe(true);
    expect(sendsOn(scene.link)).toBe(7);
    expect(brief(scene.closed(7))).toEqual(['warn: link connection lost', 'link-down']);
    expect([scene.link.state, scene.link.nextTimeout()]).toEqual(['down', undefined]);
  });
});

describe('XEP-0361 §4.2: who may connect', () => {
  const link = new DirectLink(
    {
      domain: 'rooms.denmark.lit',
      idle: 0,
      bandwidth: 0,
      compression: false,
      peer: PEER,
      pin: '',
      listen: { host: '::', port: 5270 },
      from: ['10.1.0.2', '2001:DB8::2'],
    },
    { random: new Random(1), nextConnection: () => 1 },
  );
  link.start(0);

  it.each([
    ['[::]:5270', '10.1.0.2', true],
    ['[::]:5270', '::ffff:10.1.0.2', true],
    ['[::]:5270', '2001:db8:0::2', true],
    ['[::]:5270', '10.1.0.3', false],
    ['[::]:5270', '::ffff:10.1.0.3', false],
    ['[::]:5270', '', false],
    ['[::]:5271', '10.1.0.2', false],
  ])('at %s from %s: %s', (listener, address, accepts) => expect(link.accepts(listener, address)).toBe(accepts));

  it('nobody, where nothing listens or the link is stopped', () => {
    const dialler = new Scene({ connect: CONNECT });
    dialler.start();
    expect(dialler.link.accepts(LISTENER, '10.1.0.2')).toBe(false);
    const listener = new Scene({ listen: LISTEN });
    expect(listener.link.accepts(LISTENER, '10.1.0.2')).toBe(false);
    listener.start();
    expect(listener.link.accepts(LISTENER, '10.1.0.2')).toBe(true);
    listener.stop();
    expect(listener.link.accepts(LISTENER, '10.1.0.2')).toBe(false);
  });
});

describe('XEP-0361 §4.3: connection direction', () => {
  it('opened from both sides at once: both stay, we send on ours and receive on both', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.accepted(7);
    expect(brief(scene.connected(1))).toEqual([]);
    expect(sendsOn(scene.link)).toBe(1);
    expect(brief([...scene.hears(1, '<iq/>'), ...scene.hears(7, '<message/>')])).toEqual([
      'stanza <iq/>',
      'stanza <message/>',
    ]);
    expect(brief(scene.closed(1))).toEqual(['warn: link connection lost', 'link-down', 'link-up']);
    expect([scene.link.state, sendsOn(scene.link), scene.link.nextTimeout()]).toEqual(['up', 7, undefined]);
  });

  it('where we have begun to send on the peer’s, we go on: what is sent on ours could arrive first', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.accepted(7);
    expect(sendsOn(scene.link)).toBe(7);
    scene.connected(1);
    expect(sendsOn(scene.link)).toBe(7);
    scene.closed(7);
    expect(sendsOn(scene.link)).toBe(1);
  });

  it('the loss of one that has never been used is nothing to those above', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.accepted(7);
    scene.connected(1);
    expect(brief(scene.closed(1))).toEqual(['warn: link connection lost']);
  });

  it('the peer connects while we wait to dial: we no longer do', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.closed(1);
    expect(scene.link.nextTimeout()).toBeDefined();
    scene.accepted(7);
    expect(scene.link.nextTimeout()).toBeUndefined();
    expect(sendsOn(scene.link)).toBe(7);
  });

  it('the peer connects anew: the older one goes, and the link is down for an instant', () => {
    const scene = new Scene({ listen: LISTEN });
    const flap = ['warn: link connection lost', 'link-down', 'info: link up', 'link-up'];
    scene.start();
    scene.accepted(7);
    expect(brief(scene.accepted(8))).toEqual(['close 7', ...flap]);
    expect([scene.link.state, sendsOn(scene.link)]).toEqual(['up', 8]);
    expect(brief(scene.accepted(9))).toEqual(['8 </stream:stream>', 'close 8', ...flap]);
    expect(scene.hears(8, '<iq/>')).toEqual([]);
  });
});

describe('losing a connection', () => {
  it.each([
    [
      'an orderly end is answered',
      '<iq/></stream:stream>',
      ['stanza <iq/>', '1 </stream:stream>'],
      'the peer closed the stream',
    ],
    [
      'a stream error is read',
      `${new StreamError('reset', 'why').toXml()}<iq/><bad>`,
      ['1 </stream:stream>'],
      'reset: why',
    ],
    [
      'a violation gets the stream error',
      '<iq/><a><!--',
      ['stanza <iq/>', expect.stringMatching(/^1 <stream:error><restricted-xml .*<\/stream:error><\/stream:stream>$/)],
      expect.stringMatching(/^restricted-xml: /),
    ],
    [
      'so does a stream header',
      '<stream:stream>',
      [expect.stringContaining('<bad-format ')],
      expect.stringMatching(/^bad-format: /),
    ],
    ['and no stanza', '<handshake/>', [expect.stringContaining('<unsupported-stanza-type ')], expect.any(String)],
    ['and something after the end', '</stream:stream><iq/>', ['1 </stream:stream>'], 'the peer closed the stream'],
  ])('%s', (_, xml, before, error) => {
    const scene = new Scene({ connect: CONNECT });
    scene.start();
    scene.connected(1);
    expect(brief(scene.hears(1, xml))).toEqual([
      ...(before as unknown[]),
      'close 1',
      'warn: link connection lost',
      'link-down',
    ]);
    expect(scene.link.error).toEqual(error);
    expect(scene.link.owns(1)).toBe(false);
    expect(brief(scene.wakes())).toEqual(['open 2']);
  });

  it('a violation on one connection leaves the other alone', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.connected(1);
    scene.accepted(7);
    expect(brief(scene.hears(7, 'garbage'))).toEqual([
      expect.stringMatching(/^7 <stream:error>/),
      'close 7',
      'warn: link connection lost',
      'link-down',
      'link-up',
    ]);
    expect([scene.link.state, sendsOn(scene.link)]).toEqual(['up', 1]);
  });

  it('a dial that comes to nothing is given up', () => {
    const scene = new Scene({ connect: CONNECT });
    scene.start();
    expect(scene.link.nextTimeout()).toBe(START + CONNECT_TIMEOUT);
    expect(brief(scene.wakes())).toEqual(['close 1', 'warn: link not connected']);
    expect([scene.link.state, scene.link.error]).toEqual(['down', 'no connection within 60 s']);
    expect(brief(scene.wakes())).toEqual(['open 2']);
    expect(brief(scene.wakes())).toEqual(['close 2', 'debug: link not connected']);
  });

  it('so is one beside an accepted connection, without dialling again', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.accepted(7);
    expect(brief(scene.wakes())).toEqual(['close 1', 'warn: link not connected']);
    expect([scene.link.state, scene.link.nextTimeout()]).toEqual(['up', undefined]);
  });

  it('redials within bounds over 1000 seeds', () => {
    let longest = 0;
    for (let seed = 0; seed < 1000; seed += 1) {
      const scene = new Scene({ connect: CONNECT }, seed);
      scene.start();
      for (let connection = 1; connection <= 10; connection += 1) {
        scene.closed(connection, 'refused');
        const delay = (scene.link.nextTimeout() ?? 0) - scene.now;
        expect(delay).toBeGreaterThanOrEqual(REDIAL_DELAY.min);
        expect(delay).toBeLessThanOrEqual(REDIAL_DELAY.max);
        longest = Math.max(longest, delay);
        scene.wakes();
      }
    }
    expect(longest).toBeGreaterThan(0.9 * REDIAL_DELAY.max);
  });

  it.each([
    ['not after a connection that the peer drops at once', '', 0, false],
    ['after one that brought a stanza', '<iq/>', 0, true],
    ['after one that stood for long', '', STEADY_AFTER, true],
  ])('the delay is small again %s', (_, xml, stood, isSmall) => {
    let small = 0;
    for (let seed = 0; seed < 50; seed += 1) {
      const scene = new Scene({ connect: CONNECT }, seed);
      scene.start();
      for (let connection = 1; connection <= 10; connection += 1) {
        scene.closed(connection, 'refused');
        scene.wakes();
      }
      scene.connected(11);
      scene.hears(11, xml);
      scene.now += stood;
      scene.closed(11);
      if ((scene.link.nextTimeout() ?? 0) <= scene.now + 2 * REDIAL_DELAY.min) small += 1;
    }
    if (isSmall) expect(small).toBe(50);
    else expect(small).toBeLessThan(10);
  });
});

describe('since', () => {
  it('is when the link came up or was lost, however often it was dialled meanwhile', () => {
    const scene = new Scene({ connect: CONNECT });
    scene.start();
    scene.now += 100;
    scene.closed(1);
    expect([scene.link.state, scene.link.since]).toEqual(['down', START]);
    scene.wakes();
    expect([scene.link.state, scene.link.since]).toEqual(['connecting', START]);
    scene.connected(2);
    const up = scene.now;
    expect([scene.link.state, scene.link.since]).toEqual(['up', up]);
    scene.now += 5000;
    scene.closed(2);
    scene.wakes();
    expect([scene.link.state, scene.link.since]).toEqual(['connecting', up + 5000]);
  });

  it('is the start for a link that only waits', () => {
    const scene = new Scene({ listen: LISTEN });
    scene.start();
    expect([scene.link.state, scene.link.since]).toEqual(['down', START]);
  });
});

describe('a connection that is turned away', () => {
  it('is told where the link isn’t up and waits there', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.link.turnedAway('0.0.0.0:1', '10.9.9.9', 'no [[link]] has it in its from');
    expect(scene.link.error).toBeUndefined();
    scene.link.turnedAway(LISTENER, '10.9.9.9', 'no [[link]] has it in its from');
    expect(scene.link.error).toBe('turned away 10.9.9.9: no [[link]] has it in its from');
    scene.connected(1);
    scene.link.turnedAway(LISTENER, '10.9.9.8', 'no [[link]] has it in its from');
    expect(scene.link.error).toBe('turned away 10.9.9.9: no [[link]] has it in its from');
  });
});

describe('stopping', () => {
  it('§4.1: closes the stream where one was used, and stays down', () => {
    const scene = new Scene(BOTH);
    scene.start();
    scene.connected(1);
    scene.accepted(7);
    send(scene.link, '<message/>');
    scene.now += 5;
    expect(brief(scene.stop())).toEqual(['1 </stream:stream>', 'close 1', 'close 7', 'link-down']);
    expect([scene.link.state, scene.link.since, scene.link.nextTimeout()]).toEqual(['down', START + 5, undefined]);
    expect(scene.closed(1)).toEqual([]);
    expect(scene.stop()).toEqual([]);
    expect(brief(scene.start())).toEqual(['open 2']);
  });

  it('gives up dialling', () => {
    const scene = new Scene({ connect: CONNECT });
    scene.start();
    expect(brief(scene.stop())).toEqual(['close 1']);
    expect(scene.link.nextTimeout()).toBeUndefined();
  });
});

describe('a pinned link', () => {
  const PIN = 'ab'.repeat(32);
  const OTHER = 'cd'.repeat(32);
  const tls = { role: 'client', profile: 'pinned', serverName: PEER };

  it('dials with TLS, and stands once the certificate is the pinned one', () => {
    const scene = new Scene({ connect: CONNECT, pin: PIN });
    expect(scene.start()).toEqual([{ kind: 'open', connection: 1, host: '10.1.0.2', port: 5270, tls }]);
    expect(scene.connected(1)).toEqual([]);
    expect([scene.link.state, send(scene.link, '<message/>')]).toEqual(['connecting', []]);
    expect(brief(scene.secured(1, PIN))).toEqual(['info: link up', 'link-up']);
    expect(brief(send(scene.link, '<message/>'))).toEqual(['1 <message/>']);
  });

  it.each([
    ['another certificate', OTHER, OTHER],
    ['no certificate', undefined, 'none'],
  ])('refuses %s, and has neither written nor read a byte', (_, shown, found) => {
    const scene = new Scene({ connect: CONNECT, pin: PIN });
    scene.start();
    scene.connected(1);
    expect(scene.hears(1, '<message/>')).toEqual([]);
    const effects = scene.secured(1, shown);
    expect(brief(effects)).toEqual(['close 1', 'warn: link not connected']);
    expect(scene.link.error).toBe(`wrong certificate: the pin is ${PIN}, and the peer has shown ${found}`);
    expect([scene.link.state, scene.link.bytesIn, scene.link.bytesOut]).toEqual(['down', 0, 0]);
    expect(brief(scene.wakes())).toEqual(['open 2']);
  });

  it('gives up a peer that stops amid TLS, a slow one later', () => {
    const patience = (bandwidth: number) => {
      const scene = new Scene({ connect: CONNECT, pin: PIN, bandwidth });
      scene.start();
      scene.connected(1);
      expect(brief(scene.wakes())).toEqual(['close 1', 'warn: link not connected']);
      return scene.now - START;
    };
    expect(patience(0)).toBe(CONNECT_TIMEOUT);
    expect(patience(300)).toBeGreaterThan(2 * CONNECT_TIMEOUT);
  });

  it('takes connections from wherever the file lets them come, by their certificate', () => {
    const accepts = (config: Partial<DirectLinkConfig>, address: string, sha256?: string) => {
      const { link, start } = new Scene({ listen: LISTEN, pin: PIN, from: [], ...config });
      start();
      return [
        link.identifies(LISTENER, address),
        link.accepts(LISTENER, address, sha256 === undefined ? undefined : certificate(sha256)),
      ];
    };
    expect(accepts({}, '10.9.9.9', PIN)).toEqual([true, true]);
    expect(accepts({}, '10.9.9.9', OTHER)).toEqual([true, false]);
    expect(accepts({}, '10.9.9.9')).toEqual([true, false]);
    expect(accepts({ from: ['10.1.0.2'] }, '10.9.9.9', PIN)).toEqual([false, false]);
    expect(accepts({ from: ['10.1.0.2'] }, '10.1.0.2', PIN)).toEqual([true, true]);
    expect(accepts({ pin: '', from: ['10.1.0.2'] }, '10.1.0.2', PIN)).toEqual([false, false]);
  });
});
