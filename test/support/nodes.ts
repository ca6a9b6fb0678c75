import { attribute, type Element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { type GatewayOverrides, type VirtualGateway, VirtualWorld } from './virtual.ts';

/* Two gateways as in XEP-0289, and a plain node's stanzas, for tests in virtual time. */

export const HAMLET = 'hamlet@denmark.lit/castle';
export const OPHELIA = 'ophelia@denmark.lit/brook';
export const ALICE = 'alice@wonderland.lit/garden';
export const HATTER = 'hatter@wonderland.lit/tea';
export const ELSINORE = 'elsinore@rooms.denmark.lit';
export const RABBITHOLE = 'rabbithole@rooms.wonderland.lit';

const ADDRESS = { host: '127.0.0.1', port: 7000 };

/** Elsinore, which joins rabbithole through a link that it dials. */
export const DENMARK: GatewayOverrides = {
  gateway: { localDomains: ['denmark.lit'] },
  links: [{ peer: 'rooms.wonderland.lit', domains: ['wonderland.lit'], connect: ADDRESS }],
  rooms: [{ name: 'elsinore', federate: [RABBITHOLE], accept: [] }],
};
/** Rabbithole, which takes every node of its link. */
export const WONDERLAND: GatewayOverrides = {
  gateway: { localDomains: ['wonderland.lit'] },
  links: [{ peer: 'rooms.denmark.lit', domains: ['denmark.lit'], listen: ADDRESS, from: ['127.0.0.1'] }],
  rooms: [{ name: 'rabbithole' }],
};

export interface Pair {
  readonly world: VirtualWorld;
  readonly denmark: VirtualGateway;
  readonly wonderland: VirtualGateway;
}

/** Both gateways, linked, with nobody in a room. */
export function pair(denmark: GatewayOverrides = {}, wonderland: GatewayOverrides = {}): Pair {
  const world = new VirtualWorld();
  const far = world.gateway('rooms.wonderland.lit', { ...WONDERLAND, ...wonderland });
  const near = world.gateway('rooms.denmark.lit', { ...DENMARK, ...denmark });
  world.settle(60_000);
  return { world, denmark: near, wonderland: far };
}

export function enters(jid: string, room: string, nick: string): string {
  return `<presence from='${jid}' to='${room}/${nick}'><x xmlns='${NS.muc}'/></presence>`;
}

export function leaves(jid: string, room: string, nick: string): string {
  return `<presence from='${jid}' to='${room}/${nick}' type='unavailable'/>`;
}

export function says(jid: string, room: string, body: string): string {
  return `<message from='${jid}' to='${room}' type='groupchat'><body>${body}</body></message>`;
}

/** The payload of XEP-0289 for a user. */
export function fmuc(user: string): string {
  return `<fmuc xmlns='${NS.fmuc}' from='${user}'/>`;
}

/** A plain node joins. */
export function nodeJoins(node: string, room: string, nick: string, user: string): string {
  return `<presence from='${node}/${nick}' to='${room}/${nick}'>${fmuc(user)}<x xmlns='${NS.muc}'/>
    <x xmlns='${NS.mucUser}'><item affiliation='none' role='participant' jid='${user}'/></x></presence>`;
}

/** What came for an address, each in a few words: kind, nick, body or subject, and status codes. */
export function brief(stanzas: readonly Element[]): string[] {
  return stanzas.map((stanza) => {
    const from = attribute(stanza, 'from') ?? '';
    const type = attribute(stanza, 'type');
    const nick = from.includes('/') ? from.slice(from.indexOf('/') + 1) : '-';
    const codes = findChild(stanza, 'x', NS.mucUser)
      ?.getChildren('status')
      .map((status) => String(status.attrs['code']));
    const payload = findChild(stanza, 'fmuc', NS.fmuc);
    const words = payload?.getChild('reject') ? 'reject' : payload?.getChild('left') ? 'left' : undefined;
    const text =
      stanza.getChildText('body') ??
      (stanza.getChild('subject') ? `= ${stanza.getChildText('subject') ?? ''}` : undefined);
    const condition = stanza.getChild('error')?.children.find((child) => typeof child !== 'string');
    return [
      stanza.name,
      ...(type === undefined || type === 'groupchat' ? [] : [type]),
      nick,
      ...(words === undefined ? [] : [words]),
      ...(text === undefined ? [] : [text.trim()]),
      ...(codes === undefined || codes.length === 0 ? [] : [codes.join(',')]),
      ...(condition === undefined || typeof condition === 'string' ? [] : [condition.name]),
    ].join(' ');
  });
}

/** The same of everything that has come for the room of another node, whatever the resource. */
export function briefFor(gateway: VirtualGateway, node: string): string[] {
  const addresses = gateway.recipients.filter((jid) => jid === node || jid.startsWith(`${node}/`));
  return brief(addresses.flatMap((jid) => gateway.take(jid)));
}

/** Nothing has come for anyone that the test hasn't looked at. */
export function drop(...gateways: readonly VirtualGateway[]): void {
  for (const gateway of gateways) {
    for (const jid of gateway.recipients) gateway.take(jid);
    gateway.crossed.length = 0;
  }
}
