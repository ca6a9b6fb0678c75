import type { PeerCertificate } from '../lib/effects.ts';
import { foundNames, namesDomain } from './certificate-names.ts';

/** How a server has proved that a domain is its own. */
export type Proof = 'certificate' | 'pin' | 'dialback';

/** What a certificate proves of a domain: how, or why it proves nothing, in words for both operators. */
export type Judgement = { readonly proof: 'certificate' | 'pin' } | { readonly reason: string };

/**
 * Judges what a peer has shown in TLS: with a pin that certificate and no other, else one that leads to an authority which
 * we trust, is valid now and names the domain (RFC 6120 §13.7.2, XEP-0178 §3).
 */
export function judge(certificate: PeerCertificate | undefined, domain: string, pin: string): Judgement {
  if (certificate === undefined) return { reason: 'no certificate was shown' };
  if (pin !== '')
    return certificate.sha256 === pin
      ? { proof: 'pin' }
      : { reason: `the certificate is ${certificate.sha256}, and ${pin} is pinned for ${domain}` };
  if (!namesDomain(certificate, domain))
    return { reason: `the certificate is for ${foundNames(certificate)}, and must be for ${domain}` };
  if (certificate.problem !== undefined) return { reason: certificate.problem };
  return { proof: 'certificate' };
}
