/**
 * Characters that take two columns on a terminal: those of East Asian width W and F (UAX #11), which pictures are as well,
 * but for the letters that flags are made of.
 */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}/u;

/** What stands on the character before it: marks, and the later parts of a Korean syllable. */
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;

/** Text that is as wide as it is long. */
const NARROW = /^[\u0020-\u02ff]*$/;

/** Columns that a text takes on a terminal: two for a Chinese character, none for an accent of its own. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** How many characters (of UTF-16) of a text fit into that many columns. */
export function fitting(text: string, columns: number): number {
  let left = columns;
  let end = 0;
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) return end;
    end += character.length;
  }
  return end;
}

function widthOf(character: string): number {
  if (NARROW.test(character)) return 1;
  if (WITHOUT_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The text in a field of so many columns, at its left or right. */
export function padded(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const room = ' '.repeat(Math.max(0, columns - columnsOf(text)));
  return align === 'right' ? room + text : text + room;
}
