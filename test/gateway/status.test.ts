import { expect, it } from 'vitest';
import { componentReport, linkReports, roomReports } from '../../src/gateway/status.ts';
import { MAX_REPORTED, s2sReports, wayReports } from '../../src/gateway/way-report.ts';
import { ALICE, DENMARK, ELSINORE, enters, HAMLET, pair, RABBITHOLE, says } from '../support/nodes.ts';

/* What `status --json` tells: the keys of the operator's contract, and that they say what is so. */

it('reports the component, links and rooms as they stand, also while a link is down', () => {
  const { world, denmark, wonderland } = pair();
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  const { core, config } = denmark;
  expect(componentReport(core, config, 0)).toMatchObject({ server: '127.0.0.1:5347', state: 'up', error: null });
  const [link] = linkReports(core, config, world.now);
  expect(link).toMatchObject({
    peer: 'rooms.wonderland.lit',
    transport: 'direct',
    state: 'up',
    queued: 0,
    stanzas_out: 3,
    waiting: 0,
    delay: 0,
    saved: { compression: 0, coalescing: 0, trimming: 0, payloads: 0 },
    file: { bandwidth: 0, compression: false, presence: 'availability', coalesce: 0 },
  });
  expect(link?.bytes_out).toBe(denmark.crossed.join('').length);
  expect(link?.bytes_in).toBe(wonderland.crossed.join('').length);
  expect(roomReports(core, () => 7)).toEqual([
    {
      jid: ELSINORE,
      mode: 'primary-primary',
      federate: RABBITHOLE,
      state: 'joined',
      reason: null,
      occupants: { local: 1, remote: 1 },
      nodes: { [ELSINORE]: 1, [RABBITHOLE]: 1 },
      history: 7,
      neighbours: [
        {
          node: RABBITHOLE,
          side: 'joined',
          state: 'here',
          since: '2026-01-01T00:01:15Z',
          dialect: 'fmucd',
          has: 7,
          unconfirmed: 0,
          misses: 0,
          dropped: 0,
          refused: 0,
        },
      ],
      missing: 0,
      lost: 0,
      held: 0,
    },
  ]);
  wonderland.kill();
  world.settle(1000);
  denmark.say(says(HAMLET, ELSINORE, 'anybody?'));
  expect(linkReports(core, config, world.now)[0]).toMatchObject({ queued: 1, delay: null });
  expect(linkReports(core, config, world.now)[0]?.error).not.toBeNull();
  expect(roomReports(core, () => 8)[0]).toMatchObject({
    state: 'out-of-reach',
    reason: 'the link to rooms.wonderland.lit is down',
    neighbours: [{ state: 'away', has: 7, misses: 1 }],
  });
});

it('counts what waits for a node at its own link alone, though another leads there too', () => {
  const detour = { peer: 'rooms.france.lit', domains: ['rooms.wonderland.lit'], connect: { host: 'far', port: 7009 } };
  const { world, denmark, wonderland } = pair({ links: [detour, ...(DENMARK.links ?? [])] });
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  wonderland.kill();
  world.settle(1000);
  denmark.say(says(HAMLET, ELSINORE, 'anybody?'));
  expect(linkReports(denmark.core, denmark.config, denmark.world.now).map(({ queued }) => queued)).toEqual([0, 1]);
});

it('tells which way so many domains go and no more, and those of the rooms among them', () => {
  const { denmark, wonderland } = pair({ gateway: { localDomains: ['denmark.lit', 'arden.lit'] } });
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  const server = '127.0.0.1:5347';
  expect(wayReports(denmark.core)).toEqual([
    { domain: 'arden.lit', way: 'component', via: server },
    { domain: 'denmark.lit', way: 'component', via: server },
    { domain: 'rooms.wonderland.lit', way: 'link', via: 'rooms.wonderland.lit' },
    { domain: 'wonderland.lit', way: 'link', via: 'rooms.wonderland.lit' },
  ]);
  expect(s2sReports(denmark.core, 0)).toEqual([]);
  const many = Array.from({ length: MAX_REPORTED + 9 }, (_, index) => `d${index}.lit`);
  const crowded = pair({ gateway: { localDomains: many } });
  expect(wayReports(crowded.denmark.core)).toHaveLength(MAX_REPORTED);
});

it('tells of each link what was kept off it, and what the file says of it', () => {
  const { denmark } = pair({ links: [{ ...DENMARK.links![0]!, bandwidth: 300, presence: 'none', coalesce: 10 }] });
  Object.assign(denmark.core.links[0]!.spared, { presences: 4, payloads: 2, payloadCharacters: 300 });
  expect(linkReports(denmark.core, denmark.config, denmark.world.now)[0]).toMatchObject({
    waiting: 0,
    delay: expect.closeTo(8.5, 0) as unknown, // some 320 bytes at 300 bit/s
    saved: { compression: 0, coalescing: 4, trimming: 300, payloads: 2 },
    file: { bandwidth: 300, compression: false, presence: 'none', coalesce: 10 },
  });
});
