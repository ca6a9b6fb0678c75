import type { NeighbourReport, RoomReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { count, formatAge, visible } from './format.ts';
import { pick } from './pick.ts';
import { type Column, details, type Frame, type Row, table } from './table.ts';

/** `fmucd rooms [ROOM]`; a room of ours may be named without its domain. */
export function rooms(invocation: Invocation): Promise<number> {
  const { operands, json, output } = invocation;
  const [operand] = operands;
  return askGateway(invocation, (report) => {
    const chosen = pick(report.rooms, operand, ({ jid }) => [jid, jid.slice(0, jid.indexOf('@'))], 'room', output);
    if (chosen === undefined) return EXIT.failed;
    if (json) output.print(JSON.stringify({ rooms: chosen }));
    else
      output.print(
        operand === undefined
          ? roomsScreen(chosen, { paint: output.paint })
          : chosen.map((room) => roomScreen(room, Date.now())).join('\n'),
      );
    return EXIT.fine;
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'ROOM' },
  { title: 'STATE' },
  { title: 'LOCAL', align: 'right' },
  { title: 'REMOTE', align: 'right' },
  { title: 'HISTORY', align: 'right' },
];

const URGENCY: Readonly<Record<RoomReport['state'], number>> = {
  local: 0,
  joining: 0,
  joined: 0,
  'out-of-reach': 1,
  rejected: 2,
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
      note: noteOf(room),
      urgency: Math.max(URGENCY[room.state], room.missing > 0 ? 1 : 0),
    }),
  );
  return table(COLUMNS, rows, { ...frame, more: 'fmucd rooms' }).join('\n');
}

function noteOf({ reason, missing }: RoomReport): string | undefined {
  if (reason !== null) return visible(reason);
  return missing === 0 ? undefined : `${count(missing, 'message')} missing: fmucd fetch ROOM asks for them`;
}

/** All about one room. `now` is in milliseconds since the epoch. */
export function roomScreen(room: RoomReport, now: number): string {
  const nodes = Object.entries(room.nodes).map(([node, occupants]) => [visible(node), String(occupants)] as const);
  return [
    visible(room.jid),
    ...details([
      ['state', room.reason === null ? room.state : `${room.state}: ${visible(room.reason)}`],
      ['mode', room.mode],
      ['joins', visible(room.federate ?? 'none: others may join it')],
      ['occupants', `${room.occupants.local} local, ${room.occupants.remote} remote`],
      ['history', count(room.history, 'message')],
      ...some('missing', room.missing, 'left behind on their way here: fmucd fetch ROOM asks for them'),
      ...some('lost', room.lost, 'asked for, and nobody has them any more'),
      ...some('held', room.held, 'waiting for the node that puts them in order'),
    ]),
    ...(nodes.length === 0 ? [] : ['  occupants by node', ...details(nodes.map(([node, n]) => [`  ${node}`, n]))]),
    ...room.neighbours.flatMap((neighbour) => neighbourLines(neighbour, now)),
  ].join('\n');
}

const STATES: Readonly<Record<NeighbourReport['state'], string>> = {
  here: 'here',
  returning: 'here, being compared with what we have',
  away: 'away',
};

/** What a neighbour has, what it misses, and what it was not sent. */
function neighbourLines(neighbour: NeighbourReport, now: number): string[] {
  const { node, side, state, since, dialect, has, unconfirmed, misses, dropped, refused } = neighbour;
  return [
    `  ${side === 'joined' ? 'joined' : 'joined by'} ${visible(node)}`,
    ...details([
      ['  state', since === null ? STATES[state] : `${STATES[state]}, ${formatAge(since, now)}`],
      ['  speaks', dialect],
      ['  has', count(has, 'message')],
      ...some('  unconfirmed', unconfirmed, 'sent, and not yet known to be there'),
      ...some('  misses', misses, 'waiting until it is back'),
      ...some('  dropped', dropped, 'more than its queue or its join allowed'),
      ...some('  refused', refused, 'ignored, and the log says why', 'stanza'),
    ]),
  ];
}

/** A count with its meaning, where there is anything to count. */
function some(name: string, number: number, meaning: string, what = 'message'): [string, string][] {
  return number === 0 ? [] : [[name, `${count(number, what)}: ${meaning}`]];
}
