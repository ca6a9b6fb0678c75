import type { Config } from '../config/config.ts';
import type { Fetched } from '../fmuc/resync.ts';
import { Gateway, listenersOf } from '../gateway/gateway.ts';
import type { ClockReport, FetchReport, StatusReport } from '../gateway/report.ts';
import { componentReport, linkReports, roomReports } from '../gateway/status.ts';
import { now } from '../io/clock.ts';
import { type ControlRequest, RequestError } from '../io/control.ts';
import { seed } from '../io/entropy.ts';
import type { Log } from '../io/log.ts';
import { openStore, type Store } from '../io/sqlite.ts';
import type { StoreError } from '../io/store-error.ts';
import { Tcp } from '../io/tcp.ts';
import { formatStamp } from '../lib/stamp.ts';
import { historyPage } from './history-page.ts';
import { Loop } from './loop.ts';
import { problemsOf } from './problems.ts';
import { Tracers } from './tracers.ts';
import { version } from './version.ts';

/** The gateway upon an open store. */
interface Running {
  readonly store: Store;
  readonly loop: Loop;
  /** When the newest message at the start came here. */
  readonly newest: number | undefined;
}

/**
 * A life of the gateway: from the opening of its store until it is to stop, or until the store fails it. Before and after,
 * it still tells how it stands.
 */
export class Life {
  readonly #config: Config;
  readonly #log: Log;
  readonly #started: number;
  /** Why the life before has ended. */
  readonly #before: StoreError | undefined;
  readonly #gateway: Gateway;
  readonly #tracers: Tracers;
  #lastConnection = 0;
  #running: Running | undefined;
  #isReady = false;
  #end: (damage: StoreError) => void = () => {};

  /** `started` is when the process has, in milliseconds since the epoch. */
  constructor(config: Config, log: Log, started: number, before?: StoreError) {
    this.#config = config;
    this.#log = log;
    this.#started = started;
    this.#before = before;
    this.#gateway = new Gateway(config, seed(), this.#nextConnection);
    this.#tracers = new Tracers(this.#gateway.links, now);
  }

  /**
   * Serves until `stopped` resolves with the name of a signal.
   * @throws {StoreError} Where the store can't be opened, can't be used at the start, or turns out to be damaged.
   */
  async serve(stopped: Promise<string>): Promise<void> {
    const { gateway: file } = this.#config;
    const store = openStore(file.data);
    const tcp = new Tcp((input) => loop.handle(input));
    const world = { store, tcp, log: this.#log, now, onRest: this.#onRest, onCrossed: this.#tracers.tell };
    const loop = new Loop(this.#gateway, world);
    try {
      this.#running = { store, loop, newest: store.newest() };
      for (const listener of listenersOf(this.#config)) await tcp.listen(listener, this.#nextConnection);
      const damaged = new Promise<StoreError>((resolve) => (this.#end = resolve));
      loop.start((at) => this.#gateway.start(store, at));
      for (const problem of this.#problems()) this.#log.write('warn', 'problem', { problem });
      const end = await Promise.race([stopped, damaged]);
      if (typeof end === 'string') this.#log.write('info', 'stopping', { signal: end });
      loop.run((at) => this.#gateway.stop(at));
      if (typeof end !== 'string') throw end;
    } finally {
      loop.halt();
      await tcp.shutdown();
      store.close();
    }
  }

  /**
   * The result of a request over the control socket.
   * @throws {RequestError} Where it can't be met.
   */
  answer(request: ControlRequest): unknown {
    try {
      return this.#answer(request);
    } finally {
      this.#heedDamage();
    }
  }

  #answer({ command, room = '', peer, after, since }: ControlRequest): unknown {
    if (command === 'status') return this.#report();
    if (command === 'trace') return this.#tracers.open(peer);
    if (this.#running === undefined) throw new RequestError(this.#before?.message ?? 'the gateway is just starting');
    const { store, loop } = this.#running;
    switch (command) {
      case 'fetch':
        return fetchMissing(this.#gateway, loop, room);
      case 'history':
        return historyPage(store.page(room, after ?? 0, since));
      case 'clock':
        return clockReport(store.newest());
    }
  }

  readonly #nextConnection = (): number => ++this.#lastConnection;

  readonly #onRest = (): void => {
    this.#heedDamage();
    if (this.#isReady || !hasTriedServer(this.#gateway)) return;
    this.#isReady = true;
    this.#log.write('info', 'ready', { domain: this.#config.gateway.domain, version });
  };

  #heedDamage(): void {
    const damage = this.#running?.store.damage;
    if (damage !== undefined) this.#end(damage);
  }

  #problems(): string[] {
    return problemsOf({
      data: this.#config.gateway.data,
      failure: this.#running === undefined ? this.#before : this.#running.store.problem(),
      newest: this.#running?.newest,
      now: now(),
    });
  }

  /** What `status` shows; `links` and `rooms` show parts of it. */
  #report(): StatusReport {
    const gateway = this.#gateway;
    const config = this.#config;
    return {
      version,
      domain: config.gateway.domain,
      uptime: Math.floor((now() - this.#started) / 1000),
      rss: process.memoryUsage.rss(),
      problems: this.#problems(),
      component: componentReport(gateway, config, now()),
      links: linkReports(gateway, config, now()),
      rooms: roomReports(gateway, config, (room) => this.#running?.store.count(room) ?? 0),
    };
  }
}

/** Whether the component's handshake is done, or has failed and will be retried. */
function hasTriedServer({ component }: Gateway): boolean {
  return component === undefined || component.state === 'up' || component.error !== undefined;
}

function clockReport(newest: number | undefined): ClockReport {
  return { newest: newest === undefined ? null : formatStamp(newest) };
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
