import { expect, it } from 'vitest';
import { HANDSHAKE_TIMEOUT } from '../../src/gateway/entrance.ts';
import { CONNECT_TIMEOUT } from '../../src/link/direct.ts';
import {
  ALICE,
  brief,
  DENMARK,
  drop,
  ELSINORE,
  enters,
  HAMLET,
  type Pair,
  pair,
  RABBITHOLE,
  says,
  WONDERLAND,
} from '../support/nodes.ts';
import { certificate, type GatewayOverrides } from '../support/virtual.ts';

/* Links whose peers show their certificates, in virtual time. */

const DANISH = 'ab'.repeat(32);
const WONDROUS = 'cd'.repeat(32);

function pinned(overrides: GatewayOverrides, pin: string, own: string): GatewayOverrides {
  const [link] = overrides.links ?? [];
  const links = link === undefined ? [] : [{ ...link, tls: 'pinned', pin, from: [] } as const];
  return { ...overrides, links, certificate: certificate(own) };
}

function meet({ denmark, wonderland }: Pair): void {
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  drop(denmark, wonderland);
  denmark.say(says(HAMLET, ELSINORE, 'To be'));
}

it('carries messages once both have shown the certificates that the other has pinned', () => {
  const story = pair(pinned(DENMARK, WONDROUS, DANISH), pinned(WONDERLAND, DANISH, WONDROUS));
  meet(story);
  expect(brief(story.wonderland.take(ALICE))).toEqual(['message Hamlet To be']);
  story.denmark.cut();
  story.world.settle(60_000);
  story.denmark.say(says(HAMLET, ELSINORE, 'or not to be'));
  expect(brief(story.wonderland.take(ALICE))).toEqual(['message Hamlet or not to be']);
});

it.each([
  ['the dialled one', DANISH, 'ee'.repeat(32)],
  ['the dialling one', 'ee'.repeat(32), WONDROUS],
])('carries nothing where %s shows another certificate', (_, own, far) => {
  const story = pair(pinned(DENMARK, WONDROUS, own), pinned(WONDERLAND, DANISH, far));
  meet(story);
  const { denmark, wonderland } = story;
  expect(brief(wonderland.take(ALICE))).toEqual([]);
  expect(denmark.crossed).toEqual([]);
  expect(denmark.core.links[0]?.stream.state).not.toBe('up');
  const [refusing, pin, shown] = far === WONDROUS ? [wonderland, DANISH, own] : [denmark, WONDROUS, far];
  const reason = `wrong certificate: the pin is ${pin}, and the peer has shown ${shown}`;
  const said = refusing.logs.filter(({ fields }) => fields?.['reason'] === reason && fields);
  expect(said[0]?.level).toBe('warn');
});

it('does not wait for ever for a peer that speaks no TLS, on either side', () => {
  const plain = { ...WONDERLAND, certificate: certificate(WONDROUS) };
  const dialling = pair(pinned(DENMARK, WONDROUS, DANISH), plain);
  dialling.world.settle(CONNECT_TIMEOUT);
  const { denmark, world } = dialling;
  expect(denmark.core.links[0]?.stream.error).toBe(`no connection within ${CONNECT_TIMEOUT / 1000} s`);
  expect(denmark.crossed).toEqual([]);
  world.settle(CONNECT_TIMEOUT);
  const listening = pair({}, pinned(WONDERLAND, DANISH, WONDROUS));
  listening.denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  listening.world.settle(HANDSHAKE_TIMEOUT);
  expect(listening.wonderland.core.links[0]?.stream.bytesIn).toBe(0);
  expect(listening.wonderland.logs.filter(({ message }) => message === 'connection refused')).not.toEqual([]);
});
