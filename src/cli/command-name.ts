import { nearest } from '../config/nearest.ts';
import type { Command } from './command.ts';
import { LOOK } from './groups.ts';

/**
 * The command that is called `name`, or that it is short for: its beginning, where no other command begins like that, of a
 * command that changes nothing. Else what is wrong with the name, as `fmucd: …` says it.
 */
export function commandNamed(name: string, commands: readonly Command[]): Command | string {
  const exact = commands.find((command) => command.name === name);
  if (exact !== undefined) return exact;
  const names = ['help', ...commands.map((command) => command.name)];
  const meant = names.filter((known) => known.startsWith(name));
  if (meant.length > 1) return `${JSON.stringify(name)} may be ${meant.join(', ').replace(/, ([^,]*)$/, ' or $1')}`;
  const [only] = meant;
  if (only === undefined || only === 'help') return unknown('command', name, names);
  const command = LOOK.names.includes(only) ? commands.find((known) => known.name === only) : undefined;
  return command ?? `${JSON.stringify(name)} is short for ${only}, which is to be written in full`;
}

/** Why a word can't be meant: the nearest of those that can, or `list`, the command that has them all. */
export function unknown(what: string, word: string, known: readonly string[], list = 'fmucd help'): string {
  const near = nearest(word, known);
  return `unknown ${what} ${JSON.stringify(word)} (${near === undefined ? `see "${list}"` : `did you mean ${near}?`})`;
}
