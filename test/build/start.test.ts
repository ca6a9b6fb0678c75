import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { host } from '../../build/targets.mjs';
import { alone, build } from '../support/build.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { type Built, Gateway } from '../support/gateway.ts';
import { requires } from '../support/requires.ts';

/* What the executable's own start makes of the machine's memory and of the file. */

let executable: string;
beforeAll(() => {
  const out = temporaryFolder();
  expect(build('--out', out).status).toBe(0);
  executable = join(out, `fmucd-${host}`);
}, 120_000);
afterAll(endAll);

/** The fields of the line about memory, where that memory is a line of the file. */
async function memory(line: string, start: Built = alone(executable)): Promise<{ of: number; heap: number }> {
  const gateway = await Gateway.start(
    `[log]\n[ gateway ] # ours\ndomain = "rooms.denmark.test"\ndata = "data"\ncontrol = "control"\n${line}\n`,
    start,
  );
  const said = await gateway.log.expect('its memory', (text) => text.includes('msg=memory '));
  await gateway.stop();
  const [, of, heap] = /of_mb=(\d+) heap_mb=(\d+)/.exec(said) ?? [];
  return { of: Number(of), heap: Number(heap) };
}

describe('the memory of the file', () => {
  it.each([
    ['memory = 64', 64],
    ['  memory=1_000# MB', 1000],
    ['memory\t=\t128', 128],
  ])('%j', async (line, of) => {
    const found = await memory(line);
    expect(found.of).toBe(of);
    expect(found.heap).toBeGreaterThanOrEqual(Math.max(24, of / 4));
    expect(found.heap).toBeLessThan(Math.max(24, of / 4) + 48);
  });

  it('that is commented out is none', async () => {
    const [here, there] = [await memory(''), await memory('#memory = 64')];
    expect(there).toEqual(here);
    expect(here.of).toBeGreaterThan(64);
  });

  it('is said not to be taken where the start can’t read it', async () => {
    const gateway = await Gateway.start(
      'gateway = { domain = "rooms.denmark.test", data = "data", control = "control", memory = 64 }\n',
      alone(executable),
    );
    const warning = await gateway.log.expect('a warning', (line) => line.includes('memory not taken'));
    expect(warning).toContain('level=warn msg="memory not taken from the file" memory=64');
  });
});

it('where there is little memory, V8 is given no flag that it doesn’t know', async () => {
  const gateway = await Gateway.start(
    '[gateway]\ndomain = "rooms.denmark.test"\ndata = "data"\ncontrol = "control"\nmemory = 64\n',
    alone(executable),
  );
  expect(gateway.log.all().filter((line) => !/^<\d>time=/.test(line))).toEqual([]);
});

it('whoever starts it has the last word', async () => {
  const start = alone('NODE_OPTIONS=--max-old-space-size=100', executable);
  expect((await memory('memory = 64', start)).heap).toBeGreaterThanOrEqual(100);
});

requires('a file system of its own')('in a control group', () => {
  it.each([
    ['its own bound', '0::/a/b', 'a/b', 'a', 100],
    ['that of one around it', '4:memory:/x\n0::/a/b', 'a', 'a/b', 100],
    ['that of the root of a container', '0::/', '.', 'a', 100],
  ])('%s', async (_, group, bounded, unbounded, megabytes) => {
    const script = `
      mount -t tmpfs none /sys/fs/cgroup && mkdir -p /sys/fs/cgroup/a/b
      echo max >/sys/fs/cgroup/${unbounded}/memory.max
      echo $((${megabytes} << 20)) >/sys/fs/cgroup/${bounded}/memory.max
      printf '${group.replaceAll('\n', '\\n')}\\n' >/sys/fs/cgroup/group && mount --bind /sys/fs/cgroup/group /proc/$$/cgroup
      exec "$@"`;
    expect((await memory('', ['unshare', '-rm', 'sh', '-ec', script, 'sh', ...alone(executable)])).of).toBe(megabytes);
  });
});
