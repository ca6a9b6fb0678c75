import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './ending.ts';
import { ForeignServer } from './foreign-server.ts';
import { freePort } from './ports.ts';
import { Program } from './program.ts';
import { password, type SecureServer } from './server.ts';

export interface ProsodyOptions {
  readonly domain: string;
  /** The loopback address that it has to itself. */
  readonly address: string;
  /** Localparts of the accounts; the password of each is `password`. */
  readonly users: readonly string[];
  /** Secrets of the external components, by domain (XEP-0114). */
  readonly components?: Readonly<Record<string, string>>;
  /** What its operator adds for components, at the end of its file. */
  readonly added?: string;
  /** A domain for Prosody's own multi-user chat, to compare with. */
  readonly muc?: string;
  /** Whether that keeps an archive of each room too (XEP-0313), in Prosody's own files. */
  readonly archive?: boolean;
  /** With server-to-server streams. */
  readonly s2s?: ProsodyS2s;
  /** A command that has it run in surroundings of its own, where every port is free. */
  readonly within?: readonly string[];
}

export interface ProsodyS2s {
  readonly interface: string;
  /** The address of each domain. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Without, streams are in the clear and servers prove by dialback who they are. */
  readonly tls?: SecureServer;
  /** A port for TLS from the first byte on (XEP-0368). */
  readonly directTlsPort?: number;
  /** One stream for both directions (XEP-0288). */
  readonly bidi?: boolean;
  /** Acknowledges stanzas (XEP-0198), and says so in its log; it resumes no stream of another server. */
  readonly smacks?: boolean;
}

const CLIENT_PORT = 5222;
const COMPONENT_PORT = 5347;
const S2S_PORT = 5269;

/** A private Prosody: own folder, own ports, streams in the clear. It runs until `endAll`. */
export class Prosody extends ForeignServer {
  /** Resolves when clients and components can connect. */
  static async start(options: ProsodyOptions): Promise<Prosody> {
    const folder = temporaryFolder();
    const { within = [] } = options;
    const clientPort = within.length > 0 ? CLIENT_PORT : await freePort(options.address);
    const componentPort = within.length > 0 ? COMPONENT_PORT : await freePort(options.address);
    const file = join(folder, 'prosody.cfg.lua');
    writeFileSync(file, configuration(options, folder, clientPort, componentPort));
    createAccounts(folder, options);
    const [command, ...args] = [...within, 'prosody', '-F', '--config', file] as const;
    const listeners = [
      [options.address, clientPort],
      ...(options.components === undefined && options.added === undefined ? [] : [[options.address, componentPort]]),
      ...(options.s2s === undefined ? [] : [[options.s2s.interface, S2S_PORT]]),
    ];
    const run = async (): Promise<Program> => {
      const program = new Program(`Prosody of ${options.domain}`, command, args);
      await Promise.all(
        listeners.map(([address, port]) =>
          program.lines.expect(`a listener on port ${port}`, (line) => line.includes(`on [${address}]:${port}`)),
        ),
      );
      return program;
    };
    return new Prosody({ ...options, clientPort, componentPort }, await run(), run);
  }
}

function configuration(options: ProsodyOptions, folder: string, clientPort: number, componentPort: number): string {
  const components = Object.entries(options.components ?? {});
  return `
    run_as_root = true
    data_path = "${folder}/data"
    certificates = "${folder}"
    log = { { levels = { min = "${options.s2s?.smacks === true ? 'debug' : 'info'}" }, to = "console" } }
    ${options.s2s === undefined ? alone : serverToServer(options.s2s, folder)}
    authentication = "internal_plain"
    c2s_require_encryption = false
    allow_unencrypted_plain_auth = true
    c2s_interfaces = { "${options.address}" }
    c2s_ports = { ${clientPort} }
    c2s_direct_tls_ports = {}
    component_interfaces = { "${options.address}" }
    component_ports = { ${componentPort} }
    VirtualHost "${options.domain}"
    ${components.map(([domain, secret]) => `Component "${domain}"\ncomponent_secret = "${secret}"`).join('\n')}
    ${options.muc === undefined ? '' : multiUserChat(options.muc, options.archive)}
    ${options.added ?? ''}
  `;
}

/** Every room keeps all that is said in it. */
function multiUserChat(domain: string, hasArchive = false): string {
  return `
    Component "${domain}" "muc"
    ${hasArchive ? 'modules_enabled = { "muc_mam" }' : ''}
    muc_room_locking = false
    muc_room_default_history_length = 10000
    max_history_messages = 10000
  `;
}

const MODULES = ['roster', 'saslauth', 'disco', 'ping'];

const alone = modules(MODULES, ['s2s', 'offline']);

/** Names are resolved from a file: nobody is asked. */
function serverToServer(s2s: ProsodyS2s, folder: string): string {
  const hosts = join(folder, 'hosts');
  writeFileSync(
    hosts,
    Object.entries(s2s.hosts)
      .map(([domain, address]) => `${address} ${domain}\n`)
      .join(''),
  );
  const { tls, bidi = false, smacks = false, directTlsPort } = s2s;
  const isExternal = tls?.auth === 'external';
  const enabled = [...(isExternal ? [] : ['dialback']), ...(bidi ? ['s2s_bidi'] : []), ...(smacks ? ['smacks'] : [])];
  return `
    ${
      tls === undefined
        ? modules([...MODULES, ...enabled], ['offline', 'tls'])
        : modules([...MODULES, ...enabled, 'tls'], isExternal ? ['offline'] : ['offline', 's2s_auth_certs'])
    }
    ${tls === undefined ? '' : certificates(tls)}
    s2s_interfaces = { "${s2s.interface}" }
    s2s_ports = { ${S2S_PORT} }
    s2s_direct_tls_ports = { ${directTlsPort ?? ''} }
    s2s_require_encryption = ${tls !== undefined}
    s2s_secure_auth = ${isExternal}
    unbound = { hoststxt = "${hosts}" }
  `;
}

/** Clients are offered no TLS, since a certificate without a key is none: they trust no authority of the suite's. */
function certificates({ certificate, key, authority }: SecureServer): string {
  const own = `{ certificate = "${certificate}", key = "${key}", cafile = "${authority}" }`;
  return `
    s2s_ssl = ${own}
    s2s_direct_tls_ssl = ${own}
    c2s_ssl = { certificate = "${certificate}" }
  `;
}

function modules(enabled: readonly string[], disabled: readonly string[]): string {
  const list = (names: readonly string[]): string => `{ ${names.map((name) => `"${name}"`).join(', ')} }`;
  return `modules_enabled = ${list(enabled)}\n    modules_disabled = ${list(disabled)}`;
}

/** As Prosody's internal storage has them; a byte of a name that is no letter or digit is percent-encoded. */
function createAccounts(folder: string, { domain, users }: ProsodyOptions): void {
  const accounts = join(folder, 'data', encode(domain), 'accounts');
  mkdirSync(accounts, { recursive: true });
  for (const user of users)
    writeFileSync(join(accounts, `${encode(user)}.dat`), `return { password = "${password}" };`);
}

function encode(name: string): string {
  return name.replace(/[^a-z0-9]/gi, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
