import { expect, it } from 'vitest';
import { messageId, originOfId, sequenceId, subjectId } from '../../src/lib/message-id.ts';

const by = 'elsinore@rooms.denmark.lit';

it.each([1, 35, 36, 192_345_678, 2 ** 40])(
  'the id of message %d says where it entered the set, and is read again',
  (number) => {
    const origin = { by, id: sequenceId(number) };
    expect(messageId(origin)).toBe(`~${number.toString(36)}@${by}`);
    expect(originOfId(messageId(origin))).toEqual(origin);
  },
);

it.each([
  ['of a client', 'f81d4fae-7dec-41d0-a765-000000000001'],
  ['of a room', '34r9c1'],
  ['that only resembles one', `~@${by}`],
  ['without a room', '~1@'],
  ['without anything', ''],
  ['of a number that has leading zeros', `~01@${by}`],
  ['of a subject', messageId({ by, id: subjectId(1) })],
])('an id %s stands for no origin', (_, id) => {
  expect(originOfId(id)).toBeUndefined();
});
