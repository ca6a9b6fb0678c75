import { formatAddress } from '../io/address.ts';
import { now } from '../io/clock.ts';
import { seed } from '../io/entropy.ts';
import { Tcp } from '../io/tcp.ts';
import type { ConnectionInput } from '../lib/effects.ts';
import { Random } from '../lib/random.ts';
import { type ComponentEffect, ComponentStream, type ComponentStreamConfig } from '../stream/component.ts';
import type { StreamErrorCondition } from '../xml/stream-errors.ts';

/** What has come of trying to attach to the XMPP server. `reason` is text for the operator, and the server's in part. */
export type ComponentTrial =
  | { readonly outcome: 'accepted' }
  /** By a stream error of the server's. */
  | { readonly outcome: 'refused'; readonly condition: StreamErrorCondition; readonly reason: string }
  /** What answers doesn't speak XEP-0114. */
  | { readonly outcome: 'foreign'; readonly reason: string }
  /** It takes the connection and ends it without a word. */
  | { readonly outcome: 'hung-up'; readonly reason: string }
  /** Nothing answers. */
  | { readonly outcome: 'unreachable'; readonly reason: string }
  /** It takes the connection and says nothing. */
  | { readonly outcome: 'silent' };

/** Milliseconds for the server to see the stream end. */
const END_MS = 500;

/**
 * Shakes hands with the server once (XEP-0114) and ends the stream in order. Not for where a gateway is attached: servers may
 * throw that one off, or give some of its stanzas to this one.
 *
 * @param timeout Milliseconds for all of it.
 */
export async function tryComponent(config: ComponentStreamConfig, timeout: number): Promise<ComponentTrial> {
  let connections = 0;
  const stream = new ComponentStream(config, { random: new Random(seed()), nextConnection: () => ++connections });
  const server = formatAddress(config);
  let isConnected = false;
  let end: (trial: ComponentTrial) => void = () => {};
  const ended = new Promise<ComponentTrial>((resolve) => (end = resolve));

  const carryOut = (effects: readonly ComponentEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === 'open') tcp.open(effect.connection, effect.host, effect.port);
      else if (effect.kind === 'write') tcp.write(effect.connection, effect.data);
      else if (effect.kind === 'close') tcp.close(effect.connection);
      else if (effect.kind === 'component-up') end({ outcome: 'accepted' });
    }
    if (stream.error !== undefined) end(failure(stream, isConnected, stream.error));
  };
  const tcp = new Tcp(
    (input: ConnectionInput) => {
      isConnected ||= input.kind === 'connected';
      carryOut(stream.handle(input, now()));
    },
    { shutdownLinger: END_MS },
  );
  const timer = setTimeout(() => {
    end(
      isConnected
        ? { outcome: 'silent' }
        : {
            outcome: 'unreachable',
            reason: `no answer from ${server} within ${timeout / 1000} s: is that machine on, and the route to it right?`,
          },
    );
  }, timeout);
  carryOut(stream.start(now()));
  const trial = await ended;
  clearTimeout(timer);
  carryOut(stream.stop(now()));
  await tcp.shutdown();
  return trial;
}

function failure(stream: ComponentStream, isConnected: boolean, reason: string): ComponentTrial {
  const { refusal } = stream;
  if (refusal?.by === 'server') return { outcome: 'refused', condition: refusal.condition, reason };
  if (refusal?.by === 'us') return { outcome: 'foreign', reason };
  return isConnected ? { outcome: 'hung-up', reason } : { outcome: 'unreachable', reason };
}
