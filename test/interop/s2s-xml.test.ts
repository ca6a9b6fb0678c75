import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { isStreamError, StreamError, type StreamErrorCondition } from '../../src/xml/stream-errors.ts';
import { Authority, type Issued } from '../support/authority.ts';
import { type ConformanceCase, conformanceCases, isForbidden } from '../support/conformance.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { s2s, standalone } from '../support/gateway-file.ts';
import { freePort } from '../support/ports.ts';
import { requires } from '../support/requires.ts';
import { S2sPeer } from '../support/s2s-peer.ts';
import { S2sServer } from '../support/s2s-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const domain = 'rooms.wonderland.test';
const address = '127.0.5.1';
const ends = { from: 'good.test', to: domain };
/** Peers at a time, each from an address of its own. */
const ADDRESSES = Array.from({ length: 12 }, (_, index) => `127.0.5.${10 + index}`);

/** In the W3C's suite: documents, and those of them that a stream must refuse. */
const CASES = 2585;
const FORBIDDEN = 2547;

/** What says of a document that it is none for a stream. */
const CONDITIONS: readonly StreamErrorCondition[] = [
  'restricted-xml',
  'not-well-formed',
  'unsupported-encoding',
  'bad-format',
  'bad-namespace-prefix',
  'invalid-namespace',
];

/**
 * What lacks nothing but its end: no byte of it is wrong, so a stream waits for more, and hears nothing of it. Inside a stream
 * two of these have no element, and one opens a CDATA section; in its place no first tag ends.
 */
const UNENDED = {
  inside: ['not-wf-sa-017', 'not-wf-sa-050', 'o-p39fail3'],
  outside: ['ibm-not-wf-P23-ibm23n05.xml', 'not-wf-sa-050', 'o-p10fail3', 'o-p23fail5', 'o-p39fail3', 'o-p39fail4'],
};

/** Begins with the byte with which TLS does, and is taken for that (XEP-0368): the connection ends without XML. */
const LIKE_TLS = 'o-p03fail20';

/**
 * The test cases of the W3C for XML parsers, thrown at the listener. RFC 6120 §11 forbids nearly all of them: those that are
 * not well-formed, and of the others those with a document type, a comment, a processing instruction, an entity or an
 * encoding of their own. The 38 that are left may stand in a stream, if not as stanzas.
 */
requires('openssl')('XML that has no place in a stream (RFC 6120 §11)', () => {
  let gateway: Gateway;
  let good: S2sServer;
  let identity: Issued;
  let port: number;
  let cases: readonly ConformanceCase[];
  let forbidden: readonly ConformanceCase[];

  beforeAll(async () => {
    const authority = Authority.make(temporaryFolder());
    identity = authority.issue({ names: [ends.from] });
    good = await S2sServer.start({ domain: ends.from, address: '127.0.5.2', identity, auth: 'external' });
    port = await freePort(address);
    gateway = await Gateway.start(`
      ${standalone(domain)}
      ${s2s({
        listen: `${address}:${port}`,
        identity: authority.issue({ names: [domain] }),
        authority: authority.certificate,
        hosts: { [good.domain]: `${good.address}:${good.port}` },
      })}
    `);
    cases = await conformanceCases();
    forbidden = cases.filter(isForbidden);
  });
  afterAll(endAll);

  it('is nearly all of the suite', () => {
    expect(cases).toHaveLength(CASES);
    expect(forbidden).toHaveLength(FORBIDDEN);
  });

  it('is refused inside a stream, each', async () => {
    const outcomes = await throwAll(async (peer, { document }) => {
      await peer.open(ends);
      peer.send(Buffer.concat([document, Buffer.from('</stream:stream>')]));
    });
    expect(unrefused(outcomes)).toEqual(UNENDED.inside);
    expect(outcomes).toHaveLength(FORBIDDEN);
    await expectGood('inside');
  });

  it('is refused in the place of a stream, each', async () => {
    const outcomes = await throwAll((peer, { document }) => Promise.resolve(peer.send(document)));
    expect(unrefused(outcomes)).toEqual([...UNENDED.outside, LIKE_TLS].sort());
    await expectGood('outside');
  });

  it('and nothing of it was an error of the gateway', () => {
    expect(gateway.log.all().filter((line) => line.includes('level=error'))).toEqual([]);
  });

  interface Outcome {
    readonly id: string;
    readonly error: StreamError | undefined;
  }

  /** Throws every forbidden document, a new peer each, and says how each stream ended. */
  async function throwAll(
    send: (peer: S2sPeer, thrown: ConformanceCase) => Promise<void>,
  ): Promise<readonly Outcome[]> {
    const left = forbidden.values();
    const outcomes = await Promise.all(
      ADDRESSES.map(async (localAddress) => {
        const ended: Outcome[] = [];
        for (const thrown of left) {
          const peer = await S2sPeer.dial({ address, port, localAddress });
          await send(peer, thrown);
          peer.finish();
          await peer.closed;
          const error = peer.collected().find(isStreamError);
          ended.push({ id: thrown.id, error: error && StreamError.read(error) });
        }
        return ended;
      }),
    );
    return outcomes.flat();
  }

  /**
   * Those whose stream did not end by an error of the XML. A document whose first fault lies behind its only element is
   * refused for that element, which is no stanza.
   */
  function unrefused(outcomes: readonly Outcome[]): string[] {
    return outcomes
      .filter(({ error }) => error === undefined || !CONDITIONS.includes(error.condition))
      .filter(({ error }) => error?.condition !== 'unsupported-stanza-type')
      .map(({ id }) => id)
      .sort();
  }

  /** Somebody who does everything right is let in, and answered. */
  async function expectGood(id: string): Promise<void> {
    const peer = await S2sPeer.authenticated({ address, port, localAddress: good.address }, ends, { identity });
    peer.send(element('iq', { ...ends, type: 'get', id }, element('ping', { xmlns: NS.ping })));
    await good.inbox.expect('an answer', ({ attrs }) => attrs['id'] === id && attrs['type'] === 'result');
  }
});
