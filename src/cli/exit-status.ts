/** What `fmucd` says of itself to a shell. */
export const EXIT = {
  fine: 0,
  /** It can't be done: what was asked for isn't there, or the gateway refuses. */
  failed: 1,
  /** The operator's file isn't there. */
  noFile: 2,
  notRunning: 3,
  /** The command line itself (EX_USAGE of sysexits.h). */
  usage: 64,
} as const;

/** The same for people. */
export const STATUSES = '0 fine, 1 failed, 2 no such file, 3 not running, 64 wrong usage.';
