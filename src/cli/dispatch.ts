import { type Command, FILE_OPTION, JSON_OPTION } from './command.ts';
import { commandNamed, unknown } from './command-name.ts';
import { EXIT } from './exit-status.ts';
import { helpOn, helpOnAll } from './help.ts';
import type { Output } from './output.ts';

export const DEFAULT_FILE = '/etc/fmucd/fmucd.toml';

/** A command line taken apart. */
interface CommandLine {
  readonly operands: readonly string[];
  /** Those that were written, by name; an empty value where they take none. */
  readonly options: Readonly<Record<string, string>>;
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
  const line = parse(args, commands);
  const [first, ...rest] = line.operands;
  const wantsHelp = first === 'help' || line.help;
  const name = first === 'help' ? rest[0] : first;

  if (name === undefined) {
    if (line.fault !== undefined) return refuse(line.fault);
    if (wantsHelp) output.print(helpOnAll(commands));
    else output.complain(helpOnAll(commands));
    return wantsHelp ? EXIT.fine : EXIT.usage;
  }
  const command = commandNamed(name, commands);
  if (first === 'help' && (typeof command === 'string' || command.name !== name)) {
    const help = (await import('./help-file.ts')).helpOnFile(name);
    if (help !== undefined) {
      if ('fault' in help) return refuse(help.fault);
      output.print(help.text);
      return EXIT.fine;
    }
  }
  if (typeof command === 'string') return refuse(command);
  if (wantsHelp) {
    output.print(helpOn(command));
    return EXIT.fine;
  }
  const fault = line.fault ?? misuse(command, line, rest);
  if (fault !== undefined) return refuse(fault);
  const { [FILE_OPTION.name]: named, [JSON_OPTION.name]: json, ...options } = line.options;
  const file = named ?? (environment['FMUCD_CONFIG'] || DEFAULT_FILE);
  return command.run({ file, operands: rest, json: json !== undefined, options, output });
}

function parse(args: readonly string[], commands: readonly Command[]): CommandLine {
  const known = new Map(commands.flatMap(({ options }) => options).map((option) => [option.name as string, option]));
  const operands: string[] = [];
  const options: Record<string, string> = {};
  let help = false;
  let fault: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const option = known.get(arg);
    if (option?.value !== undefined) {
      const value = args[(at += 1)];
      if (value === undefined) fault ??= `${arg} needs its ${option.value}`;
      else options[arg] = value;
    } else if (option !== undefined) options[arg] = '';
    else if (arg === '--help' || arg === '-h') help = true;
    else if (arg === '--version') operands.push('version');
    else if (arg.startsWith('-') && arg !== '-')
      fault ??= unknown('option', arg, [...known.keys(), '--help', '--version']);
    else operands.push(arg);
  }
  return { operands, options, help, fault };
}

/** What of a line that is well-formed this command can't take. */
function misuse(
  { name, operand, options }: Command,
  line: CommandLine,
  operands: readonly string[],
): string | undefined {
  if (operand?.isRequired === true && operands.length === 0) return `${name} needs its ${operand.name}`;
  const most = operand === undefined ? 0 : operand.isMany === true ? operands.length : 1;
  const excess = operands[most];
  if (excess !== undefined) return `${name} takes no ${JSON.stringify(excess)} (fmucd help ${name})`;
  const taken = new Set<string>(options.map((option) => option.name));
  const other = Object.keys(line.options).find((written) => !taken.has(written));
  return other && `${name} has no ${other} (fmucd help ${name})`;
}
