import { domainOf } from '../lib/jid.ts';
import type { Posting } from '../link/departures.ts';
import { outgoing } from '../link/outgoing.ts';
import type { RoomEffect } from '../muc/turn.ts';
import type { ComponentStream } from '../stream/component.ts';
import { serialiseTo } from '../xml/serialise.ts';
import type { Effect } from './effects.ts';
import type { Watch } from './watch.ts';
import type { Way, Ways } from './ways.ts';

/** Characters for the component beyond which what is written together is written: so much waits for one stream at a time. */
export const MAX_TOGETHER = 65_536;

/**
 * Gives the stanzas of a turn to their streams. What one turn has for a link, for a domain or for the component goes there
 * together. A stanza is serialised once, and its way is sought once for each domain, however many get it.
 */
export function toStreams(turnEffects: readonly RoomEffect[], ways: Ways, watch: Watch): Effect[] {
  const effects: Effect[] = [];
  const posts = new Map<string, Posting[]>();
  const sends = new Map<string, string[]>();
  const begun = new Set<string>();
  const known = new Map<string, Way | undefined>();
  const wayTo = (domain: string): Way | undefined => {
    if (!known.has(domain)) known.set(domain, ways.way(domain));
    return known.get(domain);
  };
  let component: ComponentStream | undefined;
  let text = '';
  const flushComponent = (): void => {
    if (component !== undefined && text !== '') effects.push(...(component.send(text) as Effect[]));
    text = '';
  };
  const flush = (): void => {
    flushComponent();
    for (const [domain, stanzas] of sends) effects.push({ kind: 's2s-send', domain, stanzas });
    sends.clear();
  };
  /** What a query brings back follows what stands before it, and leaves with it. */
  const begin = (): void => {
    for (const [peer, postings] of posts) effects.push({ kind: 'post', peer, postings, isMoreToCome: true });
    for (const peer of posts.keys()) begun.add(peer);
    posts.clear();
    flush();
  };
  for (const effect of turnEffects) {
    if (effect.kind === 'send') {
      const { stanza, to, sending } = effect;
      const texts = serialiseTo(stanza, to);
      for (const [index, recipient] of to.entries()) {
        const xml = texts[index] ?? '';
        const domain = domainOf(recipient);
        const way = wayTo(domain);
        if (way === undefined) continue;
        if (watch.isOn && way.kind !== 'link') effects.push(...watch.departs(domain, xml));
        if (way.kind === 'link') add(posts, way.link.peer, outgoing(stanza, recipient, xml, sending));
        else if (way.kind === 's2s') add(sends, domain, xml);
        else {
          component = way.component;
          text += xml;
          if (text.length >= MAX_TOGETHER) flushComponent();
        }
      }
    } else if (effect.kind === 'discard') {
      const way = wayTo(domainOf(effect.node));
      if (way?.kind === 'link') add(posts, way.link.peer, { discard: effect.node });
    } else {
      if (effect.kind === 'query') begin();
      effects.push(effect);
    }
  }
  flushComponent();
  for (const peer of new Set([...begun, ...posts.keys()]))
    effects.push({ kind: 'post', peer, postings: posts.get(peer) ?? [] });
  flush();
  return effects;
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
