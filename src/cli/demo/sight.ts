import { attribute, childElements, childText, type Element, findChild, findChildren } from '../../xml/element.ts';
import { NS } from '../../xml/names.ts';

/** What a person sees happen in their room. `self`: it was they who did it. */
export type Sight =
  | { readonly kind: 'joined' | 'left'; readonly nick: string; readonly self: boolean }
  | { readonly kind: 'renamed'; readonly nick: string; readonly to: string; readonly self: boolean }
  | Spoken
  /** An error that the room returned. */
  | { readonly kind: 'refused'; readonly text: string }
  /** What must never reach a user. */
  | { readonly kind: 'fault'; readonly text: string };

/** Something said, or a subject set. */
export interface Spoken {
  readonly kind: 'message' | 'private' | 'subject';
  readonly nick: string;
  readonly text: string;
  readonly self: boolean;
  /** When that was (XEP-0082), of what is history. */
  readonly stamp?: string;
}

/** Status codes of XEP-0045 §15.6.2. */
const SELF = '110';
const NICK_CHANGED = '303';

/** The room as one occupant's client sees it (XEP-0045), fed with the stanzas that come from the room. */
export class RoomView {
  /** The nick under which its owner is in the room; undefined outside. */
  self: string | undefined;
  subject = '';
  readonly #occupants = new Set<string>();

  /** The others, in the order in which they came. */
  get others(): string[] {
    return [...this.#occupants].filter((nick) => nick !== this.self);
  }

  /** Undefined where the stanza changes nothing that one would see. */
  handle(stanza: Element): Sight | undefined {
    const leaked = childElements(stanza).find(isFederationPayload);
    if (leaked !== undefined) return { kind: 'fault', text: `<${leaked.name}/> of the federation reached a user` };
    const from = attribute(stanza, 'from') ?? '';
    const nick = from.slice(from.indexOf('/') + 1 || from.length);
    if (attribute(stanza, 'type') === 'error') return { kind: 'refused', text: errorText(stanza) };
    if (stanza.name === 'presence') return this.#presence(stanza, nick);
    return stanza.name === 'message' ? this.#message(stanza, nick) : undefined;
  }

  #presence(stanza: Element, nick: string): Sight | undefined {
    const user = findChild(stanza, 'x', NS.mucUser);
    if (user === undefined || nick === '') return undefined;
    const codes = findChildren(user, 'status').map((status) => attribute(status, 'code'));
    const self = codes.includes(SELF) || nick === this.self;
    if (attribute(stanza, 'type') === 'unavailable') {
      if (!this.#occupants.delete(nick)) return undefined;
      const to = attribute(findChild(user, 'item') ?? user, 'nick');
      if (codes.includes(NICK_CHANGED) && to !== undefined) {
        this.#occupants.add(to);
        return { kind: 'renamed', nick, to, self };
      }
      if (self) this.#leave();
      return { kind: 'left', nick, self };
    }
    if (self) this.self = nick;
    if (this.#occupants.has(nick)) return undefined;
    this.#occupants.add(nick);
    return { kind: 'joined', nick, self };
  }

  #message(stanza: Element, nick: string): Sight | undefined {
    const body = childText(stanza, 'body');
    const subject = childText(stanza, 'subject');
    const delay = findChild(stanza, 'delay', NS.delay);
    const stamp = delay && attribute(delay, 'stamp');
    const spoken = { nick, self: nick === this.self, ...(stamp !== undefined && { stamp }) };
    if (body !== undefined) {
      const kind = attribute(stanza, 'type') === 'groupchat' ? 'message' : 'private';
      return { kind, text: body, ...spoken };
    }
    // A message with a subject and a body is a message (XEP-0045 §8.1).
    if (subject === undefined || (subject === '' && this.subject === '')) return undefined;
    this.subject = subject;
    return { kind: 'subject', text: subject, ...spoken };
  }

  #leave(): void {
    this.self = undefined;
    this.subject = '';
    this.#occupants.clear();
  }
}

function isFederationPayload(child: Element): boolean {
  const namespace = attribute(child, 'xmlns') ?? '';
  return namespace === NS.fmuc || namespace.startsWith('urn:fmucd:');
}

function errorText(stanza: Element): string {
  const error = findChild(stanza, 'error');
  if (error === undefined) return 'an error without a reason';
  const condition = childElements(error).find(
    (child) => attribute(child, 'xmlns') === NS.stanzaErrors && child.name !== 'text',
  );
  return childText(error, 'text', NS.stanzaErrors) ?? condition?.name ?? 'an error without a reason';
}
