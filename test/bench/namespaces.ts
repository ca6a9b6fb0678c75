import { spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../support/ending.ts';
import { Inbox } from '../support/inbox.ts';
import { Program } from '../support/program.ts';
import type { Air, AirOptions, Packet, Place } from './air.ts';

const relay = fileURLToPath(new URL('../../test/bench/air.py', import.meta.url));
const OWN_NAMESPACE = '/proc/self/ns/net';

let links = 0;

/**
 * A link between two network namespaces of its own, made of TUN devices, with air.py in between. The process that calls
 * it must itself be in a namespace where it may make devices: it reaches each side through a fast pair of them.
 */
export class NamespaceAir implements Air {
  readonly near: Place;
  readonly far: Place;
  readonly #packets: Packet[] = [];
  readonly #answers = new Inbox<string>('the air', (line) => line);
  readonly #command: (line: string) => void;
  #syncs = 0;

  private constructor(near: Program, far: Program) {
    const number = ++links;
    const [nearAddress, farAddress] = [`10.${10 + number}.1`, `10.${10 + number}.2`];
    connect(`near${number}`, near.pid, nearAddress);
    connect(`far${number}`, far.pid, farAddress);
    const place = ({ pid }: Program, address: string, air: string): Place => ({
      within: ['nsenter', `--net=/proc/${pid}/ns/net`],
      address: `${address}.2`,
      ours: `${address}.1`,
      air,
      reached: air,
    });
    this.near = place(near, nearAddress, '10.9.0.1');
    this.far = place(far, farAddress, '10.9.0.2');
    const child = spawn('python3', [relay, String(near.pid), String(far.pid)], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.on('error', (error) => this.#answers.close(error.message));
    child.on('exit', () => this.#answers.close('it has ended'));
    child.stdin.on('error', () => {}); // `exit` follows
    createInterface(child.stdout).on('line', (line) => this.#hear(line));
    this.#command = (line) => child.stdin.write(`${line}\n`);
    atEnd(() => child.kill('SIGKILL'));
  }

  static async start(options: AirOptions): Promise<NamespaceAir> {
    const [near, far] = await Promise.all([namespace('near'), namespace('far')]);
    const air = new NamespaceAir(near, far);
    await air.#answers.expect('to be ready', (line) => line.includes('ready'));
    air.set(options);
    return air;
  }

  async packets(): Promise<readonly Packet[]> {
    const sync = JSON.stringify({ sync: ++this.#syncs });
    await this.#ask(sync);
    // They are told of as they arrive.
    return this.#packets.toSorted((a, b) => a.at - b.at);
  }

  set(options: AirOptions): void {
    this.#command(JSON.stringify({ set: options }));
  }

  async cut(): Promise<void> {
    await this.#ask('{"cut": true}');
  }

  async mend(): Promise<void> {
    await this.#ask('{"mend": true}');
  }

  async #ask(command: string): Promise<void> {
    this.#command(command);
    const wanted = JSON.stringify(JSON.parse(command));
    await this.#answers.expect(command, (line) => JSON.stringify(JSON.parse(line)) === wanted);
  }

  #hear(line: string): void {
    if (!line.startsWith('{"from"')) return this.#answers.add(line);
    const { arrived, ...packet } = JSON.parse(line) as Packet & { readonly arrived: number | null };
    this.#packets.push({ ...packet, arrived: arrived ?? undefined });
  }
}

/** Whether this machine lets us make network namespaces and TUN devices, and has what that takes. */
export function namespacesAllowed(): boolean {
  const probe = `
    ip link set lo up && ip link add probe type veth peer name eborp &&
    python3 -c 'import fcntl, os, struct
fcntl.ioctl(os.open("/dev/net/tun", os.O_RDWR), 0x400454ca, struct.pack("16sH22x", b"air", 0x1001))' &&
    command -v nsenter`;
  return spawnSync('unshare', ['--net', 'sh', '-c', probe], { timeout: 10_000 }).status === 0;
}

/** A process that does nothing but hold a network namespace. */
async function namespace(name: string): Promise<Program> {
  const holder = new Program(name, 'unshare', ['--net', 'sleep', 'infinity']);
  const ours = readlinkSync(OWN_NAMESPACE);
  while (readlinkSync(`/proc/${holder.pid}/ns/net`) === ours) await new Promise((resolve) => setTimeout(resolve, 5));
  return holder;
}

/** A fast way between us (`.1`) and that process's namespace (`.2`). */
function connect(device: string, pid: number, network: string): void {
  const inside = ['nsenter', `--net=/proc/${pid}/ns/net`];
  run('ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  run('ip', 'address', 'add', `${network}.1/24`, 'dev', device);
  run('ip', 'link', 'set', device, 'up');
  run(...inside, 'ip', 'link', 'set', 'lo', 'up');
  run(...inside, 'ip', 'address', 'add', `${network}.2/24`, 'dev', 'eth0');
  run(...inside, 'ip', 'link', 'set', 'eth0', 'up');
}

function run(command = '', ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
}
