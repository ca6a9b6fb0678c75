import { bareOf, domainOf } from '../lib/jid.ts';
import { childText, element } from '../xml/element.ts';
import { parseElement } from '../xml/parse.ts';
import { serialise } from '../xml/serialise.ts';
import { type MessageRow, stanzaOf } from './message-row.ts';

/** What an operator looks for in an archive. Absent: no bound. */
export interface ArchiveFilter {
  /** Milliseconds since the epoch, as is `until`; both inclusive. */
  readonly since?: number;
  readonly until?: number;
  /** Of whoever had that nick, in whatever case. */
  readonly nick?: string;
  /** Of that full JID, of that bare one, or of that domain. */
  readonly from?: string;
  /** With that in the body, in whatever case. */
  readonly text?: string;
}

/** Whether a row is looked for. One whose body is asked for is parsed only where it may fit. */
export function matcherOf({
  since = Number.NEGATIVE_INFINITY,
  until = Number.POSITIVE_INFINITY,
  nick,
  from,
  text,
}: ArchiveFilter): (row: MessageRow) => boolean {
  const [wantedNick, wantedFrom, wantedText] = [nick?.toLowerCase(), from?.toLowerCase(), text?.toLowerCase()];
  const wantedXml = wantedText === undefined ? '' : asWritten(wantedText);
  return (row) => {
    if (row.stamp < since || row.stamp > until) return false;
    if (wantedNick !== undefined && row.nick.toLowerCase() !== wantedNick) return false;
    if (wantedFrom !== undefined && !isOf(row.author.toLowerCase(), wantedFrom)) return false;
    if (wantedText === undefined) return true;
    const xml = stanzaOf(row);
    if (!xml.toLowerCase().includes(wantedXml)) return false;
    return childText(parseElement(xml), 'body')?.toLowerCase().includes(wantedText) === true;
  };
}

function isOf(author: string, wanted: string): boolean {
  return author === wanted || bareOf(author) === wanted || domainOf(author) === wanted;
}

/** A text as it stands in a stanza. */
function asWritten(text: string): string {
  const around = serialise(element('a', {}, text));
  return around.slice('<a>'.length, -'</a>'.length);
}
