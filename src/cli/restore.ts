import { join, resolve } from 'node:path';
import { formatFinding } from '../config/finding.ts';
import { loadConfig } from '../config/load.ts';
import { configFiles } from '../io/files.ts';
import { dropPrepared, type Prepared, prepareRestore } from '../io/prepare-restore.ts';
import { readStore } from '../io/read-store.ts';
import { replaceStore } from '../io/replace-store.ts';
import { StoreError } from '../io/store-error.ts';
import { gistOf, type StoreGist } from '../io/store-gist.ts';
import { formatStamp } from '../lib/stamp.ts';
import { newestText, stampOf } from './backup.ts';
import type { Invocation } from './command.ts';
import { confirm } from './confirm.ts';
import { EXIT } from './exit-status.ts';
import { count, visible, WIDTH, wrap } from './format.ts';
import { Progress } from './progress.ts';
import { table } from './table.ts';
import { type Line, type Place, whileOpen, withStore } from './with-store.ts';

/** A store that there is. */
export interface Present {
  readonly isRunning: boolean;
  /** Undefined where there is none, null where it can't be read. */
  readonly gist: StoreGist | undefined | null;
}

/** `fmucd restore FILE`: puts a backup into the place of the store, whether the gateway runs or not. */
export function restore(invocation: Invocation): Promise<number> {
  const { file, operands, options, output } = invocation;
  const loaded = loadConfig(file, configFiles);
  if (!loaded.ok) {
    for (const finding of loaded.findings) output.complain(formatFinding(finding));
    return Promise.resolve(loaded.isMissing ? EXIT.noFile : EXIT.failed);
  }
  const source = resolve(operands[0] ?? '');
  return withStore(invocation, async (place) => {
    const present = await presentStore(place);
    const progress = new Progress();
    const prepared = await prepareRestore(place.directory, source, {
      onProgress: progress.copied,
      signal: place.signal,
    }).finally(() => progress.end());
    let isDone = false;
    try {
      const { domain } = loaded.config.gateway;
      const objection =
        options['--force'] === undefined ? objectionTo(source, prepared, domain, Date.now()) : undefined;
      if (objection !== undefined) return failed(invocation, objection);
      if (!(await isAgreed(invocation, place, source, prepared, present))) return EXIT.failed;
      const kept = await carryOut(place, prepared);
      isDone = true;
      tell(invocation, place, source, prepared, present, kept);
      return EXIT.fine;
    } finally {
      if (!isDone) await dropPrepared(place.directory, prepared);
    }
  });
}

function failed({ output }: Invocation, reason: string): number {
  output.complain(`fmucd: ${visible(reason)}`);
  return EXIT.failed;
}

function presentStore({ directory, control }: Place): Promise<Present> {
  return whileOpen(control, { command: 'backup' }, (line) =>
    line === undefined
      ? { isRunning: false, gist: readGist(directory) }
      : { isRunning: true, gist: line['held'] as StoreGist },
  );
}

function readGist(directory: string): Present['gist'] {
  try {
    return readStore(directory, gistOf);
  } catch (error) {
    if (error instanceof StoreError && error.condition === 'locked') throw error;
    return error instanceof StoreError && error.condition === 'corrupt' ? null : undefined;
  }
}

/** Why a whole backup is better not restored here; undefined where nothing speaks against it. */
export function objectionTo(
  file: string,
  { domains, newest }: Pick<Prepared, 'domains' | 'newest'>,
  domain: string,
  now: number,
): string | undefined {
  if (domains.length > 0 && !domains.includes(domain))
    return `${file} is of ${domains.join(', ')}, and this gateway is ${domain}: with --force its rooms are kept until they are ours`;
  if (newest !== null && newest > now)
    return (
      `the clock says ${formatStamp(now)}, and the newest message in ${file} came at ${formatStamp(newest)}: ` +
      'set the clock first, else others may take what is said next for what they had (or --force)'
    );
  return undefined;
}

/** Says what is about to happen, and asks, unless the operator has said that it may. */
async function isAgreed(
  { options, json, output }: Invocation,
  { signal }: Place,
  file: string,
  prepared: Prepared,
  present: Present,
): Promise<boolean> {
  if (options['--yes'] !== undefined) return !signal.aborted;
  const screen = restoreScreen(file, prepared, present, Date.now());
  if (json) output.complain(screen);
  else output.print(screen);
  const answer = await confirm('Replace the store?', signal);
  if (answer === undefined)
    output.complain('fmucd: nothing has changed: asked on a terminal alone; elsewhere it takes --yes');
  else if (!answer) output.complain('nothing has changed');
  return answer === true;
}

/** What will take the place of what, and what that means. `now` is in milliseconds since the epoch. */
export function restoreScreen(file: string, prepared: StoreGist, { isRunning, gist }: Present, now: number): string {
  const cells = (name: string, { rooms, messages, newest }: StoreGist) => ({
    cells: [name, rooms.toLocaleString('en'), messages.toLocaleString('en'), newestText(newest, now)],
    urgency: 0,
  });
  const columns = [
    { title: '' },
    { title: 'rooms', align: 'right' },
    { title: 'messages', align: 'right' },
    { title: 'newest' },
  ] as const;
  const rows = [cells('backup', prepared), ...(gist ? [cells('store', gist)] : [])];
  const other =
    gist === undefined ? 'There is no store yet.' : gist === null ? 'The store that is there is damaged.' : undefined;
  const consequences = [
    'Rooms, members, bans, settings and subjects will be as they were then. What was said since comes back from other gateways, as far as the history of their links allows.',
    ...(gist === undefined ? [] : ['The store that is there is kept beside it.']),
    ...(isRunning ? ['The gateway goes on: everybody leaves its rooms and may come back at once.'] : []),
  ];
  return [
    visible(`${file}: whole and verified`),
    ...table(columns, rows),
    ...(other === undefined ? [] : [`  ${other}`]),
    ...wrap(consequences.join(' '), WIDTH),
  ].join('\n');
}

/** Has the gateway do it between two lives, or does it. Gives back what the other store is called now. */
function carryOut({ directory, control }: Place, { name }: Prepared): Promise<string | undefined> {
  return whileOpen(control, { command: 'restore', prepared: name }, (line) =>
    line === undefined ? replaceStore(directory, name, Date.now()) : keptOf(line),
  );
}

function keptOf({ restored }: Line): string | undefined {
  const { kept } = restored as { readonly kept: string | null };
  return kept ?? undefined;
}

function tell(
  { json, output }: Invocation,
  { directory }: Place,
  file: string,
  prepared: Prepared,
  { isRunning, gist }: Present,
  kept: string | undefined,
): void {
  const path = kept === undefined ? null : join(directory, kept);
  const shown = ({ rooms, messages, newest }: StoreGist) => ({ rooms, messages, newest: stampOf(newest) });
  if (json)
    return output.print(
      JSON.stringify({ file, ...shown(prepared), replaced: gist ? shown(gist) : null, kept: path, running: isRunning }),
    );
  output.print(
    [
      `restored: ${count(prepared.rooms, 'room')}, ${count(prepared.messages, 'message')}`,
      ...(path === null
        ? []
        : ["The store that was there is kept; remove it once it isn't needed:", `  ${visible(path)}`]),
      ...(isRunning ? [] : ['The gateway begins with it at its next start.']),
    ].join('\n'),
  );
}
