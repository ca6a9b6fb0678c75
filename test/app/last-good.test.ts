import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { bundle, Gateway, messageOf } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';

/* A gateway that starts although its file has got faults, with the last one that had none. */

const FAULTY = '[gateway]\ndomain = "rooms.denmark.test"\ncontrol = "control.sock"\nfrobnicate = 1\n';

let copy: string;
let text: string;
let gateway: Gateway;

beforeEach(async () => {
  const server = await ComponentServer.start(SECRET);
  copy = join(temporaryFolder(), 'last-good.toml');
  text = `${gatewayOf('denmark.test', server)}\n[[room]]\nname = "elsinore"\n`;
  gateway = await Gateway.start(text, bundle, '--last-good', copy);
  await copied(text);
});
afterEach(endAll);

async function copied(expected: string): Promise<void> {
  await vi.waitFor(() => expect(readFileSync(copy, 'utf8')).toBe(expected), 10_000);
}

const rooms = async () => (await gateway.status()).rooms.map(({ jid }) => jid.split('@')[0]);

it('is kept for its owner alone, and written only where it differs', async () => {
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  const { ino, mtimeMs } = statSync(copy);
  await gateway.restart('SIGKILL');
  await gateway.toEnd('reload');
  expect(statSync(copy)).toMatchObject({ ino, mtimeMs });
  expect((await gateway.status()).problems).toEqual([]);
});

it('a file that is broken while it runs, then a power cut: it runs as before and says so, until the file is mended', async () => {
  gateway.write(`${text}[[room]]\nname = "heath"\n`);
  writeFileSync(`${copy}.new`, 'half of what an earlier power cut');
  expect((await gateway.toEnd('reload')).code).toBe(0);
  await copied(`${text}[[room]]\nname = "heath"\n`);
  expect(existsSync(`${copy}.new`)).toBe(false);
  gateway.write(FAULTY);
  expect((await gateway.toEnd('reload')).code).toBe(1);
  await gateway.restart('SIGKILL');
  const log = gateway.log.all();
  expect(log.filter((line) => line.includes('level=error')).join()).toContain(
    `${gateway.file}:4:1: unknown key \\"frobnicate\\"`,
  );
  const warned = log.find((line) => messageOf(line) === 'running with the last good configuration');
  expect(warned).toContain('level=warn');
  expect(await rooms()).toEqual(['elsinore', 'heath']);
  // Beside the operator's file, not beside the copy.
  expect(existsSync(join(gateway.folder, 'data/fmucd.db'))).toBe(true);
  expect((await gateway.status()).problems).toEqual([
    `${gateway.file} has faults, so the gateway runs with the last good configuration: see them with "fmucd check", mend them, then "fmucd reload"`,
  ]);
  const { output } = await gateway.toEnd('status');
  expect(output[0]).toMatch(/^! .+ has faults/);

  expect((await gateway.toEnd('reload')).output[0]).toContain(':4:1: ');
  expect(readFileSync(copy, 'utf8')).toContain('heath');
  gateway.write(text);
  expect((await gateway.toEnd('reload')).output).toEqual([`${gateway.file}: taken over`, '  room heath: removed']);
  expect((await gateway.status()).problems).toEqual([]);
  await copied(text);
});

it('commands find it through a file whose syntax is broken, or that is not there any more', async () => {
  gateway.write(`${text}[[link\n`);
  await gateway.restart('SIGKILL');
  expect((await gateway.toEnd('status')).code).toBe(0);
  rmSync(gateway.file);
  await gateway.restart('SIGKILL');
  expect((await gateway.toEnd('status')).code).toBe(2);
  gateway.write(text);
  expect((await gateway.toEnd('reload')).output).toEqual([`${gateway.file}: nothing changed`]);
});

it('a copy that has rotted, or that others may read, is as none', async () => {
  gateway.write(FAULTY);
  for (const spoil of [
    () => chmodSync(copy, 0o644),
    () => writeFileSync(copy, text.slice(0, text.indexOf('secret') + 8), { mode: 0o600 }),
    () => writeFileSync(copy, Buffer.from([0xff, 0xfe, 0x00])),
    () => rmSync(copy),
  ]) {
    spoil();
    await gateway.runAgain('SIGKILL');
    expect(await gateway.exited).toEqual({ code: 1, signal: null });
    expect(gateway.log.all()).toEqual([expect.stringContaining(`${gateway.file}:4:1: unknown key "frobnicate"`)]);
  }
});

it('one that can not be written stops nothing', async () => {
  const alone = await Gateway.start(
    text.replace(/\[component\][^[]*/, ''),
    bundle,
    '--last-good',
    '/nowhere/copy.toml',
  );
  await alone.log.expect('why', (line) => messageOf(line) === 'last good configuration not kept');
  expect((await alone.status()).problems).toEqual([]);
});
