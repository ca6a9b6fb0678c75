import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { errorCondition } from '../../src/stanza/errors.ts';
import { element } from '../../src/xml/element.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import type { Person } from '../support/person.ts';
import { requires } from '../support/requires.ts';
import { said } from '../support/stanzas.ts';

const ROOM = 'elsinore@rooms.denmark.test';
const BUNDLE = fileURLToPath(new URL('../../dist/fmucd.cjs', import.meta.url));

afterEach(endAll);

/** The program on a file system of 600 kB, which only it sees. */
async function start(server: ComponentServer): Promise<{ readonly gateway: Gateway; readonly data: string }> {
  const folder = temporaryFolder();
  const onSmallDisk = ['-rm', 'sh', '-c', `mount -t tmpfs -o size=600k fmucd ${folder} && exec "$0" "$@"`];
  const gateway = await Gateway.start(
    `[gateway]\ndomain = "rooms.denmark.test"\ndata = "${folder}"\ncontrol = "control"\n
    [component]\nport = ${server.port}\nsecret = "${server.secret}"\n[[room]]\nname = "elsinore"\n`,
    ['unshare', ...onSmallDisk, process.execPath, BUNDLE],
  );
  return { gateway, data: `/proc/${gateway.pid}/root${folder}` };
}

async function refusedWith(person: Person, body: string): Promise<string | undefined> {
  const message = element('message', { to: ROOM, type: 'groupchat', id: body }, element('body', {}, body));
  await person.send(message);
  const answer = await person.expect('a refusal', (stanza) => stanza.attrs['id'] === body);
  return errorCondition(answer);
}

requires('a file system of its own')('a disk that is full', () => {
  it('refuses what is said, lets people in, and is forgiven as soon as there is space', async () => {
    const server = await ComponentServer.start('s3cret');
    const { gateway, data } = await start(server);
    const hamlet = server.user('hamlet@denmark.test/castle');
    await hamlet.join(ROOM, 'Hamlet');
    await hamlet.say(ROOM, 'before');
    await hamlet.expect('his words', said(ROOM, 'Hamlet', 'before'));

    expect(() => writeFileSync(`${data}/fill`, Buffer.alloc(600_000))).toThrow('ENOSPC');
    expect(await refusedWith(hamlet, 'x'.repeat(8000))).toBe('resource-constraint');
    await gateway.log.expect('to say so', (line) => line.includes('no space left for'));
    const ophelia = server.user('ophelia@denmark.test/brook');
    await ophelia.join(ROOM, 'Ophelia');

    rmSync(`${data}/fill`);
    await hamlet.say(ROOM, 'after');
    await ophelia.expect('his words', said(ROOM, 'Hamlet', 'after'));
    const horatio = server.user('horatio@denmark.test/watch');
    await horatio.join(ROOM, 'Horatio');
    const bodies = async (): Promise<readonly (string | null)[]> => {
      await horatio.expect('the subject', (stanza) => stanza.getChild('subject') !== undefined);
      return horatio.collected().flatMap((stanza) => stanza.getChildText('body') ?? []);
    };
    expect(await bodies()).toEqual(['before', 'after']);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});
