import { type Paint, paintFor } from './paint.ts';

/** Where a command's words go. */
export interface Output {
  /** What was asked for. */
  readonly print: (text: string) => void;
  /** A line about the command itself: what went wrong, or that it goes on. */
  readonly complain: (line: string) => void;
  /** How what is printed is coloured. */
  readonly paint: Paint;
  /** Columns of the terminal; undefined where it is printed on none. */
  readonly columns?: number | undefined;
}

export const terminal: Output = {
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  paint: paintFor(process.stdout, process.env),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
};

/** A reader that has gone (`fmucd rooms | head -1`) ends the program quietly; a log that nobody reads ends nothing. */
export function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  process.stderr.on('error', () => {});
}
