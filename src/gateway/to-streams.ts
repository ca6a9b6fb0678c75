import { domainOf } from '../lib/jid.ts';
import type { Posting } from '../link/departures.ts';
import { outgoing } from '../link/outgoing.ts';
import type { RoomEffect } from '../muc/turn.ts';
import { serialiseTo } from '../xml/serialise.ts';
import type { Effect } from './effects.ts';
import type { Ways } from './ways.ts';

/** Gives the stanzas of a turn to their streams. What one turn has for a link, or for a domain, goes there together. */
export function toStreams(turnEffects: readonly RoomEffect[], ways: Ways): Effect[] {
  const effects: Effect[] = [];
  const posts = new Map<string, Posting[]>();
  const sends = new Map<string, string[]>();
  const begun = new Set<string>();
  const flushSends = (): void => {
    for (const [domain, stanzas] of sends) effects.push({ kind: 's2s-send', domain, stanzas });
    sends.clear();
  };
  /** What a query brings back follows what stands before it, and leaves with it. */
  const begin = (): void => {
    for (const [peer, postings] of posts) effects.push({ kind: 'post', peer, postings, isMoreToCome: true });
    for (const peer of posts.keys()) begun.add(peer);
    posts.clear();
    flushSends();
  };
  for (const effect of turnEffects) {
    if (effect.kind === 'send') {
      const { stanza, to, sending } = effect;
      const texts = serialiseTo(stanza, to);
      for (const [index, recipient] of to.entries()) {
        const text = texts[index] ?? '';
        const domain = domainOf(recipient);
        const way = ways.way(domain);
        if (way?.kind === 'link') add(posts, way.link.peer, outgoing(stanza, recipient, text, sending));
        else if (way?.kind === 'component') effects.push(...(way.component.send(text) as Effect[]));
        else if (way?.kind === 's2s') add(sends, domain, text);
      }
    } else if (effect.kind === 'discard') {
      const way = ways.way(domainOf(effect.node));
      if (way?.kind === 'link') add(posts, way.link.peer, { discard: effect.node });
    } else {
      if (effect.kind === 'query') begin();
      effects.push(effect);
    }
  }
  for (const peer of new Set([...begun, ...posts.keys()]))
    effects.push({ kind: 'post', peer, postings: posts.get(peer) ?? [] });
  flushSends();
  return effects;
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
