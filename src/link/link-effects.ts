import type { ConnectionEffect } from '../lib/effects.ts';
import type { WithheldEffect } from '../stanza/withheld.ts';
import type { SendEffect } from '../stream/s2s-types.ts';
import type { Element } from '../xml/element.ts';
import type { CrossedEffect } from './crossed.ts';
import type { DrainedEffect, PostEffect } from './departures.ts';

/** What links ask of the world, and what they tell. */
export type LinkEffect =
  | ConnectionEffect
  | CrossedEffect
  | WithheldEffect
  | PostEffect
  | SendEffect
  | {
      readonly kind: 'stanza';
      readonly via: { readonly kind: 'link'; readonly peer: string };
      readonly stanza: Element;
    }
  | { readonly kind: 'link-up'; readonly peer: string }
  | { readonly kind: 'link-down'; readonly peer: string }
  | DrainedEffect;
