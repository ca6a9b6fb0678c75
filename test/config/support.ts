import type { ConfigFiles } from '../../src/config/files.ts';
import { formatFinding } from '../../src/config/finding.ts';
import { type LoadResult, loadConfig } from '../../src/config/load.ts';

/** Files in memory: text, or text with its permission bits (600 unless given). */
export type FakeFiles = Readonly<Record<string, string | { readonly text: string; readonly mode: number }>>;

export function fakeFiles(files: FakeFiles): ConfigFiles {
  return {
    read(path) {
      const file = files[path];
      if (file === undefined) return { ok: false, isMissing: true, reason: 'no such file or directory' };
      return { ok: true, ...(typeof file === 'string' ? { text: file, mode: 0o100600 } : file) };
    },
  };
}

/** Loads a text as `/f.toml`. */
export function load(text: string, mode = 0o100600, others: FakeFiles = {}): LoadResult {
  return loadConfig('/f.toml', fakeFiles({ '/f.toml': { text, mode }, ...others }));
}

/** What is said of a file by which nobody can come, as most texts of a few lines are; `reach.test.ts` has it. */
const UNREACHED = /: warning: (?:nobody reaches the rooms|no users of our own can come)/;

/** What is said about a text, as the operator reads it, the file's name left out. */
export function said(result: LoadResult): string[] {
  return everythingSaid(result).filter((line) => !UNREACHED.test(line));
}

/** The same, also where nobody can come. */
export function everythingSaid(result: LoadResult): string[] {
  return (result.ok ? result.warnings : result.findings).map((finding) =>
    formatFinding(finding).replace('/f.toml:', ''),
  );
}
