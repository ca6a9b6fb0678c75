/** The files that [s2s] names: whether they are there, are what they should be, and are kept from others. */

import type { Draft } from './draft.ts';
import type { ConfigFiles } from './files.ts';
import { fault, type Remark } from './finding.ts';
import { resolvePath } from './paths.ts';
import { openToOthers } from './private-file.ts';

/** RFC 7468 §5.1. */
const CERTIFICATE = /^-----BEGIN CERTIFICATE-----$/m;
/** RFC 7468 §10, and the older forms that OpenSSL writes. */
const KEY = /^-----BEGIN (?:RSA |EC )?PRIVATE KEY-----$/m;
/** RFC 7468 §11, and what the older forms say. */
const ENCRYPTED = /^(?:-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)$/m;

/** `file` is the operator's own. */
export function* certificateRules(draft: Draft, file: string, files: ConfigFiles): Generator<Remark> {
  const { certificate, key, ca } = draft.values.s2s ?? {};
  const read = (path: string) => files.read(resolvePath(file, path));
  for (const [name, path] of Object.entries({ certificate, ca })) {
    if (path === undefined) continue;
    const content = read(path);
    if (!content.ok) yield unreadable(name, content.reason, 'a PEM file of certificates');
    else if (!CERTIFICATE.test(content.text.replaceAll('\r', '')))
      yield fault(['s2s', name], `there is no certificate in ${name} (PEM: -----BEGIN CERTIFICATE-----)`);
  }
  if (key === undefined) return;
  const content = read(key);
  if (!content.ok) {
    yield unreadable('key', content.reason, 'a PEM file of a private key');
    return;
  }
  const text = content.text.replaceAll('\r', '');
  const exposed = openToOthers('the key', content.mode);
  if (exposed !== undefined) yield fault(['s2s', 'key'], exposed);
  if (ENCRYPTED.test(text))
    yield fault(
      ['s2s', 'key'],
      'the key is encrypted, and there is nobody to ask for its password (a key without one)',
    );
  else if (!KEY.test(text))
    yield fault(['s2s', 'key'], 'there is no private key in key (PEM: -----BEGIN PRIVATE KEY-----)');
}

function unreadable(name: string, reason: string, wanted: string): Remark {
  return fault(['s2s', name], `${name} can't be read: ${reason} (${wanted})`);
}
