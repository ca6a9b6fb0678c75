import { attribute, type Element, element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';

/* The stanzas of an Openfire room, and what it reads in those of others. */

export interface OpenfireOccupant {
  readonly nick: string;
  /** Full real JID. */
  readonly jid: string;
  readonly affiliation: string;
  readonly role: string;
  /** Came through another node. */
  readonly isRemote: boolean;
}

export function requestOf({ affiliation, role }: OpenfireOccupant): Element {
  const item = element('item', { affiliation, role });
  return element('presence', {}, element('x', { xmlns: NS.muc }), element('x', { xmlns: NS.mucUser }, item));
}

export function presenceOf(
  { jid, affiliation, role }: OpenfireOccupant,
  presence: readonly (Element | string)[] = [],
): Element {
  const item = element('item', { jid, affiliation, role });
  return element('presence', {}, ...presence, element('x', { xmlns: NS.mucUser }, item));
}

export function departureOf({ jid, affiliation }: OpenfireOccupant): Element {
  const item = element('item', { jid, affiliation, role: 'none' });
  return element('presence', { type: 'unavailable' }, element('x', { xmlns: NS.mucUser }, item));
}

/** Whether a stanza of somebody who isn't in the set asks to join. */
export function isJoin(stanza: Element): boolean {
  return (
    stanza.name === 'presence' &&
    findChild(stanza, 'x', NS.muc) !== undefined &&
    findChild(stanza, 'x', NS.mucUser) !== undefined
  );
}

export function authorOf(stanza: Element): string | undefined {
  const payload = findChild(stanza, 'fmuc', NS.fmuc);
  return payload && attribute(payload, 'from');
}

export function withoutPayload(stanza: Element): (Element | string)[] {
  return stanza.children.filter((child) => typeof child === 'string' || child.attrs['xmlns'] !== NS.fmuc);
}

/** A copy with other addresses and more children. */
export function withAddresses(
  content: Element,
  addresses: Record<string, string>,
  ...more: readonly Element[]
): Element {
  return element(content.name, { ...content.attrs, ...addresses }, ...content.children, ...more);
}

export function bareOf(jid: string): string {
  return jid.split('/')[0] ?? '';
}

export function resourceOf(jid: string): string | undefined {
  return jid.includes('/') ? jid.slice(jid.indexOf('/') + 1) : undefined;
}

/** To the full JID that asked. */
export function rejection(room: string, to: string): Element {
  const reason = 'The joined node is set up to federate with the joining node (cannot have circular federation).';
  return element('presence', { from: room, to }, element('fmuc', { xmlns: NS.fmuc }, element('reject', {}, reason)));
}

/** Whatever was asked; service discovery (XEP-0030) of the service tells its software (XEP-0232) or not. */
export function answerTo(iq: Element, tellsSoftware: boolean): Element {
  const { to: from, from: to, id } = iq.attrs as Record<string, string>;
  const field = (name: string, text: string): Element => element('field', { var: name }, element('value', {}, text));
  const form = element(
    'x',
    { xmlns: NS.dataForms, type: 'result' },
    field('FORM_TYPE', 'urn:xmpp:dataforms:softwareinfo'),
    field('software', 'Openfire'),
  );
  const query = element(
    'query',
    { xmlns: NS.discoInfo },
    element('identity', { category: 'conference', type: 'text', name: 'Public Chatrooms' }),
    element('feature', { var: NS.muc }),
    element('feature', { var: NS.discoInfo }),
    tellsSoftware ? form : undefined,
  );
  const isDiscovery = findChild(iq, 'query', NS.discoInfo) !== undefined;
  return element('iq', { from, to, id, type: 'result' }, isDiscovery ? query : undefined);
}
