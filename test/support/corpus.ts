import { Random } from '../../src/lib/random.ts';
import { MEASURED, TRAINING, type Vocabulary, WORDS } from './corpus-words.ts';

/*
 * Chat as it is on a tactical net, made from a seed: 20 users at three sites, short reports, and what people say between
 * them. The `training` part is what dictionaries and models may be tuned on; figures are of the `measured` part. Both draw
 * on the same kind of words, with other people, other sentences and other chance.
 */

export type Part = 'training' | 'measured';

/** How many messages the measured part has where nobody asks for fewer. */
export const MESSAGES = 2000;
/** How many users there are. */
export const USERS = 20;
/** How much presence there is in an hour of it. */
export const PRESENCE_EVENTS = 276;

/** The seed of each part. */
export const SEEDS: Readonly<Record<Part, number>> = { training: 289, measured: 45 };

const VOCABULARIES: Readonly<Record<Part, Vocabulary>> = { training: TRAINING, measured: MEASURED };

/** What a client adds to a message of its own accord, and what its ids look like. */
type Client = 'conversations' | 'gajim' | 'pidgin' | 'swift';

/** Most are modern. */
const CLIENTS: readonly Client[] = [
  'conversations',
  'conversations',
  'conversations',
  'gajim',
  'gajim',
  'swift',
  'pidgin',
];

/** Somebody who takes part. */
export interface CorpusUser {
  readonly localpart: string;
  /** 0 to 2. */
  readonly site: number;
  /** The site's domain. */
  readonly domain: string;
  /** The full JID. */
  readonly jid: string;
  readonly resource: string;
  readonly nick: string;
  readonly client: Client;
}

export interface CorpusMessage {
  readonly user: CorpusUser;
  /** Milliseconds since the first. */
  readonly at: number;
  readonly id: string;
  readonly body: string;
  /** The children of the stanza as the author's client writes them, the body among them. */
  readonly content: string;
}

export interface PresenceEvent {
  readonly user: CorpusUser;
  /** Milliseconds since the hour began. */
  readonly at: number;
  readonly kind: 'join' | 'leave' | 'change';
  readonly show: 'away' | 'dnd' | 'xa' | undefined;
  readonly status: string | undefined;
}

/** The users of a part: seven at the first two sites, six at the third. */
export function users(part: Part, seed = SEEDS[part]): readonly CorpusUser[] {
  const random = chance(part, seed, 'users');
  const { names, sites } = VOCABULARIES[part];
  return names.slice(0, USERS).map((nick, index) => {
    const site = Math.floor(index / 7);
    const domain = sites[site] ?? '';
    const client = pick(random, CLIENTS);
    // ASCII: @xmpp/client 0.14 can't log in with anything else.
    const localpart = nick.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(' ', '.');
    const resource = client === 'pidgin' ? '' : `${client}.${random.token(4)}`;
    const full = resource === '' ? random.token(12) : resource;
    return { localpart, site, domain, resource: full, jid: `${localpart}@${domain}/${full}`, nick, client };
  });
}

/** What is said, in order. */
export function messages(part: Part, count = MESSAGES, seed = SEEDS[part]): readonly CorpusMessage[] {
  const random = chance(part, seed, 'messages');
  const people = users(part, seed);
  const talk = new Talk(VOCABULARIES[part], people, random);
  const last = new Map<CorpusUser, string>();
  let at = 0;
  let speaker = pick(random, people);
  return Array.from({ length: count }, () => {
    at += Math.round(1000 + random.next() ** 3 * 40_000);
    // Two or three say most of what is said in a row.
    if (random.next() < 0.75) speaker = random.next() < 0.5 ? pick(random, people.slice(0, 8)) : pick(random, people);
    const body = talk.sentence();
    const id = idOf(speaker.client, random);
    const corrected = random.next() < 0.01 ? last.get(speaker) : undefined;
    last.set(speaker, id);
    return { user: speaker, at, id, body, content: dress(speaker.client, body, id, corrected, random) };
  });
}

/** Everybody joins at once, in that order. */
export function joins(part: Part, seed = SEEDS[part]): readonly PresenceEvent[] {
  const arriving = { at: 0, kind: 'join', show: undefined, status: undefined } as const;
  return users(part, seed).map((user) => ({ user, ...arriving }));
}

/**
 * An hour in a room where everybody is when it begins: some step away now and then, some have phones that come and go.
 */
export function presenceHour(part: Part, seed = SEEDS[part]): readonly PresenceEvent[] {
  const random = chance(part, seed, 'presence');
  const { statuses } = VOCABULARIES[part];
  const people = users(part, seed);
  const talk = new Talk(VOCABULARIES[part], people, random);
  const events: PresenceEvent[] = [];
  const hour = 3_600_000;
  /** Until when a user's last errand lasts, so that none overlap. */
  const busy = new Map<CorpusUser, number>();

  /** Away and back, or out and in again. */
  const errand = (user: CorpusUser, start: number, length: number): void => {
    const leaves = random.next() < 0.35;
    const status = random.next() < 0.4 ? talk.fill(pick(random, statuses)) : undefined;
    const show = pick(random, ['away', 'away', 'away', 'xa', 'dnd'] as const);
    const away = leaves ? { kind: 'leave', show: undefined, status: undefined } : { kind: 'change', show, status };
    const back = { kind: leaves ? 'join' : 'change', show: undefined, status: undefined };
    events.push({ user, at: start, ...away } as PresenceEvent, { user, at: start + length, ...back } as PresenceEvent);
    busy.set(user, Math.max(busy.get(user) ?? 0, start + length));
  };

  while (events.length < PRESENCE_EVENTS) {
    // The last seven have phones.
    const isPhone = random.next() < 0.7;
    const user = pick(random, isPhone ? people.slice(-7) : people.slice(0, -7));
    const flaps = isPhone ? 2 + Math.floor(random.next() * 5) : 1;
    const start = Math.round(random.next() * hour);
    const lengths = Array.from({ length: flaps }, () =>
      Math.round(isPhone ? 2000 + random.next() * 8000 : 60_000 + random.next() ** 2 * 900_000),
    );
    const end = start + lengths.reduce((sum, length) => sum + length + 4000, 0);
    if (end > hour || (busy.get(user) ?? -1) >= start) continue;
    let at = start;
    for (const length of lengths) {
      if (events.length < PRESENCE_EVENTS) errand(user, at, length);
      at += length + 4000;
    }
  }
  return events.toSorted((a, b) => a.at - b.at);
}

/** The stanza that the author's client sends. */
export function messageXml({ id, content }: CorpusMessage, from: string, room: string): string {
  return `<message from='${from}' to='${room}' type='groupchat' id='${id}'>${content}</message>`;
}

/** The stanza that the user's client sends. */
export function presenceXml({ user, kind, show, status }: PresenceEvent, from: string, room: string): string {
  const to = `${room}/${escape(user.nick)}`;
  if (kind === 'leave') return `<presence from='${from}' to='${to}' type='unavailable'/>`;
  const caps =
    user.client === 'pidgin'
      ? ''
      : `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://${user.client}.example' ver='${capsOf(user)}'/>`;
  return [
    `<presence from='${from}' to='${to}'>`,
    kind === 'join' ? "<x xmlns='http://jabber.org/protocol/muc'/>" : '',
    show === undefined ? '' : `<show>${show}</show>`,
    status === undefined ? '' : `<status>${escape(status)}</status>`,
    caps,
    '</presence>',
  ].join('');
}

/** Sentences of a part. */
class Talk {
  readonly #vocabulary: Vocabulary;
  readonly #people: readonly CorpusUser[];
  readonly #random: Random;
  #minutes = 6 * 60;

  constructor(vocabulary: Vocabulary, people: readonly CorpusUser[], random: Random) {
    this.#vocabulary = vocabulary;
    this.#people = people;
    this.#random = random;
  }

  sentence(): string {
    const choice = this.#random.next();
    const { short, reports, talk } = this.#vocabulary;
    if (choice < 0.2) return this.fill(pick(this.#random, short));
    const sentence = this.fill(pick(this.#random, choice < 0.58 ? reports : talk));
    return this.#random.next() < 0.25 ? sentence.toLowerCase() : sentence;
  }

  fill(sentence: string): string {
    return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => this.#word(name));
  }

  #word(name: string): string {
    const random = this.#random;
    switch (name) {
      case 'cs':
        return pick(random, this.#vocabulary.callSigns);
      case 'nick':
        return pick(random, this.#people).nick;
      case 'n':
        return String(1 + Math.floor(random.next() ** 2 * 40));
      case 'grid':
        return `32V ${pick(random, ['NH', 'NJ', 'PH'])} ${digits(random, 4)} ${digits(random, 4)}`;
      case 'time':
        return clock(this.#later());
      case 'dtg':
        return `21${clock(this.#later())}ZNOV26`;
      default:
        return pick(random, WORDS[name] ?? ['']);
    }
  }

  /** Times that are spoken of are near the time of the day, which goes on. */
  #later(): number {
    this.#minutes += this.#random.next() < 0.3 ? 1 : 0;
    return this.#minutes + Math.floor(this.#random.next() * 90);
  }
}

/** The stanza's children as this client writes them. */
function dress(client: Client, body: string, id: string, corrected: string | undefined, random: Random): string {
  const text = escape(body);
  const parts = [`<body>${text}</body>`];
  const originId = `<origin-id xmlns='urn:xmpp:sid:0' id='${id}'/>`;
  const active = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
  if (client === 'conversations') {
    parts.push("<markable xmlns='urn:xmpp:chat-markers:0'/>", originId, "<request xmlns='urn:xmpp:receipts'/>");
    if (random.next() < 0.5) parts.push("<store xmlns='urn:xmpp:hints'/>");
  } else if (client === 'gajim') {
    parts.push(originId, active, "<request xmlns='urn:xmpp:receipts'/>");
    if (random.next() < 0.1) parts.push(`<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:none'/>`);
  } else if (client === 'swift') parts.push(active);
  if (client === 'pidgin' || random.next() < 0.02)
    parts.push(
      `<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p><span style='font-size: medium;'>${text}</span></p></body></html>`,
    );
  if (corrected !== undefined) parts.push(`<replace xmlns='urn:xmpp:message-correct:0' id='${corrected}'/>`);
  return parts.join('');
}

function idOf(client: Client, random: Random): string {
  if (client === 'pidgin') return `purple${random.token(8)}`;
  const hex = Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5').slice(0, 36);
}

/** The hash of what the user's client can do: the same for all who have that client. */
function capsOf({ client }: CorpusUser): string {
  return Buffer.from(new Random(client.length).token(20)).toString('base64');
}

/** Chance of its own for each purpose, so that more of one thing doesn't change another. */
function chance(part: Part, seed: number, purpose: string): Random {
  return new Random(new TextEncoder().encode(`${part} ${seed} ${purpose}`));
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)] as T;
}

function digits(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random.next() * 10)).join('');
}

function clock(minutes: number): string {
  const padded = (number: number): string => String(number).padStart(2, '0');
  return padded(Math.floor(minutes / 60) % 24) + padded(minutes % 60);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
