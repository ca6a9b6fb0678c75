import type { ConfigFiles } from '../config/files.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import { configFiles, fileProblem, keepText } from '../io/files.ts';
import type { Log } from '../io/log.ts';

/** A copy of the last file that a gateway ran with, for a start at which the operator's own has got faults. */
export class LastGood {
  readonly #copy: string;

  constructor(copy: string) {
    this.#copy = copy;
  }

  /** Reads the copy as if it stood where the operator's file stands; what is said of it names the copy. */
  load(file: string): LoadResult {
    const files: ConfigFiles = { read: (path) => configFiles.read(path === file ? this.#copy : path) };
    const loaded = loadConfig(file, files);
    if (!loaded.ok) return loaded;
    return { ...loaded, warnings: loaded.warnings.map((finding) => ({ ...finding, file: this.#copy })) };
  }

  /** A gateway runs with that text. A copy that can't be written is no reason to stop. */
  keep(text: string, log: Log): void {
    const problem = fileProblem(() => keepText(this.#copy, text));
    if (problem !== undefined)
      log.write('warn', 'last good configuration not kept', { copy: this.#copy, reason: problem });
  }
}
