import type { Output } from './output.ts';

/** Something that a command may be given by name. */
export interface Option {
  /** With its dashes. */
  readonly name: `-${string}`;
  /** What stands behind it, as help names it (`T`, `FILE`); absent: nothing does. */
  readonly value?: string;
  /** In a few words, for help. */
  readonly summary: string;
  /** The words that may stand behind it, where these are known. */
  readonly words?: readonly string[];
}

/** What a command may be given beside options. */
export interface Operand {
  /** As help names it (`ROOM`). */
  readonly name: string;
  readonly isRequired?: boolean;
  /** Whether there may be several. */
  readonly isMany?: boolean;
}

/** The operator's file. A command that reads it has this option. */
export const FILE_OPTION: Option = {
  name: '-c',
  value: 'FILE',
  summary: "the operator's file (else $FMUCD_CONFIG, else /etc/fmucd/fmucd.toml)",
};

export const JSON_OPTION: Option = { name: '--json', summary: 'one JSON object instead of a screen' };

/** What a command was given. */
export interface Invocation {
  /** The operator's file. */
  readonly file: string;
  readonly operands: readonly string[];
  readonly json: boolean;
  /** The other options that were written, by name; those without a value have an empty one. */
  readonly options: Readonly<Record<string, string>>;
  readonly output: Output;
}

export interface Command {
  readonly name: string;
  readonly operand?: Operand;
  readonly options: readonly Option[];
  /** In a few words, for the list. */
  readonly summary: string;
  /** In a sentence or two, for `help COMMAND`. */
  readonly details: string;
  readonly example: string;
  /** Resolves to the exit status. */
  readonly run: (invocation: Invocation) => number | Promise<number>;
}
