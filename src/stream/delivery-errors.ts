import type { StanzaError } from '../stanza/errors.ts';

/** What the sender of a stanza is told that no stream could bring to its domain (RFC 6120 §8.3.3, §10.4). */
export const DELIVERY_ERRORS = {
  notFound: {
    type: 'cancel',
    condition: 'remote-server-not-found',
    text: 'There is no server for that domain. Check the address.',
  },
  timedOut: {
    type: 'wait',
    condition: 'remote-server-timeout',
    text: 'The server of that domain could not be reached in time. Try again later.',
  },
  refused: {
    type: 'cancel',
    condition: 'remote-server-not-found',
    text: 'The server of that domain and this one cannot prove to each other who they are. Tell their operators.',
  },
  rejected: {
    type: 'cancel',
    condition: 'not-acceptable',
    text: 'The server of that domain did not accept this, or what was sent with it. Tell the operator of this one.',
  },
  queueFull: {
    type: 'wait',
    condition: 'resource-constraint',
    text: 'Too much waits for the server of that domain already. Try again later.',
  },
  tooLarge: {
    type: 'modify',
    condition: 'policy-violation',
    text: 'The server of that domain does not take anything that large. Send less at a time.',
  },
} as const satisfies Record<string, StanzaError>;
