import { type Journal, JournaledMap } from '../lib/journal.ts';
import type { Stage } from './command.ts';

/** The most sessions of commands at once; the one that has been left alone for longest makes room. */
export const MAX_COMMAND_SESSIONS = 32;
/** Milliseconds after which a session that nobody goes on with is over. */
export const COMMAND_SESSION_AGE = 600_000;

/** A command that waits for its requester (XEP-0050 §3.3). */
export interface CommandSession {
  readonly id: string;
  readonly node: string;
  /** Full JID of the one who may go on with it. */
  readonly requester: string;
  /** The stages up to the one that waits; never empty. */
  readonly stages: readonly [Stage, ...Stage[]];
  /** Milliseconds since the epoch: when its stage was sent. */
  readonly at: number;
}

/** The sessions of commands, in memory: a restart ends them. An id is given once, and says when. */
export class CommandSessions {
  readonly #sessions: JournaledMap<string, CommandSession>;
  #lastGiven = 0;

  constructor(journal: Journal) {
    this.#sessions = new JournaledMap(journal);
  }

  /** An id that no session has had. An id of a turn that is taken back is lost, which is no harm. */
  newId(now: number): string {
    this.#lastGiven = Math.max(now, this.#lastGiven + 1);
    return this.#lastGiven.toString(36);
  }

  /** Has a session wait at its latest stage. */
  put(session: CommandSession): void {
    this.#expire(session.at);
    this.#sessions.delete(session.id);
    if (this.#sessions.size >= MAX_COMMAND_SESSIONS) {
      const [longest] = this.#sessions.keys();
      if (longest !== undefined) this.#sessions.delete(longest);
    }
    this.#sessions.set(session.id, session);
  }

  end(id: string): void {
    this.#sessions.delete(id);
  }

  /** The requester's session of that command; `expired` where one with that id is over, or may have been. */
  find(id: string, node: string, requester: string, now: number): CommandSession | 'expired' | undefined {
    this.#expire(now);
    const session = this.#sessions.get(id);
    if (session !== undefined) return session.node === node && session.requester === requester ? session : undefined;
    const given = /^[\da-z]{1,11}$/.test(id) ? Number.parseInt(id, 36) : Number.POSITIVE_INFINITY;
    return given <= Math.max(now, this.#lastGiven) ? 'expired' : undefined;
  }

  #expire(now: number): void {
    for (const [id, { at }] of this.#sessions) if (at + COMMAND_SESSION_AGE <= now) this.#sessions.delete(id);
  }
}
