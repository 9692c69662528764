import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { key, scalar } from '../../test/arbitrary.ts';
import { equal } from './equality.ts';
import { compare } from './order.ts';
import { compileRegex } from './regex.ts';
import { Keyword } from './kinds.ts';
import type { ErrorValue, Value } from './kinds.ts';
import { List } from './list.ts';
import { Edit } from './edit.ts';
import { PMap } from './map.ts';
import { PSet } from './set.ts';
import { Vec } from './vector.ts';

function thrown(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as ErrorValue).kind;
  }
  return 'nothing';
}

/** One step on a pool of vectors: which vector, which operation, and where. */
const step = fc.record({
  from: fc.nat(),
  op: fc.constantFrom('push', 'set', 'pop', 'slice', 'concat', 'owned'),
  at: fc.nat(),
  many: fc.integer({ min: 0, max: 120 }),
});

function after(
  v: Vec,
  model: readonly Value[],
  { op, at, many }: { op: string; at: number; many: number },
): [Vec, Value[]] {
  const i = model.length === 0 ? 0 : at % model.length;
  switch (op) {
    case 'set':
      return model.length === 0 ? [v.push(at), [at]] : [v.set(i, at), model.with(i, at)];
    case 'pop':
      return [v.pop(), model.slice(0, -1)];
    case 'slice':
      return [v.slice(i), model.slice(i)];
    case 'concat':
      return [v.concat(v), [...model, ...model]];
    case 'owned': {
      const edit = new Edit();
      let own = v;
      const items = model.slice();
      for (let k = 0; k < many; k++) {
        if (items.length > 0) own = own.with((at + k) % items.length, k, edit);
        if (items.length > 0) items[(at + k) % items.length] = k;
        own = own.append(-k, edit);
        items.push(-k);
      }
      own.edit = null;
      return [own, items];
    }
    default: {
      let grown = v;
      for (let k = 0; k < many; k++) grown = grown.push(k);
      return [grown, [...model, ...Array.from({ length: many }, (_, k) => k)]];
    }
  }
}

describe('Vec', () => {
  test('R2.5 agrees with arrays, however headers share, and old headers never change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const pool: [Vec, Value[]][] = [[Vec.empty, []]];
        for (const one of steps) {
          const [v, model] = pool[one.from % pool.length]!;
          if (model.length < 3000) pool.push(after(v, model, one));
        }
        for (const [v, model] of pool) {
          expect(v.n).toBe(model.length);
          expect(v.toArray()).toEqual(model);
          model.forEach((x, i) => {
            if (v.at(i) !== x) throw new Error(`at ${i}`);
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  test('R2.5 a trie of three levels keeps every element', () => {
    let v = Vec.of(Array.from({ length: 40_000 }, (_, i) => i));
    const base = v;
    v = v.set(33_000, 'x').set(5, 'y');
    for (let i = 0; i < 2000; i++) v = v.push(i);
    expect([v.at(33_000), v.at(5), v.at(39_999), v.at(41_999), v.at(42_000), base.at(5)]).toEqual([
      'x',
      'y',
      39_999,
      1999,
      undefined,
      5,
    ]);
  });

  test('R2.5 rest and conj as a queue keep only what is in it', () => {
    let queue = Vec.of([0, 1, 2]);
    for (let i = 3; i < 5000; i++) queue = queue.push(i).slice(1);
    expect(queue.toArray()).toEqual([4997, 4998, 4999]);
    expect(queue.a.length).toBeLessThan(200);
  });

  test('core shape 5: owned writes leave the vector they began with alone', () => {
    const base = Vec.of(Array.from({ length: 1000 }, () => true));
    const edit = new Edit();
    let v = base;
    for (let i = 0; i < 1000; i++) v = v.with(i, false, edit);
    expect(v.edit).toBe(edit);
    v.edit = null;
    expect([base.at(0), base.at(999), v.at(0), v.at(999)]).toEqual([true, true, false, false]);
    const next = v.with(0, 1, new Edit());
    expect([v.at(0), next.at(0)]).toEqual([false, 1]);
  });

  test('IndexOutOfBounds beside the elements', () => {
    const v = Vec.of([1, 2]);
    expect(v.set(2, 3).toArray()).toEqual([1, 2, 3]);
    expect([
      thrown(() => v.set(3, 0)),
      thrown(() => v.set(-1, 0)),
      thrown(() => v.slice(2, 1)),
      thrown(() => v.slice(0, 3)),
    ]).toEqual(Array(4).fill('IndexOutOfBounds'));
    expect([v.at(-1), v.at(2), v.at(0.5)]).toEqual([undefined, undefined, undefined]);
  });
});

describe('List', () => {
  test('R2.5 conses in front, keeps older lists', () => {
    const one = List.empty.cons(1);
    const two = one.cons(2);
    expect([
      two.toArray(),
      one.cons(3).toArray(),
      two.rest().toArray(),
      two.at(0),
      List.of([1, 2, 3]).slice(1).toArray(),
    ]).toEqual([[2, 1], [3, 1], [1], 2, [2, 3]]);
  });
});

describe('PMap', () => {
  test('R2.3 agrees with a model in insertion order, through growing, shrinking and replacing', () => {
    const change = fc.tuple(fc.oneof(fc.integer({ min: 0, max: 40 }), scalar), fc.boolean());
    fc.assert(
      fc.property(fc.array(change, { maxLength: 150 }), (changes) => {
        let map = PMap.empty;
        let model: [Value, Value][] = [];
        changes.forEach(([k, put], i) => {
          const at = model.findIndex(([other]) => equal(other, k));
          if (put && at >= 0) model = model.with(at, [model[at]![0], i]);
          else if (put) model = [...model, [k, i]];
          else model = model.filter((_, j) => j !== at);
          map = put ? map.set(k, i) : map.delete(k);
          expect(map.n).toBe(model.length);
        });
        expect(map.entries()).toEqual(model);
        for (const [k, v] of model) expect(map.get(k)).toBe(v);
        expect(equal(map, PMap.of(model.toReversed()))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('R1.23 of equal keys the last value stands at the first place', () => {
    const entries = Array.from({ length: 20 }, (_, i) => [i % 12, i] as const);
    expect(PMap.of(entries).entries().slice(0, 3)).toEqual([
      [0, 12],
      [1, 13],
      [2, 14],
    ]);
    expect(PMap.of(entries).n).toBe(12);
  });

  test('R2.3 every key of many kinds is found again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { comparator: equal, maxLength: 60 }), (keys) => {
        const map = PMap.of(keys.map((k, i) => [k, i] as const));
        keys.forEach((k, i) => expect(map.get(k)).toBe(i));
      }),
    );
  });

  test('R2.4 regex, NaN and what holds them are no keys', () => {
    const regex = compileRegex('a');
    for (const bad of [NaN, regex, Vec.of([regex]), List.of([Vec.of([NaN])]), PMap.of([[1, regex]])] as Value[]) {
      expect(thrown(() => PMap.of([[bad, 1]]))).toBe('TypeError');
      expect(thrown(() => PMap.empty.set(bad, 1))).toBe('TypeError');
      expect(thrown(() => PSet.of([bad]))).toBe('TypeError');
    }
    expect(PMap.of([[Vec.of([1, Keyword.of('a')]), 1]]).get(Vec.of([1, Keyword.of('a')]))).toBe(1);
  });
});

test('R2.3 sets keep the first of equal elements, in order', () => {
  const set = PSet.of([3, 1, 3, 2]).add(1).delete(3).add(3);
  expect(set.toArray()).toEqual([1, 2, 3]);
});

test('R17.4 a value that shares its parts is compared and hashed by its parts', () => {
  const tower = (): Value => Array.from({ length: 100 }).reduce<Value>((v) => Vec.of([v, v]), Vec.of([1]));
  const [a, b] = [tower(), tower()];
  expect(equal(a, b)).toBe(true);
  expect(PSet.of([a]).has(b)).toBe(true);
  expect(compare(a, b)).toBe(0);
  const sets = (): Value => Array.from({ length: 60 }).reduce<Value>((v) => PSet.of([Vec.of([v]), v]), 1);
  expect(equal(sets(), sets())).toBe(true);
  expect(compare(sets(), sets())).toBe(0);
});

test('R17.5 dataDepth: 200 levels compare and hash, 201 do not, hashed before or not', () => {
  const deep = (n: number): Value => Array.from({ length: n }).reduce<Value>((v) => Vec.of([v]), null);
  expect(equal(deep(200), deep(200))).toBe(true);
  expect(thrown(() => equal(deep(201), deep(201)))).toBe('DepthLimit');
  const inner = deep(150);
  PSet.of([inner]);
  const outer = Array.from({ length: 51 }).reduce<Value>((v) => Vec.of([v]), inner);
  expect(thrown(() => PSet.of([outer]))).toBe('DepthLimit');
});
