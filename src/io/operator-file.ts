/** Writing the operator's file, which the gateway's user reads and somebody else may own. */

import { chownSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Owner, placeFile } from './place-file.ts';

/** A directory hands its group to what is made in it (inode(7)). */
const SET_GROUP_ID = 0o2000;

/** What is kept of a file that is written anew, beside it. */
export const FORMER_SUFFIX = '.bak';

/**
 * Has the file hold that text, whole or not at all, with the owner and the group that it had. A new one is its writer's alone,
 * or also its directory's group's, where that is root's and handed down. With `isPrivate` it loses what others may do with it.
 * Throws what the system says against it.
 */
export function writeOperatorFile(path: string, text: string, isPrivate: boolean): void {
  const file = targetOf(path);
  const former = statSync(file, { throwIfNoEntry: false });
  if (former === undefined) mkdirSync(dirname(file), { recursive: true });
  const mode = former === undefined ? newMode(dirname(file)) : former.mode & (isPrivate ? privateBits(former) : 0o777);
  placeFile(file, Buffer.from(text), mode, undefined, former);
}

/** Keeps a copy of the file as it is, under its name with FORMER_SUFFIX, which is given back. */
export function keepFormer(path: string): string {
  const file = targetOf(path);
  const former = statSync(file);
  const copy = join(dirname(file), basename(file) + FORMER_SUFFIX);
  placeFile(copy, readFileSync(file), former.mode & 0o777, undefined, former);
  return copy;
}

/** Gives what root has made in somebody's directory to them: the gateway's user has to read it. */
export function giveToDirectoryOwner(file: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(file));
  chownSync(file, uid, gid);
}

/** Behind a link is the file. */
function targetOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path);
}

function newMode(directory: string): number {
  const { mode, uid, gid } = statSync(directory);
  return uid === 0 && gid !== 0 && (mode & SET_GROUP_ID) !== 0 ? 0o640 : 0o600;
}

/** Root's file may be read by the group that root has given it. */
function privateBits({ uid, gid }: Owner): number {
  return uid === 0 && gid !== 0 ? 0o640 : 0o600;
}
