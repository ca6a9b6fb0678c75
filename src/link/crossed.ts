/** One stanza that crosses a link: told of only while somebody looks on. */
export interface CrossedEffect {
  readonly kind: 'crossed';
  readonly peer: string;
  readonly direction: 'in' | 'out';
  readonly xml: string;
  /** Of the XML, in UTF-8. */
  readonly bytes: number;
  /** What it took on the wire, with those that crossed with it; undefined on these. */
  readonly wire: number | undefined;
}

/** Tells of stanzas that crossed together, and what they took on the wire. */
export function crossed(
  peer: string,
  direction: CrossedEffect['direction'],
  stanzas: readonly string[],
  wire: number | undefined,
): CrossedEffect[] {
  return stanzas.map((xml, at) => ({
    kind: 'crossed',
    peer,
    direction,
    xml,
    bytes: Buffer.byteLength(xml),
    wire: at === 0 ? wire : undefined,
  }));
}
