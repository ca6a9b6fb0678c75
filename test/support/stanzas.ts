import type { Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';

/** What a stanza may be expected to be. They read stanzas of any parser, in canonical form or not. */
export type StanzaTest = (stanza: Element) => boolean;

/** What of `<x xmlns='…muc#user'/>` is asked for; what is absent is not looked at. */
export interface OccupantDetails {
  readonly role?: string;
  readonly affiliation?: string;
  readonly jid?: string;
  /** The new nick (303). */
  readonly nick?: string;
  readonly reason?: string;
  readonly status?: readonly number[];
}

export function fromNick(room: string, nick: string): StanzaTest {
  return (stanza) => stanza.attrs['from'] === `${room}/${nick}`;
}

export function hasStatus(stanza: Element, code: number): boolean {
  const statuses = stanza.getChild('x', NS.mucUser)?.getChildren('status') ?? [];
  return statuses.some(({ attrs }) => attrs['code'] === String(code));
}

/** An occupant who is there. */
export function present(room: string, nick: string, details: OccupantDetails = {}): StanzaTest {
  return all(typed('presence', undefined), fromNick(room, nick), hasDetails(details));
}

/** An occupant who goes. */
export function gone(room: string, nick: string, details: OccupantDetails = {}): StanzaTest {
  return all(typed('presence', 'unavailable'), fromNick(room, nick), hasDetails(details));
}

/** A message to everybody. */
export function said(room: string, nick: string, body: string): StanzaTest {
  return all(typed('message', 'groupchat'), fromNick(room, nick), hasText('body', body), not(isDelayed));
}

/** A message of the history (XEP-0045 §7.2.13). */
export function saidBefore(room: string, nick: string, body: string): StanzaTest {
  return all(typed('message', 'groupchat'), fromNick(room, nick), hasText('body', body), isDelayed);
}

/** The same, by whomever, just now or before. */
export function hasBody(body: string): StanzaTest {
  return all(typed('message', 'groupchat'), hasText('body', body));
}

/** What was said to everybody, in order. */
export function bodiesOf(person: { collected(): readonly Element[] }): string[] {
  const messages = person.collected().filter(typed('message', 'groupchat'));
  return messages.flatMap((message) => message.getChildText('body') ?? []);
}

/** A private message. */
export function whispered(room: string, nick: string, body: string): StanzaTest {
  return all(typed('message', 'chat'), fromNick(room, nick), hasText('body', body));
}

/** The subject, by whoever set it (XEP-0045 §8.1: a message with a subject and no body). */
export function subject(room: string, text: string): StanzaTest {
  const from: StanzaTest = ({ attrs }) => attrs['from'] === room || String(attrs['from']).startsWith(`${room}/`);
  const noBody: StanzaTest = (stanza) => stanza.getChild('body') === undefined;
  return all(typed('message', 'groupchat'), from, hasText('subject', text), noBody);
}

export function isResponseTo(iq: Element): StanzaTest {
  return ({ name, attrs }) =>
    name === 'iq' && (attrs['type'] === 'result' || attrs['type'] === 'error') && attrs['id'] === iq.attrs['id'];
}

function all(...tests: readonly StanzaTest[]): StanzaTest {
  return (stanza) => tests.every((test) => test(stanza));
}

export function not(test: StanzaTest): StanzaTest {
  return (stanza) => !test(stanza);
}

function typed(name: string, type: string | undefined): StanzaTest {
  return (stanza) => stanza.name === name && stanza.attrs['type'] === type;
}

function hasText(name: string, text: string): StanzaTest {
  return (stanza) => stanza.getChildText(name) === text;
}

export function isDelayed(stanza: Element): boolean {
  return stanza.getChild('delay', NS.delay) !== undefined;
}

function hasDetails({ reason, status = [], ...attributes }: OccupantDetails): StanzaTest {
  return (stanza) => {
    const item = stanza.getChild('x', NS.mucUser)?.getChild('item');
    return (
      Object.entries(attributes).every(([name, value]) => item?.attrs[name] === value) &&
      (reason === undefined || item?.getChildText('reason') === reason) &&
      status.every((code) => hasStatus(stanza, code))
    );
  };
}
