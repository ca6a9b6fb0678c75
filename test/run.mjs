// @ts-check
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCLI, startVitest } from 'vitest/node';
import { lintersNeed, lintersRun } from './lint/linters.mjs';

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

const checked = lintOnly || options.length === 0 ? Object.entries(checks).map(check) : [];
const suites = lintOnly ? { passed: 0, failed: 0, skipped: [] } : await runSuites(options);
summarise(await Promise.all(checked), suites);

/**
 * A check of the code. One that can't run here fails with `CI=true` and is left out otherwise.
 *
 * @param {[name: string, command: readonly [program: string, ...options: string[]]]} check
 * @returns {Promise<{ name: string, outcome: 'passed' | 'FAILED' | 'skipped', output: string }>}
 */
function check([name, [program, ...rest]]) {
  if (!lintersRun && (program === 'oxlint' || program === 'knip')) {
    const outcome = process.env['CI'] === 'true' ? 'FAILED' : 'skipped';
    return Promise.resolve({ name, outcome, output: `can't run here: ${program} needs ${lintersNeed}` });
  }
  return new Promise((resolve) => {
    execFile(`${root}node_modules/.bin/${program}`, rest, { cwd: root }, (error, stdout, stderr) => {
      resolve({ name, outcome: error === null ? 'passed' : 'FAILED', output: `${stdout}${stderr}` });
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
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = suites.filter((suite) => suite.errors().length > 0);
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
  for (const { name, outcome, output } of checked) if (outcome === 'FAILED') console.log(`\n── ${name} ──\n${output}`);
  console.log('');
  for (const { name, outcome, output } of checked)
    console.log(`${outcome.padEnd(7)} ${name}${outcome === 'skipped' ? ` (${output})` : ''}`);
  for (const name of skipped) console.log(`skipped ${name}`);
  const sound = checked.filter(({ outcome }) => outcome === 'passed').length;
  const faulty = checked.filter(({ outcome }) => outcome === 'FAILED').length;
  console.log(`\ntests: ${passed + sound} passed, ${failed + faulty} failed`);
  if (failed + faulty > 0) process.exitCode = 1;
}
