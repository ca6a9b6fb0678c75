import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { completion } from '../../src/cli/completion.ts';
import { unpainted } from '../../src/cli/paint.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { requires } from '../support/requires.ts';

/* `fmucd completion bash`: what it prints, in a real bash. */

afterAll(endAll);

function completionFor(shell: string) {
  const printed: string[] = [];
  const complained: string[] = [];
  const output = {
    print: (text: string) => printed.push(text),
    complain: (line: string) => complained.push(line),
    paint: unpainted,
  };
  return { status: completion(shell, commands, output), printed: printed.join('\n'), complained };
}

const script = completionFor('bash').printed;

/** A stand-in for `fmucd` on the PATH, which notes how it is called and answers so. */
function stub(answer: string): { readonly folder: string; readonly calls: () => number } {
  const folder = temporaryFolder();
  const log = join(folder, 'calls');
  writeFileSync(join(folder, 'answer'), answer);
  writeFileSync(join(folder, 'fmucd'), `#!/bin/sh\necho "$@" >>${log}\ncat ${folder}/answer\n`, { mode: 0o700 });
  return {
    folder,
    calls: () =>
      (existsSync(log) ? spawnSync('wc', ['-l', log], { encoding: 'utf8' }).stdout : '0').split(' ').map(Number)[0] ??
      0,
  };
}

/** What bash would offer at the end of each line in turn, in one shell; `FILES` where it is left to readline. */
function offered(lines: readonly string[], folder = '/nowhere', wordbreaks = /(?<=@)|(?=@)/): string[][] {
  const asked = lines.map((line) => {
    const words = line.split(' ').flatMap((word) => (word === '' ? [word] : word.split(wordbreaks)));
    return `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
      _fmucd
      printf '%s\\n' "\${COMPREPLY[@]}" END`;
  });
  const { stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '-uc', `${script}\ncompopt() { COMPREPLY=(FILES); }\n${asked.join('\n')}`],
    { encoding: 'utf8', env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder } },
  );
  expect(stderr).toBe('');
  return stdout
    .split('END\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((word) => word !== ''));
}

const offer = (line: string, folder?: string): string[] => offered([line], folder)[0] ?? [];

describe('bash offers', () => {
  it('every command that is there, and help', () => {
    const names = commands.map(({ name }) => name);
    expect(offer('fmucd ')).toEqual([...names, 'help']);
    expect(offer('fmucd st')).toEqual(['status']);
    expect(offer('fmucd -c a.toml st')).toEqual(['status']);
    expect(offer('fmucd help li')).toEqual(['links', 'link']);
  });

  it.each(commands)('every option of $name', ({ name, options }) => {
    expect(offer(`fmucd ${name} -`)).toEqual(options.map((option) => option.name));
  });

  it.each(
    commands.flatMap(({ name, options }) =>
      options.flatMap(({ words, name: option }) => (words === undefined ? [] : [[name, option, words] as const])),
    ),
  )('the words of %s %s', (name, option, words) => {
    expect(offer(`fmucd ${name} ${option} `)).toEqual(words);
  });

  it('files where a file is wanted, and nothing where nothing is known', () => {
    expect(offer('fmucd status -c ')).toEqual(['FILES']);
    expect(offer('fmucd run --last-good /var/l')).toEqual(['FILES']);
    expect(offer('fmucd history elsinore --since ')).toEqual([]);
    expect(offer('fmucd history elsinore --since -')).toEqual([]);
    expect(offer('fmucd status ')).toEqual([]);
    expect(offer('fmucd frobnicate ')).toEqual([]);
  });

  it('the peers and the rooms of the running gateway, which it asks once', () => {
    const peers = stub('{"links":[{"peer":"rooms.wonderland.lit","state":"up"},{"peer":"rooms.arden.lit"}],"s2s":[]}');
    expect(offered(['fmucd links ', 'fmucd trace rooms.w', 'fmucd links x'], peers.folder)).toEqual([
      ['rooms.wonderland.lit', 'rooms.arden.lit'],
      ['rooms.wonderland.lit'],
      [],
    ]);
    expect(peers.calls()).toBe(1);
    const rooms = stub('{"rooms":[{"jid":"elsinore@rooms.denmark.lit"},{"jid":"ophelia@rooms.denmark.lit"}]}');
    expect(offered(['fmucd rooms ', 'fmucd history els', 'fmucd -c a.toml rooms '], rooms.folder)).toEqual([
      ['elsinore', 'ophelia'],
      ['elsinore'],
      ['elsinore', 'ophelia'],
    ]);
    expect(rooms.calls()).toBe(2); // with another file it is another gateway
  });

  it('nothing where no gateway runs, or none answers', () => {
    expect(offer('fmucd links ')).toEqual([]);
    expect(offer('fmucd rooms ', stub('fmucd: not running').folder)).toEqual([]);
  });

  it('names that somebody chose to do harm as they are, quoted, and runs nothing of them', () => {
    const evil = stub(
      '{"rooms":[{"jid":"$(touch${IFS}$HOME!done)`id`;ls@rooms.denmark.lit"},{"jid":"d\\\\27a@rooms.denmark.lit"}]}',
    );
    expect(offer('fmucd rooms ', evil.folder)).toEqual(['\\$\\(touch\\$\\{IFS\\}\\$HOME\\!done\\)\\`id\\`\\;ls']);
    expect(existsSync(`${evil.folder}!done`)).toBe(false);
  });
});

it('says of other shells what they can do', () => {
  expect(completionFor('zsh')).toEqual({
    status: 1,
    printed: '',
    complained: ['fmucd: no completion for "zsh" (bash)'],
  });
  expect(completionFor('ash').complained).toEqual([
    'fmucd: no completion for "ash": its Tab knows programs and files alone; to look, a command\'s beginning is enough (fmucd st)',
  ]);
});

requires('shellcheck')('the script', () => {
  it('is free of what shellcheck finds', () => {
    const { status, stdout } = spawnSync('shellcheck', ['-s', 'bash', '-'], { input: script, encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '']);
  });
});
