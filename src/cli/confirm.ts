import { createInterface } from 'node:readline/promises';

/** Asks on the terminal whether to go on; only `y` or `yes` means that. Undefined where there is no terminal to ask on. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // ctrl-C and ctrl-D end the line that was asked for.
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    const asked = terminal.question(`${question} [y/N] `, { signal }).catch(() => '');
    return /^y(es)?$/i.test((await Promise.race([asked, closed])).trim());
  } finally {
    terminal.close();
  }
}
