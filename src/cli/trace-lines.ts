import type { TraceRecord } from '../gateway/report.ts';
import { count, entry } from './format.ts';
import { type Paint, type Tint, unpainted } from './paint.ts';

/** Above the lines. */
export const TITLE = 'UTC      WAY         BYTES  WIRE KIND     WHO, ROOM, PEER';

/** Where the way and the verdict stand in a line. */
const WAY = { from: 9, to: 20 };

const TINTS: Readonly<Record<TraceRecord['verdict'], Tint | undefined>> = {
  crossed: undefined,
  held: 'warning',
  trimmed: 'aside',
  dropped: 'fault',
  refused: 'fault',
};

/** How lines are drawn. */
interface TraceFrame {
  readonly paint?: Paint;
  /** Whether each stanza's XML stands beneath. */
  readonly hasXml?: boolean;
}

/**
 * What has crossed, or hasn't, on a console: a line, why beneath it where that is to be said, and the stanza where it is
 * wanted. Nothing in it is obeyed by a terminal.
 */
export function tracedLines(record: TraceRecord, { paint = unpainted, hasXml = false }: TraceFrame = {}): string[] {
  const { time, peer, direction, room, kind, who, verdict, xml } = record;
  const clock = time.slice(time.indexOf('T') + 1).slice(0, 8);
  const way = `${direction.padEnd(3)} ${verdict === 'crossed' ? '' : verdict}`.padEnd(WAY.to - WAY.from);
  const where = room === null ? '-' : room.slice(0, room.indexOf('@'));
  const head = `${clock} ${way} ${sizeOf(record)} ${kind.padEnd(8)} ${who ?? '-'}, ${where}, ${peer}`;
  const why = whyOf(record);
  const [first = '', ...others] = entry(head, [
    ...(why === undefined ? [] : [why]),
    ...(hasXml && xml !== null ? [xml] : []),
  ]);
  const tint = TINTS[verdict] ?? (direction === 'in' ? 'good' : 'title');
  const word = first.slice(WAY.from, WAY.to);
  return [
    first.slice(0, WAY.from) +
      paint(word.trimEnd(), tint) +
      ' '.repeat(word.length - word.trimEnd().length) +
      first.slice(WAY.to),
    ...others,
  ];
}

/** Says that some are missing here. */
export function leftOutLine(number: number): string {
  return `${count(number, 'line')} left out: more than could be shown in time`;
}

/** What crossed with the one above has no size of its own on the wire, and what hasn't crossed has none. */
function sizeOf({ bytes, wire, verdict }: TraceRecord): string {
  const size = bytes === 0 && verdict !== 'crossed' ? '' : String(bytes);
  return `${size.padStart(5)} ${(verdict === 'crossed' && wire !== null ? String(wire) : '').padStart(5)}`;
}

function whyOf({ why, reason, count: number, kind }: TraceRecord): string | undefined {
  const text =
    kind === 'error' && reason !== null ? [reason, ...(why === null ? [] : [why])].join(': ') : (why ?? undefined);
  if (text === undefined || number === 1) return text;
  return `${count(number, MESSAGES.has(kind) ? 'message' : 'stanza')}: ${text}`;
}

const MESSAGES: ReadonlySet<string> = new Set(['message', 'private', 'history', 'subject']);
