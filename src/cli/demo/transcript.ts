import { plain, printable } from '../text.ts';
import type { Actor } from './actor.ts';
import { ARROW, count, seconds, totalsSpans } from './air-text.ts';
import type { Crossing } from './meter.ts';
import { ALWAYS, CONVERSATION, type Expectation, PROLOGUE } from './script.ts';
import type { Sight } from './sight.ts';
import { sightSpans } from './sight-text.ts';
import type { Stage } from './stage.ts';

/** Takes one line of output. */
export type Print = (line: string) => void;

/** What somebody sees, as a line. */
export function sightLine(elapsed: number, { person }: Actor, sight: Sight): string {
  return `${time(elapsed)}  ${person.name.padEnd(6)}  ${plain(sightSpans(sight, ''))}`;
}

/** What has crossed: a line about it, and the bytes themselves. */
export function crossingLines(elapsed: number, { direction, gist, bytes, xml }: Crossing): string[] {
  const head = `${time(elapsed)}  ${ARROW[direction]}       ${gist.kind}, ${count(bytes)} bytes`;
  return [head, `${' '.repeat(INDENT)}${printable(xml)}`];
}

/** Plays the whole script, prints as it goes, and resolves to what was expected and not seen. */
export async function play(
  stage: Stage,
  program: readonly string[],
  signal: AbortSignal,
  print: Print,
): Promise<string[]> {
  const steps = [...PROLOGUE, ...CONVERSATION];
  const met = ({ seen }: Expectation): boolean => seen(stage);
  const broken = (): boolean => !ALWAYS.every(met);
  print('Two gateways, each with its server, and a link between them: 2400 bit/s, half-duplex, 300 ms each way.');
  print('→ is what crosses it from elsinore to rabbithole, ← the other way.');
  await stage.start(program, signal);
  for (const { text, act, expects } of steps) {
    if (signal.aborted || broken()) break;
    print(`\n${text}`);
    act(stage);
    await stage.until(() => expects.every(met) || broken(), signal);
  }
  if (!signal.aborted) print('\nThe gateways stop');
  const problems = signal.aborted ? [] : await stage.close();
  const expected: readonly Expectation[] = [...steps.flatMap(({ expects }) => expects), ...ALWAYS];
  const missing = expected.filter((expectation) => !met(expectation));
  print(`\n${plain(totalsSpans(stage.air)).trim()}`);
  print(`${expected.length - missing.length} of ${expected.length} expectations met`);
  return [...missing.map(({ text }) => text), ...problems];
}

/** Where the text of a line begins. */
const INDENT = 18;

function time(elapsed: number): string {
  return seconds(elapsed).padStart(8);
}
