import { endAll } from '../support/ending.ts';
import type { Emulation } from './air.ts';
import { measure } from './measure.ts';

/* The process that measures; bench.mjs starts it in surroundings where it may make links. */

const { emulation, names, program, hasProsody } = JSON.parse(process.env['FMUCD_BENCH'] ?? '{}') as {
  readonly emulation: Emulation;
  readonly names: readonly string[];
  readonly program: string;
  readonly hasProsody: boolean;
};

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void endAll().finally(() => process.exit(1));
  });

// Every program and stream here ends with us.
process.setMaxListeners(0);

try {
  const results = await measure({ emulation, names, program: [process.execPath, program], hasProsody });
  process.send?.(results);
} finally {
  await endAll();
}
