import { describe, expect, it, test } from 'vitest';
import { MAX_CORRECTIONS, Survey, Transcript } from '../../src/cli/export.ts';
import { historyLines, MAX_REMEMBERED, Shown } from '../../src/cli/history-lines.ts';
import { meaningOf } from '../../src/cli/meaning.ts';
import type { HistoryRecord } from '../../src/gateway/report.ts';

/* What the messages of an archive are shown as, by `history` and by `export`. */

const ROOM = 'elsinore@rooms.denmark.lit';
const DAY = Date.UTC(2026, 10, 21, 23, 58);

let number = 0;

function message(nick: string, payloads: string, more: Partial<HistoryRecord> = {}): HistoryRecord {
  number += 1;
  const time = new Date(DAY + number * 20_000).toISOString().replace('.000Z', 'Z');
  return {
    time,
    received: time,
    nick,
    author: nick === '' ? ROOM : `${nick.toLowerCase()}@denmark.lit/castle`,
    origin: ROOM,
    id: `~${number}@${ROOM}`,
    via: null,
    xml: `<message>${payloads}</message>`,
    ...more,
  };
}

const RETRACT = 'urn:xmpp:message-retract:1';
const MODERATED = `<moderated xmlns="urn:xmpp:message-moderate:1" by="${ROOM}/Gertrude"/>`;

/** Everything that an archive may have. */
function conversation(): HistoryRecord[] {
  number = 0;
  return [
    message('Hamlet', '<body>To be, or not to bee</body>'),
    message('Hamlet', `<replace xmlns="urn:xmpp:message-correct:0" id="~1@${ROOM}"/><body>To be, or not to be</body>`),
    message(
      'Ophelia',
      `<reply xmlns="urn:xmpp:reply:0" id="~1@${ROOM}"/><body>Good my lord,\nhow does your honour?</body>`,
    ),
    message('Ophelia', `<reactions xmlns="urn:xmpp:reactions:0" id="~1@${ROOM}"><reaction>🎭</reaction></reactions>`),
    message('Hamlet', '<body>/me holds a skull</body>'),
    message('Polonius', `<retracted xmlns="${RETRACT}" id="~7@${ROOM}" stamp="2026-11-22T00:00:20Z"/>`),
    message('Polonius', `<retract xmlns="${RETRACT}" id="~6@${ROOM}"/>`),
    message(
      'Osric',
      `<retracted xmlns="${RETRACT}" id="~9@${ROOM}" stamp="2026-11-22T00:01:00Z">${MODERATED}<reason>no hats</reason></retracted>`,
    ),
    message('', `<retract xmlns="${RETRACT}" id="~8@${ROOM}">${MODERATED}<reason>no hats</reason></retract>`),
    message('Yorick', '<encrypted xmlns="urn:xmpp:omemo:2"/><store xmlns="urn:xmpp:hints"/>'),
    message('Horatio', '<x xmlns="jabber:x:oob"><url>https://denmark.lit/ghost.jpg</url></x>'),
    message('Gertrude', '<replace xmlns="urn:xmpp:message-correct:0" id="~0@elsewhere"/><body>More matter</body>'),
    message('Alice', '<body>Curiouser and curiouser</body>', {
      origin: 'rabbithole@rooms.wonderland.lit',
      via: 'rabbithole@rooms.wonderland.lit',
      author: 'alice@wonderland.lit',
    }),
  ];
}

function transcript(messages: readonly HistoryRecord[]): string[] {
  const survey = new Survey();
  for (const one of messages) survey.add(one);
  const lines = new Transcript(survey);
  return [...survey.head(ROOM), ...messages.flatMap((one) => lines.lines(one))];
}

it('history says of each message what it is, and of which other', async () => {
  const shown = new Shown();
  const lines = conversation().flatMap((one) => historyLines(one, shown));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/history.txt');
});

it('a transcript reads as the conversation was left', async () => {
  await expect(`${transcript(conversation()).join('\n')}\n`).toMatchFileSnapshot('golden/export.txt');
});

test('neither has the words of what was retracted, whatever corrected them', () => {
  number = 0;
  const lines = transcript([
    message('Polonius', `<retracted xmlns="${RETRACT}" id="~9@${ROOM}" stamp="2026-11-22T00:00:20Z"/>`),
    message('Polonius', `<replace xmlns="urn:xmpp:message-correct:0" id="~1@${ROOM}"/><body>Neither a borrower</body>`),
  ]);
  expect(lines.join('\n')).not.toContain('borrower');
  expect(lines.at(-1)).toBe('23:58:20 Polonius: [retracted by its author]');
});

test('of a room where nothing was said there is a head', () => {
  expect(transcript([])).toEqual([
    'Room:     elsinore',
    'Domain:   rooms.denmark.lit',
    'Span:     nothing',
    'Messages: 0',
    'Times:    UTC',
  ]);
});

test('nothing in a transcript is obeyed by a terminal, and no line of it passes for another', () => {
  number = 1;
  const hostile = '\u0085\u202e\u2028';
  const lines = transcript([
    message(`Ham\nlet\u001b[2J`, `<body>one${hostile}\n00:00:00 Ophelia: I never gave you aught</body>`),
  ]);
  expect(lines.join('')).not.toMatch(/\p{C}/u);
  expect(lines.at(-1)).toBe('         00:00:00 Ophelia: I never gave you aught');
  expect(lines.at(-2)).toBe('23:58:40 Ham let [2J: one');
});

describe('what is remembered is bounded', () => {
  it(`${MAX_REMEMBERED} messages that others may be about`, () => {
    const shown = new Shown();
    for (let count = 0; count <= MAX_REMEMBERED; count += 1)
      shown.add(message('Hamlet', '', { id: `~${count}` }), 'words');
    expect([shown.of('~0'), shown.of('~1')]).toEqual(['an earlier message', expect.stringContaining('Hamlet: words')]);
  });

  it(`${MAX_CORRECTIONS} corrections, the latest`, () => {
    const survey = new Survey();
    for (let count = 0; count <= MAX_CORRECTIONS; count += 1)
      survey.add(
        message('Hamlet', `<replace xmlns="urn:xmpp:message-correct:0" id="~a${count}@x"/><body>${count}</body>`),
      );
    expect(survey.corrections.size).toBe(MAX_CORRECTIONS);
    expect(survey.corrections.has('~a0@x')).toBe(false);
  });
});

test('a stanza that can’t be read is told of all the same', () => {
  expect(meaningOf({ xml: '<message>' })).toMatchObject({ kind: 'other', body: undefined });
});
