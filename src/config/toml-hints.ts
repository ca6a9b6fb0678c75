/** What TOML allows where the parser refuses, for people who don't know TOML. By the parser's own words. */
const HINTS: Readonly<Record<string, string>> = {
  'invalid value': 'text in "quotes", a number, true or false, a list, a table',
  'illegal character in numeric literal': 'a number; an address or other text stands in "quotes"',
  'illegal character in key': 'key = value, or a [header]',
  'unexpected end of key': 'key = value, or a [header]',
  'unfinished string': 'text ends with its quote, on the same line',
  'control characters are not allowed in strings': 'text ends with its quote, on the same line',
  'trying to redefine an already defined table or value':
    'each key and each [table] once; [[link]] and [[room]] may come again',
  'each key-value declaration must be followed by an end-of-line': 'one key a line; text in "quotes"',
  'expected comma or end of structure': 'a comma between entries, ] or } behind the last',
  'illegal leading zero': 'numbers without a 0 in front',
  'unrecognised escape sequence': "a backslash is written \\\\, or all as it is in 'quotes' like these",
};

/** A fault of syntax as it is told: what is wrong, and what TOML allows. */
export function tomlMessage(reason: string): string {
  const hint = HINTS[reason];
  return `${reason} (TOML${hint === undefined ? '' : `: ${hint}`})`;
}
