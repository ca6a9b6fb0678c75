import { nearest } from '../config/nearest.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-status.ts';
import { helpOn, helpOnAll } from './help.ts';
import type { Output } from './output.ts';

const DEFAULT_FILE = '/etc/fmucd/fmucd.toml';
const OPTIONS = ['-c', '--json', '--since', '--last-good', '--help', '--version'];

/** A command line taken apart. */
interface CommandLine {
  readonly operands: readonly string[];
  readonly file: string | undefined;
  readonly json: boolean;
  readonly since: string | undefined;
  readonly lastGood: string | undefined;
  readonly help: boolean;
  /** The first thing in it that can't be meant. */
  readonly fault: string | undefined;
}

/** Does what a command line asks for, and resolves to the exit status. `environment` may hold FMUCD_CONFIG. */
export async function dispatch(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  commands: readonly Command[],
  output: Output,
): Promise<number> {
  const refuse = (fault: string) => {
    output.complain(`fmucd: ${fault}`);
    return EXIT.usage;
  };
  const line = parse(args);
  const [first, ...rest] = line.operands;
  const wantsHelp = first === 'help' || line.help;
  const name = first === 'help' ? rest[0] : first;

  if (name === undefined) {
    if (line.fault !== undefined) return refuse(line.fault);
    if (wantsHelp) output.print(helpOnAll(commands));
    else output.complain(helpOnAll(commands));
    return wantsHelp ? EXIT.fine : EXIT.usage;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) return refuse(unknown('command', name, ['help', ...commands.map((known) => known.name)]));
  if (wantsHelp) {
    output.print(helpOn(command));
    return EXIT.fine;
  }
  if (command.run === undefined) {
    output.complain(`fmucd: ${name} isn't in this version`);
    return EXIT.failed;
  }
  const fault = line.fault ?? misuse(command, line, rest);
  if (fault !== undefined) return refuse(fault);
  const file = line.file ?? (environment['FMUCD_CONFIG'] || DEFAULT_FILE);
  const { json, since, lastGood } = line;
  return command.run({ file, operand: rest[0], json, since, lastGood, output });
}

function parse(args: readonly string[]): CommandLine {
  const operands: string[] = [];
  let file: string | undefined;
  let json = false;
  let since: string | undefined;
  let lastGood: string | undefined;
  let help = false;
  let fault: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '-c') {
      file = args[(at += 1)];
      if (file === undefined) fault ??= '-c needs a file';
    } else if (arg === '--since') {
      since = args[(at += 1)];
      if (since === undefined) fault ??= '--since needs a time';
    } else if (arg === '--last-good') {
      lastGood = args[(at += 1)];
      if (lastGood === undefined) fault ??= '--last-good needs a file';
    } else if (arg === '--json') json = true;
    else if (arg === '--help' || arg === '-h') help = true;
    else if (arg === '--version') operands.push('version');
    else if (arg.startsWith('-')) fault ??= unknown('option', arg, OPTIONS);
    else operands.push(arg);
  }
  return { operands, file, json, since, lastGood, help, fault };
}

/** What of a line that is well-formed this command can't take. */
function misuse(command: Command, line: CommandLine, operands: readonly string[]): string | undefined {
  if (command.needsOperand === true && operands.length === 0) return `${command.name} needs its ${command.operand}`;
  const excess = operands[command.operand === undefined ? 0 : 1];
  if (excess !== undefined) return `${command.name} takes no ${JSON.stringify(excess)} (fmucd help ${command.name})`;
  if (line.json && !command.hasJson) return `${command.name} has no --json (fmucd help ${command.name})`;
  if (line.since !== undefined && command.hasSince !== true)
    return `${command.name} has no --since (fmucd help ${command.name})`;
  if (line.lastGood !== undefined && command.hasLastGood !== true)
    return `${command.name} has no --last-good (fmucd help ${command.name})`;
  if (line.file !== undefined && !command.readsFile) return `${command.name} reads no file, so takes no -c`;
  return undefined;
}

function unknown(what: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return `unknown ${what} ${JSON.stringify(word)} (${near === undefined ? 'see "fmucd help"' : `did you mean ${near}?`})`;
}
