/** Functions on whole maps and sets (R16.6, R16.7). */
import { equal } from '../values/equality.ts';
import { typeError } from '../values/fail.ts';
import { Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { PMap } from '../values/map.ts';
import { add } from '../values/numbers.ts';
import { MapMaker, own, release } from '../values/owning.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { chargedElements, chargeSizes, mapOrNil } from './args.ts';
import { define, defineVariadic } from './define.ts';
import type { Entry } from './define.ts';
import { toSet } from './make.ts';
import type { Rt } from './native.ts';

function selectKeys(rt: Rt, m: Value, keys: Value): Value {
  const map = mapOrNil('select-keys', m);
  const entries: (readonly [Value, Value])[] = [];
  for (const key of chargedElements(rt, 'select-keys', keys)) {
    const entry = map.entry(key);
    if (entry !== undefined) entries.push(entry);
  }
  return PMap.of(entries);
}

/** The renamed entries come last, in the order of the renaming, so that they win over old ones of the same name. */
function renameKeys(rt: Rt, m: Value, names: Value): Value {
  const map = mapOrNil('rename-keys', m);
  const renaming = mapOrNil('rename-keys', names);
  rt.charge(map.n + renaming.n);
  const kept = map.entries().filter(([key]) => !renaming.has(key));
  const renamed = renaming.entries().flatMap(([from, to]) => {
    const value = map.get(from);
    return value === undefined ? [] : [[to, value] as const];
  });
  return PMap.of([...kept, ...renamed]);
}

function zipmap(rt: Rt, keys: Value, vals: Value): Value {
  const names = chargedElements(rt, 'zipmap', keys);
  const values = chargedElements(rt, 'zipmap', vals);
  const n = Math.min(names.length, values.length);
  return PMap.of(names.slice(0, n).map((key, i) => [key, values[i] ?? null] as const));
}

function frequencies(rt: Rt, coll: Value): Value {
  const counts = new MapMaker(PMap.empty);
  for (const x of chargedElements(rt, 'frequencies', coll)) counts.put(x, add(counts.get(x) ?? 0, 1));
  return counts.made();
}

/** What differs between two maps; values that both have but unlike are in `:changed` as `[old new]`. */
function diff(rt: Rt, a: Value, b: Value): Value {
  const before = mapOrNil('diff', a);
  const after = mapOrNil('diff', b);
  rt.charge(before.n + after.n);
  chargeSizes(rt, before.vals());
  const changed = before.entries().flatMap(([key, old]) => {
    const value = after.get(key);
    return value === undefined || equal(old, value, rt.limits.dataDepth) ? [] : [[key, Vec.of([old, value])] as const];
  });
  return PMap.of([
    [Keyword.of('added'), PMap.of(after.entries().filter(([key]) => !before.has(key)))],
    [Keyword.of('removed'), PMap.of(before.entries().filter(([key]) => !after.has(key)))],
    [Keyword.of('changed'), PMap.of(changed)],
  ]);
}

/** A set, nil being the empty one. Throws TypeError. */
function setOrNil(fn: string, v: Value): PSet {
  if (v === null) return PSet.empty;
  return v instanceof PSet ? v : typeError(fn, 'set', v);
}

/** The first argument, any coll, as a set, combined with the other sets from left to right. */
function combining(fn: string, combine: (result: PSet, other: PSet) => PSet): Entry {
  return defineVariadic(fn, '[:Coll & :set?] :set', (rt, args) => {
    const [first = null, ...others] = args;
    let result = toSet(rt, fn, first);
    for (const v of others) {
      const other = setOrNil(fn, v);
      rt.charge(fn === 'union' ? other.n : result.n + other.n);
      result = combine(result, other);
    }
    return result;
  });
}

function united(one: PSet, other: PSet): PSet {
  if (other.n === 0) return one;
  const result = own(one) as PSet;
  for (const x of other.items()) result.with(x, result.edit);
  return release(result);
}

function within(rt: Rt, fn: string, small: Value, large: Value): boolean {
  const part = setOrNil(fn, small);
  const whole = setOrNil(fn, large);
  rt.charge(part.n + whole.n);
  return part.n <= whole.n && part.items().every((x) => whole.has(x));
}

/** Functions on whole maps and sets. */
export const MAPS_SETS: readonly Entry[] = [
  define('select-keys', '[:map? :Coll] :map', selectKeys),
  define('rename-keys', '[:map? :map?] :map', renameKeys),
  define('zipmap', '[:Coll :Coll] :map', zipmap),
  define('frequencies', '[:Coll] [:map-of :any :int]', frequencies),
  define('diff', '[:map? :map?] :map', diff),
  combining('union', united),
  combining('intersection', (result, other) => PSet.of(result.items().filter((x) => other.has(x)))),
  combining('difference', (result, other) => PSet.of(result.items().filter((x) => !other.has(x)))),
  define('subset?', '[:set? :set?] :bool', (rt, a, b) => within(rt, 'subset?', a, b)),
  define('superset?', '[:set? :set?] :bool', (rt, a, b) => within(rt, 'superset?', b, a)),
];
