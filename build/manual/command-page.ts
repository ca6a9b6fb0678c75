import { type Command, FILE_OPTION, JSON_OPTION, type Option } from '../../src/cli/command.ts';
import { EXIT } from '../../src/cli/exit-status.ts';
import { grouped, LOOK } from '../../src/cli/groups.ts';
import { HELP_USAGE, said } from '../../src/cli/help.ts';
import type { TableReference } from '../../src/config/reference.ts';
import {
  bold,
  type Edition,
  escaped,
  italic,
  more,
  page,
  paragraph,
  section,
  sentence,
  subsection,
  tagged,
  within,
} from './roff.ts';

/** Options that many commands have, and that are explained once. */
const COMMON: readonly Option[] = [
  FILE_OPTION,
  JSON_OPTION,
  { name: '--help', summary: 'help on the command, as fmucd help COMMAND gives it' },
];

const STATUSES: readonly (readonly [status: number, meaning: string])[] = [
  [EXIT.fine, 'It has done what was asked.'],
  [EXIT.failed, "It hasn't, or the file has faults; stderr says why."],
  [EXIT.noFile, "The operator's file isn't there."],
  [EXIT.notRunning, 'No gateway runs with that file, or it has ended meanwhile.'],
  [EXIT.usage, 'The command line is wrong.'],
];

const SIGNALS = [
  ['SIGTERM, SIGINT', 'End the gateway, with everything flushed.'],
  ['SIGHUP', 'Has it reload its file, as fmucd reload does.'],
] as const;

const ENVIRONMENT = [
  ['FMUCD_CONFIG', "Names the operator's file where no -c does."],
  [
    'NO_COLOR',
    'Where it is set and not empty, screens have no colours. They also have none where output is no terminal.',
  ],
] as const;

/** fmucd(1) */
export function commandPage(commands: readonly Command[], tables: readonly TableReference[], edition: Edition): string {
  const groups = grouped(commands.filter(({ run }) => run !== undefined)).filter(([, members]) => members.length > 0);
  return page('fmucd', 1, 'User Commands', edition, [
    section('NAME'),
    escaped('fmucd - federates chat rooms (XMPP MUC and FMUC) over slow networks'),
    section('SYNOPSIS'),
    `${bold('fmucd')} ${italic('COMMAND')} [${italic('OPERAND')}...] [${italic('OPTION')}...]`,
    section('DESCRIPTION'),
    escaped(
      'A gateway for the edge of a slow network. Users reach its chat rooms (XEP-0045) through their own XMPP server, whose ' +
        'external component it is (XEP-0114), or by streams between servers (RFC 6120). It federates those rooms with other ' +
        'gateways and servers (FMUC, XEP-0289) over links that are slow, late and often down. The one file that it has is ' +
        'described in fmucd.toml(5).',
    ),
    paragraph(
      escaped(
        `Of ${LOOK.names.join(', ')} the beginning is enough where no other command begins like that: fmucd st. ` +
          'Commands that change anything are written in full, and so is everything in a script.',
      ),
    ),
    section('COMMANDS'),
    ...groups.flatMap(([title, members]) => [subsection(title), ...members.map(entry)]),
    tagged(`${bold('fmucd help')} ${escaped(HELP_USAGE.slice('help '.length))}`, escaped(helpText(tables))),
    section('OPTIONS'),
    escaped('Options and operands may stand in any order. What only some commands have stands with these; the others:'),
    ...COMMON.map((option) => tagged(optionTerm(option), escaped(sentence(option.summary)))),
    section('EXIT STATUS'),
    ...STATUSES.map(([status, meaning]) => tagged(bold(String(status)), escaped(meaning))),
    section('SIGNALS'),
    ...SIGNALS.map(([signal, effect]) => tagged(bold(signal), escaped(effect))),
    section('ENVIRONMENT'),
    ...ENVIRONMENT.map(([variable, effect]) => tagged(bold(variable), escaped(effect))),
    section('FILES'),
    tagged(italic('/etc/fmucd/fmucd.toml'), escaped("The operator's file.")),
    ...filesOf(tables).map(([file, description]) => tagged(italic(file), escaped(sentence(description)))),
    section('SEE ALSO'),
    `${bold('fmucd.toml')}(5)`,
  ]);
}

function helpText(tables: readonly TableReference[]): string {
  const names = tables.map(({ name }) => name).join(', ');
  return `Lists the commands, or tells all about one, or about a table (${names}) or a key of the file, such as link.queue.`;
}

/** What the file has for defaults that are paths. */
function filesOf(tables: readonly TableReference[]): [file: string, description: string][] {
  return tables.flatMap(({ keys }) =>
    keys.flatMap(({ default: value = '', description }): [string, string][] =>
      value.startsWith('"/') ? [[JSON.parse(value) as string, description]] : [],
    ),
  );
}

function entry(command: Command): string {
  const { name, operand, options, details, example } = command;
  const own = options.filter((option) => option !== FILE_OPTION && option !== JSON_OPTION);
  const many = operand?.isMany === true ? '...' : '';
  const usage = [
    bold(`fmucd ${name}`),
    ...(operand === undefined
      ? []
      : [operand.isRequired === true ? italic(operand.name) + many : `[${italic(operand.name)}${many}]`]),
    ...options.map((option) => `[${optionTerm(option)}]`),
  ].join(' ');
  return [
    tagged(usage, escaped(details)),
    ...(own.length === 0
      ? []
      : [within(...own.map((option) => tagged(optionTerm(option), escaped(sentence(said(option))))))]),
    more(`Example: ${bold(example)}`),
  ].join('\n');
}

function optionTerm({ name, value }: Option): string {
  return value === undefined ? bold(name) : `${bold(name)} ${italic(value)}`;
}
