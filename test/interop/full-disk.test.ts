import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { errorCondition } from '../../src/stanza/errors.ts';
import { element } from '../../src/xml/element.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway, messageOf } from '../support/gateway.ts';
import type { Person } from '../support/person.ts';
import { requires } from '../support/requires.ts';
import { said } from '../support/stanzas.ts';

const ROOM = 'elsinore@rooms.denmark.test';
const BUNDLE = fileURLToPath(new URL('../../dist/fmucd.cjs', import.meta.url));

/** Among the problems of a gateway whose disk is full. */
const FULL: unknown = expect.stringMatching(
  /^no space left for \S+: free some; the gateway goes on by itself once there is$/,
);

/** Until the disk takes no more. */
const FILL = (folder: string): string => `cat /dev/zero > ${folder}/fill 2> /dev/null`;

afterEach(endAll);

interface OnSmallDisk {
  readonly gateway: Gateway;
  readonly data: string;
}

/** The program on a file system of 600 kB, which only it sees, after those commands; ready or not. */
function run(server: ComponentServer, folder: string, ...before: readonly string[]): OnSmallDisk {
  const commands = `mount -t tmpfs -o size=600k fmucd ${folder} && { ${[...before, 'exec "$0" "$@"'].join('; ')}; }`;
  const onSmallDisk = ['-rm', 'sh', '-c', commands];
  const gateway = Gateway.run(fileFor(server, folder), ['unshare', ...onSmallDisk, process.execPath, BUNDLE]);
  return { gateway, data: `/proc/${gateway.pid}/root${folder}` };
}

function fileFor({ port, secret }: ComponentServer, folder: string): string {
  return `[gateway]\ndomain = "rooms.denmark.test"\ndata = "${folder}"\ncontrol = "control"\n
    [component]\nport = ${port}\nsecret = "${secret}"\n[[room]]\nname = "elsinore"\n`;
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
    const { gateway, data } = run(server, temporaryFolder());
    await gateway.ready();
    const hamlet = server.user('hamlet@denmark.test/castle');
    await hamlet.join(ROOM, 'Hamlet');
    await hamlet.say(ROOM, 'before');
    await hamlet.expect('his words', said(ROOM, 'Hamlet', 'before'));

    expect(() => writeFileSync(`${data}/fill`, Buffer.alloc(600_000))).toThrow('ENOSPC');
    expect(await refusedWith(hamlet, 'x'.repeat(8000))).toBe('resource-constraint');
    await gateway.log.expect('to say so', (line) => line.includes('no space left for'));
    expect((await gateway.status()).problems).toContainEqual(FULL);
    const ophelia = server.user('ophelia@denmark.test/brook');
    await ophelia.join(ROOM, 'Ophelia');

    rmSync(`${data}/fill`);
    expect((await gateway.status()).problems).not.toContainEqual(FULL);
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

  it('at the start, with a store: it is ready, shows what it has, refuses what is said, and goes on once there is space', async () => {
    const server = await ComponentServer.start('s3cret');
    const folder = temporaryFolder();
    const earlier = await Gateway.start(fileFor(server, folder));
    const hamlet = server.user('hamlet@denmark.test/castle');
    await hamlet.join(ROOM, 'Hamlet');
    await hamlet.say(ROOM, 'before');
    await hamlet.expect('his words', said(ROOM, 'Hamlet', 'before'));
    await earlier.kill('SIGKILL');

    const store = temporaryFolder();
    cpSync(folder, store, { recursive: true });
    const { gateway, data } = run(server, folder, `cp ${store}/* ${folder}`, FILL(folder));
    await gateway.ready();
    expect((await gateway.status()).problems).toContainEqual(FULL);
    const ophelia = server.user('ophelia@denmark.test/brook');
    await ophelia.join(ROOM, 'Ophelia');
    await ophelia.expect('what was said', (stanza) => stanza.getChildText('body') === 'before');
    expect(await refusedWith(ophelia, 'x'.repeat(8000))).toBe('resource-constraint');

    rmSync(`${data}/fill`);
    await ophelia.say(ROOM, 'after');
    await ophelia.expect('her words', said(ROOM, 'Ophelia', 'after'));
    expect((await gateway.status()).problems).not.toContainEqual(FULL);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });

  it('at the start, without a store: status says so until there is space, and then it is ready', async () => {
    const server = await ComponentServer.start('s3cret');
    const folder = temporaryFolder();
    const { gateway, data } = run(server, folder, FILL(folder));
    await gateway.log.expect('to say so', (line) => line.includes('no space left for'));
    const { problems, rooms } = await gateway.status();
    expect([problems[0], rooms]).toEqual([FULL, []]);
    const fetch = gateway.command('fetch', ROOM);
    await fetch.lines.expect('why not', (line) => line.includes('no space left for'));
    expect(gateway.log.all().map(messageOf)).not.toContain('ready');

    rmSync(`${data}/fill`);
    await gateway.ready();
    const hamlet = server.user('hamlet@denmark.test/castle');
    await hamlet.join(ROOM, 'Hamlet');
    await hamlet.say(ROOM, 'after');
    await hamlet.expect('his words', said(ROOM, 'Hamlet', 'after'));
    expect((await gateway.status()).problems).not.toContainEqual(FULL);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });

  it('at the start, for good: it ends in order all the same', async () => {
    const server = await ComponentServer.start('s3cret');
    const folder = temporaryFolder();
    const { gateway } = run(server, folder, FILL(folder));
    await gateway.log.expect('to say so', (line) => line.includes('no space left for'));
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });

  it('or read-only, at the start: status says what to do, and it ends in order', async () => {
    const server = await ComponentServer.start('s3cret');
    const folder = temporaryFolder();
    const { gateway } = run(server, folder, `mount -o remount,ro ${folder}`);
    await gateway.log.expect('to say so', (line) => messageOf(line) === 'store failed');
    expect((await gateway.status()).problems).toContainEqual(
      expect.stringContaining("can't be written: mount its file system read-write"),
    );
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});
