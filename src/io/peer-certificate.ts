import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from '../lib/effects.ts';
import { alternativeNames } from './alternative-names.ts';

/** Why OpenSSL doesn't trust a chain, by its code, in words for the operator. */
const CHAIN_PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: "from an authority that isn't trusted here (its certificate came along)",
  UNABLE_TO_GET_ISSUER_CERT: 'from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'from an unknown authority (or sent without its chain)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'from an unknown authority (or sent without its chain)',
  CERT_SIGNATURE_FAILURE: 'with a wrong signature in its chain',
  CERT_CHAIN_TOO_LONG: 'with too long a chain',
  INVALID_CA: 'issued by a certificate that may not issue any',
  PATH_LENGTH_EXCEEDED: 'issued by a certificate that may not issue any',
  INVALID_PURPOSE: 'not made for this: its extended key usage lacks this side of TLS',
  CERT_REVOKED: 'revoked',
  CERT_UNTRUSTED: "from an authority that isn't trusted for this",
  CERT_REJECTED: 'from an authority that rejects this use',
};

/** Those that say nothing but when a certificate is valid. */
const DATE_CODES: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/**
 * What is told of a peer's certificate. OpenSSL names one fault of a chain, the last that it met, which may hide others:
 * so whatever it names leaves the chain unproven.
 *
 * @param certificate Its DER form.
 * @param code What OpenSSL has against its chain; undefined where nothing.
 * @param now In milliseconds since the epoch.
 */
export function peerCertificate(certificate: Uint8Array, code: string | undefined, now: number): PeerCertificate {
  const x509 = new X509Certificate(certificate);
  const sha256 = x509.fingerprint256.replaceAll(':', '').toLowerCase();
  const dates = dateProblem(x509, now);
  const problems = [chainProblem(code, dates !== undefined), dates].filter((text) => text !== undefined);
  const problem = problems.length === 0 ? {} : { problem: problems.join(', and ') };
  try {
    return { sha256, ...problem, ...alternativeNames(certificate) };
  } catch {
    return { sha256, problem: "its names can't be read", dnsNames: [], srvNames: [], xmppAddresses: [] };
  }
}

/** When the certificate itself isn't valid, and what may be wrong instead: a box often doesn't know the time. */
function dateProblem(x509: X509Certificate, now: number): string | undefined {
  const { notBefore, notAfter } = validity(x509);
  if (now > notAfter) return `expired since ${dateOf(notAfter)} (here it is ${dateOf(now)})`;
  if (now < notBefore) return `not yet valid until ${dateOf(notBefore)} (here it is ${dateOf(now)}: set the clock)`;
  return undefined;
}

/** When a certificate is valid, in milliseconds since the epoch. */
export function validity(x509: X509Certificate): { notBefore: number; notAfter: number } {
  return { notBefore: Date.parse(x509.validFrom), notAfter: Date.parse(x509.validTo) };
}

function chainProblem(code: string | undefined, isDated: boolean): string | undefined {
  if (code === undefined) return undefined;
  if (!DATE_CODES.has(code)) return CHAIN_PROBLEMS[code] ?? `not to be verified (${code})`;
  if (isDated) return undefined;
  return code === 'CERT_HAS_EXPIRED'
    ? 'with an expired certificate in its chain'
    : 'with one in its chain not yet valid';
}

function dateOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : 'an unknown date';
}
