import { type Command, FILE_OPTION, type Option } from './command.ts';
import { STATUSES } from './exit-status.ts';
import { WIDTH, wrap } from './format.ts';
import { grouped } from './groups.ts';

/** How `help` itself is called. */
export const HELP_USAGE = 'help [COMMAND | TABLE | TABLE.KEY]';

const OWN = [
  'help COMMAND tells its options, with an example; help TABLE the keys of the file',
  '(gateway, log, component, s2s, link, room). Under Look a beginning will do: st.',
];

/** The list of commands, within 80 columns and 23 lines. */
export function helpOnAll(commands: readonly Command[]): string {
  const all = grouped(commands.filter(({ run }) => run !== undefined)).filter(([, members]) => members.length > 0);
  const titleWidth = Math.max(...all.map(([title]) => title.length));
  const usages = all.flatMap(([, members]) => members.map(briefUsage));
  const width = Math.max(...usages.map((usage) => usage.length));
  const rows = all.flatMap(([title, members]) =>
    members.map(
      (command, at) =>
        `${(at === 0 ? title : '').padEnd(titleWidth)}  ${briefUsage(command).padEnd(width)}  ${command.summary}`,
    ),
  );
  return ['fmucd federates chat rooms (XMPP MUC and FMUC) over slow networks.', '', ...rows, '', ...OWN].join('\n');
}

/** All about one command, within 80 columns. */
export function helpOn(command: Command): string {
  const { details, example, options, run } = command;
  const missing = run === undefined ? ['', 'Not in this version.'] : [];
  const readsFile = options.includes(FILE_OPTION);
  return [
    ...usageLines(command),
    '',
    ...wrap(details, WIDTH),
    ...missing,
    ...(options.length === 0 ? [] : ['', ...aligned(options.map((option) => [optionUsage(option), said(option)]))]),
    ...(readsFile ? ['', `Exit status: ${STATUSES}`] : []),
    '',
    `Example:${example.length < WIDTH - 'Example:'.length ? ' ' : '\n  '}${example}`,
  ].join('\n');
}

/** Names and what is said of them, beneath one another, each within 80 columns. */
export function aligned(pairs: readonly (readonly [name: string, text: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length)) + 4;
  return pairs.flatMap(([name, text]) =>
    wrap(text, WIDTH - width).map((line, at) => (at === 0 ? `  ${name}` : '').padEnd(width) + line),
  );
}

/** A command with its operand, as one types it. */
function briefUsage({ name, operand }: Command): string {
  if (operand === undefined) return name;
  const what = operand.name + (operand.isMany === true ? '...' : '');
  return `${name} ${operand.isRequired === true ? what : `[${what}]`}`;
}

/** An option with what stands behind it. */
function optionUsage({ name, value }: Option): string {
  return value === undefined ? name : `${name} ${value}`;
}

/** What is to be said of an option. */
export function said({ summary, words }: Option): string {
  return words === undefined ? summary : `${summary} (${words.join(', ')})`;
}

/** How it is called in full; an option is never torn apart. */
function usageLines(command: Command): string[] {
  const start = `fmucd ${briefUsage(command)}`;
  const lines = [start];
  for (const option of command.options) {
    const next = `[${optionUsage(option)}]`;
    const last = `${lines.at(-1)} ${next}`;
    if (last.length <= WIDTH) lines.splice(-1, 1, last);
    else lines.push(`      ${next}`);
  }
  return lines;
}
