import { parseStamp } from '../lib/stamp.ts';
import { attribute, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** How much history a joiner asks for (XEP-0045 §7.2.14). Absent: no bound from the joiner. */
export interface HistoryRequest {
  readonly maxChars?: number;
  readonly maxStanzas?: number;
  readonly seconds?: number;
  /** Milliseconds since the epoch. */
  readonly since?: number;
}

/** Reads `<history/>` of a join; attributes that aren't what the XEP says count as absent. */
export function readHistoryRequest(join: Element): HistoryRequest {
  const x = findChild(join, 'x', NS.muc);
  const history = x && findChild(x, 'history');
  if (history === undefined) return {};
  const since = parseStamp((attribute(history, 'since') ?? '').trim());
  return {
    ...count('maxChars', attribute(history, 'maxchars')),
    ...count('maxStanzas', attribute(history, 'maxstanzas')),
    ...count('seconds', attribute(history, 'seconds')),
    ...(since === undefined ? {} : { since }),
  };
}

/** An `xs:int`, with the space around it and the sign that one may have. More than can be counted is as much as can be. */
function count(key: keyof HistoryRequest, text: string | undefined): HistoryRequest {
  if (text === undefined || !/^\s*\+?\d+\s*$/.test(text)) return {};
  return { [key]: Math.min(Number(text), Number.MAX_SAFE_INTEGER) };
}

/** `<history/>` with the given bounds; `since` as a XEP-0082 stamp. */
export function historyElement(bounds: {
  readonly maxStanzas?: number | undefined;
  readonly maxChars?: number | undefined;
  readonly seconds?: number | undefined;
  readonly since?: string | undefined;
}): Element {
  return element('history', {
    maxstanzas: bounds.maxStanzas?.toString(),
    maxchars: bounds.maxChars?.toString(),
    seconds: bounds.seconds?.toString(),
    since: bounds.since,
  });
}
