import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Health, problemsOf } from '../../src/app/problems.ts';
import { StoreError } from '../../src/io/store-error.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

const noon = Date.UTC(2026, 10, 21, 12);

afterEach(endAll);

/** Of a gateway that is well but for that, on a disk. */
function problems(health: Partial<Health>): string[] {
  return problemsOf({ data: '/proc', failure: undefined, certificate: [], newest: noon, now: noon, ...health });
}

it('there are none where all is well', () => {
  expect(problems({})).toEqual([]);
  expect(problems({ newest: undefined })).toEqual([]);
});

it('what is wrong with the store', () => {
  expect(problems({ failure: new StoreError('full', '/d/fmucd.db') })).toEqual([
    'no space left for /d/fmucd.db: free some; the gateway goes on by itself once there is',
  ]);
});

it('a clock that is before what is in the store', () => {
  expect(problems({ now: 0 })).toEqual([
    'the clock says 1970-01-01T00:00:00Z, and the newest message came at 2026-11-21T12:00:00Z: set the clock ' +
      '(messages are stamped by it)',
  ]);
});

it('stores that were set aside, the newest by name', () => {
  const data = temporaryFolder();
  for (const day of ['20', '21']) writeFileSync(join(data, `fmucd.db.damaged-202611${day}T101500Z`), '');
  const text = 'the store was damaged, and a fresh one goes on: it is kept as';
  expect(problems({ data })).toContain(
    `${text} ${data}/fmucd.db.damaged-20261121T101500Z (and older ones: 1); remove it once looked at`,
  );
});

it('a data directory in memory', () => {
  expect(problems({ data: '/dev/shm' })).toEqual([
    '/dev/shm is in memory: what is kept is gone at power-off (put "data" on a disk)',
  ]);
});

it('what is wrong with the store comes before what is wrong with the certificate, and that before the rest', () => {
  const said = problems({
    failure: new StoreError('full', '/d/fmucd.db'),
    certificate: ['the certificate expires within a day'],
    now: 0,
  });
  expect(said.map((line) => line.slice(0, 15))).toEqual(['no space left f', 'the certificate', 'the clock says ']);
});
