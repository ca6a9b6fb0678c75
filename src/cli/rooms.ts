import type { RoomReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { count, visible } from './format.ts';
import { pick } from './pick.ts';
import { type Column, details, type Row, table } from './table.ts';

/** `fmucd rooms [ROOM]`; a room of ours may be named without its domain. */
export function rooms(invocation: Invocation): Promise<number> {
  const { operand, json, output } = invocation;
  return askGateway(invocation, (report) => {
    const chosen = pick(report.rooms, operand, ({ jid }) => [jid, jid.slice(0, jid.indexOf('@'))], 'room', output);
    if (chosen === undefined) return EXIT.failed;
    if (json) output.print(JSON.stringify({ rooms: chosen }));
    else output.print(operand === undefined ? roomsScreen(chosen) : chosen.map(roomScreen).join('\n'));
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
export function roomsScreen(all: readonly RoomReport[], maxLines?: number): string {
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
      note: room.reason === null ? undefined : visible(room.reason),
      urgency: URGENCY[room.state],
    }),
  );
  return table(COLUMNS, rows, maxLines, 'fmucd rooms').join('\n');
}

/** All about one room. */
export function roomScreen(room: RoomReport): string {
  const nodes = Object.entries(room.nodes).map(([node, occupants]) => [visible(node), String(occupants)] as const);
  return [
    visible(room.jid),
    ...details([
      ['state', room.reason === null ? room.state : `${room.state}: ${visible(room.reason)}`],
      ['mode', room.mode],
      ['joins', visible(room.federate ?? 'none: others may join it')],
      ['occupants', `${room.occupants.local} local, ${room.occupants.remote} remote`],
      ['history', count(room.history, 'message')],
    ]),
    ...(nodes.length === 0 ? [] : ['  occupants by node', ...details(nodes.map(([node, n]) => [`  ${node}`, n]))]),
  ].join('\n');
}
