import type { LinkReport, RoomReport, S2sStreamReport, StatusReport } from '../gateway/report.ts';
import { parseStamp } from '../lib/stamp.ts';

/* What `fmucd status --prometheus` prints: Prometheus' text format, version 0.0.4. Seconds and bytes, as its conventions say. */

/** Links and servers that have metrics of their own. How many more there are is told by `fmucd_left_out`. */
export const MAX_PEERS = 100;
/** The same of rooms. */
export const MAX_ROOMS = 200;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

const STATES: readonly LinkReport['state'][] = ['up', 'connecting', 'down'];
const ROOM_STATES: readonly RoomReport['state'][] = ['local', 'joining', 'joined', 'rejected', 'out-of-reach'];

/** The metrics of a gateway; of one that doesn't answer (undefined) that it doesn't. The last line has no end. */
export function metricsOf(report: StatusReport | undefined): string {
  const up = family('fmucd_up', 'gauge', 'Whether the gateway runs and answers.', [[{}, report === undefined ? 0 : 1]]);
  return (report === undefined ? up : [...up, ...gatewayLines(report)]).join('\n');
}

function gatewayLines(report: StatusReport): string[] {
  const { version, domain, uptime, rss, problems, component, certificate } = report;
  const links = report.links.slice(0, MAX_PEERS);
  const s2s = report.s2s.slice(0, MAX_PEERS);
  const rooms = report.rooms.slice(0, MAX_ROOMS);
  return [
    ...family('fmucd_build_info', 'gauge', 'The version, and the domain of the rooms.', [[{ version, domain }, 1]]),
    ...family('fmucd_uptime_seconds', 'gauge', 'How long the gateway has run.', [[{}, uptime]]),
    ...family('fmucd_resident_memory_bytes', 'gauge', 'Memory that the gateway has.', [[{}, rss]]),
    ...family('fmucd_problems', 'gauge', 'What is wrong with the gateway as a whole: fmucd status says what.', [
      [{}, problems.length],
    ]),
    ...family(
      'fmucd_component_up',
      'gauge',
      'Whether the gateway is attached to its server.',
      component === null ? [] : [[{ server: component.server }, Number(component.state === 'up')]],
    ),
    ...family(
      'fmucd_certificate_expiry_timestamp_seconds',
      'gauge',
      'When the certificate expires, since the epoch.',
      timeSamples({}, certificate?.expires),
    ),
    ...linkLines(links),
    ...s2sLines(s2s),
    ...roomLines(rooms),
    ...family('fmucd_links', 'gauge', 'Links by state.', countBy(STATES, report.links)),
    ...family('fmucd_s2s_servers', 'gauge', 'Other servers, by the state of the streams.', countBy(STATES, report.s2s)),
    ...family('fmucd_rooms', 'gauge', 'Rooms by state.', countBy(ROOM_STATES, report.rooms)),
    ...family('fmucd_left_out', 'gauge', 'How many have no metrics of their own, since there are too many.', [
      [{ of: 'links' }, report.links.length - links.length],
      [{ of: 's2s' }, report.s2s.length - s2s.length],
      [{ of: 'rooms' }, report.rooms.length - rooms.length],
    ]),
  ];
}

function linkLines(links: readonly LinkReport[]): string[] {
  const each = (value: (link: LinkReport) => number) => links.map((link): Sample => [{ peer: link.peer }, value(link)]);
  const since = links.flatMap((link) => timeSamples({ peer: link.peer }, link.since));
  const delays = links.flatMap(({ peer, delay }): Sample[] => (delay === null ? [] : [[{ peer }, delay]]));
  const saved = links.flatMap(({ peer, saved: { compression, trimming } }): Sample[] => [
    [{ peer, by: 'compression' }, compression],
    [{ peer, by: 'trimming' }, trimming],
  ]);
  return [
    ...family(
      'fmucd_link_up',
      'gauge',
      'Whether the link is up.',
      each(({ state }) => Number(state === 'up')),
    ),
    ...family(
      'fmucd_link_state_timestamp_seconds',
      'gauge',
      'Since when the link is in its state, since the epoch.',
      since,
    ),
    ...trafficLines('fmucd_link', 'link', (value) => each(value)),
    ...family(
      'fmucd_link_queued_messages',
      'gauge',
      'Messages that wait for the peer.',
      each(({ queued }) => queued),
    ),
    ...family(
      'fmucd_link_waiting_stanzas',
      'gauge',
      'Stanzas that wait for their turn on the link.',
      each(({ waiting }) => waiting),
    ),
    ...family('fmucd_link_delay_seconds', 'gauge', 'Until a message said now is across, while the link is up.', delays),
    // No counter: what is compressed may become larger.
    ...family('fmucd_link_saved_bytes', 'gauge', 'Bytes kept off the link since the start.', saved),
    ...family(
      'fmucd_link_saved_presence_stanzas_total',
      'counter',
      'Presence stanzas gathered into others, or not carried.',
      each(({ saved: { coalescing } }) => coalescing),
    ),
    ...family(
      'fmucd_link_trimmed_payloads_total',
      'counter',
      'Payloads left out of messages.',
      each(({ saved: { payloads } }) => payloads),
    ),
  ];
}

function s2sLines(streams: readonly S2sStreamReport[]): string[] {
  const each = (value: (stream: S2sStreamReport) => number) =>
    streams.map((stream): Sample => [{ domain: stream.domain }, value(stream)]);
  return [
    ...family(
      'fmucd_s2s_up',
      'gauge',
      'Whether a stream with the server stands.',
      each(({ state }) => Number(state === 'up')),
    ),
    ...trafficLines('fmucd_s2s', 'streams', (value) => each(value)),
    ...family(
      'fmucd_s2s_queued_stanzas',
      'gauge',
      'Stanzas that wait for a stream or for an acknowledgement.',
      each(({ queued }) => queued),
    ),
  ];
}

type Traffic = Pick<LinkReport, 'bytes_in' | 'bytes_out' | 'stanzas_in' | 'stanzas_out'>;

function trafficLines(name: string, of: string, each: (value: (traffic: Traffic) => number) => Sample[]): string[] {
  return [
    ...family(
      `${name}_received_bytes_total`,
      'counter',
      `Bytes that the ${of} brought.`,
      each((one) => one.bytes_in),
    ),
    ...family(
      `${name}_sent_bytes_total`,
      'counter',
      `Bytes that the ${of} took.`,
      each((one) => one.bytes_out),
    ),
    ...family(
      `${name}_received_stanzas_total`,
      'counter',
      `Stanzas that the ${of} brought.`,
      each((one) => one.stanzas_in),
    ),
    ...family(
      `${name}_sent_stanzas_total`,
      'counter',
      `Stanzas that the ${of} took.`,
      each((one) => one.stanzas_out),
    ),
  ];
}

function roomLines(rooms: readonly RoomReport[]): string[] {
  const each = (value: (room: RoomReport) => number) => rooms.map((room): Sample => [{ room: room.jid }, value(room)]);
  const occupants = rooms.flatMap(({ jid: room, occupants: { local, remote } }): Sample[] => [
    [{ room, side: 'local' }, local],
    [{ room, side: 'remote' }, remote],
  ]);
  const states = rooms.flatMap(({ jid: room, state }) =>
    ROOM_STATES.map((one): Sample => [{ room, state: one }, Number(one === state)]),
  );
  return [
    ...family('fmucd_room_occupants', 'gauge', 'Occupants of the room, here and at other nodes.', occupants),
    ...family(
      'fmucd_room_history_messages',
      'gauge',
      'Messages that the room keeps.',
      each(({ history }) => history),
    ),
    ...family(
      'fmucd_room_missing_messages',
      'gauge',
      'Messages left behind on their way here: fmucd fetch asks for them.',
      each(({ missing }) => missing),
    ),
    ...family(
      'fmucd_room_lost_messages_total',
      'counter',
      'Messages that were asked for and that nobody has any more.',
      each(({ lost }) => lost),
    ),
    ...family(
      'fmucd_room_held_messages',
      'gauge',
      'Messages that wait for the node that puts them in order.',
      each(({ held }) => held),
    ),
    ...family('fmucd_room_state', 'gauge', 'How the room stands in its set: 1 for the state that it is in.', states),
  ];
}

/** A time as a sample; none where there is no reading it. */
function timeSamples(labels: Labels, stamp: string | undefined): Sample[] {
  const time = stamp === undefined ? undefined : parseStamp(stamp);
  return time === undefined ? [] : [[labels, time / 1000]];
}

function countBy<S extends string>(states: readonly S[], all: readonly { readonly state: S }[]): Sample[] {
  return states.map((state) => [{ state }, all.filter((one) => one.state === state).length]);
}

/** A metric with its samples; nothing where there are none. */
function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string[] {
  if (samples.length === 0) return [];
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => name + sampleText(sample))];
}

function sampleText([labels, value]: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

/** As the format has it, and nothing in it that a terminal would obey. Different names stay different. */
function escaped(text: string): string {
  return text.replace(
    /["\\\p{C}\u2028\u2029]/gu,
    (special) => ESCAPED[special] ?? `\\\\u{${special.codePointAt(0)?.toString(16)}}`,
  );
}
