import { describe, expect, it } from 'vitest';
import { Deadlines } from '../../src/lib/deadlines.ts';

describe('Deadlines', () => {
  it('gives those due once, earliest first, and keeps the rest', () => {
    const deadlines = new Deadlines<string>();
    deadlines.set('late', 30);
    deadlines.set('early', 10);
    deadlines.set('middle', 20);
    expect(deadlines.next()).toBe(10);
    expect(deadlines.due(9)).toEqual([]);
    expect(deadlines.due(20)).toEqual(['early', 'middle']);
    expect(deadlines.due(20)).toEqual([]);
    expect(deadlines.next()).toBe(30);
  });

  it('moves and clears a deadline', () => {
    const deadlines = new Deadlines<string>();
    deadlines.set('a', 10);
    deadlines.set('a', 50);
    expect(deadlines.get('a')).toBe(50);
    expect(deadlines.due(49)).toEqual([]);
    deadlines.clear('a');
    deadlines.clear('never set');
    expect(deadlines.get('a')).toBeUndefined();
    expect(deadlines.next()).toBeUndefined();
    expect(deadlines.due(100)).toEqual([]);
  });
});
