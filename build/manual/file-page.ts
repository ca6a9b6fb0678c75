import type { KeyReference, TableReference } from '../../src/config/reference.ts';
import {
  bold,
  type Edition,
  escaped,
  italic,
  page,
  paragraph,
  section,
  sentence,
  subsection,
  tagged,
  verbatim,
  within,
} from './roff.ts';
import { fileRules, pairRules } from './rules.ts';

/** What two operators write to share a room, and what one of them needs for it. */
export const EXAMPLE = `\
[gateway]
domain = "rooms.denmark.lit"

[component]
secret_file = "component.secret"

[[link]]
peer      = "rooms.wonderland.lit"
domains   = ["wonderland.lit"]
connect   = "10.1.0.2:5270"
bandwidth = 2400

[[room]]
name     = "elsinore"
federate = "rabbithole@rooms.wonderland.lit"`;

/** fmucd.toml(5) */
export function filePage(tables: readonly TableReference[], edition: Edition): string {
  return page('fmucd.toml', 5, 'File Formats', edition, [
    section('NAME'),
    escaped('fmucd.toml - the file of a gateway that federates chat rooms'),
    section('SYNOPSIS'),
    italic('/etc/fmucd/fmucd.toml'),
    section('DESCRIPTION'),
    ...fileRules.map((rule, at) => (at === 0 ? marked(rule) : paragraph(marked(rule)))),
    section('TABLES'),
    ...tables.flatMap((table) => [
      subsection(table.isMany ? `[[${table.name}]]` : `[${table.name}]`),
      escaped(`${sentence(table.description)}${table.isMany ? ' There may be several, or none.' : ''}`),
      ...table.keys.map(entry),
    ]),
    section('RULES'),
    ...pairRules.map((rule, at) => (at === 0 ? marked(rule) : paragraph(marked(rule)))),
    section('EXAMPLE'),
    escaped('A gateway behind an XMPP server, with one room that it shares over a link of 2400 bit/s:'),
    verbatim(EXAMPLE),
    section('SEE ALSO'),
    `${bold('fmucd')}(1)`,
  ]);
}

function entry(key: KeyReference): string {
  const { name, description, allowed, isRequired, keys, default: value } = key;
  const otherwise = isRequired ? ' Required.' : value === undefined ? '' : ` Default: ${bold(value)}`;
  return [
    tagged(bold(name), `${escaped(sentence(description))}\n.br\n${escaped(`May be: ${allowed}.`)}${otherwise}`),
    ...(keys.length === 0 ? [] : [within(...keys.map(entry))]),
  ].join('\n');
}

/** A rule, with what stands in backquotes in bold. */
function marked(rule: string): string {
  return rule
    .split('`')
    .map((part, at) => (at % 2 === 0 ? escaped(part) : bold(part)))
    .join('');
}
