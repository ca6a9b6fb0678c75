import { accessSync, chmodSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { ConfigFiles } from '../config/files.ts';
import { placeFile } from './place-file.ts';

/** No file of the operator's comes near this; a device or a log named by mistake does. */
export const MAX_TEXT_BYTES = 1024 * 1024;

export const configFiles: ConfigFiles = {
  read(path) {
    try {
      const stat = statSync(path);
      const { size } = stat;
      const mode = othersCounted(stat, { uid: process.getuid?.(), gid: process.getgid?.() });
      if (size > MAX_TEXT_BYTES) return { ok: false, isMissing: false, reason: `larger than ${MAX_TEXT_BYTES} bytes` };
      const bytes = readFileSync(path);
      return { ok: true, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), mode };
    } catch (error) {
      if (hasCode(error, 'ERR_ENCODING_INVALID_ENCODED_DATA'))
        return { ok: false, isMissing: false, reason: "isn't text in UTF-8" };
      return { ok: false, isMissing: hasCode(error, 'ENOENT'), reason: systemReason(error) };
    }
  },
};

/**
 * A file's mode as far as it lets others in: a service's file is often root's, with a group that nobody but the service is
 * in. That group are we, or, where root looks, the one that root has given it.
 */
export function othersCounted(
  file: { readonly mode: number; readonly uid: number; readonly gid: number },
  us: { readonly uid: number | undefined; readonly gid: number | undefined },
): number {
  const isForUs = file.uid === 0 && (us.uid === 0 ? file.gid !== 0 : file.gid === us.gid);
  return isForUs ? file.mode & ~0o070 : file.mode;
}

/** Why nothing can be written into a directory that exists or that is yet to be made; undefined where it can. */
export function directoryProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isDirectory()) return `${path} isn't a directory`;
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const parent = dirname(path);
    return hasCode(error, 'ENOENT') && parent !== path ? directoryProblem(parent) : `${path}: ${systemReason(error)}`;
  }
}

/** Has a file hold that text, for its owner alone. One that does isn't written: flash wears. */
export function keepText(path: string, text: string): void {
  const held = configFiles.read(path);
  if (!held.ok || held.text !== text) placeFile(path, Buffer.from(text), 0o600);
  else if ((held.mode & 0o777) !== 0o600) chmodSync(path, 0o600);
}

/** What the system says against something that is done with files; undefined where it is done. */
export function fileProblem(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}

/** What the system calls an error, such as `permission denied`. Passes on what isn't a system error. */
function systemReason(error: unknown): string {
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : Number.NaN;
  const known = getSystemErrorMap().get(errno);
  if (known === undefined) throw error;
  return known[1];
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
