import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { commandFor } from '../../build/tools.mjs';
import packageFile from '../../package.json' with { type: 'json' };
import { alone, build } from '../support/build.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { type Built, Gateway, runToEnd, writeConfiguration } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import { freePort } from '../support/ports.ts';
import { requires } from '../support/requires.ts';
import { bodiesOf, hasBody, present, said, saidBefore } from '../support/stanzas.ts';

/* The executables for ARM, emulated: on a machine of another kind each step takes some ten times as long. */

vi.setConfig({ testTimeout: 120_000 });
/** The first build of a checkout fetches Node and compiles SQLite; what it has made is kept in dist. */
const BUILD_MS = 600_000;
const PATIENCE = 60_000;

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';

/** Builds a target's executable and gives back its path. */
function built(target: string): string {
  const out = temporaryFolder();
  expect(build('--target', target, '--out', out)).toEqual({ status: 0, said: '' });
  return join(out, `fmucd-${target}`);
}

/** What an executable does without a peer. */
function standsAlone(start: () => Built): void {
  it('says its version', async () => {
    expect(await runToEnd(['version'], start())).toEqual({ code: 0, output: [`fmucd ${packageFile.version}`] });
  });

  it('checks a file', async () => {
    const listen = `[s2s]\nlisten = ["127.0.0.1:${await freePort('127.0.0.1')}"]\n`;
    const text = `[gateway]\ndomain = "rooms.denmark.test"\ndata = "data"\ncontrol = "control"\n${listen}`;
    const good = writeConfiguration(temporaryFolder(), text);
    const fine = await runToEnd(['check', '-c', good], start());
    expect([fine.code, fine.output[0]]).toEqual([0, `${good}: fine`]);
    const bad = writeConfiguration(temporaryFolder(), text.replace('domain', 'domian'));
    const { code, output } = await runToEnd(['check', '-c', bad], start());
    expect(code).toBe(1);
    expect(output.join('\n')).toContain(`${bad}:2:1: unknown key "domian"`);
  });

  it('opens a store, within the memory that the file gives it, and stops cleanly', async () => {
    const gateway = await Gateway.start(
      '[gateway]\ndomain = "rooms.denmark.test"\ndata = "data"\ncontrol = "control"\nmemory = 128\n',
      start(),
    );
    await gateway.log.expect('its bounds', (line) => line.includes('msg=memory of_mb=128 '));
    const { domain, certificate } = await gateway.status();
    expect([domain, certificate?.self_signed, certificate?.sha256.length]).toEqual(['rooms.denmark.test', true, 64]);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
}

requires('arm-linux-gnueabihf-g++', 'qemu-arm-static')('the executable for ARMv7', () => {
  let file: string;
  let program: Built;
  beforeAll(() => {
    file = built('linux-armv7l');
    program = alone(...commandFor('linux-armv7l', file));
  }, BUILD_MS);
  afterAll(endAll);

  standsAlone(() => program);

  it('is as small as it has to be', () => {
    expect(statSync(file).size).toBeLessThanOrEqual(78e6);
  });

  it('has the same bytes when it is built again', () => {
    expect(readFileSync(built('linux-armv7l')).equals(readFileSync(file))).toBe(true);
  });

  it('two of them talk, one loses its power and comes back: everybody has everything once', async () => {
    const servers = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
    const [danish, wonderlandish] = servers;
    const port = await freePort('127.0.0.1');
    const [wonderland, denmark] = [
      Gateway.run(
        `${gatewayOf('wonderland.test', wonderlandish)}
        ${linkTo('denmark.test', 'compression = true')}
        listen = "127.0.0.1:${port}"
        from = ["127.0.0.1"]
        [[room]]
        name = "rabbithole"
        accept = ["*"]`,
        program,
      ),
      Gateway.run(
        `${gatewayOf('denmark.test', danish)}
        ${linkTo('wonderland.test', 'compression = true')}
        connect = "127.0.0.1:${port}"
        [[room]]
        name = "elsinore"
        federate = "${rabbithole}"`,
        program,
      ),
    ];
    await Promise.all(servers.map((server) => server.handshake('accepted')));
    const hamlet = danish.user('hamlet@denmark.test/castle');
    const alice = wonderlandish.user('alice@wonderland.test/garden');
    await alice.join(rabbithole, 'Alice');
    await hamlet.join(elsinore, 'Hamlet');
    await alice.expect('Hamlet', present(rabbithole, 'Hamlet'), PATIENCE);
    await hamlet.expect('Alice', present(elsinore, 'Alice'), PATIENCE);

    await hamlet.say(elsinore, 'Words');
    await alice.expect('his words', said(rabbithole, 'Hamlet', 'Words'), PATIENCE);
    await alice.say(rabbithole, 'What do they mean?');
    await hamlet.expect('her question', said(elsinore, 'Alice', 'What do they mean?'), PATIENCE);

    await wonderland.kill('SIGKILL');
    await hamlet.say(elsinore, 'Who is there?');
    await hamlet.expect('his own question', said(elsinore, 'Hamlet', 'Who is there?'), PATIENCE);
    await wonderland.restart();
    await wonderlandish.handshake('accepted');
    const again = wonderlandish.user('alice@wonderland.test/party');
    await again.join(rabbithole, 'Alice');
    for (const [nick, body] of [
      ['Hamlet', 'Words'],
      ['Alice', 'What do they mean?'],
    ] as const)
      await again.expect(body, saidBefore(rabbithole, nick, body), PATIENCE);
    await again.expect('what was missed', hasBody('Who is there?'), PATIENCE);
    await again.say(rabbithole, 'Nobody');
    await hamlet.expect('her answer', said(elsinore, 'Alice', 'Nobody'), PATIENCE);
    expect(bodiesOf(again)).toEqual(['Words', 'What do they mean?', 'Who is there?', 'Nobody']);
    expect(bodiesOf(hamlet)).toEqual(['Words', 'What do they mean?', 'Who is there?', 'Nobody']);
    for (const gateway of [wonderland, denmark]) expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});

requires('aarch64-linux-gnu-g++', 'qemu-aarch64-static')('the executable for ARM64', () => {
  let program: Built;
  beforeAll(() => {
    program = alone(...commandFor('linux-arm64', built('linux-arm64')));
  }, BUILD_MS);
  afterAll(endAll);

  standsAlone(() => program);
});
