import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, assert, expect, it } from 'vitest';
import {
  certificateAtStart,
  certificateProblems,
  certificateReport,
  ownCertificate,
  renewedCertificate,
} from '../../src/app/certificate.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configFiles } from '../../src/io/files.ts';
import { IdentityError } from '../../src/io/identity.ts';
import { CERTIFICATE, FOREIGN_CERTIFICATE, KEY } from '../support/certificates.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

/* What a gateway shows peers in TLS, and what it says of it. */

afterEach(endAll);

const SHA256 = '1b7105db7031800d8c1604552080c0e96ecdcb3eab403511b7a98fce7bd06013';
const SUMMER = Date.UTC(2026, 6, 1);

/** A gateway's file in a folder of its own, with the certificate of that domain and a key. */
function configOf(text: string, certificate = CERTIFICATE, key = KEY): Config {
  const folder = temporaryFolder();
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content, { mode: 0o600 });
  write('cert.pem', certificate);
  write('key.pem', key);
  write('fmucd.toml', `[gateway]\ndomain = "rooms.denmark.lit"\ndata = "data"\ncontrol = "control.sock"\n${text}`);
  const loaded = loadConfig(join(folder, 'fmucd.toml'), configFiles);
  assert(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const NAMED = '[s2s]\ncertificate = "cert.pem"\nkey = "key.pem"\n';

it("the file's certificate", () => {
  expect(certificateReport(certificateAtStart(configOf(NAMED)))).toEqual({
    sha256: SHA256,
    names: ['rooms.denmark.lit', 'denmark.lit'],
    expires: '2027-03-01T00:00:00Z',
    self_signed: false,
  });
});

it('one of its own where none is named, made once, though nobody is shown it yet', () => {
  const config = configOf('');
  const made = certificateReport(certificateAtStart(config));
  expect(made?.self_signed).toBe(true);
  expect(made?.sha256).toMatch(/^[\da-f]{64}$/);
  expect(made?.names).toContain('rooms.denmark.lit');
  expect(certificateReport(ownCertificate(config))).toEqual(made);
});

it('one that is named and of no use keeps the gateway from starting, and a running one says so', () => {
  const config = configOf(NAMED, CERTIFICATE, KEY.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'));
  expect(() => certificateAtStart(config)).toThrow(IdentityError);
  const own = ownCertificate(config);
  expect(certificateReport(own)).toBeNull();
  expect(certificateProblems(own, config, SUMMER)).toEqual([expect.stringContaining('key.pem')]);
});

it('one of its own that cannot be kept is a problem only where peers are to be shown it', () => {
  for (const [text, problems] of [
    ['', []],
    ['[s2s]\ntls = "off"\n', []],
    ['[s2s]\n', [expect.stringContaining('identity.pem')]],
  ] as const) {
    const config = configOf(text);
    mkdirSync(join(config.gateway.data, 'identity.pem'), { recursive: true });
    const own = certificateAtStart(config);
    expect([certificateReport(own), certificateProblems(own, config, SUMMER)]).toEqual([null, problems]);
  }
});

it('what is wrong with it is asked as it stands now', () => {
  const config = configOf(NAMED);
  const own = ownCertificate(config);
  expect(certificateProblems(own, config, SUMMER)).toEqual([]);
  expect(certificateProblems(own, config, Date.UTC(2027, 1, 20))).toEqual([
    'the certificate expires in 9 days, on 2027-03-01 (a new certificate)',
  ]);
  expect(certificateProblems(own, config, Date.UTC(2028, 0))).toEqual([
    expect.stringContaining('the certificate has expired on 2027-03-01'),
  ]);
});

it('one for another name is a problem with other servers', () => {
  const config = configOf(NAMED, FOREIGN_CERTIFICATE);
  expect(certificateProblems(ownCertificate(config), config, SUMMER)).toEqual([
    "the certificate is for rooms.france.lit and not for rooms.denmark.lit (one that names the gateway's domain)",
  ]);
});

it('a new one of no use leaves the one before in its place, and says so', () => {
  const before = ownCertificate(configOf(NAMED));
  const config = configOf(NAMED, CERTIFICATE, KEY.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'));
  const own = renewedCertificate(before, config);
  expect(certificateReport(own)?.sha256).toBe(SHA256);
  expect(certificateProblems(own, config, SUMMER)).toEqual([expect.stringContaining('key.pem')]);
  const mended = renewedCertificate(own, configOf(NAMED, FOREIGN_CERTIFICATE));
  expect([certificateReport(mended)?.names, mended.problem]).toEqual([['rooms.france.lit'], undefined]);
});
