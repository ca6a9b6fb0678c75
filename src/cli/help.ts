import { type Command, FILE_OPTION, type Option } from './command.ts';
import { STATUSES } from './exit-status.ts';
import { LINES, WIDTH, wrap } from './format.ts';
import { grouped } from './groups.ts';

/** How `help` itself is called. */
export const HELP_USAGE = 'help [COMMAND | TABLE | TABLE.KEY]';

const OWN: readonly Row[] = [
  ['Help', 'help COMMAND', 'its options, with an example'],
  ['', 'help TABLE', 'the keys of gateway, log, component, s2s, link or room'],
];

type Row = readonly [group: string, usage: string, summary: string];

/** The list of commands, within 80 columns and 23 lines. */
export function helpOnAll(commands: readonly Command[]): string {
  const rows = grouped(commands).flatMap(([title, members]) =>
    members.map((command, at): Row => [at === 0 ? title : '', briefUsage(command), command.summary]),
  );
  const all = [...rows, ...OWN];
  const [groupWidth, usageWidth] = [0, 1].map((cell) => Math.max(...all.map((row) => row[cell]?.length ?? 0)));
  return [
    'Federates chat rooms over slow networks. Under Look a beginning is enough: st.',
    '',
    ...all.map(
      ([group, usage, summary]) => `${group.padEnd(groupWidth ?? 0)}  ${usage.padEnd(usageWidth ?? 0)}  ${summary}`,
    ),
  ].join('\n');
}

/** All about one command, within 80 columns and, where its options let it, 23 lines. */
export function helpOn(command: Command): string {
  const { details, example, options } = command;
  const blocks = [
    [usage(command)],
    wrap(details, WIDTH),
    ...(options.length === 0 ? [] : [aligned(options.map((option) => [optionUsage(option), said(option)]))]),
    ...(options.includes(FILE_OPTION) ? [[`Exit status: ${STATUSES}`]] : []),
    [`Example:${example.length < WIDTH - 'Example:'.length ? ' ' : '\n  '}${example}`],
  ];
  const airy = blocks.map((lines) => lines.join('\n')).join('\n\n');
  return airy.split('\n').length <= LINES ? airy : airy.replaceAll('\n\n', '\n');
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
export function said({ summary, words = [] }: Option): string {
  return words.every((word) => summary.includes(word)) ? summary : `${summary} (${words.join(', ')})`;
}

/** How it is called, with its options by name where they fit a line. */
function usage(command: Command): string {
  const start = `fmucd ${briefUsage(command)}`;
  const full = [start, ...command.options.map((option) => `[${optionUsage(option)}]`)].join(' ');
  return full.length <= WIDTH ? full : `${start} [OPTION...]`;
}
