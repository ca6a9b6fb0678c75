import type { StatusReport, TraceRecord } from '../gateway/report.ts';
import { follow } from '../io/control-client.ts';
import { askGateway, refused, withGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { visible } from './format.ts';
import { pick } from './pick.ts';
import { leftOutLine, tracedLines, withMeaning } from './trace-lines.ts';

/** `fmucd trace [PEER]`: the stanzas that cross a link, or every link, until it is interrupted. */
export async function trace(invocation: Invocation): Promise<number> {
  let peers: readonly string[] = [];
  const status = await askGateway(invocation, (report) => {
    const chosen = linksOf(report, invocation);
    peers = chosen?.map(({ peer }) => peer) ?? [];
    return chosen === undefined ? EXIT.failed : EXIT.fine;
  });
  return status === EXIT.fine ? show(invocation, peers) : status;
}

function linksOf(
  { links }: StatusReport,
  { operands: [operand], output }: Invocation,
): StatusReport['links'] | undefined {
  if (links.length > 0 || operand !== undefined) return pick(links, operand, ({ peer }) => [peer], 'link to', output);
  output.complain('fmucd: there are no links (add a [[link]] to the file)');
  return undefined;
}

function show(invocation: Invocation, peers: readonly string[]): Promise<number> {
  const { operands, json, output } = invocation;
  const [peer] = operands.length === 0 ? [] : peers;
  return withGateway(invocation, async (path) => {
    const interruption = new AbortController();
    const interrupt = () => interruption.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const refusal = await follow(
      path,
      { command: 'trace', ...(peer !== undefined && { peer }) },
      {
        signal: interruption.signal,
        begun: () => output.complain(visible(`tracing ${peers.join(', ')} (ctrl-C ends it)`)),
        line: (line) => output.print(json ? jsonOf(line) : textOf(line)),
      },
    ).finally(() => process.off('SIGINT', interrupt).off('SIGTERM', interrupt));
    return refusal === undefined ? EXIT.fine : refused(refusal.error, output);
  });
}

type Line = Readonly<Record<string, unknown>>;

function jsonOf(line: Line): string {
  return JSON.stringify(isRecord(line) ? withMeaning(line) : line);
}

function textOf(line: Line): string {
  return isRecord(line) ? tracedLines(withMeaning(line)).join('\n') : leftOutLine(Number(line['left_out']));
}

function isRecord(line: Line): line is Line & TraceRecord {
  return line['xml'] !== undefined;
}
