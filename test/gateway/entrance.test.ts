import { expect, it } from 'vitest';
import { Entrance, HANDSHAKE_TIMEOUT, MAX_UNIDENTIFIED } from '../../src/gateway/entrance.ts';
import { Random } from '../../src/lib/random.ts';
import { DirectLink, type DirectLinkConfig } from '../../src/link/direct.ts';
import { certificate } from '../support/virtual.ts';

/* Whose a connection is that has come to a listener of pinned links. */

const ONE = 'ab'.repeat(32);
const TWO = 'cd'.repeat(32);
const LISTENER = '0.0.0.0:5270';
const START = 1_000_000;

function link(peer: string, pin: string, config: Partial<DirectLinkConfig> = {}): DirectLink {
  const listen = { host: '0.0.0.0', port: 5270 };
  const common = { domain: 'rooms.denmark.lit', idle: 0, bandwidth: 0, compression: false, from: [], listen };
  const made = new DirectLink({ ...common, peer, pin, ...config }, { random: new Random(1), nextConnection: () => 99 });
  made.start(START);
  return made;
}

const accepted = (connection: number, address = '10.1.0.2') =>
  ({ kind: 'accepted', connection, listener: LISTENER, address }) as const;
const secured = (connection: number, sha256?: string) =>
  ({
    kind: 'secured',
    connection,
    version: 'TLSv1.3',
    certificate: sha256 === undefined ? undefined : certificate(sha256),
    isResumed: false,
  }) as const;

const LINKS = [link('rooms.a.lit', ONE), link('rooms.b.lit', TWO)];

it('secures a connection first, and gives it to the link whose pin its certificate has', () => {
  const entrance = new Entrance();
  expect(entrance.accept(accepted(1), LINKS, START)).toEqual({
    kind: 'open',
    effects: [{ kind: 'secure', connection: 1, tls: { role: 'server', profile: 'pinned' } }],
  });
  expect(entrance.owns(1)).toBe(true);
  const early = { kind: 'data', connection: 1, bytes: new Uint8Array(9) } as const;
  expect(entrance.handle(early, LINKS)).toEqual({ kind: 'open', effects: [] });
  expect(entrance.handle(secured(1, TWO), LINKS)).toEqual({ kind: 'taken', link: LINKS[1], accepted: accepted(1) });
  expect([entrance.owns(1), entrance.nextTimeout()]).toEqual([false, undefined]);
});

it('takes one of a plain link at once', () => {
  const plain = link('rooms.c.lit', '', { from: ['10.1.0.2'] });
  expect(new Entrance().accept(accepted(1), [plain], START)).toMatchObject({ kind: 'taken', link: plain });
});

it.each([
  ['another certificate', 'ef'.repeat(32), 'ef'.repeat(32)],
  ['no certificate', undefined, 'none'],
])('refuses %s, and says what was wanted and what was found', (_, shown, found) => {
  const entrance = new Entrance();
  entrance.accept(accepted(1), LINKS, START);
  expect(entrance.handle(secured(1, shown), LINKS)).toEqual({
    kind: 'refused',
    accepted: accepted(1),
    reason: `wrong certificate: the pin is ${ONE} or ${TWO}, and the peer has shown ${found}`,
  });
});

it('refuses an address that no link has in its from, before and after TLS', () => {
  const entrance = new Entrance();
  const both = [link('rooms.a.lit', ONE, { from: ['10.1.0.2'] }), link('rooms.b.lit', TWO, { from: ['10.1.0.3'] })];
  expect(entrance.accept(accepted(1, '10.9.9.9'), both, START)).toMatchObject({
    kind: 'refused',
    reason: 'no [[link]] has it in its from',
  });
  entrance.accept(accepted(2, '10.1.0.3'), both, START);
  expect(entrance.handle(secured(2, ONE), both)).toMatchObject({ kind: 'refused' });
  entrance.accept(accepted(3, '10.1.0.3'), both, START);
  expect(entrance.handle(secured(3, TWO), both)).toMatchObject({ kind: 'taken', link: both[1] });
});

it('refuses one whose link has gone meanwhile', () => {
  const entrance = new Entrance();
  entrance.accept(accepted(1), LINKS, START);
  expect(entrance.handle(secured(1, ONE), [])).toMatchObject({ reason: 'no [[link]] has it in its from' });
});

it('gives up those that show no certificate in time, and lets a slow link take longer', () => {
  const entrance = new Entrance();
  entrance.accept(accepted(1), LINKS, START);
  expect(entrance.nextTimeout()).toBe(START + HANDSHAKE_TIMEOUT);
  expect(entrance.handleTimeout(START + HANDSHAKE_TIMEOUT - 1)).toEqual([]);
  expect(entrance.handleTimeout(START + HANDSHAKE_TIMEOUT)).toMatchObject([
    { kind: 'refused', accepted: accepted(1), reason: 'it has shown no certificate in time' },
  ]);
  expect([entrance.owns(1), entrance.nextTimeout()]).toEqual([false, undefined]);
  entrance.accept(accepted(2), [link('rooms.a.lit', ONE, { bandwidth: 300 })], START);
  expect(entrance.nextTimeout()).toBeGreaterThan(START + 2 * HANDSHAKE_TIMEOUT);
});

it('has so many at a time and no more, until one is known or gone', () => {
  const entrance = new Entrance();
  const reason = `${MAX_UNIDENTIFIED} others have yet to show their certificates`;
  for (let connection = 1; connection <= MAX_UNIDENTIFIED; connection++)
    expect(entrance.accept(accepted(connection), LINKS, START)).toMatchObject({ kind: 'open' });
  expect(entrance.accept(accepted(100), LINKS, START)).toEqual({ kind: 'refused', accepted: accepted(100), reason });
  entrance.handle({ kind: 'closed', connection: 1, reason: 'reset' }, LINKS);
  expect(entrance.accept(accepted(101), LINKS, START)).toMatchObject({ kind: 'open' });
  expect(entrance.accept(accepted(102), LINKS, START)).toMatchObject({ kind: 'refused' });
  entrance.handle(secured(2, ONE), LINKS);
  expect(entrance.accept(accepted(103), LINKS, START)).toMatchObject({ kind: 'open' });
});
