import type { Config } from '../config/config.ts';
import type { Fetched } from '../fmuc/resync.ts';
import { Gateway, listenersOf } from '../gateway/gateway.ts';
import type { ClockReport, FetchReport, StatusReport } from '../gateway/report.ts';
import { componentReport, linkReports, roomReports } from '../gateway/status.ts';
import { s2sReports, wayReports } from '../gateway/way-report.ts';
import { now } from '../io/clock.ts';
import { type ControlRequest, RequestError } from '../io/control.ts';
import { secret, seed } from '../io/entropy.ts';
import { OpenAnswer } from '../io/feed.ts';
import type { Log } from '../io/log.ts';
import { isPrepared } from '../io/replace-store.ts';
import { openStore, type Store } from '../io/sqlite.ts';
import { StoreError } from '../io/store-error.ts';
import { Tcp } from '../io/tcp.ts';
import type { Tls, TlsSettings } from '../io/tls.ts';
import { lazily } from '../lib/lazily.ts';
import { formatStamp } from '../lib/stamp.ts';
import {
  certificateAtStart,
  certificateProblems,
  certificateReport,
  identitySettings,
  isCertificateShown,
  type OwnCertificate,
  ownCertificate,
  renewedCertificate,
} from './certificate.ts';
import { historyPage } from './history-page.ts';
import { holding } from './holding.ts';
import type { LastGood } from './last-good.ts';
import { Listeners } from './listeners.ts';
import { Loop } from './loop.ts';
import { problemsOf } from './problems.ts';
import { Reloader } from './reloader.ts';
import { Restoring } from './restoring.ts';
import { Tracers } from './tracers.ts';
import { MINUTE, Traffic } from './traffic.ts';
import { version } from './version.ts';

const STARTING = 'the gateway is just starting or ending';

/** What the lives of a process share. */
export interface Site {
  readonly log: Log;
  /** When the process has started, in milliseconds since the epoch. */
  readonly started: number;
  readonly lastGood: LastGood | undefined;
  /** The text of a file that is to be kept as the last good one once a gateway runs with it. */
  unkept: string | undefined;
  /** What is wrong with the configuration that the gateway runs with. */
  problem: string | undefined;
}

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
  readonly #site: Site;
  /** Why the life before has ended. */
  readonly #before: StoreError | undefined;
  readonly #gateway: Gateway;
  readonly #tracers: Tracers;
  readonly #traffic: Traffic;
  #lastConnection = 0;
  #certificate: OwnCertificate = {};
  #running: Running | undefined;
  /** From the start until the end begins. */
  #reloader: Reloader | undefined;
  #isReady = false;
  #end: (end: StoreError | Restoring) => void = () => {};

  constructor(config: Config, site: Site, before?: StoreError) {
    this.#site = site;
    this.#before = before;
    this.#gateway = new Gateway(config, seed(), secret(), this.#nextConnection, version);
    this.#tracers = new Tracers(this.#gateway, now);
    this.#traffic = new Traffic(() => this.#gateway.links);
  }

  /** What the gateway runs with now. */
  get config(): Config {
    return this.#gateway.config;
  }

  /** Has the gateway follow a changed file, if it runs. What comes of it is in the log. */
  reload(): void {
    void this.#reloader?.reload().catch(() => {});
  }

  /**
   * Serves until `stopped` resolves with the name of a signal, or until another store is to take the place of its own, which it gives
   * back.
   * @throws {StoreError} Where the store can't be opened, can't be used at the start, or turns out to be damaged.
   */
  async serve(stopped: Promise<string>): Promise<Restoring | undefined> {
    const gateway = this.#gateway;
    const { log, lastGood } = this.#site;
    const tracers = this.#tracers;
    const store = openStore(this.config.gateway.data);
    let tls: Promise<Tls> | undefined;
    const loadTls = () =>
      (tls ??= import('../io/tls.ts').then((io) => new io.Tls(() => tlsSettings(this.config), now)));
    const dns = lazily(async () => new (await import('../io/dns.ts')).Dns());
    const tcp = new Tcp((input) => loop.handle(input), {}, loadTls);
    const resolve = async (domain: string) => (await dns()).resolve(domain);
    const loop = new Loop(gateway, { store, tcp, log, now, resolve, onRest: this.#onRest, onTraced: tracers.tell });
    const listeners = new Listeners(tcp, this.#nextConnection);
    const minutes = setInterval(() => this.#traffic.tick(), MINUTE);
    try {
      if (isCertificateShown(this.config)) this.#certificate = certificateAtStart(this.config);
      this.#running = { store, loop, newest: store.newest() };
      await listeners.add(listenersOf(this.config));
      const ended = new Promise<StoreError | Restoring>((resolve) => (this.#end = resolve));
      loop.start((at) => gateway.start(store, at));
      this.#keepGood();
      for (const problem of this.#problems()) log.write('warn', 'problem', { problem });
      const onFollowed = () => {
        this.#site.problem = undefined;
        const before = this.#certificate;
        this.#certificate = renewedCertificate(before, this.config);
        if (this.#certificate.problem === undefined) void tls?.then((made) => made.refresh());
        return before.identity?.sha256 === this.#certificate.identity?.sha256 ? [] : ['certificate: changed'];
      };
      this.#reloader = new Reloader({ gateway, store, loop, listeners, tracers, log, lastGood, onFollowed });
      const end = await Promise.race([stopped, ended]);
      this.#reloader = undefined;
      if (typeof end === 'string') log.write('info', 'stopping', { signal: end });
      void loop.run((at) => gateway.stop(at));
      if (end instanceof StoreError) throw end;
      return typeof end === 'string' ? undefined : end;
    } finally {
      clearInterval(minutes);
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

  #answer(request: ControlRequest): unknown {
    const { command, room = '', after = 0, prepared = '' } = request;
    if (command === 'status') return this.#report();
    if (command === 'top') return { report: this.#report(), log: this.#site.log.tail.since(after) };
    if (command === 'trace') return this.#tracers.open(request);
    if (command === 'reload') {
      if (this.#reloader === undefined) throw new RequestError(`${this.#before?.message ?? STARTING}: try again`);
      return this.#reloader.reload();
    }
    if (this.#running === undefined) throw new RequestError(this.#before?.message ?? STARTING);
    const { store, loop } = this.#running;
    switch (command) {
      case 'fetch':
        return fetchMissing(this.#gateway, loop, room);
      case 'history':
        return historyPage(store.page(room, { ...request, filter: request }));
      case 'clock':
        return clockReport(store.newest());
      case 'backup':
        return holding(store);
      case 'restore':
        if (this.#reloader === undefined) throw new RequestError(`${STARTING}: try again`);
        if (!isPrepared(prepared)) throw new RequestError('nothing was prepared: is the command of another version?');
        return new OpenAnswer({}, (feed) => {
          this.#end(new Restoring(prepared, feed));
          return () => {};
        });
    }
  }

  readonly #nextConnection = (): number => ++this.#lastConnection;

  readonly #onRest = (): void => {
    this.#heedDamage();
    if (this.#isReady || !hasTriedServer(this.#gateway)) return;
    this.#isReady = true;
    const { domain, memory } = this.config.gateway;
    this.#site.log.write('info', 'ready', { domain, version });
    // Nobody is shown it yet, and nobody waits for it.
    if (!isCertificateShown(this.config)) this.#certificate = ownCertificate(this.config);
    void import('./memory.ts').then(({ reportMemory }) => reportMemory(this.#site.log, memory));
  };

  #keepGood(): void {
    const { unkept, lastGood, log } = this.#site;
    if (unkept !== undefined) lastGood?.keep(unkept, log);
    this.#site.unkept = undefined;
  }

  #heedDamage(): void {
    const damage = this.#running?.store.damage;
    if (damage !== undefined) this.#end(damage);
  }

  #problems(): string[] {
    const problems = problemsOf({
      data: this.config.gateway.data,
      failure: this.#running === undefined ? this.#before : this.#running.store.problem(),
      certificate: certificateProblems(this.#certificate, this.config, now()),
      newest: this.#running?.newest,
      now: now(),
    });
    return this.#site.problem === undefined ? problems : [...problems, this.#site.problem];
  }

  /** What `status` shows; `links` and `rooms` show parts of it. */
  #report(): StatusReport {
    const gateway = this.#gateway;
    const { config } = this;
    return {
      version,
      domain: config.gateway.domain,
      uptime: Math.floor((now() - this.#site.started) / 1000),
      rss: process.memoryUsage.rss(),
      problems: this.#problems(),
      component: componentReport(gateway, config, now()),
      certificate: certificateReport(this.#certificate),
      links: linkReports(gateway, config, now()).map(this.#traffic.withMinutes),
      s2s: s2sReports(gateway, now()),
      ways: wayReports(gateway),
      rooms: roomReports(gateway, (room) => this.#running?.store.count(room) ?? 0),
    };
  }
}

/** What of the file TLS is done with. It is read when the first connection is secured. */
function tlsSettings(config: Config): TlsSettings {
  return { identity: identitySettings(config), data: config.gateway.data, ca: config.s2s?.ca };
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
