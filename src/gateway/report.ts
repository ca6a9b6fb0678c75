import type { Kind } from '../stanza/gist.ts';
import type { Verdict } from '../stanza/withheld.ts';

/** What a running gateway tells of itself over the control socket; the keys are the operator's contract. Times are XEP-0082 stamps. */

export interface StatusReport {
  /** What is wrong with the gateway as a whole, one line each, and what to do. */
  readonly problems: readonly string[];
  readonly version: string;
  readonly domain: string;
  /** Seconds. */
  readonly uptime: number;
  /** Bytes. */
  readonly rss: number;
  readonly component: ComponentReport | null;
  /** What peers are shown in TLS, null where there is none. */
  readonly certificate: CertificateReport | null;
  readonly links: readonly LinkReport[];
  readonly s2s: readonly S2sStreamReport[];
  readonly ways: readonly WayReport[];
  readonly rooms: readonly RoomReport[];
}

export interface CertificateReport {
  /** Of its DER form: 64 lower-case hexadecimal digits, which peers pin. */
  readonly sha256: string;
  /** Every name in it that XMPP looks at. */
  readonly names: readonly string[];
  readonly expires: string;
  readonly self_signed: boolean;
}

/** How the ordinary server-to-server streams with one domain stand. */
export interface S2sStreamReport {
  readonly domain: string;
  readonly state: 'up' | 'connecting' | 'down';
  readonly since: string;
  /** How the domain has proved who it is, null while no stream stands. */
  readonly proof: 'certificate' | 'pin' | 'dialback' | null;
  /** Such as `TLSv1.3`, null in the clear. */
  readonly tls: string | null;
  /** Whether one connection carries both directions (XEP-0288). */
  readonly bidirectional: boolean;
  /** Whether it may be resumed after a loss (XEP-0198). */
  readonly resumable: boolean;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly stanzas_in: number;
  readonly stanzas_out: number;
  /** Stanzas that wait for a stream or for an acknowledgement. */
  readonly queued: number;
  /** The last error, null where there was none. */
  readonly error: string | null;
}

/** Which way stanzas for a domain go. */
export interface WayReport {
  readonly domain: string;
  readonly way: 'link' | 'component' | 's2s';
  /** The peer of the link, or the server of the component; null where the domain is reached itself. */
  readonly via: string | null;
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
  /** When it came up, or when it was lost (at first: the start), however often it was tried meanwhile. */
  readonly since: string;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly stanzas_in: number;
  readonly stanzas_out: number;
  /** Messages that wait for the peer: in the archive while it is away, or for their turn on the link. */
  readonly queued: number;
  /** Stanzas that wait for their turn on the link. */
  readonly waiting: number;
  /** Seconds until a message said now would be across, null while the link isn't up. */
  readonly delay: number | null;
  readonly saved: SavedReport;
  readonly minutes: MinutesReport;
  /** What the operator's file says of it. */
  readonly file: LinkFileReport;
  /** The last error, null where there was none. */
  readonly error: string | null;
}

/** What was kept off a link, since the start. */
export interface SavedReport {
  /** Bytes. */
  readonly compression: number;
  /** Presence stanzas that were gathered into others, or that the link doesn't carry. */
  readonly coalescing: number;
  /** Bytes of the payloads that were left out of messages. */
  readonly trimming: number;
  /** How many these were. */
  readonly payloads: number;
}

/** Bytes that crossed a link in each minute of the last hour, oldest first; the last one still goes on. */
export interface MinutesReport {
  readonly in: readonly number[];
  readonly out: readonly number[];
}

export interface LinkFileReport {
  /** Bit/s; 0: nothing is paced. */
  readonly bandwidth: number;
  readonly compression: boolean;
  readonly presence: 'full' | 'availability' | 'none';
  /** Seconds. */
  readonly coalesce: number;
  readonly tls: 'off' | 'pinned';
  /** SHA-256 of the peer's certificate, null where none is pinned. */
  readonly pin: string | null;
}

export interface RoomReport {
  readonly jid: string;
  readonly mode: 'primary-primary' | 'primary-replica';
  readonly federate: string | null;
  readonly state: 'local' | 'joining' | 'joined' | 'rejected' | 'out-of-reach';
  /** Why it was rejected or is out of reach, or that its federation is switched off; null otherwise. */
  readonly reason: string | null;
  readonly occupants: { readonly local: number; readonly remote: number };
  /** Occupants by FMUC node; ours under our own room JID. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Messages kept. */
  readonly history: number;
  /** The nodes that this one exchanges messages with, also those that are away. */
  readonly neighbours: readonly NeighbourReport[];
  /** Messages that are known to exist and were left behind on their way here; `fmucd fetch` asks for them. */
  readonly missing: number;
  /** Messages that were asked for and that nobody has any more, since the start. */
  readonly lost: number;
  /** Messages that wait for the node that puts them in order (primary-replica). */
  readonly held: number;
}

/** One neighbour of a room, as far as this gateway knows. Counts of messages. */
export interface NeighbourReport {
  readonly node: string;
  /** Which side of XEP-0289 it is on: the one that we have joined, or one that has joined us. */
  readonly side: 'joined' | 'joining';
  readonly state: 'here' | 'returning' | 'away';
  readonly since: string | null;
  readonly dialect: 'fmucd' | 'xep' | 'openfire';
  /** Of those kept here. */
  readonly has: number;
  /** Sent, and not yet known to have arrived. */
  readonly unconfirmed: number;
  /** Waiting until it is back. */
  readonly misses: number;
  /** Not sent, since they were more than its queue or its join allowed, since the start. */
  readonly dropped: number;
  /** Stanzas of it that were ignored or refused, since the start. */
  readonly refused: number;
}

/** What `fmucd top` shows. */
export interface TopReport {
  readonly report: StatusReport;
  readonly log: LogReport;
}

export interface LogReport {
  /** The last lines, oldest first: of those after the position that was asked for as many as are kept. */
  readonly lines: readonly string[];
  /** Of the last line. */
  readonly position: number;
}

/** What `fmucd reload` has come to. */
export interface ReloadReport {
  /** The file that the gateway runs with. */
  readonly file: string;
  /** False: it has got faults, and nothing has changed. */
  readonly isTaken: boolean;
  /** Faults and warnings, as `fmucd check` says them. */
  readonly findings: readonly string[];
  /** What has changed, a line each. */
  readonly changes: readonly string[];
  /** Keys that are taken over by a restart alone. */
  readonly restart: readonly string[];
}

/** What `fmucd fetch ROOM` has come to. */
export interface FetchReport {
  readonly room: string;
  /** Messages that are missing. */
  readonly messages: number;
  /** The node that was asked for them, null where nobody can be asked now. */
  readonly node: string | null;
}

/** What `fmucd clock` asks for. */
export interface ClockReport {
  /** When the newest message came here, null where there is none. */
  readonly newest: string | null;
}

/** A page of `fmucd history ROOM`. */
export interface HistoryPage {
  readonly messages: readonly HistoryRecord[];
  /** The position in the archive at which it goes on, null at the end. */
  readonly next: number | null;
}

/** A message of a room's archive. */
export interface HistoryRecord {
  /** When it entered the set, by the clock of whoever says so. */
  readonly time: string;
  /** When it came here. */
  readonly received: string;
  readonly nick: string;
  /** The author's real JID. */
  readonly author: string;
  /** The room where it entered the set, null where that isn't known. */
  readonly origin: string | null;
  /** What others call it that refer to it, the same at every node; null where nobody can. */
  readonly id: string | null;
  /** The node that it reached us through; null for what was said here. */
  readonly via: string | null;
  /** The stanza without its addresses. */
  readonly xml: string;
}

/** A line of `fmucd trace`: a stanza that has crossed a way, or something that doesn't, or not now, or not whole. */
export interface TraceRecord {
  readonly time: string;
  /** Whose link it is; over an ordinary stream, the domain. */
  readonly peer: string;
  readonly direction: 'in' | 'out';
  /** The room of ours that it comes from or goes to; null where it is of the gateways alone. */
  readonly room: string | null;
  readonly kind: Kind;
  /** The nick of the occupant whose it is; null where it is of a room or a gateway, or nobody knows any more. */
  readonly who: string | null;
  readonly verdict: 'crossed' | Verdict;
  /** Of what is withheld, by the registry; of an error that crosses, its condition; else null. */
  readonly reason: string | null;
  /** The same for a person. */
  readonly why: string | null;
  /** How many stanzas. */
  readonly count: number;
  /** Of the XML, in UTF-8; of what is trimmed, that much. 0 where it never became a stanza. */
  readonly bytes: number;
  /**
   * What it took on the wire, with those that crossed with it; null on these, which follow it, and over ordinary streams. 0
   * where it hasn't crossed.
   */
  readonly wire: number | null;
  /** What has crossed, without secrets; empty where nothing has, or it can't be read. */
  readonly xml: string;
  /** What hasn't, as far as there was a stanza; else null. */
  readonly withheld: string | null;
}
