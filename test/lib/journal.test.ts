import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Journal, JournaledMap } from '../../src/lib/journal.ts';

describe('Journal', () => {
  it('takes back properties, the latest change first', () => {
    const journal = new Journal();
    const target = { value: 1 };
    journal.set(target, 'value', 2);
    journal.set(target, 'value', 3);
    journal.rollback();
    expect(target.value).toBe(1);
  });

  it('takes nothing back of a turn that stands', () => {
    const journal = new Journal();
    const target = { value: 1 };
    journal.set(target, 'value', 2);
    journal.commit();
    journal.rollback();
    expect(target.value).toBe(2);
  });
});

describe('JournaledMap', () => {
  const change = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.option(fc.integer(), { nil: undefined }) });

  it('has the same entries after any changes that are taken back, and none of them before', () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), (standing, takenBack) => {
        const journal = new Journal();
        const map = new JournaledMap<string, number | undefined>(journal);
        const apply = (changes: readonly { readonly key: string; readonly value: number | undefined }[]): void => {
          for (const { key, value } of changes) {
            if (value === undefined) map.delete(key);
            else map.set(key, value);
          }
        };
        apply(standing);
        journal.commit();
        const before = new Map(map);
        apply(takenBack);
        journal.rollback();
        expect(new Map(map)).toEqual(before);
        expect(map.size).toBe(before.size);
      }),
    );
  });
});
