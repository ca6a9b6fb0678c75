import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { sqlitePackage } from '../build/targets.mjs';

/** Emulated machines: they take whole processors for minutes, so that others beside them would run out of patience. */
const devices = ['test/build/arm.test.ts', 'test/image/*.test.ts'];

export default defineConfig({
  resolve: { alias: { 'better-sqlite3': sqlitePackage(process.version) } },
  test: {
    globalSetup: fileURLToPath(new URL('support/bundle.ts', import.meta.url)),
    pool: 'forks',
    // Longer than what an expectation waits for, so that it fails first and says what was missing, on a machine that has others to serve too.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'program', include: ['test/**/*.test.ts'], exclude: devices } },
      { extends: true, test: { name: 'devices', include: devices, maxWorkers: 2, sequence: { groupOrder: 1 } } },
    ],
  },
});
