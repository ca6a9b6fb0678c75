/** Files that hold what nobody else may read. */

/** Permissions of group and others. */
const OTHERS = 0o077;

/** Why a file with these permission bits is no place for `what`; undefined where it is. */
export function openToOthers(what: string, mode: number): string | undefined {
  if ((mode & OTHERS) === 0) return undefined;
  return `${what} is in a file open to others, mode ${(mode & 0o777).toString(8)} (600)`;
}
