import type { Address } from '../../config/config.ts';
import { tryValue } from '../../config/try-value.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-status.ts';
import { listOf } from './init-questions.ts';
import { PairError } from './pair-error.ts';
import type { Terms } from './pair-line.ts';

/** What the operator has said of the link beforehand. */
export interface Settings extends Partial<Terms> {
  readonly connect?: Address;
  readonly listen?: Address;
  readonly from?: string;
  readonly domains?: readonly string[];
}

/**
 * What the options say, each read as the key of a link that it is about.
 * @throws {PairError} Where one can't be meant.
 */
export function readOptions(options: Invocation['options']): Settings {
  const read = (name: string, key: string, valueOf: (text: string) => unknown): unknown => {
    const text = options[name];
    if (text === undefined) return undefined;
    const tried = tryValue('link', key, valueOf(text), true);
    if (!tried.ok) throw new PairError(`${name} ${tried.problem}`, EXIT.usage);
    return tried.value;
  };
  const asText = (text: string) => text;
  const found = {
    connect: read('--connect', 'connect', asText),
    listen: read('--listen', 'listen', asText),
    from: (read('--from', 'from', (text) => [text]) as string[] | undefined)?.[0],
    domains: read('--local-domain', 'domains', listOf),
    transport: read('--transport', 'transport', asText),
    tls: read('--tls', 'tls', asText),
    bandwidth: read('--bandwidth', 'bandwidth', numberOf),
    compression: read('--compression', 'compression', flagOf),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Settings;
}

function flagOf(text: string): boolean | string {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

function numberOf(text: string): number | string {
  return /^\d{1,10}$/.test(text) ? Number(text) : text;
}
