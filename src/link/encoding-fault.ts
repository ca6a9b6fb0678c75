/** Why what the peer sent can't be read, in words for the log and the operator. The connection is of no use any more. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
}

/** What some bytes of the peer came to: the text before the first fault as UTF-8 in pieces of any length, and the fault. */
export interface Decoded {
  readonly text: readonly Uint8Array[];
  readonly fault?: EncodingError | undefined;
}
