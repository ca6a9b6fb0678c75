import { afterEach, expect, it } from 'vitest';
import { Client } from './client.ts';
import { endAll } from './ending.ts';
import { Prosody } from './prosody.ts';
import { requires } from './requires.ts';
import { gone, hasStatus, present, said, saidBefore, subject, whispered } from './stanzas.ts';

/** The conversation that the suites expect of the gateway, held in a room of Prosody's own. */
requires('prosody')('people in a room of Prosody', () => {
  afterEach(endAll);

  it('two servers at once, each with a conversation', async () => {
    await Promise.all([
      expectConversation('denmark.test', '127.0.0.2'),
      expectConversation('wonderland.test', '127.0.0.3'),
    ]);
  });
});

async function expectConversation(domain: string, address: string): Promise<void> {
  const muc = `rooms.${domain}`;
  const server = await Prosody.start({ domain, address, users: ['alice', 'hamlet'], muc });
  const alice = await Client.connect(server, 'alice', 'garden');
  const hamlet = await Client.connect(server, 'hamlet', 'castle');
  expect(hamlet.jid).toBe(`hamlet@${domain}/castle`);

  const room = `hall@${muc}`;
  expect(hasStatus(await alice.join(room, 'Alice'), 201)).toBe(true);
  await alice.acceptDefaults(room);
  await alice.expect('an empty subject', subject(room, ''));
  await alice.say(room, 'Anybody here?');
  await alice.expect('her own words', said(room, 'Alice', 'Anybody here?'));

  await hamlet.join(room, 'Hamlet');
  await hamlet.expect('Alice', present(room, 'Alice', { role: 'moderator', affiliation: 'owner' }));
  await hamlet.expect('the history', saidBefore(room, 'Alice', 'Anybody here?'));
  await alice.expect('Hamlet', present(room, 'Hamlet', { role: 'participant' }));

  await hamlet.whisper(room, 'Alice', 'A word in private');
  await alice.expect('the private message', whispered(room, 'Hamlet', 'A word in private'));
  await alice.changeSubject(room, 'Of cabbages');
  await hamlet.expect('the subject', subject(room, 'Of cabbages'));

  await hamlet.nick(room, 'Prince');
  await alice.expect('the old nick to go', gone(room, 'Hamlet', { nick: 'Prince', status: [303] }));
  await alice.expect('the new one', present(room, 'Prince'));

  expect((await alice.setRole(room, 'Prince', 'none', 'To England')).attrs['type']).toBe('result');
  await hamlet.expect('to be kicked', gone(room, 'Prince', { role: 'none', reason: 'To England', status: [307, 110] }));
  await alice.leave(room);
  expect(alice.collected().filter(said(room, 'Alice', 'Anybody here?'))).toHaveLength(1);
}
