import { hasColours } from '../io/colours.ts';

/** What a piece of a screen is to a reader; its colour says it a second time, never alone. */
export type Tint = 'title' | 'good' | 'warning' | 'fault' | 'aside';

/** Puts a text into the colour of its meaning. The text takes no more room than before. */
export type Paint = (text: string, tint: Tint | undefined) => string;

/** Select Graphic Rendition (ECMA-48 §8.3.117), of what every console knows: bold, faint and the eight colours. */
export const SGR: Readonly<Record<Tint, string>> = { title: '1', good: '32', warning: '33', fault: '1;31', aside: '2' };

/** For a terminal without colours, a file or a pipe. */
export const unpainted: Paint = (text) => text;

/** For a terminal with colours. */
export const painted: Paint = (text, tint) =>
  tint === undefined || text === '' ? text : `\u001b[${SGR[tint]}m${text}\u001b[0m`;

/** What suits a stream: colours on a terminal that has them, unless the operator wants none. */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  return hasColours(stream, environment) ? painted : unpainted;
}
