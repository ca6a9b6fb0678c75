import { type Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import type { Inbox } from './inbox.ts';
import { fromNick, hasStatus, isResponseTo } from './stanzas.ts';

/** Somebody in a conversation, whatever brings their stanzas: a client library or a scripted server. */
export class Person {
  /** The full JID. */
  readonly jid: string;
  readonly #inbox: Inbox<Element>;
  readonly #send: (stanza: Element) => Promise<void> | void;
  readonly #nicks = new Map<string, string>();
  #sent = 0;

  constructor(jid: string, inbox: Inbox<Element>, send: (stanza: Element) => Promise<void> | void) {
    this.jid = jid;
    this.#inbox = inbox;
    this.#send = send;
  }

  /** The bare JID. */
  get account(): string {
    return this.jid.replace(/\/.*/, '');
  }

  /** Sends a stanza as it is, but with a fresh id where it has none. */
  async send(stanza: Element): Promise<void> {
    stanza.attrs['id'] ??= `${this.account}-${++this.#sent}`;
    await this.#send(stanza);
  }

  /** The first stanza that fits and answered no other expectation. Fails with everything received. */
  expect(description: string, fits: (stanza: Element) => boolean, timeout?: number): Promise<Element> {
    return this.#inbox.expect(description, fits, timeout);
  }

  /** Every stanza received so far. */
  collected(): readonly Element[] {
    return this.#inbox.all();
  }

  /** Joins and waits for the self-presence (XEP-0045 §7.2.2), which is given back. What comes before and after stays to be expected. */
  async join(room: string, nick: string, ...requests: readonly Element[]): Promise<Element> {
    await this.send(element('presence', { to: `${room}/${nick}` }, element('x', { xmlns: NS.muc }, ...requests)));
    this.#nicks.set(room, nick);
    return this.#ownPresence(`to be in ${room}`, room, nick, undefined);
  }

  /** Unlocks the room just created, with the settings that it comes with (XEP-0045 §10.1.2). */
  acceptDefaults(room: string): Promise<Element> {
    const form = element('x', { xmlns: NS.dataForms, type: 'submit' });
    return this.request(room, 'set', element('query', { xmlns: NS.mucOwner }, form));
  }

  async say(room: string, body: string): Promise<void> {
    await this.send(element('message', { to: room, type: 'groupchat' }, element('body', {}, body)));
  }

  async changeSubject(room: string, subject: string): Promise<void> {
    await this.send(element('message', { to: room, type: 'groupchat' }, element('subject', {}, subject)));
  }

  /** A private message to an occupant (XEP-0045 §7.5). */
  async whisper(room: string, nick: string, body: string): Promise<void> {
    const addressed = element('x', { xmlns: NS.mucUser });
    await this.send(element('message', { to: `${room}/${nick}`, type: 'chat' }, element('body', {}, body), addressed));
  }

  /** Takes another nick and waits until it is theirs (XEP-0045 §7.6). */
  async nick(room: string, nick: string): Promise<void> {
    await this.send(element('presence', { to: `${room}/${nick}` }));
    await this.#ownPresence(`to be ${nick} in ${room}`, room, nick, undefined);
    this.#nicks.set(room, nick);
  }

  /** Leaves and waits for the confirmation (XEP-0045 §7.14). */
  async leave(room: string): Promise<void> {
    const nick = this.#nicks.get(room) ?? '';
    await this.send(element('presence', { to: `${room}/${nick}`, type: 'unavailable' }));
    await this.#ownPresence(`to have left ${room}`, room, nick, 'unavailable');
    this.#nicks.delete(room);
  }

  /** Changes somebody's role; `none` kicks (XEP-0045 §8.2). Gives back the answer, be it an error. */
  setRole(room: string, nick: string, role: string, reason?: string): Promise<Element> {
    const item = element('item', { nick, role }, reason === undefined ? undefined : element('reason', {}, reason));
    return this.request(room, 'set', element('query', { xmlns: NS.mucAdmin }, item));
  }

  /** Sends an IQ and gives back the answer, be it an error. */
  async request(to: string, type: 'get' | 'set', payload: Element): Promise<Element> {
    const iq = element('iq', { to, type }, payload);
    await this.send(iq);
    return this.expect(`an answer from ${to}`, isResponseTo(iq));
  }

  async #ownPresence(
    description: string,
    room: string,
    nick: string,
    type: 'unavailable' | undefined,
  ): Promise<Element> {
    const answer = await this.expect(description, (stanza) => {
      if (!stanza.is('presence') || !fromNick(room, nick)(stanza)) return false;
      return stanza.attrs['type'] === 'error' || (stanza.attrs['type'] === type && hasStatus(stanza, 110));
    });
    if (answer.attrs['type'] === 'error')
      throw new Error(`${this.jid} wanted ${description} and got ${answer.toString()}`);
    return answer;
  }
}
