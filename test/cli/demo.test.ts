import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayProcess, LAST_LINES } from '../../src/cli/demo/gateway-process.ts';
import { keysOf, LINE_LENGTH, LineEditor } from '../../src/cli/demo/line-editor.ts';
import { type Crossing, OPAQUE_BYTES, StanzaMeter } from '../../src/cli/demo/meter.ts';
import { type Direction, FRAME_BYTES, PacedLink, QUEUE_BYTES } from '../../src/cli/demo/paced-link.ts';
import { PacedProxy } from '../../src/cli/demo/paced-proxy.ts';
import { Person, WONDERLAND } from '../../src/cli/demo/people.ts';
import { REMEMBERED, remember } from '../../src/cli/demo/remember.ts';
import { draw, type View } from '../../src/cli/demo/screen.ts';
import { RoomView } from '../../src/cli/demo/sight.ts';
import { StandIn } from '../../src/cli/demo/stand-in.ts';
import { readTyped } from '../../src/cli/demo/typed.ts';
import { fit, plain, printable, tail, width, wrap } from '../../src/cli/text.ts';
import { gistOf } from '../../src/stanza/gist.ts';
import { attribute, type Element } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { atEnd, endAll, temporaryFolder } from '../support/ending.ts';
import { freePort, listen } from '../support/ports.ts';

afterEach(endAll);

/** Resolves once the socket is closed, whatever the reason. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.resume().once('close', () => resolve());
  });
}

describe('a paced link of 2400 bit/s with 300 ms each way', () => {
  interface Arrival {
    readonly at: number;
    readonly direction: Direction;
    readonly bytes: number | 'end';
  }

  const start = () => new PacedLink({ bitsPerSecond: 2400, delay: 300 });
  const data = (direction: Direction, length: number) => ({
    kind: 'data' as const,
    direction,
    bytes: new Uint8Array(length),
  });

  /** From wake-up to wake-up until nothing moves: what arrives, and when. */
  function arrivals(link: PacedLink): Arrival[] {
    const seen: Arrival[] = [];
    for (let now = link.nextTimeout(); now !== undefined; now = link.nextTimeout())
      for (const effect of link.handleTimeout(now))
        seen.push({ at: now, direction: effect.direction, bytes: effect.kind === 'end' ? 'end' : effect.bytes.length });
    return seen;
  }

  it('has each frame on the air for as long as its bits take, and delivers it 300 ms later', () => {
    const link = start();
    link.handle(data('forth', 150), 1000);
    expect(link.onAir(1000)).toBe('forth');
    expect(link.airTime(1120)).toBe(120);
    expect(arrivals(link)).toEqual([
      { at: 1500, direction: 'forth', bytes: FRAME_BYTES },
      { at: 1700, direction: 'forth', bytes: FRAME_BYTES },
      { at: 1800, direction: 'forth', bytes: 30 },
    ]);
    expect(link.airTime(1800)).toBe(500);
    expect(link.onAir(1800)).toBeUndefined();
  });

  it('is half-duplex: both ways share the air and take turns', () => {
    const link = start();
    link.handle(data('forth', 120), 0);
    link.handle(data('back', 120), 10);
    expect(arrivals(link)).toEqual([
      { at: 500, direction: 'forth', bytes: 60 },
      { at: 700, direction: 'back', bytes: 60 },
      { at: 900, direction: 'forth', bytes: 60 },
      { at: 1100, direction: 'back', bytes: 60 },
    ]);
    expect(link.airTime(1100)).toBe(800);
  });

  it('begins at once on free air, and loses no air to a late wake-up', () => {
    const link = start();
    link.handle(data('back', 120), 0);
    expect(link.handleTimeout(1000).map(({ direction }) => direction)).toEqual(['back', 'back']);
    expect(link.airTime(1000)).toBe(400);
    link.handle(data('forth', 3), 1000);
    expect(arrivals(link)).toEqual([{ at: 1310, direction: 'forth', bytes: 3 }]);
  });

  it('brings an end after the bytes before it', () => {
    const link = start();
    link.handle(data('forth', 63), 0);
    link.handle({ kind: 'end', direction: 'forth' }, 0);
    expect(arrivals(link)).toEqual([
      { at: 500, direction: 'forth', bytes: 60 },
      { at: 510, direction: 'forth', bytes: 3 },
      { at: 510, direction: 'forth', bytes: 'end' },
    ]);
    link.handle({ kind: 'end', direction: 'back' }, 600);
    expect(arrivals(link)).toEqual([{ at: 900, direction: 'back', bytes: 'end' }]);
  });

  it('takes no more than its queue holds', () => {
    const link = start();
    link.handle(data('forth', QUEUE_BYTES), 0);
    expect(link.waiting('forth')).toBe(QUEUE_BYTES - FRAME_BYTES);
    expect(link.room('forth')).toBe(FRAME_BYTES);
    expect(() => link.handle(data('forth', FRAME_BYTES + 1), 0)).toThrow(RangeError);
    link.handle(data('forth', FRAME_BYTES), 0);
    expect(link.room('forth')).toBe(0);
    expect(link.room('back')).toBe(QUEUE_BYTES);
    link.handleTimeout(200);
    expect(link.room('forth')).toBe(FRAME_BYTES);
  });

  it('loses what waits and what flies when it is cut, and the air is free', () => {
    const link = start();
    link.handle(data('forth', 120), 0);
    link.handle({ kind: 'end', direction: 'forth' }, 0);
    expect(link.handle({ kind: 'cut' }, 50)).toEqual([]);
    expect(link.airTime(50)).toBe(50);
    expect(arrivals(link)).toEqual([]);
    link.handle(data('back', 30), 60);
    expect(arrivals(link)).toEqual([{ at: 460, direction: 'back', bytes: 30 }]);
    expect(link.airTime(460)).toBe(150);
  });

  it('delivers all bytes in order, one frame on the air at a time', () => {
    const sent = fc.record({
      pause: fc.integer({ min: 0, max: 900 }),
      direction: fc.constantFrom<Direction>('forth', 'back'),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 12 }), (all) => {
        const link = start();
        const ins = { forth: [] as number[], back: [] as number[] };
        const outs = { forth: [] as number[], back: [] as number[] };
        let now = 0;
        let airFree = 0;
        const drain = (until: number): void => {
          for (let at = link.nextTimeout(); at !== undefined && at <= until; at = link.nextTimeout())
            for (const effect of link.handleTimeout(at)) {
              if (effect.kind !== 'deliver') continue;
              outs[effect.direction].push(...effect.bytes);
              const began = at - 300 - (effect.bytes.length * 8000) / 2400;
              expect(began).toBeGreaterThan(airFree - 1e-6);
              airFree = at - 300;
            }
        };
        for (const { pause, direction, bytes } of all) {
          now += pause;
          drain(now);
          ins[direction].push(...bytes);
          link.handle({ kind: 'data', direction, bytes }, now);
        }
        drain(Infinity);
        expect(outs).toEqual(ins);
        expect(link.airTime(Infinity)).toBeCloseTo(((ins.forth.length + ins.back.length) * 8000) / 2400, 6);
      }),
    );
  });
});

describe('a paced proxy on loopback', () => {
  async function setUp() {
    const accepted: Socket[] = [];
    const target = createServer({ allowHalfOpen: true }, (socket) =>
      accepted.push(socket.on('error', () => undefined)),
    );
    const counted = { forth: 0, back: 0 };
    const states: boolean[] = [];
    const proxy = new PacedProxy({ bitsPerSecond: 8_000_000, delay: 1 }, await listen(target, '127.0.0.1'), {
      crossed: (direction, bytes) => (counted[direction] += bytes.length),
      changed: (up) => states.push(up),
    });
    const port = await proxy.listen();
    atEnd(() => {
      proxy.cut();
      target.close();
      for (const socket of accepted) socket.destroy();
    });
    const dial = () => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
      atEnd(() => socket.destroy());
      return socket;
    };
    return { target, proxy, port, counted, states, dial };
  }

  it('carries more than its queue both ways, counts it, and passes ends on', async () => {
    const { target, counted, states, dial } = await setUp();
    const sent = Buffer.alloc(5 * QUEUE_BYTES, 'fmuc');
    const dialler = dial();
    const [far] = (await once(target, 'connection')) as [Socket];
    far.pipe(far);
    dialler.end(sent);
    const received = (await dialler.toArray()) as Buffer[];
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    expect(counted).toEqual({ forth: sent.length, back: sent.length });
    expect(states[0]).toBe(true);
  });

  it('drops the connection and refuses others while it is cut, and listens on the same port again', async () => {
    const { target, proxy, port, dial } = await setUp();
    const dialler = dial();
    const [far] = (await once(target, 'connection')) as [Socket];
    proxy.cut();
    await Promise.all([closed(dialler), closed(far)]);
    expect(proxy.listening).toBe(false);
    const [refusal] = (await once(connect({ port, host: '127.0.0.1' }), 'error')) as [NodeJS.ErrnoException];
    expect(refusal.code).toBe('ECONNREFUSED');
    expect(await proxy.listen()).toBe(port);
    const again = dial();
    const [back] = (await once(target, 'connection')) as [Socket];
    back.write('here');
    expect(String((await once(again, 'data'))[0])).toBe('here');
  });

  it('has one connection at a time: a later one replaces it', async () => {
    const { target, dial } = await setUp();
    const first = dial();
    await once(target, 'connection');
    const second = dial();
    await Promise.all([closed(first), once(target, 'connection')]);
    expect(second.closed).toBe(false);
  });

  it('hangs up where nobody listens behind it', async () => {
    const proxy = new PacedProxy({ bitsPerSecond: 2400, delay: 1 }, await freePort('127.0.0.1'), {
      crossed() {},
      changed() {},
    });
    atEnd(() => proxy.cut());
    const dialler = connect({ port: await proxy.listen(), host: '127.0.0.1' });
    const [error] = (await once(dialler, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });
});

describe('the stand-in for an XMPP server (XEP-0114)', () => {
  const header = (to: string) =>
    `<stream:stream xmlns="jabber:component:accept" xmlns:stream="http://etherx.jabber.org/streams" to="${to}">`;

  async function setUp() {
    const inbox: Element[] = [];
    const server = new StandIn({ component: 'rooms.denmark.lit', secret: 'yorick', attached() {} });
    const port = await server.listen();
    server.connect('hamlet@denmark.lit/castle', (stanza) => inbox.push(stanza));
    atEnd(() => server.close());
    return { server, inbox, component: () => new ScriptedComponent(port) };
  }

  class ScriptedComponent {
    readonly #socket: Socket;
    #received = '';

    constructor(port: number) {
      this.#socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
      this.#socket.on('data', (bytes) => (this.#received += bytes.toString()));
      atEnd(() => this.#socket.destroy());
    }

    send(xml: string): void {
      this.#socket.write(xml);
    }

    /** Waits for it, and takes all that has come up to its end. */
    async expect(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const found = pattern.exec(this.#received);
        if (found !== null) {
          this.#received = this.#received.slice(found.index + found[0].length);
          return found;
        }
        await once(this.#socket, 'data');
      }
    }

    async attach(secret = 'yorick'): Promise<void> {
      this.send(header('rooms.denmark.lit'));
      const [, id = ''] = await this.expect(/<stream:stream [^>]*from='rooms\.denmark\.lit' id='(\w+)'>/);
      this.send(`<handshake>${createHash('sha1').update(`${id}${secret}`).digest('hex')}</handshake>`);
    }

    closed(): Promise<void> {
      return closed(this.#socket);
    }
  }

  it('accepts a component that knows the secret, and routes both ways', async () => {
    const { server, inbox, component } = await setUp();
    const gateway = component();
    await gateway.attach();
    await gateway.expect(/<handshake\/>/);
    expect(server.attached).toBe(true);
    server.send(parseElement('<presence from="hamlet@denmark.lit/castle" to="a@rooms.denmark.lit/H"/>'));
    await gateway.expect(/<presence from="hamlet@denmark.lit\/castle" to="a@rooms.denmark.lit\/H"\/>/);
    gateway.send('<message from="a@rooms.denmark.lit" to="hamlet@denmark.lit/castle"><body>é</body></message>');
    gateway.send('<iq type="get" id="1" from="rooms.denmark.lit" to="nobody@denmark.lit"><q xmlns="q"/></iq>');
    await gateway.expect(
      /<iq from="nobody@denmark.lit" to="rooms.denmark.lit" id="1" type="error">.*<service-unav.*<\/iq>/,
    );
    expect(inbox.map(serialise)).toEqual([
      '<message from="a@rooms.denmark.lit" to="hamlet@denmark.lit/castle"><body>é</body></message>',
    ]);
  });

  it.each<[string, string, (gateway: ScriptedComponent) => Promise<void> | void]>([
    ['a wrong secret', 'not-authorized', (gateway) => gateway.attach('claudius')],
    ['a domain that isn’t expected', 'host-unknown', (gateway) => gateway.send(header('rooms.norway.lit'))],
    [
      'stanzas before the handshake',
      'not-authorized',
      (gateway) => gateway.send(`${header('rooms.denmark.lit')}<presence/>`),
    ],
    ['broken XML', 'not-well-formed', (gateway) => gateway.send(`${header('rooms.denmark.lit')}<a></b>`)],
  ])('ends the stream for %s with %s', async (_, condition, act) => {
    const { server, component } = await setUp();
    const gateway = component();
    await act(gateway);
    await gateway.expect(new RegExp(`<stream:error><${condition} .*</stream:error></stream:stream>`));
    await gateway.closed();
    expect(server.attached).toBe(false);
  });

  it('replaces a component that comes again, and notices one that goes', async () => {
    const { server, component } = await setUp();
    const [first, second] = [component(), component()];
    await first.attach();
    await first.expect(/<handshake\/>/);
    await second.attach();
    await second.expect(/<handshake\/>/);
    await first.closed();
    expect(server.attached).toBe(true);
    second.send('</stream:stream>');
    await second.expect(/<\/stream:stream>/);
    await second.closed();
    expect(server.attached).toBe(false);
  });
});

describe('a gateway process', () => {
  /** Runs this code in place of `fmucd`. */
  async function start(code: string, stopPatience = 60_000) {
    const log = join(temporaryFolder(), 'log');
    let died: (text: string) => void = () => undefined;
    const death = new Promise<string>((resolve) => (died = resolve));
    const gateway = await new Promise<GatewayProcess>((resolve) => {
      const started: GatewayProcess = new GatewayProcess({
        program: [process.execPath, '-e', code, '--'],
        name: 'rooms.denmark.lit',
        file: 'denmark.toml',
        log,
        ready: () => resolve(started),
        died,
        stopPatience,
      });
      atEnd(() => started.kill());
    });
    return { gateway, log, death };
  }

  const READY = 'process.stderr.write("level=info msg=ready domain=d\\n");';

  it('is asked to run its file, logs into another, and stops when it is told to', async () => {
    const { gateway, log } = await start(
      `process.on('SIGTERM', () => process.exit(0)); console.error(process.argv.slice(1).join(' ')); ${READY} setInterval(() => {}, 1000)`,
    );
    expect(await gateway.stop()).toBe(0);
    await expect.poll(() => readFileSync(log, 'utf8')).toBe('run -c denmark.toml\nlevel=info msg=ready domain=d\n');
  });

  it('is killed where it doesn’t stop', async () => {
    const { gateway } = await start(`process.on('SIGTERM', () => {}); ${READY} setInterval(() => {}, 1000)`, 50);
    expect(await gateway.stop()).toBe('SIGKILL');
  });

  it('tells how it died, with the last lines of its log', async () => {
    const { gateway, death } = await start(
      `${READY} for (let i = 1; i <= 50; i++) console.error(i); process.exitCode = 3`,
    );
    const lines = Array.from({ length: LAST_LINES }, (_, at) => `  ${51 - LAST_LINES + at}`);
    expect(await death).toBe(['the gateway rooms.denmark.lit ended with status 3', ...lines].join('\n'));
    expect(await gateway.stop()).toBe(3);
  });
});

describe('a person’s client', () => {
  it('sends what XEP-0045 has for each thing that one can do', () => {
    const sent: string[] = [];
    const alice = new Person(WONDERLAND, (stanza) => sent.push(serialise(stanza)));
    alice.join();
    alice.say('a < b');
    alice.setSubject('tea');
    alice.changeNick('Duchess');
    alice.leave();
    const from = 'from="alice@wonderland.lit/tea"';
    const room = 'rabbithole@rooms.wonderland.lit';
    expect(sent).toEqual([
      `<presence ${from} to="${room}/Alice"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
      `<message ${from} to="${room}" type="groupchat" id="1"><body>a &lt; b</body></message>`,
      `<message ${from} to="${room}" type="groupchat" id="2"><subject>tea</subject></message>`,
      `<presence ${from} to="${room}/Duchess"/>`,
      `<presence ${from} to="${room}/Alice" type="unavailable"/>`,
    ]);
  });

  it('answers a ping, and says of any other request that it doesn’t know it', () => {
    const sent: Element[] = [];
    const alice = new Person(WONDERLAND, (stanza) => sent.push(stanza));
    alice.receive(parseElement('<iq type="get" id="1" from="r"><ping xmlns="urn:xmpp:ping"/></iq>'));
    alice.receive(parseElement('<iq type="set" id="2" from="r"><query xmlns="jabber:iq:roster"/></iq>'));
    alice.receive(parseElement('<iq type="result" id="3" from="r"/>'));
    expect(sent.map((stanza) => ['id', 'to', 'type'].map((name) => attribute(stanza, name)))).toEqual([
      ['1', 'r', 'result'],
      ['2', 'r', 'error'],
    ]);
  });

  const presence = (nick: string, { type = '', item = '', codes = [] as number[] } = {}) =>
    parseElement(
      `<presence from="r@s/${nick}"${type && ` type="${type}"`}><x xmlns="http://jabber.org/protocol/muc#user">` +
        `<item affiliation="none" role="participant"${item}/>${codes.map((code) => `<status code="${code}"/>`).join('')}` +
        '</x></presence>',
    );
  const message = (nick: string, payload: string, type = 'groupchat') =>
    parseElement(`<message from="r@s/${nick}" type="${type}">${payload}</message>`);

  it('sees a room as XEP-0045 tells it', () => {
    const view = new RoomView();
    const sights = [
      presence('Alice'),
      presence('Hamlet', { codes: [110] }),
      message('Alice', '<body>old</body><delay xmlns="urn:xmpp:delay" stamp="2026-01-01T10:00:00Z"/>'),
      message('Alice', '<subject>tea</subject>'),
      presence('Alice'),
      message('Hamlet', '<body>new</body>'),
      message('Alice', '<body>hush</body>', 'chat'),
      message('Alice', '<composing xmlns="http://jabber.org/protocol/chatstates"/>'),
      presence('Alice', { type: 'unavailable', item: ' nick="Duchess"', codes: [303] }),
      presence('Duchess'),
      presence('Hamlet', { type: 'unavailable', item: ' nick="Prince"', codes: [303, 110] }),
      presence('Prince', { codes: [110] }),
      presence('Duchess', { type: 'unavailable' }),
      presence('Prince', { type: 'unavailable', codes: [110] }),
      presence('Prince', { type: 'unavailable', codes: [110] }),
    ].flatMap((stanza) => view.handle(stanza) ?? []);
    expect(sights).toEqual([
      { kind: 'joined', nick: 'Alice', self: false },
      { kind: 'joined', nick: 'Hamlet', self: true },
      { kind: 'message', nick: 'Alice', text: 'old', self: false, stamp: '2026-01-01T10:00:00Z' },
      { kind: 'subject', nick: 'Alice', text: 'tea', self: false },
      { kind: 'message', nick: 'Hamlet', text: 'new', self: true },
      { kind: 'private', nick: 'Alice', text: 'hush', self: false },
      { kind: 'renamed', nick: 'Alice', to: 'Duchess', self: false },
      { kind: 'renamed', nick: 'Hamlet', to: 'Prince', self: true },
      { kind: 'left', nick: 'Duchess', self: false },
      { kind: 'left', nick: 'Prince', self: true },
    ]);
    expect(view.self).toBeUndefined();
  });

  it('knows what must not reach it, and why it was refused', () => {
    const view = new RoomView();
    const fmuc = '<fmuc xmlns="http://isode.com/protocol/fmuc" from="a@b/c"/>';
    expect(view.handle(message('A', `<body>x</body>${fmuc}`))?.kind).toBe('fault');
    expect(view.handle(message('A', '<body>x</body><sync xmlns="urn:fmucd:sync:0"/>'))?.kind).toBe('fault');
    const error = (payload: string) => message('A', `<body>x</body><error type="cancel">${payload}</error>`, 'error');
    const condition = '<conflict xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>';
    const text = '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">That nick is taken</text>';
    expect(view.handle(error(condition))).toEqual({ kind: 'refused', text: 'conflict' });
    expect(view.handle(error(condition + text))).toEqual({ kind: 'refused', text: 'That nick is taken' });
  });
});

describe('what crosses the link', () => {
  const fmuc = (content = '') => `<fmuc xmlns="http://isode.com/protocol/fmuc" from="a@b/c">${content}</fmuc>`;
  const user = (content = '') => `<x xmlns="http://jabber.org/protocol/muc#user"><item nick="N"/>${content}</x>`;
  const delay = '<delay xmlns="urn:xmpp:delay" stamp="2026-01-01T10:00:00Z"/>';

  it.each([
    ['join', 'H', `<presence from="e@d/H">${fmuc()}<x xmlns="http://jabber.org/protocol/muc"/></presence>`],
    ['occupant', 'A', `<presence from="e@d/A">${fmuc()}${user()}</presence>`],
    ['leave', 'A', `<presence from="e@d/A" type="unavailable">${fmuc()}${user()}</presence>`],
    [
      'rename',
      'A is N',
      `<presence from="e@d/A" type="unavailable">${fmuc()}${user('<status code="303"/>')}</presence>`,
    ],
    ['reject', 'no', `<presence from="e@d">${fmuc('<reject>no</reject>')}</presence>`],
    ['left', 'e@d', `<presence from="e@d">${fmuc('<left/>')}</presence>`],
    ['message', 'A: hi', `<message from="e@d/A">${fmuc()}<body>hi</body></message>`],
    ['history', 'A: hi', `<message from="e@d/A">${fmuc()}<body>hi</body>${delay}</message>`],
    ['subject', 'tea', `<message from="e@d/A">${fmuc()}<subject>tea</subject>${delay}</message>`],
    ['question', 'q:1', '<iq from="e@d" type="get"><query xmlns="q:1"/></iq>'],
    ['answer', 'q:1', '<iq from="e@d" type="result"><query xmlns="q:1"/></iq>'],
    ['error', 'conflict', `<presence from="e@d/A" type="error"><error><conflict xmlns="c"/></error></presence>`],
  ])('is named: %s, %s', (kind, text, xml) => {
    expect(gistOf(parseElement(xml))).toEqual({ kind, text });
  });

  function measure(...pieces: readonly Uint8Array[]): Crossing[] {
    const crossings: Crossing[] = [];
    const meter = new StanzaMeter('forth', (crossing) => crossings.push(crossing));
    for (const piece of pieces) meter.write(piece);
    return crossings;
  }

  it('is measured stanza by stanza, to the byte, however the bytes come', () => {
    const stanzas = [
      '<message from="e@d/Ä"><body>π ≈ 3</body></message>',
      "\n<presence  from='e@d/A'/>",
      '<presence from="e@d/B"></presence>',
      '</stream:stream>',
    ];
    const wire = Buffer.from(stanzas.join(''));
    for (let at = 0; at <= wire.length; at += 1) {
      const crossings = measure(wire.subarray(0, at), wire.subarray(at));
      expect(crossings.map(({ xml }) => xml)).toEqual(stanzas);
      expect(crossings.map(({ bytes }) => bytes)).toEqual(stanzas.map((xml) => Buffer.byteLength(xml)));
      expect(crossings.map(({ isStanza }) => isStanza)).toEqual([true, true, true, false]);
    }
  });

  it('is shown in pieces where it is no XML', () => {
    const crossings = measure(Buffer.alloc(2 * OPAQUE_BYTES + 1, 0xff));
    expect(crossings.map(({ gist, bytes }) => [gist.kind, bytes])).toEqual([
      ['bytes', OPAQUE_BYTES],
      ['bytes', OPAQUE_BYTES],
    ]);
  });

  it('is forgotten beyond a bound', () => {
    const list: number[] = [];
    for (let count = 0; count <= REMEMBERED; count += 1) remember(list, count);
    expect([list.length, list[0], list.at(-1)]).toEqual([REMEMBERED, 1, REMEMBERED]);
  });
});

describe('the screen', () => {
  const lane = { bytes: 1234, stanzas: 5, waiting: 0 };
  const view: View = {
    left: {
      name: 'Hamlet',
      room: 'elsinore@rooms.denmark.lit',
      subject: 'Six impossible things',
      sights: [
        { kind: 'joined', nick: 'Hamlet', self: true },
        { kind: 'message', nick: 'Alice', text: 'Is anybody here?', self: false, stamp: '2026-01-01T10:07:00Z' },
        { kind: 'message', nick: 'Hamlet', text: `Words, words, ${'words '.repeat(12)}`, self: true },
      ],
    },
    right: { name: 'Alice', room: 'rabbithole@rooms.wonderland.lit', subject: '', sights: [] },
    typing: 'left',
    crossings: [
      {
        direction: 'forth',
        isStanza: true,
        gist: { kind: 'message', text: 'Hamlet: Words 漢字' },
        bytes: 312,
        xml: '',
      },
      { direction: 'back', isStanza: true, gist: { kind: 'left', text: 'rabbithole' }, bytes: 140, xml: '' },
    ],
    air: { state: 'up', onAir: 'forth', forth: { ...lane, waiting: 60 }, back: lane, busy: 8200, elapsed: 20_000 },
    input: { text: '', beforeCursor: '' },
    notice: '',
  };
  const bare = (line: string) => line.replace(/\x1b\[[\d;]*m/g, '');

  it('fills 80x24', () => {
    const { lines, cursor } = draw(view, { columns: 80, rows: 24 });
    expect(lines.map((line) => bare(line).trimEnd())).toEqual([
      ' fmucd demo  two gateways and a link: 2400 bit/s, half-duplex, 300 ms',
      '▸Hamlet  elsinore@rooms.denmark.lit    │ Alice  rabbithole@rooms.wonderland.lit',
      ' Six impossible things                 │',
      '───────────────────────────────────────┼────────────────────────────────────────',
      ...Array<string>(4).fill('                                       │'),
      ' · Hamlet joins                        │',
      ' 10:07 Alice  Is anybody here?         │',
      ' Hamlet  Words, words, words words     │',
      '   words words words words words words │',
      '   words words words words             │',
      '── the link is up ─────────────────────┴────────────────────────────────────────',
      ...Array<string>(5).fill(''),
      ' → message    312 B  Hamlet: Words 漢字',
      ' ← left       140 B  rabbithole',
      ' → 1,234 B in 5, 60 wait   ← 1,234 B in 5  air busy 8.2 s of 20.0 s',
      '────────────────────────────────────────────────────────────────────────────────',
      ' Hamlet ▸ Tab: the other one   /nick /leave /join /subject /cut /mend /quit',
    ]);
    expect(cursor).toEqual({ row: 23, column: 10 });
  });

  it('fills every other size to the column, too', () => {
    const size = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 80 }) });
    const text = fc.string({ unit: 'grapheme', maxLength: 120 });
    fc.assert(
      fc.property(size, text, fc.nat(120), (size, text, at) => {
        const input = { text, beforeCursor: text.slice(0, at) };
        const { lines, cursor } = draw({ ...view, input, notice: '' }, size);
        expect(lines.map((line) => width(bare(line)))).toEqual(Array.from({ length: size.rows }, () => size.columns));
        expect(cursor.column).toBeLessThan(size.columns);
        expect(cursor.row).toBeLessThan(size.rows);
      }),
    );
  });

  it('shows no control character that somebody else wrote', () => {
    const evil = 'a\x1b[2Jb\u009bc\u202ed\re\0';
    const sights = [
      { kind: 'message' as const, nick: evil, text: evil, self: false },
      { kind: 'renamed' as const, nick: evil, to: evil, self: false },
      { kind: 'refused' as const, text: evil },
    ];
    const crossing = {
      direction: 'back' as const,
      isStanza: true,
      gist: { kind: 'message', text: evil },
      bytes: 1,
      xml: evil,
    };
    const pane = { name: evil, room: evil, subject: evil, sights };
    const frame = draw({ ...view, left: pane, right: pane, crossings: [crossing] }, { columns: 100, rows: 30 });
    expect(frame.lines.map(bare).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('breaks lines at spaces, and long words anywhere', () => {
    const lines = wrap([{ text: 'to be or not to be ' }, { text: 'thatisthequestion' }], 10, 2);
    expect(lines.map(plain)).toEqual(['to be or', '  not to', '  be ', '  thatisth', '  equestio', '  n']);
  });

  it('counts columns, not characters', () => {
    expect([width('abc'), width('漢字'), width('e\u0301'), width('🐇')]).toEqual([3, 4, 1, 2]);
    expect(fit([{ text: '漢字' }], 3)).toBe('漢…');
    expect(fit([{ text: 'ab' }, { text: '漢字' }], 5)).toBe('ab漢…');
    expect(fit([{ text: 'ab' }, { text: '漢' }], 5)).toBe('ab漢 ');
    expect(tail('漢字', 3)).toBe('字');
    expect(printable('a\tb\u0007')).toBe('a b');
  });
});

describe('what is typed', () => {
  it('is read key by key', () => {
    expect(keysOf('ä b\r\x1b[D\x1bOC\x1b[15~\x7f\x03\t')).toEqual([
      { kind: 'text', text: 'ä b' },
      { kind: 'enter' },
      { kind: 'left' },
      { kind: 'right' },
      { kind: 'backspace' },
      { kind: 'quit' },
      { kind: 'tab' },
    ]);
  });

  it('is edited', () => {
    const line = new LineEditor();
    const type = (keys: string): string => {
      for (const key of keysOf(keys))
        if (key.kind === 'text') line.insert(key.text);
        else if (key.kind !== 'enter' && key.kind !== 'tab' && key.kind !== 'quit') line.edit(key.kind);
      return `${line.beforeCursor}|${line.text.slice(line.beforeCursor.length)}`;
    };
    expect(type('to be e\u0301')).toBe('to be e\u0301|');
    expect(type('\x7f\x1b[D\x1b[D')).toBe('to b|e ');
    expect(type('\x1b[3~l')).toBe('to bl| ');
    expect(type('\x05x  \x17')).toBe('to bl |');
    expect(type('\x01\x1b[D\x7f>')).toBe('>|to bl ');
    expect(type('\x1b[C\x1b[F\x1b[C\x1b[3~.\x15')).toBe('|');
    line.insert('x'.repeat(LINE_LENGTH + 1));
    expect(line.take()).toHaveLength(LINE_LENGTH);
    expect(line.text).toBe('');
  });

  it.each([
    ['  ', { kind: 'nothing' }],
    [' to be ', { kind: 'say', text: 'to be' }],
    ['//nick', { kind: 'say', text: '/nick' }],
    ['/nick  Mad Hatter', { kind: 'nick', text: 'Mad Hatter' }],
    ['/nick', { kind: 'mistake', text: '/nick needs the new nick' }],
    ['/subject', { kind: 'subject', text: '' }],
    ['/subject tea', { kind: 'subject', text: 'tea' }],
    ['/join', { kind: 'join' }],
    ['/leave', { kind: 'leave' }],
    ['/cut', { kind: 'cut' }],
    ['/mend', { kind: 'mend' }],
    ['/quit', { kind: 'quit' }],
    ['/h', { kind: 'switch', to: 'left' }],
    ['/a', { kind: 'switch', to: 'right' }],
    ['/constructor', { kind: 'mistake', text: expect.stringContaining('/constructor') as unknown }],
  ])('means %j → %j', (line, command) => {
    expect(readTyped(line)).toEqual(command);
  });
});
