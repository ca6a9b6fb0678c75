import type { Measured, Outcome, Who } from './measure.ts';

/** A row of the table: a figure of a workload, and the most that it may be. */
interface RowOf {
  readonly row: string;
  readonly workload: string;
  readonly figure: string;
  /** Undefined where it is shown only for its own sake. */
  readonly budget: number | undefined;
  /** The more the better: no ratio of bytes. */
  readonly isCount?: boolean;
}

/** What a message may take by its budget. */
const MESSAGE = 36;

const ROWS: readonly RowOf[] = [
  { row: 'payload a message, mean', workload: 'messages', figure: 'payload_a_message', budget: MESSAGE },
  { row: 'on air a message, mean', workload: 'messages', figure: 'bytes_a_message', budget: 140 },
  {
    row: 'round trips before the first message after link-up, TCP’s own not counted',
    workload: 'first',
    figure: 'round_trips',
    budget: 0,
  },
  { row: 'payload before the first message after link-up', workload: 'rejoin', figure: 'join', budget: 150 },
  {
    row: 'payload until a message that waited for the link is across, it included',
    workload: 'first',
    figure: 'payload',
    budget: undefined,
  },
  { row: 'rejoin where nothing was missed, payload', workload: 'rejoin', figure: 'payload', budget: 300 },
  { row: '200 missed messages, payload', workload: 'missed', figure: 'payload', budget: 7000 },
  { row: '20 occupants joined, payload', workload: 'joins', figure: 'payload', budget: 1000 },
  { row: 'an hour of presence (276 events), payload', workload: 'presence', figure: 'payload', budget: 1500 },
  { row: 'silence, on air an hour', workload: 'idle', figure: 'bytes_an_hour', budget: 0 },
  {
    row: 'at 2400 bit/s: messages of 60 that were across in time',
    workload: 'slow',
    figure: 'messages',
    budget: undefined,
    isCount: true,
  },
  { row: 'at 2400 bit/s: on air a message', workload: 'slow', figure: 'bytes_a_message', budget: undefined },
];

/** A row with its figures; undefined where there is none. */
export interface Row {
  readonly row: string;
  readonly budget: number | undefined;
  readonly ours: number | undefined;
  readonly prosody: number | undefined;
  /** Prosody's figure in ours. */
  readonly ratio: number | undefined;
  readonly isMet: boolean | undefined;
}

/** The rows of the workloads that were run. */
export function rowsOf(results: readonly Measured[]): readonly Row[] {
  return ROWS.flatMap(({ row, workload, figure, budget, isCount = false }) => {
    const measured = results.find(({ name }) => name === workload);
    if (measured === undefined) return [];
    const [ours, prosody] = (['ours', 'prosody'] satisfies Who[]).map((who) => figureOf(measured[who], figure));
    return [
      {
        row,
        budget,
        ours,
        prosody,
        ratio: isCount || ours === undefined || prosody === undefined || ours === 0 ? undefined : prosody / ours,
        isMet: budget === undefined ? undefined : ours !== undefined && ours <= budget,
      },
    ];
  });
}

function figureOf(outcome: Outcome, figure: string): number | undefined {
  const value = 'failed' in outcome ? undefined : outcome.figures[figure];
  // JSON has no NaN.
  return value === undefined || value === null || Number.isNaN(value) ? undefined : value;
}

/** With a thousands separator; a digit after the point for what is small. */
export function show(value: number | undefined): string {
  if (value === undefined) return '–';
  const digits = value < 100 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
