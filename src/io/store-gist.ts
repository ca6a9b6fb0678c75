import type { Database } from 'better-sqlite3';
import { NEWEST_RECEIVED } from './statements.ts';

/** What an operator tells one store from another by. */
export interface StoreGist {
  /** Rooms that it knows, those of other domains included. */
  readonly rooms: number;
  readonly messages: number;
  /** When the newest message came here, in milliseconds since the epoch; null where there is none. */
  readonly newest: number | null;
}

/** Reads every message's place in the index. */
export function gistOf(database: Database): StoreGist {
  const count = (table: string) => database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
  const newest = database.prepare<[], number>(NEWEST_RECEIVED).pluck().get() ?? null;
  return { rooms: count('room'), messages: count('message'), newest };
}

/** The domains whose rooms a store has, each once. */
export function domainsOf(database: Database): string[] {
  return database.prepare<[], string>("SELECT DISTINCT substr(jid, instr(jid, '@') + 1) FROM room").pluck().all();
}
