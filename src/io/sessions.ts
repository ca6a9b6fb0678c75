import type { KeptSession, SessionRecord, SessionWrite, UnacknowledgedStanza } from '../stream/session-record.ts';
import { parseElement } from '../xml/parse.ts';
import { stanzaOf } from './message-row.ts';
import type { Statements, UnacknowledgedRow } from './statements.ts';
import { MAX_SESSION_STANZAS, MAX_SESSIONS } from './store-bounds.ts';

/**
 * Every session with its stanzas, which are to be sent as they are.
 * @throws {DamagedTextError} Where one isn't what we wrote.
 */
export function readSessions(statements: Statements): KeptSession[] {
  return statements.sessions.all().map(({ id, sm_id, ...session }) => ({
    ...session,
    id: sm_id,
    stanzas: statements.unacknowledged
      .all({ session: id })
      .map((row) => ({ number: row.number, xml: wholeStanza(row), since: row.since })),
  }));
}

function wholeStanza(row: UnacknowledgedRow): string {
  const xml = stanzaOf(row);
  parseElement(xml);
  return xml;
}

/** Carries out a change. One of a session that isn't there, as when it was beyond the bound, changes nothing. */
export function writeSession(statements: Statements, write: SessionWrite): void {
  switch (write.kind) {
    case 'session':
      return save(statements, write.record);
    case 'unacknowledged':
      return addStanzas(statements, write.domain, write.stanzas);
    case 'acknowledged': {
      const session = statements.session.get(write.domain)?.id;
      if (session !== undefined) statements.dropAcknowledged.run({ session, upTo: write.upTo });
      return;
    }
    case 'drop-session':
      return drop(statements, write.domain);
  }
}

function save(statements: Statements, { id, ...record }: SessionRecord): void {
  const before = statements.session.get(record.domain);
  if (before !== undefined && before.sm_id !== id) statements.dropUnacknowledged.run({ session: before.id });
  statements.saveSession.run({ ...record, sm_id: id });
  if (before === undefined) for (const domain of statements.sessionsBeyond.all(MAX_SESSIONS)) drop(statements, domain);
}

function addStanzas(statements: Statements, domain: string, stanzas: readonly UnacknowledgedStanza[]): void {
  const session = statements.session.get(domain)?.id;
  if (session === undefined) return;
  for (const { number, since, xml } of stanzas)
    statements.saveUnacknowledged.run({ session, number, since, stanza: xml });
  statements.boundUnacknowledged.run({ session, most: MAX_SESSION_STANZAS });
}

function drop(statements: Statements, domain: string): void {
  const session = statements.session.get(domain)?.id;
  if (session === undefined) return;
  statements.dropUnacknowledged.run({ session });
  statements.dropSession.run(session);
}
