/** Which side of the link: the one that joins, and the one that is joined. */
export type Side = 'near' | 'far';

/** What was put on the air in one go: an IP packet, or what stands for one. */
export interface Packet {
  readonly from: Side;
  /** When it went on the air and when it arrived, in seconds; undefined where it was lost. */
  readonly at: number;
  readonly arrived: number | undefined;
  /** With the headers of IP and TCP. */
  readonly bytes: number;
  /** Without them. */
  readonly payload: number;
}

export interface AirOptions {
  /** Both ways together, in bit/s. */
  readonly bandwidth: number;
  /** One way, in seconds. */
  readonly delay: number;
}

/** One side's surroundings. */
export interface Place {
  /** The command that has a program run there. */
  readonly within: readonly string[];
  /** Where clients and components find that side's server. */
  readonly address: string;
  /** Where its programs find what we listen at. */
  readonly ours: string;
  /** What that side's end of the link listens at, and dials from. */
  readonly air: string;
  /** Where the other side finds that. */
  readonly reached: string;
}

/** An emulated half-duplex link, and the two places that it lies between. */
export interface Air {
  readonly near: Place;
  readonly far: Place;
  /** Every packet so far. */
  packets(): Promise<readonly Packet[]>;
  set(options: AirOptions): void;
  /** Whatever is under way is lost, and nobody gets through until it is mended. Both sides learn of it at once. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** How a link is emulated. */
export type Emulation = 'namespaces' | 'proxy';

export const EMULATIONS: Readonly<Record<Emulation, string>> = {
  namespaces: 'TUN devices in network namespaces: every IP packet counted',
  proxy: 'a proxy over TCP: payload counted, packets and their headers estimated',
};

/** The time that packets are stamped with, in seconds. */
export function airTime(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** What crossed one way. */
export interface Count {
  readonly packets: number;
  /** Those of them that carry payload. */
  readonly carrying: number;
  readonly bytes: number;
  readonly payload: number;
}

export interface Traffic {
  readonly near: Count;
  readonly far: Count;
  readonly both: Count;
}

/** What these packets come to. */
export function trafficOf(packets: readonly Packet[]): Traffic {
  const count = (of: readonly Packet[]): Count => ({
    packets: of.length,
    carrying: of.filter(({ payload }) => payload > 0).length,
    bytes: of.reduce((sum, { bytes }) => sum + bytes, 0),
    payload: of.reduce((sum, { payload }) => sum + payload, 0),
  });
  const from = (side: Side) => count(packets.filter((packet) => packet.from === side));
  return { near: from('near'), far: from('far'), both: count(packets) };
}

/**
 * How often the other side was waited for before that packet left: what is sent comes after whatever had arrived there by
 * then. TCP's own round trips don't count, so packets without payload don't.
 */
export function roundTripsBefore(last: Packet, packets: readonly Packet[]): number {
  const turns = new Map<Packet, number>();
  for (const packet of packets.filter(({ payload }) => payload > 0)) {
    let turn = 0;
    for (const [earlier, before] of turns)
      if (earlier.from === packet.from) turn = Math.max(turn, before);
      else if (earlier.arrived !== undefined && earlier.arrived <= packet.at) turn = Math.max(turn, before + 1);
    turns.set(packet, turn);
  }
  return Math.floor((turns.get(last) ?? 0) / 2);
}
