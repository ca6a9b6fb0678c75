import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { AuthoritiesError, namedAuthorities, systemAuthorities } from './authorities.ts';
import { validity } from './peer-certificate.ts';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * What other servers may have against what our certificate is shown with; undefined where it leads, one issuer after the
 * other, to an authority that this machine knows, or is its own issuer. `pem` is our certificate with its chain, `ca` the
 * operator's file of authorities, `now` in milliseconds since the epoch.
 */
export function chainProblem(pem: string, ca: string | undefined, now: number): string | undefined {
  const chain = certificatesIn(pem);
  const broken = chain.findIndex((one, at) => at > 0 && chain[at - 1]?.checkIssued(one) === false);
  if (broken > 0)
    return `certificate ${broken + 1} of the file isn't the issuer of the one before it (our own, then each one's issuer)`;
  const late = chain.findIndex((one, at) => at > 0 && now > validity(one).notAfter);
  if (late > 0)
    return `certificate ${late + 1} of the file, which stands behind ours, has expired (a chain that is valid)`;
  const last = chain.at(-1);
  if (last === undefined || last.checkIssued(last) || isKnown(last, ca)) return undefined;
  return "no authority that this machine knows has issued it: is its chain complete? (our own, then each one's issuer)";
}

function isKnown(last: X509Certificate, ca: string | undefined): boolean {
  try {
    const authorities = ca === undefined ? (systemAuthorities() ?? rootCertificates.join('\n')) : namedAuthorities(ca);
    return certificatesIn(authorities).some((authority) => last.checkIssued(authority));
  } catch (error) {
    if (error instanceof AuthoritiesError) return false;
    throw error;
  }
}

function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(CERTIFICATES) ?? []).flatMap((one) => {
    try {
      return [new X509Certificate(one)];
    } catch {
      return [];
    }
  });
}
