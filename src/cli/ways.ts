import type { WayReport } from '../gateway/report.ts';
import { columnsOf } from './columns.ts';
import { visible, WIDTH } from './format.ts';
import { type Column, type Frame, type Row, table } from './table.ts';

const COLUMNS: readonly Column[] = [{ title: 'DOMAIN' }, { title: 'WAY' }];

/** Which way each domain goes, a line each. */
export function waysScreen(all: readonly WayReport[], frame: Frame = {}): string {
  const { width = WIDTH } = frame;
  const rows = all.map(({ domain, way, via }): Row => {
    const through = via === null || via === domain ? '' : `${way === 'link' ? 'to' : 'of'} ${visible(via)}`;
    const whole = through === '' ? way : `${way} ${through}`;
    // What takes more than half of the screen stands beneath.
    const isShort = columnsOf(whole) <= width / 2;
    return { cells: [visible(domain), isShort ? whole : way], note: isShort ? undefined : through, urgency: 0 };
  });
  return table(COLUMNS, rows, { ...frame, more: 'fmucd links' }).join('\n');
}
