/** What reading the operator's file asks of the file system; `src/io/files.ts` does it. */
export interface ConfigFiles {
  /** Reads a text file whole. */
  readonly read: (path: string) => FileContent | FileFailure;
}

export interface FileContent {
  readonly ok: true;
  readonly text: string;
  /** Permission bits, without those of a group that is the gateway's own. */
  readonly mode: number;
}

export interface FileFailure {
  readonly ok: false;
  readonly isMissing: boolean;
  /** Text for the operator, such as `permission denied`. */
  readonly reason: string;
}
