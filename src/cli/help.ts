import { type Command, FILE_OPTION, JSON_OPTION } from './command.ts';
import { WIDTH, wrap } from './format.ts';

const OWN = { name: 'help', usage: 'help [COMMAND]', summary: 'this list, or all about one command' };

const COMMON = `\
-c FILE    ${FILE_OPTION.summary}
--json     ${JSON_OPTION.summary}
--help     help on the command
Exit status: 0 fine, 1 failed, 2 no such file, 3 not running, 64 wrong usage.`;

/** The list of commands. */
export function helpOnAll(commands: readonly Command[]): string {
  const built = commands.filter(({ run }) => run !== undefined);
  const rows = [...built.map((command) => ({ usage: usageOf(command), summary: command.summary })), OWN];
  const width = Math.max(...rows.map(({ usage }) => usage.length));
  const missing = commands.filter(({ run }) => run === undefined).map(({ name }) => name);
  return [
    'fmucd federates chat rooms (XMPP MUC and FMUC) over slow networks.',
    '',
    ...rows.map(({ usage, summary }) => `  fmucd ${usage.padEnd(width)}  ${summary}`),
    '',
    `Not in this version: ${missing.join(', ')}.`,
    '',
    COMMON,
  ].join('\n');
}

/** All about one command. */
export function helpOn(command: Command): string {
  const { details, example, run } = command;
  const missing = run === undefined ? ['', 'Not in this version.'] : [];
  return [`fmucd ${usageOf(command, true)}`, '', ...wrap(details, WIDTH), ...missing, '', `Example: ${example}`].join(
    '\n',
  );
}

/** In full with the options that few commands have, for which the list has no room. */
function usageOf({ name, operand, options }: Command, inFull = false): string {
  const more = operand?.isMany === true ? '...' : '';
  const shown = options.filter((option) => option !== FILE_OPTION && (inFull || option === JSON_OPTION));
  return [
    name,
    ...(operand === undefined ? [] : [operand.isRequired ? operand.name + more : `[${operand.name}${more}]`]),
    ...shown.map((option) => `[${[option.name, option.value ?? []].flat().join(' ')}]`),
  ].join(' ');
}
