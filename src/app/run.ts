import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatFinding } from '../config/finding.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import { now } from '../io/clock.ts';
import { ControlServer } from '../io/control.ts';
import { ControlError } from '../io/control-error.ts';
import { seed } from '../io/entropy.ts';
import { configFiles } from '../io/files.ts';
import { Heartbeat } from '../io/heartbeat.ts';
import { IdentityError } from '../io/identity.ts';
import { Log } from '../io/log.ts';
import { type StoreCondition, StoreError } from '../io/store-error.ts';
import { setAside } from '../io/store-files.ts';
import { ListenError } from '../io/tcp-errors.ts';
import { Backoff } from '../lib/backoff.ts';
import { Random } from '../lib/random.ts';
import { LastGood } from './last-good.ts';
import { Life, type Site } from './life.ts';

type Loaded = Extract<LoadResult, { readonly ok: true }>;

/** Bounds of the time before a store that failed is opened again, in milliseconds. */
const RETRY = { min: 1000, max: 30_000 };

/** What takes the operator to mend. */
const STOPPING = [StoreError, ListenError, ControlError, IdentityError];

/** What may pass without a change of the file or of what else runs. */
const PASSING: ReadonlySet<StoreCondition> = new Set(['full', 'failing', 'read-only', 'corrupt']);

/**
 * Runs the gateway of that file in the foreground until SIGTERM or SIGINT; where the file has got faults, with the last one
 * that had none, if `copy` is where that is kept. Answers the exit status: 0 after an orderly end, 1 where it couldn't
 * start, 2 where there is no such file.
 */
export async function run(file: string, copy?: string): Promise<number> {
  const lastGood = copy === undefined ? undefined : new LastGood(copy);
  const own = loadConfig(file, configFiles);
  const loaded = own.ok ? own : lastGood?.load(file);
  if (!own.ok && loaded?.ok !== true) {
    for (const finding of own.findings) process.stderr.write(`${formatFinding(finding)}\n`);
    return own.isMissing ? 2 : 1;
  }
  const { config, warnings } = loaded as Loaded;
  const log = new Log(process.stderr, config.log.level);
  process.once('exit', () => log.flush());
  if (!own.ok) {
    for (const finding of own.findings) log.write('error', 'configuration', { finding: formatFinding(finding) });
    log.write('warn', 'running with the last good configuration', { copy: copy ?? '', file });
  }
  for (const finding of warnings) log.write('warn', 'configuration', { finding: formatFinding(finding) });
  try {
    return await serve(loaded as Loaded, log, lastGood, own.ok);
  } catch (error) {
    if (!STOPPING.some((kind) => error instanceof kind)) throw error;
    const { message: reason } = error as Error;
    log.write('error', 'cannot start', { reason });
    return 1;
  }
}

/**
 * Serves until a signal ends it. Where the store fails the gateway, it tells so at its control socket and tries again: a
 * store that is damaged is set aside first, and one that finds no space is opened once there is.
 */
async function serve(
  { config, text }: Loaded,
  log: Log,
  lastGood: LastGood | undefined,
  isOwn: boolean,
): Promise<number> {
  const stopped = untilStopped();
  const site: Site = {
    log,
    started: now(),
    lastGood,
    // What is reloaded since is kept by whoever reloads it.
    unkept: isOwn ? text : undefined,
    problem: isOwn ? undefined : lastGoodProblem(config.file),
  };
  let life = new Life(config, site);
  process.on('SIGHUP', () => life.reload());
  const control = new ControlServer(config.gateway.control, (request) => life.answer(request));
  await control.listen();
  const heartbeat = new Heartbeat(config.gateway.control, log);
  const backoff = new Backoff(new Random(seed()), RETRY);
  let said = '';
  try {
    for (;;) {
      const begun = now();
      try {
        const restoring = await life.serve(stopped);
        if (restoring === undefined) return 0;
        restoring.carryOut(life.config.gateway.data, log);
        life = new Life(life.config, site);
        control.hangUp();
        continue;
      } catch (error) {
        if (!(error instanceof StoreError && PASSING.has(error.condition))) throw error;
        life = new Life(life.config, site, error);
        control.hangUp();
        if (error.message !== said) log.write('error', 'store failed', { reason: error.message });
        said = error.message;
        if (error.condition === 'corrupt') keepAside(config.gateway.data, log);
      }
      if (now() - begun > RETRY.max) backoff.reset();
      const signal = await Promise.race([stopped, setTimeout(backoff.next(), undefined, { ref: false })]);
      if (signal !== undefined) return 0;
    }
  } finally {
    heartbeat.stop();
    control.close();
  }
}

/** Where that can't be done now, the damage is met again. */
function keepAside(data: string, log: Log): void {
  try {
    log.write('error', 'damaged store set aside', { kept: join(data, setAside(data, now())) });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.write('error', 'damaged store stays', { reason: error.message });
  }
}

function lastGoodProblem(file: string): string {
  return (
    `${file} has faults, so the gateway runs with the last good configuration: see them with "fmucd check", ` +
    'mend them, then "fmucd reload"'
  );
}

/** Resolves with the name of the first signal that asks for an end. */
function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
