// @ts-check

/** What stops a build and is the builder's to mend: its one line is all that they need to see. */
export class BuildError extends Error {}

/**
 * The first line of an error's message.
 *
 * @param {unknown} error
 */
export function reasonOf(error) {
  return String(error instanceof Error ? error.message : error).split('\n')[0];
}
