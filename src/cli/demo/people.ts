import { attribute, type Element, element, findChild } from '../../xml/element.ts';
import { NS } from '../../xml/names.ts';
import { RoomView, type Sight } from './sight.ts';

/** One of the two sides of the demo, with the one person who is there. */
export interface Side {
  readonly name: 'denmark' | 'wonderland';
  /** The domain of its XMPP server. */
  readonly server: string;
  /** The domain of its gateway. */
  readonly gateway: string;
  /** Localpart of the room there. */
  readonly room: string;
  readonly person: { readonly nick: string; readonly jid: string };
}

/** The actors of XEP-0289 §4. */
export const DENMARK: Side = {
  name: 'denmark',
  server: 'denmark.lit',
  gateway: 'rooms.denmark.lit',
  room: 'elsinore',
  person: { nick: 'Hamlet', jid: 'hamlet@denmark.lit/castle' },
};

export const WONDERLAND: Side = {
  name: 'wonderland',
  server: 'wonderland.lit',
  gateway: 'rooms.wonderland.lit',
  room: 'rabbithole',
  person: { nick: 'Alice', jid: 'alice@wonderland.lit/tea' },
};

/** Bare JID of a side's room. */
export function roomOf(side: Side): string {
  return `${side.room}@${side.gateway}`;
}

/** An XMPP client with one room. What it sends goes to the server that it was made with. */
export class Person {
  /** The name that they go by, whatever their nick. */
  readonly name: string;
  /** Bare JID. */
  readonly room: string;
  readonly view = new RoomView();
  readonly #jid: string;
  readonly #send: (stanza: Element) => void;
  #messages = 0;

  constructor(side: Side, send: (stanza: Element) => void) {
    this.name = side.person.nick;
    this.room = roomOf(side);
    this.#jid = side.person.jid;
    this.#send = send;
  }

  /** XEP-0045 §7.2.2 */
  join(nick = this.name): void {
    this.#sendPresence(nick, {}, element('x', { xmlns: NS.muc }));
  }

  /** XEP-0045 §7.14 */
  leave(): void {
    this.#sendPresence(this.view.self ?? this.name, { type: 'unavailable' });
  }

  /** XEP-0045 §7.6 */
  changeNick(nick: string): void {
    this.#sendPresence(nick, {});
  }

  /** XEP-0045 §7.4 */
  say(text: string): void {
    this.#sendMessage(element('body', {}, text));
  }

  /** XEP-0045 §8.1 */
  setSubject(text: string): void {
    this.#sendMessage(element('subject', {}, text));
  }

  /** Takes what the server brings. Requests are answered; what the room sends is looked at. */
  receive(stanza: Element): Sight | undefined {
    const type = attribute(stanza, 'type');
    if (stanza.name !== 'iq') return this.view.handle(stanza);
    if (type === 'get' || type === 'set') this.#answer(stanza);
    return undefined;
  }

  /** Knows one request (XEP-0199), and says so of any other. */
  #answer(request: Element): void {
    const address = { from: this.#jid, to: attribute(request, 'from'), id: attribute(request, 'id') };
    const known = findChild(request, 'ping', NS.ping) !== undefined;
    this.#send(
      known
        ? element('iq', { ...address, type: 'result' })
        : element('iq', { ...address, type: 'error' }, serviceUnavailable()),
    );
  }

  #sendPresence(nick: string, attributes: { readonly type?: string }, ...payload: Element[]): void {
    this.#send(element('presence', { from: this.#jid, to: `${this.room}/${nick}`, ...attributes }, ...payload));
  }

  #sendMessage(payload: Element): void {
    this.#messages += 1;
    const address = { from: this.#jid, to: this.room };
    this.#send(element('message', { ...address, type: 'groupchat', id: `${this.#messages}` }, payload));
  }
}

/** RFC 6120 §8.3.3.19 */
export function serviceUnavailable(): Element {
  return element('error', { type: 'cancel' }, element('service-unavailable', { xmlns: NS.stanzaErrors }));
}
