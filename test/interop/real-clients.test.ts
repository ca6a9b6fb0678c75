import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { Client } from '../support/client.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { endAll } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import type { Person } from '../support/person.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import { Slixmpp } from '../support/slixmpp.ts';
import { gone, hasBody, present, said, saidBefore, subject, whispered } from '../support/stanzas.ts';

/* Real clients in rooms of the gateway, which a real server hosts as its component (XEP-0114). */

const domain = 'verona.test';
const service = `rooms.${domain}`;
const options = {
  domain,
  address: '127.0.0.1',
  users: ['romeo', 'juliet', 'mercutio'],
  components: { [service]: SECRET },
};

type Connected = Person & { cut(): Promise<void>; disconnect(): Promise<void> };
type Connect = (server: Prosody | Ejabberd, username: string, resource: string) => Promise<Connected>;

const connectors: Readonly<Record<string, Connect>> = {
  '@xmpp/client': (...account) => Client.connect(...account),
  slixmpp: (...account) => Slixmpp.connect(...account),
};

const servers = [
  ['prosody', (): Promise<Prosody> => Prosody.start(options)],
  ['ejabberd', (): Promise<Ejabberd> => Ejabberd.start(options)],
] as const;

/** Whether somebody is in the room, as XEP-0410 §3 has a client ask. */
async function selfPing(person: Person, room: string, nick: string): Promise<string> {
  const answer = await person.request(`${room}/${nick}`, 'get', element('ping', { xmlns: NS.ping }));
  const condition = answer.getChild('error')?.children.find((child) => typeof child !== 'string');
  return condition === undefined ? 'in' : condition.name;
}

function gatewayFile(server: Prosody | Ejabberd): string {
  return gatewayOf(domain, { address: server.address, port: server.componentPort });
}

describe.each(servers)('behind %s', (name, start) => {
  requires(name, 'slixmpp')('users with clients of two kinds', () => {
    let server: Prosody | Ejabberd;
    let gateway: Gateway;

    beforeAll(async () => {
      server = await start();
      gateway = await Gateway.start(gatewayFile(server));
    });
    afterAll(endAll);

    describe.each([
      ['@xmpp/client', 'slixmpp'],
      ['slixmpp', '@xmpp/client'],
    ] as const)('%s and %s', (one, other) => {
      const room = `balcony-of-${one.replace(/\W/g, '')}@${service}`;
      let romeo: Connected;
      let juliet: Connected;

      beforeAll(async () => {
        romeo = await (connectors[one] as Connect)(server, 'romeo', 'garden');
        juliet = await (connectors[other] as Connect)(server, 'juliet', 'window');
      });
      afterAll(async () => {
        await romeo.disconnect();
        await juliet.disconnect();
      });

      it('come in, and see each other', async () => {
        await romeo.join(room, 'Romeo');
        await romeo.acceptDefaults(room);
        await juliet.join(room, 'Juliet');
        await romeo.expect('Juliet', present(room, 'Juliet', { role: 'participant', affiliation: 'none' }));
        await juliet.expect('Romeo', present(room, 'Romeo', { role: 'moderator', affiliation: 'owner' }));
      });

      it('talk', async () => {
        for (const [speaker, nick, listener] of [
          [romeo, 'Romeo', juliet],
          [juliet, 'Juliet', romeo],
        ] as const) {
          await speaker.say(room, `I am ${nick} & none else: ‘é😀’`);
          await listener.expect('the words', said(room, nick, `I am ${nick} & none else: ‘é😀’`));
          await speaker.expect('their own words', said(room, nick, `I am ${nick} & none else: ‘é😀’`));
        }
      });

      it('whisper', async () => {
        await juliet.whisper(room, 'Romeo', 'Sweet, so would I');
        await romeo.expect('the whisper', whispered(room, 'Juliet', 'Sweet, so would I'));
      });

      it('set the subject', async () => {
        await romeo.changeSubject(room, 'Names');
        await juliet.expect('the subject', subject(room, 'Names'));
      });

      it('take other nicks', async () => {
        await juliet.nick(room, 'Capulet');
        await romeo.expect('Juliet to go', gone(room, 'Juliet', { nick: 'Capulet', status: [303] }));
        await romeo.expect('Capulet', present(room, 'Capulet'));
      });

      it('are kicked, see by asking that they are out, and find the history when they are back', async () => {
        await romeo.setRole(room, 'Capulet', 'none', 'The orchard walls are high');
        const kicked = { role: 'none', reason: 'The orchard walls are high', status: [307] };
        await juliet.expect('to be kicked', gone(room, 'Capulet', { ...kicked, status: [110, 307] }));
        await romeo.expect('Capulet to go', gone(room, 'Capulet', kicked));
        expect(await selfPing(juliet, room, 'Capulet')).toBe('not-acceptable');
        await juliet.join(room, 'Juliet');
        await juliet.expect('what was said', saidBefore(room, 'Romeo', 'I am Romeo & none else: ‘é😀’'));
        expect(await selfPing(juliet, room, 'Juliet')).toBe('in');
        await romeo.expect('Juliet', present(room, 'Juliet'));
      });

      it('leave when their stream is cut, and come back over another one', async () => {
        await juliet.cut();
        await romeo.expect('Juliet to go', gone(room, 'Juliet'));
        juliet = await (connectors[other] as Connect)(server, 'juliet', 'window');
        expect(await selfPing(juliet, room, 'Juliet')).toBe('not-acceptable');
        await juliet.join(room, 'Juliet');
        await romeo.expect('Juliet', present(room, 'Juliet'));
      });

      it('are out once the gateway was killed, and in again after they have asked and joined', async () => {
        await gateway.restart('SIGKILL');
        expect(await selfPing(romeo, room, 'Romeo')).toMatch(/not-acceptable|item-not-found/);
        await romeo.join(room, 'Romeo');
        await romeo.acceptDefaults(room);
        await juliet.join(room, 'Juliet');
        expect(await selfPing(romeo, room, 'Romeo')).toBe('in');
        await juliet.say(room, 'Here again');
        await romeo.expect('her words', hasBody('Here again'));
      });

      it('and nothing was a fault', () => {
        expect(gateway.log.all().filter((line) => line.includes('level=error'))).toEqual([]);
      });
    });

    it('are known to be gone once their server was killed, when somebody speaks to them', async () => {
      const room = `tomb@${service}`;
      const [first, second] = await Promise.all([
        Client.connect(server, 'romeo', 'garden'),
        Slixmpp.connect(server, 'juliet', 'window'),
      ]);
      await first.join(room, 'Romeo');
      await first.acceptDefaults(room);
      await second.join(room, 'Juliet');
      await server.restart('SIGKILL');
      const back = await Client.connect(server, 'romeo', 'elsewhere');
      await expect.poll(async () => (await gateway.status()).component?.state, { timeout: 30_000 }).toBe('up');
      await back.join(room, 'Romeo');
      await back.expect('the ghost of Juliet', present(room, 'Juliet'));
      await back.say(room, 'Is anybody here?');
      await back.expect('the ghost to go', gone(room, 'Juliet', { status: [333] }));
      await back.expect('his own words', said(room, 'Romeo', 'Is anybody here?'));
      await back.disconnect();
    });
  });
});
