/** What a file says otherwise than the one that a gateway runs with. */

import type { Config, LinkConfig, RoomFileConfig } from './config.ts';

export type Change = 'added' | 'removed' | 'changed';

/** `renewed`: its connections can't stay as they are. */
export type LinkChange = Change | 'renewed';

export interface ConfigChanges {
  /** The file as far as a running gateway can follow it: what only a restart takes over is as it was. */
  readonly config: Config;
  /** The keys and tables that only a restart takes over, such as `gateway.domain` and `s2s`. */
  readonly restart: readonly string[];
  /** Other keys outside of links and rooms, such as `log.level`. */
  readonly keys: readonly string[];
  readonly component: Change | undefined;
  /** By peer. */
  readonly links: ReadonlyMap<string, LinkChange>;
  /** Whether the links that were there before and still are stand in another order: of several, the first is preferred. */
  readonly isReordered: boolean;
  /** By name. */
  readonly rooms: ReadonlyMap<string, Change>;
}

/** What the store, the socket and the process itself stand on. */
const FIXED = ['domain', 'data', 'control', 'memory'] as const;

const LIVE = {
  name: 'name',
  admins: 'admins',
  createRooms: 'create_rooms',
  localDomains: 'local_domains',
} as const satisfies Partial<Record<keyof Config['gateway'], string>>;

/** What of a link a connection, or what the peer has been told on it, is made by. */
const OF_CONNECTION: readonly (keyof LinkConfig)[] = [
  'transport',
  'connect',
  'listen',
  'from',
  'tls',
  'pin',
  'bandwidth',
  'compression',
  'presence',
  'idle',
  'dialect',
];

/** Compares the file with the one that a gateway runs with. */
export function changesOf(running: Config, file: Config): ConfigChanges {
  const restart = FIXED.filter((key) => running.gateway[key] !== file.gateway[key]);
  const live = Object.entries(LIVE) as [keyof typeof LIVE, string][];
  const { domain, data, control, memory } = running.gateway;
  // A name that isn't written is the domain.
  const name = file.gateway.name === file.gateway.domain ? domain : file.gateway.name;
  const { memory: _, ...gateway } = { ...file.gateway, name };
  const links = file.links.flatMap((link) => linkUntilRestart(link, running));
  const common = running.links.filter(({ peer }) => links.some((link) => link.peer === peer));
  const after = links.filter(({ peer }) => common.some((link) => link.peer === peer));
  const { s2s, ...rest } = file;
  return {
    config: {
      ...rest,
      gateway: { ...gateway, domain, data, control, ...(memory !== undefined && { memory }) },
      ...(running.s2s && { s2s: running.s2s }),
      links,
    },
    restart: [...restart.map((key) => `gateway.${key}`), ...(same(running.s2s, s2s) ? [] : ['s2s'])],
    keys: [
      ...live.filter(([key]) => !same(running.gateway[key], gateway[key])).map(([, name]) => `gateway.${name}`),
      ...(running.log.level === file.log.level ? [] : ['log.level']),
    ],
    component: changeOf(running.component, file.component),
    links: changesByName(running.links, links, ({ peer }) => peer, changeOfLink),
    isReordered: common.some(({ peer }, index) => after[index]?.peer !== peer),
    rooms: changesByName<RoomFileConfig, Change>(running.rooms, file.rooms, ({ name }) => name, changeOf),
  };
}

/** Whether there is nothing that a running gateway has to follow. */
export function isNoChange({ keys, component, links, isReordered, rooms }: ConfigChanges): boolean {
  return keys.length === 0 && component === undefined && links.size === 0 && !isReordered && rooms.size === 0;
}

/** A line for each thing that a running gateway follows. */
export function describeChanges({ keys, component, links, isReordered, rooms }: ConfigChanges): string[] {
  return [
    ...keys.map((key) => `${key}: changed`),
    ...(component === undefined ? [] : [`component: ${component}`]),
    ...[...links].map(([peer, change]) => `link ${peer}: ${change === 'renewed' ? 'changed, connects anew' : change}`),
    ...(isReordered ? ['links: in another order'] : []),
    ...[...rooms].map(([name, change]) => `room ${name}: ${change}`),
  ];
}

/** What becomes of a link of the file: one over S2S begins with the other streams of its kind. */
function linkUntilRestart(link: LinkConfig, { s2s, links }: Config): LinkConfig[] {
  return link.transport === 'direct' || s2s !== undefined ? [link] : links.filter(({ peer }) => peer === link.peer);
}

function changesByName<T, C extends LinkChange>(
  running: readonly T[],
  file: readonly T[],
  nameOf: (item: T) => string,
  compare: (before: T | undefined, after: T | undefined) => C | undefined,
): Map<string, C> {
  const before = new Map(running.map((item) => [nameOf(item), item]));
  const after = new Map(file.map((item) => [nameOf(item), item]));
  const changes = new Map<string, C>();
  for (const name of new Set([...after.keys(), ...before.keys()])) {
    const change = compare(before.get(name), after.get(name));
    if (change !== undefined) changes.set(name, change);
  }
  return changes;
}

function changeOf(before: unknown, after: unknown): Change | undefined {
  if (same(before, after)) return undefined;
  return before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
}

function changeOfLink(before: LinkConfig | undefined, after: LinkConfig | undefined): LinkChange | undefined {
  const change = changeOf(before, after);
  const isRenewed = change === 'changed' && OF_CONNECTION.some((key) => !same(before?.[key], after?.[key]));
  return isRenewed ? 'renewed' : change;
}

/** Values of the file: text, numbers, and lists and tables of these, whose keys come in the order of the schema. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
