import type { HistoryRecord } from '../gateway/report.ts';
import type { ArchiveFilter } from '../io/archive-filter.ts';
import { type Archive, newestOf, pagesOf, withArchive } from './archive-source.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { historyJson, historyLines, Shown } from './history-lines.ts';
import type { Output } from './output.ts';
import { parseSince, SINCE_FORMS } from './since.ts';

/** The most messages that `--last` takes: they wait until the oldest of them is found. */
export const MAX_LAST = 10_000;
/** The most characters that are looked for. */
export const MAX_SEARCH = 256;

/**
 * `fmucd history ROOM`: the messages that a room keeps and that are looked for, oldest first. They come page by page, so that an
 * archive of any size is no burden to either side.
 */
export async function history(invocation: Invocation): Promise<number> {
  const { options, json, output } = invocation;
  const filter = readFilter(options);
  const last = options['--last'];
  const fault = typeof filter === 'string' ? filter : (faultOfLast(last) ?? faultOfForm(invocation));
  if (typeof filter === 'string' || fault !== undefined) {
    output.complain(`fmucd: ${fault}`);
    return EXIT.usage;
  }
  return withArchive(invocation, async (archive) => {
    const writer = json ? new JsonWriter(output, archive.room) : writerOf(options, output);
    if (last === undefined) await copyPages(archive, filter, writer);
    else writer.write(await newestOf(archive, filter, Number(last)));
    writer.end();
  });
}

async function copyPages(archive: Archive, filter: ArchiveFilter, writer: Writer): Promise<void> {
  for await (const messages of pagesOf(archive, filter)) writer.write(messages);
}

/** What the options of `history` and `export` ask for, or what is wrong with them. */
export function readFilter(options: Invocation['options']): ArchiveFilter | string {
  const times: { since?: number; until?: number } = {};
  for (const key of ['since', 'until'] as const) {
    const text = options[`--${key}`];
    if (text === undefined) continue;
    const time = parseSince(text, Date.now());
    if (time === undefined) return `--${key} takes no ${JSON.stringify(text)} (${SINCE_FORMS})`;
    times[key] = time;
  }
  const { '--nick': nick, '--from': from, '--search': text } = options;
  if (text !== undefined && text.length > MAX_SEARCH) return `--search takes ${MAX_SEARCH} characters at most`;
  return {
    ...times,
    ...(nick !== undefined && { nick }),
    ...(from !== undefined && { from }),
    ...(text !== undefined && { text }),
  };
}

function faultOfLast(last: string | undefined): string | undefined {
  const isNumber = last === undefined || (/^[1-9]\d{0,5}$/.test(last) && Number(last) <= MAX_LAST);
  return isNumber ? undefined : `--last takes no ${JSON.stringify(last)} (a number from 1 to ${MAX_LAST})`;
}

function faultOfForm({ json, options }: Invocation): string | undefined {
  return json && options['--lines'] !== undefined
    ? '--json is one object and --lines one a message: take one of them'
    : undefined;
}

interface Writer {
  readonly write: (messages: readonly HistoryRecord[]) => void;
  readonly end: () => void;
}

function writerOf(options: Invocation['options'], output: Output): Writer {
  const shown = new Shown();
  const lineOf =
    options['--lines'] === undefined
      ? (message: HistoryRecord) => historyLines(message, shown).join('\n')
      : historyJson;
  return {
    write(messages) {
      for (const message of messages) output.print(lineOf(message));
    },
    end() {},
  };
}

/** One object, a message a line, of which no more than a page is ever in memory. */
class JsonWriter implements Writer {
  readonly #output: Output;
  #separator = '';

  constructor(output: Output, room: string) {
    this.#output = output;
    output.print(`{"room":${JSON.stringify(room)},"messages":[`);
  }

  write(messages: readonly HistoryRecord[]): void {
    for (const message of messages) {
      this.#output.print(this.#separator + historyJson(message));
      this.#separator = ',';
    }
  }

  end(): void {
    this.#output.print(']}');
  }
}
