import * as v from 'valibot';
import { valueAt } from './draft.ts';
import { fileSchema } from './schema.ts';

/** What the schema makes of a value, or what it says against it: `can't be VALUE (ALLOWED)`. */
export type Tried = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Has the schema read a value that is yet to be written, as a key of `[table]`, or of a `[[table]]` where `isMany`. */
export function tryValue(table: string, key: string, value: unknown, isMany = false): Tried {
  const written = { [key]: value };
  const { output, issues = [] } = v.safeParse(fileSchema, { [table]: isMany ? [written] : written });
  const path = isMany ? [table, 0, key] : [table, key];
  const issue = issues.find((one) => path.every((step, at) => one.path?.[at]?.key === step));
  return issue === undefined ? { ok: true, value: valueAt(output, path) } : { ok: false, problem: issue.message };
}
