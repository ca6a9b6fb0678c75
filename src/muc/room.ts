import { type Journal, JournaledMap } from '../lib/journal.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Source } from './events.ts';
import type { FurtherFields } from './further-fields.ts';
import type { Occupant } from './occupant.ts';
import type { OccupantIds } from './occupant-id.ts';
import { Pending } from './pending.ts';
import type { AffiliationRecord, Retention, RoomRecord, RoomSettings, SubjectRecord } from './records.ts';
import { ReferableMessages } from './referable.ts';
import { AwaitedRetractions } from './retraction.ts';
import type { StanzaIds } from './stanza-ids.ts';
import type { Turn } from './turn.ts';

/** What a room needs to know of the service that it belongs to. */
export interface ServiceInfo {
  /** The service's own domain. */
  readonly domain: string;
  /** Bare JIDs that own every room. */
  readonly admins: ReadonlySet<string>;
  readonly stanzaIds: StanzaIds;
  /** What a layer above adds to the configuration form. */
  readonly further?: FurtherFields | undefined;
  readonly occupantIds: OccupantIds;
}

/** What the operator's file fixes of a room. */
export interface FixedRoom {
  readonly keep: Retention;
}

/** What a room that the file doesn't name keeps. */
const DEFAULT_RETENTION: Retention = { messages: 1000, age: 0 };

/**
 * A room: its state and how that is looked up. What happens in it stands in the feature files beside, one each; none of
 * them knows who federates the room.
 */
export class Room {
  /** Bare JID. */
  readonly jid: string;
  readonly service: ServiceInfo;
  /** Stands in the file, so it is persistent and nobody can destroy it. */
  fixed: FixedRoom | undefined;
  settings: RoomSettings;
  subject: SubjectRecord | undefined;
  /** Created, and not yet configured by its owner (XEP-0045 §10.1.1). */
  locked = false;
  /** Highest position given in the archive. */
  lastSeq: number;
  /** Highest position given to a message that entered the set here. */
  lastOriginSeq: number;
  /** Position in the archive from which on nothing may be taken out, undefined where anything may. */
  neededFrom: number | undefined;
  /** Where the room goes on, undefined where it stands alone. */
  elsewhere: Elsewhere | undefined;
  readonly referable = new ReferableMessages();
  readonly retractions = new AwaitedRetractions();
  readonly pending: Pending;
  readonly affiliations: JournaledMap<string, AffiliationRecord>;
  /** Private messages that may come back: muc/returned.ts. The one sent first is the first. */
  readonly returnable: JournaledMap<string, true>;
  /** By nick, in order of entry. */
  readonly occupants: JournaledMap<string, Occupant>;
  /** Full JIDs of clients here, to their nick. */
  readonly #sessions: JournaledMap<string, string>;
  /** Occupants elsewhere: node and full real JID, to their nick. */
  readonly #remotes: JournaledMap<string, string>;

  constructor(
    jid: string,
    service: ServiceInfo,
    settings: RoomSettings,
    journal: Journal,
    firstSeq: number,
    fixed?: FixedRoom,
  ) {
    this.jid = jid;
    this.service = service;
    this.settings = settings;
    this.fixed = fixed;
    this.lastSeq = firstSeq;
    this.lastOriginSeq = firstSeq;
    this.pending = new Pending(journal);
    this.affiliations = new JournaledMap(journal);
    this.returnable = new JournaledMap(journal);
    this.occupants = new JournaledMap(journal);
    this.#sessions = new JournaledMap(journal);
    this.#remotes = new JournaledMap(journal);
  }

  get keep(): Retention {
    return this.fixed?.keep ?? DEFAULT_RETENTION;
  }

  /** Whether the room stays when its last occupant leaves. */
  get persistent(): boolean {
    return this.fixed !== undefined || this.settings.persistent;
  }

  /** The occupant whose client has that full JID. */
  bySession(full: string): Occupant | undefined {
    const nick = this.#sessions.get(full);
    return nick === undefined ? undefined : this.occupants.get(nick);
  }

  /** The occupant elsewhere whom that node calls by that full real JID. */
  byRemote(source: string, full: string): Occupant | undefined {
    const nick = this.#remotes.get(remoteKey(source, full));
    return nick === undefined ? undefined : this.occupants.get(nick);
  }

  /** Full JIDs of every client here. */
  sessions(): string[] {
    return [...this.#sessions.keys()];
  }

  /** The occupants who are here, or whom a node brought. */
  occupantsOf(source: Source): Occupant[] {
    return [...this.occupants.values()].filter((occupant) => occupant.source === source);
  }

  /** Adds an occupant, or puts its changed self in place of the one with the same nick. */
  put(occupant: Occupant): void {
    const before = this.occupants.get(occupant.nick);
    for (const gone of before?.sessions ?? []) if (!occupant.sessions.includes(gone)) this.#sessions.delete(gone);
    for (const session of occupant.sessions) this.#sessions.set(session, occupant.nick);
    if (occupant.source !== undefined)
      this.#remotes.set(remoteKey(occupant.source, occupant.jid.toString()), occupant.nick);
    this.occupants.set(occupant.nick, occupant);
  }

  remove(occupant: Occupant): void {
    for (const session of occupant.sessions) this.#sessions.delete(session);
    if (occupant.source !== undefined) this.#remotes.delete(remoteKey(occupant.source, occupant.jid.toString()));
    this.occupants.delete(occupant.nick);
  }

  /** The occupant JID of a nick; of the room itself where the nick is empty. */
  addressOf(nick: string): string {
    return nick === '' ? this.jid : `${this.jid}/${nick}`;
  }

  /** The id that the room gives its message at that position of the archive (XEP-0359). */
  stanzaIdOf(seq: number): string {
    return this.service.stanzaIds.of(this.jid, seq);
  }

  /** The position of the message that the room has given that id; undefined where it is none of the room's. */
  positionOf(stanzaId: string): number | undefined {
    return this.service.stanzaIds.position(this.jid, stanzaId);
  }

  /** Has the store keep the room as it is now, if it is one to keep. */
  save(turn: Turn): void {
    if (this.persistent) turn.write({ kind: 'save', record: this.toRecord() });
  }

  toRecord(): RoomRecord {
    return {
      room: this.jid,
      settings: this.settings,
      ...(this.subject === undefined ? {} : { subject: this.subject }),
      affiliations: Object.fromEntries(this.affiliations),
    };
  }
}

function remoteKey(source: string, full: string): string {
  return `${source} ${full}`;
}
