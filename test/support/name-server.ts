import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { atEnd } from './ending.ts';

const A = 1;
const SRV = 33;
/** Bytes of a message before its question. */
const HEADER = 12;
const SECONDS = 60;

/** Where a service is (RFC 2782). */
export interface Service {
  readonly port: number;
  /** A name, or an address in its place: resolvers that end in the system's take both. */
  readonly target: string;
}

/**
 * A name server that knows services, such as `_xmpp-server._tcp.denmark.test`, and takes an address for the name of itself. Of
 * other names it says that there are none.
 */
export async function nameServer(
  services: Readonly<Record<string, Service>>,
  address = '127.0.0.1',
  port = 0,
): Promise<number> {
  const socket = createSocket('udp4', (query, { address, port }) =>
    socket.send(answer(query, services), port, address),
  );
  atEnd(() => socket.close());
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket.address().port;
}

/** The answer to a message with one question (RFC 1035 §4). */
function answer(query: Buffer, services: Readonly<Record<string, Service>>): Buffer {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const name = labels.join('.').toLowerCase();
  const data = dataOf(name, query.readUInt16BE(at + 1), services);
  return Buffer.concat([
    query.subarray(0, 2),
    Buffer.from(data === undefined ? [0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0] : [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]),
    query.subarray(HEADER, at + 5),
    ...(data === undefined ? [] : [record(query.subarray(at + 1, at + 5), data)]),
  ]);
}

function dataOf(name: string, type: number, services: Readonly<Record<string, Service>>): Buffer | undefined {
  const service = services[name];
  if (type === A && isIPv4(name)) return Buffer.from(name.split('.').map(Number));
  if (type !== SRV || service === undefined) return undefined;
  const target = service.target.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0, 0, 0, 0, service.port >> 8, service.port & 255, ...target, 0]);
}

/** Of the name in the question, and of its type and class. */
function record(typeAndClass: Buffer, data: Buffer): Buffer {
  const head = Buffer.from([0xc0, HEADER, ...typeAndClass, 0, 0, 0, SECONDS, 0, data.length]);
  return Buffer.concat([head, data]);
}
