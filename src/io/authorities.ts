import { configFiles } from './files.ts';

/** What Debian and its like keep of authorities. */
const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** A file of authorities that can't be used. The message is a line for the operator. */
export class AuthoritiesError extends Error {
  override readonly name = 'AuthoritiesError';
}

/**
 * The authorities that the operator has named, in PEM.
 * @throws {AuthoritiesError} Where there are none in that file.
 */
export function namedAuthorities(file: string): string {
  const held = configFiles.read(file);
  if (!held.ok) throw new AuthoritiesError(`the authorities in ${file} can't be read: ${held.reason}`);
  if (!held.text.includes('-----BEGIN CERTIFICATE-----'))
    throw new AuthoritiesError(`${file} holds no certificate of an authority in PEM`);
  return held.text;
}

/** Those that the machine trusts, in PEM; undefined where it keeps none, and Node's own are to be taken. */
export function systemAuthorities(bundle = SYSTEM_BUNDLE): string | undefined {
  const held = configFiles.read(bundle);
  if (!held.ok || !held.text.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  const further = extra === undefined || extra === '' ? undefined : configFiles.read(extra);
  return further?.ok === true ? `${held.text}\n${further.text}` : held.text;
}
