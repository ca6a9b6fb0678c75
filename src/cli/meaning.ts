import type { HistoryRecord } from '../gateway/report.ts';
import { isModerated, isTombstone, retractOf } from '../muc/tombstone.ts';
import { attribute, childElements, childText, type Element, findChild, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { readStanza } from './stanza.ts';

/** What a message of the archive is. */
export interface Meaning {
  readonly kind:
    | 'message'
    /** Says anew what another message said (XEP-0308). */
    | 'correction'
    /** To another message (XEP-0444). */
    | 'reaction'
    /** Takes another message of the same author back (XEP-0424), or the room takes somebody's back (XEP-0425). */
    | 'retraction'
    | 'moderation'
    /** One that was taken back: nothing is left of it. */
    | 'retracted'
    /** Nothing for people to read. */
    | 'other';
  /** What was said; undefined where there is no text. */
  readonly body: string | undefined;
  /** The `id` of the message that it is about. */
  readonly about: string | undefined;
  /** Who has taken it back, where it was a moderator, and why: nicks and reasons as they were given. */
  readonly by: string | undefined;
  readonly reason: string | undefined;
  /** In words, where there is more to it than the text. */
  readonly remark: string | undefined;
}

const NOTHING = { about: undefined, by: undefined, reason: undefined, remark: undefined } as const;

/** What a message means, by its stanza. */
export function meaningOf({ xml }: Pick<HistoryRecord, 'xml'>): Meaning {
  const stanza = readStanza(xml);
  if (stanza === undefined) return { ...NOTHING, kind: 'other', body: undefined, remark: 'too large to be read' };
  const body = childText(stanza, 'body');
  const tombstone = findChild(stanza, 'retracted', NS.retract);
  if (tombstone !== undefined && isTombstone(stanza)) {
    const { by, reason } = moderatorIn(tombstone);
    const who = by === undefined ? 'retracted by its author' : `removed by ${by}`;
    return { kind: 'retracted', body: undefined, about: undefined, by, reason, remark: withReason(who, reason) };
  }
  const retract = retractOf(stanza);
  if (retract !== undefined) {
    const { by, reason } = moderatorIn(retract);
    const about = attribute(retract, 'id');
    if (!isModerated(retract)) return { ...NOTHING, kind: 'retraction', body: undefined, about, remark: 'retracts' };
    return {
      kind: 'moderation',
      body: undefined,
      about,
      by,
      reason,
      remark: `${by ?? 'a moderator'} removes`,
    };
  }
  const reactions = findChild(stanza, 'reactions', NS.reactions);
  if (reactions !== undefined) {
    const signs = childElements(reactions).map((child) => textOf(child));
    const remark = signs.length === 0 ? 'takes back the reaction to' : `reacts ${signs.join(' ')} to`;
    return { ...NOTHING, kind: 'reaction', body: undefined, about: attribute(reactions, 'id'), remark };
  }
  const replace = findChild(stanza, 'replace', NS.correction);
  if (replace !== undefined)
    return { ...NOTHING, kind: 'correction', body, about: attribute(replace, 'id'), remark: 'corrects' };
  const reply = findChild(stanza, 'reply', NS.reply);
  const about = reply && attribute(reply, 'id');
  if (body !== undefined)
    return { ...NOTHING, kind: 'message', body, about, remark: about === undefined ? undefined : 'answers' };
  return { ...NOTHING, kind: 'other', body, about: undefined, remark: `no text: ${payloadsOf(stanza)}` };
}

function moderatorIn(payload: Element): { readonly by: string | undefined; readonly reason: string | undefined } {
  const moderated = findChild(payload, 'moderated', NS.moderate);
  const by = moderated && attribute(moderated, 'by');
  return { by: by?.slice(by.indexOf('/') + 1), reason: childText(payload, 'reason') };
}

/** A text, and why. */
export function withReason(text: string, reason: string | undefined): string {
  return reason === undefined || reason === '' ? text : `${text}: ${reason}`;
}

/** What is in a stanza, by names that a person may know. */
function payloadsOf(stanza: Element): string {
  const file = findChild(stanza, 'x', NS.outOfBand);
  const url = file && childText(file, 'url');
  if (url !== undefined) return `a file at ${url}`;
  const names = childElements(stanza).map((child) =>
    child.name === 'x' ? (attribute(child, 'xmlns') ?? 'x') : child.name,
  );
  return names.length === 0 ? 'empty' : [...new Set(names)].join(', ');
}
