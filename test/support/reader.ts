import { attribute, type Element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';

interface Read {
  readonly nick: string;
  readonly body: string;
}

const REFERENCES = [
  ['replace', NS.correction, 'corrects'],
  ['reply', NS.reply, 'replies to'],
  ['reactions', NS.reactions, 'reacts to'],
  ['retract', NS.retract, 'retracts'],
] as const;

/** A client in one room, which finds the message that another refers to by the ids that it has been given, or not at all. */
export class Reader {
  readonly #room: string;
  /** By nick and id attribute: only the author corrects (XEP-0308 §4). */
  readonly #byId = new Map<string, Read>();
  readonly #byStanzaId = new Map<string, Read>();

  constructor(room: string) {
    this.#room = room;
  }

  /** Each message in a few words, with the one that it refers to; `?` where the client can't find that. */
  read(stanzas: readonly Element[]): string[] {
    return stanzas
      .filter(({ name, attrs }) => name === 'message' && attrs['type'] === 'groupchat')
      .filter((stanza) => findChild(stanza, 'subject') === undefined)
      .map((stanza) => this.#read(stanza));
  }

  /** The stanza-id by which this client refers to a message. */
  stanzaId(body: string): string {
    for (const [id, read] of this.#byStanzaId) if (read.body === body) return id;
    throw new Error(`nothing here says ${body}`);
  }

  #read(stanza: Element): string {
    const nick = (attribute(stanza, 'from') ?? '').slice(this.#room.length + 1);
    const read = { nick, body: stanza.getChildText('body') ?? '' };
    const words = [nick, ...(read.body === '' ? [] : [read.body])];
    for (const [name, namespace, verb] of REFERENCES) {
      const payload = findChild(stanza, name, namespace);
      if (payload === undefined) continue;
      const id = attribute(payload, 'id') ?? '';
      const found = name === 'replace' ? this.#byId.get(`${nick} ${id}`) : this.#byStanzaId.get(id);
      const to = attribute(payload, 'to');
      const isRight = name !== 'reply' || (found !== undefined && to === `${this.#room}/${found.nick}`);
      words.push(`(${verb} ${found === undefined ? '?' : found.body}${isRight ? '' : `, but to ${to}`})`);
    }
    const id = attribute(stanza, 'id');
    if (id !== undefined) this.#byId.set(`${nick} ${id}`, read);
    for (const given of stanza.getChildren('stanza-id', NS.stanzaId))
      if (attribute(given, 'by') === this.#room) this.#byStanzaId.set(attribute(given, 'id') ?? '', read);
    return words.join(' ');
  }
}
