import type { Output } from './output.ts';

/** What a command was given. */
export interface Invocation {
  /** The operator's file. */
  readonly file: string;
  readonly operand: string | undefined;
  readonly json: boolean;
  /** As it was written; undefined where it wasn't. */
  readonly since: string | undefined;
  /** Where the last good configuration is kept; undefined: nowhere. */
  readonly lastGood?: string | undefined;
  readonly output: Output;
}

export interface Command {
  readonly name: string;
  /** What it may be given beyond options. */
  readonly operand?: string;
  /** Whether it must be given that. */
  readonly needsOperand?: boolean;
  /** Whether it reads the operator's file, and so takes `-c`. */
  readonly readsFile: boolean;
  readonly hasJson: boolean;
  /** Whether it takes `--since`. */
  readonly hasSince?: boolean;
  /** Whether it takes `--last-good`. */
  readonly hasLastGood?: boolean;
  /** In a few words, for the list. */
  readonly summary: string;
  /** In a sentence or two, for `help COMMAND`. */
  readonly details: string;
  readonly example: string;
  /** Resolves to the exit status. Absent: named in the contract, and not in this version. */
  readonly run?: (invocation: Invocation) => number | Promise<number>;
}
