import { dirname } from 'node:path';
import { formatFinding } from '../../config/finding.ts';
import { parseHostPort } from '../../config/host-port.ts';
import { loadConfig } from '../../config/load.ts';
import { tryValue } from '../../config/try-value.ts';
import { isUntouched } from '../../config/untouched.ts';
import { secret } from '../../io/entropy.ts';
import { configFiles, directoryProblem, fileProblem } from '../../io/files.ts';
import { FORMER_SUFFIX, keepFormer, writeOperatorFile } from '../../io/operator-file.ts';
import type { Invocation } from '../command.ts';
import { DEFAULT_FILE } from '../dispatch.ts';
import { EXIT } from '../exit-status.ts';
import { visible, WIDTH, wrap } from '../format.ts';
import { checkBeforehand } from './check-beforehand.ts';
import { commentedFile } from './commented-file.ts';
import { type Conversation, isYes } from './conversation.ts';
import { bitsOfBytes, groupsOf } from './groups.ts';
import { type Answers, chosenBy, type Question, questions } from './init-questions.ts';
import { serverLines } from './server-lines.ts';

/** Bytes of a secret that is made, a multiple of 5: 120 bits, in six groups. */
const SECRET_BYTES = 15;

/** Options that are keys of [gateway] as they stand. */
const KEYS = ['name', 'data', 'control'] as const;

/** `fmucd init`: writes the operator's file. Without somebody to talk to, what no option says is as usual. */
export async function init(invocation: Invocation, conversation: Conversation | undefined): Promise<number> {
  const { file, options, output } = invocation;
  const refuse = (problem: string, status: number = EXIT.failed) => {
    output.complain(visible(`fmucd: ${problem}`));
    return status;
  };
  const given = readOptions(options);
  if ('problem' in given) return refuse(given.problem, EXIT.usage);
  const talk = options['--yes'] === undefined ? conversation : undefined;
  const missing = talk === undefined ? missingIn(given.answers) : undefined;
  if (missing !== undefined) return refuse(missing, EXIT.usage);

  const noPlace = directoryProblem(dirname(file));
  if (noPlace !== undefined) return refuse(`${file} can't be written: ${noPlace}`);
  const isForced = options['--force'] !== undefined;
  const former = configFiles.read(file);
  const isThere = former.ok || !former.isMissing;
  if (isThere && !isForced && !(former.ok && isUntouched(former.text)))
    return refuse(
      `${file} is there already (--force writes it anew, and keeps it as ${file}${FORMER_SUFFIX}; or -c ANOTHER)`,
    );

  const made = madeSecret();
  const textOf = (answers: Answers) => {
    const chosen = chosenBy(answers, made);
    return commentedFile(headingOf(answers.domain ?? ''), {
      ...chosen,
      gateway: { ...chosen['gateway'], ...given.gateway },
    });
  };
  const answers =
    talk === undefined ? usualAnswers(given.answers) : await interview(invocation, talk, given.answers, textOf);
  if (answers === undefined) return refuse('nothing was written');
  const text = textOf(answers);
  if (talk === undefined) {
    const faults = faultsOf(file, text);
    for (const fault of faults) output.complain(visible(`fmucd: ${fault}`));
    if (faults.length > 0) return EXIT.failed;
  }

  conversation?.close();
  const problem = fileProblem(() => {
    if (isThere && isForced) output.print(visible(`${keepFormer(file)}: the file as it was`));
    writeOperatorFile(file, text, true);
  });
  if (problem !== undefined) return refuse(`${file} can't be written: ${problem}`);
  output.print(visible(`${file}: written`));
  const status = await checkBeforehand(file, configFiles, output, talk !== undefined);
  for (const line of nextLines(file, answers, talk === undefined ? undefined : made)) output.print(line);
  return status;
}

interface Given {
  readonly answers: Answers;
  readonly gateway: Readonly<Record<string, string>>;
}

/** What the options say already. */
function readOptions(options: Invocation['options']): Given | { readonly problem: string } {
  const answers: Record<string, string> = {};
  const gateway: Record<string, string> = {};
  for (const { key, option, problem } of questions) {
    const text = option === undefined ? undefined : options[option];
    if (option === undefined || text === undefined) continue;
    const said = problem(text);
    if (said !== undefined) return { problem: `${option} ${said}` };
    answers[key] = text;
  }
  for (const key of KEYS) {
    const value = options[`--${key}`];
    if (value === undefined) continue;
    const tried = tryValue('gateway', key, value);
    if (!tried.ok) return { problem: `--${key} ${tried.problem}` };
    gateway[key] = value;
  }
  const secretFile = options['--secret-file'];
  if (secretFile !== undefined) {
    if (answers['component'] === undefined) return { problem: '--secret-file is for a --component HOST:PORT' };
    answers['secretFile'] = secretFile;
  }
  return { answers, gateway };
}

/** What there has to be where nobody can be asked. */
function missingIn({ domain, component, s2s }: Answers): string | undefined {
  if (domain === undefined) return 'init needs --domain DOMAIN where it asks nothing, such as rooms.denmark.lit';
  if (component !== undefined || s2s !== undefined) return undefined;
  return 'init needs --component HOST:PORT (such as 127.0.0.1:5347) or --s2s HOST:PORT where it asks nothing';
}

/** What isn't given is as usual. */
function usualAnswers(given: Answers): Answers {
  return questions.reduce<Answers>((answers, { key, usual, isAsked }) => {
    const value = answers[key] ?? (isAsked(answers) ? usual(answers) : undefined);
    return value === undefined ? answers : { ...answers, [key]: value };
  }, given);
}

/** Asks for what isn't given until the operator wants it written. Undefined: they don't. */
async function interview(
  { file, output: { paint } }: Invocation,
  talk: Conversation,
  given: Answers,
  textOf: (answers: Answers) => string,
): Promise<Answers | undefined> {
  talk.say(paint(visible(`A file for a gateway: ${file}`), 'title'));
  talk.say('Enter takes what stands in brackets, - none, ? explains. Ctrl-C writes nothing.\n');
  let before: Answers = {};
  for (;;) {
    const answers = await askAll(given, before);
    if (answers === undefined) return undefined;
    const faults = faultsOf(file, textOf(answers));
    for (const fault of faults) talk.say(paint(visible(`! ${fault}`), 'fault'));
    const isFine = faults.length === 0;
    const wish = await talk.ask(isFine ? 'Write it? (no: once more) [yes]: ' : 'Once more? [yes]: ');
    if (wish === undefined) return undefined;
    if (isFine && isYes(wish)) return answers;
    if (!isFine && !isYes(wish)) return undefined;
    before = answers;
    talk.say('');
  }

  async function askAll(known: Answers, usual: Answers): Promise<Answers | undefined> {
    let answers = known;
    for (const question of questions) {
      if (answers[question.key] !== undefined || !question.isAsked(answers)) continue;
      const answer = await askOne(question, { ...usual, ...answers });
      if (answer === undefined) return undefined;
      if (answer !== '') answers = { ...answers, [question.key]: answer };
    }
    return answers;
  }

  async function askOne(question: Question, answers: Answers): Promise<string | undefined> {
    const { label, otherwise, isRequired = false, isSecret = false, help } = question;
    const usual = question.usual(answers);
    const shown = usual ?? otherwise;
    const prompt = `${paint(label, 'title')}${shown === '' ? '' : ` [${shown}]`}: `;
    for (;;) {
      const typed = isSecret ? await talk.askSecretly(prompt) : await talk.ask(prompt);
      if (typed === undefined) return undefined;
      if (typed === '?') for (const line of wrap(help, WIDTH - 2)) talk.say(paint(`  ${line}`, 'aside'));
      else if (typed === '-' && !isRequired) return '';
      else {
        const answer = typed === '' ? (usual ?? '') : typed;
        if (answer === '' && !isRequired) return '';
        const problem = answer === '' ? 'has to be known (? explains)' : question.problem(answer);
        if (problem === undefined) return answer;
        talk.say(paint(visible(`  that ${problem}`), 'fault'));
      }
    }
  }
}

/** What is wrong with a text as the operator's file, however it came to be. */
function faultsOf(file: string, text: string): string[] {
  const loaded = loadConfig(file, {
    read: (path) => (path === file ? { ok: true, text, mode: 0o600 } : configFiles.read(path)),
  });
  return loaded.ok ? [] : loaded.findings.map((finding) => formatFinding(finding));
}

function headingOf(domain: string): string[] {
  const words =
    `The gateway of ${domain}. What stands behind a # isn't set: it shows what holds without it, or an example. ` +
    'After a change: fmucd check, then fmucd reload.';
  return wrap(words, WIDTH - 2);
}

/** What is to be done next. `made` is shown to who is there to paste it; elsewhere the file has it. */
function nextLines(file: string, answers: Answers, made: string | undefined): string[] {
  const { domain = '', component, secret: typed, secretFile } = answers;
  const address = parseHostPort(component ?? '');
  const named = file === DEFAULT_FILE ? '' : ` -c ${file}`;
  const shown = typed === undefined && secretFile === undefined ? made : undefined;
  return [
    ...(address === undefined ? [] : ['', ...serverLines(domain, address, shown ?? 'the secret')]),
    ...(address === undefined || shown !== undefined
      ? []
      : [visible(`The secret is ${typed === undefined ? `in ${secretFile ?? file}` : 'the one that you typed'}.`)]),
    '',
    visible(`Next: fmucd run${named}; then fmucd pair${named} sets up a link.`),
  ];
}

/** Six groups of letters and digits, which can be typed at another console too. */
function madeSecret(): string {
  return groupsOf(bitsOfBytes(secret().subarray(0, SECRET_BYTES)), 1).join('-');
}
