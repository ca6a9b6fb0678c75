import { NS } from '../../src/xml/names.ts';
import { CRONE1, HAG, presence, ROOM, RoomStory, refusal, type Shown, WICCA } from './room-story.ts';

/* Roles and affiliations in the coven: who is in it, and what everyone is to see of a change. */

export const HECATE = 'hecate@shakespeare.lit/broom';

/** By real JID: the nick in the coven. */
const NICKS: Readonly<Record<string, string>> = {
  [CRONE1]: 'firstwitch',
  [WICCA]: 'secondwitch',
  [HAG]: 'thirdwitch',
  [HECATE]: 'Hecate',
};

/** Crone1 owns the room, which has these settings; the others have the affiliations given, and all are in it. */
export function coven(
  affiliations: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, string>> = {},
  people: readonly string[] = [WICCA, HAG],
): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch');
  const items = Object.entries(affiliations).map(
    ([jid, affiliation]) => `<item jid='${jid}' affiliation='${affiliation}'/>`,
  );
  if (items.length > 0) story.admin(CRONE1, 'set', ...items);
  if (Object.keys(settings).length > 0) story.configure(CRONE1, settings);
  for (const jid of people) story.enter(jid, NICKS[jid] ?? jid);
  return story.forget();
}

export const MODERATED = { 'muc#roomconfig_moderatedroom': '1' };
export const MEMBERS_ONLY = { 'muc#roomconfig_membersonly': '1' };
export const NON_ANONYMOUS = { 'muc#roomconfig_whois': 'anyone' };

interface Seen {
  readonly affiliation?: string;
  readonly role?: string;
  readonly codes?: readonly number[];
  readonly type?: 'unavailable';
  /** Nick of whoever did it; Crone1's unless said otherwise. */
  readonly actor?: string;
  readonly reason?: string;
}

/**
 * The presence of `jid` as it comes to everyone: to themselves with 110, and with a real JID to them and to those who may see
 * it.
 */
export function seen(jid: string, what: Seen, seeing: readonly string[], others: readonly string[] = []): Shown {
  const { actor = 'firstwitch', reason, codes = [], ...item } = what;
  const inside = `<actor nick='${actor}'/>${reason === undefined ? '' : `<reason>${reason}</reason>`}`;
  const of = (more: { readonly jid?: string; readonly codes: readonly number[] }): string[] => [
    presence(NICKS[jid] ?? jid, { ...item, inside, ...more }),
  ];
  return {
    [jid]: of({ jid, codes: [110, ...codes] }),
    ...Object.fromEntries(seeing.map((viewer) => [viewer, of({ jid, codes })])),
    ...Object.fromEntries(others.map((viewer) => [viewer, of({ codes })])),
  };
}

/** What comes to each of them, one after the other. */
export function inOrder(...shown: readonly Shown[]): Shown {
  const all: Record<string, string[]> = {};
  for (const part of shown)
    for (const [jid, stanzas] of Object.entries(part)) all[jid] = [...(all[jid] ?? []), ...stanzas];
  return all;
}

/** The result of a request of muc#admin, with these items or without payload. */
export function result(...items: readonly string[]): string {
  const query = items.length === 0 ? '' : `<query xmlns='${NS.mucAdmin}'>${items.join('')}</query>`;
  return `<iq from='${ROOM}' type='result' id='admin'>${query}</iq>`;
}

export const EMPTY_LIST = `<iq from='${ROOM}' type='result' id='admin'><query xmlns='${NS.mucAdmin}'/></iq>`;

/** The error for a request of muc#admin, with the items that it is about where those are named. */
export function refused(type: string, condition: string, ...items: readonly string[]): string {
  const error = refusal('iq', ROOM, type, condition, 'admin');
  if (items.length === 0) return error;
  return error.replace('<error', `<query xmlns='${NS.mucAdmin}'>${items.join('')}</query><error`);
}

/** The room's message about somebody who isn't in it. */
export function notice(jid: string, affiliation: string, inside = `<actor nick='firstwitch'/>`): string {
  return `<message from='${ROOM}'><x xmlns='${NS.mucUser}'><item affiliation='${affiliation}' jid='${jid}' role='none'>${inside}</item></x></message>`;
}

/** The room's message to somebody who isn't in it. */
export function courtesy(jid: string, affiliation: string, inside = ''): string {
  return `<message from='${ROOM}'><x xmlns='${NS.mucUser}'><item affiliation='${affiliation}' jid='${jid}' role='none'>${inside}</item>
    <status code='101'/></x></message>`;
}

/** Everything that may be seen of who is what in the coven. */
export function state(story: RoomStory): unknown {
  const { room } = story;
  return {
    affiliations: [...(room?.affiliations ?? [])].toSorted(([one], [other]) => one.localeCompare(other)),
    occupants: [...(room?.occupants.values() ?? [])]
      .map(({ nick, role, affiliation, sessions }) => ({ nick, role, affiliation, sessions }))
      .toSorted((one, other) => one.nick.localeCompare(other.nick)),
  };
}
