import { X509Certificate } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alternativeNames, MAX_NAMES } from '../../src/io/alternative-names.ts';
import { type Der, DerError, der, oid, readDer, readWithin, TAG } from '../../src/io/der.ts';
import { peerCertificate } from '../../src/io/peer-certificate.ts';
import { makeSelfSigned } from '../../src/io/self-signed.ts';

const REAL = new X509Certificate(makeSelfSigned('wonderland.lit').certificatePem).raw;

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const dnsName = (name: string): Uint8Array => der(TAG.context(2, false), bytes(name));
const otherName = (type: string, tag: number, name: string): Uint8Array =>
  der(TAG.context(0), oid(type), der(TAG.context(0), der(tag, bytes(name))));
const XMPP_ADDR = '1.3.6.1.5.5.7.8.5';
const DNS_SRV = '1.3.6.1.5.5.7.8.7';

const namesExtension = (...names: Uint8Array[]): Uint8Array =>
  der(TAG.sequence, oid('2.5.29.17'), der(TAG.octetString, der(TAG.sequence, ...names)));

/** A certificate that has these extensions instead of its own; whose signature isn't looked at here. */
function certificate(...extensions: Uint8Array[]): Uint8Array {
  const [tbs, ...rest] = readWithin(readDer(REAL)[0]) as [Der, ...Der[]];
  const fields = readWithin(tbs).filter(({ tag }) => tag !== TAG.context(3));
  const list = extensions.length === 0 ? [] : [der(TAG.context(3), der(TAG.sequence, ...extensions))];
  return der(
    TAG.sequence,
    der(TAG.sequence, ...fields.map(({ whole }) => whole), ...list),
    ...rest.map(({ whole }) => whole),
  );
}

const NONE = { dnsNames: [], srvNames: [], xmppAddresses: [] };

describe('the names of a certificate', () => {
  test('are read by their kind', () => {
    const names = namesExtension(
      dnsName('wonderland.lit'),
      otherName(XMPP_ADDR, TAG.utf8String, 'alice@wonderland.lit'),
      otherName(DNS_SRV, TAG.ia5String, '_xmpp-server.wonderland.lit'),
      der(TAG.context(1, false), bytes('queen@wonderland.lit')),
      der(TAG.context(6, false), bytes('https://wonderland.lit')),
      der(TAG.context(7, false), Uint8Array.of(10, 1, 0, 2)),
      otherName('1.3.6.1.4.1.311.20.2.3', TAG.utf8String, 'elsewhere.lit'),
    );
    expect(alternativeNames(certificate(names))).toEqual({
      dnsNames: ['wonderland.lit'],
      srvNames: ['_xmpp-server.wonderland.lit'],
      xmppAddresses: ['alice@wonderland.lit'],
    });
  });

  test('are none where there is no such extension', () => {
    expect(alternativeNames(certificate())).toEqual(NONE);
    expect(alternativeNames(certificate(der(TAG.sequence, oid('2.5.29.15'), der(TAG.octetString))))).toEqual(NONE);
    expect(alternativeNames(certificate(namesExtension()))).toEqual(NONE);
  });

  test.each([
    'wonderland.lit, DNS:denmark.lit',
    'wonderland.lit", DNS:denmark.lit',
    'denmark.lit\0.wonderland.lit',
    'denmark.lit\nwonderland.lit',
    'denmark.lit/',
    'dänmark.lit',
    'othername: XmppAddr::denmark.lit',
    '',
  ])('smuggle no other one in: %j (CVE-2021-44532)', (name) => {
    const shown = peerCertificate(certificate(namesExtension(dnsName(name), dnsName('a.lit'))), undefined, Date.now());
    expect(shown).toMatchObject({ ...NONE, dnsNames: ['a.lit'] });
  });

  test.each([
    ['with a NUL', otherName(XMPP_ADDR, TAG.utf8String, 'denmark.lit\0'), NONE],
    ['in no UTF-8', otherName(XMPP_ADDR, TAG.utf8String, '\xffdenmark.lit'), NONE],
    ['in another kind of text', otherName(XMPP_ADDR, TAG.ia5String, 'denmark.lit'), NONE],
    ['with a comma', otherName(XMPP_ADDR, TAG.utf8String, 'a, b'), { ...NONE, xmppAddresses: ['a, b'] }],
    ['of a service, in another kind of text', otherName(DNS_SRV, TAG.utf8String, '_xmpp-server.denmark.lit'), NONE],
  ])('other names %s', (_name, name, expected) => {
    expect(alternativeNames(certificate(namesExtension(name)))).toEqual(expected);
  });

  test.each([
    ['twice', [namesExtension(dnsName('a.lit')), namesExtension(dnsName('b.lit'))]],
    ['cut off', [der(TAG.sequence, oid('2.5.29.17'), der(TAG.octetString, dnsName('a.lit').subarray(0, 4)))]],
    ['without a value', [namesExtension(der(TAG.context(0), oid(XMPP_ADDR)))]],
  ])('that stand there %s are no names, and the certificate has a problem', (_name, extensions) => {
    const crafted = certificate(...extensions);
    expect(() => alternativeNames(crafted)).toThrow(DerError);
    const shown = peerCertificate(crafted, undefined, Date.now());
    expect(shown).toMatchObject({ ...NONE, problem: "its names can't be read" });
  });

  test('are looked at up to a bound', () => {
    const many = Array.from({ length: MAX_NAMES + 1 }, (_, index) => dnsName(`h${index}.lit`));
    expect(alternativeNames(certificate(namesExtension(...many))).dnsNames).toHaveLength(MAX_NAMES);
  });
});

describe('DER', () => {
  test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])(
    'an element of %i bytes is read as it was written',
    (length) => {
      const content = new Uint8Array(length).fill(7);
      const [element, further] = readDer(Buffer.concat([der(TAG.octetString, content), der(TAG.integer, content)]));
      expect(element?.tag).toBe(TAG.octetString);
      expect(Buffer.from(element?.content ?? [])).toEqual(Buffer.from(content));
      expect(further?.tag).toBe(TAG.integer);
    },
  );

  test('object identifiers', () => {
    expect(Buffer.from(oid('1.2.840.10045.4.3.2')).toString('hex')).toBe('06082a8648ce3d040302');
    expect(Buffer.from(oid('2.5.29.17')).toString('hex')).toBe('0603551d11');
  });

  test.each(['30', '3001', '3080', '30850000000001', '3081', '308201', '1f0100', '3003020102ff'])(
    '%s is none',
    (hex) => {
      expect(() => readDer(Buffer.from(hex, 'hex'))).toThrow(DerError);
    },
  );

  test('a certificate that is damaged anywhere is read or refused, never more', () => {
    fc.assert(
      fc.property(fc.nat(REAL.length - 1), fc.nat(255), fc.nat(REAL.length), (at, value, length) => {
        const damaged = Uint8Array.from(REAL);
        damaged[at] = value;
        try {
          alternativeNames(damaged.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});
