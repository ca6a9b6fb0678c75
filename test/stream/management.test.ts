import { describe, expect, it } from 'vitest';
import { RESUMPTION_SECONDS } from '../../src/stream/incoming-stream.ts';
import { IDLE_TIME, PEER_RESUMPTION_TIME, QUEUE_TIME } from '../../src/stream/route.ts';
import { MAX_LOST_SESSIONS } from '../../src/stream/s2s.ts';
import { CLOSE_TIMEOUT, MAX_DOMAINS, SILENCE_TIME } from '../../src/stream/s2s-stream.ts';
import type { KeptSession, SessionWrite } from '../../src/stream/session-record.ts';
import { ACK_AFTER_STANZAS, ACK_TIMEOUT, KEEP_AFTER } from '../../src/stream/stream-management.ts';
import { BURST } from '../../src/stream/throttle.ts';
import { certificateOf, Network, type Played, type Server, type ServerOptions } from './s2s-network.ts';

/* What happens on a stream that stands: acknowledgements, resumption, directions, silence, haste. */

const OURS = 'rooms.denmark.lit';
const PEER = 'wonderland.lit';
const SM = `xmlns='urn:xmpp:sm:3'`;

function toPeer(body: string): string {
  return `<message from="elsinore@${OURS}/Hamlet" to="alice@${PEER}" type="groupchat"><body>${body}</body></message>`;
}

function toUs(body: string, from = `alice@${PEER}`): string {
  return `<message from='${from}' to='elsinore@${OURS}' type='groupchat'><body>${body}</body></message>`;
}

function header(id?: string): string {
  return (
    `<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' ` +
    `from='${PEER}' to='${OURS}'${id === undefined ? '' : ` id='${id}'`} version='1.0'>`
  );
}

interface Scene {
  readonly network: Network;
  readonly server: Server;
}

function scene(options: ServerOptions = {}): Scene {
  const network = new Network();
  return { network, server: network.server(OURS, options) };
}

/** A peer that has connected and proved who it is by its certificate; it may ask for both directions. */
function incoming({ network, server }: Scene, isBidirectional = false): Played {
  const peer = network.connect(server);
  peer.say(header());
  peer.say(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
  peer.secure(certificateOf([PEER]));
  peer.say(header());
  const bidi = isBidirectional ? `<bidi xmlns='urn:xmpp:bidi'/>` : '';
  peer.say(`${bidi}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>`);
  peer.say(header());
  return peer;
}

/** A server that the test plays, at which ours arrives; answers what ours says behind the features of its last stream. */
function outgoing({ network, server }: Scene, peers: Played[], offered: string, isBidirectional = false): string {
  network.settle(100);
  const peer = peers.at(-1);
  if (peer === undefined) throw new Error(`nobody has come from ${server.domain}`);
  peer.say(`${header('s1')}<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`);
  peer.say(`<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
  peer.secure(certificateOf([PEER]));
  const bidi = isBidirectional ? `<bidi xmlns='urn:xmpp:features:bidi'/>` : '';
  peer.say(
    `${header('s2')}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>` +
      `<mechanism>EXTERNAL</mechanism></mechanisms>${bidi}</stream:features>`,
  );
  peer.say(`<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`);
  return peer.say(`${header('s3')}<stream:features>${offered}</stream:features>`);
}

function play(scene: Scene): Played[] {
  const peers: Played[] = [];
  scene.network.play(PEER, 1, (peer) => peers.push(peer));
  return peers;
}

function last(peers: readonly Played[]): Played {
  const peer = peers.at(-1);
  if (peer === undefined) throw new Error('nobody has come');
  return peer;
}

function bodies(text: string): string[] {
  return [...text.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body ?? '');
}

describe('XEP-0198, where the peer began', () => {
  it('§3, §4: is enabled once a peer is authenticated, and answers how much has been handled', () => {
    const all = scene();
    const peer = incoming(all);
    expect(peer.say(`<enable ${SM}/>`)).toBe(`<enabled ${SM}/>`);
    expect(peer.say(`${toUs('1')}${toUs('2')}<r ${SM}/>`)).toBe(`<a ${SM} h='2'/>`);
    expect(peer.say(`<enable ${SM}/>`)).toContain('<unexpected-request ');
  });

  it('§5: a session goes on where it was, on another stream', () => {
    const all = scene();
    const peer = incoming(all);
    const id = /id='([^']+)'/.exec(peer.say(`<enable ${SM} resume='true'/>`))?.[1] ?? '';
    peer.say(toUs('1'));
    peer.cut();
    const again = incoming(all);
    expect(again.say(`<resume ${SM} previd='${id}' h='0'/>`)).toBe(`<resumed ${SM} previd='${id}' h='1'/>`);
    expect(again.say(`${toUs('2')}<r ${SM}/>`)).toBe(`<a ${SM} h='2'/>`);
    expect(all.server.stanzas).toHaveLength(2);
  });

  it('§5: and also where we have not noticed yet that its connection is gone', () => {
    const all = scene();
    const peer = incoming(all);
    const id = /id='([^']+)'/.exec(peer.say(`<enable ${SM} resume='true'/>`))?.[1] ?? '';
    peer.say(toUs('1'));
    const again = incoming(all);
    expect(again.say(`<resume ${SM} previd='${id}' h='0'/>`)).toContain(`h='1'`);
    expect(peer.isClosed).toBe(true);
  });

  it.each([
    ['is not known', 'x', 0],
    ['is too old', undefined, RESUMPTION_SECONDS * 1000],
  ])('§5: a session that %s is begun anew', (_, previd, wait) => {
    const all = scene();
    const peer = incoming(all);
    const id = /id='([^']+)'/.exec(peer.say(`<enable ${SM} resume='true'/>`))?.[1] ?? '';
    peer.cut();
    all.network.settle(wait);
    const again = incoming(all);
    expect(again.say(`<resume ${SM} previd='${previd ?? id}' h='0'/>`)).toContain('<item-not-found ');
    expect(again.say(`<enable ${SM}/>`)).toBe(`<enabled ${SM}/>`);
  });

  it('§5: nobody else resumes it', () => {
    const all = scene();
    const peer = incoming(all);
    const id = /id='([^']+)'/.exec(peer.say(`<enable ${SM} resume='true'/>`))?.[1] ?? '';
    peer.cut();
    const stranger = all.network.connect(all.server);
    const other = header().replace(PEER, 'x.lit');
    stranger.say(other);
    stranger.say(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
    stranger.secure(certificateOf(['x.lit']));
    stranger.say(other);
    stranger.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>`);
    stranger.say(other);
    expect(stranger.say(`<resume ${SM} previd='${id}' h='0'/>`)).toContain('<item-not-found ');
  });

  it('§5: so many lost sessions are remembered, the newest of them', () => {
    const all = scene();
    const ids = Array.from({ length: MAX_LOST_SESSIONS + 1 }, () => {
      const peer = incoming(all);
      const id = /id='([^']+)'/.exec(peer.say(`<enable ${SM} resume='true' max='600'/>`))?.[1] ?? '';
      peer.connection?.cut();
      all.network.settle(1);
      return id;
    });
    const resume = (id = ''): string => incoming(all).say(`<resume ${SM} previd='${id}' h='0'/>`);
    expect(resume(ids[0])).toContain('<item-not-found ');
    expect(resume(ids.at(-1))).toContain('<resumed ');
  });

  it.each([
    ['more than was sent', `<a ${SM} h='1'/>`, 'handled-count-too-high'],
    ['no number', `<a ${SM} h='x'/>`, 'invalid-xml'],
  ])('§6: an acknowledgement of %s ends the stream', (_, xml, condition) => {
    const peer = incoming(scene());
    peer.say(`<enable ${SM}/>`);
    expect(peer.say(xml)).toContain(`<${condition} `);
    expect(peer.isClosed).toBe(true);
  });

  it('§3: is not offered before a peer is authenticated', () => {
    const { network, server } = scene();
    const peer = network.connect(server);
    peer.say(header());
    peer.say(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
    peer.secure(certificateOf([PEER]));
    expect(peer.say(header())).not.toContain('urn:xmpp:sm:3');
    expect(peer.say(`<enable ${SM}/>`)).toContain('<unexpected-request ');
  });
});

describe('XEP-0198, where we began', () => {
  /** Ours has sent that many to a peer that lets it resume. */
  function enabled(count: number, isBidirectional = false, options: ServerOptions = {}) {
    const all = scene(options);
    const peers = play(all);
    if (options.peers !== undefined) all.network.settle(5000);
    all.server.send(PEER, toPeer('0'));
    expect(outgoing(all, peers, `<sm ${SM}/>`, isBidirectional)).toContain(`<enable ${SM} resume='true'`);
    last(peers).say(`<enabled ${SM} id='session' resume='true' max='300'/>`);
    for (let n = 1; n < count; n += 1) all.server.send(PEER, toPeer(String(n)));
    return { ...all, peers };
  }

  it('§4: acknowledgements are asked for, gathered', () => {
    const { network, peers, server } = enabled(1);
    network.settle(10_000);
    last(peers).read();
    last(peers).say(`<a ${SM} h='1'/>`);
    for (let n = 0; n < ACK_AFTER_STANZAS; n += 1) server.send(PEER, toPeer(String(n)));
    network.settle(100);
    expect(last(peers).read().match(/<r /g)).toHaveLength(1);
  });

  it('§4: a peer that does not answer is gone', () => {
    const { network, peers } = enabled(1);
    const [first] = peers;
    network.settle(ACK_TIMEOUT + 10_000);
    expect(first?.read()).toContain('<connection-timeout ');
  });

  it('§5: what was not acknowledged is sent again, and nothing else', () => {
    const all = enabled(4);
    last(all.peers).say(`<a ${SM} h='1'/>`);
    last(all.peers).cut();
    all.server.send(PEER, toPeer('4'));
    expect(outgoing(all, all.peers, `<sm ${SM}/>`)).toBe(`<resume ${SM} previd='session' h='0'/>`);
    const said = last(all.peers).say(`<resumed ${SM} previd='session' h='2'/>`);
    expect(bodies(said)).toEqual(['2', '3', '4']);
  });

  it.each([
    [
      'says how much it has had',
      `<failed ${SM} h='3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`,
      ['3'],
    ],
    ['does not say', `<failed ${SM}/>`, ['0', '1', '2', '3']],
  ])('§5: a peer that has lost the session is sent the rest, as it %s', (_, failed, rest) => {
    const all = enabled(4);
    last(all.peers).cut();
    outgoing(all, all.peers, `<sm ${SM}/>`);
    expect(last(all.peers).say(failed)).toContain('<enable ');
    expect(bodies(last(all.peers).say(`<enabled ${SM}/>`))).toEqual(rest);
  });

  it('§5: a session that nobody lets us resume in its time is given up, and what it had goes on its way or back', () => {
    const { network, peers, server } = enabled(2);
    last(peers).cut();
    network.hosts[PEER] = { host: '10.0.0.99', port: 1 };
    network.settle(301_000 + QUEUE_TIME);
    expect(server.stanzas.filter((stanza) => stanza.includes('remote-server-timeout'))).toHaveLength(2);
    network.settle(60_000);
    expect(server.core.reports()).toEqual([]);
  });

  it('§5: a stream that the peer has ended in order leaves nothing to resume', () => {
    const all = enabled(2);
    last(all.peers).say(`<a ${SM} h='2'/></stream:stream>`);
    all.server.send(PEER, toPeer('2'));
    expect(outgoing(all, all.peers, `<sm ${SM}/>`)).toContain('<enable ');
  });

  it('the peer of a link is not down as long as its session may go on', () => {
    const peers = [{ domain: PEER, pin: '', compression: false }];
    const all = enabled(2, true, { peers });
    expect(all.server.events).toEqual([`s2s-up ${PEER}`]);
    last(all.peers).cut();
    expect(all.server.core.isReachable(PEER)).toBe(true);
    outgoing(all, all.peers, `<sm ${SM}/>`, true);
    last(all.peers).say(`<resumed ${SM} previd='session' h='1'/>`);
    expect(all.server.events).toEqual([`s2s-up ${PEER}`]);
    last(all.peers).cut();
    outgoing(all, all.peers, `<sm ${SM}/>`, true);
    last(all.peers).say(`<failed ${SM}/>`);
    expect(bodies(last(all.peers).say(`<enabled ${SM}/>`))).toEqual([]);
    expect(all.server.events).toEqual([`s2s-up ${PEER}`, `s2s-down ${PEER}`, `s2s-up ${PEER}`]);
  });

  it('what waits long for its acknowledgement is kept, and goes on after a restart', () => {
    const all = enabled(3);
    last(all.peers).say(`<a ${SM} h='1'/>`);
    expect(all.server.writes).toEqual([]);
    all.network.settle(KEEP_AFTER + 1000);
    const kept = keptOf(all.server.writes);
    expect(kept?.stanzas.map(({ xml }) => bodies(xml)[0])).toEqual(['1', '2']);
    all.server.kill();
    const restarted = { network: all.network, server: all.network.server(OURS) };
    restarted.server.act((now) => restarted.server.core.start(kept === undefined ? [] : [kept], now));
    expect(outgoing(restarted, all.peers, `<sm ${SM}/>`)).toBe(`<resume ${SM} previd='session' h='0'/>`);
    expect(bodies(last(all.peers).say(`<resumed ${SM} previd='session' h='2'/>`))).toEqual(['2']);
    last(all.peers).say(`<a ${SM} h='3'/>`);
    restarted.network.settle(60_000);
    expect(keptOf([...all.server.writes, ...restarted.server.writes])?.stanzas ?? []).toEqual([]);
  });

  it('an orderly stop leaves a session with something under way to be resumed', () => {
    const { network, peers, server } = enabled(2);
    server.act((now) => server.core.stop(now));
    network.settle();
    expect(last(peers).take()).not.toContain('</stream:stream>');
    expect(keptOf(server.writes)?.stanzas).toHaveLength(2);
  });
});

describe('XEP-0288 both directions', () => {
  it('a peer that has proved itself is in reach before our own stream is done, and out of it if that comes to nothing', () => {
    const all = scene({ peers: [{ domain: PEER, pin: '', compression: false }] });
    const peers = play(all);
    all.network.settle(5000);
    expect(all.server.core.isReachable(PEER)).toBe(false);
    expect(outgoing(all, peers, `<sm ${SM}/>`, true)).toContain('<enable ');
    last(peers).say(toUs('early'));
    expect(all.server.stanzas).toHaveLength(1);
    expect(all.server.core.isReachable(PEER)).toBe(true);
    expect(all.server.events).toEqual([]);
    last(peers).cut();
    expect(all.server.events).toEqual([`s2s-down ${PEER}`]);
  });

  it('stanzas go back on the stream of a peer that asked for it, and not else', () => {
    for (const isBidirectional of [true, false]) {
      const all = scene();
      const peers = play(all);
      const peer = incoming(all, isBidirectional);
      all.server.send(PEER, toPeer('back'));
      all.network.settle(100);
      expect(bodies(peer.read())).toEqual(isBidirectional ? ['back'] : []);
      expect(peers).toHaveLength(isBidirectional ? 0 : 1);
    }
  });

  it('and wait for a session that the peer has lost, until it has had its time', () => {
    const all = scene();
    const peers = play(all);
    const peer = incoming(all, true);
    const id = /id='([^']+)'/.exec(peer.say(`<enable ${SM} resume='true'/>`))?.[1] ?? '';
    all.server.send(PEER, toPeer('1'));
    peer.take();
    peer.cut();
    all.server.send(PEER, toPeer('2'));
    const again = incoming(all, true);
    expect(bodies(again.say(`<resume ${SM} previd='${id}' h='0'/>`))).toEqual(['1', '2']);
    again.cut();
    all.network.settle(PEER_RESUMPTION_TIME + 100);
    expect(peers).toHaveLength(1);
    expect(bodies(outgoing(all, peers, ''))).toEqual(['1', '2']);
  });

  it('a peer may prove a further domain on a stream of ours', () => {
    const all = scene();
    const peers = play(all);
    all.server.send(PEER, toPeer('1'));
    outgoing(all, peers, '', true);
    const others: Played[] = [];
    all.network.play('x.lit', 2, (other) => others.push(other));
    last(peers).say(`<db:result from='x.lit' to='${OURS}'>key</db:result>`);
    expect(others).toHaveLength(1);
  });
});

describe('XEP-0220 §2.6 several domains on one stream', () => {
  it('each is proved by itself, and they are counted', () => {
    const { network, server } = scene();
    const peer = network.connect(server);
    const names = Array.from({ length: MAX_DOMAINS + 1 }, (_, index) => `d${index}.lit`);
    peer.say(header());
    peer.say(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
    peer.secure(certificateOf(names));
    peer.say(header().replace(PEER, 'd0.lit'));
    const claim = (domain: string): string => peer.say(`<db:result from='${domain}' to='${OURS}'>key</db:result>`);
    for (const name of names.slice(0, MAX_DOMAINS)) expect(claim(name)).toContain(`type='valid'`);
    expect(claim(names.at(-1) ?? '')).toContain('<resource-constraint ');
    expect(peer.say(`<db:result from='d0.lit' to='x.lit'>key</db:result>`)).toMatch(
      /^<db:result from='x.lit' to='d0.lit' type='error'><error type='cancel'><item-not-found /,
    );
    expect(peer.say(toUs('hello', 'bob@d7.lit'))).toBe('');
    expect(server.stanzas).toHaveLength(1);
    expect(server.core.reports()).toEqual([]);
    expect(peer.say(toUs('hello', `bob@${names.at(-1)}`))).toContain('<invalid-from ');
  });
});

describe('XEP-0138 compression', () => {
  it('is there for the peers of links that ask for it, once they are known, and what is not compressed is not taken', () => {
    const all = scene({ peers: [{ domain: PEER, pin: '', compression: true }] });
    const peer = incoming(all);
    expect(peer.say(`<compress xmlns='http://jabber.org/protocol/compress'><method>lzw</method></compress>`)).toContain(
      '<unsupported-method/>',
    );
    const asked = `<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>`;
    expect(peer.say(asked)).toBe(`<compressed xmlns='http://jabber.org/protocol/compress'/>`);
    peer.say(header());
    expect(peer.isClosed).toBe(true);
    expect(incoming(scene()).say(asked)).toContain('<setup-failed/>');
  });

  it('serves both ways between two of ours, and saves', () => {
    const network = new Network();
    const peer = (domain: string) => ({ peers: [{ domain, pin: '', compression: true }] });
    const server = network.server(OURS, peer(PEER));
    const other = network.server(PEER, peer(OURS));
    network.settle(10_000);
    server.send(PEER, ...Array.from({ length: 100 }, (_, n) => toPeer(String(n))));
    other.send(OURS, toUs('back'));
    network.settle(10_000);
    expect(other.stanzas).toHaveLength(100);
    expect(server.stanzas).toHaveLength(1);
    expect(server.core.report(PEER)?.bytesOut).toBeLessThan(5000);
  });
});

describe('the order in which things happen', () => {
  it('what a stanza leads to is written before what is said of the one behind it', () => {
    const all = scene();
    const peer = incoming(all, true);
    peer.say(`<enable ${SM}/>`);
    all.server.onStanza = (from) => all.server.send(from, toPeer(`answer ${all.server.stanzas.length}`));
    const said = peer.say(`${toUs('1')}<r ${SM}/>${toUs('2')}<r ${SM}/></stream:stream>`);
    expect(said.match(/answer \d|h='\d'|<\/stream:stream>/g)).toEqual([
      'answer 1',
      `h='1'`,
      'answer 2',
      `h='2'`,
      `h='2'`,
      '</stream:stream>',
    ]);
  });

  it('also where it is compressed', () => {
    const network = new Network();
    const peer = (domain: string) => ({ peers: [{ domain, pin: '', compression: true }] });
    const server = network.server(OURS, peer(PEER));
    const other = network.server(PEER, peer(OURS));
    network.settle(10_000);
    other.onStanza = () => other.send(OURS, toUs(`answer ${other.stanzas.length}`));
    for (let n = 0; n < 200; n += 1) {
      server.send(PEER, toPeer(String(n)));
      if (n % 7 === 0) network.settle(3000);
    }
    network.settle(10_000);
    expect(server.stanzas.map((stanza) => /answer (\d+)/.exec(stanza)?.[1])).toEqual(
      Array.from({ length: 200 }, (_, n) => String(n + 1)),
    );
    expect([...server.log, ...other.log].filter((line) => line.includes('refused'))).toEqual([]);
  });

  it('nothing may come behind a request that changes the stream, not even behind a stanza', () => {
    const all = scene({ peers: [{ domain: PEER, pin: '', compression: true }] });
    const peer = incoming(all);
    const asked = `<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>`;
    peer.say(`${toUs('1')}${asked}${toUs('2')}`);
    expect(peer.isClosed).toBe(true);
    expect(all.server.stanzas).toHaveLength(1);
  });
});

describe('silence and haste', () => {
  it('a peer that does not end its half of a stream is left in time', () => {
    const all = scene();
    const peers = play(all);
    all.server.send(PEER, toPeer('1'));
    outgoing(all, peers, '');
    all.network.settle(IDLE_TIME + CLOSE_TIMEOUT);
    expect(last(peers).read()).toContain('</stream:stream>');
    expect(last(peers).isClosed).toBe(true);
  });

  it('a peer that says nothing for long is ended in order, and knows that it will be (XEP-0478)', () => {
    const all = scene();
    const peer = incoming(all);
    peer.write(' ');
    all.network.settle(SILENCE_TIME);
    expect(peer.take()).toBe('</stream:stream>');
  });

  it('the stream of a link is kept, with a space now and then for a peer that wants one', () => {
    const all = scene({ peers: [{ domain: PEER, pin: '', compression: false }] });
    const peers = play(all);
    const limits = `<limits xmlns='urn:xmpp:stream-limits:0'><idle-seconds>600</idle-seconds></limits>`;
    all.network.settle(100_000);
    expect(outgoing(all, peers, limits)).toBe('');
    all.network.settle(2 * IDLE_TIME);
    expect(last(peers).read()).toBe('   ');
  });

  it('more stanzas than a stream may bring wait with the peer; none is lost', () => {
    const all = scene();
    const peer = incoming(all);
    peer.write(Array.from({ length: BURST + 10 }, (_, n) => toUs(String(n))).join(''));
    all.network.settle(50);
    expect(all.server.paused.size).toBe(1);
    all.network.settle(QUEUE_TIME);
    expect(all.server.paused.size).toBe(0);
    expect(all.server.stanzas).toHaveLength(BURST + 10);
  });
});

/** What a store that has written all of that would give back. */
function keptOf(writes: readonly SessionWrite[]): KeptSession | undefined {
  let kept: KeptSession | undefined;
  for (const write of writes) {
    if (write.kind === 'session') kept = { ...write.record, stanzas: kept?.id === write.record.id ? kept.stanzas : [] };
    else if (write.kind === 'drop-session') kept = undefined;
    else if (kept !== undefined && write.kind === 'unacknowledged')
      kept = { ...kept, stanzas: [...kept.stanzas, ...write.stanzas] };
    else if (kept !== undefined && write.kind === 'acknowledged')
      kept = { ...kept, stanzas: kept.stanzas.filter(({ number }) => number > write.upTo) };
  }
  return kept;
}
