/** Numeric network addresses as text: recognised, and brought to one form so that they compare as text. */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Whether the text is a dotted-decimal IPv4 address. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** Whether the text is an IPv6 address (RFC 4291 §2.2), without brackets and zone. */
export function isIpv6(text: string): boolean {
  return ipv6Groups(text) !== undefined;
}

/**
 * One text for each address: IPv4 as it is, IPv6 as eight groups, an IPv4-mapped one (`::ffff:10.1.0.2`, RFC 4291
 * §2.5.5.2) as the IPv4 address. A zone (`%eth0`) is kept. Undefined where the text isn't a numeric address.
 */
export function normaliseAddress(text: string): string | undefined {
  if (isIpv4(text)) return text;
  const [address = '', zone] = text.split('%', 2);
  const groups = ipv6Groups(address);
  if (groups === undefined) return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  const normal = groups.map((group) => group.toString(16)).join(':');
  return zone === undefined ? normal : `${normal}%${zone}`;
}

/** `host:port`, an IPv6 address in brackets. */
export function formatAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  return isIpv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

const GROUPS = 8;

function ipv6Groups(text: string): readonly number[] | undefined {
  const [head = '', tail, extra] = text.split('::');
  if (extra !== undefined) return undefined;
  const before = groupsOf(head, tail === undefined);
  const after = groupsOf(tail ?? '', true);
  if (before === undefined || after === undefined) return undefined;
  const missing = GROUPS - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

/** The groups on one side of `::`; the last of them all may be an IPv4 address. */
function groupsOf(half: string, isLast: boolean): number[] | undefined {
  if (half === '') return [];
  const groups: number[] = [];
  const pieces = half.split(':');
  for (const [at, piece] of pieces.entries()) {
    if (/^[\da-f]{1,4}$/i.test(piece)) groups.push(Number.parseInt(piece, 16));
    else if (isLast && at === pieces.length - 1 && isIpv4(piece)) {
      const [a = 0, b = 0, c = 0, d = 0] = piece.split('.').map(Number);
      groups.push((a << 8) | b, (c << 8) | d);
    } else return undefined;
  }
  return groups;
}
