import { afterEach, expect, it } from 'vitest';
import { attribute, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { Authority } from './authority.ts';
import { endAll, temporaryFolder } from './ending.ts';
import { Prosody } from './prosody.ts';
import { requires } from './requires.ts';
import { S2sPeer } from './s2s-peer.ts';
import { S2sServer } from './s2s-server.ts';

const address = '127.0.1.4';
const ends = { from: 'oz.test', to: 'denmark.test' };

/** What the suites have a scripted server do, done to Prosody. */
requires('prosody', 'openssl')('a scripted server, with Prosody', () => {
  afterEach(endAll);

  it.each(['external', 'dialback'] as const)('is let in by %s, and is answered', async (auth) => {
    const authority = Authority.make(temporaryFolder());
    const identity = authority.issue({ names: [ends.from] });
    // Prosody dials port 5269 alone, and that of its own address is taken.
    const oz = await S2sServer.start({ domain: ends.from, address: '127.0.1.5', port: 5269, identity, auth });
    oz.knows = (verify) => verify.text() === 'the right key';
    const tls = { ...authority.issue({ names: [ends.to] }), authority: authority.certificate, auth };
    await Prosody.start({
      domain: ends.to,
      address,
      users: [],
      s2s: { interface: address, hosts: { [ends.from]: oz.address }, tls },
    });
    const route = { address, port: 5269 };
    const peer = await S2sPeer.dial(route);
    await peer.startTls(ends, { identity });
    if (auth === 'external') await peer.external(ends);
    else {
      await peer.open(ends);
      expect(attribute(await peer.dialback(ends, 'the right key'), 'type')).toBe('valid');
      const liar = await S2sPeer.dial(route);
      await liar.startTls(ends, { identity });
      await liar.open(ends);
      expect(attribute(await liar.dialback(ends, 'a wrong key'), 'type')).toBe('invalid');
    }
    peer.send(element('iq', { ...ends, type: 'get', id: 'p1' }, element('ping', { xmlns: NS.ping })));
    const answer = await oz.inbox.expect('an answer', ({ attrs }) => attrs['id'] === 'p1');
    expect(answer.attrs['type']).toBe('result');

    peer.send(element('message', { ...ends, from: 'emerald.test' }));
    expect((await peer.refusal()).condition).toBe('not-authorized');
  });
});
