import type { ConfigChanges } from '../config/changes.ts';
import type { Config, LinkConfig, S2sConfig } from '../config/config.ts';
import { formatAddress } from '../lib/address.ts';
import { DirectLink } from '../link/direct.ts';
import type { LinkStream } from '../link/link-stream.ts';
import { S2sLink } from '../link/s2s-link.ts';
import { ComponentStream } from '../stream/component.ts';
import { S2s } from '../stream/s2s.ts';
import type { S2sContext, S2sPeer } from '../stream/s2s-types.ts';
import { type LinkWay, Ways } from './ways.ts';

type Stream = ComponentStream | LinkStream;

/** What streams need of the world. */
export type StreamContext = S2sContext;

/** What the operator's file makes of the gateway: exchanged as one, so that a turn that can't stand leaves it as it was. */
export interface Shape {
  readonly config: Config;
  readonly component: ComponentStream | undefined;
  readonly links: readonly LinkWay[];
  /** The streams of those that have connections of their own. */
  readonly direct: readonly DirectLink[];
  /** The streams of the others, by peer. */
  readonly held: ReadonlyMap<string, S2sLink>;
  /** Every server-to-server stream: the same ones whatever the file changes to, but for those that are held for links. */
  readonly s2s: S2s | undefined;
  readonly ways: Ways;
  /** What an earlier file had, to be ended: on these the last words are still said. */
  readonly retired: { readonly component?: ComponentStream | undefined; readonly links: readonly LinkWay[] };
  /** Streams to be begun. */
  readonly fresh: readonly Stream[];
}

/** What a file makes of a gateway that hasn't begun. */
export function shapeOf(config: Config, context: StreamContext): Shape {
  const component = componentOf(config, context);
  const s2s = config.s2s && s2sOf(config, config.s2s, context);
  const links = config.links.map((link) => linkWay(link, streamOf(link, config, s2s, context)));
  const fresh = [...links.map(({ stream }) => stream), ...(component === undefined ? [] : [component])];
  return { ...assemble(config, component, links, s2s), retired: { links: [] }, fresh };
}

/** What another file makes of it: with the streams that it has, but for those that can't stay as they are. */
export function reshape(before: Shape, changes: ConfigChanges, context: StreamContext): Shape {
  const { config } = changes;
  const isSameServer = changes.component === undefined;
  const component = isSameServer ? before.component : componentOf(config, context);
  const links = config.links.map((link) => {
    const known = before.links.find(({ peer }) => peer === link.peer);
    const stream = changes.links.get(link.peer) === 'renewed' ? undefined : known?.stream;
    return linkWay(link, stream ?? streamOf(link, config, before.s2s, context), known);
  });
  const had = new Set<Stream>(before.links.map(({ stream }) => stream));
  const has = new Set<Stream>(links.map(({ stream }) => stream));
  return {
    ...assemble(config, component, links, before.s2s),
    retired: {
      component: isSameServer ? undefined : before.component,
      links: before.links.filter(({ stream }) => !has.has(stream)),
    },
    fresh: [
      ...[...has].filter((stream) => !had.has(stream)),
      ...(isSameServer || component === undefined ? [] : [component]),
    ],
  };
}

function assemble(
  config: Config,
  component: ComponentStream | undefined,
  links: readonly LinkWay[],
  s2s: S2s | undefined,
): Pick<Shape, 'config' | 'component' | 'links' | 'direct' | 'held' | 's2s' | 'ways'> {
  const { domain, localDomains } = config.gateway;
  const ways = new Ways(domain, localDomains && new Set(localDomains), links, component, s2s);
  const direct = links.flatMap(({ stream }) => (stream instanceof DirectLink ? [stream] : []));
  const held = new Map(links.flatMap(({ peer, stream }) => (stream instanceof S2sLink ? [[peer, stream]] : [])));
  return { config, component, links, direct, held, s2s, ways };
}

/** The peers of links whose streams are S2S streams. */
export function peersOf({ links }: Config): S2sPeer[] {
  return links
    .filter(({ transport }) => transport === 's2s')
    .map(({ peer, connect, pin, compression }) => ({ domain: peer, ...(connect && { connect }), pin, compression }));
}

function s2sOf(config: Config, { listen, tls, auth, hosts }: S2sConfig, context: StreamContext): S2s {
  const { domain } = config.gateway;
  return new S2s({ domain, listeners: listen.map(formatAddress), tls, auth, hosts, peers: peersOf(config) }, context);
}

function streamOf(
  link: LinkConfig,
  { gateway: { domain } }: Config,
  s2s: S2s | undefined,
  context: StreamContext,
): LinkStream {
  return link.transport === 's2s' && s2s !== undefined
    ? new S2sLink(link, s2s)
    : new DirectLink({ ...link, domain }, context);
}

function componentOf({ gateway, component }: Config, context: StreamContext): ComponentStream | undefined {
  return component && new ComponentStream({ domain: gateway.domain, ...component }, context);
}

/** A link as the file has it; what it has spared counts on from `known`. */
function linkWay(link: LinkConfig, stream: LinkStream, known?: LinkWay): LinkWay {
  const domains = new Set([link.peer, ...link.domains]);
  return {
    peer: link.peer,
    reached: link.transport === 's2s' ? new Set([link.peer]) : domains,
    domains,
    history: link.history,
    queue: link.queue,
    grace: link.grace,
    dialect: link.dialect,
    moderate: link.moderate,
    presence: link.presence,
    coalesce: link.coalesce,
    spared: known?.spared ?? { presences: 0, payloads: 0, payloadCharacters: 0 },
    stream,
  };
}
