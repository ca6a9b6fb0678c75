import { readGatewayPath } from '../config/gateway-path.ts';
import type { ControlRequest } from '../io/control.ts';
import { follow } from '../io/control-client.ts';
import { ControlError } from '../io/control-error.ts';
import { CopyError } from '../io/copy-error.ts';
import { configFiles } from '../io/files.ts';
import { StoreError } from '../io/store-error.ts';
import { refused, withGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { interruptible } from './interruption.ts';

/** The gateway's refusal; the message is its own line. */
class Refusal extends Error {}

/** Where the store is, and whether a gateway has it. */
export interface Place {
  /** The data directory. */
  readonly directory: string;
  /** The control socket. */
  readonly control: string;
  /** Aborted where the operator interrupts the command. */
  readonly signal: AbortSignal;
}

/** Has `use` do something with the store itself. Resolves to its exit status, or to that of why it can't, which is said in one line. */
export function withStore(invocation: Invocation, use: (place: Place) => Promise<number>): Promise<number> {
  const { file, output } = invocation;
  return withGateway(invocation, async (control) => {
    try {
      const directory = readGatewayPath(file, 'data', configFiles) ?? '';
      return await interruptible((signal) => use({ directory, control, signal }));
    } catch (error) {
      if (!(error instanceof CopyError || error instanceof StoreError || error instanceof Refusal)) throw error;
      return refused(error.message, output);
    }
  });
}

/** A line of an answer that stays open. */
export type Line = Readonly<Record<string, unknown>>;

/**
 * Has `use` go on with the first line of an answer that stays open until it is done; undefined where no gateway runs.
 * @throws {ControlError} Where the gateway can't be talked to.
 */
export async function whileOpen<T>(
  control: string,
  request: ControlRequest,
  use: (line: Line | undefined) => T | Promise<T>,
): Promise<T> {
  const end = new AbortController();
  try {
    return await use(await firstLine(control, request, end.signal));
  } finally {
    end.abort();
  }
}

function firstLine(control: string, request: ControlRequest, signal: AbortSignal): Promise<Line | undefined> {
  return new Promise((resolve, reject) => {
    const line = (said: Line) =>
      typeof said['refused'] === 'string' ? reject(new Refusal(said['refused'])) : resolve(said);
    follow(control, request, { begun: () => {}, line, signal }).then(
      (refusal) => refusal && reject(new Refusal(refusal.error)),
      (error: unknown) =>
        error instanceof ControlError && error.condition === 'not-running'
          ? resolve(undefined)
          : reject(error as Error),
    );
  });
}
