import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { asciiDomain } from '../lib/idna.ts';
import { ID_ON_XMPP_ADDR, SUBJECT_ALT_NAME } from './alternative-names.ts';
import { der, oid, TAG } from './der.ts';

/** Valid by the clock of any box, also one that starts in its own past, and not longer than two digits of a year tell. */
const NOT_BEFORE = '200101000000Z';
const NOT_AFTER = '491231235959Z';

/** The longest common name (RFC 5280, ub-common-name). */
const MAX_COMMON_NAME = 64;

const ECDSA_WITH_SHA256 = der(TAG.sequence, oid('1.2.840.10045.4.3.2'));

/**
 * A fresh key on P-256 and a certificate for a domain that it has signed itself: dNSName and XmppAddr (RFC 6120 §13.7.1.2)
 * and nothing that peers can do without, since it crosses slow links. Both in PEM.
 */
export function makeSelfSigned(domain: string): { certificatePem: string; keyPem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ascii = asciiDomain(domain);
  const name = nameOf(ascii !== undefined && ascii.length <= MAX_COMMON_NAME ? ascii : 'fmucd');
  const toBeSigned = der(
    TAG.sequence,
    der(TAG.context(0), integer(2)),
    der(TAG.integer, serial()),
    ECDSA_WITH_SHA256,
    name,
    der(TAG.sequence, text(TAG.utcTime, NOT_BEFORE), text(TAG.utcTime, NOT_AFTER)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(TAG.context(3), der(TAG.sequence, alternativeNamesOf(ascii, domain))),
  );
  const signature = der(TAG.bitString, Uint8Array.of(0), sign('sha256', toBeSigned, privateKey));
  const certificate = der(TAG.sequence, toBeSigned, ECDSA_WITH_SHA256, signature);
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function alternativeNamesOf(ascii: string | undefined, domain: string): Uint8Array {
  const dnsName = ascii === undefined ? [] : [text(TAG.context(2, false), ascii)];
  const xmppAddr = der(TAG.context(0), ID_ON_XMPP_ADDR, der(TAG.context(0), text(TAG.utf8String, domain)));
  const names = der(TAG.sequence, ...dnsName, xmppAddr);
  return der(TAG.sequence, SUBJECT_ALT_NAME, der(TAG.octetString, names));
}

function nameOf(commonName: string): Uint8Array {
  const attribute = der(TAG.sequence, oid('2.5.4.3'), text(TAG.utf8String, commonName));
  return der(TAG.sequence, der(TAG.set, attribute));
}

function integer(value: number): Uint8Array {
  return der(TAG.integer, Uint8Array.of(value));
}

/** A positive number in as few bytes as it takes: the first of eight is neither 0 nor 128 or more. */
function serial(): Uint8Array {
  const bytes = randomBytes(8);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes;
}

function text(tag: number, value: string): Uint8Array {
  return der(tag, Buffer.from(value));
}

function pem(label: string, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
