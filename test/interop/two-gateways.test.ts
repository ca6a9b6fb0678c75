import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { Client } from '../support/client.ts';
import { endAll } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import {
  gone,
  isDelayed,
  not,
  present,
  type StanzaTest,
  said,
  saidBefore,
  subject,
  whispered,
} from '../support/stanzas.ts';
import { Tap } from '../support/tap.ts';

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';
const secret = 'in a nutshell';

/**
 * XEP-0289's story, between two Prosodys with a gateway each: elsinore federates with rabbithole over a direct link. The
 * steps are one conversation, in order.
 */
requires('prosody')('two gateways, each a component of a Prosody', () => {
  let denmark: Gateway;
  let wonderland: Gateway;
  let link: Tap;
  let alice: Client;
  let hatter: Client;
  let hamlet: Client;
  let ophelia: Client;

  beforeAll(async () => {
    const [danish, wonderlandish] = await Promise.all([
      Prosody.start({
        domain: 'denmark.test',
        address: '127.0.0.2',
        users: ['hamlet', 'ophelia'],
        components: { 'rooms.denmark.test': secret },
      }),
      Prosody.start({
        domain: 'wonderland.test',
        address: '127.0.0.3',
        users: ['alice', 'hatter'],
        components: { 'rooms.wonderland.test': secret },
      }),
    ]);
    const port = await freePort('127.0.0.1');
    link = await Tap.start(port);
    [denmark, wonderland] = await Promise.all([
      Gateway.start(`
        ${gatewayOf(danish, 'gertrude@denmark.test')}
        ${linkTo('wonderland.test')}
        connect = "127.0.0.1:${link.port}"
        [[room]]
        name = "elsinore"
        federate = "${rabbithole}"
        leave_after = 0
      `),
      Gateway.start(`
        ${gatewayOf(wonderlandish, 'alice@wonderland.test')}
        ${linkTo('denmark.test')}
        listen = "127.0.0.1:${port}"
        from = ["127.0.0.1"]
        [[room]]
        name = "rabbithole"
        accept = ["${elsinore}"]
      `),
    ]);
    [alice, hatter, hamlet, ophelia] = await Promise.all([
      Client.connect(wonderlandish, 'alice', 'garden'),
      Client.connect(wonderlandish, 'hatter', 'party'),
      Client.connect(danish, 'hamlet', 'castle'),
      Client.connect(danish, 'ophelia', 'brook'),
    ]);
  });
  afterAll(endAll);

  it('Alice is alone in rabbithole, says something and sets a subject', async () => {
    await alice.join(rabbithole, 'Alice');
    await alice.expect('no subject yet', subject(rabbithole, ''));
    await alice.say(rabbithole, 'Down, down, down');
    await alice.expect('her own words', said(rabbithole, 'Alice', 'Down, down, down'));
    await alice.changeSubject(rabbithole, 'Cats and bats');
    await alice.expect('her subject', subject(rabbithole, 'Cats and bats'));
  });

  it('Hamlet joins elsinore, which joins rabbithole: each sees the other, history and subject arrive (XEP-0289 §5.1)', async () => {
    await hamlet.join(elsinore, 'Hamlet');
    await hamlet.expect('Alice', present(elsinore, 'Alice', { affiliation: 'owner', role: 'moderator' }));
    await hamlet.expect('the history', saidBefore(elsinore, 'Alice', 'Down, down, down'));
    await hamlet.expect('the subject', subject(elsinore, 'Cats and bats'));
    await alice.expect('Hamlet', present(rabbithole, 'Hamlet', { role: 'participant', jid: hamlet.jid }));
    await expectOccupants({ local: 1, remote: 1 });
  });

  it('they talk, both ways (XEP-0289 §5.2)', async () => {
    await hamlet.say(elsinore, 'Words, words, words');
    await hamlet.expect('his own words', said(elsinore, 'Hamlet', 'Words, words, words'));
    await alice.expect('his words', said(rabbithole, 'Hamlet', 'Words, words, words'));
    await alice.say(rabbithole, 'What do they mean?');
    await alice.expect('her own question', said(rabbithole, 'Alice', 'What do they mean?'));
    await hamlet.expect('her question', said(elsinore, 'Alice', 'What do they mean?'));
  });

  it('Ophelia and Hatter join: all four are in one room (XEP-0289 §5.3)', async () => {
    await ophelia.join(elsinore, 'Ophelia');
    await ophelia.expect('Alice', present(elsinore, 'Alice'));
    await alice.expect('Ophelia', present(rabbithole, 'Ophelia', { jid: ophelia.jid }));
    await hatter.join(rabbithole, 'Hatter');
    await hatter.expect('Hamlet', present(rabbithole, 'Hamlet', { role: 'participant' }));
    await hatter.expect('Ophelia', present(rabbithole, 'Ophelia', { role: 'participant' }));
    for (const dane of [hamlet, ophelia]) await dane.expect('Hatter', present(elsinore, 'Hatter'));
    await expectOccupants({ local: 2, remote: 2 });
  });

  it('a message has the same stamp in the history of both', async () => {
    const isMessage = saidBefore(rabbithole, 'Alice', 'Down, down, down');
    const there = await hatter.expect('the history', isMessage);
    const here = hamlet.collected().find(saidBefore(elsinore, 'Alice', 'Down, down, down'));
    expect(stampOf(here)).toBe(stampOf(there));
  });

  it('Hatter takes another nick, and so does Hamlet (XEP-0045 §7.6)', async () => {
    await hatter.nick(rabbithole, 'Mad Hatter');
    await hamlet.expect('Hatter to change', gone(elsinore, 'Hatter', { nick: 'Mad Hatter', status: [303] }));
    await hamlet.expect('the Mad Hatter', present(elsinore, 'Mad Hatter'));
    await hamlet.nick(elsinore, 'Prince');
    await alice.expect('Hamlet to change', gone(rabbithole, 'Hamlet', { nick: 'Prince', status: [303] }));
    await alice.expect('the Prince', present(rabbithole, 'Prince', { jid: hamlet.jid }));
    await expectOccupants({ local: 2, remote: 2 });
  });

  it('Hatter leaves (XEP-0289 §5.4)', async () => {
    await hatter.leave(rabbithole);
    await hamlet.expect('Hatter to go', gone(elsinore, 'Mad Hatter', { role: 'none' }));
    await expectOccupants({ local: 2, remote: 1 });
  });

  it('a private message reaches whom it is for, and nobody else (XEP-0289 §5.6)', async () => {
    await hamlet.whisper(elsinore, 'Alice', 'Something is rotten');
    await alice.expect('a whisper', whispered(rabbithole, 'Prince', 'Something is rotten'));
    await alice.whisper(rabbithole, 'Prince', 'Curiouser');
    await hamlet.expect('the answer', whispered(elsinore, 'Alice', 'Curiouser'));
  });

  it('Alice changes the subject', async () => {
    await alice.changeSubject(rabbithole, 'Of ravens and writing desks');
    await alice.expect('the subject', subject(rabbithole, 'Of ravens and writing desks'));
    for (const dane of [hamlet, ophelia])
      await dane.expect('the subject', subject(elsinore, 'Of ravens and writing desks'));
  });

  it('Hatter comes back and is kicked by Alice, which elsinore is told (XEP-0045 §8.2)', async () => {
    await hatter.join(rabbithole, 'Hatter');
    await hamlet.expect('Hatter', present(elsinore, 'Hatter'));
    const answer = await alice.setRole(rabbithole, 'Hatter', 'none', 'Murdering the time');
    expect(answer.attrs['type']).toBe('result');
    const kick = { role: 'none', reason: 'Murdering the time', status: [307] };
    await hatter.expect('to be kicked', gone(rabbithole, 'Hatter', { ...kick, status: [307, 110] }));
    for (const dane of [hamlet, ophelia]) await dane.expect('Hatter to go', gone(elsinore, 'Hatter', kick));
    await expectOccupants({ local: 2, remote: 1 });
  });

  it('Ophelia and Hamlet leave: with the last one elsinore parts, and <left/> crosses (XEP-0289 §5.4)', async () => {
    await ophelia.leave(elsinore);
    await alice.expect('Ophelia to go', gone(rabbithole, 'Ophelia', { role: 'none' }));
    await expectOccupants({ local: 1, remote: 1 });
    await hamlet.leave(elsinore);
    await alice.expect('Hamlet to go', gone(rabbithole, 'Prince', { role: 'none' }));
    await link.crossed.expect('<left/>', (stanza) => {
      const { from, to } = stanza.attrs;
      return from === rabbithole && to === elsinore && stanza.getChild('fmuc', NS.fmuc)?.getChild('left') !== undefined;
    });
    await expectOccupants({ local: 0, remote: 0 });
  });

  it('what is said then does not cross, until Hamlet comes back to it', async () => {
    const before = link.crossed.all().length;
    await alice.say(rabbithole, 'Nobody there?');
    await alice.expect('her own words', said(rabbithole, 'Alice', 'Nobody there?'));
    expect(link.crossed.all()).toHaveLength(before);

    await hamlet.join(elsinore, 'Hamlet');
    await hamlet.expect('Alice', present(elsinore, 'Alice'));
    await hamlet.expect('what he missed', saidBefore(elsinore, 'Alice', 'Nobody there?'));
    await alice.expect('Hamlet', present(rabbithole, 'Hamlet'));
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'both gateways end by %s the moment a word is seen, and it stays',
    async (signal) => {
      await alice.say(rabbithole, `Before ${signal}`);
      await alice.expect('her own words', said(rabbithole, 'Alice', `Before ${signal}`));
      await hamlet.expect('her words', said(elsinore, 'Alice', `Before ${signal}`));
      await Promise.all([denmark.restart(signal), wonderland.restart(signal)]);

      await alice.join(rabbithole, 'Alice');
      await alice.expect('the history', saidBefore(rabbithole, 'Alice', `Before ${signal}`));
      await alice.expect('the subject', subject(rabbithole, 'Of ravens and writing desks'));
      await hamlet.join(elsinore, 'Hamlet');
      await hamlet.expect('the history', saidBefore(elsinore, 'Alice', `Before ${signal}`));
      await hamlet.expect('Alice', present(elsinore, 'Alice'));

      await hamlet.say(elsinore, `After ${signal}`);
      await alice.expect('his words', said(rabbithole, 'Hamlet', `After ${signal}`));
      await hamlet.expect('his own words', said(elsinore, 'Hamlet', `After ${signal}`));
      await expectOccupants({ local: 1, remote: 1 });
    },
  );

  const conversation = ['Words, words, words', 'What do they mean?'];
  const beforeTheKick = ['Down, down, down', ...conversation];
  const restarts = ['Before SIGTERM', 'After SIGTERM', 'Before SIGKILL', 'After SIGKILL'];
  const everything = [...beforeTheKick, 'Nobody there?', ...restarts];

  it('everyone heard what was said while they were there, once and in order', () => {
    const heard = (person: Client) => bodies(person.collected(), not(isDelayed));
    expect(heard(alice)).toEqual(everything);
    expect(heard(hamlet)).toEqual([...conversation, ...restarts]);
    expect([...heard(ophelia), ...heard(hatter)]).toEqual([]);
  });

  it('each join brought what had been said until then, once and in order', () => {
    const history = (person: Client) => bodies(person.collected(), isDelayed);
    const untilTerm = everything.slice(0, -3);
    const untilKill = everything.slice(0, -1);
    expect(history(alice)).toEqual([...untilTerm, ...untilKill]);
    expect(history(hamlet)).toEqual([...everything.slice(0, 1), ...everything.slice(0, 4), ...untilTerm, ...untilKill]);
    expect(history(ophelia)).toEqual(beforeTheKick);
    expect(history(hatter)).toEqual([...beforeTheKick, ...beforeTheKick]);
  });

  it('each message crossed the link once while it was new', () => {
    expect(bodies(link.crossed.all(), not(isDelayed))).toEqual([...conversation, ...restarts]);
  });

  it('whispers went to nobody else', () => {
    const whispers = (person: Client) => person.collected().filter(({ attrs }) => attrs['type'] === 'chat');
    expect([alice, hamlet, ophelia, hatter].map((person) => whispers(person).length)).toEqual([1, 1, 0, 0]);
  });

  it('no fmuc payload and nothing of our own namespaces ever reached a client', () => {
    for (const person of [alice, hatter, hamlet, ophelia])
      for (const stanza of person.collected()) expect(String(stanza)).not.toMatch(/isode\.com|urn:fmucd:/);
  });

  it('nothing was an error to anyone', () => {
    for (const person of [alice, hatter, hamlet, ophelia])
      expect(
        person
          .collected()
          .map(String)
          .filter((stanza) => stanza.includes('<error')),
      ).toEqual([]);
    for (const gateway of [denmark, wonderland])
      expect(gateway.log.all().filter((line) => line.includes('level=error'))).toEqual([]);
  });

  it('both gateways end in order while people are in the room', async () => {
    const ends = await Promise.all([denmark.stop(), wonderland.stop()]);
    expect(ends).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
  });

  /** What the gateways say of the room, `local` and `remote` seen from elsinore. */
  async function expectOccupants({
    local,
    remote,
  }: {
    readonly local: number;
    readonly remote: number;
  }): Promise<void> {
    const [here, there] = await Promise.all([denmark.status(), wonderland.status()]);
    expect(here.rooms[0]).toMatchObject({
      jid: elsinore,
      state: local > 0 ? 'joined' : 'local',
      occupants: { local, remote },
    });
    expect(there.rooms[0]).toMatchObject({ jid: rabbithole, occupants: { local: Math.max(remote, 1), remote: local } });
    expect([here.links[0]?.state, there.links[0]?.state]).toEqual(['up', 'up']);
  }
});

/** The part of a gateway's file about itself and the server that it is attached to. */
function gatewayOf({ domain, address, componentPort }: Prosody, admin: string): string {
  return `
    [gateway]
    domain = "rooms.${domain}"
    data = "data"
    control = "control.sock"
    admins = ["${admin}"]
    local_domains = ["${domain}"]
    [component]
    host = "${address}"
    port = ${componentPort}
    secret = "${secret}"
  `;
}

/** A link whose bytes can be read as they cross. */
function linkTo(domain: string): string {
  return `
    [[link]]
    peer = "rooms.${domain}"
    domains = ["${domain}"]
    transport = "direct"
    bandwidth = 0
    compression = false
    presence = "full"
    coalesce = 0
  `;
}

/** The bodies of the messages to everybody among these, oldest first. */
function bodies(stanzas: readonly Element[], fits: StanzaTest): string[] {
  return stanzas
    .filter((stanza) => stanza.attrs['type'] === 'groupchat' && stanza.getChild('body') !== undefined && fits(stanza))
    .map((stanza) => stanza.getChildText('body') ?? '');
}

function stampOf(message: Element | undefined): unknown {
  return message?.getChild('delay', NS.delay)?.attrs['stamp'];
}
