import { parseStamp } from '../lib/stamp.ts';

const AGO = /^(\d{1,6})([smhdw])$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DATE = /^\d{4}-\d\d-\d\d$/;

/** What `--since` takes, for whoever wrote something else. */
export const SINCE_FORMS = '2026-11-21T07:30:00Z, 2026-11-21, or how long ago: 90m, 2h, 3d';

/** The moment that an operator means, in milliseconds since the epoch; undefined where that can't be told. */
export function parseSince(text: string, now: number): number | undefined {
  const [, number, unit = ''] = AGO.exec(text) ?? [];
  if (number !== undefined) return now - Number(number) * (SECONDS[unit] ?? 0) * 1000;
  return parseStamp(DATE.test(text) ? `${text}T00:00:00Z` : text);
}
