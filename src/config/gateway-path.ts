import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { valueAt } from './draft.ts';
import type { ConfigFiles } from './files.ts';
import { resolvePath } from './paths.ts';
import { fileSchema } from './schema.ts';

/** Lines that a fault of syntax may be seen late. */
const MAX_TRIES = 100;

/**
 * Where the gateway that was started with this file answers (`control`), or keeps its store (`data`). Also from a file that
 * has got faults since: from as much of it as can be read, else by default. Undefined where there is no such file.
 */
export function readGatewayPath(file: string, key: 'control' | 'data', files: ConfigFiles): string | undefined {
  const content = files.read(file);
  if (!content.ok && content.isMissing) return undefined;
  const path = pathIn(content.ok ? readable(content.text) : {}, key) ?? pathIn({ gateway: {} }, key);
  return path && resolvePath(file, path);
}

/** What a text says, up to its first fault of syntax: where that begins, the parser may see some lines late. */
function readable(text: string): unknown {
  let lines = text.split('\n');
  for (let tries = 0; tries < MAX_TRIES; tries++)
    try {
      return parse(lines.join('\n'));
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      lines = lines.slice(0, Math.min(error.line, lines.length) - 1);
    }
  return {};
}

function pathIn(raw: unknown, key: 'control' | 'data'): string | undefined {
  const { output } = v.safeParse(fileSchema, raw);
  const path = valueAt(output, ['gateway', key]);
  return typeof path === 'string' ? path : undefined;
}
