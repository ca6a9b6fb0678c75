import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { sqlitePackage } from '../build/targets.mjs';

export default defineConfig({
  resolve: { alias: { 'better-sqlite3': sqlitePackage(process.version) } },
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/bundle.ts',
    pool: 'forks',
  },
});
