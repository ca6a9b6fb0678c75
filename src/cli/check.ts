import { realpathSync } from 'node:fs';
import { type Finding, inOrder, place } from '../config/finding.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import { examineCertificate } from './check/certificate.ts';
import { examineClock } from './check/clock.ts';
import { examineComponent } from './check/component.ts';
import { examineData } from './check/data.ts';
import { examineLinks } from './check/links.ts';
import { examineListeners } from './check/listeners.ts';
import { type Compared, compareFiles } from './check/others.ts';
import { type Checked, type Scene, together } from './check/scene.ts';
import { type CheckReport, checkJson, checkScreen, findingLine } from './check/screen.ts';
import { examineServers } from './check/servers.ts';
import { type Surroundings, thisMachine } from './check/surroundings.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { type Paint, paintFor } from './paint.ts';

type Loaded = Extract<LoadResult, { readonly ok: true }>;

/** `fmucd check`, on this machine. */
export async function check(invocation: Invocation): Promise<number> {
  const status = await checkOn(invocation, thisMachine(), paintFor(process.stderr, process.env));
  // A name that nobody resolves would keep the process for as long as the system asks for it.
  process.stdout.write('', () => process.exit(status));
  return status;
}

/**
 * Names every fault of the file, and where it has none, of what it needs from the machine and of how it fits the files of other
 * gateways. Findings go to stderr, painted by `paint`, the verdict with what is well to stdout; with `--json` all is one
 * object there. Resolves to the exit status.
 */
export async function checkOn(
  { file, operands, json, output }: Omit<Invocation, 'options'>,
  on: Surroundings,
  paint: Paint,
): Promise<number> {
  const itself = operands.find((other) => isSame(other, file));
  if (itself !== undefined) {
    output.complain(`fmucd: ${itself} is the file itself (the files of other gateways)`);
    return EXIT.usage;
  }
  const loaded = loadConfig(file, on.files);
  const survey = loaded.ok ? await surveyed(file, loaded, on) : faulty(loaded.findings);
  const compared = compareFiles(loaded.ok ? loaded : undefined, operands, survey.sources, on);
  const report = reportOf(file, loaded.ok, survey, compared);
  const isMissing = (!loaded.ok && loaded.isMissing) || compared.isMissing;
  if (json) output.print(checkJson(report));
  else {
    for (const finding of report.findings) output.complain(findingLine(finding, paint));
    if (!isMissing) output.print(checkScreen(report, output.paint));
  }
  if (!loaded.ok && loaded.isMissing && operands.length > 0 && !json)
    output.complain('fmucd: -c FILE names the file to check; without -c these are the files of other gateways');
  if (isMissing) return EXIT.noFile;
  return report.ok ? EXIT.fine : EXIT.failed;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return one === other;
  }
}

/** What there is to say of one file and of the machine. */
interface Survey {
  readonly findings: readonly Finding[];
  readonly checked: readonly Checked[];
  readonly sources: ReadonlyMap<string, string>;
}

function faulty(findings: readonly Finding[]): Survey {
  return { findings, checked: [], sources: new Map() };
}

async function surveyed(
  file: string,
  { config, locate, written, warnings }: Loaded,
  on: Surroundings,
): Promise<Survey> {
  const gateway = await on.askGateway(config.gateway.control);
  const scene: Scene = { config, written, gateway, on };
  const look = on.lookAtStore(config.gateway.data, gateway.runs);
  const clock = examineClock(scene, look);
  const [component, listeners, links, servers] = await Promise.all([
    examineComponent(scene),
    examineListeners(scene),
    examineLinks(scene),
    examineServers(scene),
  ]);
  // What there is one of comes first: of links there may be more than a screen has lines.
  const before = together([component, examineData(scene, look), examineCertificate(scene)]);
  const after = together([listeners, links, servers]);
  const placed = place(file, [...before.remarks, ...after.remarks], locate);
  const unasked = gateway.runs && gateway.problem !== undefined ? [gateway.problem] : [];
  const ofAll = [...clock.problems, ...unasked].map((message): Finding => ({ severity: 'warning', file, message }));
  return {
    findings: [...inOrder([...warnings, ...placed]), ...ofAll],
    checked: [...before.checked, ...clock.checked, ...after.checked],
    sources: links.sources,
  };
}

function reportOf(file: string, isGood: boolean, survey: Survey, compared: Compared): CheckReport {
  const findings = [...survey.findings, ...compared.findings];
  return {
    file,
    ok: findings.every(({ severity }) => severity === 'warning'),
    findings,
    checked: [...survey.checked, ...compared.checked],
    isFaulty: !isGood,
  };
}
