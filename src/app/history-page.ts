import type { HistoryPage } from '../gateway/report.ts';
import type { ArchivePage } from '../io/archive-page.ts';
import { messageId } from '../lib/message-id.ts';
import { formatStamp } from '../lib/stamp.ts';

/** A page of a room's archive, as the operator gets it. */
export function historyPage({ messages, next }: ArchivePage): HistoryPage {
  return {
    messages: messages.map(({ stamp, received, nick, author, origin, via, stanza }) => ({
      time: formatStamp(stamp),
      received: formatStamp(received),
      nick,
      author,
      origin: origin?.by ?? null,
      id: origin === undefined ? null : messageId(origin),
      via: via ?? null,
      xml: stanza,
    })),
    next: next ?? null,
  };
}
