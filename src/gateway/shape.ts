import type { ConfigChanges } from '../config/changes.ts';
import type { Config, LinkConfig } from '../config/config.ts';
import { DirectLink, type DirectLinkContext } from '../link/direct.ts';
import { ComponentStream, type ComponentStreamContext } from '../stream/component.ts';
import { type LinkWay, Ways } from './ways.ts';

type Stream = ComponentStream | DirectLink;

export type StreamContext = DirectLinkContext & ComponentStreamContext;

/** What the operator's file makes of the gateway: exchanged as one, so that a turn that can't stand leaves it as it was. */
export interface Shape {
  readonly config: Config;
  readonly component: ComponentStream | undefined;
  readonly links: readonly LinkWay[];
  /** The streams of those that have connections of their own. */
  readonly direct: readonly DirectLink[];
  readonly ways: Ways;
  /** What an earlier file had, to be ended: on these the last words are still said. */
  readonly retired: { readonly component?: ComponentStream | undefined; readonly links: readonly LinkWay[] };
  /** Streams to be begun. */
  readonly fresh: readonly Stream[];
}

/** What a file makes of a gateway that hasn't begun. */
export function shapeOf(config: Config, context: StreamContext): Shape {
  const component = componentOf(config, context);
  const links = config.links.map((link) => linkWay(link, config, context));
  const fresh = [...links.map(({ stream }) => stream), ...(component === undefined ? [] : [component])];
  return { ...assemble(config, component, links), retired: { links: [] }, fresh };
}

/** What another file makes of it: with the streams that it has, but for those that can't stay as they are. */
export function reshape(before: Shape, changes: ConfigChanges, context: StreamContext): Shape {
  const { config } = changes;
  const isSameServer = changes.component === undefined;
  const component = isSameServer ? before.component : componentOf(config, context);
  const links = config.links.map((link) => {
    const known = before.links.find(({ peer }) => peer === link.peer);
    return linkWay(
      link,
      config,
      context,
      known,
      changes.links.get(link.peer) === 'renewed' ? undefined : known?.stream,
    );
  });
  const had = new Set<Stream>(before.links.map(({ stream }) => stream));
  const has = new Set<Stream>(links.map(({ stream }) => stream));
  return {
    ...assemble(config, component, links),
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
): Pick<Shape, 'config' | 'component' | 'links' | 'direct' | 'ways'> {
  const { domain, localDomains } = config.gateway;
  const direct = links.map(({ stream }) => stream).filter((stream) => stream instanceof DirectLink);
  return {
    config,
    component,
    links,
    direct,
    ways: new Ways(domain, localDomains && new Set(localDomains), links, component),
  };
}

function componentOf({ gateway, component }: Config, context: StreamContext): ComponentStream | undefined {
  return component && new ComponentStream({ domain: gateway.domain, ...component }, context);
}

/** A link as the file has it; what it has spared counts on from `known`, and `stream` goes on. */
function linkWay(
  link: LinkConfig,
  { gateway: { domain } }: Config,
  context: StreamContext,
  known?: LinkWay,
  stream = new DirectLink({ ...link, domain }, context),
): LinkWay {
  return {
    peer: link.peer,
    domains: new Set([link.peer, ...link.domains]),
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
