import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { CERTIFICATE, FOREIGN_CERTIFICATE, KEY } from '../support/certificates.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';

/* A new certificate in the place of another, with the program. */

afterEach(endAll);

function fileOf(certificate: string, key: string): string {
  return `
    [gateway]
    domain = "rooms.denmark.lit"
    data = "data"
    control = "control.sock"
    [s2s]
    certificate = ${JSON.stringify(certificate)}
    key = ${JSON.stringify(key)}
  `;
}

it('reload takes it over and says so, and goes on with the one before where it is of no use', async () => {
  const folder = temporaryFolder();
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const put = (pem: string, keyPem = KEY): void => {
    writeFileSync(certificate, pem);
    writeFileSync(key, keyPem, { mode: 0o600 });
  };
  put(CERTIFICATE);
  const denmark = await Gateway.start(`${fileOf(certificate, key)}
    [[link]]
    peer = "rooms.wonderland.lit"
    connect = "127.0.0.1:9"
  `);
  const shown = async () => {
    const { certificate: own, problems } = await denmark.status();
    return [own?.names[0], problems.filter((line) => line.includes('key.pem')).length];
  };
  const reload = async () => (await denmark.toEnd('reload')).output.filter((line) => !line.includes('warning: '));
  expect(await shown()).toEqual(['rooms.denmark.lit', 0]);
  expect(await reload()).toEqual([`${denmark.file}: nothing changed`]);

  put(FOREIGN_CERTIFICATE);
  expect(await reload()).toEqual([`${denmark.file}: taken over`, '  certificate: changed']);
  expect(await shown()).toEqual(['rooms.france.lit', 0]);

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  put(CERTIFICATE, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  expect(await reload()).toEqual([`${denmark.file}: nothing changed`]);
  expect(await shown()).toEqual(['rooms.france.lit', 1]);
  expect(await denmark.kill('SIGTERM')).toMatchObject({ code: 0 });
});

it('one of no use at the start keeps the gateway from starting', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const folder = temporaryFolder();
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certificate, CERTIFICATE);
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const denmark = Gateway.run(fileOf(certificate, key));
  expect(await denmark.exited).toMatchObject({ code: 1 });
  expect(denmark.log.all().join('\n')).toMatch(/msg="cannot start" reason=".*key\.pem/);
});
