import type { WayReport } from '../gateway/report.ts';
import { visible } from './format.ts';
import { type Column, type Frame, type Row, table } from './table.ts';

const COLUMNS: readonly Column[] = [{ title: 'DOMAIN' }, { title: 'WAY' }];

/** Beyond this many characters, what a domain is reached through stands beneath. */
const MAX_WAY = 40;

/** Which way each domain goes, a line each. */
export function waysScreen(all: readonly WayReport[], frame: Frame = {}): string {
  const rows = all.map(({ domain, way, via }): Row => {
    const through = via === null || via === domain ? '' : `${way === 'link' ? 'to' : 'of'} ${visible(via)}`;
    const whole = through === '' ? way : `${way} ${through}`;
    const isShort = whole.length <= MAX_WAY;
    return { cells: [visible(domain), isShort ? whole : way], note: isShort ? undefined : through, urgency: 0 };
  });
  return table(COLUMNS, rows, { ...frame, more: 'fmucd links' }).join('\n');
}
