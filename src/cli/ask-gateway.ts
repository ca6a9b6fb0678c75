import { formatFinding } from '../config/finding.ts';
import { readGatewayPath } from '../config/gateway-path.ts';
import { loadConfig } from '../config/load.ts';
import type { StatusReport } from '../gateway/report.ts';
import type { ControlRequest } from '../io/control.ts';
import { ask } from '../io/control-client.ts';
import { ControlError } from '../io/control-error.ts';
import { configFiles } from '../io/files.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import type { Output } from './output.ts';

/** Has `show` put out what the gateway that runs with the file tells of itself. Resolves as `request` does. */
export function askGateway(invocation: Invocation, show: (report: StatusReport) => number): Promise<number> {
  return request(invocation, { command: 'status' }, (result) => show(result as StatusReport));
}

/**
 * Has `show` put out what the gateway that runs with the file answers, and resolves to the exit status: that of `show`, or
 * why there is nothing to show, which is said in one line.
 */
export function request(
  invocation: Invocation,
  asked: ControlRequest,
  show: (result: unknown) => number,
): Promise<number> {
  return withGateway(invocation, async (path) => {
    const answer = await ask(path, asked);
    return answer.ok ? show(answer.result) : refused(answer.error, invocation.output);
  });
}

/** Says why the gateway doesn't do what was asked, and gives the exit status for that. */
export function refused(error: string, output: Output): number {
  output.complain(`fmucd: ${error}`);
  return EXIT.failed;
}

function complainOf(file: string, output: Output): void {
  const loaded = loadConfig(file, configFiles);
  if (!loaded.ok) for (const finding of loaded.findings) output.complain(formatFinding(finding));
}

/**
 * Talks to the gateway that runs with the file, at its control socket. Resolves to what `talk` does, or, where there is
 * no talking to it, to the exit status for that, and why is said in one line.
 */
export async function withGateway(
  { file, output }: Invocation,
  talk: (path: string) => Promise<number>,
): Promise<number> {
  const path = readGatewayPath(file, 'control', configFiles);
  if (path === undefined) {
    complainOf(file, output);
    return EXIT.noFile;
  }
  try {
    return await talk(path);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    // They may be why it isn't there, or why it is sought elsewhere.
    if (error.condition === 'not-running') complainOf(file, output);
    output.complain(`fmucd: ${error.message}`);
    return error.condition === 'not-running' || error.condition === 'ended' ? EXIT.notRunning : EXIT.failed;
  }
}
