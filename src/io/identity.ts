import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { alternativeNames } from './alternative-names.ts';
import { configFiles, fileProblem, keepText } from './files.ts';
import { validity } from './peer-certificate.ts';
import { makeSelfSigned } from './self-signed.ts';

/** The certificate that we show, and its key. */
export interface Identity {
  /** With the chain, where the file has one. */
  readonly certificatePem: string;
  readonly keyPem: string;
  /** SHA-256 of the certificate's DER form: 64 lower-case hexadecimal digits, which is what peers pin. */
  readonly sha256: string;
  /** Every name in it that XMPP looks at, each once. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isSelfSigned: boolean;
}

/** What of the operator's file leads to an identity. */
export interface IdentitySettings {
  /** Our own domain. */
  readonly domain: string;
  /** PEM files; where there is no certificate, one is made. A key that isn't named stands with the certificate. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** A certificate or key that can't be used. The message is a line for the operator. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
}

/** In the data directory: key and certificate. */
export const IDENTITY_FILE = 'identity.pem';

/** What becomes of it where the gateway has got another domain. */
const FORMER = 'identity.pem.former';

/**
 * The operator's certificate, or else the one of the data directory, which is made where there is none for the domain yet.
 * That it has expired, or is for other names, is no error.
 *
 * @throws {IdentityError} Where it can't be read, doesn't fit its key, or can't be kept.
 */
export function loadIdentity(settings: IdentitySettings, dataDir: string): Identity {
  const found = findIdentity(settings, dataDir);
  if (found !== undefined) return found;
  const { certificatePem, keyPem } = makeSelfSigned(settings.domain);
  const file = join(dataDir, IDENTITY_FILE);
  const problem = fileProblem(() => {
    mkdirSync(dataDir, { recursive: true });
    if (configFiles.read(file).ok) renameSync(file, join(dataDir, FORMER));
    keepText(file, keyPem + certificatePem);
  });
  if (problem !== undefined) throw new IdentityError(`no certificate can be kept as ${file}: ${problem}`);
  return identityOf(certificatePem, keyPem, file, file);
}

/**
 * The same without making one: undefined where one would be made.
 * @throws {IdentityError}
 */
export function findIdentity({ domain, certificate, key }: IdentitySettings, dataDir: string): Identity | undefined {
  if (certificate !== undefined) {
    const keyFile = key ?? certificate;
    return identityOf(readPem(certificate), readPem(keyFile), certificate, keyFile);
  }
  const file = join(dataDir, IDENTITY_FILE);
  const held = configFiles.read(file);
  if (!held.ok && held.isMissing) return undefined;
  if (held.ok && (held.mode & 0o077) !== 0)
    throw new IdentityError(`${file} holds our key, and others may read it: chmod 600 it, or remove it for a new one`);
  const pem = readPem(file);
  const identity = identityOf(pem, pem, file, file);
  return identity.names.includes(domain) ? identity : undefined;
}

function readPem(file: string): string {
  const held = configFiles.read(file);
  if (!held.ok) throw new IdentityError(`${file} can't be read: ${held.reason}`);
  return held.text;
}

function identityOf(certificateText: string, keyText: string, certificateFile: string, keyFile: string): Identity {
  const chain = certificateText.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (chain === null) throw new IdentityError(`${certificateFile} holds no certificate in PEM`);
  const certificatePem = `${chain.join('\n')}\n`;
  const x509 = parsed(
    () => new X509Certificate(certificatePem),
    `${certificateFile} holds no certificate that can be read`,
  );
  const { dnsNames, srvNames, xmppAddresses } = parsed(
    () => alternativeNames(x509.raw),
    `the names in the certificate of ${certificateFile} can't be read`,
  );
  const key = readKey(keyText, keyFile);
  if (!x509.checkPrivateKey(key))
    throw new IdentityError(
      `the key in ${keyFile} isn't the one of the first certificate in ${certificateFile} (our own stands first, then its chain)`,
    );
  return {
    certificatePem,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    names: [...new Set([...dnsNames, ...xmppAddresses, ...srvNames])],
    ...validity(x509),
    isSelfSigned: x509.checkIssued(x509) && x509.verify(x509.publicKey),
  };
}

function readKey(text: string, file: string): KeyObject {
  if (text.includes('ENCRYPTED'))
    throw new IdentityError(
      `the key in ${file} wants a passphrase, and nobody is here to type it: store it without one`,
    );
  return parsed(() => createPrivateKey(text), `${file} holds no private key in PEM that can be read`);
}

function parsed<T>(parse: () => T, otherwise: string): T {
  try {
    return parse();
  } catch {
    throw new IdentityError(otherwise);
  }
}
