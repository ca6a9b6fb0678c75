import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerCertificate } from '../../src/lib/effects.ts';
import { foundNames, MAX_FOUND_NAMES, MAX_NAME_CHARACTERS, namesDomain } from '../../src/stream/certificate-names.ts';

type Names = Partial<Pick<PeerCertificate, 'dnsNames' | 'srvNames' | 'xmppAddresses'>>;

function certificate(names: Names): PeerCertificate {
  return { sha256: '0'.repeat(64), dnsNames: [], srvNames: [], xmppAddresses: [], ...names };
}

const dns = (name: string) => certificate({ dnsNames: [name] });
const srv = (name: string) => certificate({ srvNames: [name] });
const xmpp = (name: string) => certificate({ xmppAddresses: [name] });

describe('RFC 6120 §13.7.1.2: a certificate names a domain', () => {
  it.each([
    ['a DNS name', dns('denmark.lit'), 'denmark.lit'],
    ['in whatever case', dns('Denmark.LIT'), 'denmark.lit'],
    ['with a final dot', dns('denmark.lit.'), 'denmark.lit'],
    ['a domain with a final dot', dns('denmark.lit'), 'denmark.lit.'],
    ['of one label', dns('localhost'), 'localhost'],
    ['RFC 6125 §6.4.3: a wildcard for one label', dns('*.denmark.lit'), 'rooms.denmark.lit'],
    ['a wildcard for a label of another script', dns('*.denmark.lit'), 'bücher.denmark.lit'],
    ['§6.4.2: an A-label', dns('xn--bcher-kva.lit'), 'bücher.lit'],
    ['an A-label in capitals', dns('XN--BCHER-KVA.lit'), 'bücher.lit'],
    ['a domain that is an A-label', dns('xn--bcher-kva.lit'), 'xn--bcher-kva.lit'],
    ['a wildcard beneath an A-label', dns('*.xn--bcher-kva.lit'), 'rooms.bücher.lit'],
    ['the SRV name', srv('_xmpp-server.denmark.lit'), 'denmark.lit'],
    ['the SRV name in whatever case', srv('_XMPP-Server.Denmark.lit'), 'denmark.lit'],
    ['the SRV name of an A-label', srv('_xmpp-server.xn--bcher-kva.lit'), 'bücher.lit'],
    ['the XMPP address', xmpp('denmark.lit'), 'denmark.lit'],
    ['the XMPP address in its own script', xmpp('Bücher.lit'), 'bücher.lit'],
    ['one of several', certificate({ dnsNames: ['verona.lit', '*.arden.lit', 'denmark.lit'] }), 'denmark.lit'],
  ])('%s', (_, names, domain) => expect(namesDomain(names, domain)).toBe(true));

  it.each([
    ['without names', certificate({}), 'denmark.lit'],
    ['another domain', dns('verona.lit'), 'denmark.lit'],
    ['the domain above', dns('denmark.lit'), 'rooms.denmark.lit'],
    ['the domain beneath', dns('rooms.denmark.lit'), 'denmark.lit'],
    ['the same ending', dns('mark.lit'), 'denmark.lit'],
    ['RFC 6125 §6.4.3: a wildcard for two labels', dns('*.denmark.lit'), 'deep.rooms.denmark.lit'],
    ['a wildcard for no label', dns('*.denmark.lit'), 'denmark.lit'],
    ['a wildcard for an empty label', dns('*.denmark.lit'), '.denmark.lit'],
    ['a wildcard that is a part of a label', dns('r*.denmark.lit'), 'rooms.denmark.lit'],
    ['a wildcard at the end of an A-label', dns('xn--bcher*.denmark.lit'), 'xn--bcher-kva.denmark.lit'],
    ['a wildcard that is another label', dns('rooms.*.lit'), 'rooms.denmark.lit'],
    ['two wildcards', dns('*.*.lit'), 'rooms.denmark.lit'],
    ['a wildcard for every domain', dns('*.lit'), 'denmark.lit'],
    ['the same, dotted', dns('*.lit.'), 'denmark.lit'],
    ['a wildcard alone', dns('*'), 'localhost'],
    ['a wildcard and a dot', dns('*.'), 'localhost'],
    ['a domain that is a wildcard', dns('*.denmark.lit'), '*.denmark.lit'],
    ['a DNS name in another script, as none may be', dns('bücher.lit'), 'bücher.lit'],
    ['a DNS name that is the same only in small letters', dns('denmar\u212a.lit'), 'denmark.lit'],
    ['the SRV name of a client’s service', srv('_xmpp-client.denmark.lit'), 'denmark.lit'],
    ['a SRV name with a wildcard', srv('_xmpp-server.*.denmark.lit'), 'rooms.denmark.lit'],
    ['a SRV name without service', srv('denmark.lit'), 'denmark.lit'],
    ['a DNS name that is a SRV name', dns('_xmpp-server.denmark.lit'), 'denmark.lit'],
    ['the XMPP address of a user', xmpp('hamlet@denmark.lit'), 'denmark.lit'],
    ['the XMPP address of a resource', xmpp('denmark.lit/chamber'), 'denmark.lit'],
    ['an XMPP address with a wildcard', xmpp('*.denmark.lit'), 'rooms.denmark.lit'],
    ['NUL after the name', dns('denmark.lit\0.verona.lit'), 'denmark.lit'],
    ['an IPv4 address', dns('10.1.0.2'), '10.1.0.2'],
    ['an IPv6 address', xmpp('[::1]'), '[::1]'],
    ['nothing', dns(''), ''],
    ['a dot', dns('.'), '.'],
  ])('but not %s', (_, names, domain) => expect(namesDomain(names, domain)).toBe(false));
});

const label = fc.stringMatching(/^[a-z](?:[a-z\d-]{0,6}[a-z\d])?$/);
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const junk = fc.array(fc.oneof(label, fc.constantFrom('.', '*', '*.', '_xmpp-server.', '@', '/', 'ü'), fc.string()));

/** RFC 6125 §6.4 label by label. */
function namedByLabels(name: string, wanted: string): boolean {
  const [first, ...rest] = name.split('.');
  const [label, ...others] = wanted.split('.');
  return rest.join('.') === others.join('.') && (first === label || (first === '*' && rest.length >= 2));
}

describe('properties', () => {
  it('a DNS name names what it equals label by label, and nothing else', () => {
    const name = fc.oneof(
      domain,
      domain.map((rest) => `*.${rest}`),
    );
    fc.assert(
      fc.property(name, domain, label, (presented, other, first) => {
        const [, ...rest] = presented.split('.');
        for (const wanted of [other, [first, ...rest].join('.'), [first, presented.replace('*', 'x')].join('.')])
          expect(namesDomain(dns(presented), wanted)).toBe(namedByLabels(presented, wanted));
      }),
    );
  });

  it('whatever a certificate holds, only the domain itself is named, and no text but names is shown', () => {
    fc.assert(
      fc.property(fc.array(junk), fc.array(junk), fc.array(junk), domain, (dnsNames, srvNames, addresses, wanted) => {
        const text = (parts: string[]) => parts.join('');
        const names = certificate({
          dnsNames: dnsNames.map(text),
          srvNames: srvNames.map(text),
          xmppAddresses: addresses.map(text),
        });
        const rest = wanted.slice(wanted.indexOf('.') + 1);
        const all = [...names.dnsNames, ...names.srvNames, ...names.xmppAddresses];
        if (namesDomain(names, wanted)) expect(all.some((name) => name.toLowerCase().includes(rest))).toBe(true);
        const found = foundNames(names);
        expect(found).toMatch(/^[\p{L}\p{M}\p{N}.*@_?…, -]*$/u);
        expect([...found].length).toBeLessThan(MAX_FOUND_NAMES * (MAX_NAME_CHARACTERS + 3) + 20);
      }),
    );
  });
});

describe('the names that were found', () => {
  it.each<[string, Names]>([
    ['no name', {}],
    ['denmark.lit', { dnsNames: ['denmark.lit'], xmppAddresses: ['denmark.lit'] }],
    [
      '*.denmark.lit, _xmpp-server.denmark.lit, bücher.lit',
      {
        dnsNames: ['*.denmark.lit'],
        srvNames: ['_xmpp-server.denmark.lit'],
        xmppAddresses: ['bücher.lit'],
      },
    ],
    ['den?mark?lit', { dnsNames: ['den\nmark\u202elit'] }],
    ['??b?', { dnsNames: ['</b>'] }],
  ])('%s', (text, names) => expect(foundNames(certificate(names))).toBe(text));

  it('are few and short', () => {
    const names = Array.from({ length: MAX_FOUND_NAMES + 2 }, (_, index) => `n${index}.lit`);
    expect(foundNames(certificate({ dnsNames: names }))).toBe('n0.lit, n1.lit, n2.lit, n3.lit, n4.lit and 2 more');
    expect(foundNames(certificate({ dnsNames: names.slice(0, MAX_FOUND_NAMES) }))).not.toContain('more');
    expect(foundNames(dns('𝔞'.repeat(MAX_NAME_CHARACTERS)))).toBe('𝔞'.repeat(MAX_NAME_CHARACTERS));
    expect(foundNames(dns('𝔞'.repeat(MAX_NAME_CHARACTERS + 1)))).toBe(`${'𝔞'.repeat(MAX_NAME_CHARACTERS)}…`);
  });
});
