/** Set by build/program.mjs in load.cjs: the program at the executable's end. */
declare const PROGRAM: {
  /** What each part's code begins with. */
  readonly beginning: string;
  /** To be set before V8 takes what it made. */
  readonly flags: readonly string[];
  /** To be set after that, where there is little memory. */
  readonly frugalFlags: readonly string[];
  /** What takes the command line apart, and what V8 made of it. */
  readonly main: Piece;
  readonly mainCompiled: Piece;
  readonly gateway: Piece;
  readonly gatewayCompiled: Piece;
  /** The code of the other commands, compressed. */
  readonly commands: Piece;
};

interface Piece {
  readonly bytes: number;
  /** Where it begins, in bytes before the end of the file. */
  readonly fromEnd: number;
}
