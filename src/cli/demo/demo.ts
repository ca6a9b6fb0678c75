import { EXIT } from '../exit-status.ts';
import { plain } from '../text.ts';
import { totalsSpans } from './air-text.ts';
import { Console } from './console.ts';
import { thisProgram } from './program.ts';
import { Stage } from './stage.ts';
import { crossingLines, play, sightLine } from './transcript.ts';

/** How long the script may take, in milliseconds. */
const DEADLINE = 60_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Why the demo ends before its time. */
interface Interruption {
  readonly status: number;
  readonly text: string;
}

type Interrupt = (status: number, text: string) => void;

/**
 * `fmucd demo`: two gateways, a slow link between them and two people. On a terminal one types for them; elsewhere a
 * script is played, and the exit status is 0 where all that was expected was seen. Whatever happens, the gateways are
 * ended and their directory removed.
 */
export async function demo(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    complain('fmucd: demo takes no arguments');
    return EXIT.usage;
  }
  const control = new AbortController();
  const interrupt: Interrupt = (status, text) => control.abort({ status, text } satisfies Interruption);
  const forget = onSignals(interrupt);
  try {
    const interactive = process.stdin.isTTY && process.stdout.isTTY;
    const status = await (interactive ? converse(control.signal, interrupt) : recite(control.signal, interrupt));
    const interruption = interruptionOf(control.signal);
    if (interruption === undefined) return status;
    if (interruption.text !== '') complain(`fmucd demo: ${interruption.text}`);
    return interruption.status;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    complain(`fmucd demo: it can’t be set up: ${error.message}`);
    return EXIT.failed;
  } finally {
    forget();
  }
}

/** Lets people type. */
async function converse(signal: AbortSignal, interrupt: Interrupt): Promise<number> {
  const stage = new Stage({ saw() {}, crossed() {}, died: (text) => interrupt(EXIT.failed, text) });
  return withStage(stage, async () => {
    await new Console(stage, process.stdin, process.stdout, () => interrupt(EXIT.fine, '')).run(thisProgram(), signal);
    print(`On the link: ${plain(totalsSpans(stage.air)).trim()}`);
    return EXIT.fine;
  });
}

/** Plays the script. */
async function recite(signal: AbortSignal, interrupt: Interrupt): Promise<number> {
  const tell = (...lines: string[]): void => {
    if (!signal.aborted) lines.forEach(print);
  };
  const stage = new Stage({
    saw: (actor, sight) => tell(sightLine(stage.elapsed, actor, sight)),
    crossed: (crossing) => tell(...crossingLines(stage.elapsed, crossing)),
    died: (text) => interrupt(EXIT.failed, text),
  });
  const deadline = setTimeout(() => interrupt(EXIT.failed, `not over after ${DEADLINE / 1000} s`), DEADLINE);
  return withStage(stage, async () => {
    const missing = await play(stage, thisProgram(), signal, print);
    // Who ends it by a signal knows why it is incomplete.
    if ((interruptionOf(signal)?.status ?? EXIT.failed) === EXIT.failed)
      for (const text of missing) complain(`missing: ${text}`);
    return missing.length === 0 ? EXIT.fine : EXIT.failed;
  }).finally(() => clearTimeout(deadline));
}

/** Whatever happens, what the stage started is ended; where the process exits early, at once. */
async function withStage(stage: Stage, story: () => Promise<number>): Promise<number> {
  const closeNow = (): void => stage.closeNow();
  process.once('exit', closeNow);
  try {
    return await story();
  } finally {
    await stage.close();
    process.off('exit', closeNow);
  }
}

function interruptionOf(signal: AbortSignal): Interruption | undefined {
  return signal.aborted ? (signal.reason as Interruption) : undefined;
}

/** Has signals interrupt the demo, until the function that it gives back is called. */
function onSignals(interrupt: Interrupt): () => void {
  const listener = (name: NodeJS.Signals, number: number): void => interrupt(128 + number, `ended by ${name}`);
  for (const name of SIGNALS) process.on(name, listener);
  return () => {
    for (const name of SIGNALS) process.off(name, listener);
  };
}

/** No room for the directory, or for a port: what the system refused, and why. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
