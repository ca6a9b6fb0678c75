import { joins, MESSAGES, messages, type PresenceEvent, presenceHour } from '../support/corpus.ts';
import type { Air, AirOptions, Packet, Side, Traffic } from './air.ts';
import { airTime, roundTripsBefore, trafficOf } from './air.ts';
import {
  fill,
  heard,
  isMessage,
  OurScene,
  open,
  type Scene,
  type SceneOptions,
  untilOccupants,
  untilQuiet,
} from './scene.ts';
import { sleep, until } from './waiting.ts';

/** What a workload came to. Figures are numbers by name: they go into the report as they are. */
export interface Result {
  readonly traffic: Traffic;
  readonly figures: Readonly<Record<string, number>>;
}

export interface Workload {
  readonly what: string;
  /** The emulated link. */
  readonly air: AirOptions;
  /** Further options of the scene. */
  readonly scene?: Pick<SceneOptions, 'sideOf' | 'link'>;
  /** Takes a scene in which nobody is, and measures. */
  run(scene: Scene): Promise<Result>;
}

/** Where what is measured doesn't depend on speed: fast, so that it takes minutes. */
const FAST = { bandwidth: 1_000_000, delay: 0.01 };
/** 600 ms there and back. */
const LATE = { bandwidth: 64_000, delay: 0.3 };
/** A radio. */
const SLOW = { bandwidth: 2400, delay: 0.3 };

/** Milliseconds between messages: longer than an ACK is delayed, so that each has its own, as when people type. */
const PAUSE = 60;
const SLOW_MESSAGES = 60;
const SLOW_PAUSE = 2000;
/** How long a slow link gets to deliver what is still on its way, in milliseconds. */
const AFTERWARDS = 30_000;
/** By how much an hour of presence is shortened. The window shrinks with it. */
const SPEED = 60;
const MISSED = 200;
/** Seconds of silence that stand for an hour. */
const SILENCE = 60;

/** What is measured, by name. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  messages: {
    what: `${MESSAGES} messages of 20 people, one every ${PAUSE} ms at 1 Mbit/s`,
    air: FAST,
    async run(scene) {
      await everybodyIn(scene);
      return talk(scene, MESSAGES, PAUSE, 60_000);
    },
  },
  slow: {
    what: `${SLOW_MESSAGES} messages, one every ${SLOW_PAUSE / 1000} s at 2400 bit/s`,
    air: SLOW,
    async run(scene) {
      // People come while the link is fast.
      scene.air.set(FAST);
      await everybodyIn(scene);
      scene.air.set(SLOW);
      // What TCP learned of the fast link would have it send again too soon.
      await scene.air.cut();
      await sleep(500);
      await scene.air.mend();
      if (scene instanceof OurScene) await scene.rejoin();
      return talk(scene, SLOW_MESSAGES, SLOW_PAUSE, AFTERWARDS);
    },
  },
  joins: {
    what: '20 people of the near side join at once; somebody of each side is there already',
    air: FAST,
    scene: { sideOf: () => 'near' },
    async run(scene) {
      await open(scene);
      const before = await untilQuiet(scene.air);
      for (const event of joins('measured')) await scene.show(event);
      await untilOccupants(scene, 'far', 22);
      return since(before, await untilQuiet(scene.air));
    },
  },
  presence: {
    what: `an hour of presence of 20 people at ${SPEED} times the speed, gathered over 1 s instead of 60`,
    air: FAST,
    scene: { link: 'coalesce = 1' },
    async run(scene) {
      await everybodyIn(scene);
      const before = await untilQuiet(scene.air);
      const start = performance.now();
      for (const event of presenceHour('measured')) {
        await sleep(Math.max(0, start + event.at / SPEED - performance.now()));
        await scene.show(event);
      }
      const after = await untilQuiet(scene.air);
      for (const side of ['near', 'far'] as const) checkShown(scene, side, presenceHour('measured'));
      return since(before, after);
    },
  },
  rejoin: {
    what: 'a link that was cut comes back; nothing was missed, the room is joined again',
    air: LATE,
    async run(scene) {
      scene.air.set(FAST);
      await everybodyIn(scene);
      scene.air.set(LATE);
      const before = await untilQuiet(scene.air);
      const cutAt = new Date().toISOString();
      await scene.air.cut();
      await sleep(500);
      await scene.air.mend();
      await scene.rejoin('near', cutAt);
      await crossing(scene.air, before);
      const after = await untilQuiet(scene.air, 10_000);
      const result = since(before, after);
      if (!(scene instanceof OurScene)) return result;
      // What a message that is said as soon as the link is up stands behind; with Prosody that is a whole negotiation.
      const join = after.slice(before.length).find(({ from, payload }) => from === 'near' && payload > 0);
      return { ...result, figures: { ...result.figures, join: join?.payload ?? Number.NaN } };
    },
  },
  first: {
    what: 'a message of the near side waits for a link that comes back',
    air: LATE,
    async run(scene) {
      scene.air.set(FAST);
      await everybodyIn(scene);
      scene.air.set(LATE);
      const [message] = messages('measured').filter(({ user }) => scene.sideOf(user) === 'near');
      const before = await untilQuiet(scene.air);
      await scene.air.cut();
      await sleep(500);
      // A plain room loses what is said while the link is down.
      const isOurs = scene instanceof OurScene;
      if (isOurs && message !== undefined) await scene.say(message);
      await scene.air.mend();
      if (!isOurs && message !== undefined) await scene.say(message);
      let arrived = 0;
      await until('the first message', () => {
        arrived = airTime();
        return scene.watcher('far').collected().some(isMessage);
      });
      const after = await scene.air.packets();
      const packets = after.slice(before.length);
      const last = packets.findLast(
        ({ from, payload, arrived: at }) => from === 'near' && payload > 0 && at !== undefined && at <= arrived,
      );
      const crossed = packets.filter(({ at }) => last !== undefined && at <= last.at);
      const { both } = trafficOf(crossed);
      return {
        traffic: trafficOf(crossed),
        figures: {
          payload: both.payload,
          bytes: both.bytes,
          round_trips: last === undefined ? Number.NaN : roundTripsBefore(last, packets),
        },
      };
    },
  },
  missed: {
    what: `${MISSED} messages of the far side while the link is down, and what it takes until the near side has them`,
    air: FAST,
    async run(scene) {
      await everybodyIn(scene);
      const said = messages('measured', 4 * MISSED).filter(({ user }) => scene.sideOf(user) === 'far');
      const before = await untilQuiet(scene.air);
      const cutAt = new Date().toISOString();
      await scene.air.cut();
      await sleep(500);
      for (const message of said.slice(0, MISSED)) {
        await scene.say(message);
        await sleep(10);
      }
      await until('the far side to hear itself', () => heard(scene, 'far') === MISSED);
      await scene.air.mend();
      await scene.rejoin('near', cutAt);
      await until('what was missed', () => heard(scene, 'near') >= MISSED);
      return since(before, await untilQuiet(scene.air, 5000));
    },
  },
  idle: {
    what: `${SILENCE} s in which nobody does anything, taken for an hour`,
    air: FAST,
    async run(scene) {
      await everybodyIn(scene);
      const before = await untilQuiet(scene.air, 5000);
      await sleep(SILENCE * 1000);
      const traffic = trafficOf((await scene.air.packets()).slice(before.length));
      return { traffic, figures: { bytes_an_hour: (traffic.both.bytes * 3600) / SILENCE } };
    },
  },
};

async function everybodyIn(scene: Scene): Promise<void> {
  await open(scene);
  await fill(scene, joins('measured'));
  await untilQuiet(scene.air);
}

/** People say so much, and it arrives, or doesn't in time. */
async function talk(scene: Scene, count: number, pause: number, patience: number): Promise<Result> {
  const before = await untilQuiet(scene.air);
  const start = performance.now();
  for (const [index, message] of messages('measured', count).entries()) {
    await sleep(Math.max(0, start + index * pause - performance.now()));
    await scene.say(message);
  }
  const arrived = (): number => Math.min(heard(scene, 'near'), heard(scene, 'far'));
  await until('all messages', () => arrived() >= count, patience).catch(() => {});
  const number = arrived();
  const packets = (await (number < count ? scene.air.packets() : untilQuiet(scene.air))).slice(before.length);
  const traffic = trafficOf(packets);
  return {
    traffic,
    figures: {
      messages: number,
      of: count,
      payload_a_message: traffic.both.payload / number,
      bytes_a_message: traffic.both.bytes / number,
    },
  };
}

/** Whoever watches on that side has seen each of the other side as their last event left them. */
function checkShown(scene: Scene, side: Side, events: readonly PresenceEvent[]): void {
  const last = new Map(events.map((event) => [event.user, event]));
  for (const { user, kind, show } of last.values()) {
    if (scene.sideOf(user) === side) continue;
    const seen = scene
      .watcher(side)
      .collected()
      .findLast((stanza) => stanza.is('presence') && stanza.attrs['from'] === `${scene.room(side)}/${user.nick}`);
    const isGone = seen?.attrs['type'] === 'unavailable';
    if (isGone !== (kind === 'leave') || (seen?.getChildText('show') ?? undefined) !== show)
      throw new Error(`${user.nick} isn't seen as they are: ${String(seen)}`);
  }
}

/** Something crosses that hadn't before. */
async function crossing(air: Air, before: readonly Packet[]): Promise<void> {
  await until('the link to be in use again', async () => {
    const packets = (await air.packets()).slice(before.length);
    return packets.some(({ payload }) => payload > 0);
  });
}

function since(before: readonly Packet[], after: readonly Packet[]): Result {
  const traffic = trafficOf(after.slice(before.length));
  return { traffic, figures: { payload: traffic.both.payload, bytes: traffic.both.bytes } };
}
