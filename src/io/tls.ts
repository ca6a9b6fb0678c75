import { constants, createHash, X509Certificate } from 'node:crypto';
import { Server, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import type { PeerCertificate, TlsRequest } from '../lib/effects.ts';
import { namedAuthorities, systemAuthorities } from './authorities.ts';
import { offeredSession } from './client-hello.ts';
import { type Identity, type IdentitySettings, loadIdentity } from './identity.ts';
import { peerCertificate } from './peer-certificate.ts';
import { TlsSessions } from './tls-sessions.ts';

/** Seconds for which a session may be gone on with: the most that TLS 1.3 has (RFC 8446 §4.6.1). */
const SESSION_SECONDS = 7 * 24 * 60 * 60;

/** A server that asks for certificates has to say whose its sessions are. */
const SESSION_CONTEXT = 'fmucd';

/** RFC 9325 §4.2, and those of TLS 1.3; what is cheap for a box without AES in its processor is second. */
const S2S_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

/** What crosses a slow link is kept short: one of each, and the kinds of key that a certificate may have. */
const PINNED: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  ecdhCurve: 'X25519',
  sigalgs: 'ecdsa_secp256r1_sha256:ed25519:ecdsa_secp384r1_sha384:rsa_pss_rsae_sha256',
  ca: [],
  sessionTimeout: SESSION_SECONDS,
};

/** What direct TLS (XEP-0368) is for here. */
const SERVER_PROTOCOLS = ['xmpp-server'];

/** What TLS needs of the operator's file. */
export interface TlsSettings {
  readonly identity: IdentitySettings;
  /** Where our certificate and sessions are kept. */
  readonly data: string;
  /** PEM file of the authorities that are trusted; undefined: those of the system. */
  readonly ca?: string | undefined;
}

/** What has come of a handshake. */
export interface Secured {
  readonly version: string;
  readonly certificate: PeerCertificate | undefined;
  readonly isResumed: boolean;
}

/** A connection in TLS, from the beginning of its handshake. */
export interface TlsConnection {
  readonly socket: TLSSocket;
  /** The session isn't to go on in another connection: this one has failed, or whom it led to isn't wanted. */
  readonly distrust: () => void;
}

/**
 * Secures connections. Nobody is turned away by their certificate here: `secured` tells what they have shown. What this
 * takes, keys and authorities, is read when it is first needed.
 */
export class Tls {
  readonly #settings: () => TlsSettings;
  readonly #now: () => number;
  readonly #contexts = new Map<string, SecureContext>();
  #identity: Identity | undefined;
  #sessions: TlsSessions | undefined;

  constructor(settings: () => TlsSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** The operator's file or what it names may have changed: what comes from now on is done with what is there now. */
  refresh(): void {
    this.#contexts.clear();
    this.#identity = undefined;
  }

  /**
   * Reads what such a connection needs, unless that was done.
   * @throws {IdentityError} Where our certificate can't be had.
   * @throws {AuthoritiesError} Where those that the operator has named can't be had.
   */
  prepare({ profile, role }: TlsRequest): void {
    this.#context(profile, role);
    if (profile === 'pinned') this.#keptSessions();
  }

  /**
   * Begins TLS on a connection that stands and is prepared for, and tells once what came of it, before anything is read.
   * Bytes that have come already are to be in the socket's buffer; `hello` is the client's first record, if that is known.
   */
  secure(
    socket: Socket,
    request: TlsRequest,
    hello: Uint8Array | undefined,
    tell: (secured: Secured) => void,
  ): TlsConnection {
    return request.role === 'client'
      ? this.#asClient(socket, request, tell)
      : this.#asServer(socket, request, hello, tell);
  }

  #asClient(
    raw: Socket,
    { profile, serverName, protocols }: TlsRequest,
    tell: (secured: Secured) => void,
  ): TlsConnection {
    const isPinned = profile === 'pinned';
    const sessions = isPinned && serverName !== undefined ? this.#keptSessions() : undefined;
    const kept = serverName === undefined ? undefined : sessions?.dialled(serverName);
    const socket = connect({
      socket: raw,
      secureContext: this.#context(profile, 'client'),
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(kept !== undefined && { session: Buffer.from(kept.session) }),
      ...(!isPinned && serverName !== undefined && { servername: serverName }),
      ...(protocols !== undefined && { ALPNProtocols: [...protocols] }),
    });
    let isTrusted = true;
    let shown: Uint8Array | undefined;
    let newest: Uint8Array | undefined;
    const keep = (): void => {
      if (isTrusted && serverName !== undefined && newest !== undefined && shown !== undefined)
        sessions?.keepDialled(serverName, { session: newest, certificate: shown });
    };
    // All that the server tells come together: the last of them is the one to keep, once for each connection.
    socket.on('session', (told: Buffer) => {
      if (newest === undefined) setImmediate(keep);
      newest = told;
    });
    socket.once('secureConnect', () => {
      const isResumed = socket.isSessionReused();
      shown = isResumed ? kept?.certificate : peerOf(socket);
      this.#tell(socket, isResumed, shown, tell);
    });
    return {
      socket,
      distrust: () => {
        isTrusted = false;
        if (serverName !== undefined) sessions?.dropDialled(serverName);
      },
    };
  }

  #asServer(
    raw: Socket,
    { profile }: TlsRequest,
    hello: Uint8Array | undefined,
    tell: (secured: Secured) => void,
  ): TlsConnection {
    const isPinned = profile === 'pinned';
    const named = isPinned && hello !== undefined ? offeredSession(hello) : undefined;
    const keeper = isPinned ? this.#sessionKeeper(named, () => peerOf(socket)) : undefined;
    const socket: TLSSocket = new TLSSocket(raw, {
      isServer: true,
      secureContext: this.#context(profile, 'server'),
      requestCert: true,
      rejectUnauthorized: false,
      ...(keeper !== undefined && { server: keeper.server }),
      ...(!isPinned && { ALPNProtocols: SERVER_PROTOCOLS }),
    });
    // Without a server that listens, what fails before TLS stands is told by this event alone.
    socket.on('_tlsError', (error: Error) => socket.destroy(error));
    socket.once('secure', () => this.#tell(socket, socket.isSessionReused(), peerOf(socket), tell));
    return {
      socket,
      distrust: () => {
        keeper?.distrust();
      },
    };
  }

  /** What keeps the sessions of one connection, and gives it the one that its client has named. */
  #sessionKeeper(
    named: Uint8Array | undefined,
    peer: () => Uint8Array | undefined,
  ): { readonly server: Server; readonly distrust: () => void } {
    const sessions = this.#keptSessions();
    const told = new Map<string, Uint8Array>();
    let isTrusted = true;
    const keep = (): void => {
      const shown = peer();
      if (isTrusted && shown !== undefined)
        sessions.keepAccepted(createHash('sha256').update(shown).digest('hex'), told);
    };
    // Never listens: Node asks the server of a socket for its sessions.
    const server = new Server();
    server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
      if (told.size === 0) setImmediate(keep);
      told.set(id.toString('hex'), session);
      done();
    });
    // The identifier that comes here is one of TLS 1.2, which stands for nothing.
    server.on('resumeSession', (_id: Buffer, give: (error: null, session: Buffer | null) => void) =>
      give(null, (named && sessions.accepted(named)) ?? null),
    );
    return {
      server,
      distrust: () => {
        isTrusted = false;
        sessions.dropAccepted([...told.keys(), ...(named === undefined ? [] : [Buffer.from(named).toString('hex')])]);
      },
    };
  }

  #tell(socket: TLSSocket, isResumed: boolean, shown: Uint8Array | undefined, tell: (secured: Secured) => void): void {
    socket.disableRenegotiation();
    if (isResumed && shown === undefined)
      return void socket.destroy(new Error('the session that went on says nothing of the peer'));
    const certificate = shown === undefined ? undefined : peerCertificate(shown, verifyCode(socket), this.#now());
    tell({ version: socket.getProtocol() ?? 'TLS', certificate, isResumed });
  }

  #context(profile: TlsRequest['profile'], role: TlsRequest['role']): SecureContext {
    const key = `${profile} ${role}`;
    const context = this.#contexts.get(key) ?? createSecureContext(this.#options(profile, role));
    this.#contexts.set(key, context);
    return context;
  }

  #options(profile: TlsRequest['profile'], role: TlsRequest['role']): SecureContextOptions {
    const { certificatePem, keyPem } = this.#ownIdentity();
    const { SSL_OP_NO_TICKET, SSL_OP_NO_COMPRESSION, SSL_OP_NO_RENEGOTIATION } = constants;
    const isServer = role === 'server';
    const own: SecureContextOptions = {
      key: keyPem,
      // A server notices whoever wants to renegotiate, and ends that; a client never does it.
      secureOptions: SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | (isServer ? 0 : SSL_OP_NO_RENEGOTIATION),
      ...(isServer && { sessionIdContext: SESSION_CONTEXT }),
    };
    if (profile === 'pinned') return { ...PINNED, ...own, cert: new X509Certificate(certificatePem).toString() };
    const ca = this.#authorities(role);
    return {
      minVersion: 'TLSv1.2',
      ciphers: S2S_CIPHERS,
      ...own,
      cert: certificatePem,
      ...(ca !== undefined && { ca }),
    };
  }

  /**
   * Whom we trust to certify, in PEM; undefined: Node's own. A server tells its client the names of those that it is given,
   * so those of the system, 15 kB, are for dialling; whoever dials in is held against Node's.
   */
  #authorities(role: TlsRequest['role']): string | undefined {
    const { ca } = this.#settings();
    if (ca !== undefined) return namedAuthorities(ca);
    return role === 'client' ? systemAuthorities() : undefined;
  }

  #ownIdentity(): Identity {
    const { identity, data } = this.#settings();
    this.#identity ??= loadIdentity(identity, data);
    return this.#identity;
  }

  #keptSessions(): TlsSessions {
    const { sha256 } = this.#ownIdentity();
    if (this.#sessions?.identity !== sha256) this.#sessions = new TlsSessions(this.#settings().data, sha256);
    return this.#sessions;
  }
}

function peerOf(socket: TLSSocket): Uint8Array | undefined {
  return socket.getPeerX509Certificate()?.raw;
}

/** What OpenSSL has against the peer's chain. Node tells a client of it only; below, it is known for servers too. */
function verifyCode(socket: TLSSocket): string | undefined {
  const { ssl } = socket as TLSSocket & {
    ssl?: { verifyError?: () => (Error & { code?: string }) | null | undefined };
  };
  if (ssl?.verifyError === undefined) return 'UNSPECIFIED';
  const error = ssl.verifyError();
  return error === null || error === undefined ? undefined : (error.code ?? 'UNSPECIFIED');
}
