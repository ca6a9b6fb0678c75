import { type Finding, formatFinding } from '../../config/finding.ts';
import { count, LINES, visible, WIDTH, wrap } from '../format.ts';
import type { Paint } from '../paint.ts';
import type { Checked } from './scene.ts';

/** What `fmucd check` has come to; with `--json` it is this, its findings as `jsonFinding` writes them. */
export interface CheckReport {
  readonly file: string;
  /** Whether there is no fault, warnings or not. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** What was looked at and is as it should be. */
  readonly checked: readonly Checked[];
  /** Whether the file itself has faults, so that nothing else was looked at. */
  readonly isFaulty: boolean;
}

/** Lines that what is well has at least. */
const LEAST_CHECKED = 8;

const INDENT = '  ';
const GAP = 2;

/** Columns of the names of what was checked; a longer one has a line of its own. */
const NAME_WIDTH = 31;

/** A finding as a line for a terminal. */
export function findingLine(finding: Finding, paint: Paint): string {
  const line = visible(formatFinding(finding));
  const end = line.length - visible(finding.message).length;
  return (
    paint(line.slice(0, end).trimEnd(), finding.severity === 'error' ? 'fault' : 'warning') + ` ${line.slice(end)}`
  );
}

/** The verdict, and what was found to be well. */
export function checkScreen({ file, ok, findings, checked, isFaulty }: CheckReport, paint: Paint): string {
  const faults = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - faults;
  const counted = [
    ...(faults > 0 ? [count(faults, 'fault')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ].join(', ');
  const rest = isFaulty ? '; all else is looked at once it has none' : '';
  const verdict = ok ? `fine${warnings > 0 ? `, warnings: ${warnings}` : ''}` : counted + rest;
  const tint = ok ? (warnings > 0 ? 'warning' : 'good') : 'fault';
  const head = wrap(`${visible(file)}: ${verdict}`, WIDTH).map((line) => paint(line, tint));
  const taken = head.length + findings.reduce((sum, one) => sum + Math.ceil(formatFinding(one).length / WIDTH), 0);
  return [...head, ...checkedLines(checked, Math.max(LEAST_CHECKED, LINES - taken))].join('\n');
}

/** Aligned; what doesn't fit is counted. */
function checkedLines(checked: readonly Checked[], room: number): string[] {
  const names = checked.map(({ what }) => visible(what).length).filter((length) => length <= NAME_WIDTH);
  const column = INDENT.length + Math.max(0, ...names) + GAP;
  const lines: string[] = [];
  for (const [at, { what, result }] of checked.entries()) {
    const isLong = visible(what).length > NAME_WIDTH;
    const own = isLong ? wrap(visible(what), WIDTH - INDENT.length).map((line) => INDENT + line) : [];
    const name = isLong ? '' : INDENT + visible(what);
    const values = wrap(visible(result), WIDTH - column);
    const block = [...own, ...values.map((value, index) => (index === 0 ? name : '').padEnd(column) + value)];
    const reserve = at < checked.length - 1 ? 1 : 0;
    if (lines.length + block.length + reserve > room)
      return [...lines, `${INDENT}and ${checked.length - at} more that are well (--json has them)`];
    lines.push(...block);
  }
  return lines;
}

/** One object. A finding about a file as a whole has neither line nor column. */
export function checkJson({ file, ok, findings, checked }: CheckReport): string {
  return JSON.stringify({
    file,
    ok,
    findings: findings.map(({ severity, file: at, position, message }) => ({
      severity,
      file: at,
      line: position?.line ?? null,
      column: position?.column ?? null,
      message,
    })),
    checked,
  });
}
