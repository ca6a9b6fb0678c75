import { nearest } from '../config/nearest.ts';
import type { TraceRecord } from '../gateway/report.ts';
import { follow } from '../io/control-client.ts';
import { KINDS } from '../stanza/gist.ts';
import { refused, withGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { visible } from './format.ts';
import { interruptible } from './interruption.ts';
import { leftOutLine, TITLE, tracedLines } from './trace-lines.ts';

/** `fmucd trace [PEER]`: what crosses a link, or every one, and what doesn't and why, until it is interrupted. */
export function trace(invocation: Invocation): number | Promise<number> {
  const { operands, options, json, output } = invocation;
  const [peer] = operands;
  const { '--room': room, '--kind': kind } = options;
  if (kind !== undefined && !KINDS.some((known) => known === kind)) return unknownKind(kind, invocation);
  return withGateway(invocation, async (path) => {
    const asked = {
      command: 'trace',
      ...(peer !== undefined && { peer }),
      ...(room !== undefined && { room }),
      ...(kind !== undefined && { kind }),
    } as const;
    const refusal = await interruptible((signal) =>
      follow(path, asked, {
        signal,
        begun(result) {
          output.complain(visible(`tracing ${peersOf(result).join(', ')} (ctrl-C ends it)`));
          if (!json) output.print(output.paint(TITLE, 'title'));
        },
        line: (line) => output.print(json ? jsonOf(line, invocation) : textOf(line, invocation)),
      }),
    );
    return refusal === undefined ? EXIT.fine : refused(visible(refusal.error), output);
  });
}

type Line = Readonly<Record<string, unknown>>;

/** Whoever waits for a stanza to cross finds its XML in no other line, unless they want that. */
function jsonOf({ withheld, ...line }: Line, { options }: Invocation): string {
  const hasXml = options['--xml'] !== undefined && withheld !== undefined;
  return JSON.stringify(hasXml ? { ...line, withheld } : line);
}

function textOf(line: Line, { options, output: { paint } }: Invocation): string {
  if (!isRecord(line)) return paint(leftOutLine(Number(line['left_out'])), 'warning');
  return tracedLines(line, { paint, hasXml: options['--xml'] !== undefined }).join('\n');
}

function isRecord(line: Line): line is Line & TraceRecord {
  return line['verdict'] !== undefined;
}

function peersOf(result: unknown): readonly string[] {
  return (result as { readonly peers: readonly string[] }).peers;
}

function unknownKind(kind: string, { output }: Invocation): number {
  const near = nearest(kind, KINDS);
  const hint = near === undefined ? KINDS.join(', ') : `did you mean ${near}?`;
  output.complain(visible(`fmucd: no kind ${JSON.stringify(kind)} (${hint})`));
  return EXIT.usage;
}
