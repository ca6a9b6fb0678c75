import type { RoomReport } from '../../gateway/report.ts';
import { count, visible } from '../format.ts';
import { type Column, type Entry, grid, type Line, type Place } from './grid.ts';

const URGENCY: Readonly<Record<RoomReport['state'], number>> = {
  local: 0,
  joining: 0,
  joined: 0,
  'out-of-reach': 1,
  rejected: 2,
};

/** From that width on, there is room for what is kept. */
const ROOMY = 68;

/** Every room, those in trouble first. */
export function roomEntries(rooms: readonly RoomReport[]): Entry<RoomReport>[] {
  return rooms
    .map((room) => ({
      item: room,
      name: visible(room.jid),
      urgency: Math.max(URGENCY[room.state], room.missing > 0 ? 1 : 0),
      note: noteOf(room),
    }))
    .sort((a, b) => b.urgency - a.urgency);
}

function noteOf({ reason, missing }: RoomReport): string | undefined {
  if (reason !== null) return visible(reason);
  return missing === 0 ? undefined : `${count(missing, 'message')} missing: fmucd fetch ROOM asks for them`;
}

const COLUMNS: readonly Column<RoomReport>[] = [
  { title: 'STATE', width: 12, cell: ({ state }) => state },
  { title: 'LOCAL', width: 5, align: 'right', cell: ({ occupants }) => String(occupants.local) },
  { title: 'REMOTE', width: 6, align: 'right', cell: ({ occupants }) => String(occupants.remote) },
];

const KEPT: readonly Column<RoomReport>[] = [
  { title: 'HISTORY', width: 7, align: 'right', cell: ({ history }) => String(history) },
  { title: 'MISSING', width: 7, align: 'right', cell: ({ missing }) => String(missing) },
];

/** The rooms, a line each. */
export function roomsGrid(entries: readonly Entry<RoomReport>[], place: Place): Line[] {
  return grid('ROOM', place.columns < ROOMY ? COLUMNS : [...COLUMNS, ...KEPT], entries, place);
}
