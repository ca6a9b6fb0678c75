import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a certificate is to say. Dates are as openssl takes them, such as `20200101000000Z`. */
export interface Issue {
  /** dNSNames; the first is the common name too, unless `commonName` is another. */
  readonly names?: readonly string[];
  /** id-on-dnsSRV, such as `_xmpp-server.denmark.lit`. */
  readonly srvNames?: readonly string[];
  /** id-on-xmppAddr. */
  readonly xmppAddresses?: readonly string[];
  readonly commonName?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Extended key usages, such as `serverAuth,clientAuth`; none: without that extension. */
  readonly eku?: string;
  /** P-256 where absent. */
  readonly rsaBits?: number;
}

/** The files of a certificate, in PEM. */
export interface Issued {
  /** With what leads to the authority, if anything does but itself. */
  readonly certificate: string;
  readonly key: string;
}

const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';

/** A certificate authority for tests, made with the openssl program in a folder of the test's own. */
export class Authority {
  /** Its certificate, in PEM: what those who trust it are to be given. */
  readonly certificate: string;
  readonly #folder: string;
  readonly #key: string;
  /** What its certificates need of a chain, in PEM. */
  readonly #chain: string;
  #issued = 0;

  private constructor(folder: string, made: Issued, chain: string) {
    this.#folder = folder;
    this.certificate = made.certificate;
    this.#key = made.key;
    this.#chain = chain;
  }

  /** A root of its own. */
  static make(folder: string, name = 'Test authority'): Authority {
    mkdirSync(folder, { recursive: true });
    const made = { certificate: join(folder, 'authority.pem'), key: join(folder, 'authority.key') };
    openssl(`req -x509 ${NEW_KEY} -days 3650`, ['-keyout', made.key, '-out', made.certificate, '-subj', `/CN=${name}`]);
    return new Authority(folder, made, '');
  }

  /** A certificate that nobody vouches for but itself. */
  static selfSigned(folder: string, name: string): Issued {
    const made = { certificate: join(folder, 'self-signed.pem'), key: join(folder, 'self-signed.key') };
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    openssl(`req -x509 ${NEW_KEY} -days 3650`, ['-keyout', made.key, '-out', made.certificate, ...names]);
    return made;
  }

  /** Has a certificate issued. */
  issue(wanted: Issue): Issued {
    return this.#issue(wanted, 'CA:FALSE');
  }

  /** An authority that this one vouches for: what it issues comes with a chain. */
  intermediate(folder: string): Authority {
    mkdirSync(folder, { recursive: true });
    const made = this.#issue({ commonName: 'Test intermediate' }, 'critical,CA:TRUE');
    return new Authority(folder, made, readFileSync(made.certificate, 'utf8'));
  }

  #issue(wanted: Issue, constraints: string): Issued {
    const { names = [], notBefore = '20200101000000Z', notAfter = '20491231235959Z', rsaBits } = wanted;
    const stem = join(this.#folder, `issued-${++this.#issued}`);
    const [key, request, certificate] = [`${stem}.key`, `${stem}.csr`, `${stem}.pem`] as const;
    const kind = rsaBits === undefined ? 'ec -pkeyopt ec_paramgen_curve:P-256' : `rsa:${rsaBits}`;
    const subject = `/CN=${wanted.commonName ?? names[0] ?? 'nobody'}`;
    openssl(`req -new -newkey ${kind} -nodes`, ['-keyout', key, '-out', request, '-subj', subject]);
    writeFileSync(`${stem}.index`, '');
    writeFileSync(`${stem}.cnf`, configuration(wanted, constraints, stem, this.#folder));
    const dates = `-startdate ${notBefore} -enddate ${notAfter}`;
    openssl(`ca -batch -notext -name authority -extensions wanted -md sha256 ${dates}`, [
      `-config=${stem}.cnf`,
      `-cert=${this.certificate}`,
      `-keyfile=${this.#key}`,
      `-in=${request}`,
      `-out=${certificate}`,
    ]);
    appendFileSync(certificate, this.#chain);
    return { certificate, key };
  }
}

function configuration(wanted: Issue, constraints: string, stem: string, folder: string): string {
  const names = [
    ...(wanted.names ?? []).map((name) => `DNS:${name}`),
    ...(wanted.srvNames ?? []).map((name) => `otherName:1.3.6.1.5.5.7.8.7;IA5STRING:${name}`),
    ...(wanted.xmppAddresses ?? []).map((name) => `otherName:1.3.6.1.5.5.7.8.5;FORMAT:UTF8,UTF8:${name}`),
  ];
  return [
    '[authority]',
    `database = ${stem}.index`,
    `new_certs_dir = ${folder}`,
    'unique_subject = no',
    'rand_serial = yes',
    'policy = any',
    '[any]',
    'commonName = supplied',
    '[wanted]',
    `basicConstraints = ${constraints}`,
    ...(wanted.eku === undefined ? [] : [`extendedKeyUsage = ${wanted.eku}`]),
    ...(names.length === 0 ? [] : ['subjectAltName = @names', '[names]']),
    ...names.map((name, index) => name.replace(':', `.${index} = `)),
    '',
  ].join('\n');
}

function openssl(command: string, files: readonly string[]): void {
  execFileSync('openssl', [...command.split(' '), ...files], { stdio: ['ignore', 'ignore', 'pipe'] });
}
