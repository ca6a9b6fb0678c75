// @ts-check
import { execFile } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inRoot } from '../build/files.mjs';
import { imageSize, layout, partitionTable, RESERVED_SECTORS, tableId } from './layout.mjs';
import { fill } from './system.mjs';

/** @typedef {import('./boards.mjs').Board} Board */

const run = promisify(execFile);

/**
 * Puts together the file that is flashed: the partition table, the boot loader's script, the system in the first slot. The
 * second slot is empty; nothing of the data partition is there but its place.
 *
 * @param {Board} board
 * @param {string} slot file of the slot's file system
 * @param {string} folder to work in
 * @param {string} file
 */
export async function writeDisk(board, slot, folder, file) {
  await rm(file, { force: true });
  const disk = await open(file, 'w');
  try {
    await disk.truncate(imageSize);
    await disk.write(await readFile(await bootPartition(board, folder)), 0, undefined, layout.boot.start);
    await disk.write(await readFile(slot), 0, undefined, layout.slotA.start);
  } finally {
    await disk.close();
  }
  const table = join(folder, 'table');
  await writeFile(table, partitionTable);
  await run('sh', ['-c', 'sfdisk --quiet --no-reread --no-tell-kernel "$1" <"$2"', 'sh', file, table]);
}

/**
 * @param {Board} board
 * @param {string} folder
 */
async function bootPartition(board, folder) {
  const script = join(folder, 'boot.cmd');
  await fill(
    inRoot('image/boot/boot.cmd'),
    { BOOT: board.bootCommand, KERNEL_ROOM: board.kernelRoom.toString(16) },
    script,
  );
  const packed = join(folder, 'boot.scr');
  const env = { ...process.env, SOURCE_DATE_EPOCH: '0', TZ: 'UTC' };
  await run('mkimage', ['-q', '-A', board.mkimageArchitecture, '-T', 'script', '-C', 'none', '-d', script, packed], {
    env,
  });
  const partition = join(folder, 'boot.fat');
  await rm(partition, { force: true });
  const identity = ['-i', tableId.toString(16), '-n', board.label, '--invariant'];
  const size = ['-F', '16', '-R', String(RESERVED_SECTORS)];
  await run('mkfs.fat', ['-C', ...size, ...identity, partition, String(layout.boot.size / 1024)]);
  await run('touch', ['-d', '@315532800', packed]); // the first moment that FAT knows
  await run('mcopy', ['-m', '-i', partition, packed, '::boot.scr'], { env });
  return partition;
}
