import { EXIT } from '../exit-status.ts';

/** Why it can't go on, in a line for the operator. */
export class PairError extends Error {
  override readonly name = 'PairError';
  readonly status: number;

  constructor(message: string, status: number = EXIT.failed) {
    super(message);
    this.status = status;
  }
}
