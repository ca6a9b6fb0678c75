import { assert, describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from '../support/certificates.ts';
import { type FakeFiles, load, said } from './support.ts';

/* What can't be meant in [s2s], and in links whose transport it is. */

const GATEWAY = '[gateway]\ndomain = "rooms.denmark.lit"\n';
const S2S = `${GATEWAY}[s2s]\n`;
const BESIDE = `${GATEWAY}local_domains = ["denmark.lit"]\n[s2s]\n`;
const LINK = '[[link]]\npeer = "rooms.wonderland.lit"\n';
const DIRECT = `${LINK}connect = "10.1.0.2:5270"\n`;
const PINNED = `tls = "pinned"\npin = "${'ab'.repeat(32)}"\n`;
const OVER_S2S = `${LINK}transport = "s2s"\n`;

const FILES: FakeFiles = { '/cert.pem': CERTIFICATE, '/key.pem': KEY };
const PAIR = 'certificate = "cert.pem"\nkey = "key.pem"\n';

type Case = [what: string, text: string, ...says: string[]];

function judge(cases: Case[], files: FakeFiles = FILES): void {
  it.each(cases.map(([what, text, ...says]) => ({ what, text, says })))('$what', ({ text, says }) => {
    expect(said(load(text, undefined, files))).toEqual(says);
  });
}

it('values come out in one form, paths from the directory of the file', () => {
  const text = `${S2S}${PAIR}ca = "cert.pem"\nlisten = ["[::]:5269"]\nhosts = { "Wonderland.LIT" = "[::1]:5269" }`;
  const loaded = load(text, undefined, FILES);
  assert(loaded.ok, said(loaded).join('\n'));
  expect(loaded.config.s2s).toEqual({
    listen: [{ host: '0:0:0:0:0:0:0:0', port: 5269 }],
    tls: 'required',
    certificate: '/cert.pem',
    key: '/key.pem',
    ca: '/cert.pem',
    auth: ['external', 'dialback'],
    hosts: { 'wonderland.lit': { host: '0:0:0:0:0:0:0:1', port: 5269 } },
  });
});

describe('proofs', () => {
  judge([
    ['none', `${S2S}auth = []`, '4:8: auth is empty, so no server could prove who it is (external, dialback or both)'],
    ['one twice', `${S2S}auth = ["dialback", "dialback"]`, '4:21: auth names dialback already (each once)'],
    [
      'a word near one',
      `${S2S}auth = ["dialbak"]`,
      '4:9: an entry of auth can\'t be "dialbak" (external or dialback; did you mean dialback?)',
    ],
    [
      'authorities that nobody asks',
      `${S2S}auth = ["dialback"]\nca = "cert.pem"`,
      '5:6: ca does nothing without external in auth: no certificate would be a proof',
    ],
    [
      'certificates without TLS',
      `${S2S}tls = "off"\nauth = ["external"]`,
      '5:8: auth = ["external"] needs TLS: certificates are shown in it (dialback, or another tls)',
    ],
    ['dialback without TLS', `${S2S}tls = "off"\nauth = ["dialback"]`],
    ['dialback without TLS, of both', `${S2S}tls = "off"`],
    ['certificates where TLS is optional', `${S2S}tls = "optional"\nauth = ["external"]`],
  ]);
});

describe('the certificate and its key', () => {
  judge([
    ['both', `${S2S}${PAIR}ca = "cert.pem"`],
    ['no key', `${S2S}certificate = "cert.pem"`, '4:15: the certificate has no key (key)'],
    ['no certificate', `${S2S}key = "key.pem"`, '4:7: the key has no certificate (certificate)'],
    ['a faulty key is no missing one', `${S2S}certificate = "cert.pem"\nkey = ""`, `5:7: key can't be "" (a path)`],
    [
      'without TLS',
      `${S2S}tls = "off"\n${PAIR}ca = "cert.pem"`,
      '5:15: certificate does nothing with tls = "off"',
      '6:7: key does nothing with tls = "off"',
      '7:6: ca does nothing with tls = "off"',
    ],
    [
      'without TLS, but for a pinned link, which shows it',
      `${S2S}tls = "off"\n${PAIR}ca = "cert.pem"\n${DIRECT}${PINNED}`,
      '7:6: ca does nothing with tls = "off"',
    ],
    [
      'without TLS, and a link that shows nothing',
      `${S2S}tls = "off"\n${PAIR}${DIRECT}`,
      '5:15: certificate does nothing with tls = "off"',
      '6:7: key does nothing with tls = "off"',
    ],
  ]);
  judge(
    [
      [
        'files that are not there',
        `${S2S}certificate = "no"\nkey = "/no"\nca = "../no"`,
        "4:15: certificate can't be read: no such file or directory (a PEM file of certificates)",
        "5:7: key can't be read: no such file or directory (a PEM file of a private key)",
        "6:6: ca can't be read: no such file or directory (a PEM file of certificates)",
      ],
      [
        'one for the other',
        `${S2S}certificate = "key.pem"\nkey = "cert.pem"\nca = "key.pem"`,
        '4:15: there is no certificate in certificate (PEM: -----BEGIN CERTIFICATE-----)',
        '5:7: there is no private key in key (PEM: -----BEGIN PRIVATE KEY-----)',
        '6:6: there is no certificate in ca (PEM: -----BEGIN CERTIFICATE-----)',
      ],
      [
        'a key open to others',
        `${S2S}certificate = "cert.pem"\nkey = "open.pem"`,
        '5:7: the key is in a file open to others, mode 644 (600)',
      ],
      ['a certificate open to others', `${S2S}certificate = "open.pem"\nkey = "key.pem"`],
      ['lines that end as in DOS', `${S2S}certificate = "dos.pem"\nkey = "dos.pem"`],
      [
        'a key with a password',
        `${S2S}certificate = "cert.pem"\nkey = "locked.pem"`,
        '5:7: the key is encrypted, and there is nobody to ask for its password (a key without one)',
      ],
      [
        'a key with a password, in the older form',
        `${S2S}certificate = "cert.pem"\nkey = "old.pem"`,
        '5:7: the key is encrypted, and there is nobody to ask for its password (a key without one)',
      ],
      ['a key in the older form', `${S2S}certificate = "cert.pem"\nkey = "ec.pem"`],
    ],
    {
      ...FILES,
      '/open.pem': { text: CERTIFICATE + KEY, mode: 0o100644 },
      '/dos.pem': (CERTIFICATE + KEY).replaceAll('\n', '\r\n'),
      '/locked.pem': KEY.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'),
      '/old.pem': KEY.replaceAll('PRIVATE', 'EC PRIVATE').replace('\n', '\nProc-Type: 4,ENCRYPTED\n'),
      '/ec.pem': KEY.replaceAll('PRIVATE', 'EC PRIVATE'),
    },
  );
});

describe('listeners', () => {
  const component = (host: string, port = 5347) => `[component]\nsecret = "s"\nhost = "${host}"\nport = ${port}\n`;
  const server = 'the server of [component] is at';
  judge([
    [
      'one twice, as normalised',
      `${S2S}listen = ["[::1]:5269", "[0::1]:5269"]`,
      '4:25: listen names [0:0:0:0:0:0:0:1]:5269 already (each address once)',
    ],
    [
      'one within another',
      `${S2S}listen = ["0.0.0.0:5269", "127.0.0.1:5269"]`,
      '4:27: listen names 0.0.0.0:5269 already (each address once)',
    ],
    ['two ports', `${S2S}listen = ["0.0.0.0:5269", "0.0.0.0:5268"]`],
    ['two addresses', `${S2S}listen = ["127.0.0.1:5269", "[::1]:5269"]`],
    [
      "a link's",
      `${S2S}listen = ["10.1.0.1:5269", "10.1.0.1:5270"]\n${LINK}listen = "10.1.0.1:5270"\nfrom = ["10.1.0.2"]`,
      '4:28: a [[link]] waits at 10.1.0.1:5270 too (another port)',
    ],
    [
      "a link's, within every address",
      `${S2S}listen = ["127.0.0.1:5270"]\n${LINK}listen = "[::]:5270"\nfrom = ["10.1.0.2"]`,
      '4:11: a [[link]] waits at 127.0.0.1:5270 too (another port)',
    ],
    [
      "the component's server",
      `${BESIDE}listen = ["127.0.0.1:5347"]\n${component('127.0.0.1')}`,
      `5:11: ${server} 127.0.0.1:5347 (another port, such as 5269)`,
    ],
    [
      "the component's server, by default",
      `${BESIDE}listen = ["0.0.0.0:5347"]\n[component]\nsecret = "s"`,
      `5:11: ${server} 127.0.0.1:5347 (another port, such as 5269)`,
    ],
    ["the component's server on another machine", `${BESIDE}listen = ["0.0.0.0:5347"]\n${component('10.1.0.9')}`],
    ["the component's server at another port", `${BESIDE}listen = ["0.0.0.0:5269"]\n${component('127.0.0.1')}`],
  ]);
});

describe('hosts', () => {
  judge([
    [
      'our own domain, as prepared',
      `${S2S}hosts = { "a.lit" = "a:1", "Rooms.Denmark.lit" = "b:1" }`,
      "4:28: rooms.denmark.lit is this gateway's own domain (domains of other servers)",
    ],
    [
      'a domain twice, as prepared',
      `${S2S}hosts = { "a.lit" = "a:1", "A.LIT" = "b:1" }`,
      '4:28: hosts names a.lit already (each domain once)',
    ],
    ['other domains', `${S2S}hosts = { "denmark.lit" = "a:1" }`],
  ]);
});

describe('beside a component', () => {
  const beside = `[component]\nsecret = "s"\n[s2s]\n`;
  judge([
    [
      'nothing tells which domains its server has',
      `${GATEWAY}${beside}`,
      '5:1: warning: every domain goes by the [component] where nothing says which its server has (local_domains in [gateway])',
    ],
    ['local_domains tells', `${GATEWAY}local_domains = ["denmark.lit"]\n${beside}`],
  ]);
});

describe('rooms that any node may join', () => {
  const room = '[[room]]\nname = "elsinore"\naccept = ["*"]\n';
  judge([['each node has a stream of its own', `${S2S}${room}`]]);
});

describe('links over S2S', () => {
  judge([
    ['the address from DNS', `${S2S}${OVER_S2S}`],
    ['an address of its own', `${S2S}${OVER_S2S}connect = "10.1.0.2:5269"`],
    ['probes, compression, pacing', `${S2S}${OVER_S2S}idle = 60\ncompression = true\nbandwidth = 2400`],
    ['no [s2s]', `${GATEWAY}${OVER_S2S}`, '5:13: transport = "s2s" needs an [s2s] table'],
    [
      'a listener of its own',
      `${S2S}${OVER_S2S}listen = "0.0.0.0:5270"\nfrom = ["10.1.0.2"]`,
      '7:10: listen does nothing with transport = "s2s" (listen of [s2s])',
      '8:8: from does nothing with transport = "s2s" (listen of [s2s])',
    ],
    ['a pin', `${S2S}${OVER_S2S}${PINNED}`],
    [
      'a pin that is missing',
      `${S2S}${OVER_S2S}tls = "pinned"`,
      '7:7: tls = "pinned" needs a pin (SHA-256 of the certificate)',
    ],
    [
      'a pin without TLS',
      `${S2S}tls = "off"\n${OVER_S2S}${PINNED}`,
      '8:7: tls = "pinned" needs TLS, and [s2s] has tls = "off" (required)',
    ],
    [
      'a pin where no certificate is a proof',
      `${S2S}auth = ["dialback"]\n${OVER_S2S}${PINNED}`,
      '8:7: tls = "pinned" needs external in auth of [s2s]: the certificate is the proof',
    ],
    [
      'auth in doubt',
      `${S2S}auth = ["dialback", 1]\n${OVER_S2S}${PINNED}`,
      "4:21: an entry of auth can't be 1 (external or dialback)",
    ],
  ]);
});
