import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './ending.ts';
import { ForeignServer } from './foreign-server.ts';
import { nameServer } from './name-server.ts';
import { freePort } from './ports.ts';
import { Program } from './program.ts';
import { password, type SecureServer } from './server.ts';

export interface EjabberdOptions {
  readonly domain: string;
  /** The loopback address that it has to itself. Other servers reach it at port 5269 there. */
  readonly address: string;
  readonly users: readonly string[];
  readonly components?: Readonly<Record<string, string>>;
  /** What its operator adds to `listen`, in YAML; its ports are as they stand there, but for `componentPort`. */
  readonly added?: (componentPort: number) => string;
  /** A domain for a multi-user chat of its own. */
  readonly muc?: string;
  /** With server-to-server streams. */
  readonly s2s?: {
    /** The address of each other domain. */
    readonly hosts: Readonly<Record<string, string>>;
    /** Those of them that take TLS from the first byte on (XEP-0368). */
    readonly directTls?: readonly string[];
    /** Without, its streams are in the clear. */
    readonly tls?: SecureServer;
  };
}

const S2S_PORT = 5269;

/** Where Debian keeps it. */
const LIBRARIES = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

/** A private ejabberd: own folder, own ports, a node without a name, so that there is no port mapper. It runs until `endAll`. */
export class Ejabberd extends ForeignServer {
  /** Resolves when clients, components and servers can connect. */
  static async start(options: EjabberdOptions): Promise<Ejabberd> {
    const folder = temporaryFolder();
    const clientPort = await freePort(options.address);
    const componentPort = await freePort(options.address);
    const file = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const environment = {
      HOME: folder,
      ERL_LIBS: LIBRARIES,
      ERL_INETRC: file('inetrc', await resolution(options.s2s ?? { hosts: {} })),
      EJABBERD_CONFIG_PATH: file(
        'ejabberd.yml',
        yaml(configuration(options, clientPort, componentPort), options.added?.(componentPort)),
      ),
      EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
      EJABBERD_PID_PATH: join(folder, 'ejabberd.pid'),
    };
    const command = [
      'erl',
      '-noinput',
      '-mnesia',
      'dir',
      `"${folder}/database"`,
      '-s',
      'ejabberd',
      '-eval',
      accounts(options),
    ];
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const run = async (): Promise<Program> => {
      const program = new Program(`ejabberd of ${options.domain}`, 'env', [...variables, ...command]);
      await Promise.all([
        program.lines.expect('accounts', (line) => line === 'accounts made'),
        ...[clientPort, componentPort, ...(options.s2s === undefined ? [] : [S2S_PORT])].map((port) =>
          program.lines.expect(`a listener on port ${port}`, (line) =>
            line.includes(`connections at ${options.address}:${port} `),
          ),
        ),
      ]);
      return program;
    };
    return new Ejabberd({ ...options, clientPort, componentPort }, await run(), run);
  }
}

/** YAML holds JSON. `added` are more listeners. */
function yaml({ listen, ...others }: Configuration, added = ''): string {
  const lines = Object.entries(others).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return [...lines, 'listen:', ...listen.map((listener) => `  - ${JSON.stringify(listener)}`), added, ''].join('\n');
}

interface Configuration {
  readonly listen: readonly unknown[];
  readonly [key: string]: unknown;
}

function configuration(options: EjabberdOptions, clientPort: number, componentPort: number): Configuration {
  const { address: ip, components = {}, domain, muc } = options;
  const tls = options.s2s?.tls;
  const secrets = Object.entries(components).map(([name, secret]) => [name, { password: secret }]);
  return {
    hosts: [domain],
    loglevel: 'info',
    listen: [
      { port: clientPort, ip, module: 'ejabberd_c2s' },
      ...(options.added === undefined
        ? [{ port: componentPort, ip, module: 'ejabberd_service', hosts: Object.fromEntries(secrets) as unknown }]
        : []),
      ...(options.s2s === undefined ? [] : [{ port: S2S_PORT, ip, module: 'ejabberd_s2s_in' }]),
    ],
    auth_method: ['internal'],
    s2s_use_starttls: tls === undefined ? false : 'required',
    ...(tls && { certfiles: [tls.certificate, tls.key] }),
    ...(tls?.auth === 'external' ? { ca_file: tls.authority } : {}),
    modules: {
      mod_disco: {},
      mod_ping: {},
      ...(tls?.auth === 'external' ? {} : { mod_s2s_dialback: {} }),
      ...(muc === undefined ? {} : { mod_muc: { host: muc } }),
    },
  };
}

/** Names are resolved by a server of ours: nobody else is asked. Erlang's own hosts file isn't looked at for servers. */
async function resolution({ hosts, directTls = [] }: NonNullable<EjabberdOptions['s2s']>): Promise<string> {
  const services = Object.entries(hosts).map(([domain, target]) => {
    const service = directTls.includes(domain) ? '_xmpps-server' : '_xmpp-server';
    return [`${service}._tcp.${domain}`, { port: S2S_PORT, target }] as const;
  });
  const port = await nameServer(Object.fromEntries(services));
  return `{resolv_conf, ""}.\n{nameserver, {127,0,0,1}, ${port}}.\n`;
}

/** What makes the accounts that aren't there yet, in Erlang, once the server runs. */
function accounts({ domain, users }: EjabberdOptions): string {
  const made = users.map((user) => `ejabberd_auth:try_register(<<"${user}">>, <<"${domain}">>, <<"${password}">>)`);
  return `${[...made, 'io:format("accounts made~n")'].join(', ')}.`;
}
