/** 2020-01-01 in milliseconds since the epoch. */
const POSITION_EPOCH = 1_577_836_800_000;

/**
 * Where positions in an archive that begins at that time (milliseconds since the epoch) start: the seconds since 2020,
 * past any that a store which was lost before then gave, as long as a room gets less than a message a second.
 */
export function positionAt(now: number): number {
  return Math.max(0, Math.floor((now - POSITION_EPOCH) / 1000));
}
