import { fileReference, type KeyReference, type TableReference } from '../config/reference.ts';
import { unknown } from './command-name.ts';
import { WIDTH, wrap } from './format.ts';
import { aligned } from './help.ts';

/** What is to be said of a name that belongs to the operator's file. */
type FileHelp = { readonly text: string } | { readonly fault: string };

/** All about a table of the operator's file (`link`), or a key of one (`link.queue`); undefined where there is no such table. */
export function helpOnFile(name: string): FileHelp | undefined {
  const [tableName, ...path] = name.replace(/^\[+|\]+$/g, '').split('.');
  const table = fileReference().find((candidate) => candidate.name === tableName);
  if (table === undefined) return undefined;
  let keys: readonly KeyReference[] = table.keys;
  let found: KeyReference | undefined;
  for (const part of path) {
    found = keys.find((candidate) => candidate.name === part);
    if (found === undefined) {
      const known = keys.map((key) => key.name);
      return { fault: `${heading(table)}: ${unknown('key', part, known, `fmucd help ${table.name}`)}` };
    }
    ({ keys } = found);
  }
  return { text: found === undefined ? tableHelp(table) : keyHelp(`${heading(table)} ${path.join('.')}`, found) };
}

/** How a table is headed in the file. */
function heading({ name, isMany }: TableReference): string {
  return isMany ? `[[${name}]]` : `[${name}]`;
}

function tableHelp(table: TableReference): string {
  const keys = table.keys.map((key) => [key.name, key.isRequired ? `${key.description} (required)` : key.description]);
  return [
    ...wrap(`${heading(table)}: ${table.description}`, WIDTH),
    ...aligned(keys as [string, string][]),
    `What a key may be, and its default: fmucd help ${table.name}.KEY`,
  ].join('\n');
}

function keyHelp(name: string, { description, allowed, default: otherwise, isRequired, keys }: KeyReference): string {
  return [
    ...wrap(`${name}: ${description}`, WIDTH),
    '',
    ...aligned([
      ['may be', allowed],
      ...(isRequired ? [['default', 'none: it is required'] as const] : []),
      ...(otherwise === undefined ? [] : [['default', otherwise] as const]),
    ]),
    ...(keys.length === 0 ? [] : ['', ...aligned(keys.map((key) => [key.name, `${key.description}: ${key.allowed}`]))]),
  ].join('\n');
}
