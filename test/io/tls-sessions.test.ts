import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAX_ACCEPTED_SESSIONS, MAX_DIALLED, MAX_SESSIONS_OF_PEER, TlsSessions } from '../../src/io/tls-sessions.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

let folder: string;

beforeEach(() => (folder = temporaryFolder()));
afterEach(endAll);

const id = (number: number): string => number.toString(16).padStart(64, '0');
const named = (number: number): Buffer => Buffer.from(id(number), 'hex');

const dialled = (text: string) => ({ session: Buffer.from(text), certificate: Buffer.from(`of ${text}`) });

function accept(sessions: TlsSessions, peer: string, number: number): void {
  sessions.keepAccepted(peer, new Map([[id(number), Buffer.from(`session ${number}`)]]));
}

test('outlive the process, each under its name', () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', dialled('one'));
  sessions.keepDialled('wonderland.lit', dialled('two'));
  accept(sessions, 'queen', 1);
  const again = new TlsSessions(folder, 'me');
  expect(again.dialled('wonderland.lit')).toEqual(dialled('two'));
  expect(again.dialled('denmark.lit')).toBeUndefined();
  expect(again.accepted(named(1))).toEqual(Buffer.from('session 1'));
  expect(again.accepted(named(2))).toBeUndefined();
});

test('of another certificate of ours are none', () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', dialled('one'));
  expect(new TlsSessions(folder, 'another').dialled('wonderland.lit')).toBeUndefined();
});

test('that are dropped stay so', () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', dialled('one'));
  accept(sessions, 'queen', 1);
  sessions.dropDialled('wonderland.lit');
  sessions.dropAccepted([id(1)]);
  const again = new TlsSessions(folder, 'me');
  expect(again.dialled('wonderland.lit')).toBeUndefined();
  expect(again.accepted(named(1))).toBeUndefined();
});

test("dropping what isn't there writes nothing", () => {
  const sessions = new TlsSessions(folder, 'me');
  sessions.keepDialled('wonderland.lit', dialled('one'));
  const file = join(folder, 'tls-sessions.json');
  const { ino } = statSync(file);
  sessions.dropDialled('denmark.lit');
  sessions.dropAccepted([id(7)]);
  sessions.keepDialled('wonderland.lit', dialled('one'));
  expect(statSync(file).ino).toBe(ino);
});

test('with those that are dialled are bounded: the longest unused gives way', () => {
  const sessions = new TlsSessions(folder, 'me');
  for (let number = 0; number < MAX_DIALLED; number++) sessions.keepDialled(`p${number}.lit`, dialled('x'));
  sessions.keepDialled('p0.lit', dialled('x'));
  sessions.keepDialled('one-more.lit', dialled('x'));
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
    sessions.keepDialled('wonderland.lit', dialled('one'));
    expect(new TlsSessions(folder, 'me').dialled('wonderland.lit')).toBeDefined();
  },
);

test("that can't be written are had until the end", () => {
  const sessions = new TlsSessions(join(folder, 'not', 'there'), 'me');
  sessions.keepDialled('wonderland.lit', dialled('one'));
  expect(sessions.dialled('wonderland.lit')).toBeDefined();
});
