/** What can go wrong between a command and the running gateway, and what to do about it. */
const TEXTS = {
  'not-running': (path: string) => `the gateway isn't running (nobody answers at ${path}): start it with "fmucd run"`,
  ended: (path: string) => `the gateway has ended (nobody answers at ${path} any more)`,
  'already-running': (path: string) => `the gateway is already running (it answers at ${path}): stop that one first`,
  denied: (path: string) => `${path} isn't open to this user: run this as the gateway's user, or one of its group`,
  silent: (path: string) => `the gateway doesn't answer at ${path}: is it overloaded or stopped? (its log may say)`,
  garbled: (path: string) => `what answers at ${path} isn't this version of fmucd: restart the gateway`,
  taken: (path: string) => `${path} is no socket: move it away, or change "control" in the file`,
  unusable: (path: string) => `no socket can be made at ${path}: does the gateway's user own that directory?`,
} as const;

export type ControlCondition = keyof typeof TEXTS;

/** A control socket that can't be had or reached. `message` is a line for the operator. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly condition: ControlCondition;

  constructor(condition: ControlCondition, path: string, cause?: unknown) {
    super(TEXTS[condition](path), { cause });
    this.condition = condition;
  }
}
