/** Whether a stream is a terminal that has colours, unless the operator wants none (NO_COLOR). */
export function hasColours(
  { isTTY }: { readonly isTTY?: boolean },
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTTY === true && !NO_COLOR && TERM !== undefined && TERM !== 'dumb' && !TERM.endsWith('-m');
}
