/** A value as TOML writes it on one line. */
export function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, member]) => `${key} = ${toml(member)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  // What JSON escapes, TOML reads; it wants one character more escaped.
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}
