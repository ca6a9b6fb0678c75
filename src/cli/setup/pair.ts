import { join } from 'node:path';
import { identitySettings } from '../../app/certificate.ts';
import type { Address } from '../../config/config.ts';
import type { ConfigFiles } from '../../config/files.ts';
import { formatFinding } from '../../config/finding.ts';
import { type LoadResult, loadConfig } from '../../config/load.ts';
import { tryValue } from '../../config/try-value.ts';
import { configFiles, fileProblem } from '../../io/files.ts';
import { findIdentity, IDENTITY_FILE, IdentityError, loadIdentity } from '../../io/identity.ts';
import { giveToDirectoryOwner, writeOperatorFile } from '../../io/operator-file.ts';
import { check, thisMachine } from '../check.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-status.ts';
import { visible, WIDTH, wrap } from '../format.ts';
import type { Paint } from '../paint.ts';
import type { Conversation } from './conversation.ts';
import { listOf, parentOf } from './init-questions.ts';
import {
  MAX_DOMAINS,
  MAX_LINE_LENGTH,
  oneLine,
  type PairLine,
  readPairLine,
  type Terms,
  type WrittenLine,
  writePairLine,
} from './pair-line.ts';
import { dialsFrom, disagreement, type LinkKeys, linkBetween, linkLines, listenFor, withLink } from './pair-link.ts';

type Loaded = Extract<LoadResult, { readonly ok: true }>;

/** What both sides do unless one of them says otherwise: two gateways of this kind speak the dictionary. */
const USUAL: Terms = { transport: 'direct', tls: 'pinned', bandwidth: 0, compression: true };

/** Groups in a line on the screen, as many as a person says in one breath. */
const GROUPS_A_LINE = 5;

/** Why it can't go on, in a line for the operator. */
class PairError extends Error {
  override readonly name = 'PairError';
  readonly status: number;

  constructor(message: string, status: number = EXIT.failed) {
    super(message);
    this.status = status;
  }
}

/** What the other side has told. */
interface Theirs {
  readonly line: PairLine;
  readonly word: string;
}

/** `fmucd pair`: our line for the other side, and what theirs makes of our file. `stdin` is what is read for the operand `-`. */
export async function pair(
  invocation: Invocation,
  talk: Conversation | undefined,
  stdin: () => Promise<string>,
): Promise<number> {
  const { file, operands, options, output } = invocation;
  const loaded = loadConfig(file, configFiles);
  if (!loaded.ok) {
    for (const finding of loaded.findings) output.complain(visible(formatFinding(finding)));
    if (loaded.isMissing) output.complain('fmucd: "fmucd init" writes one');
    return loaded.isMissing ? EXIT.noFile : EXIT.failed;
  }
  try {
    const settings = readOptions(options);
    const isPrinting = options['--print'] !== undefined;
    const typed = operands.join(' ') === '-' ? await stdin() : operands.join(' ');
    let theirs = typed === '' ? undefined : readWhole(typed);
    if (theirs === undefined && talk !== undefined && !isPrinting)
      theirs = await hear(talk, output.paint, 'Their line, as they read it (enter: ours comes first): ');
    const ours = await ourEnd(invocation, loaded, settings, theirs?.line, talk);
    const wasFirst = theirs === undefined;
    if (theirs === undefined) {
      show(ours, invocation, talk);
      if (talk === undefined || isPrinting) return EXIT.fine;
      theirs = await hear(talk, output.paint, 'Now theirs (enter: later, with "fmucd pair"): ');
      if (theirs === undefined) return EXIT.fine;
    }
    const listen = settings.listen ?? (ours.address && listenFor(ours.address));
    const link = linkBetween(ours, theirs.line, listen);
    if ('problem' in link) throw new PairError(link.problem as string);
    const isDone = await settle(invocation, loaded, link, theirs, talk);
    if (!wasFirst) show(ours, invocation, talk);
    return isDone ? EXIT.fine : EXIT.failed;
  } catch (error) {
    const isOurs = error instanceof PairError || error instanceof IdentityError;
    if (!isOurs) throw error;
    output.complain(visible(`fmucd: ${error.message}`));
    return error instanceof PairError ? error.status : EXIT.failed;
  }
}

interface Settings extends Partial<Terms> {
  readonly connect?: Address;
  readonly listen?: Address;
  readonly from?: string;
  readonly domains?: readonly string[];
}

/** What the options say, each by the key of a link that it is about. */
function readOptions(options: Invocation['options']): Settings {
  const read = <T>(name: string, key: string, valueOf: (text: string) => unknown): T | undefined => {
    const text = options[name];
    if (text === undefined) return undefined;
    const tried = tryValue('link', key, valueOf(text), true);
    if (!tried.ok) throw new PairError(`${name} ${tried.problem}`, EXIT.usage);
    return tried.value as T;
  };
  const asText = (text: string) => text;
  const found = {
    connect: read<Address>('--connect', 'connect', asText),
    listen: read<Address>('--listen', 'listen', asText),
    from: read<string[]>('--from', 'from', (text) => [text])?.[0],
    domains: read<string[]>('--local-domain', 'domains', listOf),
    transport: read<Terms['transport']>('--transport', 'transport', asText),
    tls: read<Terms['tls']>('--tls', 'tls', asText),
    bandwidth: read<number>('--bandwidth', 'bandwidth', numberOf),
    compression: read<boolean>('--compression', 'compression', (text) => FLAGS[text] ?? text),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Settings;
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false };

function numberOf(text: string): number | string {
  return /^\d{1,10}$/.test(text) ? Number(text) : text;
}

function readWhole(text: string): Theirs {
  const reading = readPairLine(text);
  if (reading.state === 'whole') return reading;
  throw new PairError(
    reading.state === 'refused' ? reading.problem : `the line ends too soon: missing is ${reading.next}`,
  );
}

/** Has somebody type the other side's line, in as many lines as they like. Undefined: not now. */
async function hear(talk: Conversation, paint: Paint, prompt: string): Promise<Theirs | undefined> {
  let heard = '';
  let next = prompt;
  for (;;) {
    const typed = await talk.ask(paint(next, 'title'));
    if (typed === undefined || (typed === '' && heard === '')) return undefined;
    const reading = readPairLine(`${heard} ${typed}`);
    if (reading.state === 'whole') return reading;
    if (reading.state === 'partial') {
      heard = `${heard} ${typed}`;
      next = `  ${reading.next}: `;
    } else {
      for (const line of wrap(visible(`! ${reading.problem}`), WIDTH)) talk.say(paint(line, 'fault'));
      if (reading.isAll) [heard, next] = ['', prompt];
    }
  }
}

/** Our end of the link, of what the file, the options, the other side's line and the operator say. */
async function ourEnd(
  { options, output: { paint } }: Invocation,
  { config }: Loaded,
  settings: Settings,
  theirs: PairLine | undefined,
  talk: Conversation | undefined,
): Promise<PairLine> {
  const problem = theirs && disagreement(settings, theirs);
  if (problem !== undefined) throw new PairError(problem);
  const ask = async <T>(label: string, usual: string, read: (text: string) => T): Promise<T | undefined> => {
    if (talk === undefined || options['--yes'] !== undefined) return undefined;
    for (;;) {
      const typed = await talk.ask(`${paint(label, 'title')} [${usual}]: `);
      if (typed === undefined) throw new PairError('nothing was written');
      if (typed === '') return undefined;
      try {
        return read(typed);
      } catch (error) {
        if (!(error instanceof PairError)) throw error;
        talk.say(paint(visible(`  ${error.message}`), 'fault'));
      }
    }
  };
  const { domain, localDomains } = config.gateway;

  let domains = settings.domains ?? localDomains;
  if (domains === undefined) {
    const parent = parentOf(domain);
    const usual = parent === undefined ? [] : [parent];
    const label = 'Domains of our users, for whom we may speak';
    domains = await ask(label, parent ?? 'none', (text) => readOptions({ '--local-domain': text }).domains);
    if (talk === undefined)
      throw new PairError(
        'the file has no local_domains, and their side has to know whose users come by us (--local-domain denmark.lit)',
        EXIT.usage,
      );
    domains ??= usual;
  }
  const asked = theirs ?? { ...USUAL, ...settings };
  const isDirect = asked.transport === 'direct';
  const address =
    settings.connect ??
    (await ask(
      'Where they can dial us, HOST:PORT',
      'only we dial',
      (text) => readOptions({ '--connect': text }).connect,
    ));
  const bandwidth =
    settings.bandwidth ??
    theirs?.bandwidth ??
    (await ask(
      'Bits per second on air, the same for both',
      'no limit',
      (text) => readOptions({ '--bandwidth': text }).bandwidth,
    )) ??
    USUAL.bandwidth;
  let from = settings.from;
  if (from === undefined && isDirect && asked.tls === 'off' && dialsFrom({ ...(address && { address }) }) === undefined)
    from = await ask(
      'Numeric address that we dial from',
      'they only dial',
      (text) => readOptions({ '--from': text }).from,
    );
  const { transport, tls, compression } = asked;
  const line: PairLine = {
    domain,
    domains,
    ...(address !== undefined && { address }),
    ...(from !== undefined && { from }),
    transport,
    tls,
    bandwidth,
    compression,
    pin: tls === 'off' ? '' : await ourPin(config, options, talk),
  };
  if (domains.length > MAX_DOMAINS || oneLine(writePairLine(line)).length > MAX_LINE_LENGTH)
    throw new PairError('our domains are too many for a line that somebody reads out: write the [[link]] by hand');
  return line;
}

/** The SHA-256 of the certificate that we show, which is made where there is none yet. */
async function ourPin(
  config: Loaded['config'],
  options: Invocation['options'],
  talk: Conversation | undefined,
): Promise<string> {
  const found = findIdentity(identitySettings(config), config.gateway.data);
  if (found !== undefined) return found.sha256;
  const file = join(config.gateway.data, IDENTITY_FILE);
  if (options['--yes'] === undefined) {
    if (talk === undefined)
      throw new PairError(`the gateway has no certificate yet: its first start makes it, or --yes here, as ${file}`);
    talk.say(visible(`The gateway has no certificate yet. It would be made at its first start, as`));
    const wish = await talk.ask(`${visible(file)}. Make it now? [yes]: `);
    if (wish === undefined || !isYes(wish)) throw new PairError('without a certificate there is no pin (or --tls off)');
  }
  const { sha256 } = loadIdentity(identitySettings(config), config.gateway.data);
  giveToDirectoryOwner(file);
  return sha256;
}

function isYes(answer: string): boolean {
  return /^(?:y|yes|)$/i.test(answer);
}

/** Shows our line to be read out, or where nobody looks on, as one line. */
function show(line: PairLine, { output: { print, paint } }: Invocation, talk: Conversation | undefined): void {
  const written = writePairLine(line);
  if (talk === undefined) {
    print(`${oneLine(written)}\ncheck word: ${written.word}`);
    return;
  }
  talk.say(paint('\nOur line, to be read to them or given to them on paper:\n', 'title'));
  for (const one of spoken(written)) talk.say(visible(one));
  talk.say(paint(`\n  check word: ${written.word}\n`, 'good'));
}

/** The line in the pieces in which it is said. */
function spoken({ head, sum, pin }: WrittenLine): string[] {
  const groups = Array.from({ length: Math.ceil(pin.length / GROUPS_A_LINE) }, (_, at) =>
    pin.slice(at * GROUPS_A_LINE, (at + 1) * GROUPS_A_LINE).join(' '),
  );
  return [...wrap(head, WIDTH - 2), `sum ${sum}${pin.length === 0 ? '' : ' pin'}`, ...groups].map((one) => `  ${one}`);
}

/** Shows what the link would be, and has the file have it. Says whether the file has it now, or needn't. */
async function settle(
  { file, options, output }: Invocation,
  loaded: Loaded,
  link: LinkKeys,
  { line, word }: Theirs,
  talk: Conversation | undefined,
): Promise<boolean> {
  const { print, complain, paint } = output;
  const isPrinting = options['--print'] !== undefined;
  const isSure = options['--yes'] !== undefined;
  const lines = linkLines(link).map(visible);
  if (isPrinting) {
    print(lines.join('\n'));
    return true;
  }
  if (talk !== undefined && !isSure) {
    const wish = await talk.ask(paint(`\nDo they say that their check word is ${word}? (yes or no): `, 'title'));
    if (wish === undefined || !/^(?:y|yes)$/i.test(wish))
      throw new PairError('then something was misheard, and nothing was written: begin again');
  }
  print(['', ...lines, ''].join('\n'));
  const edit = withLink(loaded, link);
  if (edit.kind === 'same') {
    print(visible(`${file} has this link already`));
    return true;
  }
  if (edit.kind === 'by-hand')
    throw new PairError(
      `${file} has a link to ${line.domain} already, whose ${edit.keys.join(', ')} can't be exchanged here: do it by hand`,
    );
  const files = withText(file, edit.text);
  const status = await check(file, {
    ...thisMachine,
    files,
    print: () => {},
    complain: (said) => complain(visible(said)),
  });
  if (status !== EXIT.fine) throw new PairError(`${file} would not pass "fmucd check" with it, and stays as it is`);
  if (!isSure) {
    if (talk === undefined) {
      complain(`fmucd: nothing was written: once their check word is ${word}, --yes writes it`);
      return false;
    }
    const wish = await talk.ask(visible(`${edit.kind === 'added' ? 'Add' : 'Change'} this in ${file}? [yes]: `));
    if (wish === undefined || !isYes(wish)) throw new PairError('nothing was written');
  }
  talk?.close();
  const now = configFiles.read(file);
  if (!now.ok || now.text.replace(/^\ufeff/, '') !== loaded.text)
    throw new PairError(`somebody else has changed ${file} meanwhile, and nothing was written: begin again`);
  const problem = fileProblem(() => writeOperatorFile(file, edit.text, false));
  if (problem !== undefined) throw new PairError(`${file} can't be written: ${problem}`);
  print(visible(`${file}: the link to ${line.domain} is ${edit.kind}. Next: fmucd reload; then fmucd links`));
  return true;
}

/** The files as they are, but for one that has another text. */
function withText(file: string, text: string): ConfigFiles {
  return {
    read(path) {
      const content = configFiles.read(path);
      return path === file && content.ok ? { ...content, text } : content;
    },
  };
}
