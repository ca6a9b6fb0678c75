/**
 * The kinds of keys that the file has. Each says in its own words what it allows, as metadata for the documentation and
 * in every message about it: `can't be VALUE (ALLOWED)`.
 */

import * as v from 'valibot';
import { normaliseAddress } from '../lib/address.ts';
import { Jid } from '../lib/jid.ts';
import { readBareJid, readJoiner } from '../lib/node-names.ts';
import { MAX_PORT, MIN_PORT, parseHost, parseHostPort } from './host-port.ts';
import { nearest } from './nearest.ts';

/** A TOML table as the parser gives it: no array, no date. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A value as a message shows it. */
function show(value: unknown): string {
  if (isTable(value)) return 'a table';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

type Message = (issue: v.BaseIssue<unknown>) => string;

function refusal(allowed: string): Message {
  return (issue) => `can't be ${show(issue.input)} (${allowed})`;
}

/** A table of known keys. Keys beyond them are found apart, so that all are. */
export function table<const E extends v.ObjectEntries>(entries: E) {
  const missing = (key: string) => v.getDescription(entries[key] as v.GenericSchema) ?? key;
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isTable, refusal('a table')),
    v.object(entries, (issue) => `is missing (${missing(JSON.parse(issue.expected) as string)})`),
  );
}

/** A list of `items`. */
export function list<const S extends v.GenericSchema>(item: S, items: string) {
  return listed(item, `a list of ${items}`);
}

/** `[[name]]` tables. */
export function tables<const S extends v.GenericSchema>(name: string, item: S) {
  return listed(item, `tables, each headed [[${name}]]`);
}

function listed<const S extends v.GenericSchema>(item: S, allowed: string) {
  return v.pipe(v.array(item, refusal(allowed)), v.metadata({ allowed }));
}

/** A table whose keys are up to the operator; `allowed` says what they and their values are. */
export function mapping<const K extends v.GenericSchema<string, string>, const S extends v.GenericSchema>(
  key: K,
  value: S,
  allowed: string,
) {
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isTable, refusal(allowed)),
    v.record(key, value),
    v.metadata({ allowed }),
  );
}

/** One of some words. The nearest is named when none fits. */
export function choice<const W extends readonly string[]>(words: W) {
  const allowed = words.join(', ').replace(/, ([^,]*)$/, ' or $1');
  return v.pipe(
    v.picklist(words, (issue) => {
      const near = typeof issue.input === 'string' ? nearest(issue.input, words) : undefined;
      return refusal(near === undefined ? allowed : `${allowed}; did you mean ${near}?`)(issue);
    }),
    v.metadata({ allowed }),
  );
}

export function flag() {
  return v.pipe(v.boolean(refusal('true or false')), v.metadata({ allowed: 'true or false' }));
}

/** A whole number, 0 or more unless a range is given. */
export function whole(unit: string, min = 0, max = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  const allowed = `a whole number${unit === '' ? '' : ` of ${unit}`}, ${range}`;
  const message = refusal(allowed);
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(min, message),
    v.maxValue(max, message),
    v.metadata({ allowed }),
  );
}

export function port() {
  return whole('', MIN_PORT, MAX_PORT);
}

/** A string that `read` makes something of; undefined where it can't. */
function parsed<T>(allowed: string, read: (text: string) => T | undefined) {
  const message = refusal(allowed);
  return v.pipe(
    v.string(message),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const value = read(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message });
      return NEVER;
    }),
    v.metadata({ allowed }),
  );
}

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

/** Text that people are shown, fit for XML. */
export function label() {
  return parsed('text on one line', matching(/^[^\p{Cc}\p{Cs}\ufffe\uffff]+$/u));
}

export function path() {
  return parsed('a path', matching(/^[^\0]+$/));
}

/** What no message may repeat. */
export function secret() {
  const allowed = 'text in quotes, not empty';
  const message = `can't be that (${allowed})`;
  return v.pipe(v.string(message), v.nonEmpty(message), v.metadata({ allowed }));
}

export function host() {
  return parsed('a host name or a numeric address, no port', parseHost);
}

export function hostPort() {
  return parsed('HOST:PORT or [IPv6]:PORT', parseHostPort);
}

export function numericAddress() {
  return parsed('a numeric address, such as 10.1.0.2', normaliseAddress);
}

export function domain() {
  return parsed('a domain, such as denmark.lit', (text) => {
    const jid = Jid.tryParse(text);
    return jid?.local === undefined && jid?.resource === undefined ? jid?.domain : undefined;
  });
}

export function userJid() {
  return parsed('a bare JID, such as gertrude@denmark.lit', readBareJid);
}

function roomJid() {
  return parsed('a room JID, such as elsinore@rooms.denmark.lit', readBareJid);
}

/** One room JID or a list of them, which comes out as a list. */
export function roomJids() {
  const several = list(roomJid(), 'room JIDs');
  const one = v.pipe(
    roomJid(),
    v.transform((jid) => [jid]),
  );
  return v.pipe(
    v.lazy((value) => (Array.isArray(value) ? several : one)),
    v.metadata({ allowed: 'a room JID, such as elsinore@rooms.denmark.lit, or a list of them' }),
  );
}

/** Whom a room lets join: the prepared JID or domain, or "*". */
export function joiner() {
  return parsed('a room JID, a domain or "*"', readJoiner);
}

export function localpart() {
  return parsed("a room JID's part before the @, such as elsinore", (text) => readBareJid(`${text}@x`)?.slice(0, -2));
}

/** A SHA-256 sum in lower case without colons; empty: none. */
export function sha256() {
  return parsed('a SHA-256 sum, 64 hexadecimal digits', (text) => {
    const digits = text.replaceAll(':', '').toLowerCase();
    return /^(?:[\da-f]{64})?$/.test(digits) ? digits : undefined;
  });
}
