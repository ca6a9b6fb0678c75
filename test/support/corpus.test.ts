import { describe, expect, it } from 'vitest';
import { parseElement } from '../../src/xml/parse.ts';
import {
  joins,
  MESSAGES,
  messages,
  messageXml,
  PRESENCE_EVENTS,
  presenceHour,
  presenceXml,
  SEEDS,
  USERS,
  users,
} from './corpus.ts';

const ROOM = 'elsinore@rooms.denmark.lit';
const bytes = (text: string): number => Buffer.byteLength(text);

describe.each(['training', 'measured'] as const)('the %s part of the corpus', (part) => {
  const said = messages(part);

  it('is the same from the same seed, and another from another', () => {
    expect(messages(part)).toEqual(said);
    expect(presenceHour(part)).toEqual(presenceHour(part));
    expect(messages(part, 20, SEEDS[part])).toEqual(said.slice(0, 20));
    expect(messages(part, 20, 7)).not.toEqual(said.slice(0, 20));
  });

  it('has 20 users at three sites, each with nick and address of their own', () => {
    const people = users(part);
    expect(people).toHaveLength(USERS);
    expect(new Set(people.map(({ domain }) => domain)).size).toBe(3);
    expect(new Set(people.map(({ nick }) => nick)).size).toBe(USERS);
    expect(new Set(people.map(({ jid }) => jid)).size).toBe(USERS);
    expect(joins(part).map(({ user }) => user)).toEqual(people);
  });

  it('has messages of 40 bytes on average, from everybody, some beyond ASCII', () => {
    expect(said).toHaveLength(MESSAGES);
    const mean = said.reduce((sum, { body }) => sum + bytes(body), 0) / said.length;
    expect(mean).toBeGreaterThan(38);
    expect(mean).toBeLessThan(42);
    expect(new Set(said.map(({ user }) => user.jid)).size).toBe(USERS);
    const beyond = said.filter(({ body }) => bytes(body) > body.length).length;
    expect(beyond).toBeGreaterThan(100);
    expect(beyond).toBeLessThan(600);
  });

  it('hardly repeats itself', () => {
    expect(new Set(said.map(({ body }) => body)).size).toBeGreaterThan(1500);
  });

  it('is dressed as clients do it, and well-formed', () => {
    const stanzas = said.map((message) => parseElement(messageXml(message, message.user.jid, ROOM)));
    for (const [index, stanza] of stanzas.entries()) expect(stanza.getChildText('body')).toBe(said[index]?.body);
    for (const name of ['origin-id', 'markable', 'active', 'request', 'html', 'replace', 'store'])
      expect(stanzas.filter((stanza) => stanza.getChild(name) !== undefined).length, name).toBeGreaterThan(5);
    expect(new Set(said.map(({ id }) => id)).size).toBe(MESSAGES);
    const corrected = said.flatMap(({ content }) => /<replace [^>]*id='([^']*)'/.exec(content)?.slice(1) ?? []);
    for (const id of corrected) expect(said.some((message) => message.id === id)).toBe(true);
  });

  it('has an hour of presence in which nobody does what they can’t', () => {
    const events = presenceHour(part);
    expect(events).toHaveLength(PRESENCE_EVENTS);
    const present = new Map(users(part).map(({ jid }) => [jid, true]));
    let before = 0;
    for (const { user, kind, at } of events) {
      expect(present.get(user.jid)).toBe(kind !== 'join');
      present.set(user.jid, kind !== 'leave');
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(3_600_000);
      before = at;
    }
    const kinds = events.map(({ kind, show }) => show ?? kind);
    for (const kind of ['join', 'leave', 'change', 'away', 'dnd', 'xa']) expect(kinds).toContain(kind);
    expect(events.filter(({ status }) => status !== undefined).length).toBeGreaterThan(20);
    for (const event of events) expect(parseElement(presenceXml(event, event.user.jid, ROOM)).name).toBe('presence');
  });
});

describe('the two parts', () => {
  it('have no user and no sentence in common', () => {
    const [training, measured] = [messages('training'), messages('measured')];
    const names = new Set(users('training').flatMap(({ nick, domain, jid }) => [nick, domain, jid]));
    for (const { nick, domain, jid } of users('measured'))
      for (const name of [nick, domain, jid]) expect(names.has(name)).toBe(false);
    const sentences = new Set(training.map(({ body }) => body.toLowerCase()));
    for (const { body } of measured) expect(sentences.has(body.toLowerCase()), body).toBe(false);
  });
});
