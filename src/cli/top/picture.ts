import type { StatusReport } from '../../gateway/report.ts';
import { formatAge, formatBytes, formatSpan, visible, wrap } from '../format.ts';
import { SGR } from '../paint.ts';
import { type Span, width } from '../text.ts';
import type { Region } from './canvas.ts';
import { detailLines } from './detail.ts';
import { cutTo, heightOf, type Line, pad } from './grid.ts';
import { linkEntries, linksGrid } from './links.ts';
import { logLines } from './log-lines.ts';
import { roomEntries, roomsGrid } from './rooms.ts';
import { placeOf, type State, type Thing } from './state.ts';

/** All that there is to show. Times are milliseconds since the epoch. */
export interface View {
  readonly report: StatusReport;
  /** Lines of the gateway's log, oldest first. */
  readonly log: readonly string[];
  /** When that was so. */
  readonly at: number;
  /** Why the gateway doesn't answer any more, in a line, and since when that is so. */
  readonly gone: { readonly why: string; readonly now: number } | undefined;
  readonly state: State;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Picture {
  /** As many as the screen has rows. */
  readonly lines: readonly Line[];
  /** Which of them move as one. */
  readonly regions: readonly Region[];
  /** How far what is opened can be scrolled. */
  readonly maxScroll: number;
}

/** The least that a picture fits into. */
export const SMALLEST: Size = { columns: 60, rows: 16 };

/** Lines of what is wrong with the gateway as a whole. */
const PROBLEM_LINES = 6;
/** What each table has at least: a title, and an entry with its note. */
const TABLE_LINES = 3;
/** Lines of the log that there are, whatever else there is, on a screen of 24; and for each so many rows beyond, one more. */
const LOG_LINES = 4;
const ROWS_FOR_LOG = 4;

/** Everything that is listed, in the order of the screen. */
export function thingsOf(report: StatusReport): Thing[] {
  return [
    ...linkEntries(report).map(({ name }) => ({ table: 'links', name }) as const),
    ...roomEntries(report.rooms).map(({ name }) => ({ table: 'rooms', name }) as const),
  ];
}

/** Draws the view. */
export function pictureOf(view: View, size: Size): Picture {
  const { columns, rows } = size;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return tooSmall(size);
  const { isHelping, isOpen } = view.state;
  if (isHelping) return filled(helpLines(), size, 'any key: back');
  return isOpen ? detail(view, size) : overview(view, size);
}

/** The gateway, its links, its rooms, and what it logs; without the line of keys that stands below. */
export function overview(view: View, size: Size, keys = KEYS): Picture {
  const { report, log, at, state } = view;
  const { columns, rows } = size;
  const head = headLines(view, columns);
  const links = linkEntries(report);
  const rooms = roomEntries(report.rooms);
  const things = thingsOf(report);
  const marked = keys === '' || things.length === 0 ? undefined : placeOf(state.chosen, things);

  const leastLog = LOG_LINES + Math.max(0, Math.floor((rows - 24) / ROWS_FOR_LOG));
  const lines = Math.max(2 * TABLE_LINES, rows - head.length - 5 - leastLog);
  const heights = [Math.max(2, heightOf(links)), Math.max(2, heightOf(rooms))] as const;
  const forLinks = Math.min(heights[0], Math.max(lines - heights[1], Math.ceil(lines / 2)));
  const forRooms = Math.min(heights[1], lines - forLinks);
  const tables = [
    [],
    ...(links.length === 0
      ? [NO_LINKS]
      : linksGrid(links, at, { columns, lines: forLinks, marked: within(marked, 0, links.length) })),
    [],
    ...(rooms.length === 0
      ? [NO_ROOMS]
      : roomsGrid(rooms, { columns, lines: forRooms, marked: within(marked, links.length, rooms.length) })),
  ];
  return withLog([...head, ...tables], 'LOG', log, size, keys);
}

function within(marked: number | undefined, first: number, length: number): number | undefined {
  return marked === undefined || marked < first || marked >= first + length ? undefined : marked - first;
}

const NO_LINKS: Line = [{ text: '  no links: rooms are shared with nobody (add a [[link]] to the file)' }];
const NO_ROOMS: Line = [{ text: '  no rooms yet' }];

/** All about one link or room, and what the log says of it. */
function detail(view: View, size: Size): Picture {
  const { report, log, at, state } = view;
  const { columns, rows } = size;
  const { chosen } = state;
  const name = chosen?.name ?? '';
  const head = headLines(view, columns);
  const all = detailLines(report, chosen, at, columns);
  const about = log.filter((line) => line.includes(name));
  const space = Math.max(TABLE_LINES, rows - head.length - 4 - Math.max(1, Math.min(about.length, LOG_LINES)));
  const maxScroll = Math.max(0, all.length - space);
  const scroll = Math.min(state.scroll, maxScroll);
  const below = all.length - scroll - space;
  const keys =
    maxScroll === 0 ? DETAIL_KEYS : `${DETAIL_KEYS}  arrows scroll${below > 0 ? ` (${below} more below)` : ''}`;
  const body = all.slice(scroll, scroll + space);
  const picture = withLog([...head, [], ...body], `LOG about ${name}`, about, size, keys);
  const first = head.length + 1;
  return { ...picture, regions: [...picture.regions, { first, last: first + body.length - 1 }], maxScroll };
}

/** Puts the log beneath, as much of it as there is room for. */
function withLog(above: readonly Line[], title: string, log: readonly string[], size: Size, keys: string): Picture {
  const first = above.length + 2;
  const last = size.rows - 2;
  const lines = logLines(log, last - first + 1);
  const picture = filled([...above, [], [{ text: `  ${title}`, style: SGR.title }], ...lines], size, keys);
  return { ...picture, regions: [{ first, last }] };
}

function filled(lines: readonly Line[], { rows }: Size, keys: string): Picture {
  const shown = lines.slice(0, rows - 1);
  const blanks = Array.from({ length: rows - 1 - shown.length }, () => []);
  return { lines: [...shown, ...blanks, [{ text: `  ${keys}`, style: SGR.aside }]], regions: [], maxScroll: 0 };
}

/** Who it is, how it is, what is wrong with it, and when that was so. */
function headLines({ report, at, gone, state }: View, columns: number): Line[] {
  const { domain, version, uptime, rss, component, problems } = report;
  const facts = [
    `fmucd ${version}`,
    `up ${formatSpan(uptime)}`,
    `memory ${formatBytes(rss)}`,
    ...(component?.state === 'up' ? ['component up'] : []),
  ].map(visible);
  const clock = `${state.isPaused ? 'PAUSED ' : ''}${stamp(gone?.now ?? at)}`;
  const room = columns - clock.length - 2;
  const name = cutTo(visible(domain), room);
  let rest = '';
  // What doesn't fit as a whole is left out.
  for (const fact of facts) if (width(name + rest) + 2 + width(fact) <= room) rest += `  ${fact}`;
  const title: Span[] = [
    { text: name, style: SGR.title },
    { text: pad(rest, room - width(name) + 2) },
    { text: clock, ...(state.isPaused && { style: SGR.warning }) },
  ];
  const troubles = [
    ...(gone === undefined ? [] : [`${gone.why}. It is asked again and again; below is how it was at ${stamp(at)}`]),
    ...problems,
    ...(component === null || component.state === 'up'
      ? []
      : [
          `component of ${component.server}: ${component.state}, ${formatAge(component.since, at)}` +
            (component.error === null ? '' : `: ${component.error}`),
        ]),
  ];
  const lines = troubles.flatMap((trouble) =>
    wrap(visible(trouble), columns - 2).map((line, row) => (row === 0 ? '! ' : '  ') + line),
  );
  const excess = lines.length > PROBLEM_LINES ? ['  and more: fmucd status'] : [];
  return [
    title,
    ...[...lines.slice(0, PROBLEM_LINES - excess.length), ...excess].map((text) => [{ text, style: SGR.fault }]),
  ];
}

function stamp(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`;
}

const KEYS = 'q quit  p pause  arrows move  enter open  ? keys';
const DETAIL_KEYS = 'q quit  p pause  enter back  ? keys';

function helpLines(): Line[] {
  const rows: readonly (readonly [string, string])[] = [
    ['up, down (or k, j)', 'the link or room above, below; in what is opened: a line'],
    ['page up, page down', 'ten of them'],
    ['home, end (or g, G)', 'the first, the last'],
    ['tab', 'from the links to the rooms, and back'],
    ['enter, right', 'open: all about the link or room at the mark >'],
    ['enter, left, esc', 'back to all of them'],
    ['p', 'pause: nothing is asked or changed until the next p'],
    ['ctrl-L', 'draw the screen anew, and ask the terminal for its size'],
    ['q, ctrl-C', 'quit'],
    ['ctrl-Z', 'stop for now; fg goes on'],
  ];
  const meanings: readonly (readonly [string, string])[] = [
    ['!', 'needs attention; such rows come first'],
    ['BYTES/MIN', 'both ways, a minute a column, the newest at the right'],
    ['IN, OUT', 'bytes of this minute or the last, whichever are more'],
    ['SAVED', 'of all bytes, what compression and trimming kept off'],
  ];
  const line = ([name, meaning]: readonly [string, string]): Line => [{ text: `  ${name.padEnd(21)}${meaning}` }];
  const title = (text: string): Line => [{ text: `  ${text}`, style: SGR.title }];
  return [title('KEYS'), ...rows.map(line), [], title('MEANING'), ...meanings.map(line)];
}

function tooSmall({ columns, rows }: Size): Picture {
  const text = `${columns}x${rows} is too small: ${SMALLEST.columns}x${SMALLEST.rows} at least. q quits.`;
  const lines = wrap(text, Math.max(1, columns - 1)).slice(0, rows);
  return {
    lines: Array.from({ length: rows }, (_, at) => [{ text: lines[at] ?? '' }]),
    regions: [],
    maxScroll: 0,
  };
}
