import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/* A part of dist/bench.json that stays as it is when another is measured. */

export function readSection(file: string, name: string): unknown {
  return read(file)[name];
}

export function writeSection(file: string, name: string, content: unknown): void {
  writeFileSync(file, `${JSON.stringify({ ...read(file), [name]: content }, null, 2)}\n`);
}

function read(file: string): Readonly<Record<string, unknown>> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
}
