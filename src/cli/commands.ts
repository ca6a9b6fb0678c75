import { version } from '../app/version.ts';
import { KINDS } from '../stanza/gist.ts';
import { type Command, FILE_OPTION, JSON_OPTION, type Option } from './command.ts';
import { EXIT } from './exit-status.ts';

const plain = { options: [] };
const withFile = { options: [FILE_OPTION] };
const withJson = { options: [FILE_OPTION, JSON_OPTION] };

const SPAN_OPTIONS: readonly Option[] = [
  { name: '--since', value: 'T', summary: 'only messages from then on' },
  { name: '--until', value: 'T', summary: 'only messages up to then' },
];

/** Every command of the contract but `help`, in its order. What a command needs is loaded when it is called. */
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
    ...withJson,
    name: 'check',
    operand: { name: 'OTHER', isMany: true },
    summary: 'check the file and what it needs',
    details:
      "Names every fault of the file by line and column, then checks ports, the server's secret, addresses, certificates, " +
      'the data directory and the clock, in 10 s at most and without disturbing a gateway that runs. Each OTHER is a copy of ' +
      "another gateway's file: both ends of every link, and the rooms that join each other, are held against each other.",
    example: 'fmucd check wonderland.toml',
    run: async (invocation) => (await import('./check.ts')).check(invocation),
  },
  {
    options: [
      FILE_OPTION,
      JSON_OPTION,
      { name: '--prometheus', summary: 'metrics for Prometheus instead of a screen' },
    ],
    name: 'status',
    summary: 'the gateway, its links and rooms at a glance',
    details:
      'Shows the gateway that runs with this file, what needs attention first, in 24 lines. With --prometheus it prints ' +
      "metrics instead, for the textfile collector of Prometheus' node exporter; where the gateway doesn't answer that is " +
      'fmucd_up 0. For the collector to find them whole, write them beside and rename: cd /var/lib/prometheus/node-exporter; ' +
      'fmucd status --prometheus > fmucd.$$; mv fmucd.$$ fmucd.prom',
    example: 'fmucd status',
    run: async (invocation) => (await import('./status.ts')).status(invocation),
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
    run: async (invocation) => (await import('./links.ts')).links(invocation),
  },
  {
    ...withJson,
    name: 'rooms',
    operand: { name: 'ROOM' },
    summary: 'each room: state, occupants, history',
    details: 'Shows every room of the running gateway, those in trouble first; with ROOM, all about that one.',
    example: 'fmucd rooms elsinore@rooms.denmark.lit',
    run: async (invocation) => (await import('./rooms.ts')).rooms(invocation),
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
    run: async (invocation) => (await import('./fetch.ts')).fetch(invocation),
  },
  {
    name: 'top',
    options: [
      FILE_OPTION,
      { name: '--every', value: 'SECONDS', summary: 'time from one look at the gateway to the next (else 2)' },
      { name: '--once', summary: 'print one picture and end; needs no terminal' },
    ],
    summary: 'links, rooms and log, live',
    details:
      'Shows the links with the bytes of each minute, the rooms and the last lines of the log, and keeps them up to date: ' +
      'only what changes is sent to the terminal, so that it works on a slow line too. Arrows move, enter opens a link or ' +
      'room, p pauses, q quits, ? shows all keys. Starting it costs nothing of what it shows: the gateway knows the past hour.',
    example: 'fmucd top --every 10',
    run: async (invocation) => (await import('./top/top.ts')).top(invocation),
  },
  {
    name: 'trace',
    options: [
      FILE_OPTION,
      JSON_OPTION,
      { name: '--room', value: 'ROOM', summary: 'only what is of that room' },
      { name: '--kind', value: 'KIND', summary: 'only that kind; message has history, too', words: KINDS },
      { name: '--xml', summary: 'the XML of each stanza, too, crossed or not' },
    ],
    operand: { name: 'PEER' },
    summary: 'what crosses a link, what does not, and why',
    details:
      'Shows every stanza that crosses the link to PEER, or any link, until ctrl-C: when, which way, its size as XML and on ' +
      'the wire, what it is, and whose. Stanzas that leave in one go have one size on the wire, which stands at the first. ' +
      'What is held, trimmed, dropped or refused on the way is shown too, with the reason. PEER may be the domain of a ' +
      'node that an ordinary stream leads to. With --xml and --json you read what people say to one another; passwords ' +
      'and other secrets are never shown.',
    example: 'fmucd trace rooms.wonderland.lit --room elsinore --kind message',
    run: async (invocation) => (await import('./trace.ts')).trace(invocation),
  },
  {
    name: 'history',
    options: [
      FILE_OPTION,
      JSON_OPTION,
      { name: '--lines', summary: 'JSON lines: an object a message' },
      ...SPAN_OPTIONS,
      { name: '--nick', value: 'NICK', summary: 'only what was said under that nick' },
      { name: '--from', value: 'JID', summary: 'only what that person, or that domain, said' },
      { name: '--search', value: 'TEXT', summary: 'only messages with that in them' },
      { name: '--last', value: 'N', summary: 'only the newest N of them' },
    ],
    operand: { name: 'ROOM', isRequired: true },
    summary: "the messages in a room's archive",
    details:
      'Shows the messages that the room keeps, oldest first: when, who, and which node they came from; what corrects another ' +
      'message, or was retracted, says so. T is a time (2026-11-21T07:30:00Z or 2026-11-21) or how long ago that was (90m, ' +
      '2h, 3d). Case counts neither in NICK nor in TEXT. Works also while the gateway does not run.',
    example: 'fmucd history elsinore --since 2h --search boat',
    run: async (invocation) => (await import('./history.ts')).history(invocation),
  },
  {
    name: 'export',
    options: [FILE_OPTION, ...SPAN_OPTIONS],
    operand: { name: 'ROOM', isRequired: true },
    summary: 'what was said in a room, as plain text',
    details:
      'Prints a transcript for people to read and keep: a heading a day, a line a message, times in UTC. What was corrected ' +
      'stands as it was corrected, what was retracted is gone; reactions are left out. Works also while the gateway does not ' +
      'run.',
    example: 'fmucd export elsinore --since 2026-11-01 > elsinore.txt',
    run: async (invocation) => (await import('./export.ts')).exportRoom(invocation),
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
    run: async (invocation) => (await import('./reload.ts')).reload(invocation),
  },
  {
    name: 'backup',
    options: [FILE_OPTION, JSON_OPTION, { name: '--force', summary: 'replace FILE where it is there already' }],
    operand: { name: 'FILE', isRequired: true },
    summary: 'a copy of the store while it runs',
    details:
      'Copies the store, whether the gateway runs or not, and verifies the copy. FILE is there whole or not at all; one that ' +
      "is there already is replaced with --force alone. The operator's file and certificates aren't in it. To be run as the " +
      "gateway's user or as root.",
    example: 'fmucd backup /var/backups/fmucd-2026-11-21.db',
    run: async (invocation) => (await import('./backup.ts')).backup(invocation),
  },
  {
    name: 'restore',
    options: [
      FILE_OPTION,
      JSON_OPTION,
      { name: '--yes', summary: "don't ask" },
      { name: '--force', summary: 'also a backup of another domain, or from the future' },
    ],
    operand: { name: 'FILE', isRequired: true },
    summary: 'put a backup in the place of the store',
    details:
      'Verifies the backup, says what it would replace, asks, and puts it in the place of the store, whether the gateway runs ' +
      'or not; where there is no terminal to ask on it takes --yes. The store that was there is kept beside it, three at ' +
      'most. A backup of another domain, or with messages newer than the clock, is taken with --force alone.',
    example: 'fmucd restore /var/backups/fmucd-2026-11-21.db',
    run: async (invocation) => (await import('./restore.ts')).restore(invocation),
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
    name: 'completion',
    operand: { name: 'SHELL', isRequired: true },
    summary: 'what has Tab complete commands, for bash',
    details:
      'Prints a script that has Tab complete commands, options, files, and the peers and rooms of the running gateway. ' +
      'SHELL is bash. In busybox ash, Tab knows programs and files alone; there and everywhere the beginning of a command that ' +
      'only looks is enough, as in fmucd st.',
    example: 'fmucd completion bash >/etc/bash_completion.d/fmucd',
    run: async ({ operands: [shell = ''], output }) =>
      (await import('./completion.ts')).completion(shell, commands, output),
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
