import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { sqlitePackage } from '../build/targets.mjs';

export default defineConfig({
  resolve: { alias: { 'better-sqlite3': sqlitePackage(process.version) } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: fileURLToPath(new URL('support/bundle.ts', import.meta.url)),
    pool: 'forks',
  },
});
