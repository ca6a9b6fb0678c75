/** How a line goes from one operator to the other: read out or printed, and heard or read in. */

import type { Invocation } from '../command.ts';
import { visible, WIDTH, wrap } from '../format.ts';
import type { Paint } from '../paint.ts';
import type { Conversation } from './conversation.ts';
import { PairError } from './pair-error.ts';
import { oneLine, type PairLine, readPairLine, type WrittenLine, writePairLine } from './pair-line.ts';

/** Groups in a line on the screen, as many as a person says in one breath. */
const GROUPS_A_LINE = 5;

/** What the other side has told. */
export interface Theirs {
  readonly line: PairLine;
  readonly word: string;
}

/**
 * Reads a line that was given whole.
 * @throws {PairError} Where it isn't one.
 */
export function readWhole(text: string): Theirs {
  const reading = readPairLine(text);
  if (reading.state === 'whole') return reading;
  throw new PairError(
    reading.state === 'refused' ? reading.problem : `the line ends too soon: missing is ${reading.next}`,
  );
}

/**
 * Has somebody type the other side's line, in as many lines as they like, and say whether both sides have the same check
 * word. Undefined: not now.
 */
export async function hear(talk: Conversation, paint: Paint, prompt: string): Promise<Theirs | undefined> {
  const begin = () => {
    talk.say(paint(prompt, 'title'));
    return { heard: '', next: '' };
  };
  let { heard, next } = begin();
  for (;;) {
    const typed = await talk.ask(`${next}> `);
    if (typed === undefined || (typed === '' && heard === '')) return undefined;
    const reading = readPairLine(`${heard} ${typed}`);
    if (reading.state === 'whole') {
      if (await isSameWord(talk, paint, reading)) return reading;
      talk.say(paint('! then something was misheard: begin again', 'fault'));
      ({ heard, next } = begin());
    } else if (reading.state === 'partial') {
      heard = `${heard} ${typed}`;
      next = `${reading.next} `;
    } else {
      for (const line of wrap(visible(`! ${reading.problem}`), WIDTH)) talk.say(paint(line, 'fault'));
      if (reading.isAll) ({ heard, next } = begin());
    }
  }
}

/** Asks whether the other side's program has the same check word for its line. */
export async function isSameWord(talk: Conversation, paint: Paint, { line, word }: Theirs): Promise<boolean> {
  talk.say(visible(`That is the line of ${line.domain}.`));
  const same = await talk.ask(paint(`Do they say that its check word is ${word}? (yes or no): `, 'title'));
  return same !== undefined && /^(?:y|yes)$/i.test(same);
}

/** Shows our line to be read out, or where nobody looks on, as one line. */
export function show(line: PairLine, { output: { print, paint } }: Invocation, talk: Conversation | undefined): void {
  const written = writePairLine(line);
  if (talk === undefined) {
    print(`${oneLine(written)}\ncheck word: ${written.word}`);
    return;
  }
  talk.say(paint('\nOur line, to be read to them or given to them on paper:\n', 'title'));
  for (const one of spoken(written)) talk.say(visible(one));
  talk.say(paint(`\n  check word: ${written.word}\n`, 'good'));
}

/** The line in the pieces in which it is said. */
function spoken({ head, sum, pin }: WrittenLine): string[] {
  const groups = Array.from({ length: Math.ceil(pin.length / GROUPS_A_LINE) }, (_, at) =>
    pin.slice(at * GROUPS_A_LINE, (at + 1) * GROUPS_A_LINE).join(' '),
  );
  // A word and what belongs to it are said together.
  const names = wrap(head.replace(/ (with|at|from|bandwidth) /g, ' $1\u00a0'), WIDTH - 2);
  return [
    ...names.map((line) => line.replaceAll('\u00a0', ' ')),
    `sum ${sum}${pin.length === 0 ? '' : ' pin'}`,
    ...groups,
  ].map((one) => `  ${one}`);
}
