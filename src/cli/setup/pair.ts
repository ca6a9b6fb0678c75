import type { ConfigFiles } from '../../config/files.ts';
import { formatFinding } from '../../config/finding.ts';
import { type LoadResult, loadConfig } from '../../config/load.ts';
import { configFiles, fileProblem } from '../../io/files.ts';
import { IdentityError } from '../../io/identity.ts';
import { writeOperatorFile } from '../../io/operator-file.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-status.ts';
import { visible } from '../format.ts';
import { checkBeforehand } from './check-beforehand.ts';
import { type Conversation, isYes } from './conversation.ts';
import { ourEnd } from './pair-end.ts';
import { PairError } from './pair-error.ts';
import { type LinkKeys, linkBetween, linkLines, listenFor, withLink } from './pair-link.ts';
import { readOptions } from './pair-options.ts';
import { hear, isSameWord, readWhole, show, type Theirs } from './pair-voice.ts';

type Loaded = Extract<LoadResult, { readonly ok: true }>;

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
    const isAsking = talk !== undefined && !isPrinting && options['--yes'] === undefined;
    let theirs = typed === '' ? undefined : readWhole(typed);
    if (theirs !== undefined && isAsking && !(await isSameWord(talk, output.paint, theirs)))
      throw new PairError('then something was misheard, and nothing was written');
    if (theirs === undefined && talk !== undefined && !isPrinting)
      theirs = await hear(
        talk,
        output.paint,
        'Their line, as they read it, over as many lines as you like (enter: ours first)',
      );
    const ours = await ourEnd(invocation, loaded.config, settings, theirs?.line, talk);
    const wasFirst = theirs === undefined;
    if (theirs === undefined) {
      show(ours, invocation, talk);
      if (talk === undefined || isPrinting) return EXIT.fine;
      theirs = await hear(talk, output.paint, 'Now theirs, over as many lines as you like (enter: later)');
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

/** Shows what the link would be, and has the file have it. Says whether the file has it now, or needn't. */
async function settle(
  { file, options, output }: Invocation,
  loaded: Loaded,
  link: LinkKeys,
  { line, word }: Theirs,
  talk: Conversation | undefined,
): Promise<boolean> {
  const { print, complain } = output;
  const isPrinting = options['--print'] !== undefined;
  const isSure = options['--yes'] !== undefined;
  const lines = linkLines(link).map(visible);
  if (isPrinting) {
    print(lines.join('\n'));
    return true;
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
  const quiet = { ...output, print: () => {} };
  const status = await checkBeforehand(file, files, quiet, talk !== undefined);
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
  print(visible(`${file}: the link to ${line.domain} is ${edit.kind}`));
  print('Next: fmucd reload, and fmucd links to see it come up');
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
