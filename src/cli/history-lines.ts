import type { HistoryRecord } from '../gateway/report.ts';
import { entry } from './format.ts';
import { meaningOf, withReason } from './meaning.ts';

/** The most messages that are remembered because others may be about them. */
export const MAX_REMEMBERED = 512;
/** Characters of a message that it is told by. */
const PREFIX = 40;

/** The messages that were shown last, by how others refer to them. */
export class Shown {
  readonly #texts = new Map<string, string>();

  add({ id, time, nick }: HistoryRecord, body: string | undefined): void {
    if (id === null) return;
    const [line = ''] = (body ?? '').split('\n');
    const start = line.length > PREFIX ? `${line.slice(0, PREFIX).trimEnd()}…` : line;
    this.#texts.set(id, `${time} ${nick}${start === '' ? '' : `: ${start}`}`);
    if (this.#texts.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#texts.keys()) {
      this.#texts.delete(oldest);
      return;
    }
  }

  /** What a message is told by; one that hasn't been shown is an earlier one. */
  of(id: string | undefined): string {
    return (id === undefined ? undefined : this.#texts.get(id)) ?? 'an earlier message';
  }
}

/**
 * A message of the archive on a console: who and whence, what it is if not just words, and the words below. Nothing in it is
 * obeyed by a terminal.
 */
export function historyLines(record: HistoryRecord, shown: Shown): string[] {
  const { time, nick, author, origin, via } = record;
  const through = via === origin || via === null ? '' : ` through ${via}`;
  const whence = via === null ? 'here' : `from ${origin ?? 'elsewhere'}${through}`;
  const { kind, remark, about, body, reason } = meaningOf(record);
  const isAbout = about !== undefined || kind === 'correction' || kind === 'reaction';
  const note =
    remark === undefined ? [] : [`(${isAbout ? withReason(`${remark} ${shown.of(about)}`, reason) : remark})`];
  shown.add(record, body);
  const who = nick === '' ? 'the room' : `${nick} (${author})`;
  return entry(`${time} ${who}, ${whence}`, [...note, ...(body?.split('\n') ?? [])]);
}

/** A message as one object. */
export function historyJson(record: HistoryRecord): string {
  const { xml, ...rest } = record;
  const { kind, body, about, by, reason } = meaningOf(record);
  return JSON.stringify({
    ...rest,
    kind,
    about: about ?? null,
    ...(by === undefined ? {} : { moderator: by }),
    ...(reason === undefined ? {} : { reason }),
    body: body ?? null,
    xml,
  });
}
