import { expect, it } from 'vitest';
import { MINUTES, Traffic } from '../../src/app/traffic.ts';

/* What crossed each link in the last hour, minute by minute. */

/** A link whose counters the test moves. */
function scene() {
  const stream = { bytesIn: 0, bytesOut: 0 };
  let links = [{ peer: 'rooms.wonderland.lit', stream }];
  const traffic = new Traffic(() => links);
  const cross = (bytesIn: number, bytesOut: number) => {
    stream.bytesIn += bytesIn;
    stream.bytesOut += bytesOut;
  };
  const minutes = () =>
    traffic.withMinutes({ peer: 'rooms.wonderland.lit', bytes_in: stream.bytesIn, bytes_out: stream.bytesOut }).minutes;
  const have = (others: typeof links) => {
    links = others;
  };
  return { stream, traffic, cross, minutes, have };
}

it('counts the minute that goes on, and remembers those that are over', () => {
  const { traffic, cross, minutes } = scene();
  cross(5, 7);
  expect(minutes()).toEqual({ in: [5], out: [7] });
  traffic.tick();
  expect(minutes()).toEqual({ in: [5, 0], out: [7, 0] });
  cross(0, 2);
  traffic.tick();
  traffic.tick();
  cross(1, 0);
  expect(minutes()).toEqual({ in: [5, 0, 0, 1], out: [7, 2, 0, 0] });
});

it('remembers an hour at most', () => {
  const { traffic, cross, minutes } = scene();
  for (let at = 0; at < MINUTES + 10; at += 1) {
    cross(at, 0);
    traffic.tick();
  }
  expect(minutes().in).toEqual([...Array.from({ length: MINUTES - 1 }, (_, at) => at + 11), 0]);
  expect(minutes().out).toHaveLength(MINUTES);
});

it('counts on where the counters have begun anew with their stream', () => {
  const { stream, traffic, cross, minutes } = scene();
  cross(100, 100);
  traffic.tick();
  Object.assign(stream, { bytesIn: 3, bytesOut: 0 });
  expect(minutes()).toEqual({ in: [100, 3], out: [100, 0] });
  traffic.tick();
  cross(1, 1);
  expect(minutes()).toEqual({ in: [100, 3, 1], out: [100, 0, 1] });
});

it('forgets a link that is no more', () => {
  const { traffic, stream, cross, minutes, have } = scene();
  cross(100, 100);
  traffic.tick();
  have([]);
  traffic.tick();
  have([{ peer: 'rooms.wonderland.lit', stream }]);
  expect(minutes()).toEqual({ in: [100], out: [100] });
});
