import { type Der, DerError, oid, readDer, readWithin, TAG } from './der.ts';

/** Of a certificate's subject alternative names (RFC 5280 §4.2.1.6), those that XMPP looks at. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly srvNames: readonly string[];
  readonly xmppAddresses: readonly string[];
}

export const SUBJECT_ALT_NAME = oid('2.5.29.17');
/** RFC 6120 §13.7.1.4. */
export const ID_ON_XMPP_ADDR = oid('1.3.6.1.5.5.7.8.5');
/** RFC 4985 §2. */
const ID_ON_DNS_SRV = oid('1.3.6.1.5.5.7.8.7');

/** Names that are looked at; a certificate of a big host has some dozens. */
export const MAX_NAMES = 256;

/**
 * Reads the names out of the certificate itself: text that shows them can be made to show others. One that has a
 * character that no such name can have is passed over.
 * @throws {DerError} Where it can't be read.
 */
export function alternativeNames(certificate: Uint8Array): AlternativeNames {
  const names = { dnsNames: [] as string[], srvNames: [] as string[], xmppAddresses: [] as string[] };
  const add = (list: string[], name: string | undefined): void => void (name !== undefined && list.push(name));
  for (const { tag, content } of generalNames(certificate).slice(0, MAX_NAMES)) {
    if (tag === TAG.context(2, false)) add(names.dnsNames, asciiName(content));
    if (tag !== TAG.context(0)) continue;
    const [type, explicit] = readDer(content);
    const [value] = readWithin(explicit, TAG.context(0));
    if (type === undefined || value === undefined) throw new DerError('a name without its type or value');
    if (isOid(type, ID_ON_XMPP_ADDR) && value.tag === TAG.utf8String) add(names.xmppAddresses, utf8Name(value.content));
    if (isOid(type, ID_ON_DNS_SRV) && value.tag === TAG.ia5String) add(names.srvNames, asciiName(value.content));
  }
  return names;
}

function generalNames(certificate: Uint8Array): Der[] {
  const [tbs] = readWithin(readDer(certificate)[0]);
  const extensions = readWithin(tbs).find(({ tag }) => tag === TAG.context(3));
  if (extensions === undefined) return [];
  const list = readWithin(readWithin(extensions, TAG.context(3))[0]).map((extension) => readWithin(extension));
  const found = list.filter(([type]) => type !== undefined && isOid(type, SUBJECT_ALT_NAME));
  if (found.length > 1) throw new DerError('the names stand there twice');
  const value = found[0]?.at(-1);
  if (value === undefined) return [];
  if (value.tag !== TAG.octetString) throw new DerError('names in no octet string');
  return readWithin(readDer(value.content)[0]);
}

function isOid({ whole }: Der, wanted: Uint8Array): boolean {
  return Buffer.compare(whole, wanted) === 0;
}

/** What DNS names and SRV names are made of: letters, digits, hyphen, dot, underline, and the asterisk of a wildcard. */
function asciiName(bytes: Uint8Array): string | undefined {
  const name = Buffer.from(bytes).toString('latin1');
  return /^[\w.*-]+$/.test(name) ? name : undefined;
}

function utf8Name(bytes: Uint8Array): string | undefined {
  try {
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return name === '' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) ? undefined : name;
  } catch {
    return undefined;
  }
}
