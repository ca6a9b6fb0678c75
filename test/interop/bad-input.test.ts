import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { ComponentServer } from '../support/component-server.ts';
import { DirectPeer } from '../support/direct-peer.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway, messageOf, runToEnd, writeConfiguration } from '../support/gateway.ts';
import type { Person } from '../support/person.ts';
import { freePort } from '../support/ports.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import { present, said } from '../support/stanzas.ts';

const rabbithole = 'rabbithole@rooms.wonderland.test';

describe('a wrong component secret', () => {
  afterEach(endAll);

  it('is told in one line, in the words of the server, and tried again', async () => {
    const server = await ComponentServer.start('the right one');
    const gateway = await Gateway.start(wonderland({ port: server.port, secret: 'the wrong one' }));
    await server.handshake('refused');
    await gateway.log.expect('the words of the server', (line) => line.includes('Wrong secret'));

    server.secret = 'the wrong one';
    await server.handshake('accepted');
    const alice = server.user('alice@wonderland.test/garden');
    await alice.join(rabbithole, 'Alice');
    expect(warnings(gateway)).toEqual([expect.stringContaining('not-authorized: Wrong secret')]);
  });

  requires('prosody')('for a Prosody', () => {
    it('is told in the words of Prosody', async () => {
      const server = await Prosody.start({
        domain: 'wonderland.test',
        address: '127.0.0.2',
        users: [],
        components: { 'rooms.wonderland.test': 'the right one' },
      });
      const options = { host: server.address, port: server.componentPort, secret: 'the wrong one' };
      const gateway = await Gateway.start(wonderland(options));
      await gateway.log.expect('the words of Prosody', (line) => line.includes('Given token does not match'));
      expect(warnings(gateway)).toHaveLength(1);
      expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    });
  });
});

/** Elsinore's gateway and a third one are scripted; rabbithole's is the program. */
describe('at the links', () => {
  let server: ComponentServer;
  let gateway: Gateway;
  let alice: Person;
  let oz: DirectPeer;
  let danishPort: number;

  beforeAll(async () => {
    server = await ComponentServer.start('s3cret');
    danishPort = await freePort('127.0.0.1');
    const ozPort = await freePort('127.0.0.1');
    const links = [link('denmark.test', danishPort), link('oz.test', ozPort)];
    gateway = await Gateway.start(wonderland({ port: server.port, secret: 's3cret' }, ...links));
    await server.handshake('accepted');
    alice = server.user('alice@wonderland.test/garden');
    await alice.join(rabbithole, 'Alice');
    oz = await DirectPeer.dial(ozPort);
    oz.send(joinAs('dorothy@oz.test/farm', 'kansas@rooms.oz.test/Dorothy'));
    await oz.expect('Alice', present(rabbithole, 'Alice'));
    await alice.expect('Dorothy', present(rabbithole, 'Dorothy'));
  });
  afterEach(async () => {
    const words = `Still here after ${expect.getState().currentTestName}`;
    await alice.say(rabbithole, words);
    await alice.expect('her own words', said(rabbithole, 'Alice', words));
    await oz.expect('her words', said(rabbithole, 'Alice', words));
  });
  afterAll(endAll);

  it('an address that no [[link]] names is refused, and logged once a minute at most', async () => {
    for (let attempt = 0; attempt < 3; attempt++) {
      const stranger = await DirectPeer.dial(danishPort, '127.0.0.9');
      stranger.send(joinAs('hamlet@denmark.test/castle', 'elsinore@rooms.denmark.test/Hamlet'));
      await stranger.stream.closed;
      expect(stranger.collected()).toEqual([]);
    }
    await gateway.log.expect('a word about the stranger', (line) => line.includes('127.0.0.9'));
    expect(gateway.log.all().filter((line) => line.includes('127.0.0.9'))).toHaveLength(1);
  });

  it.each([
    ['a start tag inside the name of another', '<message <body/>', 'not-well-formed'],
    ['end tags in the wrong order', '<message><body></message></body>', 'not-well-formed'],
    ['an attribute twice', "<message to='a@b' to='c@d'/>", 'not-well-formed'],
    [
      'bytes that are no UTF-8',
      Buffer.from('<message><body>\xff\xfe</body></message>', 'latin1'),
      'unsupported-encoding',
    ],
    ['a comment', '<message><!-- psst --></message>', 'restricted-xml'],
    ['a processing instruction', '<message><?php ?></message>', 'restricted-xml'],
    ['a document type', '<!DOCTYPE message [<!ENTITY lol "lol">]><message/>', 'restricted-xml'],
    ['an entity beyond the predefined', '<message><body>&nbsp;</body></message>', 'restricted-xml'],
    ['an undeclared prefix', '<message><x:body/></message>', 'not-well-formed'],
    ['a stanza without end', `<message><body>${'x'.repeat(1_000_000)}`, 'policy-violation'],
    ['elements without end', '<x>'.repeat(1000), 'policy-violation'],
  ])('%s ends that stream, with the error, and nothing else (RFC 6120 §11, §4.9)', async (_, bytes, condition) => {
    const peer = await DirectPeer.dial(danishPort);
    peer.send(joinAs('hamlet@denmark.test/castle', 'elsinore@rooms.denmark.test/Hamlet'));
    await peer.expect('to be joined', present(rabbithole, 'Alice'));
    peer.stream.sendRaw(bytes);
    const error = await peer.expect('a stream error', (stanza) => stanza.is('error', NS.streams));
    expect(String(error)).toContain(`<${condition} `);
    await peer.stream.closed;
    expect(peer.stream.received).toMatch(/<\/stream:stream>$/);
  });

  it('a stanza from a domain that is not of its link goes nowhere, is logged once, and the stream goes on', async () => {
    const peer = await DirectPeer.dial(danishPort);
    for (const nick of ['Toto', 'Tin Man', 'Lion'])
      peer.send(joinAs('wizard@oz.test/smoke', `kansas@rooms.oz.test/${nick}`));
    peer.send(joinAs('hamlet@denmark.test/castle', 'elsinore@rooms.denmark.test/Hamlet'));
    await peer.expect('to be joined', present(rabbithole, 'Alice'));
    expect(alice.collected().filter(present(rabbithole, 'Toto'))).toEqual([]);
    expect(gateway.log.all().filter((line) => messageOf(line) === 'stanza refused')).toHaveLength(1);
  });

  it('malformed XML from the server ends the component stream alone, which is opened again', async () => {
    server.stream.sendRaw('<message><!-- psst --></message>');
    await server.stream.closed;
    expect(server.stream.received).toContain('<restricted-xml ');
    await server.handshake('accepted');
  });
});

describe('what keeps the gateway from starting is said, and it ends with status 1', () => {
  afterEach(endAll);
  const plain = wonderland({ port: 5347, secret: 's3cret' });

  it('a store that cannot be opened, in one line', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'data'), 'a file where the directory should be');
    const { code, output } = await runToEnd(['run', '-c', writeConfiguration(folder, plain)]);
    expect(output).toEqual([expect.stringContaining(join(folder, 'data'))]);
    expect(code).toBe(1);
  });

  it("another program's database in the store's place, in one line", async () => {
    const gateway = Gateway.run(plain);
    await gateway.ready();
    await gateway.stop();
    const store = join(gateway.folder, 'data', 'fmucd.db');
    const theirs = new SQLite(store);
    theirs.pragma('application_id = 1');
    theirs.close();
    const { code, output } = await runToEnd(['run', '-c', gateway.file]);
    expect(output).toEqual([expect.stringContaining(`${store} isn't a store of fmucd`)]);
    expect(code).toBe(1);
  });

  it('faults in the file, each with its place', async () => {
    const folder = temporaryFolder();
    const file = writeConfiguration(
      folder,
      '[gateway]\ndomian = "rooms.test"\n[component]\nport = "many"\nsecret = "x"\n',
    );
    const { code, output } = await runToEnd(['run', '-c', file]);
    expect(output).toContainEqual(expect.stringMatching(/fmucd\.toml:2:1: .*domian.*domain/));
    expect(output).toContainEqual(expect.stringMatching(/fmucd\.toml:4:8: .*port/));
    for (const line of output) expect(line).toMatch(/fmucd\.toml:\d+:\d+: /);
    expect(code).toBe(1);
  });

  it('a secret that others could read', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'fmucd.toml');
    writeFileSync(file, plain, { mode: 0o644 });
    const { code, output } = await runToEnd(['run', '-c', file]);
    expect(output).toEqual([expect.stringMatching(/fmucd\.toml:\d+:\d+: .*644/)]);
    expect(code).toBe(1);
  });
});

/** The file of rabbithole's gateway. */
function wonderland(
  { host = '127.0.0.1', port, secret }: { readonly host?: string; readonly port: number; readonly secret: string },
  ...links: readonly string[]
): string {
  return `
    [gateway]
    domain = "rooms.wonderland.test"
    data = "data"
    control = "control.sock"
    local_domains = ["wonderland.test"]
    [component]
    host = "${host}"
    port = ${port}
    secret = "${secret}"
    ${links.join('\n')}
    [[room]]
    name = "rabbithole"
    accept = ["*"]
  `;
}

function link(domain: string, port: number): string {
  return `
    [[link]]
    peer = "rooms.${domain}"
    domains = ["${domain}"]
    transport = "direct"
    listen = "127.0.0.1:${port}"
    from = ["127.0.0.1"]
    compression = false
    coalesce = 0
    dialect = "xep"
  `;
}

/** The join of somebody by their node, as a plain XEP-0289 node sends it (§5.1). */
function joinAs(user: string, occupant: string): Element {
  return element(
    'presence',
    { from: occupant, to: `${rabbithole}/${occupant.replace(/.*\//, '')}` },
    element('fmuc', { xmlns: NS.fmuc, from: user }),
    element('x', { xmlns: NS.muc }),
    element('x', { xmlns: NS.mucUser }, element('item', { affiliation: 'none', role: 'participant', jid: user })),
  );
}

/** The log's lines at a level that an operator should look at. */
function warnings(gateway: Gateway): string[] {
  return gateway.log.all().filter((line) => /\blevel=(warn|error)\b/.test(line));
}
