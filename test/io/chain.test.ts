import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { chainProblem } from '../../src/io/chain.ts';
import { Authority } from '../support/authority.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

/* What a certificate is shown with. */

afterEach(endAll);

const now = Date.UTC(2026, 10, 21);
const INCOMPLETE =
  "no authority that this machine knows has issued it: is its chain complete? (our own, then each one's issuer)";

function scene() {
  const folder = temporaryFolder();
  const root = Authority.make(folder);
  return { folder, root, intermediate: root.intermediate(join(folder, 'intermediate')) };
}

const text = (file: string): string => readFileSync(file, 'utf8');

it('a certificate, its issuer, and an authority that is trusted', () => {
  const { root, intermediate } = scene();
  const { certificate } = intermediate.issue({ names: ['rooms.denmark.lit'] });
  expect(chainProblem(text(certificate), root.certificate, now)).toBeUndefined();
});

it('a certificate without its issuer', () => {
  const { root, intermediate } = scene();
  const alone =
    text(intermediate.issue({ names: ['rooms.denmark.lit'] }).certificate).split(/(?<=END CERTIFICATE-----\n)/)[0] ??
    '';
  expect(chainProblem(alone, root.certificate, now)).toBe(INCOMPLETE);
});

it('an authority that nobody here knows', () => {
  const { root } = scene();
  const { certificate } = root.issue({ names: ['rooms.denmark.lit'] });
  expect(chainProblem(text(certificate), undefined, now)).toBe(INCOMPLETE);
  expect(chainProblem(text(certificate), '/nowhere', now)).toBe(INCOMPLETE);
  expect(chainProblem(text(certificate) + text(root.certificate), undefined, now)).toBeUndefined();
});

it('a chain in another order', () => {
  const { root, intermediate } = scene();
  const { certificate } = intermediate.issue({ names: ['rooms.denmark.lit'] });
  const [own = '', issuer = ''] = text(certificate).split(/(?<=END CERTIFICATE-----\n)/);
  expect(chainProblem(own + text(root.certificate) + issuer, root.certificate, now)).toBe(
    "certificate 2 of the file isn't the issuer of the one before it (our own, then each one's issuer)",
  );
});

it('an issuer that has expired', () => {
  const { root, intermediate } = scene();
  const { certificate } = intermediate.issue({ names: ['rooms.denmark.lit'] });
  expect(chainProblem(text(certificate), root.certificate, Date.UTC(2099, 0))).toBe(
    'certificate 2 of the file, which stands behind ours, has expired (a chain that is valid)',
  );
});

it('one that vouches for itself', () => {
  const { certificate } = Authority.selfSigned(temporaryFolder(), 'rooms.denmark.lit');
  expect(chainProblem(text(certificate), undefined, now)).toBeUndefined();
});
