import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { Client } from '../support/client.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { endAll } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import { Slixmpp } from '../support/slixmpp.ts';
import { gone, present, said, subject } from '../support/stanzas.ts';

/* What slixmpp's plugins make of a room: they read answers and presence as their authors understand the specifications. */

const domain = 'verona.test';
const service = `rooms.${domain}`;
const room = `orchard@${service}`;
const options = {
  domain,
  address: '127.0.0.1',
  users: ['romeo', 'juliet', 'mercutio'],
  components: { [service]: SECRET },
};

function invitation(stanza: Element): Element | undefined {
  return stanza.getChild('x', NS.mucUser)?.getChild('invite');
}

describe.each([
  ['prosody', (): Promise<Prosody> => Prosody.start(options)],
  ['ejabberd', (): Promise<Ejabberd> => Ejabberd.start(options)],
] as const)('behind %s', (name, start) => {
  requires(name, 'slixmpp')('a client of slixmpp', () => {
    let server: Prosody | Ejabberd;
    let gateway: Gateway;
    let juliet: Slixmpp;
    let romeo: Client;

    beforeAll(async () => {
      server = await start();
      gateway = await Gateway.start(gatewayOf(domain, { address: server.address, port: server.componentPort }));
      juliet = await Slixmpp.connect(server, 'juliet', 'window');
      romeo = await Client.connect(server, 'romeo', 'garden');
    });
    afterAll(endAll);

    it('finds the service and what it can do (XEP-0030)', async () => {
      expect(await juliet.do('info', { jid: service })).toMatchObject({
        identities: [['conference', 'text', null, expect.any(String)]],
        features: expect.arrayContaining(['http://jabber.org/protocol/muc']) as unknown,
      });
    });

    it('makes a room, and configures it through the form that it gets (XEP-0045 §10.1.3)', async () => {
      expect(await juliet.do('join', { room, nick: 'Juliet' })).toEqual({
        nick: 'Juliet',
        codes: expect.arrayContaining([110, 201]) as unknown,
        subject: '',
        occupants: ['Juliet'],
        history: [],
      });
      const wanted = {
        'muc#roomconfig_roomname': 'The orchard',
        'muc#roomconfig_roomdesc': 'Walls are high & hard to climb',
        'muc#roomconfig_persistentroom': true,
        'muc#roomconfig_changesubject': true,
      };
      await juliet.do('configure', { room, fields: wanted });
      expect(await juliet.do('configuration', { room })).toMatchObject(wanted);
      expect(await juliet.do('info', { jid: room })).toMatchObject({
        identities: [['conference', 'text', null, 'The orchard']],
        features: expect.arrayContaining(['muc_persistent', 'muc_public', 'muc_semianonymous', 'muc_open']) as unknown,
      });
      expect(await juliet.do('items', { jid: service })).toContain(room);
    });

    it('is in a room that has others in it, a subject and a history (XEP-0045 §7.1)', async () => {
      await romeo.join(room, 'Romeo');
      await romeo.changeSubject(room, 'Names');
      await romeo.say(room, 'What is in a name?');
      await juliet.expect('his question', said(room, 'Romeo', 'What is in a name?'));
      await juliet.do('leave', { room, nick: 'Juliet' });
      await romeo.expect('Juliet to go', gone(room, 'Juliet'));
      expect(await juliet.do('join', { room, nick: 'Juliet' })).toEqual({
        nick: 'Juliet',
        codes: expect.not.arrayContaining([201]) as unknown,
        subject: 'Names',
        occupants: ['Juliet', 'Romeo'],
        history: ['What is in a name?'],
      });
      expect(await juliet.do('roster', { room })).toEqual(['Juliet', 'Romeo']);
    });

    it('sets the subject (XEP-0045 §8.1)', async () => {
      await juliet.do('subject', { room, subject: 'Roses' });
      await romeo.expect('the subject', subject(room, 'Roses'));
    });

    it('grants and revokes (XEP-0045 §8.3, §9.3, §9.6)', async () => {
      await juliet.do('affiliation', { room, jid: romeo.account, affiliation: 'member' });
      await romeo.expect('to be a member', present(room, 'Romeo', { affiliation: 'member' }));
      expect(await juliet.do('affiliations', { room, affiliation: 'member' })).toEqual([romeo.account]);
      await juliet.do('role', { room, nick: 'Romeo', role: 'moderator' });
      await romeo.expect('to be a moderator', present(room, 'Romeo', { role: 'moderator' }));
      expect(await juliet.do('roles', { room, role: 'moderator' })).toEqual(['Juliet', 'Romeo']);
      await juliet.do('role', { room, nick: 'Romeo', role: 'participant' });
      await romeo.expect('to be none any more', present(room, 'Romeo', { role: 'participant' }));
    });

    it('invites, and is told of a decline (XEP-0045 §7.8.2)', async () => {
      const mercutio = await Slixmpp.connect(server, 'mercutio', 'street');
      await juliet.do('invite', { room, jid: mercutio.account, reason: 'Walls are no bar' });
      const isInvited = (stanza: Element): boolean => invitation(stanza)?.getChildText('reason') === 'Walls are no bar';
      const invited = await mercutio.expect('an invitation', isInvited);
      expect(invited.attrs['from']).toBe(room);
      const jid = String(invitation(invited)?.attrs['from']);
      await mercutio.do('decline', { room, jid, reason: 'I am for you' });
      await juliet.expect('the decline', (stanza) => {
        const decline = stanza.getChild('x', NS.mucUser)?.getChild('decline');
        return decline?.attrs['from'] === mercutio.account && decline.getChildText('reason') === 'I am for you';
      });
      await mercutio.disconnect();
    });

    it('reads the archive page by page (XEP-0313 §4.3)', async () => {
      for (const words of ['One', 'Two', 'Three']) {
        await romeo.say(room, words);
        await juliet.expect('his words', said(room, 'Romeo', words));
      }
      const bodies = (await juliet.do('archive', { room, page: 2 })) as string[];
      expect(bodies.filter((body) => body !== '')).toEqual(['What is in a name?', 'One', 'Two', 'Three']);
    });

    it('asks for voice, and gets it (XEP-0045 §7.13, §8.6)', async () => {
      await juliet.do('configure', { room, fields: { 'muc#roomconfig_moderatedroom': true } });
      const mercutio = await Slixmpp.connect(server, 'mercutio', 'street');
      await mercutio.do('join', { room, nick: 'Mercutio' });
      await mercutio.expect('to have no voice', present(room, 'Mercutio', { role: 'visitor' }));
      await mercutio.do('voice', { room });
      const request = await juliet.expect('his request', (stanza) => stanza.getChild('x', NS.dataForms) !== undefined);
      expect(request.attrs['from']).toBe(room);
      await juliet.do('role', { room, nick: 'Mercutio', role: 'participant' });
      await mercutio.expect('to have voice', present(room, 'Mercutio', { role: 'participant' }));
      await juliet.do('configure', { room, fields: { 'muc#roomconfig_moderatedroom': false } });
      await mercutio.disconnect();
      await juliet.expect('Mercutio to go', gone(room, 'Mercutio'));
    });

    it('asks what the service is (XEP-0092)', async () => {
      expect(await juliet.do('version', { jid: service })).toBe('fmucd');
    });

    it('kicks, bans and lifts the ban (XEP-0045 §8.2, §9.1)', async () => {
      await juliet.do('role', { room, nick: 'Romeo', role: 'none', reason: 'By and by I come' });
      await romeo.expect('to be kicked', gone(room, 'Romeo', { status: [110, 307], reason: 'By and by I come' }));
      await juliet.do('affiliation', { room, jid: romeo.account, affiliation: 'outcast', reason: 'Banished' });
      expect(await juliet.do('affiliations', { room, affiliation: 'outcast' })).toEqual([romeo.account]);
      await expect(romeo.join(room, 'Romeo')).rejects.toThrow('<forbidden');
      await juliet.do('affiliation', { room, jid: romeo.account, affiliation: 'none' });
      expect(await juliet.do('affiliations', { room, affiliation: 'outcast' })).toEqual([]);
    });

    it('is told what it may not do by the condition of its clause', async () => {
      const mercutio = await Slixmpp.connect(server, 'mercutio', 'street');
      await expect(mercutio.do('join', { room, nick: 'Juliet' })).rejects.toThrow('conflict');
      await mercutio.do('join', { room, nick: 'Mercutio' });
      await expect(mercutio.do('role', { room, nick: 'Juliet', role: 'none' })).rejects.toThrow('forbidden');
      await expect(mercutio.do('configuration', { room })).rejects.toThrow('forbidden');
      await expect(mercutio.do('affiliation', { room, jid: mercutio.account, affiliation: 'owner' })).rejects.toThrow(
        'forbidden',
      );
      await expect(mercutio.do('destroy', { room, reason: 'A plague' })).rejects.toThrow('forbidden');
      await expect(juliet.do('affiliation', { room, jid: juliet.account, affiliation: 'outcast' })).rejects.toThrow(
        'conflict',
      );
      await mercutio.disconnect();
      await juliet.expect('Mercutio to go', gone(room, 'Mercutio'));
    });

    it('asks service, room and itself whether they are there (XEP-0199, XEP-0410)', async () => {
      for (const jid of [service, room, `${room}/Juliet`]) await juliet.do('ping', { jid });
      await expect(juliet.do('ping', { jid: `${room}/Romeo` })).rejects.toThrow('item-not-found');
    });

    it('destroys the room (XEP-0045 §10.9)', async () => {
      await juliet.do('destroy', { room, reason: 'The sun, for sorrow, will not show his head' });
      await juliet.expect('the end', gone(room, 'Juliet', { role: 'none' }));
      await expect(juliet.do('info', { jid: room })).rejects.toThrow('item-not-found');
    });

    it('and nothing was a fault', () => {
      expect(gateway.log.all().filter((line) => line.includes('level=error'))).toEqual([]);
    });
  });
});
