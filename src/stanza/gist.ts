import { attribute, childElements, childText, type Element, findChild, findChildren, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** What a stanza between gateways can be about. */
export const KINDS = [
  'message',
  'private',
  'history',
  'subject',
  'join',
  'occupant',
  'rename',
  'leave',
  'left',
  'reject',
  'note',
  'question',
  'answer',
  'error',
  'unreadable',
] as const;

export type Kind = (typeof KINDS)[number];

/** What something that crosses is about. */
export interface Gist {
  /** One word, or two. */
  readonly kind: string;
  /** Who, and what they say. */
  readonly text: string;
}

/** The same of a stanza. */
export interface StanzaGist extends Gist {
  readonly kind: Kind;
}

/** Names a stanza that crosses the link after the exchange of XEP-0289 that it belongs to. */
export function gistOf(stanza: Element): StanzaGist {
  const from = attribute(stanza, 'from') ?? '';
  const nick = resourceOf(from) ?? from;
  if (attribute(stanza, 'type') === 'error') return { kind: 'error', text: errorCondition(stanza) };
  if (stanza.name === 'presence') return presenceGist(stanza, nick);
  if (stanza.name === 'message') return messageGist(stanza, nick);
  const kind = attribute(stanza, 'type') === 'result' ? 'answer' : 'question';
  const payload = childElements(stanza)[0];
  return { kind, text: (payload && attribute(payload, 'xmlns')) ?? from };
}

/** The nick of the occupant whose stanza it is; undefined where it is of a room or a gateway. */
export function nickIn(stanza: Element): string | undefined {
  return resourceOf(attribute(stanza, 'from') ?? '');
}

function presenceGist(stanza: Element, nick: string): StanzaGist {
  const fmuc = findChild(stanza, 'fmuc', NS.fmuc);
  const reject = fmuc && findChild(fmuc, 'reject');
  if (reject !== undefined) return { kind: 'reject', text: textOf(reject) };
  if (fmuc !== undefined && findChild(fmuc, 'left') !== undefined) return { kind: 'left', text: nick };
  const user = findChild(stanza, 'x', NS.mucUser);
  const codes = user === undefined ? [] : findChildren(user, 'status').map((status) => attribute(status, 'code'));
  if (attribute(stanza, 'type') === 'unavailable') {
    const renamed = user && codes.includes('303') ? attribute(findChild(user, 'item') ?? user, 'nick') : undefined;
    return renamed === undefined ? { kind: 'leave', text: nick } : { kind: 'rename', text: `${nick} is ${renamed}` };
  }
  return { kind: findChild(stanza, 'x', NS.muc) === undefined ? 'occupant' : 'join', text: nick };
}

function messageGist(stanza: Element, nick: string): StanzaGist {
  const body = childText(stanza, 'body');
  const subject = childText(stanza, 'subject');
  if (body === undefined && subject !== undefined) return { kind: 'subject', text: subject };
  if (body === undefined && findChild(stanza, 'fmuc', NS.fmuc) === undefined)
    return { kind: 'note', text: 'between the gateways alone' };
  const text = body === undefined ? nick : `${nick}: ${body}`;
  const isToOne = resourceOf(attribute(stanza, 'to') ?? '') !== undefined;
  if (isToOne && attribute(stanza, 'type') !== 'groupchat') return { kind: 'private', text };
  return { kind: findChild(stanza, 'delay', NS.delay) === undefined ? 'message' : 'history', text };
}

function errorCondition(stanza: Element): string {
  const error = findChild(stanza, 'error');
  return (error && childElements(error)[0]?.name) ?? stanza.name;
}

function resourceOf(jid: string): string | undefined {
  const slash = jid.indexOf('/');
  return slash === -1 ? undefined : jid.slice(slash + 1);
}
