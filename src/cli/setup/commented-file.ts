import { fileReference, type KeyReference, type TableReference } from '../../config/reference.ts';
import { toml } from '../../config/toml-text.ts';
import { WIDTH, wrap } from '../format.ts';

/** What is set in a file: tables by name, and in them keys with their values. */
export type Chosen = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The column in which comments stand. */
const COMMENT = 32;

/** What a key without a default may look like. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'gateway.domain': '"rooms.denmark.lit"',
  'gateway.name': '"Rooms of Denmark"',
  'gateway.memory': '128',
  'gateway.local_domains': '["denmark.lit"]',
  'component.secret': '"s3cret"',
  'component.secret_file': '"component.secret"',
  's2s.certificate': '"cert.pem"',
  's2s.key': '"key.pem"',
  's2s.ca': '"ca.pem"',
  'link.peer': '"rooms.wonderland.lit"',
  'link.connect': '"10.1.0.2:5270"',
  'link.listen': '"0.0.0.0:5270"',
  'link.from': '["10.1.0.2"]',
  'room.name': '"elsinore"',
  'room.federate': '"hole@rooms.wonderland.lit"',
};

/**
 * An operator's file with every key that there is: those that are chosen are set, the others stand as comments with what holds
 * without them, or an example where nothing does.
 */
export function commentedFile(heading: readonly string[], chosen: Chosen): string {
  const tables = fileReference().map((table) => tableLines(table, chosen[table.name], true));
  return [...heading.map((line) => `# ${line}`), ...tables.flatMap((lines) => ['', ...lines]), ''].join('\n');
}

/** One table of it with the chosen keys alone. */
export function commentedTable(name: string, chosen: Chosen[string]): string[] {
  const table = fileReference().find((candidate) => candidate.name === name);
  return table === undefined ? [] : tableLines(table, chosen, false);
}

/** A table that isn't chosen is a comment whole, unless it has to be there or holds nothing but what is so without it. */
function tableLines(table: TableReference, chosen: Chosen[string] | undefined, isWhole: boolean): string[] {
  const { name, isMany, keys, description } = table;
  const header = isMany ? `[[${name}]]` : `[${name}]`;
  const shown = isWhole ? keys : keys.filter((key) => chosen?.[key.name] !== undefined);
  return [
    ...commented(chosen === undefined ? `# ${header}` : header, description.replace(/:.*/, '')),
    ...shown.flatMap((key) => keyLines(name, key, chosen?.[key.name])),
  ];
}

function keyLines(table: string, key: KeyReference, value: unknown): string[] {
  const shown = value === undefined ? (key.default ?? EXAMPLES[`${table}.${key.name}`] ?? '""') : toml(value);
  return commented(`${value === undefined ? '# ' : ''}${key.name} = ${shown}`, key.description + wordsOf(key));
}

/** The words that a key may be, where its default is one of them. */
function wordsOf({ allowed, default: usual }: KeyReference): string {
  const word = /^"([\w-]+)"$/.exec(usual ?? '')?.[1];
  return word !== undefined && allowed.split(/,? or |, /).includes(word) ? ` (${allowed})` : '';
}

/** A setting with its comment beside it, or beneath where it is long. */
function commented(setting: string, comment: string): string[] {
  const lines = wrap(comment, WIDTH - COMMENT - 2).map((line) => `# ${line}`);
  const isBeside = setting.length < COMMENT;
  const [first = '', ...others] = isBeside ? lines : ['', ...lines];
  return [setting.padEnd(COMMENT) + first, ...others.map((line) => ' '.repeat(COMMENT) + line)].map((line) =>
    line.trimEnd(),
  );
}
