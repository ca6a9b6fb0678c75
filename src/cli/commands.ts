import { version } from '../app/version.ts';
import { type Command, FILE_OPTION, JSON_OPTION } from './command.ts';
import { EXIT } from './exit-status.ts';
import { fetch } from './fetch.ts';
import { history } from './history.ts';
import { links } from './links.ts';
import { reload } from './reload.ts';
import { rooms } from './rooms.ts';
import { status } from './status.ts';
import { trace } from './trace.ts';

const plain = { options: [] };
const withFile = { options: [FILE_OPTION] };
const withJson = { options: [FILE_OPTION, JSON_OPTION] };

/** Every command of the contract but `help`, in its order. The large ones are loaded when they are called. */
export const commands: readonly Command[] = [
  {
    name: 'run',
    options: [FILE_OPTION, { name: '--last-good', value: 'COPY', summary: 'where the last good file is kept' }],
    summary: 'run the gateway',
    details:
      'Runs the gateway in the foreground and logs to stderr. A line with msg=ready tells that it serves. ' +
      'SIGTERM or SIGINT ends it with everything flushed, SIGHUP has it reload its file. With --last-good, the file that ' +
      'it runs with is kept as COPY too, and run where the file itself has got faults at the next start.',
    example: 'fmucd run -c /etc/fmucd/fmucd.toml --last-good /var/lib/fmucd/last-good.toml',
    run: async ({ file, options }) => (await import('../app/run.ts')).run(file, options['--last-good']),
  },
  {
    name: 'init',
    options: [
      FILE_OPTION,
      { name: '--domain', value: 'DOMAIN', summary: "the rooms' own domain" },
      { name: '--local-domain', value: 'DOMAINS', summary: 'whose users are ours' },
      { name: '--component', value: 'HOST:PORT', summary: 'be a component of the server there' },
      { name: '--secret-file', value: 'PATH', summary: 'a file with the secret that it wants; else one is made' },
      { name: '--s2s', value: 'HOST:PORT', summary: 'stand alone, and wait for servers there' },
      { name: '--admin', value: 'JIDS', summary: 'owners of every room' },
      { name: '--room', value: 'NAME', summary: 'a first room' },
      { name: '--name', value: 'TEXT', summary: 'what people are shown' },
      { name: '--data', value: 'DIRECTORY', summary: 'where the store is kept' },
      { name: '--control', value: 'PATH', summary: 'the control socket' },
      { name: '--yes', summary: 'ask nothing' },
      { name: '--force', summary: 'write over a file that is there' },
    ],
    summary: 'write a file for a new gateway',
    details:
      'Asks for what no option says, and writes the file, in which every key stands with what it does; then checks it, and ' +
      'says what the XMPP server has to be told. Without a terminal, or with --yes, it asks nothing: then it needs --domain, and ' +
      '--component or --s2s. A file that is there stays, unless --force is given: then a copy is kept under the same name ' +
      'with .bak. Several DOMAINS or JIDS have commas between; paths are from the directory of the file.',
    example: 'fmucd init --domain rooms.denmark.lit --component 127.0.0.1:5347',
    run: async (invocation) => {
      const [{ init }, { atTerminal }] = await Promise.all([
        import('./setup/init.ts'),
        import('./setup/conversation.ts'),
      ]);
      return atTerminal((conversation) => init(invocation, conversation));
    },
  },
  {
    name: 'pair',
    options: [
      FILE_OPTION,
      { name: '--connect', value: 'HOST:PORT', summary: 'where they can dial us; else only we dial' },
      { name: '--listen', value: 'HOST:PORT', summary: 'where we wait for them; else every address, at that port' },
      { name: '--from', value: 'ADDRESS', summary: 'the numeric address that we dial from, with --tls off' },
      { name: '--local-domain', value: 'DOMAINS', summary: "our users'; else local_domains of the file" },
      { name: '--tls', value: 'T', summary: 'pinned or off', words: ['pinned', 'off'] },
      { name: '--bandwidth', value: 'N', summary: 'bit/s on air' },
      { name: '--compression', value: 'C', summary: 'true or false', words: ['true', 'false'] },
      { name: '--transport', value: 'T', summary: 'direct or s2s', words: ['direct', 's2s'] },
      { name: '--print', summary: 'print what would be written, and write nothing' },
      { name: '--yes', summary: 'ask nothing, and write it' },
    ],
    operand: { name: 'LINE', isMany: true },
    summary: 'set up a link by voice or paper',
    details:
      'Prints a line that tells the other side all that it needs: our domains, where to dial us, the certificate to pin. LINE ' +
      'is theirs (- reads it from stdin): with it the [[link]] is made, checked, and put in the file. What both sides have ' +
      'alike (--tls, --bandwidth, --compression, --transport) one of them says, and the other has it from the line. Each line ' +
      'has a check word: compare it, by voice. On a terminal it asks for everything, so that both sides type as they listen.',
    example: 'fmucd pair --connect 10.1.0.1:5270 --bandwidth 2400',
    run: async (invocation) => {
      const [{ pair }, { atTerminal, readStdin }] = await Promise.all([
        import('./setup/pair.ts'),
        import('./setup/conversation.ts'),
      ]);
      return atTerminal((conversation) => pair(invocation, conversation, readStdin));
    },
  },
  {
    ...withFile,
    name: 'check',
    summary: 'check the file and what it needs of this machine',
    details:
      'Names every fault of the file by line and column, then checks ports, directories, secrets, certificates and ' +
      'the clock.',
    example: 'fmucd check -c /etc/fmucd/fmucd.toml',
    run: async ({ file }) => (await import('./check.ts')).check(file),
  },
  {
    ...withJson,
    name: 'status',
    summary: 'the gateway, its links and its rooms at a glance',
    details: 'Shows the gateway that runs with this file, what needs attention first.',
    example: 'fmucd status',
    run: status,
  },
  {
    ...withJson,
    name: 'links',
    operand: { name: 'PEER' },
    summary: 'each link: state, traffic, queue, delay',
    details:
      'Shows every link of the running gateway, those that are down first, then the streams with other servers and which ' +
      'way each domain goes; with PEER, all about that one, also what compression, coalescing and trimming have saved.',
    example: 'fmucd links rooms.wonderland.lit',
    run: links,
  },
  {
    ...withJson,
    name: 'rooms',
    operand: { name: 'ROOM' },
    summary: 'each room: state, occupants, history',
    details: 'Shows every room of the running gateway, those in trouble first; with ROOM, all about that one.',
    example: 'fmucd rooms elsinore@rooms.denmark.lit',
    run: rooms,
  },
  {
    ...withJson,
    name: 'fetch',
    operand: { name: 'ROOM', isRequired: true },
    summary: 'ask for messages that were left behind',
    details:
      'Asks the other node for the messages that an outage left behind, since they were more than the link brings across ' +
      "at once. They come as much at a time as the link's history allows, the newest first.",
    example: 'fmucd fetch elsinore',
    run: fetch,
  },
  { ...withFile, name: 'top', summary: 'live view', details: 'Will show the gateway live.', example: 'fmucd top' },
  {
    ...withJson,
    name: 'trace',
    operand: { name: 'PEER' },
    summary: 'the stanzas that cross a link, as they cross',
    details:
      'Shows every stanza that crosses the link to PEER, or any link, with its size as XML and on the wire, until ctrl-C. ' +
      'Stanzas that leave in one go have one size on the wire, which stands at the first.',
    example: 'fmucd trace rooms.wonderland.lit',
    run: trace,
  },
  {
    name: 'history',
    options: [FILE_OPTION, JSON_OPTION, { name: '--since', value: 'T', summary: 'only messages from then on' }],
    operand: { name: 'ROOM', isRequired: true },
    summary: "the messages in a room's archive",
    details:
      'Shows the messages that the room keeps, oldest first: when, who, and which node they came from. With --since only ' +
      'those from then on; T is a time (2026-11-21T07:30:00Z or 2026-11-21) or how long ago that was (90m, 2h, 3d).',
    example: 'fmucd history elsinore --since 2h',
    run: history,
  },
  {
    ...withFile,
    name: 'clock',
    summary: 'the time that this machine must be past',
    details:
      "Prints a time in UTC before which the clock of this machine can't be right: when the newest message in the store came " +
      'here, or this program was written. For machines without a battery, before the gateway starts: date -u -s "$(fmucd clock)"',
    example: 'fmucd clock',
    run: async (invocation) => (await import('./clock.ts')).clock(invocation),
  },
  {
    ...withFile,
    name: 'reload',
    summary: 'take a changed file in',
    details:
      'Has the running gateway follow its file, and says what has changed and what needs a restart. A file with faults ' +
      'changes nothing; each is named by line and column. Links that did not change stay up.',
    example: 'fmucd reload',
    run: reload,
  },
  {
    ...withFile,
    name: 'backup',
    operand: { name: 'FILE' },
    summary: 'a copy of the store while it runs',
    details: 'Will copy the store while the gateway runs.',
    example: 'fmucd backup /var/backups/fmucd.db',
  },
  {
    ...plain,
    name: 'demo',
    summary: 'two gateways, a slow link, two people',
    details: 'Runs two gateways with a slow link between them. On a terminal you type as either of two people.',
    example: 'fmucd demo',
    run: async () => (await import('./demo/demo.ts')).demo([]),
  },
  {
    ...plain,
    name: 'version',
    summary: 'the version of this program',
    details: 'Prints the version of this program.',
    example: 'fmucd version',
    run({ output }) {
      output.print(`fmucd ${version}`);
      return EXIT.fine;
    },
  },
];
