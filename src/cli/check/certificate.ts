import { certificateRemarks, identitySettings, isCertificateShown } from '../../app/certificate.ts';
import type { Config } from '../../config/config.ts';
import { fault, type Remark, warning } from '../../config/finding.ts';
import type { Path } from '../../config/positions.ts';
import { type Identity, IdentityError } from '../../io/identity.ts';
import { formatStamp } from '../../lib/stamp.ts';
import { type Examined, examined, type Scene } from './scene.ts';

/** Whether peers will take the certificate that they are shown. */
export function examineCertificate({ config, on }: Scene): Examined {
  if (!isCertificateShown(config)) return { remarks: [], checked: [] };
  const path = certificatePath(config);
  try {
    const identity = on.findIdentity(identitySettings(config), config.gateway.data);
    if (identity === undefined) return examined([], 'certificate', 'made at the first start');
    const now = on.now();
    const remarks = [
      ...certificateRemarks(identity, config, now).map(({ isFault, message }) =>
        (isFault ? fault : warning)(path, message),
      ),
      ...chainRemarks(identity, config, (pem, ca) => on.chainProblem(pem, ca, now)),
      ...ownPins(identity, config),
    ];
    const until = `until ${formatStamp(identity.notAfter).slice(0, 10)}`;
    const kind = identity.isSelfSigned ? ', self-signed' : '';
    return examined(remarks, 'certificate', until + kind);
  } catch (error) {
    if (error instanceof IdentityError) return { remarks: [fault(path, error.message)], checked: [] };
    throw error;
  }
}

/** Whoever takes a certificate by its issuers needs them all. */
function chainRemarks(
  { certificatePem }: Identity,
  { s2s }: Config,
  problemOf: (pem: string, ca: string | undefined) => string | undefined,
): Remark[] {
  if (s2s?.certificate === undefined || s2s.tls === 'off' || !s2s.auth.includes('external')) return [];
  const problem = problemOf(certificatePem, s2s.ca);
  return problem === undefined ? [] : [warning(['s2s', 'certificate'], problem)];
}

/** Each side writes the other's. */
function ownPins({ sha256 }: Identity, { links }: Config): Remark[] {
  return links.flatMap(({ pin, peer }, index) =>
    pin === sha256
      ? [fault(['link', index, 'pin'], `pin is our own certificate's (the one that fmucd status shows at ${peer})`)]
      : [],
  );
}

/** What in the file makes for a certificate. */
function certificatePath({ s2s, links }: Config): Path {
  if (s2s?.certificate !== undefined) return ['s2s', 'certificate'];
  return s2s !== undefined && s2s.tls !== 'off'
    ? ['s2s']
    : ['link', links.findIndex(({ tls }) => tls === 'pinned'), 'tls'];
}
