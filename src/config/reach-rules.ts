/** Whether anybody can come at all. A gateway that is still being set up may be so; its operator is told. */

import type { Draft } from './draft.ts';
import { type Remark, warning } from './finding.ts';

/** To be asked of a file without faults. */
export function* reachRules({ values, written }: Draft): Generator<Remark> {
  if (written(['component'])) return;
  const isAwaited = (values.s2s?.listen ?? []).length > 0;
  const isLinked = (values.link ?? []).length > 0;
  if (isAwaited) return;
  const path = written(['s2s']) ? ['s2s'] : ['gateway'];
  yield isLinked
    ? warning(path, 'no users of our own can come, only those behind links (a [component], or listen in [s2s])')
    : warning(path, 'nobody reaches the rooms (a [component], listen in [s2s], or a [[link]])');
}
