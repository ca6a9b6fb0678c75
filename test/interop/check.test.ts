import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ejabberd } from '../support/ejabberd.ts';
import { atEnd, endAll, temporaryFolder } from '../support/ending.ts';
import type { ForeignServer } from '../support/foreign-server.ts';
import { bundle, Gateway, runToEnd, writeConfiguration } from '../support/gateway.ts';
import { freePort, listen } from '../support/ports.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';

/* `fmucd check`, the program: what it says of XMPP servers, and that it leaves a gateway alone. */

const domain = 'rooms.denmark.test';

afterAll(endAll);

function fileFor(host: string, port: number, secret = 's3cret'): string {
  return `[gateway]
domain = "${domain}"
data = "data"
control = "control.sock"
[component]
host = "${host}"
port = ${port}
secret = "${secret}"
`;
}

async function check(text: string) {
  const file = writeConfiguration(temporaryFolder(), text);
  const { code, output } = await runToEnd(['check', '-c', file], bundle);
  return { code, output: output.map((line) => line.replaceAll(file, 'fmucd.toml')) };
}

/** The line about the component, whether it is well or not. */
async function said(host: string, port: number, secret?: string): Promise<[number | null, string | undefined]> {
  const { code, output } = await check(fileFor(host, port, secret));
  return [code, output.find((line) => /:\d+:\d+: |^ {2}component/.test(line))];
}

const servers: readonly ['prosody' | 'ejabberd', () => Promise<ForeignServer>][] = [
  [
    'prosody',
    () =>
      Prosody.start({ domain: 'denmark.test', address: '127.0.40.1', users: [], components: { [domain]: 's3cret' } }),
  ],
  [
    'ejabberd',
    () =>
      Ejabberd.start({ domain: 'denmark.test', address: '127.0.40.2', users: [], components: { [domain]: 's3cret' } }),
  ],
];

for (const [name, start] of servers)
  requires(name)(`of ${name}`, () => {
    let server: ForeignServer;
    beforeAll(async () => {
      server = await start();
    });

    it('that it accepts the secret', async () => {
      const [code, line] = await said(server.address, server.componentPort);
      expect([code, line]).toEqual([0, `  component ${server.address}:${server.componentPort}  accepts the secret`]);
    });

    it('that it refuses another secret', async () => {
      expect(await said(server.address, server.componentPort, 'wrong')).toEqual([
        1,
        `fmucd.toml:8:10: the server at ${server.address}:${server.componentPort} refuses the secret (the one that it has for ${domain}, if it has that name at all)`,
      ]);
    });

    it('that it does not know another domain, or takes the secret for wrong', async () => {
      const { address, componentPort } = server;
      const { code, output } = await check(fileFor(address, componentPort).replace(domain, 'rooms.elsewhere.test'));
      const elsewhere = 'rooms.elsewhere.test';
      expect([code, output[0]]).toEqual([
        1,
        name === 'prosody'
          ? `fmucd.toml:5:1: the server at ${address}:${componentPort} doesn't know a component ${elsewhere} (the domain that it has, or add it there)`
          : `fmucd.toml:8:10: the server at ${address}:${componentPort} refuses the secret (the one that it has for ${elsewhere}, if it has that name at all)`,
      ]);
    });

    it('whether a gateway with another file is attached in its place, which stays so', async () => {
      const { address, componentPort } = server;
      const gateway = await Gateway.start(fileFor(address, componentPort));
      const [code, line] = await said(address, componentPort);
      expect([code, line]).toEqual(
        name === 'prosody'
          ? [
              1,
              `fmucd.toml:5:1: the server at ${address}:${componentPort} has a component ${domain} attached already (stop the other one)`,
            ]
          : [0, `  component ${address}:${componentPort}  accepts the secret`],
      );
      expect((await gateway.status()).component).toMatchObject({ state: 'up', error: null });
      await gateway.stop();
    });

    it('that its port for people is none for components', async () => {
      const [code, line] = await said(server.address, server.clientPort);
      expect([code, line]).toEqual([
        1,
        expect.stringMatching(
          new RegExp(
            `^fmucd.toml:7:8: the server at ${server.address}:${server.clientPort} doesn't speak to components`,
          ),
        ),
      ]);
    });

    it('nothing, and tries no secret, where a gateway runs with the file', async () => {
      const gateway = await Gateway.start(fileFor(server.address, server.componentPort));
      const { code, output } = await gateway.toEnd('check');
      expect(code).toBe(0);
      expect(output.join('\n')).toMatch(/^ {2}component 127\S+ +attached (?:just now|\d+ s ago)$/m);
      expect((await gateway.status()).component).toMatchObject({ state: 'up', error: null });
      expect(gateway.log.all().join('\n')).not.toContain('component lost');
      await gateway.stop();
    });
  });

describe('a link', () => {
  it('is not dialled, but a server is', async () => {
    const dialled: string[] = [];
    const place = async (name: string): Promise<string> => {
      const server = createServer((socket) => {
        dialled.push(name);
        socket.destroy();
      });
      atEnd(() => server.close());
      return `127.0.0.1:${await listen(server, '127.0.0.1')}`;
    };
    const { code, output } = await check(`[gateway]
domain = "${domain}"
data = "data"
control = "control.sock"
[s2s]
hosts = { "rooms.france.test" = "${await place('server')}" }
[[link]]
peer = "rooms.wonderland.test"
connect = "${await place('link')}"
`);
    expect([code, dialled]).toEqual([0, ['server']]);
    expect(output.join('\n')).toMatch(/^ {2}link rooms.wonderland.test +127.0.0.1:\d+, from 127.0.0.1; not dialled$/m);
  });

  it('of gateways that run stands as before, whoever checks', async () => {
    const port = await freePort('127.0.0.1');
    const alone = (name: string, peer: string, way: string) => `[gateway]
domain = "rooms.${name}.test"
data = "data"
control = "control.sock"
[[link]]
peer = "rooms.${peer}.test"
${way}
`;
    const waits = alone('wonderland', 'denmark', `listen = "127.0.0.1:${port}"\nfrom = ["127.0.0.1"]`);
    const wonderland = await Gateway.start(waits);
    const denmark = await Gateway.start(alone('denmark', 'wonderland', `connect = "127.0.0.1:${port}"`));
    const up = (line: string) => line.includes('link up');
    await Promise.all([denmark, wonderland].map(({ log }) => log.expect('its link', up)));
    for (const gateway of [denmark, wonderland]) {
      const { code, output } = await gateway.toEnd('check', '--json');
      const { checked } = JSON.parse(output.join('\n')) as { checked: { what: string; result: string }[] };
      expect([code, checked.find(({ what }) => what.startsWith('link '))?.result]).toEqual([
        0,
        expect.stringMatching(/^up, /),
      ]);
    }
    for (const { log } of [denmark, wonderland]) expect(log.all().filter(up)).toHaveLength(1);
    await Promise.all([denmark.stop(), wonderland.stop()]);
  });

  it('is held against the file of the other end', async () => {
    const folder = temporaryFolder();
    const other = join(folder, 'wonderland.toml');
    writeFileSync(other, '[gateway]\ndomain = "rooms.wonderland.test"\n');
    const file = writeConfiguration(
      folder,
      `[gateway]\ndomain = "${domain}"\ndata = "data"\ncontrol = "c"\n[[link]]\npeer = "rooms.wonderland.test"\nconnect = "127.0.0.1:1"\n`,
    );
    const { code, output } = await runToEnd(['check', other, '-c', file], bundle);
    expect([code, output[1]]).toEqual([1, `${file}:6:8: ${other} has no [[link]] to ${domain} (one at both ends)`]);
  });
});

it('a store that another gateway has is said to be in use', async () => {
  const text = `[gateway]\ndomain = "${domain}"\ndata = "data"\ncontrol = "control.sock"\n`;
  const gateway = await Gateway.start(text);
  const file = join(gateway.folder, 'second.toml');
  writeFileSync(file, text.replace('control.sock', 'second.sock'), { mode: 0o600 });
  const { code, output } = await runToEnd(['check', '-c', file], bundle);
  expect([code, output.join('\n')]).toEqual([1, expect.stringContaining(`${file}:3:8: `)]);
  expect(output.join('\n')).toContain('is in use: is the gateway already running?');
  await gateway.stop();
});
