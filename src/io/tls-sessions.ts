import { join } from 'node:path';
import { configFiles, fileProblem, keepText } from './files.ts';

/** In the data directory, since whoever has it can speak for either side of a link: for its owner alone. */
const FILE = 'tls-sessions.json';

/** Peers that we dial and have a session with; beyond, the longest unused gives way. */
export const MAX_DIALLED = 32;

/** Sessions that peers may come back with, of all of them together. */
export const MAX_ACCEPTED_SESSIONS = 64;

/** Of each. A peer may have missed the newest: what told it was lost with the link. */
export const MAX_SESSIONS_OF_PEER = 4;

/** A session that we may dial a peer with. */
export interface DialledSession {
  /** As Node writes it down. */
  readonly session: Uint8Array;
  /** What the peer has shown when it began, in DER: a session that goes on doesn't tell a client. */
  readonly certificate: Uint8Array;
}

/** What the file holds, bytes in base64, the newest last. */
interface Kept {
  /** The SHA-256 of the certificate that we have shown in all of them. */
  readonly identity: string;
  readonly dialled: readonly (readonly [serverName: string, session: string, certificate: string])[];
  readonly accepted: readonly (readonly [id: string, session: string, peer: string])[];
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
  readonly #dialled = new Map<string, Kept['dialled'][number]>();
  /** By their names in hex. */
  readonly #accepted = new Map<string, Kept['accepted'][number]>();

  /** Takes what is kept in that directory, unless we have shown another certificate than `identity` then. */
  constructor(dataDir: string, identity: string) {
    this.#file = join(dataDir, FILE);
    this.identity = identity;
    const kept = read(this.#file);
    if (kept?.identity !== identity) return;
    for (const one of kept.dialled.slice(-MAX_DIALLED)) this.#dialled.set(one[0], one);
    for (const one of kept.accepted.slice(-MAX_ACCEPTED_SESSIONS)) this.#accepted.set(one[0], one);
  }

  /** The session to go on with when that peer is dialled. */
  dialled(serverName: string): DialledSession | undefined {
    const kept = this.#dialled.get(serverName);
    return kept === undefined ? undefined : { session: decoded(kept[1]), certificate: decoded(kept[2]) };
  }

  /** The session that a peer names. */
  accepted(id: Uint8Array): Buffer | undefined {
    const kept = this.#accepted.get(Buffer.from(id).toString('hex'));
    return kept === undefined ? undefined : decoded(kept[1]);
  }

  /** From now on that peer is dialled with this one. */
  keepDialled(serverName: string, { session, certificate }: DialledSession): void {
    this.#dialled.delete(serverName);
    this.#dialled.set(serverName, [serverName, encoded(session), encoded(certificate)]);
    shorten(this.#dialled, MAX_DIALLED);
    this.#write();
  }

  /** A peer, told by the SHA-256 of its certificate, may come back with any of these, of one connection. */
  keepAccepted(peer: string, sessions: ReadonlyMap<string, Uint8Array>): void {
    for (const [id, session] of sessions) this.#accepted.set(id, [id, encoded(session), peer]);
    const ofPeer = [...this.#accepted.values()].filter((kept) => kept[2] === peer);
    for (const [id] of ofPeer.slice(0, -MAX_SESSIONS_OF_PEER)) this.#accepted.delete(id);
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
    const kept: Kept = {
      identity: this.identity,
      dialled: [...this.#dialled.values()],
      accepted: [...this.#accepted.values()],
    };
    fileProblem(() => keepText(this.#file, JSON.stringify(kept)));
  }
}

function shorten(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) if (map.size > most) map.delete(key);
}

function encoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function decoded(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

/** What the file holds, where it is a file of ours that is whole. */
function read(file: string): Kept | undefined {
  const held = configFiles.read(file);
  if (!held.ok) return undefined;
  try {
    const { identity, dialled, accepted } = JSON.parse(held.text) as Partial<Kept>;
    if (typeof identity !== 'string' || !areTexts(dialled) || !areTexts(accepted)) return undefined;
    return { identity, dialled, accepted };
  } catch {
    return undefined;
  }
}

function areTexts(value: unknown): value is [string, string, string][] {
  return Array.isArray(value) && value.every((kept) => Array.isArray(kept) && kept.length === 3 && kept.every(isText));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
