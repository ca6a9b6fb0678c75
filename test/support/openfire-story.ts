import { MemoryStore } from './memory-store.ts';
import { brief, drop, ELSINORE, enters, HAMLET } from './nodes.ts';
import { OpenfireRoom } from './openfire.ts';
import { attach, connect, OPENFIRE_PORT, type OpenfireLink, type OpenfirePeer } from './openfire-peer.ts';
import { type GatewayOverrides, VirtualGateway, VirtualWorld } from './virtual.ts';

/*
 * Elsinore and an Openfire room, lobby. In every story the room notes what it was sent that Openfire can't stand
 * (`broken`) or can do nothing with (`dropped`).
 */

const DOMAIN = 'conference.openfire.lit';
export const LOBBY = `lobby@${DOMAIN}`;
export const JULIET = 'juliet@openfire.lit/balcony';
export const ROMEO = 'romeo@openfire.lit/orchard';
/** An admin of ours, who may set subjects. */
export const GERTRUDE = 'gertrude@denmark.lit/throne';
export const NOTE = `dialect ${DOMAIN}`;
/** A minute in which nothing is said. */
export const WHILE = 60_000;

export type Dialect = 'auto' | 'openfire' | 'xep';

export interface Options {
  readonly dialect?: Dialect;
  readonly moderate?: boolean;
  readonly store?: MemoryStore;
  /** Elsinore joins lobby, else lobby joins elsinore. */
  readonly weJoin?: boolean;
  readonly grace?: number;
  readonly coalesce?: number;
  readonly tellsSoftware?: boolean;
}

export interface Story<Peer extends OpenfirePeer = OpenfireLink> {
  readonly world: VirtualWorld;
  readonly gateway: VirtualGateway;
  readonly lobby: OpenfireRoom;
  readonly peer: Peer;
}

export function fileOf({
  dialect = 'openfire',
  moderate = false,
  weJoin = true,
  grace = 300,
  coalesce = 0,
}: Options): GatewayOverrides {
  const listen = { host: '127.0.0.1', port: OPENFIRE_PORT };
  return {
    gateway: { localDomains: ['denmark.lit'], admins: ['gertrude@denmark.lit'] },
    links: [
      { peer: DOMAIN, domains: ['openfire.lit'], listen, from: ['127.0.0.1'], dialect, moderate, grace, coalesce },
    ],
    rooms: [{ name: 'elsinore', ...(weJoin ? { federate: [LOBBY], accept: [] } : { federate: [], accept: [LOBBY] }) }],
  };
}

function roomFor({ weJoin = true, tellsSoftware = false }: Options): OpenfireRoom {
  const lobby = new OpenfireRoom(LOBBY, weJoin ? undefined : ELSINORE);
  lobby.tellsSoftware = tellsSoftware;
  return lobby;
}

/** With a direct link between them, and nobody in either room. */
export function linked(options: Options = {}): Story {
  const world = new VirtualWorld();
  const gateway = world.gateway('rooms.denmark.lit', fileOf(options), options.store);
  const lobby = roomFor(options);
  const peer = connect(gateway, lobby);
  return { world, gateway, lobby, peer };
}

/** Through our XMPP server, where the file has nothing on dialects. */
export function served(options: Options = {}): Story<OpenfirePeer> {
  const world = new VirtualWorld();
  const gateway = new VirtualGateway(world, 'rooms.denmark.lit', { ...fileOf(options), links: [] }, options.store);
  const lobby = roomFor(options);
  const peer = attach(gateway, lobby);
  world.start(gateway);
  world.settle();
  return { world, gateway, lobby, peer };
}

/** A store that knows from before what it has to do with. */
export function storeWithNote(): MemoryStore {
  const store = new MemoryStore();
  store.commit([{ kind: 'note', key: NOTE, value: 'openfire' }]);
  return store;
}

export const roomOf = (gateway: VirtualGateway) => gateway.core.service.get(ELSINORE);
export const upwardOf = (gateway: VirtualGateway) => gateway.core.federation.node(ELSINORE)?.upward;
export const nicksOf = (gateway: VirtualGateway): string[] => [...(roomOf(gateway)?.occupants.keys() ?? [])].toSorted();

/** What lobby was sent since the last look, in a few words. */
export function sentTo(peer: OpenfirePeer): string[] {
  return brief(peer.take().filter(({ name }) => name !== 'iq'));
}

/** Juliet is in lobby, Hamlet in elsinore, and one has joined the other. */
export function together<Peer extends OpenfirePeer>(story: Story<Peer>): Story<Peer> {
  const { gateway, lobby, peer } = story;
  peer.does(lobby.userJoins('Juliet', JULIET, { affiliation: 'owner', role: 'moderator' }));
  gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  forget(story);
  return story;
}

/** Nothing of what has been is looked at any more. */
export function forget({ gateway, lobby, peer }: Story<OpenfirePeer>): void {
  drop(gateway);
  peer.take();
  lobby.heard.length = 0;
}

export function whispers(from: string, room: string, nick: string, body: string): string {
  return `<message from='${from}' to='${room}/${nick}' type='chat' id='w'><body>${body}</body></message>`;
}

export function setsSubject(text: string): string {
  return `<message from='${GERTRUDE}' to='${ELSINORE}' type='groupchat'><subject>${text}</subject></message>`;
}

export function renames(jid: string, nick: string): string {
  return `<presence from='${jid}' to='${ELSINORE}/${nick}'/>`;
}
