// @ts-check
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { inRoot } from './files.mjs';

/**
 * When what is built was written, in milliseconds since the epoch: the same for the same sources, whenever they are built.
 * `SOURCE_DATE_EPOCH` counts (reproducible-builds.org), else the commit, else the package's file.
 */
export function sourceDate() {
  const given = process.env['SOURCE_DATE_EPOCH'];
  const { stdout } = spawnSync('git', ['-C', inRoot('.'), 'log', '-1', '--format=%ct'], { encoding: 'utf8' });
  const seconds = Number(given || stdout || Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : Math.floor(statSync(inRoot('package.json')).mtimeMs);
}
