import type { ReloadReport } from '../gateway/report.ts';
import { request } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { visible } from './format.ts';

/** Changes that are shown, so that all of it fits a console of 24 lines. */
const MAX_CHANGES = 16;

/** `fmucd reload`: has the running gateway follow its file. */
export function reload(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  return request(invocation, { command: 'reload' }, (result) => {
    const report = result as ReloadReport;
    for (const finding of report.findings) output.complain(visible(finding));
    if (!report.isTaken) return EXIT.failed;
    output.print(reloadScreen(report));
    return EXIT.fine;
  });
}

/** What has changed, a line each, and what is yet to change. */
export function reloadScreen({ file, changes, restart }: ReloadReport): string {
  return [
    `${visible(file)}: ${changes.length === 0 ? 'nothing changed' : 'taken over'}`,
    ...changes.slice(0, MAX_CHANGES).map((change) => `  ${visible(change)}`),
    ...(changes.length > MAX_CHANGES ? [`  and ${changes.length - MAX_CHANGES} more: the log has them all`] : []),
    ...restart.map((key) => `! ${key}: needs a restart`),
  ].join('\n');
}
