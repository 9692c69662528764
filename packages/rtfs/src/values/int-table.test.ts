import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IntTable } from './int-table.ts';
import { KeyTable } from './key-index.ts';
import { Keyword } from './kinds.ts';
import { PMap } from './map.ts';
import { MapMaker } from './owning.ts';

/** The inverse of the table's multiplier: groups `i * INVERSE` with a small `i` belong to one place. */
const INVERSE = 0xe8b2f51;
const TOGETHER = Array.from({ length: 4000 }, (_none, i) => Math.imul(i, INVERSE))
  .filter((group) => (group << 3) >> 3 === group)
  .map((group) => group << 3);

describe('positions by small ints', () => {
  test('law: finds what was added, and nothing else', () => {
    const keys = fc.uniqueArray(
      fc.oneof(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.integer({ min: -20, max: 200 }),
        fc.integer({ min: 0, max: 500 }).map((i) => i << 16),
      ),
      { minLength: 1, maxLength: 300 },
    );
    fc.assert(
      fc.property(keys, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (ints, other) => {
        const table = new KeyTable();
        ints.forEach((key, at) => expect(table.add(key, at)).toBe(true));
        ints.forEach((key, at) => expect(table.find(key)).toBe(at));
        if (!ints.includes(other)) expect(table.find(other)).toBe(-1);
      }),
    );
  });

  test('R17.4 keys chosen to stand in one place are refused, not looked for far away', () => {
    const table = new IntTable();
    const taken = TOGETHER.filter((key, at) => table.add(key, at));
    expect(taken.length).toBeLessThan(TOGETHER.length / 2);
    const kept = new Set([...table.entries()].map(([key]) => key));
    const strays = new Map(table.strays);
    for (const key of taken) expect(kept.has(key) !== strays.has(key)).toBe(true);
  });

  test('R2.3 a map of such keys, among others, has them all, in order and in every version', () => {
    const keys = [...TOGETHER, Keyword.of('k'), 'text', 2 ** 40, ...Array.from({ length: 5000 }, (_none, i) => i + 1)];
    const whole = PMap.of(keys.map((key, at) => [key, at] as const));
    expect(whole.keys()).toEqual([...new Set(keys)]);
    for (const key of keys) expect(whole.get(key)).toBe(keys.lastIndexOf(key));
    const one = whole.set(-1, 'one');
    const two = whole.set(-1, 'two').set(-2, 'three');
    expect([one.get(-1), two.get(-1), whole.get(-1), one.has(-2)]).toEqual(['one', 'two', undefined, false]);
    for (const key of keys) expect(two.get(key)).toBe(keys.lastIndexOf(key));
  });

  test('R2.3 a map that is made out of another leaves that one as it is', () => {
    for (const n of [0, 3, 8, 9, 100]) {
      const from = PMap.of(Array.from({ length: n }, (_none, i) => [i, i] as const));
      const maker = new MapMaker(from);
      for (let i = 0; i < 50; i++) maker.put(i * 2, 'new');
      const made = maker.made();
      expect([from.n, from.get(0), from.get(98)]).toEqual([n, n > 0 ? 0 : undefined, n > 98 ? 98 : undefined]);
      expect([made.get(98), made.get(1), made.set(0, 'newer').get(0), made.get(0)]).toEqual([
        'new',
        n > 1 ? 1 : undefined,
        'newer',
        'new',
      ]);
    }
  });
});
