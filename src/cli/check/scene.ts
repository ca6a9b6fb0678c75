import type { Config } from '../../config/config.ts';
import type { Remark } from '../../config/finding.ts';
import type { Path } from '../../config/positions.ts';
import type { RunningGateway, Surroundings } from './surroundings.ts';

/** What there is to look at: a file without faults, and the machine that it is for. */
export interface Scene {
  readonly config: Config;
  /** Whether the file itself has that key. */
  readonly written: (path: Path) => boolean;
  readonly gateway: RunningGateway;
  readonly on: Surroundings;
}

/** Something that was looked at and is as it should be. */
export interface Checked {
  readonly what: string;
  readonly result: string;
}

/** What has come of looking at something. */
export interface Examined {
  readonly remarks: readonly Remark[];
  readonly checked: readonly Checked[];
}

/** A thing that is either well or remarked on. */
export function examined(remarks: readonly Remark[], what: string, result: string): Examined {
  return { remarks, checked: remarks.length === 0 ? [{ what, result }] : [] };
}

export function together(parts: readonly Examined[]): Examined {
  return { remarks: parts.flatMap(({ remarks }) => remarks), checked: parts.flatMap(({ checked }) => checked) };
}
