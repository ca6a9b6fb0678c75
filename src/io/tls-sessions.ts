import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { configFiles, fileProblem, keepText } from './files.ts';
import { certificateOfSession } from './peer-certificate.ts';

/** In the data directory, since whoever has it can speak for either side of a link: for its owner alone. */
const FILE = 'tls-sessions.json';

/** Peers that we dial and have a session with; beyond, the longest unused gives way. */
export const MAX_DIALLED = 32;

/** Sessions that peers may come back with, of all of them together. */
export const MAX_ACCEPTED_SESSIONS = 64;

/** Of each. A peer may have missed the newest: what told it was lost with the link. */
export const MAX_SESSIONS_OF_PEER = 4;

/** What the file holds; sessions as OpenSSL writes them down, in base64, the newest last. */
interface Kept {
  /** The SHA-256 of the certificate that we have shown in all of them. */
  readonly identity: string;
  readonly dialled: readonly (readonly [serverName: string, session: string])[];
  readonly accepted: readonly (readonly [id: string, session: string])[];
}

/**
 * Sessions of TLS 1.3 that are to go on after the connection, and after the process. Each is told to the client by its mere
 * name, 32 bytes, and kept on both sides: a ticket that the server could do without keeping holds the client's
 * certificate, and crosses twice.
 */
export class TlsSessions {
  readonly #file: string;
  /** The SHA-256 of the certificate that we show. */
  readonly identity: string;
  readonly #dialled = new Map<string, string>();
  readonly #accepted = new Map<string, string>();

  /** Takes what is kept in that directory, unless we have shown another certificate than `identity` then. */
  constructor(dataDir: string, identity: string) {
    this.#file = join(dataDir, FILE);
    this.identity = identity;
    const kept = read(this.#file);
    if (kept?.identity !== identity) return;
    this.#dialled = new Map(kept.dialled.slice(-MAX_DIALLED));
    this.#accepted = new Map(kept.accepted.slice(-MAX_ACCEPTED_SESSIONS));
  }

  /** The session to go on with when that peer is dialled. */
  dialled(serverName: string): Buffer | undefined {
    return decoded(this.#dialled.get(serverName));
  }

  /** The session that a peer names. */
  accepted(id: Uint8Array): Buffer | undefined {
    return decoded(this.#accepted.get(Buffer.from(id).toString('hex')));
  }

  /** From now on that peer is dialled with this one. */
  keepDialled(serverName: string, session: Uint8Array): void {
    this.#dialled.delete(serverName);
    this.#dialled.set(serverName, Buffer.from(session).toString('base64'));
    shorten(this.#dialled, MAX_DIALLED);
    this.#write();
  }

  /** A peer may come back with any of these, of one connection. */
  keepAccepted(sessions: ReadonlyMap<string, Uint8Array>): void {
    for (const [id, session] of sessions) this.#accepted.set(id, Buffer.from(session).toString('base64'));
    const peers = new Map<string, string[]>();
    for (const [id, session] of this.#accepted) {
      const peer = peerOf(session);
      peers.set(peer, [...(peers.get(peer) ?? []), id]);
    }
    for (const ids of peers.values()) for (const id of ids.slice(0, -MAX_SESSIONS_OF_PEER)) this.#accepted.delete(id);
    shorten(this.#accepted, MAX_ACCEPTED_SESSIONS);
    this.#write();
  }

  /** No connection goes on with it any more. What has never been kept costs no writing. */
  dropDialled(serverName: string): void {
    if (this.#dialled.delete(serverName)) this.#write();
  }

  dropAccepted(ids: Iterable<string>): void {
    if ([...ids].filter((id) => this.#accepted.delete(id)).length > 0) this.#write();
  }

  /** A file that can't be written costs a whole handshake after the next start, and nothing else. */
  #write(): void {
    const kept: Kept = { identity: this.identity, dialled: [...this.#dialled], accepted: [...this.#accepted] };
    fileProblem(() => keepText(this.#file, JSON.stringify(kept)));
  }
}

function shorten(map: Map<string, string>, most: number): void {
  for (const key of map.keys()) if (map.size > most) map.delete(key);
}

function decoded(session: string | undefined): Buffer | undefined {
  return session === undefined ? undefined : Buffer.from(session, 'base64');
}

function peerOf(session: string): string {
  const certificate = certificateOfSession(Buffer.from(session, 'base64'));
  return createHash('sha256')
    .update(certificate ?? '')
    .digest('hex');
}

/** What the file holds, where it is a file of ours that is whole. */
function read(file: string): Kept | undefined {
  const held = configFiles.read(file);
  if (!held.ok) return undefined;
  try {
    const { identity, dialled, accepted } = JSON.parse(held.text) as Partial<Kept>;
    if (typeof identity !== 'string' || !isPairs(dialled) || !isPairs(accepted)) return undefined;
    return { identity, dialled, accepted };
  } catch {
    return undefined;
  }
}

function isPairs(value: unknown): value is [string, string][] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string')
  );
}
