import type { ReloadReport } from '../gateway/report.ts';
import { request } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { visible, WIDTH, wrap } from './format.ts';
import { unpainted } from './paint.ts';
import { type Frame, frameFor } from './table.ts';

/** Changes that are shown, so that all of it fits a console of 24 lines. */
const MAX_CHANGES = 16;

/** `fmucd reload`: has the running gateway follow its file. */
export function reload(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  return request(invocation, { command: 'reload' }, (result) => {
    const report = result as ReloadReport;
    for (const finding of report.findings) output.complain(visible(finding));
    if (!report.isTaken) return EXIT.failed;
    output.print(reloadScreen(report, frameFor(output)));
    return EXIT.fine;
  });
}

/** What has changed, a line each, and what is yet to change. */
export function reloadScreen(
  { file, changes, restart }: ReloadReport,
  { width = WIDTH, paint = unpainted }: Frame = {},
): string {
  const shown = changes.slice(0, MAX_CHANGES);
  const head = `${visible(file)}: ${changes.length === 0 ? 'nothing changed' : 'taken over'}`;
  const more = `  and ${changes.length - MAX_CHANGES} more: the log has them all`;
  return [
    ...wrap(head, width).map((line) => paint(line, 'title')),
    ...shown.flatMap((change) => wrap(visible(change), width - 2).map((line) => `  ${line}`)),
    ...(changes.length > MAX_CHANGES ? [paint(more, 'aside')] : []),
    ...restart.map((key) => `${paint('!', 'warning')} ${key}: ${paint('needs a restart', 'warning')}`),
  ].join('\n');
}
