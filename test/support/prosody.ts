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
}

/** The password of every account. */
export const password = 'the rest is silence';

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
    const clientPort = await freePort(options.address);
    const componentPort = await freePort(options.address);
    const file = join(folder, 'prosody.cfg.lua');
    writeFileSync(file, configuration(options, folder, clientPort, componentPort));
    createAccounts(folder, options);
    const program = new Program(`Prosody of ${options.domain}`, 'prosody', ['-F', '--config', file]);
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
    modules_enabled = { "roster", "saslauth", "disco", "ping" }
    modules_disabled = { "s2s", "offline" }
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
    ${options.muc === undefined ? '' : `Component "${options.muc}" "muc"`}
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
