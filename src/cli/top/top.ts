import type { TopReport } from '../../gateway/report.ts';
import { ask } from '../../io/control-client.ts';
import { refused, withGateway } from '../ask-gateway.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-status.ts';
import { hasUtf8 } from '../locale.ts';
import { painted } from '../paint.ts';
import { type Look, rowOf, textOf } from './cells.ts';
import { Console } from './console.ts';
import { Live, viewOf } from './live.ts';
import { overview, type Size } from './picture.ts';

/** Seconds from one look at the gateway to the next, and what may be asked for. */
const EVERY = { usual: 2, least: 1, most: 3600 };

/** What one picture is made for where it isn't for a terminal. */
const PAGE: Size = { columns: 80, rows: 24 };

/** `fmucd top`: the gateway, live, until q; or with `--once` one picture of it. */
export async function top(invocation: Invocation): Promise<number> {
  const { options, output } = invocation;
  const isOnce = options['--once'] !== undefined;
  const every = Number(options['--every'] ?? EVERY.usual);
  if (!(every >= EVERY.least && every <= EVERY.most)) {
    output.complain(
      `fmucd: --every takes no ${JSON.stringify(options['--every'])} (seconds, from ${EVERY.least} to ${EVERY.most})`,
    );
    return EXIT.usage;
  }
  const { stdin, stdout, env } = process;
  if (!isOnce && !(stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb')) {
    output.complain('fmucd: top needs a terminal whose cursor it can move (fmucd top --once prints one picture)');
    return EXIT.failed;
  }
  const look: Look = { hasUtf8: hasUtf8(env, false), hasColours: output.paint === painted };
  return withGateway(invocation, async (path) => {
    const answer = await ask(path, { command: 'top' });
    if (!answer.ok) return refused(answer.error, output);
    const first = answer.result as TopReport;
    if (isOnce) output.print(printed(first, look, stdout));
    else await watch(first, path, every * 1000, look);
    return EXIT.fine;
  });
}

async function watch(first: TopReport, path: string, every: number, look: Look): Promise<void> {
  const { stdin, stdout } = process;
  const live = new Live(first, { path, every, look, open: (events) => new Console(stdin, stdout, events) });
  try {
    await live.ended;
  } finally {
    live.close();
  }
}

/** One picture, without what is for the keys; a line stays for the prompt. */
function printed(first: TopReport, look: Look, { columns, rows }: Partial<Size>): string {
  const size = columns && rows ? { columns, rows } : PAGE;
  const { lines } = overview(viewOf(first, Date.now()), size, '');
  const texts = lines.slice(0, -1).map((line) => textOf(rowOf(line, size.columns, look)));
  return texts.join('\n').trimEnd();
}
