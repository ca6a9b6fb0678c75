import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { element } from '../../src/xml/element.ts';
import { ComponentServer } from './component-server.ts';
import { DirectPeer } from './direct-peer.ts';
import { endAll } from './ending.ts';
import { freePort } from './ports.ts';
import { hasStatus, present, said } from './stanzas.ts';
import { Tap } from './tap.ts';

afterEach(endAll);

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** Opens a component's stream by hand. */
async function openComponent(server: ComponentServer, proof: string): Promise<Socket> {
  const socket = connect(server.port, server.address);
  socket.write(
    "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='rooms.test'>",
  );
  const [header] = (await once(socket, 'data')) as [Buffer];
  expect(String(header)).toContain("from='rooms.test' id='scripted'");
  socket.write(`<handshake>${proof}</handshake>`);
  return socket;
}

describe('the scripted component server', () => {
  it('lets in who knows the secret, and nobody else (XEP-0114 §3)', async () => {
    const server = await ComponentServer.start('secret');
    const stranger = await openComponent(server, sha1('scriptedguess'));
    await server.handshake('refused');
    expect(String(await once(stranger, 'data'))).toContain('<not-authorized');
    await openComponent(server, sha1('scriptedsecret'));
    await server.handshake('accepted');
  });

  it('is every user at once', async () => {
    const server = await ComponentServer.start('secret');
    const component = await openComponent(server, sha1('scriptedsecret'));
    await server.handshake('accepted');
    const alice = server.user('alice@test/garden');
    const hatter = server.user('hatter@test/party');
    component.write(
      "<presence from='hole@rooms.test/Alice' to='alice@test/garden'><x xmlns='http://jabber.org/protocol/muc#user'>" +
        "<item role='moderator' affiliation='owner'/><status code='110'/><status code='201'/></x></presence>" +
        "<message from='hole@rooms.test/Alice' to='hatter@test/party' type='groupchat'><body>Tea?</body></message>",
    );
    expect(hasStatus(await alice.join('hole@rooms.test', 'Alice'), 201)).toBe(true);
    await hatter.expect('tea', said('hole@rooms.test', 'Alice', 'Tea?'));
    expect(alice.collected().map(({ name }) => name)).toEqual(['presence']);
    expect(present('hole@rooms.test', 'Alice', { role: 'participant' })(alice.collected()[0]!)).toBe(false);
  });
});

describe('the scripted peer', () => {
  it('sends and receives stanzas without a header (XEP-0361), and the tap sees them cross', async () => {
    const { port, accepted } = await DirectPeer.listen();
    const tap = await Tap.start(port);
    const dialler = await DirectPeer.dial(tap.port);
    const stanza = element('presence', { from: 'a@x.test', to: 'b@y.test' });
    dialler.send(stanza);
    const listener = await accepted;
    const received = await listener.expect('a presence', ({ name }) => name === 'presence');
    expect(received.attrs).toEqual(stanza.attrs);
    listener.send(element('message', { from: 'b@y.test', to: 'a@x.test' }));
    await dialler.expect('a message', ({ name }) => name === 'message');
    expect(tap.crossed.all().map(String)).toEqual([listener.stream.received, dialler.stream.received]);
    expect(listener.stream.received).toBe('<presence from="a@x.test" to="b@y.test"/>');
    dialler.stream.end();
    await listener.stream.closed;
    await expect(listener.expect('more', () => true)).rejects.toThrow('the connection has ended');
  });

  it('dials from another address where it should be a stranger', async () => {
    const { port, accepted } = await DirectPeer.listen();
    await DirectPeer.dial(port, '127.0.0.9');
    await accepted;
    await expect(DirectPeer.dial(await freePort('127.0.0.1'))).rejects.toThrow('ECONNREFUSED');
  });
});
