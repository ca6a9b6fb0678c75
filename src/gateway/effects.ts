import type { ConnectionEffect, ConnectionInput, Resolved, ResolveEffect } from '../lib/effects.ts';
import type { CrossedEffect } from '../link/crossed.ts';
import type { PostEffect } from '../link/departures.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { MessageRecord, StoreWrite } from '../muc/records.ts';
import type { Room } from '../muc/room.ts';
import type { Found } from '../muc/search.ts';
import type {
  ArchiveRequest,
  QueryEffect,
  SearchEffect,
  SearchRequest,
  VcardQueryEffect,
  VcardRequest,
} from '../muc/turn.ts';
import type { WithheldEffect } from '../stanza/withheld.ts';
import type { GoOnEffect, SendEffect } from '../stream/s2s-types.ts';
import type { SessionWrite } from '../stream/session-record.ts';
import type { Element } from '../xml/element.ts';

/** The stream that a stanza came through. */
export type Via =
  | { readonly kind: 'component' }
  | { readonly kind: 'link'; readonly peer: string }
  /** An S2S stream on which that domain has proved who it is. */
  | { readonly kind: 's2s'; readonly domain: string };

/** A whole stanza that a stream has brought, to be handled as an input of its own. */
export interface StanzaReceived {
  readonly kind: 'stanza';
  readonly via: Via;
  readonly stanza: Element;
}

/** What the archive gave for a query, to be handled before anything else. */
export interface ArchiveRead {
  readonly kind: 'archive';
  readonly request: ArchiveRequest;
  readonly messages: readonly MessageRecord[];
}

/** A stanza that waits until a message to which it refers has been looked up. */
export interface Recalling {
  readonly kind: 'refers';
  readonly room: string;
  readonly received: StanzaReceived;
}

/** What an archive is searched for, by a room or before a stanza can be handled. */
export type Searching = SearchEffect<SearchRequest | Recalling>;

/** What one look into an archive has found; undefined where there could be none. */
export interface Searched {
  readonly kind: 'searched';
  readonly request: SearchRequest | Recalling;
  readonly found: Found | undefined;
}

/** A room's vCard as the store has it, to be handled before anything else. */
export interface VcardRead {
  readonly kind: 'vcard-read';
  readonly request: VcardRequest;
  readonly vcard: string | undefined;
}

/** The operator's file has been taken over for good: streams that it has no more end, and those that are new begin. */
export interface ChangeOver {
  readonly kind: 'change-over';
}

/** An occupant is out of a room whose client can't be reached, and the others hear of it now. */
export interface Departed {
  readonly kind: 'departed';
  readonly room: Room;
  readonly occupant: Occupant;
}

/** Everything that happens to the gateway. */
export type Input =
  | ConnectionInput
  | Resolved
  | StanzaReceived
  | ArchiveRead
  | Searched
  | VcardRead
  | PostEffect
  | SendEffect
  | GoOnEffect
  | Departed
  | ChangeOver;

/**
 * Everything that the gateway asks of the world. Those of one turn take place in this order: the store's writes, all in
 * one transaction; then, if that stood, the others one by one. A `stanza`, a `query`, a `query-vcard`, a `search`, a `post`, an
 * `s2s-send`, a `departed` or a `change-over` leads to an input, which is handled before the next effect is carried out; but a
 * `search` that is continued waits until everybody else has had their turn.
 */
export type Effect =
  | ConnectionEffect
  | ResolveEffect
  | CrossedEffect
  | WithheldEffect
  | StanzaReceived
  | StoreWrite
  | SessionWrite
  | QueryEffect
  | Searching
  | VcardQueryEffect
  | PostEffect
  | SendEffect
  | GoOnEffect
  | Departed
  | ChangeOver;

const WRITES: ReadonlySet<string> = new Set<(StoreWrite | SessionWrite)['kind']>([
  'append',
  'save',
  'replace',
  'vcard',
  'gaps',
  'neighbour',
  'drop-neighbour',
  'note',
  'forget',
  'session',
  'unacknowledged',
  'acknowledged',
  'drop-session',
]);

/** Whether an effect changes the store. */
export function isWrite<E extends { readonly kind: string }>(effect: E): effect is E & (StoreWrite | SessionWrite) {
  return WRITES.has(effect.kind);
}
