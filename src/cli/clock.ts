import { built } from '../app/built.ts';
import { readGatewayPath } from '../config/gateway-path.ts';
import type { ClockReport } from '../gateway/report.ts';
import { ask } from '../io/control-client.ts';
import { ControlError } from '../io/control-error.ts';
import { configFiles } from '../io/files.ts';
import { formatStamp, parseStamp } from '../lib/stamp.ts';
import { withGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';

/** `fmucd clock`: in whole seconds, up, since not every `date` takes parts of one. */
export function clock(invocation: Invocation): Promise<number> {
  return withGateway(invocation, async (control) => {
    const newest = (await askNewest(control)) ?? (await readNewest(invocation.file)) ?? built;
    invocation.output.print(formatStamp(Math.ceil(Math.max(newest, built) / 1000) * 1000));
    return EXIT.fine;
  });
}

/** Of the gateway, which has the store for itself while it runs. */
async function askNewest(control: string): Promise<number | undefined> {
  try {
    const answer = await ask(control, { command: 'clock' });
    const { newest } = answer.ok ? (answer.result as ClockReport) : { newest: null };
    return newest === null ? undefined : parseStamp(newest);
  } catch (error) {
    if (error instanceof ControlError) return undefined;
    throw error;
  }
}

async function readNewest(file: string): Promise<number | undefined> {
  const data = readGatewayPath(file, 'data', configFiles);
  if (data === undefined) return undefined;
  return (await import('../io/newest-message.ts')).newestMessage(data);
}
