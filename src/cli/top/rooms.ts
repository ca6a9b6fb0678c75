import type { RoomReport } from '../../gateway/report.ts';
import { roomAttention } from '../attention.ts';
import { visible } from '../format.ts';
import { type Column, type Entry, grid, type Line, type Place } from './grid.ts';

/** From that width on, there is room for what is kept. */
const ROOMY = 68;

/** Every room, those in trouble first. */
export function roomEntries(rooms: readonly RoomReport[]): Entry<RoomReport>[] {
  return rooms
    .map((room) => ({ item: room, name: visible(room.jid), ...roomAttention(room) }))
    .sort((a, b) => b.urgency - a.urgency);
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
