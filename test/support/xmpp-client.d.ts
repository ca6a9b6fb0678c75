/** As much of `@xmpp/client` as the suites use; it brings no types of its own. */
declare module '@xmpp/client' {
  import type { Element } from 'ltx';

  export interface Entity {
    readonly reconnect: { stop(): void };
    readonly socket: { destroy(): void } | null;
    on(event: 'stanza', listener: (stanza: Element) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    on(event: 'disconnect', listener: () => void): void;
    /** Resolves with the full JID. */
    start(): Promise<{ toString(): string }>;
    stop(): Promise<unknown>;
    send(stanza: Element): Promise<void>;
  }

  /** Logs in by a mechanism of its choice. */
  export type Credentials = (
    authenticate: (
      credentials: { readonly username: string; readonly password: string },
      mechanism: string,
    ) => Promise<void>,
  ) => Promise<void>;

  export function client(options: {
    readonly service: string;
    readonly domain: string;
    readonly username: string;
    readonly credentials: Credentials;
    readonly resource: string;
  }): Entity;
}
