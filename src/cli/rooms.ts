import type { NeighbourReport, RoomReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import { roomAttention } from './attention.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { count, formatSince, visible } from './format.ts';
import type { Tint } from './paint.ts';
import { pick } from './pick.ts';
import { type Column, type Detail, details, type Frame, frameFor, heading, type Row, table } from './table.ts';

/** `fmucd rooms [ROOM]`; a room of ours may be named without its domain. */
export function rooms(invocation: Invocation): Promise<number> {
  const { operands, json, output } = invocation;
  const [operand] = operands;
  return askGateway(invocation, (report) => {
    const chosen = pick(report.rooms, operand, ({ jid }) => [jid, jid.slice(0, jid.indexOf('@'))], 'room', output);
    if (chosen === undefined) return EXIT.failed;
    const frame = frameFor(output);
    if (json) output.print(JSON.stringify({ rooms: chosen }));
    else if (operand === undefined) output.print(roomsScreen(chosen, frame));
    else output.print(chosen.map((room) => roomScreen(room, Date.now(), frame)).join('\n'));
    return EXIT.fine;
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'ROOM' },
  { title: 'STATE', isState: true },
  { title: 'LOCAL', align: 'right', spare: 1 },
  { title: 'REMOTE', align: 'right', spare: 2 },
  { title: 'HISTORY', align: 'right', spare: 3 },
];

const TINTS: Readonly<Record<RoomReport['state'], Tint | undefined>> = {
  local: undefined,
  joining: undefined,
  joined: 'good',
  'out-of-reach': 'warning',
  rejected: 'fault',
};

/** Every room, a line each. */
export function roomsScreen(all: readonly RoomReport[], frame: Frame = {}): string {
  if (all.length === 0) return '  no rooms yet';
  const rows = all.map(
    (room): Row => ({
      cells: [
        visible(room.jid),
        room.state,
        String(room.occupants.local),
        String(room.occupants.remote),
        String(room.history),
      ],
      ...roomAttention(room),
      tint: TINTS[room.state],
    }),
  );
  return table(COLUMNS, rows, { ...frame, more: 'fmucd rooms' }).join('\n');
}

/** All about one room, what is wrong with it first. `now` is in milliseconds since the epoch. */
export function roomScreen(room: RoomReport, now: number, frame: Frame = {}): string {
  const nodes = Object.entries(room.nodes).map(
    ([node, occupants]): Detail => [`  ${visible(node)}`, String(occupants)],
  );
  return [
    ...heading(room.jid, frame),
    ...details(
      [
        ['state', room.reason === null ? room.state : `${room.state}: ${visible(room.reason)}`, TINTS[room.state]],
        ...some('missing', room.missing, 'left behind on their way here: fmucd fetch ROOM asks for them', 'warning'),
        ...some('lost', room.lost, 'asked for, and nobody has them any more', 'warning'),
        ...some('held', room.held, 'waiting for the node that puts them in order', 'warning'),
        ['mode', room.mode],
        ['joins', visible(room.federate ?? 'none: others may join it')],
        ['occupants', `${room.occupants.local} local, ${room.occupants.remote} remote`],
        ['history', count(room.history, 'message')],
      ],
      frame,
    ),
    ...(nodes.length === 0 ? [] : [...heading('occupants by node', frame, '  '), ...details(nodes, frame)]),
    ...room.neighbours.flatMap((neighbour) => neighbourLines(neighbour, now, frame)),
  ].join('\n');
}

/** What a neighbour has, what it misses, and what it was not sent. */
function neighbourLines(neighbour: NeighbourReport, now: number, frame: Frame): string[] {
  const { node, side, state, since, dialect, has, unconfirmed, misses, dropped, refused } = neighbour;
  const presence = state === 'away' ? 'away' : 'here';
  const comparing = state === 'returning' ? '; being compared with what we have' : '';
  return [
    ...heading(`${side === 'joined' ? 'joined' : 'joined by'} ${node}`, frame, '  '),
    ...details(
      [
        [
          '  state',
          `${presence}${since === null ? '' : ` since ${formatSince(since, now)}`}${comparing}`,
          state === 'away' ? 'warning' : 'good',
        ],
        ...some('  misses', misses, 'waiting until it is back', 'warning'),
        ...some('  dropped', dropped, 'more than its queue or its join allowed', 'warning'),
        ...some('  refused', refused, 'ignored, and the log says why', 'warning', 'stanza'),
        ['  speaks', dialect],
        ['  has', count(has, 'message')],
        ...some('  unconfirmed', unconfirmed, 'sent, and not yet known to be there'),
      ],
      frame,
    ),
  ];
}

/** A count with its meaning, where there is anything to count. */
function some(name: string, number: number, meaning: string, tint?: Tint, what = 'message'): Detail[] {
  return number === 0 ? [] : [[name, `${count(number, what)}: ${meaning}`, tint]];
}
