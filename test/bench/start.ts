import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ComponentServer } from '../support/component-server.ts';
import { DirectPeer } from '../support/direct-peer.ts';
import { temporaryFolder } from '../support/ending.ts';
import { type Built, messageOf, writeConfiguration } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import { Program } from '../support/program.ts';
import { median } from './median.ts';

/* How long a gateway takes until it is ready, beside `node -e 0` of its own Node. */

/** Medians, in milliseconds. */
export interface StartResult {
  readonly ready: number;
  readonly node: number;
}

/** Of each, after one that isn't counted: its store is new, and nothing of either has been read from the disk. */
const STARTS = 11;

/** Measures a gateway with one room and one link, and that Node, by turns: others use the machine too. */
export async function measureStart(program: Built, node: string): Promise<StartResult> {
  const server = await ComponentServer.start(SECRET);
  const peer = await DirectPeer.listen();
  const file = writeConfiguration(
    temporaryFolder(),
    `${gatewayOf('denmark.test', server)}
    [[link]]
    peer = "rooms.wonderland.test"
    domains = ["wonderland.test"]
    connect = "127.0.0.1:${peer.port}"
    [[room]]
    name = "elsinore"
    federate = "rabbithole@rooms.wonderland.test"
    `,
  );
  const [command, ...args] = program;
  const times = { ready: [] as number[], node: [] as number[] };
  for (let count = 0; count <= STARTS; count++) {
    // The second is quicker, having the machine as it was left by itself: the stricter measure.
    await plain(node);
    const nodeTime = await plain(node);
    const started = performance.now();
    const gateway = new Program('the gateway', command, [...args, 'run', '-c', file]);
    await gateway.lines.expect('to be ready', (line) => messageOf(line) === 'ready');
    const ready = performance.now() - started;
    await gateway.kill('SIGTERM');
    if (count === 0) continue;
    times.ready.push(ready);
    times.node.push(nodeTime);
  }
  return { ready: median(times.ready), node: median(times.node) };
}

/** As a gateway is started: without io_uring. */
async function plain(node: string): Promise<number> {
  const started = performance.now();
  await once(spawn(node, ['-e', '0'], { stdio: 'ignore', env: { ...process.env, UV_USE_IO_URING: '0' } }), 'exit');
  return performance.now() - started;
}
