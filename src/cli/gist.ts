import { attribute, childElements, childText, type Element, findChild, findChildren, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** What a stanza between two FMUC nodes is about. */
export interface Gist {
  /** One or two words. */
  readonly kind: string;
  /** Who, and what they say. */
  readonly text: string;
}

/** Names a stanza that crosses the link after the exchange of XEP-0289 that it belongs to. */
export function gistOf(stanza: Element): Gist {
  const from = attribute(stanza, 'from') ?? '';
  const nick = from.includes('/') ? from.slice(from.indexOf('/') + 1) : from;
  if (attribute(stanza, 'type') === 'error') return { kind: 'error', text: errorCondition(stanza) };
  if (stanza.name === 'presence') return presenceGist(stanza, nick);
  if (stanza.name === 'message') return messageGist(stanza, nick);
  const type = attribute(stanza, 'type') === 'result' ? 'answer' : 'question';
  const payload = childElements(stanza)[0];
  return { kind: type, text: (payload && attribute(payload, 'xmlns')) ?? from };
}

function presenceGist(stanza: Element, nick: string): Gist {
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

function messageGist(stanza: Element, nick: string): Gist {
  const body = childText(stanza, 'body');
  const subject = childText(stanza, 'subject');
  if (body === undefined && subject !== undefined) return { kind: 'subject', text: subject };
  if (findChild(stanza, 'fmuc', NS.fmuc) === undefined) return { kind: 'note', text: 'between the gateways alone' };
  const delayed = findChild(stanza, 'delay', NS.delay) !== undefined;
  return { kind: delayed ? 'history' : 'message', text: body === undefined ? nick : `${nick}: ${body}` };
}

function errorCondition(stanza: Element): string {
  const error = findChild(stanza, 'error');
  return (error && childElements(error)[0]?.name) ?? stanza.name;
}
