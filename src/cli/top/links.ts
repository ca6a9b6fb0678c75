import type { LinkReport, MinutesReport, S2sStreamReport, SavedReport, StatusReport } from '../../gateway/report.ts';
import { linkAttention, streamAttention } from '../attention.ts';
import { visible } from '../format.ts';
import { shortAge, shortBytes, shortDelay } from './figures.ts';
import { type Column, type Entry, grid, type Line, type Place, widthBeside } from './grid.ts';
import { sparkline } from './sparkline.ts';

/** A link, or the streams with a domain that no link leads to. */
type Item = Pick<LinkReport, 'state' | 'since' | 'queued' | 'bytes_in' | 'bytes_out'> & Partial<LinkReport>;

/** From that width on, what was saved is told in full. */
const WIDE = 120;
/** From that width on, there is a sparkline; from the other one on, what was saved. */
const LIVELY = 78;
const ROOMY = 68;
/** Columns of the names at least, and of the sparkline. */
const NAME = 16;
const SPARKLINE = 'BYTES/MIN'.length;
/** What the gateway remembers. */
const MINUTES = 60;

/** Links first, then domains that streams lead to without one; those in trouble before all others. */
export function linkEntries({ links, s2s }: Pick<StatusReport, 'links' | 's2s'>): Entry<Item>[] {
  const others = s2s.filter(({ domain }) => links.every(({ peer }) => peer !== domain));
  return [...links.map(entryOfLink), ...others.map(entryOfStreams)].sort((a, b) => b.urgency - a.urgency);
}

function entryOfLink(link: LinkReport): Entry<Item> {
  return { item: link, name: visible(link.peer), ...linkAttention(link) };
}

function entryOfStreams(streams: S2sStreamReport): Entry<Item> {
  return { item: streams, name: visible(streams.domain), ...streamAttention(streams) };
}

/** The links, a line each. `now` is in milliseconds since the epoch. */
export function linksGrid(entries: readonly Entry<Item>[], now: number, place: Place): Line[] {
  const isWide = place.columns >= WIDE;
  const gap = isWide ? 2 : 1;
  const all: readonly (Column<Item> | false)[] = [
    { title: 'STATE', width: 14, cell: ({ state, since }) => `${state} ${shortAge(since, now)}` },
    { title: 'DELAY', width: 5, align: 'right', gap, cell: ({ delay = null }) => shortDelay(delay) },
    {
      title: 'QUEUED',
      width: 6,
      align: 'right',
      gap,
      cell: ({ queued }) => (queued < 1e6 ? String(queued) : shortBytes(queued)),
    },
    { title: 'IN', width: 4, align: 'right', gap, cell: ({ minutes }) => rateOf(minutes?.in) },
    { title: 'OUT', width: 4, align: 'right', gap, cell: ({ minutes }) => rateOf(minutes?.out) },
    ...(isWide ? SAVED_IN_FULL : [place.columns >= ROOMY && SAVED]),
  ];
  const columns = all.filter((column) => column !== false);
  if (place.columns < LIVELY) return grid('LINK', columns, entries, place);

  const longest = Math.max(NAME, ...entries.map(({ name }) => name.length));
  const free = place.columns - widthBeside(columns) - 2;
  const width = Math.min(MINUTES, Math.max(SPARKLINE, free - longest));
  const line: Column<Item> = {
    title: 'BYTES/MIN'.padStart(width),
    width,
    cell: ({ minutes }) => lineOf(minutes, width),
  };
  return grid('LINK', columns.toSpliced(3, 0, line), entries, place);
}

/** Bytes of both directions, minute by minute. */
function lineOf(minutes: MinutesReport | undefined, width: number): string {
  return minutes === undefined ? '' : sparkline(sums(minutes), width);
}

function sums(minutes: MinutesReport): number[] {
  return minutes.in.map((bytes, at) => bytes + (minutes.out[at] ?? 0));
}

/** Bytes of the minute that goes on or of the one before, whichever are more: neither late nor falling to nothing each minute. */
function rateOf(numbers: readonly number[] | undefined): string {
  return numbers === undefined ? '-' : shortBytes(Math.max(0, ...numbers.slice(-2)));
}

const SAVED: Column<Item> = {
  title: 'SAVED',
  width: 5,
  align: 'right',
  gap: 1,
  cell: ({ saved, ...counted }) => (saved === undefined ? '-' : partOf(saved, counted.bytes_in + counted.bytes_out)),
};

/** What compression and trimming kept off the link, of all that would have crossed. */
function partOf({ compression, trimming }: SavedReport, crossed: number): string {
  const saved = Math.max(0, compression + trimming);
  return saved === 0 ? '0%' : `${Math.floor((100 * saved) / (saved + crossed))}%`;
}

const SAVED_IN_FULL: readonly Column<Item>[] = [
  {
    title: 'COMPRESSED',
    width: 10,
    align: 'right',
    cell: ({ saved }) => (saved ? shortBytes(saved.compression) : '-'),
  },
  { title: 'COALESCED', width: 9, align: 'right', cell: ({ saved }) => (saved ? shortBytes(saved.coalescing) : '-') },
  { title: 'TRIMMED', width: 7, align: 'right', cell: ({ saved }) => (saved ? shortBytes(saved.trimming) : '-') },
];
