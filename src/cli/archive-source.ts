import { historyPage } from '../app/history-page.ts';
import { readGatewayPath } from '../config/gateway-path.ts';
import type { HistoryPage, HistoryRecord, StatusReport } from '../gateway/report.ts';
import type { ArchiveFilter } from '../io/archive-filter.ts';
import type { ArchivePageRequest } from '../io/archive-page.ts';
import { ask } from '../io/control-client.ts';
import { ControlError } from '../io/control-error.ts';
import { configFiles } from '../io/files.ts';
import { StoreError } from '../io/store-error.ts';
import { refused, withGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { pick } from './pick.ts';

/** A room's archive, of the gateway that runs or of the store while none does. */
export interface Archive {
  /** The room's bare JID. */
  readonly room: string;
  readonly page: (request: ArchivePageRequest) => Promise<HistoryPage>;
}

/** Pages that can't be had; the message says why. */
class ArchiveError extends Error {}

/** Has `read` read the archive of the room that the command names, with its domain or without. Resolves to the exit status. */
export function withArchive(invocation: Invocation, read: (archive: Archive) => Promise<void>): Promise<number> {
  const { file, operands, output } = invocation;
  return withGateway(invocation, async (control) => {
    try {
      const { rooms, page } = (await running(control)) ?? (await unused(file, control));
      const [room] = pick(rooms, operands[0], (jid) => [jid, jid.slice(0, jid.indexOf('@'))], 'room', output) ?? [];
      if (room === undefined) return EXIT.failed;
      await read({ room, page: (request) => page(room, request) });
      return EXIT.fine;
    } catch (error) {
      if (!(error instanceof ArchiveError || error instanceof StoreError)) throw error;
      return refused(error.message, output);
    }
  });
}

interface Archives {
  readonly rooms: readonly string[];
  readonly page: (room: string, request: ArchivePageRequest) => Promise<HistoryPage>;
}

/** Undefined where no gateway runs. */
async function running(control: string): Promise<Archives | undefined> {
  const answer = await ask(control, { command: 'status' }).catch((error: unknown) => {
    if (error instanceof ControlError && error.condition === 'not-running') return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  if (!answer.ok) throw new ArchiveError(answer.error);
  return {
    rooms: (answer.result as StatusReport).rooms.map(({ jid }) => jid),
    page: async (room, { filter, ...where }) => {
      const page = await ask(control, { command: 'history', room, ...where, ...filter });
      if (!page.ok) throw new ArchiveError(page.error);
      return page.result as HistoryPage;
    },
  };
}

/** What is read of the store itself; each page opens it anew, so that a gateway may start meanwhile. */
async function unused(file: string, control: string): Promise<Archives> {
  const directory = readGatewayPath(file, 'data', configFiles) ?? '';
  const { hasStore, pageOf, roomsOf } = await import('../io/unused-store.ts');
  if (!hasStore(directory)) throw new ControlError('not-running', control);
  return {
    rooms: roomsOf(directory),
    page: (room, request) => Promise.resolve(historyPage(pageOf(directory, room, request))),
  };
}

/** Every message that is looked for, page by page, the oldest first. */
export async function* pagesOf({ page }: Archive, filter: ArchiveFilter): AsyncGenerator<readonly HistoryRecord[]> {
  for (let after: number | null = 0; after !== null; ) {
    const { messages, next }: HistoryPage = await page({ filter, after });
    yield messages;
    after = next;
  }
}

/** The newest of them, at most so many, the oldest first. */
export async function newestOf({ page }: Archive, filter: ArchiveFilter, most: number): Promise<HistoryRecord[]> {
  const newest: HistoryRecord[] = [];
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null && newest.length < most; ) {
    const { messages, next }: HistoryPage = await page({ filter, before });
    newest.push(...messages.slice(0, most - newest.length));
    before = next;
  }
  return newest.reverse();
}
