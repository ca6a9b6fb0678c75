/** What a slow link could never bring across, with the arithmetic. */

import { type Draft, type DraftLink, present } from './draft.ts';
import { type Remark, warning } from './finding.ts';
import type { Path } from './positions.ts';

/** Bit/s below which somebody has likely meant kbit/s: HF has 75. */
const LEAST = 50;

/** What compression makes of XML at the very best. */
const COMPRESSED = 10;

/** Messages that a room keeps whose table doesn't say. */
const KEPT_BY_DEFAULT = 1000;

const HOUR = 3600;

export function* paceRules(draft: Draft): Generator<Remark> {
  for (const [index, link] of present(draft.values.link ?? [])) {
    const path = ['link', index];
    yield* moreThanKept(link, path, draft);
    const { bandwidth = 0 } = link;
    if (bandwidth === 0) continue;
    if (bandwidth < LEAST)
      yield warning(
        [...path, 'bandwidth'],
        `a message of 100 bytes takes ${Math.round(800 / bandwidth)} s at ${bandwidth} bit/s (bit/s, not kbit/s)`,
      );
    else yield* tooMuch(link, bandwidth, path, draft);
  }
}

/** A room keeps what its own table says, and one that users make, the default. */
function* moreThanKept({ history }: DraftLink, path: Path, draft: Draft): Generator<Remark> {
  const kept = present(draft.values.room ?? []).map(([, { keep }]) => keep?.messages ?? 0);
  const most = Math.max(KEPT_BY_DEFAULT, ...kept);
  const { messages = 0 } = history ?? {};
  if (!kept.includes(0) && messages > most)
    yield warning(
      [...path, 'history', 'messages'],
      `history brings ${messages} messages across, and no room keeps more than ${most} (keep in [[room]], or fewer)`,
    );
}

function* tooMuch(link: DraftLink, bandwidth: number, path: Path, draft: Draft): Generator<Remark> {
  const factor = link.compression === true ? COMPRESSED : 1;
  for (const name of ['queue', 'history'] as const) {
    const { bytes, age } = link[name] ?? {};
    if (bytes === undefined || age === undefined || age === 0) continue;
    const seconds = (bytes * 8) / bandwidth / factor;
    if (seconds <= age) continue;
    const crossing = `${bytes} bytes take ${hours(seconds)} at ${bandwidth} bit/s${factor > 1 ? ' even compressed' : ''}`;
    const most = Math.floor((bandwidth * age * factor) / 8);
    yield warning(
      [...path, draft.written([...path, name]) ? name : 'bandwidth'],
      `${name} holds what is too old before it is across: ${crossing}, and age is ${hours(age)} (bytes up to ${most})`,
    );
  }
}

function hours(seconds: number): string {
  return seconds < HOUR ? `${Math.round(seconds)} s` : `${Math.round((seconds / HOUR) * 10) / 10} h`;
}
