import { connect } from 'node:net';
import { type ControlAnswer, type ControlRequest, DEADLINE_MS, parseObject } from './control.ts';
import { type ControlCondition, ControlError } from './control-error.ts';

/** Bytes of an answer: far more than a gateway has to tell. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const CONDITIONS: Readonly<Record<string, ControlCondition>> = {
  ENOENT: 'not-running',
  ECONNREFUSED: 'not-running',
  ENOTDIR: 'not-running',
  EACCES: 'denied',
  EPERM: 'denied',
  ECONNRESET: 'silent',
  EPIPE: 'silent',
  EAGAIN: 'silent',
};

/**
 * Asks the gateway that runs with the control socket at `path`.
 * @throws {ControlError} `not-running`, or why there is no answer within `deadline` milliseconds.
 */
export function ask(path: string, request: ControlRequest, deadline = DEADLINE_MS): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let received = '';
    const fail = (condition: ControlCondition, cause?: Error) => {
      socket.destroy();
      reject(new ControlError(condition, path, cause));
    };
    const timer = setTimeout(() => fail('silent'), deadline);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
      if (received.length > MAX_ANSWER_BYTES) fail('garbled');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => fail(CONDITIONS[error.code ?? ''] ?? 'silent', error));
    socket.on('end', () => {
      const answer = parseAnswer(received);
      if (received === '') fail('silent');
      else if (answer === undefined) fail('garbled');
      else resolve(answer);
    });
    socket.on('close', () => clearTimeout(timer));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

/** What is done with an answer that stays open. */
export interface Follower {
  /** It has begun; `result` is what was answered. */
  readonly begun: (result: unknown) => void;
  /** A line of it. */
  readonly line: (line: Readonly<Record<string, unknown>>) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Asks the gateway for an answer that stays open, and follows it. Resolves to the refusal where it is refused, and to
 * undefined once the signal has ended it.
 * @throws {ControlError} `ended` where the gateway ends first, `not-running`, or why there is no answer within `deadline`
 * milliseconds.
 */
export function follow(
  path: string,
  request: ControlRequest,
  { begun, line, signal }: Follower,
  deadline = DEADLINE_MS,
): Promise<Refusal | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(undefined);
    const socket = connect(path);
    let received = '';
    let hasBegun = false;
    const fail = (condition: ControlCondition, cause?: Error) => {
      socket.destroy();
      reject(new ControlError(condition, path, cause));
    };
    const stop = () => {
      socket.destroy();
      resolve(undefined);
    };
    const begin = (text: string) => {
      clearTimeout(timer);
      const answer = parseAnswer(text);
      hasBegun = answer?.ok === true;
      if (answer === undefined) fail('garbled');
      else if (answer.ok) begun(answer.result);
      else resolve(answer);
    };
    const timer = setTimeout(() => fail('silent'), deadline);
    signal.addEventListener('abort', stop);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const [first = '', ...others] = chunk.split('\n');
      received += first;
      for (const other of others) {
        if (socket.destroyed) return;
        if (hasBegun) line(parseObject(received));
        else begin(received);
        received = other;
      }
      if (received.length > MAX_ANSWER_BYTES) fail('garbled');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      fail(hasBegun ? 'ended' : (CONDITIONS[error.code ?? ''] ?? 'silent'), error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      reject(new ControlError(hasBegun ? 'ended' : 'silent', path));
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

type Refusal = Extract<ControlAnswer, { readonly ok: false }>;

function parseAnswer(text: string): ControlAnswer | undefined {
  const { ok, result, error } = parseObject(text);
  if (ok === true) return { ok, result };
  return ok === false && typeof error === 'string' ? { ok, error } : undefined;
}
