/**
 * What the system says of TCP, in words that tell a person what to do. Keyed by the system's own code; one that isn't
 * listed is passed on as it is.
 */

type Texts = Readonly<Record<string, (at: string) => string>>;

const CONNECTING: Texts = {
  ECONNREFUSED: (at) => `nobody listens at ${at}: is the server there running and its port open?`,
  ECONNRESET: (at) => `${at} hung up at once: does it admit this machine?`,
  EHOSTUNREACH: (at) => `no way to ${at}: is that machine on, and the route to it right?`,
  ENETUNREACH: (at) => `no route to ${at}: is the network interface up?`,
  ENETDOWN: (at) => `the network to ${at} is down: is the interface up?`,
  ETIMEDOUT: (at) => `no answer from ${at}: is the link up, and does a firewall let this port through?`,
  ENOTFOUND: (at) => `no such host: ${at} (without DNS, give a numeric address or an entry in /etc/hosts)`,
  EAI_AGAIN: (at) => `the name of ${at} can't be resolved now (without DNS, give a numeric address)`,
  EACCES: (at) => `connecting to ${at} isn't permitted: does a local firewall forbid it?`,
  EADDRNOTAVAIL: (at) => `no local address to reach ${at} from: is the network interface up?`,
  EMFILE: (at) => `too many open files to connect to ${at}: raise the limit (ulimit -n)`,
};

const STANDING: Texts = {
  ECONNRESET: () => 'the peer dropped the connection',
  EPIPE: () => 'the peer dropped the connection',
  ETIMEDOUT: () => 'the peer no longer answers: is the link up?',
  EHOSTUNREACH: () => 'the peer is out of reach: is the link up?',
  ENETUNREACH: () => 'the route to the peer has gone: is the network interface up?',
  ENETDOWN: () => 'the network has gone down: is the interface up?',
};

const LISTENING: Texts = {
  EADDRINUSE: (at) => `${at} is taken: does another program, or another fmucd, listen there?`,
  EADDRNOTAVAIL: (at) => `${at} isn't an address of this machine: is its network interface up?`,
  EACCES: (at) => `listening on ${at} isn't permitted: take a port from 1024 on, or grant CAP_NET_BIND_SERVICE`,
  ENOTFOUND: (at) => `no such host: ${at} (give a numeric address to listen on)`,
  EAI_AGAIN: (at) => `the name of ${at} can't be resolved now (give a numeric address to listen on)`,
  EMFILE: (at) => `too many open files to listen on ${at}: raise the limit (ulimit -n)`,
};

/** Why no connection to `at` came to stand. */
export function connectReason(error: Error, at: string): string {
  return textOf(CONNECTING, error, at) ?? `connecting to ${at} failed: ${error.message}`;
}

/** Why a connection that stood has ended. */
export function lossReason(error: Error): string {
  return textOf(STANDING, error, '') ?? `the connection failed: ${error.message}`;
}

/** A listener that can't be had. `condition` is the system's code, `message` a line for the operator. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly condition: string;

  constructor(error: Error, at: string) {
    super(textOf(LISTENING, error, at) ?? `listening on ${at} failed: ${error.message}`);
    this.condition = codeOf(error) ?? 'unknown';
  }
}

function textOf(texts: Texts, error: Error, at: string): string | undefined {
  const code = codeOf(error);
  return code === undefined ? undefined : texts[code]?.(at);
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
