import type { ConnectionEffect, ConnectionId, ResolveEffect } from '../lib/effects.ts';
import type { Random } from '../lib/random.ts';
import type { Element } from '../xml/element.ts';
import type { SessionWrite } from './session-record.ts';

interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Ordinary server-to-server streams, as the operator's file has them. */
export interface S2sSettings {
  /** Our own domain. */
  readonly domain: string;
  /** The names of the listeners, as `accepted` has them. */
  readonly listeners: readonly string[];
  readonly tls: 'required' | 'optional' | 'off';
  /** How servers may prove who they are. */
  readonly auth: readonly ('external' | 'dialback')[];
  /** Addresses known without DNS, by domain. */
  readonly hosts: Readonly<Record<string, HostPort>>;
  /** The peers of links that use such streams. */
  readonly peers: readonly S2sPeer[];
}

/** A peer whose stream is held: opened at the start and whenever it is lost, never ended for want of use. */
export interface S2sPeer {
  readonly domain: string;
  /** Where to dial, instead of what DNS says. */
  readonly connect?: HostPort;
  /** SHA-256 of the only certificate that it is let in with, as 64 lower-case hexadecimal digits; empty: any that is valid. */
  readonly pin: string;
  /** Whether the stream is to be compressed (XEP-0138). */
  readonly compression: boolean;
}

/** Stanzas for a domain. They are given to its stream once whatever they follow from is durable. */
export interface SendEffect {
  readonly kind: 's2s-send';
  readonly domain: string;
  /** Each with its `from` and `to`. */
  readonly stanzas: readonly string[];
}

/**
 * Goes on with what a stream has brought, as an input of its own: what came of the stanza before it has taken place by then. So
 * nothing is acknowledged before it is durable, and what is written keeps its order.
 */
export interface GoOnEffect {
  readonly kind: 's2s-go-on';
  readonly connection: ConnectionId;
}

export type S2sEffect =
  | ConnectionEffect
  | GoOnEffect
  | ResolveEffect
  | SessionWrite
  /** A stanza of that domain, or an error in its name that tells of a stanza that couldn't reach it. */
  | {
      readonly kind: 'stanza';
      readonly via: { readonly kind: 's2s'; readonly domain: string };
      readonly stanza: Element;
    }
  /** The stream to a held peer stands. */
  | { readonly kind: 's2s-up'; readonly peer: string }
  /** It is gone, with whatever was under way on it. One that is lost and may be resumed isn't gone yet. */
  | { readonly kind: 's2s-down'; readonly peer: string }
  /** A stream with any other domain is gone, and nobody knows how much of what was under way has arrived. */
  | { readonly kind: 's2s-lost'; readonly domain: string }
  /** Any other domain couldn't be reached for as long as stanzas wait: what waited for it comes back, a part at a time. */
  | { readonly kind: 's2s-unreachable'; readonly domain: string };

/** How the streams with one domain stand. */
export interface S2sReport {
  readonly domain: string;
  readonly state: 'up' | 'connecting' | 'down';
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Why the last one was lost or couldn't be had; undefined where none ever was. */
  readonly error: string | undefined;
  /** How the domain has proved who it is on the one that stands. */
  readonly proof: 'certificate' | 'pin' | 'dialback' | undefined;
  /** Such as `TLSv1.3`; undefined in the clear. */
  readonly tls: string | undefined;
  readonly isBidirectional: boolean;
  readonly isResumable: boolean;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes that compression has kept off the wire, both ways. */
  readonly savedBytes: number;
  readonly stanzasIn: number;
  readonly stanzasOut: number;
  /** Stanzas that wait for a stream, or for an acknowledgement. */
  readonly queued: number;
}

/** What the streams are given beside their settings. */
export interface S2sContext {
  readonly random: Random;
  readonly nextConnection: () => number;
  /** 32 bytes that nobody else knows: dialback keys and stream ids are made from them. */
  readonly secret: Uint8Array;
}
