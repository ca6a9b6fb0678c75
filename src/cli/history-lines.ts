import type { HistoryRecord } from '../gateway/report.ts';
import { childText } from '../xml/element.ts';
import { entry } from './format.ts';
import { readStanza } from './stanza.ts';

/** A message of the archive on a console: who and whence, and the text below. Nothing in it is obeyed by a terminal. */
export function historyLines({ time, nick, author, origin, via, xml }: HistoryRecord): string[] {
  const through = via === origin || via === null ? '' : ` through ${via}`;
  const whence = via === null ? 'here' : `from ${origin ?? 'elsewhere'}${through}`;
  return entry(`${time} ${nick} (${author}), ${whence}`, (textOf(xml) ?? xml).split('\n'));
}

/** A message as one object. */
export function historyJson(record: HistoryRecord): string {
  const { xml, ...rest } = record;
  return JSON.stringify({ ...rest, body: textOf(xml) ?? null, xml });
}

/** What was said; undefined where a message has no text. */
function textOf(xml: string): string | undefined {
  const stanza = readStanza(xml);
  return stanza && childText(stanza, 'body');
}
