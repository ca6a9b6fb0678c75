import type { LogEffect } from '../lib/effects.ts';
import type { Journal } from '../lib/journal.ts';
import type { Sending } from '../lib/urgency.ts';
import type { Numbers, Sync } from '../stanza/sync.ts';
import type { WithheldEffect } from '../stanza/withheld.ts';
import type { Element } from '../xml/element.ts';
import type { ArchiveQuestion, MetadataQuestion } from './archive.ts';
import type { RoomEvent } from './events.ts';
import type { ModerationRequest } from './moderate.ts';
import type { HistoryQuery, StoreWrite } from './records.ts';
import type { Search } from './search.ts';

/** One stanza for any number of recipients, who get it with their own address in `to`. */
export interface SendEffect {
  readonly kind: 'send';
  /** Has a `from` and no `to`. */
  readonly stanza: Element;
  readonly to: readonly string[];
  /** How it crosses a link, where it does. */
  readonly sending?: Sending | undefined;
}

/** Whatever waits on a link for that node (bare JID) is out of date. */
export interface DiscardEffect {
  readonly kind: 'discard';
  readonly node: string;
}

/** Reads the archive; the messages come back as an input together with `request`, before any other input. */
export interface QueryEffect {
  readonly kind: 'query';
  readonly query: HistoryQuery;
  readonly request: ArchiveRequest;
}

/** Reads a room's vCard; it comes back as an input together with `request`, before any other input. */
export interface VcardQueryEffect {
  readonly kind: 'query-vcard';
  readonly request: VcardRequest;
}

/** Whom a room's vCard is read for (XEP-0054). */
export interface VcardRequest {
  /** Bare JID. */
  readonly room: string;
  /** The IQ that asks for it. */
  readonly stanza: Element;
}

/** What messages are read from the archive for. */
export type ArchiveRequest =
  /** A user has entered: history, then the subject (XEP-0045 §7.1). */
  | { readonly kind: 'entered'; readonly room: string; readonly to: string; readonly maxChars: number | undefined }
  /** A plain node has joined: history, then the subject (XEP-0289 §5.1). */
  | { readonly kind: 'node-history'; readonly room: string; readonly node: string; readonly maxChars: number }
  /** A plain node was out of reach: what it hasn't been sent. */
  | { readonly kind: 'node-unsent'; readonly room: string; readonly node: string }
  /** What a node of our dialect misses: as an answer to its join, after its answer to ours, or since it asks. */
  | {
      readonly kind: 'node-missing';
      readonly room: string;
      readonly node: string;
      readonly missing: Numbers;
      readonly purpose: 'accept' | 'resume' | 'want';
      /** What else the answer to its join says. */
      readonly answer?: Pick<Sync, 'join' | 'list' | 'listed'>;
    };

/** One look into an archive; what it finds comes back as an input together with `request`. */
export interface SearchEffect<R = SearchRequest> {
  readonly kind: 'search';
  readonly search: Search;
  readonly request: R;
  /**
   * Whether it goes on with what another look has begun: then everybody else comes first. Else it is done before anything
   * else happens.
   */
  readonly isContinued: boolean;
}

/** What an archive is searched for. */
export type SearchRequest = ArchiveQuestion | MetadataQuestion | ModerationRequest;

export type RoomEffect =
  | SendEffect
  | DiscardEffect
  | QueryEffect
  | SearchEffect
  | VcardQueryEffect
  | StoreWrite
  | WithheldEffect
  | LogEffect;

/**
 * The handling of one input: the time that it happens at, and what comes of it. Its durable effects are one
 * transaction; if that fails, the journal takes everything back and none of the effects takes place.
 */
export class Turn {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly journal: Journal;
  readonly effects: RoomEffect[] = [];
  /** What happened in rooms, not yet told to the layers above. */
  readonly events: RoomEvent[] = [];

  constructor(now: number, journal: Journal) {
    this.now = now;
    this.journal = journal;
  }

  /** Sends a stanza that has everything but its `to`. */
  send(stanza: Element, to: readonly string[] | string, sending?: Sending): void {
    const recipients = typeof to === 'string' ? [to] : to;
    if (recipients.length > 0) this.effects.push({ kind: 'send', stanza, to: recipients, sending });
  }

  /** Sends a stanza to the address that it bears; nothing where there is nothing to send. */
  deliver(stanza: Element | undefined, sending?: Sending): void {
    const to: unknown = stanza?.attrs['to'];
    if (stanza === undefined || typeof to !== 'string') return;
    delete stanza.attrs['to'];
    this.send(stanza, to, sending);
  }

  /** What waits on a link for a node is out of date. */
  discard(node: string): void {
    this.effects.push({ kind: 'discard', node });
  }

  /** Changes the store. */
  write(write: StoreWrite): void {
    this.effects.push(write);
  }

  query(query: HistoryQuery, request: ArchiveRequest): void {
    this.effects.push({ kind: 'query', query, request });
  }

  /** Looks into the archive. */
  search(search: Search, request: SearchRequest): void {
    this.effects.push({ kind: 'search', search, request, isContinued: search.from !== undefined });
  }

  queryVcard(request: VcardRequest): void {
    this.effects.push({ kind: 'query-vcard', request });
  }

  log(level: LogEffect['level'], message: string, fields: NonNullable<LogEffect['fields']>): void {
    this.effects.push({ kind: 'log', level, message, fields });
  }

  /** Tells whoever looks on that something doesn't cross, or not as it was said. */
  withhold(effect: WithheldEffect): void {
    this.effects.push(effect);
  }

  /** Tells the layers above what happened in a room. */
  announce(event: RoomEvent): void {
    this.events.push(event);
  }
}
