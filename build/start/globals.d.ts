/** Set by build/executable.mjs in load.cjs: the program at the executable's end. */
declare const PROGRAM: {
  /** What stack traces call it. */
  readonly name: string;
  /** What its code begins with. */
  readonly beginning: string;
  /** To be set before V8 takes what it made. */
  readonly flags: readonly string[];
  /** To be set after that, where there is little memory. */
  readonly frugalFlags: readonly string[];
  readonly code: Part;
  /** What V8 made of it. */
  readonly compiled: Part;
};

interface Part {
  readonly bytes: number;
  /** Where it begins, in bytes before the end of the file. */
  readonly fromEnd: number;
}
