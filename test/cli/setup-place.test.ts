import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { writePairLine } from '../../src/cli/setup/pair-line.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { bundle } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';
import { Program } from '../support/program.ts';
import { requires } from '../support/requires.ts';

/** Where the operator's file can't be written: the built program on a file system of its own. */

afterEach(endAll);

const INIT = 'init -c fmucd.toml --domain rooms.denmark.lit --s2s 127.0.0.1:1 --data /tmp --control /tmp/c';

requires('a file system of its own')('a file', () => {
  /** Runs a script in a folder on a tmpfs of its own, where `$fmucd` is the program. */
  async function inFolder(script: string, options = 'size=64k') {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'script'), `fmucd() { ${bundle.join(' ')} "$@" </dev/null; }\n${script}\n`);
    const mount = `mkdir ${folder}/d && mount -t tmpfs -o ${options} none ${folder}/d && cd ${folder}/d && . ${folder}/script`;
    const program = new Program('the script', 'unshare', ['-rm', 'sh', '-c', mount]);
    const { code } = await program.exited;
    return { code, lines: program.lines.all() };
  }

  it('that the disk has no room for is said, and what was there is there', async () => {
    const script = `echo '# mine' >fmucd.toml; head -c 100k /dev/zero >filler 2>/dev/null; fmucd ${INIT} --force; code=$?; cat fmucd.toml; ls; exit $code`;
    expect(await inFolder(script)).toEqual({
      code: 1,
      lines: expect.arrayContaining([
        "fmucd: fmucd.toml can't be written: no space left on device",
        '# mine',
        'filler',
        'fmucd.toml',
      ]) as unknown,
    });
  });

  it('in a folder that may not be written is said before anything is asked', async () => {
    const { code, lines } = await inFolder(`mount -o remount,ro "$PWD"; fmucd ${INIT}`);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^fmucd: fmucd\.toml can't be written: .*read-only file system/)]);
  });

  it('to which a link can’t be added stays as it was', async () => {
    const line = 'fmucd1 rooms.wonderland.lit with wonderland.lit at 10.1.0.2:5270 open sum';
    const init = INIT.replace(':1 ', `:${await freePort('127.0.0.1')} `);
    const script = `fmucd ${init} >/dev/null; cp fmucd.toml ../before; mount -o remount,ro "$PWD"
      fmucd pair -c fmucd.toml --yes --from 10.1.0.1 ${line} "$(cat ../sum)"; code=$?; cmp fmucd.toml ../before; exit $code`;
    const { code, lines } = await inFolder(`echo ${sumOf(line)} >../sum; ${script}`);
    expect([code, lines.filter((text) => text.startsWith('fmucd: '))]).toEqual([
      1,
      ["fmucd: fmucd.toml can't be written: read-only file system"],
    ]);
  });
});

function sumOf(line: string): string {
  const { head, sum } = writePairLine({
    domain: 'rooms.wonderland.lit',
    domains: ['wonderland.lit'],
    address: { host: '10.1.0.2', port: 5270 },
    transport: 'direct',
    tls: 'off',
    bandwidth: 0,
    compression: true,
    pin: '',
  });
  expect(`${head} sum`).toBe(line);
  return sum;
}
