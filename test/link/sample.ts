import { Random } from '../../src/lib/random.ts';
import { formatStamp } from '../../src/lib/stamp.ts';
import { element } from '../../src/xml/element.ts';
import { serialise } from '../../src/xml/serialise.ts';
import * as corpus from '../support/corpus.ts';

/* What crosses between two gateways of ours when the corpus' people talk, to hold the encoding to its budgets. */

const FROM = 'ops@rooms.near.lit';
const TO = 'ops@rooms.far.lit';
const USERS = corpus.users('measured');
const START = Date.parse('2026-01-01T08:00:00.000Z');

type User = corpus.CorpusUser;
type State = Pick<corpus.PresenceEvent, 'kind' | 'show' | 'status'>;

const HERE: State = { kind: 'join', show: undefined, status: undefined };

/** Live messages of all users, as they leave one by one. */
export function messages(count: number): string[] {
  return stanzas(corpus.messages('measured', count), false);
}

/** Missed messages, ten to a flush. */
export function history(count: number): string[] {
  const missed = stanzas(corpus.messages('measured', count), true);
  return Array.from({ length: count / 10 }, (_, flush) => missed.slice(10 * flush, 10 * flush + 10).join(''));
}

/** Everyone in the room, in one flush. */
export function occupants(): string {
  return USERS.map((user) => presence(user, TO, HERE)).join('');
}

/** The corpus' hour of presence, gathered over a minute: the last state of each wins. */
export function presenceHour(): string[] {
  const shown = new Map(USERS.map(({ jid }) => [jid, JSON.stringify(HERE)]));
  const windows = Array.from({ length: 61 }, () => new Map<string, corpus.PresenceEvent>());
  for (const event of corpus.presenceHour('measured'))
    windows[Math.floor(event.at / 60_000)]?.set(event.user.jid, event);
  return windows.map((window) =>
    [...window.values()]
      .map(({ user, kind, show, status }) => {
        const state: State = { kind: kind === 'leave' ? 'leave' : 'join', show, status };
        const isNews = shown.get(user.jid) !== JSON.stringify(state);
        shown.set(user.jid, JSON.stringify(state));
        return isNews ? presence(user, `${TO}/${user.nick}`, state) : '';
      })
      .join(''),
  );
}

/** Characters of three and four bytes, each as likely as the other: what hardly compresses. */
export function noise(length: number): string {
  const random = new Random(2);
  let text = '';
  while (text.length < length) text += String.fromCodePoint(0x10000 + Math.floor(random.next() * 0x2_0000));
  return text;
}

/** Each site counts its own. */
function stanzas(said: readonly corpus.CorpusMessage[], isLate: boolean): string[] {
  const sequences = new Map<string, number>();
  return said.map(({ user, body, at }) => {
    const room = `ops@rooms.${user.domain}`;
    const sequence = sequences.get(room) ?? 5_200_000;
    sequences.set(room, sequence + 1);
    return serialise(
      element(
        'message',
        { from: `${FROM}/${user.nick}`, to: TO, type: 'groupchat' },
        element('body', {}, body),
        fmuc(user),
        element('stanza-id', { xmlns: 'urn:xmpp:sid:0', by: room, id: `~${sequence.toString(36)}` }),
        isLate ? element('delay', { xmlns: 'urn:xmpp:delay', from: FROM, stamp: formatStamp(START + at) }) : undefined,
      ),
    );
  });
}

function presence(user: User, to: string, { kind, show, status }: State): string {
  const gone = kind === 'leave';
  return serialise(
    element(
      'presence',
      { from: `${FROM}/${user.nick}`, to, type: gone ? 'unavailable' : undefined },
      show && element('show', {}, show),
      status === undefined ? undefined : element('status', {}, status),
      fmuc(user),
      element(
        'x',
        { xmlns: 'http://jabber.org/protocol/muc#user' },
        element('item', { affiliation: 'none', role: gone ? 'none' : 'participant', jid: user.jid }),
      ),
    ),
  );
}

function fmuc({ jid }: User): ReturnType<typeof element> {
  return element('fmuc', { xmlns: 'http://isode.com/protocol/fmuc', from: jid });
}
