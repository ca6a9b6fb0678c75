import type { FetchReport } from '../gateway/report.ts';
import { request } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { count, visible } from './format.ts';

/** `fmucd fetch ROOM`: asks another node for the messages that were left behind on their way to a room. */
export function fetch(invocation: Invocation): Promise<number> {
  const { operands, json, output } = invocation;
  const [room = ''] = operands;
  return request(invocation, { command: 'fetch', room }, (result) => {
    const report = result as FetchReport;
    const { messages, node } = report;
    if (json) output.print(JSON.stringify(report));
    else if (messages === 0) output.print('nothing is missing');
    else if (node === null)
      output.complain(`fmucd: ${count(messages, 'message')} missing, and no node can be asked now`);
    else output.print(`asked ${visible(node)} for ${count(messages, 'message')}`);
    return messages > 0 && node === null ? EXIT.failed : EXIT.fine;
  });
}
