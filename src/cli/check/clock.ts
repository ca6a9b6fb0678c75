import { built } from '../../app/built.ts';
import type { StoreLook } from '../../io/store-look.ts';
import { formatStamp } from '../../lib/stamp.ts';
import type { Checked, Scene } from './scene.ts';

/** Milliseconds after this program was written beyond which nobody would believe that it still runs. */
const FAR_AHEAD = 20 * 365 * 86_400_000;

/** What is wrong with the clock, which is no matter of a place in the file. */
export function examineClock({ on }: Scene, { newest = 0 }: StoreLook): { problems: string[]; checked: Checked[] } {
  const now = on.now();
  const says = `the clock says ${new Date(now).toISOString()}`;
  if (now < built) return { problems: [`${says} (set it: messages are stamped by it)`], checked: [] };
  if (now < newest)
    return {
      problems: [`${says}, and the newest message came at ${formatStamp(newest)} (set it: fmucd clock)`],
      checked: [],
    };
  if (now > built + FAR_AHEAD) return { problems: [`${says}, which is far ahead (set it)`], checked: [] };
  return {
    problems: [],
    checked: [{ what: 'clock', result: `${formatStamp(Math.floor(now / 1000) * 1000)}, plausible` }],
  };
}
