import type { Issued } from './authority.ts';

/** An XMPP server that clients of the suite log in to. */
export interface XmppServer {
  readonly domain: string;
  readonly address: string;
  readonly clientPort: number;
}

/** The password of every account. */
export const password = 'the rest is silence';

/** How a server meets others: TLS is a must. */
export interface SecureServer extends Issued {
  /** PEM file of the authority whose certificates it trusts. */
  readonly authority: string;
  /** How it proves who it is, and has others prove it. */
  readonly auth: 'external' | 'dialback';
}
