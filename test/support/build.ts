import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './ending.ts';
import type { Built } from './gateway.ts';

/** The repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npm run build` with those options: its exit status, and what it said. */
export function build(...options: string[]): { readonly status: number | null; readonly said: string } {
  return buildWith(process.env, ...options);
}

/** The same in another environment. */
export function buildWith(
  env: Readonly<Record<string, string | undefined>>,
  ...options: string[]
): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build/build.mjs'), ...options], {
    encoding: 'utf8',
    env,
  });
  return { status, said: `${stdout}${stderr}`.trimEnd() };
}

/** Starts a built program in an empty directory, without environment and so without a PATH to find Node in. */
export function alone(command: string, ...args: string[]): Built {
  return ['env', '-i', '-C', temporaryFolder(), command, ...args];
}
