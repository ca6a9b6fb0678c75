import { version } from '../app/version.ts';
import { type Command, FILE_OPTION, JSON_OPTION } from './command.ts';
import { EXIT } from './exit-status.ts';

const plain = { options: [] };
const withFile = { options: [FILE_OPTION] };
const withJson = { options: [FILE_OPTION, JSON_OPTION] };

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
    run: async (invocation) => (await import('./trace.ts')).trace(invocation),
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
    run: async (invocation) => (await import('./history.ts')).history(invocation),
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
