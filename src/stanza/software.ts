import { formatStamp } from '../lib/stamp.ts';
import { type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** What software answers (XEP-0092). What it runs on is nobody's business (§6). */
export function versionElement(version: string): Element {
  return element('query', { xmlns: NS.version }, element('name', {}, 'fmucd'), element('version', {}, version));
}

/** What time it is, in milliseconds since the epoch, here, where all time is UTC (XEP-0202). */
export function timeElement(now: number): Element {
  return element('time', { xmlns: NS.time }, element('tzo', {}, '+00:00'), element('utc', {}, formatStamp(now)));
}
