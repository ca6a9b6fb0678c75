import type { Built } from '../support/gateway.ts';
import type { Air, AirOptions, Emulation } from './air.ts';
import { NamespaceAir } from './namespaces.ts';
import { ProxyAir } from './proxy.ts';
import { OurScene, ProsodyScene } from './scene.ts';
import { type Result, WORKLOADS } from './workloads.ts';

/** Who does the work. */
export type Who = 'ours' | 'prosody';

/** What a workload came to for each; why not, where it failed. */
export interface Measured {
  readonly name: string;
  readonly what: string;
  readonly air: AirOptions;
  readonly ours: Outcome;
  readonly prosody: Outcome;
}

export type Outcome = Result | { readonly failed: string };

export interface MeasureOptions {
  readonly emulation: Emulation;
  readonly names: readonly string[];
  readonly program: Built;
  readonly hasProsody: boolean;
}

/** How many scenes run at a time. Most of their time they wait. */
const AT_ONCE = 10;

/** Does all the work, each piece with a link of its own. */
export async function measure(options: MeasureOptions): Promise<readonly Measured[]> {
  const outcomes = new Map<string, Outcome>();
  const jobs = options.names.flatMap((name) => (['ours', 'prosody'] as const).map((who) => ({ name, who })));
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { name, who } = job;
      const outcome = await run(name, who, options).catch((error: unknown) => ({ failed: String(error) }));
      outcomes.set(`${name} ${who}`, outcome);
      console.error(
        `${Math.round(performance.now() / 1000)} s ${name}, ${who}: ${'failed' in outcome ? outcome.failed : summary(outcome)}`,
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return options.names.map((name) => {
    const { what, air } = workload(name);
    const of = (who: Who): Outcome => outcomes.get(`${name} ${who}`) ?? { failed: 'not done' };
    return { name, what, air, ours: of('ours'), prosody: of('prosody') };
  });
}

async function run(name: string, who: Who, options: MeasureOptions): Promise<Outcome> {
  const { emulation, program, hasProsody } = options;
  if (who === 'prosody' && !hasProsody) return { failed: 'no Prosody here' };
  const work = workload(name);
  const air: Air = await (emulation === 'namespaces' ? NamespaceAir : ProxyAir).start(work.air);
  const scene = await (who === 'ours' ? OurScene : ProsodyScene).start({
    ...work.scene,
    air,
    bandwidth: work.air.bandwidth,
    hasProsody,
    program,
  });
  return work.run(scene);
}

function workload(name: string) {
  const found = WORKLOADS[name];
  if (found === undefined) throw new Error(`no workload is called ${name}`);
  return found;
}

function summary({ figures }: Result): string {
  return Object.entries(figures)
    .map(([figure, value]) => `${figure.replaceAll('_', ' ')} ${Math.round(value * 10) / 10}`)
    .join(', ');
}
