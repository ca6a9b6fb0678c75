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

function parseAnswer(text: string): ControlAnswer | undefined {
  const { ok, result, error } = parseObject(text);
  if (ok === true) return { ok, result };
  return ok === false && typeof error === 'string' ? { ok, error } : undefined;
}
