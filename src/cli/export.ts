import type { HistoryRecord } from '../gateway/report.ts';
import type { ArchiveFilter } from '../io/archive-filter.ts';
import { formatStamp, parseStamp } from '../lib/stamp.ts';
import { NS } from '../xml/names.ts';
import { type Archive, pagesOf, withArchive } from './archive-source.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { visible } from './format.ts';
import { readFilter } from './history.ts';
import { type Meaning, meaningOf } from './meaning.ts';
import type { Output } from './output.ts';

/** The most corrections that are told of where they belong; those beyond, the oldest, stand for themselves. */
export const MAX_CORRECTIONS = 10_000;

/** Columns before the words of a line. */
const INDENT = ' '.repeat('HH:MM:SS '.length);

/** `fmucd export ROOM`: what was said in a room as a plain text of any width, for people to read and to keep. */
export async function exportRoom(invocation: Invocation): Promise<number> {
  const { options, output } = invocation;
  const filter = readFilter(options);
  if (typeof filter === 'string') {
    output.complain(`fmucd: ${filter}`);
    return EXIT.usage;
  }
  return withArchive(invocation, (archive) => write(archive, filter, output));
}

/** Reads the archive twice: what was corrected is known only at its end. */
async function write(archive: Archive, filter: ArchiveFilter, output: Output): Promise<void> {
  const survey = new Survey();
  for await (const messages of pagesOf(archive, filter)) for (const message of messages) survey.add(message);
  for (const line of survey.head(archive.room)) output.print(line);
  const transcript = new Transcript(survey);
  let left = survey.messages;
  for await (const messages of pagesOf(archive, filter)) {
    for (const message of messages.slice(0, left)) for (const line of transcript.lines(message)) output.print(line);
    left -= messages.length;
    // What has come since the survey isn't in it.
    if (left <= 0) return;
  }
}

/** What is to be known of all messages before the first is written. */
export class Survey {
  /** The latest correction of each message, by how it is referred to. */
  readonly corrections = new Map<string, string>();
  readonly #known = new Set<string>();
  messages = 0;
  #first: string | undefined;
  #last: string | undefined;

  add(record: HistoryRecord): void {
    this.messages += 1;
    this.#first ??= record.time;
    this.#last = record.time;
    // Few do, and reading a stanza takes long.
    if (!record.xml.includes(NS.correction)) return;
    const { kind, about, body } = meaningOf(record);
    if (kind !== 'correction' || about === undefined || body === undefined) return;
    this.corrections.delete(about);
    this.corrections.set(about, body);
    if (this.corrections.size <= MAX_CORRECTIONS) return;
    for (const oldest of this.corrections.keys()) {
      this.corrections.delete(oldest);
      return;
    }
  }

  /** A message that may be corrected has been written. */
  wrote(id: string): void {
    if (this.corrections.has(id)) this.#known.add(id);
  }

  /** Whether the message was written that a correction is of, and with it. */
  isToldOf(about: string | undefined): boolean {
    return about !== undefined && this.#known.has(about);
  }

  head(room: string): string[] {
    const at = room.indexOf('@');
    const span = this.#first === undefined ? 'nothing' : `${this.#first} to ${this.#last}`;
    return [
      `Room:     ${visible(room.slice(0, at))}`,
      `Domain:   ${visible(room.slice(at + 1))}`,
      `Span:     ${span}`,
      `Messages: ${this.messages}`,
      'Times:    UTC',
    ];
  }
}

/** Writes messages one after the other, with a heading before each day. */
export class Transcript {
  readonly #survey: Survey;
  #day = '';

  constructor(survey: Survey) {
    this.#survey = survey;
  }

  /** What of a message is to be read: none where it is told of elsewhere. Nothing in it is obeyed by a terminal. */
  lines(record: HistoryRecord): string[] {
    const { id, nick } = record;
    const meaning = meaningOf(record);
    const words = this.#wordsOf(record, meaning);
    if (words === undefined) return [];
    if (id !== null) this.#survey.wrote(id);
    const [date = '', time = ''] = formatStamp(Math.floor((parseStamp(record.time) ?? 0) / 1000) * 1000).split(/[TZ]/);
    const heading = date === this.#day ? [] : ['', `== ${date} ==`, ''];
    this.#day = date;
    const [first = '', ...others] = words.split('\n').map((line) => visible(line).trimEnd());
    const who = visible(nick);
    const said = first.startsWith('/me ')
      ? `* ${who} ${first.slice('/me '.length)}`
      : `${who === '' ? '*' : `${who}:`} ${first}`;
    return [...heading, `${time} ${said}`.trimEnd(), ...others.map((line) => (INDENT + line).trimEnd())];
  }

  #wordsOf({ id }: HistoryRecord, { kind, body, about, remark }: Meaning): string | undefined {
    switch (kind) {
      case 'message': {
        const corrected = id === null ? undefined : this.#survey.corrections.get(id);
        return corrected === undefined ? body : `${corrected} [corrected]`;
      }
      case 'correction':
        return this.#survey.isToldOf(about) ? undefined : `${body ?? ''} [corrects an earlier message]`;
      case 'retracted':
        // A correction of it would bring the words back.
        return `[${remark}]`;
      case 'reaction':
      case 'retraction':
      case 'moderation':
        return undefined;
      case 'other':
        return `[${remark}]`;
    }
  }
}
