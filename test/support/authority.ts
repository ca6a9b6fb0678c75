import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a certificate says. Dates default to yesterday and a year from then. */
export interface Names {
  readonly names?: readonly string[];
  /** id-on-dnsSRV (RFC 4985), such as `_xmpp-server.denmark.test`. */
  readonly srvNames?: readonly string[];
  /** id-on-xmppAddr (RFC 6120 §13.7.1.4). */
  readonly xmppAddresses?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Extended key usage, in openssl's words; none by default. */
  readonly eku?: string;
}

/** PEM files. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** A certification authority of the suite's own, by openssl's command. */
export class Authority {
  /** PEM file of its own certificate. */
  readonly certificate: string;
  readonly #folder: string;
  #issued = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.certificate = join(folder, 'ca.pem');
  }

  static make(folder: string): Authority {
    const authority = new Authority(folder);
    mkdirSync(join(folder, 'issued'), { recursive: true });
    writeFileSync(join(folder, 'index'), '');
    writeFileSync(
      join(folder, 'ca.cnf'),
      `
        [ca]
        default_ca = authority
        [authority]
        database = ${folder}/index
        new_certs_dir = ${folder}/issued
        rand_serial = yes
        unique_subject = no
        default_md = sha256
        policy = any
        [any]
        commonName = optional
      `,
    );
    const req = ['req', '-x509', ...newKey(join(folder, 'ca.key')), '-subj', '/CN=Test authority', '-days', '3650'];
    openssl(folder, ...req, '-addext', 'keyUsage=critical,keyCertSign', '-out', authority.certificate);
    return authority;
  }

  /** A certificate of no authority. */
  static selfSigned(folder: string, name: string): Issued {
    const { certificate, key } = { certificate: join(folder, 'self.pem'), key: join(folder, 'self.key') };
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    openssl(folder, 'req', '-x509', ...newKey(key), ...names, '-days', '365', '-out', certificate);
    return { certificate, key };
  }

  issue(names: Names): Issued {
    const name = join(this.#folder, `issued-${++this.#issued}`);
    const key = `${name}.key`;
    openssl(this.#folder, 'req', '-new', ...newKey(key), '-subj', '/CN=A server', '-out', `${name}.csr`);
    writeFileSync(`${name}.ext`, extensions(names));
    const { notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + 365 * DAY_MS) } = names;
    const signer = [
      '-config',
      join(this.#folder, 'ca.cnf'),
      '-cert',
      this.certificate,
      '-keyfile',
      join(this.#folder, 'ca.key'),
    ];
    const dates = ['-startdate', stamp(notBefore), '-enddate', stamp(notAfter)];
    const files = ['-extfile', `${name}.ext`, '-in', `${name}.csr`, '-out', `${name}.pem`];
    openssl(this.#folder, 'ca', '-batch', '-notext', ...signer, ...dates, ...files);
    return { certificate: `${name}.pem`, key };
  }
}

function openssl(folder: string, ...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
}

function extensions({ names = [], srvNames = [], xmppAddresses = [], eku }: Names): string {
  const alternatives = [
    ...names.map((name) => `DNS:${name}`),
    ...srvNames.map((name) => `otherName:1.3.6.1.5.5.7.8.7;IA5STRING:${name}`),
    ...xmppAddresses.map((address) => `otherName:1.3.6.1.5.5.7.8.5;UTF8:${address}`),
  ];
  return [
    'basicConstraints = CA:FALSE',
    ...(alternatives.length === 0 ? [] : [`subjectAltName = ${alternatives.join(', ')}`]),
    ...(eku === undefined ? [] : [`extendedKeyUsage = ${eku}`]),
  ].join('\n');
}

/** As `openssl ca` reads it. */
function stamp(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
}
