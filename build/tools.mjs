// @ts-check
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BuildError, reasonOf } from './error.mjs';
import { host, targets } from './targets.mjs';

const run = promisify(execFile);

/**
 * The name of a compiler's tool that works for a target.
 *
 * @param {string} target
 * @param {string} name
 */
export function toolName(target, name) {
  return target === host ? name : `${targets[target]?.toolchain}${name}`;
}

/**
 * Runs a compiler's tool for a target, and gives back what it wrote to stdout.
 *
 * @param {string} target
 * @param {string} name
 * @param {readonly string[]} options
 */
export async function runTool(target, name, options) {
  const packages = target === host ? 'build-essential' : `${targets[target]?.packages}`;
  return runNeeded(toolName(target, name), options, packages);
}

/**
 * How a target's program is started on this machine.
 *
 * @param {string} target
 * @param {string} file
 * @returns {[command: string, ...options: string[]]}
 */
export function commandFor(target, file) {
  const row = targets[target];
  return target === host || row === undefined ? [file] : [row.emulator, '-L', row.libraries, file];
}

/**
 * Runs a target's program, and gives back what it wrote to stdout.
 *
 * @param {string} target
 * @param {string} file
 * @param {readonly string[]} options
 * @param {string} [folder] to run it in
 */
export async function runFor(target, file, options, folder) {
  const [command, ...rest] = commandFor(target, file);
  const row = targets[target];
  const packages = command === file || row === undefined ? undefined : `qemu-user-static ${row.packages}`;
  return runNeeded(command, [...rest, ...options], packages, folder);
}

/**
 * @param {string} command
 * @param {readonly string[]} options
 * @param {string | undefined} packages of Debian that bring it
 * @param {string} [folder]
 */
async function runNeeded(command, options, packages, folder) {
  try {
    return (await run(command, options, { ...(folder !== undefined && { cwd: folder }) })).stdout;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && packages !== undefined) throw new BuildError(`no ${command}: apt-get install ${packages}`);
    throw new BuildError(`${command} failed: ${complaintOf(error)}`);
  }
}

/**
 * What a program that failed said last, else how it failed.
 *
 * @param {unknown} error
 */
function complaintOf(error) {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trimEnd() : '';
  return said === '' ? reasonOf(error) : said.split('\n').at(-1);
}
