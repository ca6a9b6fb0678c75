import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { bundle } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';
import { Program } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { present, said } from '../support/stanzas.ts';
import { Terminal } from '../support/terminal.ts';

/** `fmucd init` and `fmucd pair` as two people at their consoles meet them: the built program, from nothing to a message. */

const SECRET = 's3cret';
const PATIENCE = 120_000;
const DOMAIN = 'Domain of the rooms, behind the @ in their addresses:';
const WRITE = 'Write it? (no: once more) [yes]:';
const HEAR = 'Their line, as they read it, over as many lines as you like (enter: ours first)\n>';

afterEach(endAll);

/** A console with a shell in a folder, in which `fmucd` is the built program. */
function consoleIn(folder: string): Terminal {
  const console = new Terminal('env -u NO_COLOR PS1=shell: LANG=C.UTF-8 sh', folder);
  console.type(`fmucd() { ${bundle.join(' ')} "$@"; }; clear`);
  return console;
}

/** One of two sides: a console in a folder of its own, and the server that stands there. */
async function side() {
  const folder = temporaryFolder();
  const server = await ComponentServer.start(SECRET);
  const port = await freePort('127.0.0.1');
  return { folder, server, address: `127.0.0.1:${port}`, console: consoleIn(folder) };
}
type Side = Awaited<ReturnType<typeof side>>;

/** Answers every question of `init`, a wrong domain and a wrong choice among them. */
async function initialise({ console, server, folder }: Side, domain: string, room: string): Promise<void> {
  console.type('fmucd init -c fmucd.toml --data data --control control.sock');
  await console.answer(DOMAIN, `rooms ${domain}`);
  await console.sees('(a domain, such as denmark.lit)');
  await console.answer(DOMAIN, `rooms.${domain}`);
  await console.answer(`no link [${domain}]:`, '');
  await console.answer('or s2s [component]:', 'prosody');
  await console.sees('(component or s2s)');
  await console.answer('or s2s [component]:', '');
  await console.answer('[127.0.0.1:5347]:', `127.0.0.1:${server.port}`);
  await console.answer('not shown [one is made]:', SECRET);
  await console.answer('put things right [none]:', `admin@${domain}`);
  await console.answer('from the start [none]:', room);
  await console.answer(WRITE, '');
  await console.sees('sets up a link.');
  expect(console.history).not.toContain(SECRET);
  expect(readFileSync(join(folder, 'fmucd.toml'), 'utf8')).toContain(`secret = "${SECRET}"`);
}

/** The pieces of a line as `pair` shows it, to be read out one by one. */
function spoken(screen: string): { readonly pieces: readonly string[]; readonly word: string } {
  const [, shown = '', word = ''] = /on paper:\n\n([^]*?)\n\n {2}check word: (\w+)\n/.exec(screen) ?? [];
  return { pieces: shown.split('\n').map((line) => line.trim()), word };
}

/** Says the pieces to whoever sits at that console, who types them as they come. */
async function dictate(console: Terminal, first: string, pieces: readonly string[]): Promise<void> {
  const sum = pieces.findIndex((piece) => piece.startsWith('sum '));
  for (const [at, piece] of pieces.entries())
    await console.answer(
      at === 0 ? first : at <= sum ? 'up to the sum >' : `group ${(at - sum) * 5 - 4} of 13 >`,
      piece,
    );
}

/** Takes out a key's comment sign, as with an editor, and gives the key another value. */
function edit(folder: string, key: string, value: string): void {
  const file = join(folder, 'fmucd.toml');
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf('\n[[room]]');
  const room = text.slice(from).replace(new RegExp(`^# ${key} = .*$`, 'm'), `${key} = ${value}`);
  expect(room).not.toBe(text.slice(from));
  writeFileSync(file, text.slice(0, from) + room);
}

requires('tmux')('at two consoles', () => {
  it(
    'two people come from nothing to a message across a link',
    async () => {
      const [denmark, wonderland] = await Promise.all([side(), side()]);
      await initialise(denmark, 'denmark.test', 'elsinore');
      await initialise(wonderland, 'wonderland.test', 'rabbithole');

      // Denmark goes first.
      denmark.console.type('clear; fmucd pair -c fmucd.toml');
      await denmark.console.answer(HEAR, '');
      await denmark.console.answer('[only we dial]:', '127.0.0.1');
      await denmark.console.sees('HOST:PORT or [IPv6]:PORT)');
      await denmark.console.answer('[only we dial]:', denmark.address);
      await denmark.console.answer('[no limit]:', '9600');
      await denmark.console.answer('Make it now? [yes]:', '');
      await denmark.console.awaits('(enter: later)\n>');
      const danish = spoken(denmark.console.screen);

      // Wonderland hears them, at first not too well.
      wonderland.console.type('clear; fmucd pair -c fmucd.toml');
      const sum = danish.pieces.findIndex((piece) => piece.startsWith('sum '));
      const names = danish.pieces.slice(0, sum + 1);
      const misheard = names.map((piece) => piece.replace('rooms.denmark', 'rooms.denmarc'));
      await dictate(wonderland.console, HEAR, misheard);
      await wonderland.console.sees('! something before the sum was misheard');
      await dictate(wonderland.console, HEAR, names);
      const groups = danish.pieces[sum + 1] ?? '';
      await wonderland.console.answer('group 1 of 13 >', `${groups.slice(0, -1)}u`);
      await wonderland.console.sees('! group 5 (');
      wonderland.console.type('clear');
      await wonderland.console.sees('! group 1 (C1EAR)');
      for (const [at, piece] of danish.pieces.slice(sum + 1).entries())
        await wonderland.console.answer(`group ${at * 5 + 1} of 13 >`, piece.toLowerCase());
      await wonderland.console.answer(`check word is ${danish.word}? (yes or no):`, 'yes');
      await wonderland.console.answer('[only we dial]:', wonderland.address);
      await wonderland.console.answer('Make it now? [yes]:', '');
      await wonderland.console.answer('Add this in fmucd.toml? [yes]:', '');
      await wonderland.console.sees('check word: ');
      await wonderland.console.awaits('shell:');
      const wonders = spoken(wonderland.console.screen);

      // And Denmark hears Wonderland, whose word is another at first.
      await dictate(denmark.console, '(enter: later)\n>', wonders.pieces);
      await denmark.console.answer(`check word is ${wonders.word}? (yes or no):`, 'no');
      await denmark.console.sees('! then something was misheard: begin again');
      denmark.console.type(wonders.pieces.join(' '));
      await denmark.console.answer(`check word is ${wonders.word}? (yes or no):`, 'yes');
      await denmark.console.answer('Add this in fmucd.toml? [yes]:', '');
      await denmark.console.sees('is added');

      edit(denmark.folder, 'federate', '"rabbithole@rooms.wonderland.test"');
      edit(wonderland.folder, 'accept', '["elsinore@rooms.denmark.test"]');
      const gateways: Program[] = [];
      for (const { console, folder } of [denmark, wonderland]) {
        expect(await console.run('fmucd check -c fmucd.toml')).toMatch(/^fmucd\.toml: fine[^]*^status 0$/m);
        const [command, ...args] = bundle;
        gateways.push(new Program('the gateway', command, [...args, 'run', '-c', join(folder, 'fmucd.toml')]));
      }
      for (const gateway of gateways) await gateway.lines.expect('to be attached', (line) => line.includes('attached'));
      const alice = wonderland.server.user('alice@wonderland.test/garden');
      const hamlet = denmark.server.user('hamlet@denmark.test/castle');
      await alice.join('rabbithole@rooms.wonderland.test', 'Alice');
      await hamlet.join('elsinore@rooms.denmark.test', 'Hamlet');
      await hamlet.expect('Alice', present('elsinore@rooms.denmark.test', 'Alice'));
      await hamlet.say('elsinore@rooms.denmark.test', 'Words');
      await alice.expect('his words', said('rabbithole@rooms.wonderland.test', 'Hamlet', 'Words'));
      expect(await denmark.console.run('fmucd links -c fmucd.toml')).toMatch(/rooms\.wonderland\.test +.*\bup\b/);
      for (const gateway of gateways) expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    },
    PATIENCE,
  );

  it(
    'ctrl-C leaves nothing behind, and the terminal as it was',
    async () => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, 'data'));
      const console = consoleIn(folder);
      console.type('fmucd init -c fmucd.toml --component 127.0.0.1:5347; echo "status $?"');
      await console.answer(DOMAIN, 'rooms.denmark.lit');
      await console.awaits('no link [denmark.lit]:');
      console.press('C-c');
      await console.sees('status 130');
      await console.sees('fmucd: interrupted, the file is as it was');

      console.type('clear; fmucd init -c fmucd.toml --component 127.0.0.1:5347; echo "status $?"');
      await console.answer(DOMAIN, 'rooms.denmark.lit');
      await console.answer('no link [denmark.lit]:', '');
      await console.awaits('not shown [one is made]:');
      console.press('-l', 's3');
      console.press('C-c');
      await console.sees('status 130');
      expect(console.screen).not.toContain('s3');
      expect(await console.run('stty -a')).toMatch(/ icanon [^]* echo /);

      console.type('clear; fmucd init -c fmucd.toml; echo "status $?"');
      await console.awaits(DOMAIN);
      console.press('C-d');
      await console.sees('status 1');
      expect(readdirSync(folder)).toEqual(['data']);

      console.type('clear; fmucd init -c fmucd.toml --domain rooms.denmark.lit --s2s 127.0.0.1:1 </dev/null');
      await console.sees('fmucd.toml: written');
      console.type('clear; fmucd pair -c fmucd.toml; echo "status $?"');
      await console.awaits(HEAR);
      console.press('C-c');
      await console.sees('status 130');
      expect(existsSync(join(folder, 'data/identity.pem'))).toBe(false);
    },
    PATIENCE,
  );
});
