import type { LinkConfig } from '../../src/config/config.ts';
import { DENMARK, type Pair, pair, WONDERLAND } from './nodes.ts';
import { certificate, type GatewayOverrides } from './virtual.ts';

/* Elsinore and rabbithole, whose gateways have streams of their own. */

const NEAR = { host: '127.0.0.1', port: 5001 };
const FAR = { host: '127.0.0.1', port: 5002 };

type Changes = Partial<Omit<LinkConfig, 'peer'>>;

/** Denmark's file; with `link`, one over S2S. */
export function denmarkOverS2s(link?: Changes): GatewayOverrides {
  return {
    ...DENMARK,
    certificate: certificate('ab'.repeat(32), 'rooms.denmark.lit'),
    s2s: { listen: [NEAR], hosts: { 'rooms.wonderland.lit': FAR } },
    links:
      link === undefined
        ? []
        : [{ peer: 'rooms.wonderland.lit', domains: ['wonderland.lit'], transport: 's2s', ...link }],
  };
}

/** Wonderland's. */
export function wonderlandOverS2s(link?: Changes): GatewayOverrides {
  return {
    ...WONDERLAND,
    certificate: certificate('cd'.repeat(32), 'rooms.wonderland.lit'),
    s2s: { listen: [FAR], hosts: { 'rooms.denmark.lit': NEAR } },
    links:
      link === undefined ? [] : [{ peer: 'rooms.denmark.lit', domains: ['denmark.lit'], transport: 's2s', ...link }],
  };
}

/** Both gateways, with links over S2S or without. */
export function pairOverS2s(near?: Changes, far = near): Pair {
  return pair(denmarkOverS2s(near), wonderlandOverS2s(far));
}
