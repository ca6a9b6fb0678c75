import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Inbox } from './inbox.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const words = (...items: readonly string[]): Inbox<string> => {
  const inbox = new Inbox<string>('hamlet', (item) => item);
  for (const item of items) inbox.add(item);
  return inbox;
};

it('an item answers one expectation, and the first that waits for it', async () => {
  const inbox = words('words', 'words');
  const isWords = (item: string) => item === 'words';
  await inbox.expect('words', isWords);
  await inbox.expect('more words', isWords);
  const third = inbox.expect('words again', isWords);
  const fourth = inbox.expect('words for ever', isWords, 50);
  inbox.add('words');
  await expect(third).resolves.toBe('words');
  vi.advanceTimersByTime(50);
  await expect(fourth).rejects.toThrow('expected words for ever');
  expect(inbox.all()).toEqual(['words', 'words', 'words']);
});

it('a failure shows everything received, and what of it was expected', async () => {
  const inbox = words('to be', 'or not to be');
  await inbox.expect('an alternative', (item) => item.startsWith('or'));
  const failing = inbox.expect('an answer', () => false, 3000);
  vi.advanceTimersByTime(2999);
  inbox.add('that is the question');
  vi.advanceTimersByTime(1);
  await expect(failing).rejects.toThrow(
    'hamlet expected an answer: nothing within 3000 ms. Received:\n    to be\n  ✓ or not to be\n    that is the question',
  );
});

it('when nothing more can come, what is expected fails at once', async () => {
  const inbox = words();
  const waiting = inbox.expect('an answer', () => true);
  inbox.close('he is dead');
  await expect(waiting).rejects.toThrow('hamlet expected an answer: he is dead. Received:\n  nothing');
  await expect(inbox.expect('a word', () => true)).rejects.toThrow('he is dead');
});
