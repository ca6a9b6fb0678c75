import type { LinkReport, StatusReport } from '../../gateway/report.ts';
import { visible, wrap } from '../format.ts';
import { linkScreen } from '../links.ts';
import { SGR } from '../paint.ts';
import { roomScreen } from '../rooms.ts';
import { streamScreen } from '../s2s.ts';
import { shortBytes } from './figures.ts';
import type { Line } from './grid.ts';
import { sparkline } from './sparkline.ts';
import type { Thing } from './state.ts';

/** All about one link or room, as `fmucd links PEER` and `fmucd rooms ROOM` say it, with the last hour of a link. */
export function detailLines(report: StatusReport, thing: Thing | undefined, now: number, columns: number): Line[] {
  const isIt = (name: string) => visible(name) === thing?.name;
  const link = thing?.table === 'links' ? report.links.find(({ peer }) => isIt(peer)) : undefined;
  if (link !== undefined) {
    const [name = '', ...others] = linkScreen(link, now, { width: columns }).split('\n');
    return [titled(name), ...hourLines(link, columns), ...others.map(plain)];
  }
  const streams = thing?.table === 'links' ? report.s2s.find(({ domain }) => isIt(domain)) : undefined;
  const room = thing?.table === 'rooms' ? report.rooms.find(({ jid }) => isIt(jid)) : undefined;
  const text =
    streams !== undefined
      ? streamScreen(streams, now, { width: columns })
      : room !== undefined
        ? roomScreen(room, now, { width: columns })
        : undefined;
  const [name = '', ...others] = text?.split('\n') ?? wrap(`${thing?.name ?? ''} is there no more`, columns);
  return [titled(name), ...others.map(plain)];
}

/** Bytes that crossed, in and out, minute by minute, in one measure. */
function hourLines({ minutes }: LinkReport, columns: number): Line[] {
  const peak = Math.max(...minutes.in, ...minutes.out);
  const width = Math.min(60, columns - 20);
  const line = (name: string, numbers: readonly number[]) => {
    const most = Math.max(...numbers);
    return plain(`  ${name.padEnd(4)}${sparkline(numbers, width, peak)} peak ${shortBytes(most)}/min`);
  };
  return [plain('  bytes in each minute of the last hour'), line('in', minutes.in), line('out', minutes.out)];
}

function titled(text: string): Line {
  return [{ text: `  ${text}`, style: SGR.title }];
}

function plain(text: string): Line {
  return [{ text }];
}
