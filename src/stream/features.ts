import { childElements, type Element, findChild, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** What a server-to-server stream has come to. */
export type Condition = 'secure' | 'authenticated' | 'bidirectional' | 'compressed' | 'managed';

export type FeatureName = 'starttls' | 'bidi' | 'external' | 'dialback' | 'compression' | 'management';

interface Feature {
  readonly name: FeatureName;
  /** What the stream must have come to before. */
  readonly needs: readonly Condition[];
  /** What it must not have come to yet. */
  readonly forbids: readonly Condition[];
  /** Whether it may be had in the clear where TLS is required. */
  readonly isForClear: boolean;
}

/**
 * The negotiation of a server-to-server stream (RFC 6120 §4.3, XEP-0170), in the order in which an initiating server takes
 * what it is offered: TLS, then both directions, then who it is, then compression, then acknowledgements.
 */
const FEATURES: readonly Feature[] = [
  { name: 'starttls', needs: [], forbids: ['secure', 'authenticated'], isForClear: true },
  { name: 'bidi', needs: [], forbids: ['authenticated', 'bidirectional'], isForClear: false },
  { name: 'external', needs: ['secure'], forbids: ['authenticated'], isForClear: false },
  { name: 'dialback', needs: [], forbids: ['authenticated'], isForClear: false },
  { name: 'compression', needs: ['authenticated'], forbids: ['compressed', 'managed'], isForClear: false },
  { name: 'management', needs: ['authenticated'], forbids: ['managed'], isForClear: false },
];

/** What decides on a feature beside the stream's own conditions. */
export interface FeaturePolicy {
  readonly isTlsRequired: boolean;
  /** Whether this side has a use for it now. */
  readonly wants: (feature: FeatureName) => boolean;
}

/** The features that a stream with these conditions may negotiate now, in order. */
export function openFeatures(conditions: ReadonlySet<Condition>, policy: FeaturePolicy): FeatureName[] {
  const isInClear = policy.isTlsRequired && !conditions.has('secure');
  return FEATURES.filter(
    ({ name, needs, forbids, isForClear }) =>
      needs.every((condition) => conditions.has(condition)) &&
      !forbids.some((condition) => conditions.has(condition)) &&
      (isForClear || !isInClear) &&
      policy.wants(name),
  ).map(({ name }) => name);
}

/** What a receiving server offers. */
export interface Offer {
  readonly features: ReadonlySet<FeatureName>;
  /** Whether it insists on TLS (RFC 6120 §5.3.1). */
  readonly isTlsRequired: boolean;
}

/**
 * Reads `<stream:features/>`. Dialback is taken for offered by every server: what announces it tells no more than that it
 * knows errors (XEP-0220 §2.4.2).
 */
export function readOffer(features: Element): Offer {
  const starttls = findChild(features, 'starttls', NS.tls);
  const offered = new Set<FeatureName>(['dialback']);
  if (starttls !== undefined) offered.add('starttls');
  if (findChild(features, 'bidi', NS.bidiFeature) !== undefined) offered.add('bidi');
  if (listed(features, 'mechanisms', NS.sasl, 'mechanism').includes('EXTERNAL')) offered.add('external');
  if (listed(features, 'compression', NS.compressFeature, 'method').includes('zlib')) offered.add('compression');
  if (findChild(features, 'sm', NS.sm) !== undefined) offered.add('management');
  return {
    features: offered,
    isTlsRequired: starttls !== undefined && findChild(starttls, 'required') !== undefined,
  };
}

function listed(features: Element, name: string, namespace: string, item: string): string[] {
  const list = findChild(features, name, namespace);
  if (list === undefined) return [];
  return childElements(list)
    .filter((child) => child.name === item && child.attrs['xmlns'] === undefined)
    .map((child) => textOf(child).trim());
}
