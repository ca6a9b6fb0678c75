import { formatFinding } from '../config/finding.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import type { Fetched } from '../fmuc/resync.ts';
import { Gateway, listenersOf } from '../gateway/gateway.ts';
import type { FetchReport, StatusReport } from '../gateway/report.ts';
import { componentReport, linkReports, roomReports } from '../gateway/status.ts';
import { now } from '../io/clock.ts';
import { type ControlRequest, ControlServer, RequestError } from '../io/control.ts';
import { ControlError } from '../io/control-error.ts';
import { seed } from '../io/entropy.ts';
import { configFiles } from '../io/files.ts';
import { Log } from '../io/log.ts';
import { openStore, type Store } from '../io/sqlite.ts';
import { StoreError } from '../io/store-error.ts';
import { Tcp } from '../io/tcp.ts';
import { ListenError } from '../io/tcp-errors.ts';
import { historyPage } from './history-page.ts';
import { LastGood } from './last-good.ts';
import { Listeners } from './listeners.ts';
import { Loop } from './loop.ts';
import { reportMemory } from './memory.ts';
import { Reloader } from './reloader.ts';
import { Tracers } from './tracers.ts';
import { version } from './version.ts';

type Loaded = Extract<LoadResult, { readonly ok: true }>;

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
  if (!own.ok) {
    for (const finding of own.findings) log.write('error', 'configuration', { finding: formatFinding(finding) });
    log.write('warn', 'running with the last good configuration', { copy: copy ?? '', file });
  }
  for (const finding of warnings) log.write('warn', 'configuration', { finding: formatFinding(finding) });
  try {
    return await serve(loaded as Loaded, log, lastGood, own.ok);
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof ListenError || error instanceof ControlError)) throw error;
    log.write('error', 'cannot start', { reason: error.message });
    return 1;
  }
}

async function serve(
  { config, text }: Loaded,
  log: Log,
  lastGood: LastGood | undefined,
  isOwn: boolean,
): Promise<number> {
  const started = now();
  let problems = isOwn ? [] : [lastGoodProblem(config.file)];
  reportMemory(log, config.gateway.memory);
  const store = openStore(config.gateway.data);
  let lastConnection = 0;
  const nextConnection = () => ++lastConnection;
  const gateway = new Gateway(config, seed(), nextConnection);
  const tcp = new Tcp((input) => loop.handle(input));
  let isReady = false;
  const onRest = () => {
    if (isReady || !hasTriedServer(gateway)) return;
    isReady = true;
    log.write('info', 'ready', { domain: config.gateway.domain, version });
  };
  const tracers = new Tracers(gateway, now);
  const loop = new Loop(gateway, { store, tcp, log, now, onRest, onCrossed: tracers.tell });
  const listeners = new Listeners(tcp, nextConnection);
  const onFollowed = () => {
    problems = [];
  };
  /** From the start until the end begins. */
  let reloader: Reloader | undefined;
  const answer = ({ command, room = '', peer, after, since }: ControlRequest): unknown => {
    switch (command) {
      case 'status':
        return report(gateway, store, started, problems);
      case 'fetch':
        return fetchMissing(gateway, loop, room);
      case 'trace':
        return tracers.open(peer);
      case 'history':
        return historyPage(store.page(room, after ?? 0, since));
      case 'reload':
        if (reloader === undefined) throw new RequestError('the gateway is just starting or ending: try again');
        return reloader.reload();
    }
  };
  const control = new ControlServer(config.gateway.control, answer);
  try {
    await control.listen();
    await listeners.add(listenersOf(config));
    const stopped = untilStopped();
    // What comes of it is in the log.
    process.on('SIGHUP', () => void reloader?.reload().catch(() => {}));
    loop.start((at) => gateway.start(store, at));
    if (isOwn) lastGood?.keep(text, log);
    reloader = new Reloader({ gateway, store, loop, listeners, tracers, log, lastGood, onFollowed });
    const signal = await stopped;
    reloader = undefined;
    log.write('info', 'stopping', { signal });
    void loop.run((at) => gateway.stop(at));
  } finally {
    loop.halt();
    await tcp.shutdown();
    control.close();
    store.close();
  }
  return 0;
}

/** Whether the component's handshake is done, or has failed and will be retried. */
function hasTriedServer({ component }: Gateway): boolean {
  return component === undefined || component.state === 'up' || component.error !== undefined;
}

/** What `status` shows; `links` and `rooms` show parts of it. */
function report(gateway: Gateway, store: Store, started: number, problems: readonly string[]): StatusReport {
  const { config } = gateway;
  const kept = new Map(store.archives.map((archive) => [archive.room, archive.messages]));
  return {
    problems,
    version,
    domain: config.gateway.domain,
    uptime: Math.floor((now() - started) / 1000),
    rss: process.memoryUsage.rss(),
    component: componentReport(gateway, config),
    links: linkReports(gateway, config, now()),
    rooms: roomReports(gateway, config, (room) => kept.get(room) ?? 0),
  };
}

/**
 * Asks another node for what was left behind on its way to a room.
 * @throws {RequestError} Where there is no such room, or the gateway is too busy.
 */
function fetchMissing(gateway: Gateway, loop: Loop, room: string): FetchReport {
  const jid = room.includes('@') ? room.toLowerCase() : `${room.toLowerCase()}@${gateway.service.domain}`;
  let asked: Fetched | undefined;
  let isDone = false;
  void loop.run((at) => {
    const fetched = gateway.fetch(jid, at);
    asked = fetched.asked;
    isDone = true;
    return fetched.effects;
  });
  if (!isDone) throw new RequestError('the gateway is busy: try again');
  if (asked === undefined) throw new RequestError(`no room ${JSON.stringify(room)} that federates`);
  return { room: jid, ...asked };
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
