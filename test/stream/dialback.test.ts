import { expect, test } from 'vitest';
import { dialbackKey, isDialbackKey } from '../../src/stream/dialback.ts';

const secret = Buffer.from('s3cr3tf0rd14lb4ck');
const example = [secret, 'xmpp.example.com', 'example.org', 'D60000229F'] as const;
const key = '37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643';

test('XEP-0185 §3: the key of the example', () => {
  expect(dialbackKey(...example)).toBe(key);
  expect(isDialbackKey(key, ...example)).toBe(true);
});

test('XEP-0185 §2: what a key is made of is told apart', () => {
  const others = [
    dialbackKey(Buffer.from('another'), 'xmpp.example.com', 'example.org', 'D60000229F'),
    dialbackKey(secret, 'example.org', 'xmpp.example.com', 'D60000229F'),
    dialbackKey(secret, 'xmpp.example.com', 'example.or', 'gD60000229F'),
    dialbackKey(secret, 'xmpp.example.com', 'example.org', 'D60000229E'),
  ];
  expect(new Set([key, ...others]).size).toBe(5);
  for (const other of others) expect(isDialbackKey(other, ...example)).toBe(false);
});

test.each([
  ['nothing', ''],
  ['a part of the key', key.slice(0, -1)],
  ['the key and more', `${key}0`],
  ['the key in capitals', key.toUpperCase()],
  ['white space around it', ` ${key}`],
  ['as many characters, of more bytes', 'é'.repeat(64)],
  ['as many bytes', 'é'.repeat(32)],
])('no key: %s', (_, wrong) => expect(isDialbackKey(wrong, ...example)).toBe(false));
