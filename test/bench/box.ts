import { parseElement } from '../../src/xml/parse.ts';
import { ComponentServer } from '../support/component-server.ts';
import { messages, messageXml, presenceHour, presenceXml, users } from '../support/corpus.ts';
import { type Built, Gateway } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import type { Person } from '../support/person.ts';
import { freePort } from '../support/ports.ts';
import { isMessage } from './scene.ts';
import { sleep, until } from './waiting.ts';

/* What a gateway keeps in memory: ten rooms, one link, a hundred occupants. It may run here or in a machine of its own. */

/** What a process has of the machine's memory, in bytes. */
export interface Memory {
  readonly resident: number;
  /** Of that: what the kernel can't read again from a file. */
  readonly anonymous: number;
}

/** From `/proc/PID/status`. */
export function memoryIn(status: string): Memory {
  const of = (key: string): number => {
    const kilobytes = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`no ${key} is said of the process: ${JSON.stringify(status)}`);
    return 1024 * Number(kilobytes);
  };
  return { resident: of('VmRSS'), anonymous: of('RssAnon') };
}

/** A gateway to measure. */
export interface Subject {
  /** Where it finds this machine, on which its server and its peer listen at 127.0.0.1. */
  readonly host: string;
  /** Runs it with a file that says this, ready or not. */
  start(file: string): Promise<void>;
  memory(): Promise<Memory>;
}

export interface BoxResult {
  readonly idle: Memory;
  readonly afterTraffic: Memory;
}

const ROOMS = 10;
/** Occupants of a room on either side. */
const EACH = 5;
/** An hour's, each side saying half. */
const SAID = 4000;
/** From one author to the next: everybody comes to speak, and hardly ever two of a room or side in a row. */
const STEP = 57;
/** How many are under way at a time: the gateway takes them as quickly as it can. */
const AT_ONCE = 40;
/** Milliseconds until it has to be ready: an emulated board takes some seconds. */
const PATIENCE = 60_000;
/** Milliseconds in which what is being done at leisure gets done. */
const REST = 5000;

type Side = 'near' | 'far';
const DOMAINS = { near: 'denmark.test', far: 'wonderland.test' } as const;

/** Measures a gateway without work, and after an hour's. Its peer is another one, run here. */
export async function measureBox(subject: Subject, peer: Built): Promise<BoxResult> {
  const [near, far] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
  const port = await freePort('127.0.0.1');
  await Gateway.start(fileOf('far', far, `listen = "127.0.0.1:${port}"\nfrom = ["127.0.0.1"]`), peer);
  await far.handshake('accepted');
  const reached = { address: subject.host, port: near.port };
  await subject.start(fileOf('near', reached, `connect = "${subject.host}:${port}"`));
  await near.handshake('accepted', PATIENCE);
  await sleep(REST);
  const idle = await subject.memory();
  const people = await everybody({ near, far });
  await traffic(people);
  await sleep(REST);
  return { idle, afterTraffic: await subject.memory() };
}

interface Occupant {
  readonly side: Side;
  readonly room: string;
  readonly nick: string;
  readonly person: Person;
}

async function everybody(servers: Readonly<Record<Side, ComponentServer>>): Promise<readonly Occupant[]> {
  const people = users('measured');
  const occupants: Occupant[] = [];
  for (const side of ['far', 'near'] as const)
    for (let number = 0; number < ROOMS; number++)
      for (const { localpart, nick } of people.slice(side === 'near' ? 0 : EACH, side === 'near' ? EACH : 2 * EACH)) {
        const room = roomOf(side, number);
        const person = servers[side].user(`${localpart}@${DOMAINS[side]}/${number}`);
        await person.join(room, nick);
        occupants.push({ side, room, nick, person });
      }
  return occupants;
}

async function traffic(occupants: readonly Occupant[]): Promise<void> {
  const corpus = messages('measured');
  const shown = presenceHour('measured').filter(({ kind }) => kind !== 'join' && kind !== 'leave');
  const first = (side: Side) => occupants.filter((one, index) => one.side === side && index % EACH === 0);
  const heard = (side: Side) =>
    first(side).reduce((sum, { person }) => sum + person.collected().filter(isMessage).length, 0);
  for (let count = 0; count < SAID; ) {
    for (const end = count + AT_ONCE; count < end; count++) {
      const message = corpus[count % corpus.length];
      const occupant = occupants[(count * STEP) % occupants.length];
      const event = shown[count % shown.length];
      if (message === undefined || occupant === undefined || event === undefined) continue;
      const { person, room, nick } = occupant;
      await person.send(parseElement(messageXml({ ...message, id: `${count}` }, person.jid, room)));
      if (count % 3 === 0)
        await person.send(parseElement(presenceXml({ ...event, user: { ...event.user, nick } }, person.jid, room)));
    }
    const said = count;
    await until(`${said} messages`, () => heard('near') >= said && heard('far') >= said);
  }
}

const roomOf = (side: Side, number: number): string => `room-${number}@rooms.${DOMAINS[side]}`;

function fileOf(side: Side, server: { readonly address: string; readonly port: number }, way: string): string {
  const peer = DOMAINS[side === 'near' ? 'far' : 'near'];
  const rooms = Array.from({ length: ROOMS }, (_, number) => {
    const other = side === 'near' ? `federate = "${roomOf('far', number)}"` : `accept = ["${roomOf('near', number)}"]`;
    return `[[room]]\nname = "room-${number}"\n${other}`;
  });
  return `
    ${gatewayOf(DOMAINS[side], server)}
    [[link]]
    peer = "rooms.${peer}"
    domains = ["${peer}"]
    ${way}
    compression = true
    dialect = "fmucd"
    coalesce = 60
    ${rooms.join('\n')}
  `;
}
