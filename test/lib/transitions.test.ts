import { describe, expect, it } from 'vitest';
import { TransitionError, Transitions } from '../../src/lib/transitions.ts';

type State = 'shut' | 'open' | 'locked';
type Event = 'push' | 'pull' | 'turn';

describe('Transitions', () => {
  const door = new Transitions<State, Event>([
    { from: 'shut', on: 'push', to: 'open' },
    { from: 'open', on: 'pull', to: 'shut' },
    { from: ['shut', 'open'], on: 'turn', to: 'locked' },
  ]);

  it('follows the table', () => {
    expect(door.next('shut', 'push')).toBe('open');
    expect(door.next('open', 'pull')).toBe('shut');
    expect(door.next('shut', 'turn')).toBe('locked');
    expect(door.next('open', 'turn')).toBe('locked');
  });

  it('knows nothing beyond the table', () => expect(door.next('locked', 'push')).toBeUndefined());

  it('refuses a second row for a state and an event', () => {
    const table = () =>
      new Transitions<State, Event>([
        { from: 'shut', on: 'turn', to: 'locked' },
        { from: ['open', 'shut'], on: 'turn', to: 'shut' },
      ]);
    expect(table).toThrow(TransitionError);
    expect(table).toThrow('the state shut has two transitions on turn');
  });
});
