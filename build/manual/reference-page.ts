import type { KeyReference, TableReference } from '../../src/config/reference.ts';
import { sentence } from './roff.ts';
import { fileRules, pairRules } from './rules.ts';

/** The whole file as Markdown. */
export function referencePage(tables: readonly TableReference[]): string {
  return [
    '# The whole file',
    '',
    "Every table and key of `fmucd.toml`, with what it may be and what it is where it isn't written. Made from",
    '[the schema](schema.ts) by `npm run reference`; `fmucd help link` and `fmucd help link.queue` tell the same on the box.',
    '',
    ...fileRules.map((rule) => `- ${rule}`),
    '',
    ...tables.flatMap((table) => [
      `## ${table.isMany ? `[[${table.name}]]` : `[${table.name}]`}`,
      '',
      `${sentence(table.description)}${table.isMany ? ' There may be several, or none.' : ''}`,
      '',
      '| key | what it is for | what it may be | default |',
      '| --- | --- | --- | --- |',
      ...table.keys.flatMap((key) => [row(key), ...key.keys.map((part) => row(part, `${key.name}.`))]),
      '',
    ]),
    "## What can't be meant together",
    '',
    ...pairRules.map((rule) => `- ${rule}`),
    '',
  ].join('\n');
}

function row({ name, description, allowed, isRequired, default: value }: KeyReference, before = ''): string {
  const otherwise = isRequired ? 'required' : value === undefined ? 'none' : `\`${value}\``;
  return `| \`${before}${name}\` | ${cell(description)} | ${cell(allowed)} | ${otherwise} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('[[', '\\[\\[').replaceAll('"*"', '`"*"`');
}
