import { writeBundle } from '../../build/bundle.mjs';

/** Before any suite runs: `dist/fmucd.cjs` is what the sources say, so suites that start the program start this one. */
export default async function setup(): Promise<void> {
  await writeBundle();
}
