import { expect } from 'vitest';
import type { RoomSettings } from '../../src/muc/records.ts';
import { NS } from '../../src/xml/names.ts';
import { canonical } from './canonical.ts';
import type { MemoryStore } from './memory-store.ts';
import { type GatewayOverrides, type VirtualGateway, VirtualWorld } from './virtual.ts';

/* Stories of one room, told as stanzas: what somebody sends, and all that everybody gets for it. */

export const ROOM = 'coven@chat.shakespeare.lit';
export const CRONE1 = 'crone1@shakespeare.lit/desktop';
export const WICCA = 'wiccarocks@shakespeare.lit/laptop';
export const HAG = 'hag66@shakespeare.lit/pda';

/** Somebody's real JID, as extended presence shows it. */
export type Shown = { readonly [address: string]: readonly string[] };

/** One room's service, its users, and what they have got. */
export class RoomStory {
  readonly gateway: VirtualGateway;

  constructor(overrides: GatewayOverrides = {}, store?: MemoryStore, world = new VirtualWorld()) {
    this.gateway = world.gateway('chat.shakespeare.lit', overrides, store);
  }

  /** The same service after a restart. */
  restarted(overrides: GatewayOverrides = {}): RoomStory {
    this.gateway.kill();
    return new RoomStory(overrides, this.gateway.store, this.gateway.world);
  }

  send(...stanzas: readonly string[]): this {
    for (const stanza of stanzas) this.gateway.say(stanza);
    return this;
  }

  /** What has come is of no interest. */
  forget(): this {
    for (const jid of this.gateway.recipients) this.gateway.take(jid);
    return this;
  }

  /** Somebody enters, and takes the room as it is where they have made it. */
  enter(jid: string, nick: string, payload = ''): this {
    this.send(`<presence from='${jid}' to='${ROOM}/${nick}'><x xmlns='${NS.muc}'>${payload}</x></presence>`);
    if (this.room?.locked === true) this.configure(jid, {});
    return this.forget();
  }

  /** An owner submits the configuration form with these fields, each with one value or several. */
  configure(jid: string, fields: Readonly<Record<string, string | readonly string[]>>): this {
    const values = Object.entries(fields).map(
      ([name, value]) =>
        `<field var='${name}'>${[value]
          .flat()
          .map((one) => `<value>${one}</value>`)
          .join('')}</field>`,
    );
    return this.send(`<iq from='${jid}' to='${ROOM}' type='set' id='config'><query xmlns='${NS.mucOwner}'>
      <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${NS.mucRoomConfig}</value></field>
      ${values.join('')}</x></query></iq>`);
  }

  /** A request of muc#admin. */
  admin(jid: string, type: 'get' | 'set', ...items: readonly string[]): this {
    return this.send(
      `<iq from='${jid}' to='${ROOM}' type='${type}' id='admin'><query xmlns='${NS.mucAdmin}'>${items.join('')}</query></iq>`,
    );
  }

  /** Exactly this has come, in this order for each, and nothing for anyone else. */
  expectAll(expected: Shown): this {
    const came = Object.fromEntries(
      this.gateway.recipients.map((jid) => [jid, this.gateway.take(jid).map((stanza) => canonical(stanza, IGNORED))]),
    );
    const wanted = Object.fromEntries(
      Object.entries(expected)
        .filter(([, stanzas]) => stanzas.length > 0)
        .map(([jid, stanzas]) => [
          jid,
          stanzas.map((stanza) => canonical(stanza.replace(/^<(\w+)/, `<$1 to='${jid}'`), IGNORED)),
        ]),
    );
    expect(came).toEqual(wanted);
    return this;
  }

  get room() {
    return this.gateway.core.service.get(ROOM);
  }
}

/** A room with other settings than its form has given it. */
export function configured(story: RoomStory, settings: Partial<RoomSettings>): RoomStory {
  const { room } = story;
  if (room !== undefined) room.settings = { ...room.settings, ...settings };
  return story;
}

/** The human texts of errors and the ids of occupants are looked at elsewhere. */
const IGNORED = { children: [`text ${NS.stanzaErrors}`, `occupant-id ${NS.occupantId}`] };

interface Item {
  readonly affiliation?: string;
  readonly role?: string;
  readonly jid?: string;
  readonly nick?: string;
  readonly codes?: readonly number[];
  readonly type?: 'unavailable';
  /** Further children of the presence. */
  readonly more?: string;
  /** Children of the item. */
  readonly inside?: string;
}

/** A presence of an occupant, without `to`. */
export function presence(nick: string, item: Item): string {
  const {
    affiliation = 'none',
    role = 'participant',
    jid,
    nick: newNick,
    codes = [],
    type,
    more = '',
    inside = '',
  } = item;
  const attributes = [
    `affiliation='${affiliation}' role='${role}'`,
    ...(jid === undefined ? [] : [`jid='${jid}'`]),
    ...(newNick === undefined ? [] : [`nick='${newNick}'`]),
  ];
  return `<presence from='${ROOM}/${nick}'${type === undefined ? '' : ` type='${type}'`}>${more}<x xmlns='${NS.mucUser}'>
    <item ${attributes.join(' ')}>${inside}</item>${codes.map((code) => `<status code='${code}'/>`).join('')}</x></presence>`;
}

/** An error for a stanza of that kind. */
export function refusal(
  kind: 'presence' | 'message' | 'iq',
  from: string,
  type: string,
  condition: string,
  id?: string,
): string {
  const muc = kind === 'presence' ? `<x xmlns='${NS.muc}'/>` : '';
  return `<${kind} from='${from}' type='error'${id === undefined ? '' : ` id='${id}'`}>${muc}
    <error type='${type}' by='${ROOM}'><${condition} xmlns='${NS.stanzaErrors}'/></error></${kind}>`;
}

/** The result of a request without a payload. */
export function done(id: string): string {
  return `<iq from='${ROOM}' type='result' id='${id}'/>`;
}
