import type { Output } from './output.ts';

/** What a command was given. */
export interface Invocation {
  /** The operator's file. */
  readonly file: string;
  readonly operand: string | undefined;
  readonly json: boolean;
  readonly output: Output;
}

export interface Command {
  readonly name: string;
  /** What it may be given beyond `-c` and `--json`. */
  readonly operand?: string;
  /** Whether it must be given that. */
  readonly needsOperand?: boolean;
  /** Whether it reads the operator's file, and so takes `-c`. */
  readonly readsFile: boolean;
  readonly hasJson: boolean;
  /** In a few words, for the list. */
  readonly summary: string;
  /** In a sentence or two, for `help COMMAND`. */
  readonly details: string;
  readonly example: string;
  /** Resolves to the exit status. Absent: named in the contract, and not in this version. */
  readonly run?: (invocation: Invocation) => number | Promise<number>;
}
