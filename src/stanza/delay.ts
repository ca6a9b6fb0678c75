import { formatStamp, parseStamp } from '../lib/stamp.ts';
import { attribute, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** XEP-0203 */
export interface Delay {
  /** Milliseconds since the epoch. */
  readonly stamp: number;
  readonly from: string | undefined;
}

/** Reads the delay of a stanza, also in the form of XEP-0289's examples (`<x xmlns='urn:xmpp:delay'/>`) and of XEP-0091. */
export function readDelay(stanza: Element): Delay | undefined {
  const found =
    findChild(stanza, 'delay', NS.delay) ?? findChild(stanza, 'x', NS.delay) ?? findChild(stanza, 'x', NS.legacyDelay);
  if (found === undefined) return undefined;
  const stamp = parseStamp(attribute(found, 'stamp') ?? '');
  return stamp === undefined ? undefined : { stamp, from: attribute(found, 'from') };
}

/** `<delay/>` with the time in milliseconds since the epoch. */
export function delayElement(delay: Delay): Element {
  return element('delay', { xmlns: NS.delay, from: delay.from, stamp: formatStamp(delay.stamp) });
}
