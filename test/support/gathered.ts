import { attribute, childElements, type Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import {
  ALICE,
  brief,
  DENMARK,
  drop,
  ELSINORE,
  enters,
  HAMLET,
  type Pair,
  pair,
  RABBITHOLE,
  WONDERLAND,
} from './nodes.ts';
import type { GatewayOverrides, VirtualGateway } from './virtual.ts';

/* Elsinore, which joins rabbithole through a link that gathers presence, with Hamlet in the one and Alice in the other. */

type Link = NonNullable<GatewayOverrides['links']>[number];

/** The window of these tests, in seconds. */
export const WINDOW = 10;

/** Both gateways, each with a link of these settings, and nobody in a room. Hamlet and Alice own their rooms. */
export function linked(settings: Partial<Link> = {}, far: Partial<Link> = settings): Pair {
  const overridden = (file: GatewayOverrides, more: Partial<Link>, admin: string): GatewayOverrides => ({
    ...file,
    gateway: { ...file.gateway, admins: [admin] },
    links: (file.links ?? []).map((link) => ({ dialect: 'fmucd', coalesce: WINDOW, ...link, ...more })),
  });
  return pair(overridden(DENMARK, settings, 'hamlet@denmark.lit'), overridden(WONDERLAND, far, 'alice@wonderland.lit'));
}

/** The same, joined, with both of them in the room and all that was said of it said. */
export function gathered(settings: Partial<Link> = {}, far: Partial<Link> = settings): Pair {
  const both = linked(settings, far);
  both.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  both.denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  both.world.settle(120_000);
  drop(both.denmark, both.wonderland);
  return both;
}

/** What has crossed the links of a gateway, outward, since the last look. */
export function crossed(gateway: VirtualGateway): Element[] {
  return childElements(parseElement(`<all>${gateway.crossed.splice(0).join('')}</all>`));
}

/** The same, each stanza in a few words. */
export function sent(gateway: VirtualGateway): string[] {
  return brief(crossed(gateway));
}

/** Who is in a room, as its gateway has it: `nick jid`. */
export function listOf(gateway: VirtualGateway, room: string): string[] {
  const occupants = [...(gateway.core.service.get(room)?.occupants.values() ?? [])];
  return occupants.map(({ nick, jid }) => `${nick} ${jid.bare}`).toSorted();
}

/** How many stanzas of presence a gateway's link was spared. */
export function sparedBy(gateway: VirtualGateway): number {
  return gateway.core.links[0]?.spared.presences ?? 0;
}

/** Changes show and status, or the nick. */
export function shows(jid: string, room: string, nick: string, content = ''): string {
  return `<presence from='${jid}' to='${room}/${nick}'>${content}</presence>`;
}

export function whispers(jid: string, room: string, nick: string, body: string): string {
  return `<message from='${jid}' to='${room}/${nick}' type='chat'><body>${body}</body></message>`;
}

export function setsSubject(jid: string, room: string, subject: string): string {
  return `<message from='${jid}' to='${room}' type='groupchat'><subject>${subject}</subject></message>`;
}

/** A moderator gives a role. */
export function givesRole(jid: string, room: string, nick: string, role: string): string {
  return `<iq from='${jid}' to='${room}' type='set' id='r'><query xmlns='${NS.mucAdmin}'>
    <item nick='${nick}' role='${role}'><reason>so it is</reason></item></query></iq>`;
}

/** The text of the first payload with that name, at any depth. */
export function payload(stanza: Element | undefined, name: string): string | undefined {
  for (const child of stanza?.children ?? []) {
    if (typeof child === 'string') continue;
    const found = child.name === name ? child.getText() || attribute(child, 'nick') : payload(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
