/** What a running gateway tells of itself over the control socket; the keys are the operator's contract. Times are XEP-0082 stamps. */

export interface StatusReport {
  readonly version: string;
  readonly domain: string;
  /** Seconds. */
  readonly uptime: number;
  /** Bytes. */
  readonly rss: number;
  readonly component: ComponentReport | null;
  readonly links: readonly LinkReport[];
  readonly rooms: readonly RoomReport[];
}

export interface ComponentReport {
  readonly server: string;
  readonly state: 'up' | 'connecting' | 'down';
  readonly since: string;
  readonly error: string | null;
}

export interface LinkReport {
  readonly peer: string;
  readonly transport: 'direct' | 's2s';
  readonly state: 'up' | 'connecting' | 'down';
  readonly since: string;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly stanzas_in: number;
  readonly stanzas_out: number;
  /** Messages that wait for the peer. */
  readonly queued: number;
  /** The last error, null where there was none. */
  readonly error: string | null;
}

export interface RoomReport {
  readonly jid: string;
  readonly mode: 'primary-primary' | 'primary-replica';
  readonly federate: string | null;
  readonly state: 'local' | 'joining' | 'joined' | 'rejected' | 'out-of-reach';
  /** Why it was rejected or is out of reach, null otherwise. */
  readonly reason: string | null;
  readonly occupants: { readonly local: number; readonly remote: number };
  /** Occupants by FMUC node; ours under our own room JID. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Messages kept. */
  readonly history: number;
}
