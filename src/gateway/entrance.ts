import type { ConnectionEffect, ConnectionId, ConnectionInput } from '../lib/effects.ts';
import { type DirectLink, wrongCertificate } from '../link/direct.ts';

/** Milliseconds in which an accepted connection must have shown its certificate; a slow link has longer. */
export const HANDSHAKE_TIMEOUT = 30_000;
/** The most connections at a time whose certificates are still to come. */
export const MAX_UNIDENTIFIED = 16;

const STRANGER = 'no [[link]] has it in its from';

type Accepted = ConnectionInput & { readonly kind: 'accepted' };

/** What becomes of a connection that a peer has made. */
export type Admission =
  | { readonly kind: 'taken'; readonly link: DirectLink; readonly accepted: Accepted }
  | { readonly kind: 'refused'; readonly accepted: Accepted; readonly reason: string }
  /** It isn't known yet, or the connection has gone. */
  | { readonly kind: 'open'; readonly effects: readonly ConnectionEffect[] };

/**
 * Finds out whose a connection is that has come to the listener of a link: its address tells, or, where links are pinned,
 * its certificate. Times are milliseconds since the epoch.
 */
export class Entrance {
  readonly #unidentified = new Map<ConnectionId, { readonly accepted: Accepted; readonly until: number }>();

  owns(connection: ConnectionId): boolean {
    return this.#unidentified.has(connection);
  }

  /** A peer has connected. */
  accept(accepted: Accepted, links: readonly DirectLink[], now: number): Admission {
    const { connection, listener, address } = accepted;
    const link = links.find((one) => one.accepts(listener, address));
    if (link !== undefined) return { kind: 'taken', link, accepted };
    const pinned = links.filter((one) => one.identifies(listener, address));
    if (pinned.length === 0) return { kind: 'refused', accepted, reason: STRANGER };
    if (this.#unidentified.size >= MAX_UNIDENTIFIED)
      return { kind: 'refused', accepted, reason: `${MAX_UNIDENTIFIED} others have yet to show their certificates` };
    const patience = Math.max(HANDSHAKE_TIMEOUT, ...pinned.map(({ handshakeTime }) => handshakeTime));
    this.#unidentified.set(connection, { accepted, until: now + patience });
    const tls = { role: 'server', profile: 'pinned' } as const;
    return { kind: 'open', effects: [{ kind: 'secure', connection, tls }] };
  }

  /** Takes what happens to a connection that it owns. */
  handle(input: ConnectionInput, links: readonly DirectLink[]): Admission {
    const accepted = this.#unidentified.get(input.connection)?.accepted;
    if (accepted === undefined || (input.kind !== 'secured' && input.kind !== 'closed'))
      return { kind: 'open', effects: [] };
    this.#unidentified.delete(input.connection);
    if (input.kind === 'closed') return { kind: 'open', effects: [] };
    const { listener, address } = accepted;
    const { certificate } = input;
    const pinned = links.filter((one) => one.identifies(listener, address));
    const link = pinned.find((one) => one.accepts(listener, address, certificate));
    if (link !== undefined) return { kind: 'taken', link, accepted };
    const pins = pinned.map(({ pin }) => pin);
    return { kind: 'refused', accepted, reason: pins.length === 0 ? STRANGER : wrongCertificate(pins, certificate) };
  }

  nextTimeout(): number | undefined {
    const times = [...this.#unidentified.values()].map(({ until }) => until);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Those whose time is over. */
  handleTimeout(now: number): Admission[] {
    const late = [...this.#unidentified.values()].filter(({ until }) => now >= until);
    for (const { accepted } of late) this.#unidentified.delete(accepted.connection);
    return late.map(({ accepted }) => ({ kind: 'refused', accepted, reason: 'it has shown no certificate in time' }));
  }
}
