import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/io/sqlite.ts';
import { STORE_FILE } from '../../src/io/store-files.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { bundle, Gateway } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import { Program } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { said } from '../support/stanzas.ts';

const ROOM = 'elsinore@rooms.denmark.test';
const KILL_AT = fileURLToPath(new URL('../support/kill-at.cjs', import.meta.url));
/** More than any of the commands has. */
const MOST_STEPS = 60;

afterEach(endAll);

interface Scene {
  readonly server: ComponentServer;
  readonly gateway: Gateway;
  readonly data: string;
  readonly say: (...words: readonly string[]) => Promise<void>;
}

/** A gateway in whose room somebody says things. */
async function begin(): Promise<Scene> {
  const server = await ComponentServer.start(SECRET);
  const gateway = await Gateway.start(`${gatewayOf('denmark.test', server)}\n[[room]]\nname = "elsinore"\n`);
  const hamlet = server.user('hamlet@denmark.test/castle');
  await hamlet.join(ROOM, 'Hamlet');
  const say = async (...words: readonly string[]) => {
    for (const word of words) {
      await hamlet.say(ROOM, word);
      await hamlet.expect('his words', said(ROOM, 'Hamlet', word));
    }
  };
  return { server, gateway, data: join(gateway.folder, 'data'), say };
}

/** What a gateway's archive has, in order. */
async function archived(gateway: Gateway): Promise<string[]> {
  const { output } = await gateway.toEnd('history', ROOM, '--lines');
  return output.map((line) => (JSON.parse(line) as { body: string }).body);
}

/** Runs a command that is killed before its step of that number; whether it was. */
async function killedAt(gateway: Gateway, step: number, ...args: readonly string[]): Promise<boolean> {
  const [node, program = ''] = bundle;
  const command = [`FMUCD_KILL_AT=${step}`, node, '-r', KILL_AT, program, ...args, '-c', gateway.file];
  const { signal } = await new Program(`${args[0]} until step ${step}`, 'env', command).exited;
  return signal === 'SIGKILL';
}

describe('backup', () => {
  it('is a store of its own while the gateway runs, for its owner alone, and nothing else is left beside it', async () => {
    const { gateway, say } = await begin();
    await say('one', 'two');
    const folder = temporaryFolder();
    const file = join(folder, 'backup.db');
    const { code, output } = await gateway.toEnd('backup', file);
    expect([code, output[0]]).toEqual([0, `${file}: whole and verified`]);
    expect(output.slice(-3)).toEqual([
      'Not in it, so keep copies of these too:',
      `  ${gateway.file}`,
      `  ${join(gateway.folder, 'data', 'identity.pem')}`,
    ]);
    expect([readdirSync(folder), statSync(file).mode & 0o777]).toEqual([['backup.db'], 0o600]);
    const copy = new SQLite(file, { readonly: true });
    expect(copy.pragma('journal_mode', { simple: true })).toBe('delete');
    expect(copy.prepare('SELECT count(*) FROM message').pluck().get()).toBe(2);
    copy.close();
    await say('three');
    expect(await archived(gateway)).toEqual(['one', 'two', 'three']);
  });

  it('has all of it while the gateway does not run, and after it was killed', async () => {
    const { gateway, data, say } = await begin();
    await say('one', 'two');
    await gateway.kill('SIGKILL');
    const before = readdirSync(data).sort();
    for (const [name, options] of [
      ['first', []],
      ['second', []],
      ['first', ['--force']],
    ] as const) {
      const { code, output } = await gateway.toEnd('backup', join(gateway.folder, name), '--json', ...options);
      expect([code, JSON.parse(output[0] ?? '')]).toEqual([0, expect.objectContaining({ rooms: 1, messages: 2 })]);
    }
    expect(readdirSync(data).sort()).toEqual(before);
    expect(await archived(gateway)).toEqual(['one', 'two']);
  });

  it('says what stands in its way, and changes nothing', async () => {
    const { gateway } = await begin();
    const file = join(gateway.folder, 'there');
    writeFileSync(file, 'words');
    const folder = join(gateway.folder, 'folder');
    mkdirSync(folder);
    const store = join(gateway.folder, 'data', STORE_FILE);
    const other = join(gateway.folder, 'data', `${STORE_FILE}.old`);
    const refusals: readonly [string, string][] = [
      [store, `fmucd: ${store} is one of the store's own files: name another`],
      [other, `fmucd: ${other} is one of the store's own files: name another`],
      [file, `fmucd: ${file} is there already: name another file, or have it replaced with --force`],
      [folder, `fmucd: ${folder} is no file: name one`],
      [join(folder, 'none', 'file'), `fmucd: there is no directory for ${join(folder, 'none', 'file')}: make it first`],
    ];
    for (const [target, line] of refusals)
      expect(await gateway.toEnd('backup', target)).toEqual({ code: 1, output: [line] });
    expect(readFileSync(file, 'utf8')).toBe('words');
    const none = Gateway.run('[gateway]\ndomain = "rooms.denmark.test"\ndata = "none"\ncontrol = "control"\nx = 1\n');
    await none.exited;
    const { code, output } = await none.toEnd('backup', join(folder, 'new'));
    expect([code, output.at(-1)]).toEqual([1, expect.stringMatching(/^fmucd: there is no store yet \(/)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is killed at any step leaves no backup or a whole one, and the next one leaves nothing else', async () => {
    const { gateway, say } = await begin();
    await say('one');
    const folder = temporaryFolder();
    const file = join(folder, 'backup.db');
    let wasThere = false;
    for (let step = 1; step < MOST_STEPS && (await killedAt(gateway, step, 'backup', file, '--force')); step += 1) {
      expect(wasThere && !existsSync(file)).toBe(false);
      wasThere = existsSync(file);
      if (!wasThere) continue;
      const copy = new SQLite(file, { readonly: true });
      expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
      copy.close();
    }
    expect(readdirSync(folder)).toEqual(['backup.db']);
    await say('two');
  });
});

describe('restore', () => {
  it('that is killed at any step leaves the store as it was or the backup, and the other one is kept', async () => {
    const { gateway, data, say } = await begin();
    await say('one');
    const file = join(gateway.folder, 'backup.db');
    expect((await gateway.toEnd('backup', file)).code).toBe(0);
    await say('two');
    await gateway.kill('SIGKILL');
    const seen = new Set<string>();
    const found = (): string => {
      const kept = readdirSync(data).filter((name) => /before-restore-\w+(?:\.\d+)?$/.test(name));
      return `${kept.length} kept`;
    };
    const original = new Map(readdirSync(data).map((name) => [name, readFileSync(join(data, name))]));
    for (let step = 1; step < MOST_STEPS; step += 1) {
      for (const name of readdirSync(data)) if (!original.has(name)) rmSync(join(data, name));
      for (const [name, content] of original) writeFileSync(join(data, name), content);
      const wasKilled = await killedAt(gateway, step, 'restore', file, '--yes');
      // As the gateway does at its start.
      const store = openStore(data);
      const words = store
        .page(ROOM, { filter: {} })
        .messages.map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1])
        .join();
      store.close();
      seen.add(words);
      expect([
        ['one,two', '0 kept'],
        ['one', '1 kept'],
      ]).toContainEqual([words, found()]);
      if (!wasKilled) break;
    }
    expect([...seen]).toEqual(['one,two', 'one']);
    await gateway.runAgain('SIGKILL');
    await gateway.ready();
    expect(await archived(gateway)).toEqual(['one']);
  });

  it('says what is wrong with what is no backup, and changes nothing', async () => {
    const { gateway, data, say } = await begin();
    await say('one', 'two');
    const whole = join(gateway.folder, 'whole.db');
    await gateway.toEnd('backup', whole);
    const content = readFileSync(whole);
    const newer = Buffer.from(content);
    newer.writeUInt32BE(99, 60);
    const others = Buffer.from(content);
    others.writeUInt32BE(1, 68);
    const damaged = Buffer.from(content).fill(0x5a, 3072, 9216);
    const cases: readonly [string, Buffer, RegExp][] = [
      ['text', Buffer.from('To be, or not to be\n'.repeat(99)), /is no backup of fmucd: nothing has changed$/],
      ['empty', Buffer.alloc(0), /is no backup of fmucd: nothing has changed$/],
      ['foreign', others, /is no backup of fmucd: nothing has changed$/],
      ['cut', content.subarray(0, content.length - 1024), /is cut off: nothing has changed; take another backup$/],
      ['stub', content.subarray(0, 50), /is cut off: nothing has changed; take another backup$/],
      ['damaged', damaged, /is damaged: nothing has changed; take another backup$/],
      ['newer', newer, /was written by a newer fmucd: nothing has changed; restore it with that one$/],
    ];
    for (const [name, bytes, line] of cases) {
      const file = join(gateway.folder, name);
      writeFileSync(file, bytes);
      expect(await gateway.toEnd('restore', file, '--yes')).toEqual({ code: 1, output: [expect.stringMatching(line)] });
    }
    const store = join(data, STORE_FILE);
    const itself = { code: 1, output: [`fmucd: ${store} is one of the store's own files: name another`] };
    expect(await gateway.toEnd('restore', store, '--yes')).toEqual(itself);
    expect(await gateway.toEnd('backup', store, '--force')).toEqual(itself);
    const none = join(gateway.folder, 'none');
    expect(await gateway.toEnd('restore', none, '--yes')).toEqual({ code: 1, output: [`fmucd: there is no ${none}`] });
    expect(await gateway.toEnd('restore', data, '--yes')).toEqual({
      code: 1,
      output: [`fmucd: ${data} is no file: name one`],
    });
    expect(readdirSync(data).sort()).toEqual([STORE_FILE, `${STORE_FILE}-wal`, 'identity.pem']);
    expect(await archived(gateway)).toEqual(['one', 'two']);
  });

  it('asks before, and where there is no terminal says what it would do and how', async () => {
    const { gateway, say } = await begin();
    await say('one');
    const file = join(gateway.folder, 'backup.db');
    await gateway.toEnd('backup', file);
    await say('two');
    const { code, output } = await gateway.toEnd('restore', file);
    expect(code).toBe(1);
    expect(output[0]).toBe(`${file}: whole and verified`);
    expect(output[2]).toMatch(/^ {2}backup +1 +1 {2}\d/);
    expect(output[3]).toMatch(/^ {2}store +1 +2 {2}\d/);
    expect(output).toContain('fmucd: nothing has changed: asked on a terminal alone; elsewhere it takes --yes');
    expect(await archived(gateway)).toEqual(['one', 'two']);
  });

  it('refuses one of another domain, or of the future, unless it is to', async () => {
    const { gateway, say } = await begin();
    await say('one');
    const [file, future] = [join(gateway.folder, 'backup.db'), join(gateway.folder, 'future.db')];
    for (const target of [file, future]) await gateway.toEnd('backup', target);
    const changed = new SQLite(future);
    changed.prepare('UPDATE message SET received = ?').run(Date.now() + 86_400_000);
    changed.close();
    const { output } = await gateway.toEnd('restore', future, '--yes');
    expect(output).toEqual([
      expect.stringMatching(/^fmucd: the clock says \S+, and the newest message in .* set the clock first/),
    ]);
    await gateway.stop();
    gateway.write(readFileSync(gateway.file, 'utf8').replaceAll('denmark', 'wonderland'));
    const other = await gateway.toEnd('restore', file, '--yes');
    expect(other).toEqual({
      code: 1,
      output: [expect.stringContaining('is of rooms.denmark.test, and this gateway is rooms.wonderland.test')],
    });
    expect((await gateway.toEnd('restore', file, '--yes', '--force')).code).toBe(0);
  });

  it('sends everybody out, who come back to what was', async () => {
    const { gateway, server, say } = await begin();
    await say('one');
    const file = join(gateway.folder, 'backup.db');
    await gateway.toEnd('backup', file);
    await say('two');
    const ophelia = server.user('ophelia@denmark.test/brook');
    await ophelia.join(ROOM, 'Ophelia');
    expect((await gateway.toEnd('restore', file, '--yes')).code).toBe(0);
    await ophelia.expect('to be sent out', (stanza) => stanza.toString().includes('code="332"'));
    await gateway.ready();
    await ophelia.join(ROOM, 'Ophelia');
    await ophelia.say(ROOM, 'three');
    await ophelia.expect('her words', said(ROOM, 'Ophelia', 'three'));
    expect(await archived(gateway)).toEqual(['one', 'three']);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});

requires('a file system of its own')('on a disk that is full', () => {
  it('neither leaves anything behind', async () => {
    const { gateway, say, data } = await begin();
    await say('one', 'x'.repeat(8000));
    const file = join(gateway.folder, 'backup.db');
    await gateway.toEnd('backup', file);
    await gateway.stop();
    const small = temporaryFolder();
    const [node, program = ''] = bundle;
    const inSmall = async (before: string, ...args: readonly string[]) => {
      const commands = `mount -t tmpfs -o size=200k fmucd ${small}; ${before}; "$0" "$@"; ls ${small}`;
      const command = ['-rm', 'sh', '-c', commands, node, program, ...args, '-c', gateway.file];
      const { lines, exited } = new Program('on a small disk', 'unshare', command);
      await exited;
      return lines.all().toSorted();
    };
    const refusal = (name: string) =>
      `fmucd: no space left for ${name}: nothing has changed; free some, or name another place`;
    const fill = `head -c 180k /dev/zero > ${small}/fill 2> /dev/null`;
    expect(await inSmall(fill, 'backup', join(small, 'new.db'))).toEqual(['fill', refusal(join(small, 'new.db'))]);
    gateway.write(readFileSync(gateway.file, 'utf8').replace('data = "data"', `data = "${small}"`));
    expect(await inSmall(`cp ${data}/* ${small}; ${fill}`, 'restore', file, '--yes')).toEqual([
      'fill',
      STORE_FILE,
      refusal(join(small, STORE_FILE)),
      'identity.pem',
    ]);
  });
});
