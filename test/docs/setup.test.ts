import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { endAll } from '../support/ending.ts';
import type { ForeignServer } from '../support/foreign-server.ts';
import { Gateway } from '../support/gateway.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import { pageAt } from './pages.ts';

/* The steps of README.md by which a gateway comes to stand behind somebody's server, as they stand there but for ports and folders. */

const readme = pageAt('README.md');
const server = { domain: 'denmark.lit', address: '127.0.0.1', users: ['hamlet'] };
const room = 'castle@rooms.denmark.lit';

/** The only block of a language under a heading. */
function step(section: string, language: string): string {
  const blocks = readme.in(section, language);
  expect(blocks, `${language} under ${section}`).toHaveLength(1);
  return blocks[0] ?? '';
}

/** A part of a file with another port in it. */
function withPort(text: string, port: number): string {
  expect(text).toMatch(/\bport(?:\s*=|:) *5347\b/);
  return text.replace(/\bport(\s*=|:) *5347\b/, `port$1 ${port}`);
}

/** Each server with what the steps have its operator add. */
const servers = {
  prosody: { section: 'Prosody', start: () => Prosody.start({ ...server, added: step('Prosody', 'lua') }) },
  ejabberd: {
    section: 'ejabberd',
    start: () =>
      Ejabberd.start({
        ...server,
        added: (port) => withPort(step('ejabberd', 'yaml').replace(/^listen:\n/, ''), port),
      }),
  },
} satisfies Record<string, { section: string; start: () => Promise<ForeignServer> }>;

afterAll(endAll);

describe.each(Object.entries(servers))('behind %s', (name, { section, start }) => {
  requires(name as keyof typeof servers)('the steps', () => {
    it('lead to a room that somebody joins', async () => {
      const running = await start();
      const file = withPort(step(section, 'toml'), running.componentPort);
      const gateway = Gateway.run(file.replace('[gateway]\n', '[gateway]\ndata = "data"\ncontrol = "control.sock"\n'));
      mkdirSync(join(gateway.folder, 'data'), { recursive: true });
      await gateway.ready();
      await gateway.log.expect('to be attached', (line) => line.includes('msg="component attached"'));

      const { code, output } = await gateway.toEnd('status');
      expect([code, output.join('\n')]).toEqual([
        0,
        expect.stringContaining(`component of 127.0.0.1:${running.componentPort}: up`),
      ]);
      const checked = await gateway.toEnd('check');
      expect([checked.code, checked.output]).toEqual([
        0,
        expect.arrayContaining([expect.stringContaining('fmucd.toml: fine')]),
      ]);

      const hamlet = await Client.connect(running, 'hamlet', 'castle');
      await hamlet.join(room, 'Hamlet');
      await hamlet.acceptDefaults(room);
      expect((await gateway.status()).rooms).toMatchObject([{ jid: room, occupants: { local: 1, remote: 0 } }]);
    });
  });
});
