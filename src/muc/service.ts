import type { Jid } from '../lib/jid.ts';
import type { Journal } from '../lib/journal.ts';
import { JournaledMap } from '../lib/journal.ts';
import { positionAt } from '../lib/position.ts';
import { discoInfoElement } from '../stanza/disco.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { setAffiliation } from './affiliation.ts';
import { enforceAffiliations } from './enforce.ts';
import type { FurtherFields } from './further-fields.ts';
import { OccupantIds } from './occupant-id.ts';
import { OccupantRequests } from './occupant-iq.ts';
import type { ArchiveState, RoomRecord, RoomSettings } from './records.ts';
import { type FixedRoom, Room, type ServiceInfo } from './room.ts';
import { DEFAULT_SETTINGS, FILE_ROOM_SETTINGS } from './settings.ts';
import { StanzaIds } from './stanza-ids.ts';
import type { Turn } from './turn.ts';

/** The most rooms at once. */
export const MAX_ROOMS = 1000;

export interface ServiceOptions extends Pick<ServiceInfo, 'domain' | 'admins' | 'further'> {
  readonly name: string;
  readonly createRooms: 'everyone' | 'local' | 'admins' | 'nobody';
  /** Of the program. */
  readonly version: string;
  /** What the service speaks besides. */
  readonly features: readonly string[];
}

/** A room that the operator's file names. */
export interface FileRoom extends FixedRoom {
  /** Bare JID. */
  readonly jid: string;
}

/** The rooms of one domain (XEP-0045 §6). */
export class MucService implements ServiceInfo {
  readonly stanzaIds = new StanzaIds();
  #options: ServiceOptions;
  readonly occupantIds = new OccupantIds();
  readonly occupantRequests: OccupantRequests;
  readonly #journal: Journal;
  readonly #rooms: JournaledMap<string, Room>;
  /** The highest position that the store knew of at start: a new archive begins after it, whatever the clock says. */
  #lastKept = 0;

  constructor(options: ServiceOptions, journal: Journal) {
    this.#options = options;
    this.occupantRequests = new OccupantRequests(journal);
    this.#journal = journal;
    this.#rooms = new JournaledMap(journal);
  }

  get domain(): string {
    return this.#options.domain;
  }

  get admins(): ReadonlySet<string> {
    return this.#options.admins;
  }

  get further(): FurtherFields | undefined {
    return this.#options.further;
  }

  get version(): string {
    return this.#options.version;
  }

  get(jid: string): Room | undefined {
    return this.#rooms.get(jid);
  }

  rooms(): Room[] {
    return [...this.#rooms.values()];
  }

  /**
   * Brings back what the store kept and what the file names. What the store still holds of rooms that were to die with
   * their last occupant is forgotten.
   */
  restore(
    turn: Turn,
    file: readonly FileRoom[],
    records: readonly RoomRecord[],
    archives: readonly ArchiveState[],
  ): void {
    const kept = new Map(records.map((record) => [record.room, record]));
    const positions = new Map(archives.map((archive) => [archive.room, archive]));
    this.#lastKept = Math.max(0, ...archives.flatMap(({ lastSeq, lastOriginSeq }) => [lastSeq, lastOriginSeq]));
    for (const fixed of file) {
      const room = this.#add(
        fixed.jid,
        turn.now,
        { ...FILE_ROOM_SETTINGS, ...kept.get(fixed.jid)?.settings, persistent: true },
        fixed,
      );
      if (!kept.has(fixed.jid)) room.save(turn);
    }
    for (const record of records)
      if (record.settings.persistent && !this.#rooms.has(record.room) && this.#isOurs(record.room))
        this.#add(record.room, turn.now, { ...DEFAULT_SETTINGS, ...record.settings });
    for (const jid of new Set([...kept.keys(), ...positions.keys()])) {
      const room = this.#rooms.get(jid);
      const record = kept.get(jid);
      if (room === undefined) {
        // What is kept under a domain that we had before comes back with it.
        if (!this.#isOurs(jid)) continue;
        if (record !== undefined || positions.get(jid)?.messages !== 0) turn.write({ kind: 'forget', room: jid });
        continue;
      }
      room.subject = record?.subject;
      for (const [bare, entry] of Object.entries(record?.affiliations ?? {})) room.affiliations.set(bare, entry);
      const position = positions.get(jid);
      if (position === undefined) continue;
      room.lastSeq = Math.max(position.lastSeq, room.lastSeq);
      room.lastOriginSeq = Math.max(position.lastOriginSeq, room.lastOriginSeq);
    }
  }

  /** The file says something else of the service: whoever is or was an admin has another affiliation from now on. */
  reconfigure(turn: Turn, options: ServiceOptions): void {
    const before = this.#options;
    this.#journal.record(() => {
      this.#options = before;
    });
    this.#options = options;
    for (const room of this.rooms()) enforceAffiliations(room, turn, {});
  }

  /** The file names a room from now on, or says something else of it: one that is there stays as it is, and persistent. */
  fix(turn: Turn, { jid, keep }: FileRoom): Room {
    const room = this.#rooms.get(jid) ?? this.#add(jid, turn.now, FILE_ROOM_SETTINGS);
    const isNew = room.fixed === undefined;
    this.#journal.set(room, 'fixed', { keep });
    if (!isNew) return room;
    this.#journal.set(room, 'locked', false);
    this.#journal.set(room, 'settings', { ...room.settings, persistent: true });
    room.save(turn);
    return room;
  }

  /** The file names a room no more. It stays as persistent as it was, with all that was said, until its owner says otherwise. */
  release(room: Room): void {
    this.#journal.set(room, 'fixed', undefined);
  }

  /** Makes a room for its first occupant, locked until configured (XEP-0045 §10.1); undefined where that isn't allowed. */
  create(turn: Turn, jid: string, creator: Jid, isLocal: boolean): Room | undefined {
    if (this.#rooms.size >= MAX_ROOMS || !this.#mayCreate(creator, isLocal)) return undefined;
    const room = this.#add(jid, turn.now, DEFAULT_SETTINGS);
    room.locked = true;
    if (!this.admins.has(creator.bare)) setAffiliation(room, creator.bare, 'owner', undefined);
    return room;
  }

  /**
   * What a room would be that isn't there yet (XEP-0045 §10.1.3): none of the rooms of the service, for its form alone; undefined
   * where that isn't allowed.
   */
  imagine(jid: string, creator: Jid, isLocal: boolean): Room | undefined {
    if (!this.#mayCreate(creator, isLocal)) return undefined;
    const room = new Room(jid, this, DEFAULT_SETTINGS, this.#journal, 0);
    setAffiliation(room, creator.bare, 'owner', undefined);
    return room;
  }

  /** Forgets a room that has no occupants and isn't persistent (XEP-0045 §7.14), or that has been destroyed. */
  remove(turn: Turn, room: Room): void {
    this.#rooms.delete(room.jid);
    turn.write({ kind: 'forget', room: room.jid });
  }

  /** The service's identity and features (XEP-0045 §6.2). */
  info(): Element {
    return discoInfoElement({
      category: 'conference',
      type: 'text',
      name: this.#options.name,
      features: [
        NS.discoInfo,
        NS.discoItems,
        NS.muc,
        'muc_rooms',
        NS.mucStableId,
        NS.occupantId,
        NS.ping,
        NS.rsm,
        NS.stanzaId,
        NS.time,
        NS.vcard,
        NS.version,
        NS.jidEscaping,
        ...this.#options.features,
      ],
    });
  }

  #isOurs(room: string): boolean {
    return room.endsWith(`@${this.domain}`);
  }

  #add(jid: string, now: number, settings: RoomSettings, fixed?: FixedRoom): Room {
    const firstPosition = Math.max(positionAt(now), this.#lastKept);
    const room = new Room(jid, this, settings, this.#journal, firstPosition, fixed);
    this.#rooms.set(jid, room);
    return room;
  }

  #mayCreate(creator: Jid, isLocal: boolean): boolean {
    if (this.admins.has(creator.bare)) return true;
    const { createRooms } = this.#options;
    return createRooms === 'everyone' || (createRooms === 'local' && isLocal);
  }
}
