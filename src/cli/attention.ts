import type { LinkReport, RoomReport, S2sStreamReport } from '../gateway/report.ts';
import { count, visible } from './format.ts';

/** What a table says of a thing beside its figures. */
export interface Attention {
  /** 0: all is well. Else the row is marked, from 2 on as a fault, and the higher ones come first. */
  readonly urgency: number;
  /** What a person should know of it, fit for a terminal. */
  readonly note: string | undefined;
}

const OF_LINK: Readonly<Record<LinkReport['state'], number>> = { up: 0, connecting: 1, down: 2 };

const OF_ROOM: Readonly<Record<RoomReport['state'], number>> = {
  local: 0,
  joining: 0,
  joined: 0,
  'out-of-reach': 1,
  rejected: 2,
};

export function linkAttention({ state, error }: Pick<LinkReport, 'state' | 'error'>): Attention {
  return { urgency: OF_LINK[state], note: state === 'up' || error === null ? undefined : visible(error) };
}

/** Streams come and go: one that is gone and that nothing waits for is no trouble. */
export function streamAttention({ state, queued, error }: S2sStreamReport): Attention {
  const attention = linkAttention({ state, error });
  return queued === 0 && error === null ? { ...attention, urgency: 0 } : attention;
}

export function roomAttention({ state, reason, missing }: RoomReport): Attention {
  const fetching = missing === 0 ? undefined : `${count(missing, 'message')} missing: fmucd fetch ROOM asks for them`;
  return {
    urgency: Math.max(OF_ROOM[state], missing > 0 ? 1 : 0),
    note: reason === null ? fetching : visible(reason),
  };
}
