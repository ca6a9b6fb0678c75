/** Terminals without colours, by their names in terminfo; a serial console is a VT100 for whoever knows no better. */
const COLOURLESS = /^(?:dumb|unknown|vt\d.*|.*-m)$/;

/** Whether a stream is a terminal that has colours, unless the operator wants none (NO_COLOR). */
export function hasColours(
  { isTTY }: { readonly isTTY?: boolean },
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTTY === true && !NO_COLOR && TERM !== undefined && !COLOURLESS.test(TERM);
}
