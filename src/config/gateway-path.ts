import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { valueAt } from './draft.ts';
import type { ConfigFiles } from './files.ts';
import { resolvePath } from './paths.ts';
import { fileSchema } from './schema.ts';

/**
 * Where the gateway that was started with this file answers (`control`), or keeps its store (`data`). Also from a file that
 * has got faults since, as long as this much of it can be read; undefined where it can't.
 */
export function readGatewayPath(file: string, key: 'control' | 'data', files: ConfigFiles): string | undefined {
  const content = files.read(file);
  if (!content.ok) return undefined;
  try {
    const { output } = v.safeParse(fileSchema, parse(content.text));
    const path = valueAt(output, ['gateway', key]);
    return typeof path === 'string' ? resolvePath(file, path) : undefined;
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}
