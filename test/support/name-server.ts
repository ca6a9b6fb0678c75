import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { atEnd } from './ending.ts';

const SRV = 33;
const INTERNET = 1;
const SECONDS = 60;

/** Where a service is (RFC 2782). */
export interface Service {
  readonly port: number;
  /** A name, or an address in its place: resolvers that end in the system's take both. */
  readonly target: string;
}

/** A name server that knows services only, such as `_xmpp-server._tcp.denmark.test`; of other names it says that there are none. */
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
  const HEADER = 12;
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const service = query.readUInt16BE(at + 1) === SRV ? services[labels.join('.').toLowerCase()] : undefined;
  const flags = service === undefined ? [0x81, 0x83] : [0x81, 0x80];
  return Buffer.concat([
    query.subarray(0, 2),
    Buffer.from([...flags, 0, 1, 0, service === undefined ? 0 : 1, 0, 0, 0, 0]),
    query.subarray(HEADER, at + 5),
    ...(service === undefined ? [] : [record(service)]),
  ]);
}

/** Of the name in the question. */
function record({ port, target }: Service): Buffer {
  const name = target.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const data = Buffer.from([0, 0, 0, 0, port >> 8, port & 255, ...name, 0]);
  const head = Buffer.from([0xc0, 12, 0, SRV, 0, INTERNET, 0, 0, 0, SECONDS, 0, data.length]);
  return Buffer.concat([head, data]);
}
