import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { atEnd } from './ending.ts';

interface Srv {
  readonly priority?: number;
  readonly weight?: number;
  readonly port: number;
  readonly target: string;
}

/** What is answered for a name: records, or one of the ways to have none. */
export type DnsAnswer = readonly Srv[] | 'no such name' | 'fault' | 'refused' | 'silence';

const CODES = { fault: 2, 'no such name': 3, refused: 5 } as const;

/** A server of DNS on loopback that knows SRV records only (RFC 1035 §4, RFC 2782). A name that isn't listed doesn't exist. */
export class DnsServer {
  /** `address:port`. */
  readonly address: string;
  readonly asked: string[] = [];

  private constructor(address: string) {
    this.address = address;
  }

  static async start(answers: Readonly<Record<string, DnsAnswer>>): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.on('message', (query, { port, address }) => {
      const name = nameIn(query);
      server.asked.push(name);
      const answer = answers[name] ?? 'no such name';
      if (answer !== 'silence') socket.send(response(query, answer), port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    atEnd(() => socket.close());
    const server = new DnsServer(`127.0.0.1:${socket.address().port}`);
    return server;
  }
}

const HEADER_BYTES = 12;

function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = HEADER_BYTES; query[at] !== 0; at += 1 + (query[at] as number))
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] as number)));
  return labels.join('.').toLowerCase();
}

function response(query: Buffer, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const records = typeof answer === 'string' ? [] : answer;
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8180 | (typeof answer === 'string' ? CODES[answer] : 0), 2);
  header.writeUInt16BE(records.length, 6);
  header.fill(0, 8);
  let end = HEADER_BYTES;
  while (query[end] !== 0) end += 1 + (query[end] as number);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 5), ...records.map(record)]);
}

function record({ priority = 0, weight = 0, port, target }: Srv): Buffer {
  const labels = target.split('.').filter((label) => label !== '');
  const name = Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.of(0),
  ]);
  const bytes = Buffer.alloc(18);
  bytes.writeUInt16BE(0xc00c, 0); // the name that was asked for
  bytes.writeUInt16BE(33, 2); // SRV
  bytes.writeUInt16BE(1, 4); // IN
  bytes.writeUInt16BE(6 + name.length, 10);
  for (const [index, number] of [priority, weight, port].entries()) bytes.writeUInt16BE(number, 12 + 2 * index);
  return Buffer.concat([bytes, name]);
}
