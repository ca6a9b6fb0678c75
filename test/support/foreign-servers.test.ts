import { afterEach, it } from 'vitest';
import { Authority } from './authority.ts';
import { Client } from './client.ts';
import { Ejabberd } from './ejabberd.ts';
import { endAll, temporaryFolder } from './ending.ts';
import { Prosody } from './prosody.ts';
import { requires } from './requires.ts';
import { present, said } from './stanzas.ts';

const addresses = { denmark: '127.0.1.2', wonderland: '127.0.1.3' };
const danish = { 'denmark.test': addresses.denmark, 'rooms.denmark.test': addresses.denmark };
const wonderlandish = { 'wonderland.test': addresses.wonderland, 'rooms.wonderland.test': addresses.wonderland };

/** What the suites expect of the gateway's own streams, between two servers of others. */
requires('prosody', 'ejabberd')('Prosody and ejabberd', () => {
  afterEach(endAll);

  it('meet in the clear, by dialback (XEP-0220)', () => expectConversation(undefined));

  it.each(['dialback', 'external'] as const)('meet in TLS, by %s', async (auth) => expectConversation(auth));
});

async function expectConversation(auth: 'dialback' | 'external' | undefined): Promise<void> {
  const authority = Authority.make(temporaryFolder());
  const tls = (hosts: object) =>
    auth && { ...authority.issue({ names: Object.keys(hosts) }), authority: authority.certificate, auth };
  const [prosody, ejabberd] = await Promise.all([
    Prosody.start({
      domain: 'denmark.test',
      address: addresses.denmark,
      users: ['hamlet'],
      muc: 'rooms.denmark.test',
      s2s: { interface: addresses.denmark, hosts: wonderlandish, ...withTls(tls(danish)) },
    }),
    Ejabberd.start({
      domain: 'wonderland.test',
      address: addresses.wonderland,
      users: ['alice'],
      muc: 'rooms.wonderland.test',
      s2s: { hosts: danish, ...withTls(tls(wonderlandish)) },
    }),
  ]);
  const hamlet = await Client.connect(prosody, 'hamlet', 'castle');
  const alice = await Client.connect(ejabberd, 'alice', 'garden');
  for (const room of ['hall@rooms.denmark.test', 'hall@rooms.wonderland.test']) {
    const [host, guest] = room.includes('denmark') ? [hamlet, alice] : [alice, hamlet];
    await host.join(room, 'Host');
    await host.acceptDefaults(room);
    await guest.join(room, 'Guest');
    await host.expect('the guest', present(room, 'Guest'));
    await guest.say(room, 'Anybody here?');
    await host.expect('a question', said(room, 'Guest', 'Anybody here?'));
    await host.say(room, 'Nobody');
    await guest.expect('an answer', said(room, 'Host', 'Nobody'));
    await guest.leave(room);
  }
}

function withTls<T>(tls: T | undefined): { readonly tls?: T } {
  return tls === undefined ? {} : { tls };
}
