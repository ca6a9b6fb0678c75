// @ts-check
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kept } from './cache.mjs';
import { Elf } from './elf.mjs';
import { BuildError } from './error.mjs';
import { inRoot } from './files.mjs';
import { runTool } from './tools.mjs';

/**
 * Puts `start/start.c` into an executable, to run before Node: only then does Node take its memory's bounds, and can be
 * told to leave io_uring alone.
 *
 * @param {string} target
 * @param {Buffer} executable
 * @returns {Promise<Buffer>}
 */
export async function withStart(target, executable) {
  const elf = new Elf(executable);
  const environ = elf.dynamicSymbol('environ');
  if (environ === undefined) throw new BuildError(`the Node for ${target} has no environment of its own to set`);
  const code = await readFile(await compiled(target, elf.word));
  const { entry, word } = elf;
  elf.startInNewSegment((address) => {
    writeDistance(code, 0, word, entry - address);
    writeDistance(code, word, word, environ - address);
    return code;
  }, 2 * word);
  return elf.bytes;
}

/**
 * @param {string} target
 * @param {number} word
 */
async function compiled(target, word) {
  const [source, script] = [inRoot('build/start/start.c'), inRoot('build/start/start.ld')];
  const files = [source, script, new URL(import.meta.url)];
  const inputs = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  inputs.push(await runTool(target, 'gcc', ['--version']));
  return kept(`start-${target}`, inputs, async (folder) => {
    const [linked, code] = [join(folder, 'start'), join(folder, 'start.bin')];
    const alone = ['-ffreestanding', '-nostdlib', '-static', '-fPIC', '-fno-stack-protector', '-fno-jump-tables'];
    const warnings = ['-Wall', '-Wextra', '-Werror'];
    const linker = ['--build-id=none', `--defsym=WORD=${word}`, `-T,${script}`].map((option) => `-Wl,${option}`);
    await runTool(target, 'gcc', ['-Os', ...warnings, ...alone, ...linker, '-o', linked, source]);
    await runTool(target, 'objcopy', ['-O', 'binary', linked, code]);
    return code;
  });
}

/**
 * @param {Buffer} code
 * @param {number} at
 * @param {number} word
 * @param {number} distance
 */
function writeDistance(code, at, word, distance) {
  if (word === 4) code.writeInt32LE(distance, at);
  else code.writeBigInt64LE(BigInt(distance), at);
}
