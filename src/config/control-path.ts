import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { valueAt } from './draft.ts';
import type { ConfigFiles } from './files.ts';
import { resolvePath } from './paths.ts';
import { fileSchema } from './schema.ts';

/** Lines that a fault of syntax may be seen late. */
const MAX_TRIES = 100;

/**
 * Where the gateway that was started with this file answers. Also from a file that has got faults since: from as much of
 * it as can be read, else by default. Undefined where there is no such file.
 */
export function readControlPath(file: string, files: ConfigFiles): string | undefined {
  const content = files.read(file);
  if (!content.ok && content.isMissing) return undefined;
  const path = controlIn(content.ok ? readable(content.text) : {}) ?? controlIn({ gateway: {} });
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

function controlIn(raw: unknown): string | undefined {
  const { output } = v.safeParse(fileSchema, raw);
  const path = valueAt(output, ['gateway', 'control']);
  return typeof path === 'string' ? path : undefined;
}
