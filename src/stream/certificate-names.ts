import type { PeerCertificate } from '../lib/effects.ts';
import { asciiDomain } from '../lib/idna.ts';

/** Names of a certificate that a text tells of; the others are counted. */
export const MAX_FOUND_NAMES = 5;
/** Characters of one of them. */
export const MAX_NAME_CHARACTERS = 80;

/**
 * Whether a certificate names the domain, as servers that speak for it do (RFC 6120 §13.7.1.2, RFC 6125 §6.4 and §6.5): by a DNS
 * name, whose first label may be a wildcard for one label, by the SRV name of our service, or by the XMPP address. An address
 * on the network is never named. Whether the certificate is valid is another question.
 */
export function namesDomain(certificate: PeerCertificate, domain: string): boolean {
  const wanted = asciiDomain(domain);
  if (wanted === undefined) return false;
  const { dnsNames, srvNames, xmppAddresses } = certificate;
  return (
    dnsNames.some((name) => matches(name, wanted)) ||
    srvNames.some((name) => plainName(name) === `_xmpp-server.${wanted}`) ||
    xmppAddresses.some((name) => asciiDomain(name) === wanted)
  );
}

/** The names that were found, short and without anything that could be more than text. */
export function foundNames({ dnsNames, srvNames, xmppAddresses }: PeerCertificate): string {
  const names = [...new Set([...dnsNames, ...srvNames, ...xmppAddresses])];
  if (names.length === 0) return 'no name';
  const shown = names.slice(0, MAX_FOUND_NAMES).map(readable).join(', ');
  return names.length > MAX_FOUND_NAMES ? `${shown} and ${names.length - MAX_FOUND_NAMES} more` : shown;
}

/** RFC 6125 §6.4.3, and no wildcard for all that is beneath a top-level domain. */
function matches(presented: string, wanted: string): boolean {
  const name = plainName(presented);
  if (!name.startsWith('*.')) return name === wanted;
  const parent = name.slice(2);
  return parent.includes('.') && wanted.slice(wanted.indexOf('.') + 1) === parent;
}

/** These are ASCII in a certificate (RFC 5280 §4.2.1.6, RFC 4985 §2); a final dot means nothing. */
function plainName(presented: string): string {
  return presented.replace(/\.$/, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function readable(name: string): string {
  const characters = Array.from(name.slice(0, 2 * (MAX_NAME_CHARACTERS + 1)));
  const shown = characters
    .slice(0, MAX_NAME_CHARACTERS)
    .join('')
    .replace(/[^\p{L}\p{M}\p{N}.*@_-]/gu, '?');
  return characters.length > MAX_NAME_CHARACTERS ? `${shown}…` : shown;
}
