import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { type BackedUp, backUp, mayBackUpAs } from '../io/backup.ts';
import { configFiles } from '../io/files.ts';
import { IDENTITY_FILE } from '../io/identity.ts';
import type { StoreGist } from '../io/store-gist.ts';
import { formatStamp } from '../lib/stamp.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { formatAge, formatBytes, visible } from './format.ts';
import { Progress } from './progress.ts';
import { details } from './table.ts';
import { whileOpen, withStore } from './with-store.ts';

/** `fmucd backup FILE`: copies the store. The gateway, if it runs, goes on, and holds still what is copied. */
export function backup(invocation: Invocation): Promise<number> {
  const { file, operands, options, json, output } = invocation;
  const target = resolve(operands[0] ?? '');
  return withStore(invocation, async ({ directory, control, signal }) => {
    await mayBackUpAs(target, directory, options['--force'] !== undefined);
    const progress = new Progress();
    const made = await whileOpen(control, { command: 'backup' }, (line) =>
      backUp(directory, target, line?.['held'] as StoreGist | undefined, { onProgress: progress.copied, signal }),
    ).finally(() => progress.end());
    const leftOut = notIn(file, directory);
    output.print(
      json
        ? JSON.stringify({ file: target, ...made, newest: stampOf(made.newest), left_out: leftOut })
        : backupScreen(target, made, leftOut, Date.now()),
    );
    return EXIT.fine;
  });
}

/** What a backup holds, and what isn't in it. `now` is in milliseconds since the epoch. */
export function backupScreen(file: string, made: BackedUp, leftOut: readonly string[], now: number): string {
  return [
    visible(`${file}: whole and verified`),
    ...details([
      ['size', formatBytes(made.size)],
      ['rooms', made.rooms.toLocaleString('en')],
      ['messages', made.messages.toLocaleString('en')],
      ['newest', newestText(made.newest, now)],
    ]),
    'Not in it, so keep copies of these too:',
    ...leftOut.map((name) => `  ${visible(name)}`),
  ].join('\n');
}

/** When the newest message of a store came, for people. */
export function newestText(newest: number | null, now: number): string {
  const stamp = stampOf(newest);
  return stamp === null ? 'no messages' : `${stamp} (${formatAge(stamp, now)})`;
}

/** The same as others read it. */
export function stampOf(newest: number | null): string | null {
  return newest === null ? null : formatStamp(newest);
}

/** The operator's file, and the certificates that it names or that the gateway has made itself: peers may know it by them. */
function notIn(file: string, directory: string): string[] {
  const loaded = loadConfig(file, configFiles);
  const { certificate, key } = (loaded.ok ? loaded.config.s2s : undefined) ?? {};
  const own = join(directory, IDENTITY_FILE);
  const named = [certificate, key].filter((path) => path !== undefined);
  return [...new Set([resolve(file), ...named, ...(named.length === 0 && existsSync(own) ? [own] : [])])];
}
