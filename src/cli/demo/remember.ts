/** How much of what happened the demo remembers: more than any screen shows, and than the script brings about. */
export const REMEMBERED = 500;

/** Adds to a list, and forgets the oldest beyond REMEMBERED. */
export function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > REMEMBERED) list.shift();
}
