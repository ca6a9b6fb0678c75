import { readFmuc } from '../../src/stanza/fmuc.ts';
import { readMucUser } from '../../src/stanza/muc-user.ts';
import { attribute, type Element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';

/* What must never be sent to an Openfire room, each seen in the stanza and in what the room knows. */

export const RULES = {
  live: 'something live before the end of an accept',
  anonymous: 'a presence in an accept without fmuc@from',
  historySubject: '<subject> in history',
  secondSubject: 'a second subject at the end of an accept',
  ownPresence: 'the presence of its own occupant',
  echo: 'an echo of a message',
  unknownAuthor: 'a message of an author who was not introduced',
  secondJid: 'a second full JID for an occupant',
  private: 'a private message',
  bare: 'an available presence from a bare JID',
  error: 'an error stanza with <fmuc/>',
  room: 'a message by the room itself',
  rename: 'a change of nick of the only occupant that it knows',
  reject: 'a <reject/> for which nobody asked',
  plain: 'a stanza without <fmuc/>',
} as const;

/** What the room knows when a stanza comes. */
export interface Situation {
  /** An accept of that node is under way. */
  readonly isJoining: boolean;
  /** The stanza is the first behind an accept of that node. */
  readonly justJoined: boolean;
  readonly isJoinedTo: boolean;
  /** Those whom that node, having joined, has brought. */
  readonly brought: ReadonlySet<string>;
  find(jid: string): { readonly isRemote: boolean } | undefined;
  holder(nick: string): { readonly jid: string; readonly isRemote: boolean } | undefined;
}

/** The rules that a stanza breaks. */
export function breaches(stanza: Element, situation: Situation): string[] {
  const type = attribute(stanza, 'type');
  const fmuc = readFmuc(stanza);
  if (stanza.name === 'iq') return [];
  if (fmuc === undefined) return type === 'error' ? [] : [RULES.plain];
  if (type === 'error') return [RULES.error];
  if (fmuc.kind === 'reject') return situation.isJoining ? [] : [RULES.reject];
  if (fmuc.kind !== 'from') return situation.isJoining ? [RULES.anonymous] : [];
  const author = fmuc.from.toString();
  const from = attribute(stanza, 'from') ?? '';
  return stanza.name === 'presence'
    ? ofPresence(stanza, author, from, situation)
    : ofMessage(stanza, author, from, situation);
}

function ofPresence(stanza: Element, author: string, from: string, situation: Situation): string[] {
  const broken: string[] = [];
  const user = readMucUser(stanza);
  const nick = from.includes('/') ? from.slice(from.indexOf('/') + 1) : undefined;
  const isAvailable = attribute(stanza, 'type') === undefined;
  const known = situation.find(author);
  if (isAvailable && nick === undefined) broken.push(RULES.bare);
  if (situation.isJoining && (!isAvailable || findChild(stanza, 'x', NS.muc) !== undefined)) broken.push(RULES.live);
  if (known?.isRemote === false && user?.actor === undefined) broken.push(RULES.ownPresence);
  const holder = nick === undefined ? undefined : situation.holder(nick);
  if (isAvailable && holder?.isRemote === true && holder.jid !== author) broken.push(RULES.secondJid);
  const isRename = !isAvailable && user?.statuses?.includes(303) === true;
  if (isRename && situation.brought.size === 1 && situation.brought.has(author)) broken.push(RULES.rename);
  return broken;
}

function ofMessage(stanza: Element, author: string, from: string, situation: Situation): string[] {
  const broken: string[] = [];
  const hasSubject = findChild(stanza, 'subject') !== undefined;
  const hasBody = findChild(stanza, 'body') !== undefined;
  const isDelayed = findChild(stanza, 'delay', NS.delay) !== undefined;
  if (attribute(stanza, 'type') !== 'groupchat') return [RULES.private];
  if (situation.isJoining) {
    if (hasSubject && hasBody) broken.push(RULES.historySubject);
    if (!hasSubject && !isDelayed) broken.push(RULES.live);
    return broken;
  }
  if (situation.justJoined && hasSubject && isDelayed) return [RULES.secondSubject];
  if (!from.includes('/') || author === from.split('/')[0]) return [RULES.room];
  const known = situation.find(author);
  if (known === undefined) broken.push(RULES.unknownAuthor);
  else if (!known.isRemote) broken.push(RULES.echo);
  return broken;
}
