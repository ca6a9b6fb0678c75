import type { HistoryPage, StatusReport } from '../gateway/report.ts';
import { ask } from '../io/control-client.ts';
import { refused, withGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { historyJson, historyLines } from './history-lines.ts';
import type { Output } from './output.ts';
import { pick } from './pick.ts';
import { parseSince, SINCE_FORMS } from './since.ts';

/**
 * `fmucd history ROOM [--since T]`: the messages that a room keeps, oldest first. A room of ours may be named without its
 * domain. They come page by page, so that an archive of any size is no burden to either side.
 */
export async function history(invocation: Invocation): Promise<number> {
  const { operands, options, json, output } = invocation;
  const [operand] = operands;
  const sinceText = options['--since'];
  const since = sinceText === undefined ? undefined : parseSince(sinceText, Date.now());
  if (sinceText !== undefined && since === undefined) {
    output.complain(`fmucd: --since takes no ${JSON.stringify(sinceText)} (${SINCE_FORMS})`);
    return EXIT.usage;
  }
  return withGateway(invocation, async (path) => {
    const status = await ask(path, { command: 'status' });
    if (!status.ok) return refused(status.error, output);
    const { rooms } = status.result as StatusReport;
    const [room] = pick(rooms, operand, ({ jid }) => [jid, jid.slice(0, jid.indexOf('@'))], 'room', output) ?? [];
    if (room === undefined) return EXIT.failed;

    const writer = json ? new JsonWriter(output, room.jid) : new TextWriter(output);
    let after: number | null = 0;
    while (after !== null) {
      const page = await ask(path, {
        command: 'history',
        room: room.jid,
        after,
        ...(since !== undefined && { since }),
      });
      if (!page.ok) return refused(page.error, output);
      const { messages, next } = page.result as HistoryPage;
      writer.write(messages);
      after = next;
    }
    writer.end();
    return EXIT.fine;
  });
}

class TextWriter {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  write(messages: HistoryPage['messages']): void {
    for (const message of messages) this.#output.print(historyLines(message).join('\n'));
  }

  end(): void {}
}

/** One object, a message a line, of which no more than a page is ever in memory. */
class JsonWriter {
  readonly #output: Output;
  #separator = '';

  constructor(output: Output, room: string) {
    this.#output = output;
    output.print(`{"room":${JSON.stringify(room)},"messages":[`);
  }

  write(messages: HistoryPage['messages']): void {
    for (const message of messages) {
      this.#output.print(this.#separator + historyJson(message));
      this.#separator = ',';
    }
  }

  end(): void {
    this.#output.print(']}');
  }
}
