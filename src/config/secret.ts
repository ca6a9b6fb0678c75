/** The component's secret: written in the file or in one of its own, which nobody else may read. */

import type { Draft } from './draft.ts';
import type { ConfigFiles } from './files.ts';
import { fault, type Remark } from './finding.ts';
import { resolvePath } from './paths.ts';
import { openToOthers } from './private-file.ts';

const SECRET = ['component', 'secret'] as const;
const SECRET_FILE = ['component', 'secret_file'] as const;

export interface SecretReading {
  /** Empty where there is none. */
  readonly secret: string;
  readonly remarks: readonly Remark[];
}

/** Finds the secret. `file` is the operator's own, `mode` its permission bits. */
export function readSecret(draft: Draft, file: string, mode: number, files: ConfigFiles): SecretReading {
  const isInline = draft.written(SECRET);
  const isInFile = draft.written(SECRET_FILE);
  const remarks: Remark[] = [];
  const inline = openToOthers('the secret', mode);
  if (isInline && inline !== undefined) remarks.push(fault(SECRET, inline));
  if (isInline && isInFile) remarks.push(fault(SECRET_FILE, 'there is a secret already (secret or secret_file)'));
  if (draft.written(['component']) && !isInline && !isInFile)
    remarks.push(fault(['component'], 'the component has no secret (secret or secret_file)'));
  const { secret, secret_file: path } = draft.values.component ?? {};
  if (path === undefined) return { secret: secret ?? '', remarks };

  const content = files.read(resolvePath(file, path));
  const line = content.ok ? (content.text.split(/\r?\n/, 1)[0] ?? '') : '';
  const exposed = content.ok ? openToOthers('the secret', content.mode) : undefined;
  if (!content.ok)
    remarks.push(
      fault(SECRET_FILE, `secret_file can't be read: ${content.reason} (a file whose first line is the secret)`),
    );
  else if (exposed !== undefined) remarks.push(fault(SECRET_FILE, exposed));
  if (content.ok && line === '')
    remarks.push(fault(SECRET_FILE, 'the first line of secret_file is empty (the secret)'));
  return { secret: line, remarks };
}
