import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { ControlError } from './control-error.ts';
import { Feed, OpenAnswer } from './feed.ts';
import { isAnswering } from './probe.ts';

/** The commands that a running gateway answers. */
const COMMANDS = ['status', 'fetch', 'trace', 'history', 'reload', 'clock', 'top', 'backup', 'restore'] as const;

export interface ControlRequest {
  readonly command: (typeof COMMANDS)[number];
  /** What `fetch` and `trace` are for: a room JID, or its part before the @. What `history` is for: the JID. */
  readonly room?: string;
  /** Whose link `trace` is for; absent: every link. */
  readonly peer?: string;
  /** Which kind of stanza `trace` is for; absent: every kind. */
  readonly kind?: string;
  /** The position after which it is to begin: in the archive, for `history`; in the log, for `top`. */
  readonly after?: number;
  /** The position in the archive before which `history` is to begin, the newest first. */
  readonly before?: number;
  /** What `history` is to look for (`ArchiveFilter`). */
  readonly since?: number;
  readonly until?: number;
  readonly nick?: string;
  readonly from?: string;
  readonly text?: string;
  /** What the store is called in the data directory that `restore` is to put in the place of the other. */
  readonly prepared?: string;
}

export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  /** `error` is a line for the operator. */
  | { readonly ok: false; readonly error: string };

/** A request that can't be met; the message says why, in a line for the operator. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Bytes of a request. */
export const MAX_REQUEST_BYTES = 4096;

/** Commands that are answered at a time; the system turns further ones away. */
export const MAX_COMMANDS = 16;

/** Milliseconds from connecting to having taken the answer; one that stays open has begun by then. */
export const DEADLINE_MS = 5_000;

/** What the socket leaves to others than the gateway's user and group, whom the operators may be members of: nothing. */
const UMASK = 0o117;

/**
 * The gateway's side of the control socket: one line of JSON asks, one answers, and the connection ends, or stays open
 * for more lines (`trace`).
 *
 *     {"command":"status"}
 *     {"command":"fetch","room":"elsinore@rooms.denmark.lit"}
 *     {"ok":true,"result":…}
 */
export class ControlServer {
  readonly #path: string;
  readonly #answer: (request: ControlRequest) => unknown;
  readonly #deadline: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  /** `answer` gives the result of a request, at once or in time, or an OpenAnswer. */
  constructor(path: string, answer: (request: ControlRequest) => unknown, deadline = DEADLINE_MS) {
    this.#path = path;
    this.#answer = answer;
    this.#deadline = deadline;
  }

  /**
   * Makes the socket and its directory. One that a dead process left is replaced.
   * @throws {ControlError} `already-running` where a live one answers there, or why the socket can't be made.
   */
  async listen(): Promise<void> {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o750 });
      await this.#clear();
      this.#server = await this.#bind();
    } catch (error) {
      throw error instanceof ControlError ? error : new ControlError('unusable', this.#path, error);
    }
  }

  /** Ends every connection and removes the socket. */
  close(): void {
    this.#server?.close();
    this.hangUp();
  }

  /** Ends every connection, also of answers that stay open. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #clear(): Promise<void> {
    const found = lstatSync(this.#path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!found.isSocket()) throw new ControlError('taken', this.#path);
    if (await isAnswering(this.#path)) throw new ControlError('already-running', this.#path);
    rmSync(this.#path);
  }

  #bind(): Promise<Server> {
    const server = createServer((socket) => this.#serve(socket));
    server.maxConnections = MAX_COMMANDS;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const before = process.umask(UMASK);
      server.listen(this.#path, () => {
        // From here on an error is one command that couldn't be accepted.
        server.removeAllListeners('error').on('error', () => {});
        resolve(server);
      });
      process.umask(before); // the socket was made inside listen()
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const deadline = setTimeout(() => socket.destroy(), this.#deadline);
    socket.on('close', () => {
      clearTimeout(deadline);
      this.#sockets.delete(socket);
    });
    socket.on('error', () => {}); // a command that went away
    let request = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      request += chunk;
      const end = request.indexOf('\n');
      if (end < 0 && request.length <= MAX_REQUEST_BYTES) return;
      socket.removeAllListeners('data').resume();
      const text = Buffer.from(request.slice(0, end), 'latin1').toString();
      const isTooLong = end < 0 || end > MAX_REQUEST_BYTES;
      void (isTooLong ? Promise.resolve(refusal('the request is too long')) : this.#answerTo(text)).then((answer) => {
        if (socket.destroyed) return;
        if (answer.ok && answer.result instanceof OpenAnswer) {
          clearTimeout(deadline);
          keepOpen(socket, answer.result);
        } else socket.end(`${JSON.stringify(answer)}\n`);
      });
    });
  }

  async #answerTo(text: string): Promise<ControlAnswer> {
    const request = readRequest(text);
    if (request === undefined) return refusal("the gateway doesn't know this command: is it of another version?");
    try {
      return { ok: true, result: await this.#answer(request) };
    } catch (error) {
      if (error instanceof RequestError) return refusal(error.message);
      // A question must not bring the gateway down.
      return refusal(`the gateway failed to answer: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function keepOpen(socket: Socket, { result, attach }: OpenAnswer): void {
  socket.write(`${JSON.stringify({ ok: true, result })}\n`);
  socket.on('close', attach(new Feed(socket)));
}

/** What a request may hold beside its command, by kind. */
const TEXTS = ['room', 'peer', 'kind', 'nick', 'from', 'text', 'prepared'] as const;
const NUMBERS = ['after', 'before', 'since', 'until'] as const;

function readRequest(text: string): ControlRequest | undefined {
  const object = parseObject(text);
  const command = COMMANDS.find((name) => name === object['command']);
  const given = [
    ...TEXTS.filter((key) => typeof object[key] === 'string'),
    ...NUMBERS.filter((key) => typeof object[key] === 'number'),
  ];
  return command && { command, ...Object.fromEntries(given.map((key) => [key, object[key]])) };
}

function refusal(error: string): ControlAnswer {
  return { ok: false, error };
}

/** The keys of a JSON object; none where the text isn't one. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
