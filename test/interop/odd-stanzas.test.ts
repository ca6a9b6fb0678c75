import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import { OddStanzas } from '../support/odd-stanzas.ts';
import type { Person } from '../support/person.ts';
import { said } from '../support/stanzas.ts';

/* What no client should send, through the built program and into its store. In virtual time there are far more of them. */

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const STANZAS = 1500;
const domain = 'denmark.test';
const coven = `coven@rooms.${domain}`;
const quiet = `quiet@rooms.${domain}`;

let server: ComponentServer;
let gateway: Gateway;
let hag: Person;
let crone: Person;
let ophelia: Person;

beforeAll(async () => {
  server = await ComponentServer.start(SECRET);
  gateway = await Gateway.start(gatewayOf(domain, server));
  await server.handshake('accepted');
  [hag, crone, ophelia] = ['hag/pda', 'crone/desktop', 'ophelia/brook'].map((name) =>
    server.user(name.replace('/', `@${domain}/`)),
  ) as [Person, Person, Person];
  for (const [person, room] of [
    [crone, coven],
    [ophelia, quiet],
  ] as const) {
    await person.join(room, 'owner');
    await person.request(room, 'set', persistent());
  }
  await hag.join(coven, 'hag');
  await ophelia.say(quiet, 'There is rosemary');
});
afterAll(endAll);

function persistent(): ReturnType<typeof element> {
  const field = (name: string, value: string) => element('field', { var: name }, element('value', {}, value));
  const fields = [field('FORM_TYPE', NS.mucRoomConfig), field('muc#roomconfig_persistentroom', '1')];
  return element('query', { xmlns: NS.mucOwner }, element('x', { xmlns: NS.dataForms, type: 'submit' }, ...fields));
}

it('odd stanzas harm neither the program nor another room, and leave a store that can be read', async () => {
  const targets = {
    senders: [hag, hag, crone].map(({ jid }) => jid),
    service: `rooms.${domain}`,
    rooms: [coven],
    nicks: ['hag', 'owner', 'nobody'],
  };
  for (const stanza of new OddStanzas(7, targets).take(STANZAS)) server.stream.send(stanza);
  await ophelia.request(`rooms.${domain}`, 'get', element('ping', { xmlns: NS.ping }));
  for (const person of [hag, crone])
    expect(person.collected().filter((stanza) => String(stanza).includes('internal-server-error'))).toEqual([]);
  await ophelia.say(quiet, 'and there is pansies');
  await ophelia.expect('her own words', said(quiet, 'owner', 'and there is pansies'));
  expect(faults()).toEqual([]);

  await gateway.restart('SIGKILL');
  await server.handshake('accepted');
  await ophelia.join(quiet, 'owner');
  const { output } = await gateway.toEnd('history', 'quiet', '--json');
  expect(output.join('\n')).toContain('There is rosemary');
  expect((await gateway.status()).rooms.map(({ jid }) => jid)).toContain(quiet);
  expect(faults()).toEqual([]);
});

/** What the present process has logged of faults, or of a store that was damaged. */
function faults(): readonly string[] {
  return gateway.log.all().filter((line) => line.includes('level=error'));
}
