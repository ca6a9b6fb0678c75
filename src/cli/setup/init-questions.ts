import { parseHostPort } from '../../config/host-port.ts';
import { tryValue } from '../../config/try-value.ts';

/** What the operator wants, as they typed it. What isn't there isn't wanted. */
export type Answers = { readonly [K in Key]?: string };

type Key = 'domain' | 'locals' | 'way' | 'component' | 'secret' | 'secretFile' | 's2s' | 'admins' | 'room';

/** Something that a new file needs to know. */
export interface Question {
  readonly key: Key;
  /** The option that answers it too. */
  readonly option?: string;
  readonly label: string;
  /** What is taken where nothing is typed; undefined: nothing, where `isRequired` not. */
  readonly usual: (answers: Answers) => string | undefined;
  /** What stands in its brackets where nothing usual does. */
  readonly otherwise: string;
  readonly isRequired?: boolean;
  readonly isSecret?: boolean;
  readonly isAsked: (answers: Answers) => boolean;
  /** What is said against an answer: `can't be VALUE (ALLOWED)`. */
  readonly problem: (text: string) => string | undefined;
  /** For who types `?`. */
  readonly help: string;
}

/** The typed list, by commas or spaces. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter(Boolean);
}

function fits(table: string, key: string, valueOf: (text: string) => unknown, isMany = false) {
  return (text: string) => {
    const tried = tryValue(table, key, valueOf(text), isMany);
    return tried.ok ? undefined : tried.problem;
  };
}

const asText = (text: string): string => text;
const always = (): boolean => true;

/** What is asked, in this order. */
export const questions: readonly Question[] = [
  {
    key: 'domain',
    option: '--domain',
    label: 'Domain of the rooms, behind the @ in their addresses',
    usual: ({ domain }) => domain,
    otherwise: '',
    isRequired: true,
    isAsked: always,
    problem: fits('gateway', 'domain', asText),
    help:
      "A domain of the rooms' own, beneath that of the server: rooms.denmark.lit gives elsinore@rooms.denmark.lit. The server " +
      "and the other gateways have to know it by the same name. It can't be the server's own domain.",
  },
  {
    key: 'locals',
    option: '--local-domain',
    label: 'Domains whose users are ours, and need no link',
    usual: ({ locals, domain = '' }) => locals ?? parentOf(domain),
    otherwise: 'none',
    isAsked: always,
    problem: fits('gateway', 'local_domains', listOf),
    help:
      'The domains of the people on this side, several with commas between. The other side of a link is told of them: it takes ' +
      'their messages from us, and from nobody else.',
  },
  {
    key: 'way',
    label: 'How they come: component of an XMPP server, or s2s',
    usual: ({ way }) => way ?? 'component',
    otherwise: '',
    isAsked: ({ component, s2s }) => component === undefined && s2s === undefined,
    problem: (text) =>
      text === 'component' || text === 's2s' ? undefined : `can't be ${JSON.stringify(text)} (component or s2s)`,
    help:
      'component: a server here, such as Prosody or ejabberd, hands its users to us (XEP-0114). It is told two lines, which you ' +
      'are shown. s2s: we stand alone, and any server reaches us by a stream between servers.',
  },
  {
    key: 'component',
    option: '--component',
    label: 'Where that server waits for components',
    usual: ({ component }) => component ?? '127.0.0.1:5347',
    otherwise: '',
    isAsked: ({ way }) => way === 'component',
    problem: fits('link', 'connect', asText, true),
    help: 'The address and the port at which the server takes components: 5347 for Prosody, and for Openfire 5275.',
  },
  {
    key: 'secret',
    label: 'Secret that it wants of us, not shown',
    usual: () => undefined,
    otherwise: 'one is made',
    isSecret: true,
    isAsked: ({ component, secretFile }) => component !== undefined && secretFile === undefined,
    problem: fits('component', 'secret', asText),
    help:
      "What the server's configuration has for this component. Where it has nothing yet, press enter: a secret is made, and you " +
      'are shown the lines for the server.',
  },
  {
    key: 's2s',
    option: '--s2s',
    label: 'Where other servers connect to us',
    usual: ({ s2s }) => s2s ?? '0.0.0.0:5269',
    otherwise: '',
    isAsked: ({ way }) => way === 's2s',
    problem: fits('s2s', 'listen', (text) => [text]),
    help: '0.0.0.0 is every IPv4 address of this machine, [::] every address. 5269 is the port where servers look.',
  },
  {
    key: 'admins',
    option: '--admin',
    label: 'Owner of every room, who may put things right',
    usual: ({ admins }) => admins,
    otherwise: 'none',
    isAsked: always,
    problem: fits('gateway', 'admins', listOf),
    help: 'The address of somebody here, such as gertrude@denmark.lit, or several with commas between.',
  },
  {
    key: 'room',
    option: '--room',
    label: 'A first room, there from the start',
    usual: ({ room }) => room,
    otherwise: 'none',
    isAsked: always,
    problem: fits('room', 'name', asText, true),
    help: 'Its name, such as elsinore. It stays whoever comes and goes, and can be shared over a link later.',
  },
];

/** The domain above it, whose users a service beneath it most often serves. */
export function parentOf(domain: string): string | undefined {
  const parent = domain.slice(domain.indexOf('.') + 1);
  return parent !== domain && parent.includes('.') ? parent : undefined;
}

/** The tables of a file that has what was answered. `made` is the secret where none was typed. */
export function chosenBy(answers: Answers, made: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const { domain, locals, component, secret, secretFile, s2s, admins, room } = answers;
  const address = parseHostPort(component ?? '');
  const given = secretFile === undefined ? { secret: secret ?? made } : { secret_file: secretFile };
  return {
    gateway: {
      domain,
      ...(admins !== undefined && { admins: listOf(admins) }),
      ...(locals !== undefined && { local_domains: listOf(locals) }),
    },
    log: {},
    ...(address !== undefined && { component: { ...address, ...given } }),
    ...(s2s !== undefined && { s2s: { listen: [s2s] } }),
    ...(room !== undefined && { room: { name: room } }),
  };
}
