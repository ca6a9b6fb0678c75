import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Box } from '../support/box.ts';
import { temporaryFolder } from '../support/ending.ts';
import { needs } from '../support/needs.ts';
import { type Memory, memoryIn, type Subject } from './box.ts';
import { until } from './waiting.ts';

/* A gateway in our image for ARMv7, on an emulated board: where its memory's budget is to be met. */

const TARGET = 'linux-armv7l';

const NEEDED = [
  'an emulated ARMv7 board',
  'the tools of an image',
  'arm-linux-gnueabihf-g++',
  'qemu-arm-static',
] as const;

/** Why none can be had here, where it can't. */
export function withoutGuest(): string | undefined {
  const missing = NEEDED.filter((name) => !needs[name].isMet);
  return missing.length === 0 ? undefined : missing.map((name) => `${name}: ${needs[name].remedy}`).join('; ');
}

/** Builds the image in `dist` and gives back its file. */
export function buildImage(root: string): string {
  const made = spawnSync(process.execPath, [join(root, 'image/image.mjs'), '--target', TARGET], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`there is no image:\n${made.stderr}`);
  return join(root, `dist/fmucd-${TARGET}.img`);
}

/** The emulated board, set up over its console and then over SSH. */
export class Guest implements Subject {
  /** As the emulator's own network has this machine's loopback. */
  readonly host = '10.0.2.2';
  readonly #box: Box;
  readonly #key: string;

  private constructor(box: Box, key: string) {
    this.#box = box;
    this.#key = key;
  }

  /** Switches a fresh one on: what it writes doesn't stay. */
  static async switchOn(image: string, megabytes: number): Promise<Guest> {
    const key = join(temporaryFolder(), 'key');
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const box = await Box.switchOn(image, { target: TARGET, megabytes, extra: ['-snapshot'] });
    await box.login();
    await box.run(`echo '${readFileSync(`${key}.pub`, 'utf8').trim()}' >>/etc/fmucd/authorized_keys`);
    const guest = new Guest(box, key);
    await until('SSH', async () => (await box.ssh(key, 'true')).status === 0);
    return guest;
  }

  /** Its data and its control socket stay where the image has them. */
  async start(file: string): Promise<void> {
    const command = 'cat >/etc/fmucd/fmucd.toml && sv restart fmucd';
    const { status, output } = await this.#box.ssh(this.#key, command, file.replace(/^ *(data|control) = .*\n/gm, ''));
    if (status !== 0) throw new Error(`the box can't be set up: ${output}`);
  }

  /** Over the console, whose shell is there already: on the least board a new login may be what the kernel ends for want of memory. */
  async memory(): Promise<Memory> {
    return memoryIn((await this.#box.run('cat /proc/$(pidof fmucd)/status')).output);
  }

  switchOff(): Promise<void> {
    return this.#box.cutPower();
  }
}
