import type { LogLevel } from '../lib/effects.ts';

/** The operator's file after loading: every default filled in, every value checked. Times are in seconds, sizes in bytes. */
export interface Config {
  /** The path the file was read from. */
  readonly file: string;
  readonly gateway: GatewayConfig;
  readonly log: { readonly level: LogLevel };
  readonly component?: ComponentConfig;
  readonly s2s?: S2sConfig;
  readonly links: readonly LinkConfig[];
  readonly rooms: readonly RoomFileConfig[];
}

export interface GatewayConfig {
  readonly domain: string;
  readonly name: string;
  /** Absolute, as every path here. */
  readonly data: string;
  readonly control: string;
  /** MB; undefined: what the machine has. */
  readonly memory?: number;
  /** Bare JIDs. */
  readonly admins: readonly string[];
  readonly createRooms: 'everyone' | 'local' | 'admins' | 'nobody';
  /** Undefined: whoever the component stream brings is ours. */
  readonly localDomains?: readonly string[];
}

export interface ComponentConfig {
  readonly host: string;
  readonly port: number;
  /** Resolved from `secret` or the first line of `secret_file`. */
  readonly secret: string;
}

export interface S2sConfig {
  readonly listen: readonly Address[];
  readonly tls: 'required' | 'optional' | 'off';
  readonly certificate?: string;
  readonly key?: string;
  /** The authorities that are trusted instead of the system's. */
  readonly ca?: string;
  readonly auth: readonly ('external' | 'dialback')[];
  /** By domain. */
  readonly hosts: Readonly<Record<string, Address>>;
}

export interface Bounds {
  readonly messages: number;
  readonly bytes: number;
  readonly age: number;
}

export interface LinkConfig {
  readonly peer: string;
  readonly domains: readonly string[];
  readonly transport: 'direct' | 's2s';
  readonly connect?: Address;
  readonly listen?: Address;
  /** Normalised numeric addresses that may connect. Filled from `connect` where the file has none; with a pin, none: any. */
  readonly from: readonly string[];
  readonly tls: 'off' | 'pinned';
  readonly pin: string;
  readonly bandwidth: number;
  readonly compression: boolean;
  readonly presence: 'full' | 'availability' | 'none';
  readonly coalesce: number;
  readonly history: Bounds;
  readonly queue: Bounds;
  readonly idle: number;
  readonly grace: number;
  readonly moderate: boolean;
  readonly dialect: 'auto' | 'fmucd' | 'xep' | 'openfire';
}

/** Where to dial or to wait. The host is a name in lower case or a normalised numeric address (`lib/address.ts`). */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RoomFileConfig {
  /** The localpart. */
  readonly name: string;
  /** Room JIDs of the nodes to join: the first that accepts, the others in its stead. Empty: none. */
  readonly federate: readonly string[];
  readonly mode: 'primary-primary' | 'primary-replica';
  /** Room JIDs, domains or "*". */
  readonly accept: readonly string[];
  readonly leaveAfter: number;
  readonly keep: { readonly messages: number; readonly age: number };
}
