import { beforeEach, expect, it } from 'vitest';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { ALICE, drop, ELSINORE, enters, fmuc, HAMLET, HATTER, OPHELIA, RABBITHOLE } from '../support/nodes.ts';
import type { OpenfireRoom } from '../support/openfire.ts';
import { connect, OPENFIRE_PORT, type OpenfireLink } from '../support/openfire-peer.ts';
import { Reader } from '../support/reader.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* Messages that refer to others, to and from a plain XEP-0289 node: it knows messages by the ids of their clients. */

let gateway: VirtualGateway;
let far: OpenfireLink;
let reader: Reader;

const sends = (xml: string): void => far.does([parseElement(xml)]);
const says = (jid: string, payloads: string, id: string) =>
  gateway.say(`<message from='${jid}' to='${ELSINORE}' type='groupchat' id='${id}'>${payloads}</message>`);
/** Somebody there; `given` is the stanza-id of their own room. */
const speaks = (jid: string, nick: string, payloads: string, id: string, given: string) =>
  sends(`<message from='${RABBITHOLE}/${nick}' to='${ELSINORE}' type='groupchat' id='${id}'>${fmuc(jid)}${payloads}
    <stanza-id xmlns='${NS.stanzaId}' by='${RABBITHOLE}' id='${given}'/></message>`);
const corrects = (id: string) => `<replace xmlns='${NS.correction}' id='${id}'/>`;
const replies = (id: string) => `<reply xmlns='${NS.reply}' id='${id}'/>`;
const heard = () => reader.read(gateway.take(HAMLET));
const crossed = () => gateway.crossed.splice(0).join('\n');

beforeEach(() => {
  const world = new VirtualWorld();
  gateway = world.gateway('rooms.denmark.lit', {
    gateway: { localDomains: ['denmark.lit'] },
    links: [
      {
        peer: 'rooms.wonderland.lit',
        domains: ['wonderland.lit'],
        listen: { host: '127.0.0.1', port: OPENFIRE_PORT },
        from: ['127.0.0.1'],
        dialect: 'xep',
      },
    ],
    rooms: [{ name: 'elsinore', federate: [RABBITHOLE] }],
  });
  far = connect(gateway, { jid: RABBITHOLE, handle: () => [] } as unknown as OpenfireRoom);
  world.settle(60_000);
  for (const [jid, nick] of [
    [HAMLET, 'Hamlet'],
    [OPHELIA, 'Ophelia'],
  ] as const)
    gateway.say(enters(jid, ELSINORE, nick));
  for (const [jid, nick] of [
    [ALICE, 'Alice'],
    [HATTER, 'Hatter'],
  ] as const)
    sends(`<presence from='${RABBITHOLE}/${nick}' to='${ELSINORE}'>${fmuc(jid)}</presence>`);
  sends(`<message from='${RABBITHOLE}/Alice' to='${ELSINORE}' type='groupchat'>${fmuc(ALICE)}<subject/></message>`);
  drop(gateway);
  reader = new Reader(ELSINORE);
});

it('a message keeps the id of its client, and a correction refers to it', () => {
  says(HAMLET, '<body>To bee</body>', 'h1');
  expect(crossed()).toMatch(/^<message id="h1"/);
  says(HAMLET, `<body>To be</body>${corrects('h1')}`, 'h2');
  expect(crossed()).toContain(`<replace xmlns="${NS.correction}" id="h1"/>`);
  expect(heard()).toEqual(['Hamlet To bee', 'Hamlet To be (corrects To bee)']);
});

it('what refers by a stanza-id goes to the node that gave it, and is nothing there to one of ours', () => {
  speaks(ALICE, 'Alice', '<body>Curiouser</body>', 'a1', 'room-1');
  says(HAMLET, '<body>Mine</body>', 'h1');
  heard();
  crossed();
  says(OPHELIA, `<body>indeed</body>${replies(reader.stanzaId('Curiouser'))}`, 'o1');
  expect(crossed()).toContain(`<reply xmlns="${NS.reply}" id="room-1" to="${RABBITHOLE}/Alice"/>`);
  says(OPHELIA, `<body>oh</body>${replies(reader.stanzaId('Mine'))}`, 'o2');
  expect(crossed()).not.toContain('<reply');
  says(OPHELIA, `<reactions xmlns='${NS.reactions}' id='${reader.stanzaId('Mine')}'/>`, 'o3');
  expect(crossed()).toBe('');
  expect(heard()).toEqual([
    'Ophelia indeed (replies to Curiouser)',
    'Ophelia oh (replies to Mine)',
    'Ophelia (reacts to Mine)',
  ]);
});

it('what it refers to is found by its own ids, or left out', () => {
  speaks(ALICE, 'Alice', '<body>Curiouser</body>', 'a1', 'room-1');
  speaks(ALICE, 'Alice', `<body>Curious</body>${corrects('a1')}`, 'a2', 'room-2');
  speaks(HATTER, 'Hatter', `<body>No room</body>${replies('room-1')}`, 'b1', 'room-3');
  speaks(
    HATTER,
    'Hatter',
    `<body>forged</body>${corrects('a1')}<retract xmlns='${NS.retract}' id='room-1'/>`,
    'b2',
    'room-4',
  );
  speaks(HATTER, 'Hatter', `<body>nowhere</body>${replies('34r9c1')}${corrects('h1')}`, 'b3', 'room-5');
  expect(heard()).toEqual([
    'Alice Curiouser',
    'Alice Curious (corrects Curiouser)',
    'Hatter No room (replies to Curiouser)',
    'Hatter forged',
    'Hatter nowhere',
  ]);
});

it('the form that gateways of ours use among themselves is nothing in its mouth', () => {
  says(HAMLET, '<body>Mine</body>', 'h1');
  heard();
  const [record] = gateway.store.messages(ELSINORE);
  speaks(ALICE, 'Alice', `<body>yes</body>${replies(`${record?.origin?.id}@${ELSINORE}`)}`, 'a1', 'room-1');
  expect(heard()).toEqual(['Alice yes']);
});
