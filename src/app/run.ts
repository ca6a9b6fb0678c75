import type { Config } from '../config/config.ts';
import { formatFinding } from '../config/finding.ts';
import { loadConfig } from '../config/load.ts';
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
import { Loop } from './loop.ts';
import { Tracers } from './tracers.ts';
import { version } from './version.ts';

/**
 * Runs the gateway of that file in the foreground until SIGTERM or SIGINT. Answers the exit status: 0 after an orderly
 * end, 1 where it couldn't start, 2 where there is no such file.
 */
export async function run(file: string): Promise<number> {
  const loaded = loadConfig(file, configFiles);
  if (!loaded.ok) {
    for (const finding of loaded.findings) process.stderr.write(`${formatFinding(finding)}\n`);
    return loaded.isMissing ? 2 : 1;
  }
  const { config, warnings } = loaded;
  const log = new Log(process.stderr, config.log.level);
  for (const finding of warnings) log.write('warn', 'configuration', { finding: formatFinding(finding) });
  try {
    return await serve(config, log);
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof ListenError || error instanceof ControlError)) throw error;
    log.write('error', 'cannot start', { reason: error.message });
    return 1;
  }
}

async function serve(config: Config, log: Log): Promise<number> {
  const started = now();
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
    void import('./memory.ts').then(({ reportMemory }) => reportMemory(log, config.gateway.memory));
  };
  const tracers = new Tracers(gateway.links, now);
  const loop = new Loop(gateway, { store, tcp, log, now, onRest, onCrossed: tracers.tell });
  const answer = ({ command, room = '', peer, after, since }: ControlRequest): unknown => {
    switch (command) {
      case 'status':
        return report(gateway, config, store, started);
      case 'fetch':
        return fetchMissing(gateway, loop, room);
      case 'trace':
        return tracers.open(peer);
      case 'history':
        return historyPage(store.page(room, after ?? 0, since));
    }
  };
  const control = new ControlServer(config.gateway.control, answer);
  try {
    await control.listen();
    for (const listener of listenersOf(config)) await tcp.listen(listener, nextConnection);
    const stopped = untilStopped();
    process.on('SIGHUP', () =>
      log.write('warn', 'nothing reloaded', { reason: 'not in this version: restart instead' }),
    );
    loop.start((at) => gateway.start(store, at));
    const signal = await stopped;
    log.write('info', 'stopping', { signal });
    loop.run((at) => gateway.stop(at));
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
function report(gateway: Gateway, config: Config, store: Store, started: number): StatusReport {
  const kept = new Map(store.archives.map((archive) => [archive.room, archive.messages]));
  return {
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
  const jid = room.includes('@') ? room.toLowerCase() : `${room.toLowerCase()}@${gateway.service.options.domain}`;
  let asked: Fetched | undefined;
  let isDone = false;
  loop.run((at) => {
    const fetched = gateway.fetch(jid, at);
    asked = fetched.asked;
    isDone = true;
    return fetched.effects;
  });
  if (!isDone) throw new RequestError('the gateway is busy: try again');
  if (asked === undefined) throw new RequestError(`no room ${JSON.stringify(room)} that federates`);
  return { room: jid, ...asked };
}

/** Resolves with the name of the first signal that asks for an end. */
function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
