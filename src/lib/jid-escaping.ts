/** XEP-0106: what stands in a localpart for the characters that none can have. */

const ESCAPED = /\\(20|22|26|27|2f|3a|3c|3e|40|5c)/g;

/**
 * A localpart as people read it. Only for their eyes: addresses are compared, sent and kept escaped (§4.1). A space that is
 * the first or last character isn't one that was escaped.
 */
export function unescapeLocal(local: string): string {
  return local.replace(ESCAPED, (escape, code: string, at: number) =>
    code === '20' && (at === 0 || at + escape.length === local.length)
      ? escape
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
