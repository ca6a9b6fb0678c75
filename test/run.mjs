// @ts-check
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { parseCLI, startVitest } from 'vitest/node';

/*
 * `npm test`: the suites and, beside them, the checks of the code, then one summary. `--lint` runs the checks alone; any
 * other argument is vitest's, which then runs alone: `npm test -- test/lib`.
 */

/** @type {Readonly<Record<string, readonly [program: string, ...options: string[]]>>} */
const checks = {
  format: ['biome', 'ci', '--error-on-warnings', '--colors=off'],
  lint: ['oxlint', '--type-aware', '--deny-warnings'],
  types: ['tsc'],
  unused: ['knip'],
};

const root = fileURLToPath(new URL('..', import.meta.url));
const options = process.argv.slice(2);
const lintOnly = options[0] === '--lint';

/** knip alone needs a later Node than the program does. */
const knipRuns = 'styleText' in util || process.env['CI'] === 'true';
const possible = Object.entries(checks).filter(([, [program]]) => program !== 'knip' || knipRuns);

const checked = lintOnly || options.length === 0 ? possible.map(check) : [];
const suites = lintOnly ? { passed: 0, failed: 0, skipped: [] } : await runSuites(options);
summarise(await Promise.all(checked), suites);

/**
 * @param {[name: string, command: readonly [program: string, ...options: string[]]]} check
 * @returns {Promise<{ name: string, failure: string | undefined }>}
 */
function check([name, [program, ...rest]]) {
  return new Promise((resolve) => {
    execFile(`${root}node_modules/.bin/${program}`, rest, { cwd: root }, (error, stdout, stderr) => {
      resolve({ name, failure: error === null ? undefined : `${stdout}${stderr}` });
    });
  });
}

/** @param {string[]} arguments_ */
async function runSuites(arguments_) {
  const { filter, options } = parseCLI(['vitest', 'run', ...arguments_]);
  const vitest = await startVitest('test', filter, { ...options, config: `${root}test/vitest.config.ts` });
  const modules = vitest.state.getTestModules();
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  /** @param {string} state */
  const inState = (state) => tests.filter((test) => test.result().state === state);
  const broken = modules.filter((module) => module.errors().length > 0);
  await vitest.close();
  return {
    passed: inState('passed').length,
    // A run that found no test to run, because the program didn't build, has not passed.
    failed:
      inState('failed').length +
      broken.length +
      vitest.state.getUnhandledErrors().length +
      (tests.length === 0 ? 1 : 0),
    skipped: [...new Set(inState('skipped').map((test) => test.fullName.split(' > ')[0] ?? ''))],
  };
}

/**
 * Says what failed and what was left out; the last line is the count of it all.
 *
 * @param {Awaited<ReturnType<typeof check>>[]} checked
 * @param {Awaited<ReturnType<typeof runSuites>>} suites
 */
function summarise(checked, { passed, failed, skipped }) {
  for (const { name, failure } of checked) if (failure !== undefined) console.log(`\n── ${name} ──\n${failure}`);
  console.log('');
  for (const { name, failure } of checked) console.log(`${failure === undefined ? 'passed' : 'FAILED'}  ${name}`);
  if (!knipRuns) console.log("skipped unused (can't run here: knip needs Node 20.19)");
  for (const name of skipped) console.log(`skipped ${name}`);
  const faults = checked.filter(({ failure }) => failure !== undefined).length;
  console.log(`\ntests: ${passed + checked.length - faults} passed, ${failed + faults} failed`);
  process.exitCode = failed + faults > 0 ? 1 : 0;
}
