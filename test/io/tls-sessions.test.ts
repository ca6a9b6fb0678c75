import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { der, TAG } from '../../src/io/der.ts';
import { MAX_ACCEPTED_SESSIONS, MAX_DIALLED, MAX_SESSIONS_OF_PEER, TlsSessions } from '../../src/io/tls-sessions.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

let folder: string;

beforeEach(() => (folder = temporaryFolder()));
afterEach(endAll);

const id = (number: number): string => number.toString(16).padStart(64, '0');
const named = (number: number): Buffer => Buffer.from(id(number), 'hex');

/** A session as OpenSSL writes it down, as far as it says who the peer is. */
function sessionOf(peer: string, number = 0): Uint8Array {
  return der(TAG.sequence, der(TAG.integer, Uint8Array.of(number)), der(TAG.context(3), Buffer.from(peer)));
}

function accept(sessions: TlsSessions, peer: string, number: number): void {
  sessions.keepAccepted(new Map([[id(number), sessionOf(peer, number % 100)]]));
}

test('outlive the process, each under its name', () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', Buffer.from('one'));
  sessions.keepDialled('wonderland.lit', Buffer.from('two'));
  accept(sessions, 'queen', 1);
  const again = new TlsSessions(folder, 'me');
  expect(String(again.dialled('wonderland.lit'))).toBe('two');
  expect(again.dialled('denmark.lit')).toBeUndefined();
  expect(again.accepted(named(1))).toEqual(Buffer.from(sessionOf('queen', 1)));
  expect(again.accepted(named(2))).toBeUndefined();
});

test('of another certificate of ours are none', () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', Buffer.from('one'));
  expect(new TlsSessions(folder, 'another').dialled('wonderland.lit')).toBeUndefined();
});

test('that are dropped stay so', () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', Buffer.from('one'));
  accept(sessions, 'queen', 1);
  sessions.dropDialled('wonderland.lit');
  sessions.dropAccepted([id(1)]);
  const again = new TlsSessions(folder, 'me');
  expect(again.dialled('wonderland.lit')).toBeUndefined();
  expect(again.accepted(named(1))).toBeUndefined();
});

test("dropping what isn't there writes nothing", () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', Buffer.from('one'));
  const file = join(folder, 'tls-sessions.json');
  const { ino } = statSync(file);
  sessions.dropDialled('denmark.lit');
  sessions.dropAccepted([id(7)]);
  sessions.keepDialled('wonderland.lit', Buffer.from('one'));
  expect(statSync(file).ino).toBe(ino);
});

test('with those that are dialled are bounded: the longest unused gives way', () => {
  const sessions = new TlsSessions(folder, 'me');
  for (let number = 0; number < MAX_DIALLED; number++) sessions.keepDialled(`p${number}.lit`, Buffer.from('x'));
  sessions.keepDialled('p0.lit', Buffer.from('x'));
  sessions.keepDialled('one-more.lit', Buffer.from('x'));
  const again = new TlsSessions(folder, 'me');
  expect(again.dialled('p0.lit')).toBeDefined();
  expect(again.dialled('one-more.lit')).toBeDefined();
  expect(again.dialled('p1.lit')).toBeUndefined();
});

test('of one peer are bounded, and cost the others nothing', () => {
  const sessions = new TlsSessions(folder, 'me');
  accept(sessions, 'queen', 1000);
  for (let number = 0; number < 50; number++) accept(sessions, 'hatter', number);
  const kept = Array.from({ length: 50 }, (_, number) => number).filter((number) => sessions.accepted(named(number)));
  expect(kept).toEqual([50 - MAX_SESSIONS_OF_PEER, 47, 48, 49]);
  expect(sessions.accepted(named(1000))).toBeDefined();
});

test('of all peers are bounded', () => {
  const sessions = new TlsSessions(folder, 'me');
  for (let number = 0; number <= MAX_ACCEPTED_SESSIONS; number++) accept(sessions, `peer ${number}`, number);
  expect(sessions.accepted(named(0))).toBeUndefined();
  expect(sessions.accepted(named(1))).toBeDefined();
  const kept = Array.from({ length: MAX_ACCEPTED_SESSIONS + 1 }, (_, number) => sessions.accepted(named(number)));
  expect(kept.filter((session) => session !== undefined)).toHaveLength(MAX_ACCEPTED_SESSIONS);
});

test.each(['', '[]', 'null', '{"identity":"me"}', '{"identity":"me","dialled":[1],"accepted":[]}', '{'])(
  'in a damaged file (%j) are none',
  (text) => {
    writeFileSync(join(folder, 'tls-sessions.json'), text);
    const sessions = new TlsSessions(folder, 'me');
    expect(sessions.dialled('wonderland.lit')).toBeUndefined();
    sessions.keepDialled('wonderland.lit', Buffer.from('one'));
    expect(new TlsSessions(folder, 'me').dialled('wonderland.lit')).toBeDefined();
  },
);

test("that can't be written are had until the end", () => {
  const sessions = new TlsSessions(join(folder, 'not', 'there'), 'me');
  sessions.keepDialled('wonderland.lit', Buffer.from('one'));
  expect(sessions.dialled('wonderland.lit')).toBeDefined();
});
