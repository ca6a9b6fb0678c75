import { type ConfigChanges, changesOf, describeChanges, isNoChange } from '../config/changes.ts';
import { formatFinding } from '../config/finding.ts';
import { loadConfig } from '../config/load.ts';
import { type Gateway, listenersOf } from '../gateway/gateway.ts';
import type { ReloadReport } from '../gateway/report.ts';
import { RequestError } from '../io/control.ts';
import { configFiles } from '../io/files.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/sqlite.ts';
import { ListenError } from '../io/tcp-errors.ts';
import type { LastGood } from './last-good.ts';
import type { Listeners } from './listeners.ts';
import type { Loop } from './loop.ts';
import type { Tracers } from './tracers.ts';

/** What takes a changed file over. */
export interface Running {
  readonly gateway: Gateway;
  readonly store: Store;
  readonly loop: Loop;
  readonly listeners: Listeners;
  readonly tracers: Tracers;
  readonly log: Log;
  readonly lastGood: LastGood | undefined;
  /** Called whenever the gateway runs with the operator's file as it is now. Says what else has changed with it, a line each. */
  readonly onFollowed: () => readonly string[];
}

/** Has the running gateway follow the operator's file: all of it, or where that can't be, nothing. */
export class Reloader {
  readonly #running: Running;
  /** One after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(running: Running) {
    this.#running = running;
  }

  /**
   * Reads the file and takes it over, unless it has got faults. What comes of it is in the log too.
   * @throws {RequestError} Where it can't be taken over although it is fine; then nothing has changed.
   */
  reload(): Promise<ReloadReport> {
    const reloaded = this.#last.then(() => this.#reload());
    this.#last = reloaded.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#running.log.write('error', 'nothing reloaded', { reason });
    });
    return reloaded;
  }

  async #reload(): Promise<ReloadReport> {
    const { gateway, log, lastGood, onFollowed } = this.#running;
    const { file } = gateway.config;
    const loaded = loadConfig(file, configFiles);
    const findings = (loaded.ok ? loaded.warnings : loaded.findings).map((finding) => {
      log.write(finding.severity === 'error' ? 'error' : 'warn', 'configuration', { finding: formatFinding(finding) });
      return formatFinding(finding);
    });
    if (!loaded.ok) {
      log.write('error', 'nothing reloaded', { reason: 'the file has faults' });
      return { file, isTaken: false, findings, changes: [], restart: [] };
    }
    const changes = changesOf(gateway.config, loaded.config);
    if (!isNoChange(changes)) await this.#follow(changes);
    const others = onFollowed();
    lastGood?.keep(loaded.text, log);
    const lines = [...describeChanges(changes), ...others];
    for (const change of lines) log.write('info', 'reloaded', { change });
    for (const key of changes.restart) log.write('warn', 'needs a restart', { key });
    if (lines.length === 0) log.write('info', 'nothing changed', { file });
    return { file, isTaken: true, findings, changes: lines, restart: changes.restart };
  }

  async #follow(changes: ConfigChanges): Promise<void> {
    const { gateway, store, loop, listeners, tracers, log } = this.#running;
    const wanted = listenersOf(changes.config);
    const takeBack = await listeners.add(wanted).catch((error: unknown) => {
      throw error instanceof ListenError ? new RequestError(`nothing has changed: ${error.message}`) : error;
    });
    const problem = await loop.run((at) => gateway.reconfigure(changes, store, at));
    if (problem !== undefined) {
      await takeBack();
      throw new RequestError(`nothing has changed: ${problem}`);
    }
    listeners.keepOnly(wanted);
    log.level = changes.config.log.level;
    tracers.settle();
  }
}
