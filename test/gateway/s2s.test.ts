import { expect, it } from 'vitest';
import { parseElement } from '../../src/xml/parse.ts';
import { brief, drop, ELSINORE, enters, RABBITHOLE, says } from '../support/nodes.ts';
import { certificate, type GatewayOverrides, VirtualWorld } from '../support/virtual.ts';
import { VirtualServer } from '../support/virtual-server.ts';

const NEAR = { host: '127.0.0.1', port: 5269 };
const HAMLET = 'hamlet@denmark.lit/castle';

it('first', () => {
  const world = new VirtualWorld();
  world.trace = (line) => process.env['T'] && console.log(line);
  const gateway = world.gateway('rooms.denmark.lit', {
    component: false,
    certificate: certificate('ab'.repeat(32), 'rooms.denmark.lit'),
    s2s: { listen: [NEAR], hosts: { 'denmark.lit': { host: '127.0.0.1', port: 5270 } } },
    rooms: [{ name: 'elsinore' }],
  });
  const server = new VirtualServer(world, 'denmark.lit', 5270, { 'rooms.denmark.lit': 5269 });
  server.say(parseElement(enters(HAMLET, ELSINORE, 'Hamlet')));
  world.settle(60_000);
  expect(brief(server.take(HAMLET))).toEqual(['presence Hamlet 100', 'message - =']);
});
