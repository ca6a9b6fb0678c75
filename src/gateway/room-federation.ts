import type { Config } from '../config/config.ts';
import type { Federation } from '../fmuc/federation.ts';
import type { FederationOptions } from '../fmuc/node.ts';
import { configure } from '../muc/configure.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import type { FurtherFields } from '../muc/further-fields.ts';
import type { FurtherSettings, Kept, RoomSettings } from '../muc/records.ts';
import type { Room } from '../muc/room.ts';
import type { Turn } from '../muc/turn.ts';
import type { FixedText, FormField, FormValues } from '../stanza/data-form.ts';
import {
  because,
  differsFromFile,
  federationFields,
  hasNodes,
  isOff,
  keptOf,
  namesOf,
  optionsOf,
  ownersFederation,
  readFederation,
  switched,
  type RoomFederation as Wanted,
  withoutOwners,
} from './federation-fields.ts';
import type { Ways } from './ways.ts';

/** What it needs of the gateway, which may change under it. */
export interface FederationContext {
  readonly federation: Federation;
  readonly config: Config;
  readonly ways: Ways;
  /** The store. */
  readonly kept: Kept | undefined;
  /** Carries further what has happened in rooms in this turn. */
  settle(turn: Turn): void;
}

/**
 * With whom each room federates: as the operator's file says of those that it names, as their owners say of the others
 * (`fmuc#roomconfig_*`), with nobody where an admin has switched it off.
 */
export class RoomFederations implements FurtherFields {
  readonly #context: FederationContext;
  /** What a file says of its rooms, by JID. */
  #file: { readonly config: Config; readonly rooms: ReadonlyMap<string, Wanted> } | undefined;

  constructor(context: FederationContext) {
    this.#context = context;
  }

  /** What the node of a room is to follow; undefined: it is none. */
  optionsOf(room: Room): FederationOptions | undefined {
    if (isOff(room.settings.further)) return undefined;
    const file = this.#ofFile(room.jid);
    const wanted = file ?? ownersFederation(room.settings.further);
    return file !== undefined || hasNodes(wanted) ? optionsOf(wanted) : undefined;
  }

  /** The mode that is configured for a room, whether or not it federates now. */
  modeOf(room: Room): Wanted['mode'] {
    return (this.#ofFile(room.jid) ?? ownersFederation(room.settings.further)).mode;
  }

  /** Whether nobody has switched a room's federation off. */
  isOn(room: Room): boolean {
    return !isOff(room.settings.further);
  }

  /** How a room's federation stands, in a few words. */
  describe(room: Room): string {
    if (!this.isConfigured(room)) return 'none';
    if (!this.isOn(room)) return 'off';
    const upward = this.#context.federation.node(room.jid)?.upward;
    return upward === undefined ? 'on' : `${upward.state}, ${upward.at.node}`;
  }

  /** Whether there is anything of a room's federation to switch on or off. */
  isConfigured(room: Room): boolean {
    return hasNodes(this.#ofFile(room.jid) ?? ownersFederation(room.settings.further));
  }

  /** Makes a room that was brought back a node, if it is one. What its owners have configured gives way to the file. */
  restore(room: Room, turn: Turn, kept: Kept): void {
    if (this.#ofFile(room.jid) !== undefined) this.forgetOwners(room, turn);
    const options = this.optionsOf(room);
    if (options !== undefined) this.#context.federation.add(room, options, kept);
  }

  /** The file names a room from now on. */
  forgetOwners(room: Room, turn: Turn): void {
    const before = room.settings.further;
    const after = withoutOwners(before);
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    turn.journal.set(room, 'settings', withFurther(room, after));
    room.save(turn);
  }

  /** Switches a room's federation off, or on again, for good: off, it parts from the set and goes on alone. */
  switch(room: Room, turn: Turn, on: boolean): void {
    if (on === isOff(room.settings.further))
      configure(room, turn, withFurther(room, switched(room.settings.further, !on)));
  }

  show(room: Room): (FormField | FixedText)[] {
    const { further } = room.settings;
    const file = this.#ofFile(room.jid);
    return federationFields(file ?? ownersFederation(further), file !== undefined, isOff(further));
  }

  read(room: Room, submitted: FormValues, settings: RoomSettings): ReturnType<FurtherFields['read']> {
    const { further } = room.settings;
    const file = this.#ofFile(room.jid);
    if (file !== undefined)
      return differsFromFile(file, submitted) ? { error: ROOM_ERRORS.fixedByFile } : { kept: further };
    const { config, ways } = this.#context;
    const wanted = readFederation(ownersFederation(further), submitted, namesOf(room.jid, config, ways), ways);
    if ('condition' in wanted) return { error: wanted };
    if (hasNodes(wanted) && !settings.persistent)
      return { error: because('muc#roomconfig_persistentroom', 'a room that federates has to be persistent.') };
    return { kept: keptOf(wanted, isOff(further)) };
  }

  /** Has a room's node be what it is to be, as if the file had changed (`fmucd reload`). */
  follow(room: Room, turn: Turn): void {
    const { federation, kept } = this.#context;
    const options = this.optionsOf(room);
    const known = federation.node(room.jid);
    if (JSON.stringify(options) === JSON.stringify(known?.options)) return;
    this.#context.settle(turn);
    if (known !== undefined) federation.retire(turn, new Map([[room.jid, options]]), () => false);
    this.#context.settle(turn);
    if (options === undefined) federation.remove(turn, room);
    else if (kept !== undefined) federation.configure(turn, room, options, kept);
  }

  #ofFile(jid: string): Wanted | undefined {
    const { config } = this.#context;
    if (this.#file?.config !== config) {
      const rooms = config.rooms.map((room) => [`${room.name}@${config.gateway.domain}`, room] as const);
      this.#file = { config, rooms: new Map(rooms) };
    }
    return this.#file.rooms.get(jid);
  }
}

function withFurther({ settings }: Room, further: FurtherSettings | undefined): RoomSettings {
  const { further: _, ...rest } = settings;
  return { ...rest, ...(further && { further }) };
}
