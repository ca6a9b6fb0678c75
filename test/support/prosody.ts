import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './ending.ts';
import { freePort } from './ports.ts';
import { Program } from './program.ts';

export interface ProsodyOptions {
  readonly domain: string;
  /** The loopback address that it has to itself. */
  readonly address: string;
  /** Localparts of the accounts; the password of each is `password`. */
  readonly users: readonly string[];
  /** Secrets of the external components, by domain (XEP-0114). */
  readonly components?: Readonly<Record<string, string>>;
  /** A domain for Prosody's own multi-user chat, to compare with. */
  readonly muc?: string;
  /** With server-to-server streams (dialback, in the clear): the address of each domain, its own among them. */
  readonly s2s?: { readonly interface: string; readonly hosts: Readonly<Record<string, string>> };
  /** A command that has it run in surroundings of its own, where every port is free. */
  readonly within?: readonly string[];
}

/** The password of every account. */
export const password = 'the rest is silence';

const CLIENT_PORT = 5222;
const COMPONENT_PORT = 5347;
const S2S_PORT = 5269;

/** A private Prosody: own folder, own ports, streams in the clear. It runs until `endAll`. */
export class Prosody {
  readonly domain: string;
  readonly address: string;
  readonly clientPort: number;
  readonly componentPort: number;

  private constructor(options: ProsodyOptions, clientPort: number, componentPort: number) {
    this.domain = options.domain;
    this.address = options.address;
    this.clientPort = clientPort;
    this.componentPort = componentPort;
  }

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
    const program = new Program(`Prosody of ${options.domain}`, command, args);
    const ports = options.components === undefined ? [clientPort] : [clientPort, componentPort];
    await Promise.all(
      ports.map((port) =>
        program.lines.expect(`a listener on port ${port}`, (line) => line.includes(`on [${options.address}]:${port}`)),
      ),
    );
    return new Prosody(options, clientPort, componentPort);
  }
}

function configuration(options: ProsodyOptions, folder: string, clientPort: number, componentPort: number): string {
  const components = Object.entries(options.components ?? {});
  return `
    run_as_root = true
    data_path = "${folder}/data"
    certificates = "${folder}"
    log = { { levels = { min = "info" }, to = "console" } }
    modules_enabled = { "roster", "saslauth", "disco", "ping"${options.s2s === undefined ? '' : ', "dialback"'} }
    ${options.s2s === undefined ? 'modules_disabled = { "s2s", "offline" }' : serverToServer(options.s2s, folder)}
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
    ${options.muc === undefined ? '' : multiUserChat(options.muc)}
  `;
}

/** Every room keeps all that is said in it. */
function multiUserChat(domain: string): string {
  return `
    Component "${domain}" "muc"
    muc_room_locking = false
    muc_room_default_history_length = 10000
    max_history_messages = 10000
  `;
}

/** Names are resolved from a file: nobody is asked. */
function serverToServer(s2s: NonNullable<ProsodyOptions['s2s']>, folder: string): string {
  const hosts = join(folder, 'hosts');
  writeFileSync(
    hosts,
    Object.entries(s2s.hosts)
      .map(([domain, address]) => `${address} ${domain}\n`)
      .join(''),
  );
  return `
    modules_disabled = { "offline", "tls" }
    s2s_interfaces = { "${s2s.interface}" }
    s2s_ports = { ${S2S_PORT} }
    s2s_direct_tls_ports = {}
    s2s_require_encryption = false
    s2s_secure_auth = false
    unbound = { hoststxt = "${hosts}" }
  `;
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
