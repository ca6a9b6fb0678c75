import { fileReference } from '../config/reference.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-status.ts';
import type { Output } from './output.ts';

/** Seconds that a shell waits for the names of peers and rooms, since even a program that only asks starts slowly on a small box. */
const PATIENCE = 3;
/** Seconds for which it keeps them. */
const KEPT = 60;

/** `fmucd completion SHELL` */
export function completion(shell: string, commands: readonly Command[], output: Output): number {
  if (shell === 'bash') {
    output.print(bashCompletion(commands));
    return EXIT.fine;
  }
  const ash = ": its Tab knows programs and files alone; to look, a command's beginning is enough (fmucd st)";
  output.complain(`fmucd: no completion for ${JSON.stringify(shell)}${shell.endsWith('ash') ? ash : ' (bash)'}`);
  return EXIT.failed;
}

/**
 * The script for bash 4 and later. Names of rooms come from whoever made them: they are quoted, and never given to `compgen -W`,
 * which would run what is in them.
 */
function bashCompletion(commands: readonly Command[]): string {
  const all = commands.flatMap(({ options }) => options);
  const behind = [...new Set(all.flatMap(({ name, value }) => (value === undefined || name === '-c' ? [] : [name])))];
  const names = [...commands.map(({ name }) => name), 'help'];
  return `\
# Completion of fmucd for bash: . <(fmucd completion bash)
_fmucd() {
  local word=\${COMP_WORDS[COMP_CWORD]} at command='' file='' kind='' options=''
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
    -c) file=\${COMP_WORDS[++at]} ;;
    ${behind.join(' | ')}) ((++at)) ;;
    -*) ;;
    *) command=\${command:-\${COMP_WORDS[at]}} ;;
    esac
  done
  case $command in
  '') kind='${names.join(' ')}' ;;
${commands.map(commandCase).join('\n')}
  help) kind='${[...names, ...fileReference().map(({ name }) => name)].join(' ')}' ;;
  esac
  case "$command \${COMP_WORDS[COMP_CWORD - 1]}" in
  *' -c') kind=FILE ;;
${commands.flatMap(optionCases).join('\n')}
  ${behind.map((name) => `*' ${name}'`).join(' | ')}) kind='' ;;
  *) [[ $word == -* ]] && kind=$options ;;
  esac
  case $kind in
  FILE) compopt -o default ;;
  PEER | ROOM) _fmucd_names "$kind" "$word" "$file" ;;
  *) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$word") ;;
  esac
}
# The gateway's links or rooms, where it runs and is quick to answer.
_fmucd_names() {
  local key=peer list=links name
  [[ $1 == ROOM ]] && key=jid list=rooms
  if [[ \${_fmucd_asked-} != "$list $3" ]] || ((SECONDS - _fmucd_at > ${KEPT})); then
    _fmucd_asked="$list $3" _fmucd_at=$SECONDS
    _fmucd_answer=$(timeout ${PATIENCE} "\${COMP_WORDS[0]/#\\~/$HOME}" "$list" --json \${3:+-c "\${3/#\\~/$HOME}"} 2>/dev/null)
  fi
  while read -r name; do
    name=\${name%@}
    [[ $name == "$2"* ]] && COMPREPLY+=("$(printf %q "$name")")
  done < <(grep -o "\\"$key\\":\\"[^\\"@\\\\\\\\]*[\\"@]" <<<"$_fmucd_answer" | cut -d '"' -f 4)
}
complete -F _fmucd fmucd`;
}

function commandCase({ name, operand, options }: Command): string {
  const kind = operand === undefined ? '' : kindOf(operand.name);
  return `  ${name}) kind=${quoted(kind)} options=${quoted(options.map((option) => option.name).join(' '))} ;;`;
}

/** What may stand behind an option, which isn't the same in every command; where nothing is known of it there is none. */
function optionCases({ name, options }: Command): string[] {
  return options.flatMap((option) => {
    const kind = option.words?.join(' ') ?? kindOf(option.value ?? '');
    return kind === '' || option.name === '-c' ? [] : [`  '${name} ${option.name}') kind=${quoted(kind)} ;;`];
  });
}

/** What may stand there: one of the kinds that the script knows, or words. */
function kindOf(name: string): string {
  if (name === 'PEER' || name === 'ROOM') return name;
  if (name === 'SHELL') return 'bash';
  return ['FILE', 'COPY', 'OTHER', 'PATH', 'DIRECTORY'].includes(name) ? 'FILE' : '';
}

function quoted(words: string): string {
  return `'${words}'`;
}
