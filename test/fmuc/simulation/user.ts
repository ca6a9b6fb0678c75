import { NS } from '../../../src/xml/names.ts';
import { unescape } from './text.ts';

/* A user's client, which knows of the room what the room has told it, and nothing else. */

const REFERENCES = [
  ['replace', NS.correction],
  ['reply', NS.reply],
  ['retract', NS.retract],
] as const;

export interface Seen {
  readonly jid: string;
  readonly show: string;
}

export class User {
  /** Full JID. */
  readonly jid: string;
  readonly node: number;
  /** The nick that the client believes it has; undefined: it believes that it isn't in the room. */
  nick: string | undefined;
  /** The nick with which it seeks to enter. */
  entering: string | undefined;
  subject: string | undefined;
  /** The room as the client shows it, by nick. */
  readonly roster = new Map<string, Seen>();
  /** How many messages it has sent. */
  sent = 0;
  /** Its own messages that came back, by body. */
  readonly reflected = new Set<string>();
  /** Private messages that came, by body. */
  readonly secrets: string[] = [];
  /** Messages by the room's stanza-id and by their id attribute, each as this client has been given them. */
  readonly byStanzaId = new Map<string, string>();
  readonly byId = new Map<string, string>();
  /** What messages refer to, as this client understands it: body to body; empty where it can't find that. */
  readonly references = new Map<string, string>();
  /** What no client should ever see. */
  readonly complaints: string[] = [];
  /** Every message that it has had, in whatever way. */
  readonly #seen = new Set<string>();
  /** The number of the latest message of each author in this visit. */
  readonly #latest = new Map<string, number>();
  /** History, before the subject that ends it, is no news. */
  #hasHistory = false;

  constructor(jid: string, node: number) {
    this.jid = jid;
    this.node = node;
  }

  get bare(): string {
    return this.jid.slice(0, this.jid.indexOf('/'));
  }

  /** It has found out that it isn't in the room. */
  out(): void {
    this.nick = undefined;
    this.entering = undefined;
    this.roster.clear();
    this.#latest.clear();
    this.#hasHistory = false;
  }

  /** A stanza of the room, as text. */
  hear(xml: string): void {
    const from = /^<\w+[^>]* from="([^"]*)"/.exec(xml)?.[1] ?? '';
    const type = /^<\w+[^>]* type="([^"]*)"/.exec(xml)?.[1];
    const slash = from.indexOf('/');
    const nick = slash < 0 ? '' : unescape(from.slice(slash + 1));
    if (xml.startsWith('<presence')) this.#presence(xml, nick, type);
    else if (xml.startsWith('<message')) this.#message(xml, nick, type);
  }

  #presence(xml: string, nick: string, type: string | undefined): void {
    if (type === 'error') {
      this.entering = undefined;
      return;
    }
    const isSelf = xml.includes('<status code="110"/>');
    if (type === 'unavailable') {
      const renamed = xml.includes('<status code="303"/>') ? /<item[^>]* nick="([^"]*)"/.exec(xml)?.[1] : undefined;
      if (!isSelf) this.#drop(nick);
      else if (renamed === undefined) this.out();
      else {
        this.roster.delete(nick);
        this.nick = unescape(renamed);
      }
      return;
    }
    this.roster.set(nick, {
      jid: unescape(/<item[^>]* jid="([^"]*)"/.exec(xml)?.[1] ?? ''),
      show: showOf(xml),
    });
    if (!isSelf) return;
    this.nick = nick;
    this.entering = undefined;
  }

  #drop(nick: string): void {
    if (this.nick !== undefined && !this.roster.delete(nick)) this.complaints.push(`${nick} left without being there`);
  }

  #message(xml: string, nick: string, type: string | undefined): void {
    const body = /<body>([^<]*)<\/body>/.exec(xml)?.[1];
    if (type === 'error') {
      if (xml.includes('<not-acceptable')) this.out();
      return;
    }
    if (type === 'groupchat' && body === undefined) {
      const subject = /<subject(?:\/>|>([^<]*)<)/.exec(xml);
      if (subject === null) return;
      this.subject = subject[1] ?? '';
      this.#hasHistory = true;
    } else if (type === 'groupchat' && body !== undefined) {
      // The room itself may speak, too.
      if (nick === '') return;
      this.#groupchat(body, nick);
      this.#refer(xml, body);
    } else if (body !== undefined) this.secrets.push(body);
  }

  #refer(xml: string, body: string): void {
    for (const [name, namespace] of REFERENCES) {
      const id = new RegExp(`<${name} xmlns="${namespace}" id="([^"]*)"`).exec(xml)?.[1];
      if (id === undefined) continue;
      const known = name === 'replace' ? this.byId : this.byStanzaId;
      this.references.set(body, known.get(unescape(id)) ?? '');
    }
    const id = /^<message id="([^"]*)"/.exec(xml)?.[1];
    if (id !== undefined) this.byId.set(unescape(id), body);
    const given = /<stanza-id [^>]*id="([^"]*)"/.exec(xml)?.[1];
    if (given !== undefined) this.byStanzaId.set(given, body);
  }

  #groupchat(body: string, nick: string): void {
    const [author = '', number = ''] = body.split(' ');
    if (author === this.jid) this.reflected.add(body);
    if (this.#hasHistory) {
      if (this.#seen.has(body)) this.complaints.push(`saw "${body}" of ${nick} again`);
      if ((this.#latest.get(author) ?? 0) > Number(number)) this.complaints.push(`saw "${body}" ${OUT_OF_ORDER}`);
      this.#latest.set(author, Number(number));
    }
    this.#seen.add(body);
  }
}

/** How the complaint about a message ends that came after a later one of its author. */
export const OUT_OF_ORDER = 'after a later one';

/** Show and status of a presence. */
export function showOf(xml: string): string {
  const show = /<show>([^<]*)<\/show>/.exec(xml)?.[1] ?? '';
  const status = /<status(?: xml:lang="\w*")?>([^<]*)<\/status>/.exec(xml)?.[1] ?? '';
  return `${show}/${status}`;
}
