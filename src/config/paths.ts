import { dirname, resolve } from 'node:path';

/** A path of the operator's file, relative ones from the directory that the file is in. */
export function resolvePath(file: string, path: string): string {
  return resolve(dirname(file), path);
}

/** What a Unix socket's address holds (`sun_path` of unix(7), without its final NUL). */
export const MAX_SOCKET_PATH_BYTES = 107;
