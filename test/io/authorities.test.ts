import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AuthoritiesError, namedAuthorities, systemAuthorities } from '../../src/io/authorities.ts';
import { makeSelfSigned } from '../../src/io/self-signed.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await endAll();
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("the operator's are taken as they are", () => {
  const { certificatePem } = makeSelfSigned('a.lit');
  expect(namedAuthorities(file('ca.pem', certificatePem))).toBe(certificatePem);
});

test('a file without any is refused, and so is none', () => {
  expect(() => namedAuthorities(file('ca.pem', 'nothing'))).toThrow(AuthoritiesError);
  expect(() => namedAuthorities(join(folder, 'none'))).toThrow(/can't be read: no such file/);
});

test("the system's are taken with those that Node is to have beside", () => {
  const [one, other] = [makeSelfSigned('a.lit').certificatePem, makeSelfSigned('b.lit').certificatePem];
  const bundle = file('bundle.pem', one);
  expect(systemAuthorities(bundle)).toBe(one);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', file('extra.pem', other));
  expect(systemAuthorities(bundle)).toBe(`${one}\n${other}`);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', join(folder, 'none'));
  expect(systemAuthorities(bundle)).toBe(one);
});

test("where the system has none, Node's own are to be taken", () => {
  expect(systemAuthorities(join(folder, 'none'))).toBeUndefined();
  expect(systemAuthorities(file('empty.pem', ''))).toBeUndefined();
});
