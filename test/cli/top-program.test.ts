import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { DirectPeer } from '../support/direct-peer.ts';
import { endAll } from '../support/ending.ts';
import { bundle, Gateway, runToEnd } from '../support/gateway.ts';
import { linkTo, standalone } from '../support/gateway-file.ts';
import { freePort } from '../support/ports.ts';
import { requires } from '../support/requires.ts';
import { Terminal } from '../support/terminal.ts';

/* `fmucd top` as an operator meets it: the built program, a gateway that runs, a terminal. */

const PATIENCE = 30_000;

afterEach(endAll);

/** A gateway with a link to whoever dials that port, and a room. */
async function startGateway() {
  const port = await freePort('127.0.0.1');
  const gateway = await Gateway.start(`
    ${standalone('rooms.denmark.test')}
    ${linkTo('wonderland.test', 'dialect = "xep"')}
    listen = "127.0.0.1:${port}"
    from = ["127.0.0.1"]
    [[room]]
    name = "elsinore"
    federate = "rabbithole@rooms.wonderland.test"
  `);
  return { gateway, port };
}

describe('without a terminal', () => {
  test('--once prints one picture', async () => {
    const { gateway } = await startGateway();
    const { code, output } = await gateway.toEnd('top', '--once');
    expect(code).toBe(0);
    expect(output[0]).toMatch(/^rooms\.denmark\.test {2}fmucd \S+ {2}up \d+ s {2}memory [\d.]+ MB +\d\d:\d\d:\d\dZ$/);
    expect(output).toContainEqual(expect.stringMatching(/^! rooms\.wonderland\.test +down \d+s /));
    expect(output).toContainEqual(expect.stringMatching(/^ {2}elsinore@rooms\.denmark\.test +local /));
    expect(output).toContainEqual(expect.stringMatching(/^ {2}\d\d:\d\d:\d\d ready domain=rooms\.denmark\.test/));
    expect(output.at(-1)).not.toContain('quit');
    expect(output.length).toBeLessThan(24);
  });

  test('nothing else can be done, and a sentence says so', async () => {
    const { code, output } = await runToEnd(['top', '-c', '/nowhere']);
    expect([code, output]).toEqual([
      1,
      ['fmucd: top needs a terminal whose cursor it can move (fmucd top --once prints one picture)'],
    ]);
  });

  test('a gateway that does not run is said as everywhere', async () => {
    const { gateway } = await startGateway();
    await gateway.stop();
    const { code, output } = await gateway.toEnd('top', '--once');
    expect(code).toBe(3);
    expect(output).toEqual([expect.stringMatching(/^fmucd: the gateway isn't running .*start it with "fmucd run"$/)]);
  });

  test.each(['0', 'often', '3601', ''])('--every %j is refused', async (every) => {
    const { code, output } = await runToEnd(['top', '--once', '--every', every]);
    expect([code, output]).toEqual([
      64,
      [`fmucd: --every takes no ${JSON.stringify(every)} (seconds, from 1 to 3600)`],
    ]);
  });
});

requires('tmux')('on a terminal', () => {
  const KEYS = /^ {2}q quit {2}p pause {2}arrows move/;

  /** A terminal with `top` on it. The shell says its exit status once it has ended. */
  async function watch(gateway: Gateway, before = ''): Promise<Terminal> {
    const terminal = new Terminal();
    await terminal.sees(/^shell:/);
    const command = [...bundle, 'top', '--every', '1', '-c', gateway.file].join(' ');
    terminal.press(`${before}${command}; echo status $?`, 'Enter');
    await terminal.sees(KEYS);
    return terminal;
  }

  /** The terminal is as it was: a prompt, a cursor, and lines that are edited. */
  async function expectGivenBack(terminal: Terminal): Promise<void> {
    expect(terminal.about('cursor_flag')).toBe('1');
    terminal.press('stty -a', 'Enter');
    await terminal.sees(/ icanon .* echo /);
    terminal.press('echo $((6 * 7))', 'Enter');
    await terminal.sees(/^42$/);
  }

  test('shows a link come up, what crosses, and its end, and opens it', async () => {
    const { gateway, port } = await startGateway();
    const terminal = await watch(gateway);
    expect(terminal.lines).toHaveLength(24);
    await terminal.sees(/^!>rooms\.wonderland\.test +down \d+s +- +0 +· +0 +0 +0%$/);
    const peer = await DirectPeer.dial(port);
    const ping = element('ping', { xmlns: NS.ping });
    peer.send(element('iq', { from: 'rooms.wonderland.test', to: 'rooms.denmark.test', type: 'get', id: '1' }, ping));
    await terminal.sees(/^ >rooms\.wonderland\.test +up \d+s +0s +0 +█ +\d+ +\d+ +0%$/);
    await terminal.sees(/^ {2}\d\d:\d\d:\d\d link up peer=rooms\.wonderland\.test$/);
    terminal.press('Enter');
    await terminal.sees(/^ {2}transport {3}direct$/);
    await terminal.sees(/^ {2}in +[▁-█] peak \d+\/min$/);
    await terminal.sees(/^ {2}LOG about rooms\.wonderland\.test$/);
    terminal.press('Escape');
    await terminal.sees(KEYS);
    terminal.press('Down');
    await terminal.sees(/^ >elsinore@rooms\.denmark\.test/);
    terminal.press('Enter');
    await terminal.sees(/^ {2}mode +primary-primary$/);
    terminal.press('Left', '?');
    await terminal.sees(/^ {2}any key: back$/);
    terminal.press('x');
    await terminal.sees(KEYS);
    peer.stream.end();
    await terminal.sees(/^! rooms\.wonderland\.test +down /);
    terminal.press('q');
    await terminal.sees(/^status 0$/);
    await expectGivenBack(terminal);
  });

  test('p holds everything, and keys go on', async () => {
    const { gateway, port } = await startGateway();
    const terminal = await watch(gateway);
    terminal.press('p');
    await terminal.sees(/ PAUSED \d\d:\d\d:\d\dZ$/);
    const before = terminal.lines;
    await DirectPeer.dial(port);
    await gateway.log.expect('the link', (line) => line.includes('link up'));
    terminal.press('j');
    await terminal.sees(/^ >elsinore/);
    expect(terminal.lines[0]).toBe(before[0]);
    expect(terminal.lines.join()).not.toContain('link up');
    terminal.press('p');
    await terminal.sees(/ link up peer=/);
    await terminal.isRid(/PAUSED/);
  });

  test('fills whatever size the window has', async () => {
    const { gateway } = await startGateway();
    const terminal = await watch(gateway);
    terminal.resize(130, 40);
    await expect.poll(() => KEYS.test(terminal.lines[39] ?? ''), { timeout: PATIENCE }).toBe(true);
    await terminal.sees(/ COMPRESSED {2}COALESCED {2}TRIMMED$/);
    terminal.resize(50, 12);
    await terminal.sees(/^50x12 is too small: 60x16 at least\. q quits\.$/);
    terminal.resize(80, 24);
    await terminal.sees(/ BYTES\/MIN +IN +OUT SAVED$/);
    expect(terminal.lines[23]).toMatch(KEYS);
  });

  test('asks a terminal how large it is where the kernel does not know, as on a serial line', async () => {
    const { gateway } = await startGateway();
    const terminal = new Terminal();
    await terminal.sees(/^shell:/);
    terminal.resize(100, 30);
    terminal.press('stty rows 0 columns 0; stty size', 'Enter');
    await terminal.sees(/^0 0$/);
    terminal.press([...bundle, 'top', '-c', gateway.file].join(' '), 'Enter');
    await expect.poll(() => KEYS.test(terminal.lines[29] ?? ''), { timeout: PATIENCE }).toBe(true);
  });

  test('in a locale without UTF-8 it is drawn in ASCII, and without colours where none are wanted', async () => {
    const { gateway } = await startGateway();
    const terminal = await watch(gateway, 'LC_ALL=C NO_COLOR=1 ');
    await terminal.sees(/^!>rooms\.wonderland\.test +down \d+s +- +0 +\. +0 +0 +0%$/);
    expect(terminal.lines.join('')).toMatch(/^[ -~]*$/);
  });

  test('a gateway that ends is said, and one that comes back is shown, with what both have logged', async () => {
    const { gateway } = await startGateway();
    const terminal = await watch(gateway);
    await gateway.stop();
    await terminal.sees(/^! the gateway isn't running /);
    await terminal.sees(/below is how it was at|how it was at \d/);
    await gateway.runAgain('SIGTERM');
    await terminal.isRid(/isn't running/);
    await expect
      .poll(() => terminal.lines.filter((line) => line.includes(' ready domain=')).length, { timeout: PATIENCE })
      .toBe(2);
    terminal.press('C-c');
    await terminal.sees(/^status 0$/);
    await expectGivenBack(terminal);
  });

  test('ctrl-Z gives the terminal back until fg', async () => {
    const { gateway } = await startGateway();
    const terminal = new Terminal('env PS1=shell: bash --norc -i');
    await terminal.sees(/^shell:/);
    terminal.press([...bundle, 'top', '-c', gateway.file].join(' '), 'Enter');
    await terminal.sees(KEYS);
    terminal.press('C-z');
    await terminal.sees(/Stopped/);
    expect(terminal.about('cursor_flag')).toBe('1');
    terminal.press('echo $((6 * 7))', 'Enter');
    await terminal.sees(/^42$/);
    terminal.press('fg', 'Enter');
    await terminal.isRid(/^42$/);
    await terminal.sees(KEYS);
    terminal.press('q');
    await terminal.sees(/^shell:$/);
    await expectGivenBack(terminal);
  });

  test.each(['TERM', 'HUP', 'INT'])('SIG%s ends it, and the terminal is given back', async (signal) => {
    const { gateway } = await startGateway();
    const terminal = new Terminal();
    await terminal.sees(/^shell:/);
    const command = [...bundle, 'top', '-c', gateway.file].join(' ');
    terminal.press(`sh -c 'echo $$ >${gateway.folder}/pid; exec ${command}'; echo status $?`, 'Enter');
    await terminal.sees(KEYS);
    process.kill(Number(readFileSync(`${gateway.folder}/pid`, 'utf8')), `SIG${signal}`);
    await terminal.sees(/^status 0$/);
    await expectGivenBack(terminal);
  });
});
