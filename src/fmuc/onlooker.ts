import type { Turn } from '../muc/turn.ts';
import { gistOf, nickIn } from '../stanza/gist.ts';
import type { Withheld, WithheldReason } from '../stanza/withheld.ts';
import { attribute, type Element } from '../xml/element.ts';
import type { FmucNode } from './node.ts';

/** Is told that something of this room doesn't cross, or not as it was said. */
export type Onlooker = (reason: WithheldReason, withheld: Withheld) => void;

/**
 * Whoever looks on at the way to another node, given by its bare JID; undefined while nobody does. To be asked and told in
 * one expression, `onlooker(…)?.(…)`: then what nobody looks at costs nothing.
 */
export function onlooker(node: FmucNode, turn: Turn, other: string): Onlooker | undefined {
  const peer = node.watchedAs(other);
  if (peer === undefined) return undefined;
  return (reason, withheld) => turn.withhold({ kind: 'withheld', peer, room: node.room.jid, reason, ...withheld });
}

/** What payloads are called: each name with the last part of its namespace, such as `active (chatstates)`. */
export function namesOf(payloads: readonly Element[]): string {
  return payloads
    .map((payload) => {
      const namespace = attribute(payload, 'xmlns');
      const [last = ''] = /[^/:#]+(?=[/:#]?[\d.]*$)/.exec(namespace ?? '') ?? [];
      return last === '' || last === payload.name ? payload.name : `${payload.name} (${last})`;
    })
    .join(', ');
}

/** What is to be said of a stanza that has come and isn't taken. */
export function aboutStanza(stanza: Element): Withheld {
  return { about: gistOf(stanza).kind, who: nickIn(stanza), direction: 'in' };
}
