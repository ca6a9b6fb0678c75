import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFailed, vi } from 'vitest';
import { imageSize, layout } from '../../image/layout.mjs';
import { writeUpdate } from '../../image/update.mjs';
import { Box, fileWith, PROMPT } from '../support/box.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import { flashed, type Image, image } from '../support/image.ts';
import type { Person } from '../support/person.ts';
import { freePort } from '../support/ports.ts';
import { requires } from '../support/requires.ts';
import { bodiesOf, hasBody, present, said } from '../support/stanzas.ts';

/* The whole box, from its boot loader on, as an operator with a serial cable and as its users meet it. One story: each
   test goes on where the one before it ended. */

vi.setConfig({ testTimeout: 900_000 });
const BUILD_MS = 900_000;
const PATIENCE = 90_000;
const MB = 1024 * 1024;

const deck = 'deck@rooms.box.test';
const bridge = 'bridge@rooms.far.test';

requires(
  'an emulated ARMv7 board',
  'the tools of an image',
  'arm-linux-gnueabihf-g++',
  'qemu-arm-static',
)('a box (ARMv7, 128 MB)', () => {
  let made: Image;
  let disk: string;
  let box: Box;
  let server: ComponentServer;
  let farServer: ComponentServer;
  let hamlet: Person;
  let alice: Person;
  let key: string;
  let linkPort: number;

  beforeAll(async () => {
    made = image('linux-armv7l');
    disk = flashed(made, 1000);
    [server, farServer] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
    linkPort = await freePort('127.0.0.1');
    await Gateway.start(`
      ${gatewayOf('far.test', farServer)}
      [[link]]
      peer = "rooms.box.test"
      domains = ["box.test"]
      listen = "127.0.0.1:${linkPort}"
      from = ["127.0.0.1"]
      compression = true
      [[room]]
      name = "bridge"
      accept = ["*"]`);
    key = join(temporaryFolder(), 'key');
    expect(spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]).status).toBe(0);
  }, BUILD_MS);
  afterAll(endAll);
  let isBroken = false;
  beforeEach(() => {
    onTestFailed(() => {
      isBroken = true;
      console.error(`the console of the box:\n${box.console.slice(-6000)}`);
    });
    if (isBroken) expect.fail('the story has ended before');
  });

  it('boots, and greets whoever logs in at the console with how the gateway is', async () => {
    box = await Box.switchOn(disk, made);
    const greeting = await box.login();
    expect(greeting).toContain('rooms.example: fmucd 0.1.0, up');
    expect(greeting).toContain('nano /etc/fmucd/fmucd.toml');
  });

  it('listens to nobody but at its control socket', async () => {
    expect((await box.run('netstat -ltunw | tail -n +3')).output).toBe('');
    expect((await box.run('netstat -lx | grep -c fmucd/control.sock')).output).toBe('1');
  });

  it('runs the gateway as a user who may nothing but what it needs', async () => {
    const { output } = await box.run('grep -E "^(Uid|Cap|NoNew)" /proc/$(pidof fmucd)/status');
    expect(output.split('\n').map((line) => line.split(/\s+/).slice(0, 2).join(' '))).toEqual([
      'Uid: 100',
      'CapInh: 0000000000000000',
      'CapPrm: 0000000000000000',
      'CapEff: 0000000000000000',
      'CapBnd: 0000000000000000',
      'CapAmb: 0000000000000000',
      'NoNewPrivs: 1',
    ]);
    expect((await box.run('touch /etc/x')).output).toContain('Read-only file system');
  });

  it('is set up with an editor, check and reload', async () => {
    box.type('nano /etc/fmucd/fmucd.toml\r');
    await box.sees(/GNU nano/);
    box.type('\x17rooms.example\r'); // ^W: search
    box.type('\x04'.repeat('rooms.example'.length)); // ^D: delete
    box.type('rooms.box.test');
    box.type('\x0f\r'); // ^O: write
    await box.sees(/Wrote/);
    box.type('\x18'); // ^X: exit
    await box.sees(PROMPT);
    const lines = [
      'local_domains = ["box.test"]',
      '[component]',
      'host = "10.0.2.2"',
      `port = ${server.port}`,
      `secret = "${SECRET}"`,
      '[[link]]',
      'peer = "rooms.far.test"',
      'domains = ["far.test"]',
      `conect = "10.0.2.2:${linkPort}"`,
      'compression = true',
      '[[room]]',
      'name = "deck"',
      `federate = "${bridge}"`,
    ];
    for (const line of lines) expect((await box.run(`echo '${line}' >>/etc/fmucd/fmucd.toml`)).status).toBe(0);
    const checked = await box.run('fmucd check');
    expect(checked.status).toBe(1);
    expect(checked.output).toContain('/etc/fmucd/fmucd.toml:13:1: unknown key "conect" (did you mean connect?)');
    expect((await box.run('fmucd reload')).status).toBe(1);
    await box.run("sed -i 's/conect/connect/' /etc/fmucd/fmucd.toml");
    expect(await box.run('fmucd check')).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^\/etc\/fmucd\/fmucd.toml: fine$/m) as string,
    });
    const reloaded = await box.run('fmucd reload');
    expect(reloaded.status).toBe(0);
    await server.handshake('accepted', PATIENCE);
    expect(reloaded.output).toContain('needs a restart');
    expect((await box.run('sv restart fmucd')).output).toContain('ok: run: fmucd');
    await server.handshake('accepted', PATIENCE);
  });

  it('lets in by SSH who has a key, once there is one', async () => {
    expect((await box.ssh(key, 'true')).status).toBe(255);
    await box.run(`echo '${readFileSync(`${key}.pub`, 'utf8').trim()}' >>/etc/fmucd/authorized_keys`);
    await vi.waitFor(async () => expect((await box.ssh(key, 'true')).status).toBe(0), {
      timeout: PATIENCE,
      interval: 2000,
    });
    expect((await box.ssh(key, 'id -un')).output).toBe('root');
    const other = join(temporaryFolder(), 'key');
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
    expect(await box.ssh(other, 'true')).toMatchObject({
      status: 255,
      output: expect.stringContaining('(publickey)') as string,
    });
    expect((await box.ssh(key, 'netstat -ltn | tail -n +3 | wc -l')).output).toBe('2'); // IPv4 and IPv6
  });

  it('federates a room with one outside', async () => {
    hamlet = server.user('hamlet@box.test/console');
    alice = farServer.user('alice@far.test/garden');
    await alice.join(bridge, 'Alice');
    await hamlet.join(deck, 'Hamlet');
    await alice.expect('Hamlet', present(bridge, 'Hamlet'), PATIENCE);
    await hamlet.expect('Alice', present(deck, 'Alice'), PATIENCE);
    await hamlet.say(deck, 'Words');
    await alice.expect('his words', said(bridge, 'Hamlet', 'Words'), PATIENCE);
    await alice.say(bridge, 'What do they mean?');
    await hamlet.expect('her question', said(deck, 'Alice', 'What do they mean?'), PATIENCE);
    const { output } = await box.ssh(key, 'fmucd rooms --json');
    expect(JSON.parse(output)).toMatchObject({
      rooms: [{ jid: deck, state: 'joined', occupants: { local: 1, remote: 1 } }],
    });
  });

  let seen: string[];

  it('loses its power amid traffic, and has every message that anyone had seen', async () => {
    let turn = 0;
    const traffic = setInterval(() => {
      void hamlet.say(deck, `from the deck ${turn}`);
      void alice.say(bridge, `from the bridge ${turn}`);
      turn++;
    }, 50);
    await hamlet.expect('some of it', hasBody('from the bridge 30'), PATIENCE);
    await alice.expect('some of it', hasBody('from the deck 30'), PATIENCE);
    await box.cutPower();
    clearInterval(traffic);
    seen = [...new Set([...bodiesOf(hamlet), ...bodiesOf(alice)])];
    expect(seen.length).toBeGreaterThan(60);

    // The clock of a box without a battery begins long ago.
    box = await Box.switchOn(disk, { ...made, extra: ['-rtc', 'base=2020-01-01T00:00:00'] });
    await server.handshake('accepted', PATIENCE);
    const again = server.user('hamlet@box.test/console');
    await again.join(deck, 'Hamlet');
    await again.say(deck, 'the last');
    await alice.expect('the last', hasBody('the last'), PATIENCE);
    await vi.waitFor(
      async () => {
        const { output } = await box.ssh(key, 'fmucd history deck --json');
        const { messages } = JSON.parse(output) as { messages: readonly { body?: string }[] };
        const kept = messages.map(({ body }) => body);
        for (const body of seen) expect(kept.filter((one) => one === body)).toEqual([body]);
      },
      { timeout: PATIENCE, interval: 2000 },
    );
  });

  it('has kept its clock', async () => {
    const { output } = await box.ssh(key, 'date -u +%s');
    expect(Math.abs(Number(output) - Date.now() / 1000)).toBeLessThan(3600);
  });

  it('starts a gateway anew that has died', async () => {
    expect((await box.ssh(key, 'kill -9 $(pidof fmucd)')).status).toBe(0);
    await server.handshake('accepted', PATIENCE);
    expect((await box.ssh(key, 'fmucd status')).output).toContain('rooms.box.test: fmucd');
  });

  it('ends and starts a gateway anew that hangs', async () => {
    expect((await box.ssh(key, 'kill -STOP $(pidof fmucd)')).status).toBe(0);
    await box.sees(/the gateway hangs: ended/, 200_000);
    await server.handshake('accepted', PATIENCE);
  });

  it('starts with a faulty file: the console says where, and the last good one goes on', async () => {
    expect((await box.ssh(key, "sed -i 's/^peer/pear/' /etc/fmucd/fmucd.toml && reboot")).status).toBe(0);
    await box.isOff();
    box = await Box.switchOn(disk, made);
    await box.sees(/\/etc\/fmucd\/fmucd\.toml:11:1: unknown key \\?"pear/);
    await server.handshake('accepted', PATIENCE);
    const greeting = await box.login();
    expect(greeting).toContain('! ');
    expect(greeting).toContain('last good');
    await box.run("sed -i 's/^pear/peer/' /etc/fmucd/fmucd.toml");
    expect((await box.run('fmucd reload')).status).toBe(0);
    expect((await box.run('fmucd status')).output).not.toContain('last good');
  });

  const slots = () =>
    Object.fromEntries(['slotA', 'slotB'].map((name) => [name, digest(disk, layout[name as 'slotA'])]));

  /** Puts a file on the box and updates it with that; resolves to what was said, or to undefined where the box went down. */
  async function update(content: Buffer): Promise<string> {
    expect((await box.ssh(key, 'cat >/data/update', content)).status).toBe(0);
    return (await box.ssh(key, 'fmucd-update /data/update; rm -f /data/update')).output;
  }

  it('refuses an update that is no update, unsigned, cut short, or for another target, and writes nothing', async () => {
    const good = readFileSync(made.update);
    const folder = temporaryFolder();
    const before = slots();
    expect(await update(readFileSync('/etc/passwd'))).toContain("isn't an update of fmucd");
    expect(await update(good.subarray(0, good.length / 2))).toContain('damaged or cut short');
    const flipped = Buffer.from(good);
    flipped[good.length / 2] = (flipped[good.length / 2] ?? 0) ^ 1;
    expect(await update(flipped)).toContain('damaged or cut short');
    const slot = join(folder, 'slot');
    expect(spawnSync('cp', ['/etc/hostname', slot]).status).toBe(0);
    const others = join(folder, 'others.update');
    await writeUpdate({ target: 'linux-arm64', version: '9', slot, key: made.key }, temporaryFolder(), others);
    expect(await update(readFileSync(others))).toContain('is for linux-arm64, and this box is linux-armv7l');
    const stranger = join(folder, 'stranger.sec');
    spawnSync('signify-openbsd', ['-G', '-n', '-p', join(folder, 'stranger.pub'), '-s', stranger]);
    await writeUpdate({ target: 'linux-armv7l', version: '9', slot, key: stranger }, temporaryFolder(), others);
    expect(await update(readFileSync(others))).toContain("isn't signed with the key of this box");
    expect(slots()).toEqual(before);
  });

  it('is updated into the other slot, which it keeps once the gateway is up there', async () => {
    expect(await update(readFileSync(made.update))).toContain('slot b is tried now');
    await box.isOff();
    box = await Box.switchOn(disk, made);
    await box.sees(/trying slot b/);
    await box.sees(/the gateway is up: slot b is kept/, 400_000);
    await server.handshake('accepted', PATIENCE);
    expect((await box.ssh(key, 'reboot')).status).toBe(0);
    await box.isOff();
    box = await Box.switchOn(disk, made);
    await box.sees(/fmucd: slot b/);
    await server.handshake('accepted', PATIENCE);
  });

  it('is back on the slot before, by itself, where the gateway does not come up', async () => {
    const folder = temporaryFolder();
    const slot = join(folder, 'slot');
    writeSlotOf(disk, layout.slotA, slot);
    const broken = fileWith('fmucd', '#!/bin/sh\nexit 1\n');
    for (const request of ['rm /usr/bin/fmucd', `write ${broken} /usr/bin/fmucd`, 'sif /usr/bin/fmucd mode 0100755'])
      spawnSync('debugfs', ['-w', '-R', request, slot]);
    const file = join(folder, 'update');
    await writeUpdate({ target: 'linux-armv7l', version: '9', slot, key: made.key }, temporaryFolder(), file);
    expect(await update(readFileSync(file))).toContain('slot a is tried now');
    await box.isOff();
    box = await Box.switchOn(disk, made);
    await box.sees(/fmucd: slot a/);
    await box.sees(/hasn't come up in slot a: back to the slot before/, 600_000);
    await box.isOff();
    box = await Box.switchOn(disk, made);
    await box.sees(/fmucd: slot b/);
    await server.handshake('accepted', PATIENCE);
  });

  it('is back on the slot before where the new one does not even start', async () => {
    const slot = fileWith('slot', '\0'.repeat(2 * MB));
    const file = join(temporaryFolder(), 'update');
    await writeUpdate({ target: 'linux-armv7l', version: '9', slot, key: made.key }, temporaryFolder(), file);
    expect(await update(readFileSync(file))).toContain('slot a is tried now');
    await box.isOff();
    box = await Box.switchOn(disk, made);
    await box.sees(/fmucd: slot b/);
    await server.handshake('accepted', PATIENCE);
  });

  it('keeps its file, its keys and its messages over a flashing', async () => {
    await box.ssh(key, 'poweroff');
    await box.isOff();
    spawnSync('dd', [`if=${made.file}`, `of=${disk}`, 'bs=1M', 'conv=notrunc']);
    box = await Box.switchOn(disk, made);
    await box.sees(/fmucd: slot a/);
    await server.handshake('accepted', PATIENCE);
    expect((await box.ssh(key, 'fmucd history deck')).output).toContain('the last');
  });

  it('starts with a full data partition, says so, and goes on once there is space', async () => {
    await box.ssh(key, 'dd if=/dev/zero of=/data/filler bs=64k; dd if=/dev/zero of=/data/filler2 bs=1; sync; reboot');
    await box.isOff();
    box = await Box.switchOn(disk, made);
    expect(await box.login()).toContain('full');
    expect((await box.run('fmucd status')).output).toMatch(/no space left|full/);
    await box.run('rm /data/filler*');
    await vi.waitFor(async () => expect((await box.run('fmucd status')).output).not.toContain('no space left'), {
      timeout: PATIENCE,
      interval: 5000,
    });
  });

  it('starts with a damaged store: keeps it beside a fresh one and says so', async () => {
    await box.run(
      'sv stop fmucd; dd if=/dev/urandom of=/var/lib/fmucd/fmucd.db bs=4096 count=4 conv=notrunc; rm -f /var/lib/fmucd/fmucd.db-*; sync; reboot',
    );
    await box.isOff();
    box = await Box.switchOn(disk, made);
    await server.handshake('accepted', PATIENCE);
    expect(await box.login()).toContain('damaged');
    expect((await box.run('ls /var/lib/fmucd')).output).toMatch(/fmucd\.db\.damaged-/);
  });

  it('starts with a damaged data partition, mends it or goes on without, and says so', async () => {
    await box.run('poweroff');
    await box.isOff();
    const handle = openSync(disk, 'r+');
    writeSync(handle, Buffer.alloc(8192, 0x5a), 0, undefined, imageSize);
    closeSync(handle);
    box = await Box.switchOn(disk, made);
    expect(await box.login()).toContain('data partition');
    expect((await box.run('fmucd status')).status).toBe(0);
    await box.run('poweroff');
    await box.isOff();
    const again = openSync(disk, 'r+');
    for (let at = imageSize; at < 1000 * MB; at += MB) writeSync(again, Buffer.alloc(MB, at / MB), 0, undefined, at);
    closeSync(again);
    box = await Box.switchOn(disk, made);
    await server.handshake('accepted', PATIENCE);
    const greeting = await box.login();
    expect(greeting).toContain("can't be used");
    expect(greeting).toContain('rooms.box.test: fmucd');
    expect((await box.run('fmucd status')).output).toMatch(/^! .*memory/m);
    expect((await box.ssh(key, 'id -un')).output).toBe('root');
  });

  it('runs in 64 MB, and tells how it is beside that', async () => {
    await box.cutPower();
    box = await Box.switchOn(flashed(made, 800), { ...made, megabytes: 64 });
    await box.login();
    expect((await box.run('sv status fmucd')).output).toContain('run: fmucd');
    expect((await box.run('fmucd status')).output).toContain('rooms.example: fmucd');
    expect((await box.run('cat /proc/swaps')).output).toContain('/dev/zram0');
  });

  it('keeps what it has where the medium ends with the image, as its file alone does', async () => {
    await box.cutPower();
    const file = flashed(made, imageSize / MB);
    box = await Box.switchOn(file, made);
    await box.login();
    expect(await box.run('echo kept >/data/kept; sync; cat /sys/class/block/vda4/start')).toEqual({
      status: 0,
      output: String(layout.dataInside.start / 512),
    });
    await box.cutPower();
    box = await Box.switchOn(file, made);
    await box.login();
    expect(await box.run('cat /data/kept')).toEqual({ status: 0, output: 'kept' });
  });
});

function digest(disk: string, part: { start: number; size: number }): string {
  return createHash('sha256').update(contentOf(disk, part)).digest('hex');
}

function contentOf(disk: string, { start, size }: { start: number; size: number }): Buffer {
  const handle = openSync(disk, 'r');
  const content = Buffer.alloc(size);
  readSync(handle, content, 0, size, start);
  closeSync(handle);
  return content;
}

function writeSlotOf(disk: string, part: { start: number; size: number }, file: string): void {
  const handle = openSync(file, 'w');
  writeSync(handle, contentOf(disk, part));
  closeSync(handle);
}
