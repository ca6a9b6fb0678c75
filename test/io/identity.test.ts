import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findIdentity, IdentityError, loadIdentity } from '../../src/io/identity.ts';
import { peerCertificate } from '../../src/io/peer-certificate.ts';
import { Authority } from '../support/authority.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

const DOMAIN = 'rooms.denmark.lit';

let folder: string;

beforeEach(() => (folder = temporaryFolder()));
afterEach(endAll);

function openssl(...words: string[]): string {
  return execFileSync('openssl', words, { encoding: 'utf8' });
}

describe('a certificate of our own making', () => {
  test('is made once, kept for its owner alone, and found again', () => {
    expect(findIdentity({ domain: DOMAIN }, folder)).toBeUndefined();
    const made = loadIdentity({ domain: DOMAIN }, join(folder, 'data'));
    expect(statSync(join(folder, 'data', 'identity.pem')).mode & 0o777).toBe(0o600);
    expect(loadIdentity({ domain: DOMAIN }, join(folder, 'data'))).toEqual(made);
    expect(made).toMatchObject({ names: [DOMAIN], isSelfSigned: true });
    expect(made.notBefore).toBe(Date.UTC(2020, 0, 1));
    expect(made.notAfter).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
  });

  test('is what OpenSSL takes for one, and small', () => {
    const { certificatePem, keyPem, sha256 } = loadIdentity({ domain: DOMAIN }, folder);
    const x509 = new X509Certificate(certificatePem);
    expect(x509.raw.length).toBeLessThan(400);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(sha256);
    expect(x509.ca).toBe(false);
    expect(x509.checkHost(DOMAIN)).toBe(DOMAIN);
    const file = join(folder, 'certificate.pem');
    writeFileSync(file, certificatePem + keyPem);
    for (const purpose of ['sslserver', 'sslclient'])
      expect(openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', file, '-partial_chain', file)).toContain(
        ': OK',
      );
    const text = openssl('x509', '-in', file, '-noout', '-text');
    expect(text).toContain('Version: 3');
    expect(text).toContain('ASN1 OID: prime256v1');
    expect(text).toMatch(/DNS:rooms\.denmark\.lit, othername: XmppAddr:+\s*rooms\.denmark\.lit/);
    expect(openssl('asn1parse', '-in', file)).not.toContain('Error');
  });

  test('has an internationalised domain in both its forms (RFC 6120 §13.7.1.2)', () => {
    const { certificatePem, names } = loadIdentity({ domain: 'räume.dänemark.lit' }, folder);
    expect(names).toEqual(['xn--rume-loa.xn--dnemark-5wa.lit', 'räume.dänemark.lit']);
    const shown = peerCertificate(new X509Certificate(certificatePem).raw, undefined, Date.UTC(2030, 1));
    expect(shown).toMatchObject({ dnsNames: [names[0]], xmppAddresses: [names[1]] });
    expect(shown.problem).toBeUndefined();
  });

  test.each([
    ['the longest domain', `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`],
    ['a numeric domain', '[2001:db8::1]'],
  ])('can be made for %s', (_name, domain) => {
    expect(loadIdentity({ domain }, folder).names).toContain(domain);
    expect(findIdentity({ domain }, folder)).toBeDefined();
  });

  test('serials are positive and differ', () => {
    const serials = [1, 2, 3].map((number) => {
      const { certificatePem } = loadIdentity({ domain: DOMAIN }, join(folder, String(number)));
      return new X509Certificate(certificatePem).serialNumber;
    });
    expect(new Set(serials).size).toBe(3);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{15}$/);
  });

  test("another domain gets another one, and the former's is set aside", () => {
    const former = loadIdentity({ domain: DOMAIN }, folder);
    const other = loadIdentity({ domain: 'halls.denmark.lit' }, folder);
    expect(other.sha256).not.toBe(former.sha256);
    expect(readFileSync(join(folder, 'identity.pem.former'), 'utf8')).toContain(former.certificatePem);
  });

  test('a key that others may read is refused', () => {
    loadIdentity({ domain: DOMAIN }, folder);
    chmodSync(join(folder, 'identity.pem'), 0o640);
    expect(() => loadIdentity({ domain: DOMAIN }, folder)).toThrow('others may read it');
  });

  test('a damaged one is not replaced in silence: peers have pinned it', () => {
    writeFileSync(join(folder, 'identity.pem'), '', { mode: 0o600 });
    expect(() => loadIdentity({ domain: DOMAIN }, folder)).toThrow(IdentityError);
  });

  test('says why it can be kept nowhere', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => loadIdentity({ domain: DOMAIN }, join(folder, 'file', 'data'))).toThrow(
      /not a directory|can't be read/,
    );
  });
});

describe("the operator's certificate", () => {
  test('is taken with its chain, expired or not, for whatever names', () => {
    const intermediate = Authority.make(folder).intermediate(join(folder, 'intermediate'));
    const { certificate, key } = intermediate.issue({
      names: ['denmark.lit', '*.denmark.lit'],
      srvNames: ['_xmpp-server.denmark.lit'],
      xmppAddresses: ['denmark.lit'],
      notBefore: '20200101000000Z',
      notAfter: '20210101000000Z',
    });
    const identity = loadIdentity({ domain: DOMAIN, certificate, key }, folder);
    expect(identity.certificatePem.match(/BEGIN/g)).toHaveLength(2);
    expect(identity).toMatchObject({
      names: ['denmark.lit', '*.denmark.lit', '_xmpp-server.denmark.lit'],
      notAfter: Date.UTC(2021, 0, 1),
      isSelfSigned: false,
    });
  });

  test.each([
    ['no such file', (file: string) => ({ certificate: `${file}.not`, key: file }), "can't be read: no such file"],
    ['the key of another', (file: string, other: string) => ({ certificate: file, key: other }), "isn't the one of"],
    ['no certificate', (_file: string, other: string) => ({ certificate: other, key: other }), 'holds no certificate'],
    ['no key', (file: string) => ({ certificate: file, key: file }), 'holds no private key'],
  ])('says what is wrong with it: %s', (_name, choose, text) => {
    const authority = Authority.make(folder);
    const [one, other] = [authority.issue({ names: [DOMAIN] }), authority.issue({ names: [DOMAIN] })];
    expect(() => loadIdentity({ domain: DOMAIN, ...choose(one.certificate, other.key) }, folder)).toThrow(text);
  });

  test('a key with a passphrase is nothing for a box', () => {
    const { certificate, key } = Authority.make(folder).issue({ names: [DOMAIN] });
    openssl('ec', '-in', key, '-out', `${key}.locked`, '-aes128', '-passout', 'pass:sesame');
    expect(() => loadIdentity({ domain: DOMAIN, certificate, key: `${key}.locked` }, folder)).toThrow('passphrase');
  });
});
