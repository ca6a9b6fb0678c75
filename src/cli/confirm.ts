import { createInterface } from 'node:readline/promises';

/**
 * Asks on the terminal whether to go on; only `y` or `yes` means that. Undefined where there is no terminal to ask on, or it is
 * interrupted.
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)));
  try {
    const answer = await Promise.race([
      terminal.question(`${question} [y/N] `, { signal }).catch(() => undefined),
      closed,
    ]);
    return answer === undefined ? undefined : /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
