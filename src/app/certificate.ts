import type { Config } from '../config/config.ts';
import type { CertificateReport } from '../gateway/report.ts';
import { type Identity, IdentityError, type IdentitySettings, loadIdentity } from '../io/identity.ts';
import { formatStamp } from '../lib/stamp.ts';
import { foundNames, namesDomain } from '../stream/certificate-names.ts';

/** Days before a certificate expires in which its operator is told so. */
const RENEWAL_DAYS = 30;

const DAY_MS = 86_400_000;

/** What is wrong with our own certificate, in words for the operator and what to do. */
export interface CertificateRemark {
  /** Whether peers refuse it now. */
  readonly isFault: boolean;
  readonly message: string;
}

/** Whether peers are shown a certificate: other servers, or those of pinned links. */
export function isCertificateShown({ s2s, links }: Config): boolean {
  return isShownToServers(s2s) || links.some(({ tls }) => tls === 'pinned');
}

export function identitySettings({ gateway: { domain }, s2s }: Config): IdentitySettings {
  return { domain, certificate: s2s?.certificate, key: s2s?.key };
}

/** What a gateway has to show. */
export interface OwnCertificate {
  readonly identity?: Identity;
  /** Why the one that it should have is of no use; set only where peers are to be shown it. */
  readonly problem?: string;
}

/**
 * The certificate of a gateway that runs with that file. Where none is named it has one of its own from the first start on, also
 * while nobody is shown it: a peer that is to pin it has to be told of it before.
 */
export function ownCertificate(config: Config): OwnCertificate {
  try {
    return { identity: loadIdentity(identitySettings(config), config.gateway.data) };
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    return isCertificateShown(config) ? { problem: error.message } : {};
  }
}

/**
 * The same at the start.
 * @throws {IdentityError} Where the one that the file names is of no use.
 */
export function certificateAtStart(config: Config): OwnCertificate {
  const own = ownCertificate(config);
  if (own.problem !== undefined && config.s2s?.certificate !== undefined) throw new IdentityError(own.problem);
  return own;
}

/** The same once the file, or what it names, may have changed. One that is of no use leaves the one before in its place. */
export function renewedCertificate(before: OwnCertificate, config: Config): OwnCertificate {
  const own = ownCertificate(config);
  return own.problem === undefined ? own : { ...before, ...own };
}

/** What is wrong with it now, a line each. */
export function certificateProblems({ identity, problem }: OwnCertificate, config: Config, now: number): string[] {
  const remarks = identity === undefined ? [] : certificateRemarks(identity, config, now);
  return [...(problem === undefined ? [] : [problem]), ...remarks.map(({ message }) => message)];
}

export function certificateReport({ identity }: OwnCertificate): CertificateReport | null {
  if (identity === undefined) return null;
  const { sha256, names, notAfter, isSelfSigned } = identity;
  return { sha256, names, expires: formatStamp(notAfter), self_signed: isSelfSigned };
}

/**
 * What is wrong with the certificate for other servers: whoever has pinned it looks at neither names nor dates. `now` is in
 * milliseconds since the epoch.
 */
export function certificateRemarks(identity: Identity, config: Config, now: number): CertificateRemark[] {
  if (!isShownToServers(config.s2s)) return [];
  return [nameRemark(identity, config), dateRemark(identity, now)].filter((remark) => remark !== undefined);
}

function nameRemark({ sha256, names }: Identity, { gateway: { domain }, s2s }: Config): CertificateRemark | undefined {
  const certificate = { sha256, dnsNames: names, srvNames: names, xmppAddresses: names };
  if (namesDomain(certificate, domain)) return undefined;
  const message = `the certificate is for ${foundNames(certificate)} and not for ${domain} (one that names the gateway's domain)`;
  return { isFault: s2s?.auth.includes('external') === true, message };
}

function dateRemark({ notBefore, notAfter }: Identity, now: number): CertificateRemark | undefined {
  const here = `here it is ${dateOf(now)}`;
  if (now > notAfter)
    return {
      isFault: true,
      message: `the certificate has expired on ${dateOf(notAfter)}, and ${here} (a new certificate, unless the clock is wrong)`,
    };
  if (now < notBefore)
    return {
      isFault: true,
      message: `the certificate isn't valid before ${dateOf(notBefore)}, and ${here} (set the clock, or another certificate)`,
    };
  const days = Math.ceil((notAfter - now) / DAY_MS);
  if (days > RENEWAL_DAYS) return undefined;
  const left = days <= 1 ? 'within a day' : `in ${days} days`;
  return { isFault: false, message: `the certificate expires ${left}, on ${dateOf(notAfter)} (a new certificate)` };
}

function isShownToServers(s2s: Config['s2s']): boolean {
  return s2s !== undefined && s2s.tls !== 'off';
}

function dateOf(time: number): string {
  return formatStamp(time).slice(0, 'YYYY-MM-DD'.length);
}
