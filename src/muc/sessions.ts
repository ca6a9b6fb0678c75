import type { Element } from '../xml/element.ts';
import type { Occupant } from './occupant.ts';

/* The clients that share one nick (XEP-0045 §7.2.8): each has its presence, and the latest is the occupant's. */

/** The occupant once a client, new or known, has sent a presence. */
export function withPresence(occupant: Occupant, session: string, presence: readonly Element[]): Occupant {
  const sessions = occupant.sessions.includes(session) ? occupant.sessions : [...occupant.sessions, session];
  if (sessions.length === 1) return { ...occupant, sessions, presence };
  const [first = ''] = occupant.sessions;
  const presences = new Map(occupant.presences ?? [[first, occupant.presence]]).set(session, presence);
  return { ...occupant, sessions, presence, presences };
}

/** The occupant once one client of several has left: where its presence was shown, that of the last to have come is now. */
export function withoutSession(occupant: Occupant, session: string): Occupant {
  const sessions = occupant.sessions.filter((other) => other !== session);
  const presences = new Map(occupant.presences);
  const wasShown = presences.get(session) === occupant.presence;
  presences.delete(session);
  const left = presences.get(sessions.at(-1) ?? '');
  return { ...occupant, sessions, presences, presence: wasShown && left !== undefined ? left : occupant.presence };
}
