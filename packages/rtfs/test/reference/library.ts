/** The functions that take functions (§16), for the reference evaluator. */
import { equal } from '../../src/values/equality.ts';
import { arity, fail, typeError } from '../../src/values/fail.ts';
import { Atom, Fn, Keyword } from '../../src/values/kinds.ts';
import type { Value } from '../../src/values/kinds.ts';
import { List } from '../../src/values/list.ts';
import { PMap } from '../../src/values/map.ts';
import { compare } from '../../src/values/order.ts';
import { PSet } from '../../src/values/set.ts';
import { Vec } from '../../src/values/vector.ts';
import { makeFunction } from './world.ts';
import type { World } from './world.ts';

type Body = (world: World, ...args: Value[]) => Value;

/** `(reduced x)` on its way to the reduction. */
class Reduced extends Fn {
  readonly value: Value;
  constructor(value: Value) {
    super('reduced', 0, () => value, null, null);
    this.value = value;
  }
}

/** True for all but nil and false (R2.9). */
export function truthy(v: Value): boolean {
  return v !== null && v !== false;
}

/** The elements of a seqable (R2.6). Throws TypeError. */
export function seq(v: Value, fn = 'seq'): Value[] {
  if (v === null) return [];
  if (typeof v === 'string') return [...v];
  if (v instanceof Vec || v instanceof List || v instanceof PSet) return [...v.toArray()];
  if (v instanceof PMap) return v.entries().map(([key, value]) => Vec.of([key, value]));
  return typeError(fn, 'collection', v);
}

/** A list for a list, else a vector. */
const like = (coll: Value, items: Value[]): Value => (coll instanceof List ? List.of(items) : Vec.of(items));
/** The same with a string for a string, whose elements stay characters. */
const sameKind = (coll: Value, items: Value[]): Value =>
  typeof coll === 'string' ? items.join('') : like(coll, items);

function columns(colls: Value[]): Value[][] {
  const rows = colls.map((coll) => seq(coll));
  return Array.from({ length: Math.min(...rows.map((row) => row.length)) }, (_none, i) =>
    rows.map((row) => row[i] as Value),
  );
}

function map(w: World, f: Value, coll: Value, ...more: Value[]): Value[] {
  if (more.length === 0) return seq(coll).map((x) => w.apply(f, [x]));
  return columns([coll, ...more]).map((args) => w.apply(f, args));
}

function filter(w: World, f: Value, coll: Value): Value[] {
  return seq(coll).filter((x) => truthy(w.apply(f, [x])));
}

function reduce(w: World, f: Value, acc: Value, items: Value[], out: Value[] = []): Value {
  let value = acc;
  for (const item of items) {
    value = w.apply(f, [value, item]);
    if (value instanceof Reduced) {
      out.push(value.value);
      return value.value;
    }
    out.push(value);
  }
  return value;
}

/** A bottom-up merge sort that asks `(cmp right left)` (R16.8). */
function mergeSort(w: World, cmp: Value, items: Value[], keys: Value[]): Value[] {
  const ask = cmp instanceof Keyword && (cmp.name === '<' || cmp.name === '>') ? (w.library(cmp.name) as Fn) : cmp;
  const before = (a: Value, b: Value): boolean => {
    const answer = w.apply(ask, [a, b]);
    if (answer === true || answer === false || answer === null) return answer === true;
    return truthy(w.native('neg?', answer));
  };
  let rows = items.map((item, i) => [{ item, key: keys[i] as Value }]);
  while (rows.length > 1) {
    const next: typeof rows = [];
    for (let i = 0; i < rows.length; i += 2) {
      const [left, right] = [[...(rows[i] ?? [])], [...(rows[i + 1] ?? [])]];
      const merged: (typeof rows)[number] = [];
      while (left[0] !== undefined && right[0] !== undefined)
        merged.push((before(right[0].key, left[0].key) ? right : left).shift() as (typeof left)[number]);
      next.push([...merged, ...left, ...right]);
    }
    rows = next;
  }
  return (rows[0] ?? []).map(({ item }) => item);
}

function byCompare(items: Value[], keys: Value[]): Value[] {
  return items
    .map((item, i) => ({ item, key: keys[i] as Value }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ item }) => item);
}

function sortBy(w: World, f: Value, a: Value, b?: Value): Value {
  const coll = b === undefined ? a : b;
  const items = seq(coll);
  const keys = items.map((item) => w.apply(f, [item]));
  return like(coll, b === undefined ? byCompare(items, keys) : mergeSort(w, a, items, keys));
}

function prefixLength(w: World, f: Value, items: Value[]): number {
  const end = items.findIndex((item) => !truthy(w.apply(f, [item])));
  return end < 0 ? items.length : end;
}

function grouped(w: World, f: Value, coll: Value): [Value, Value[]][] {
  const groups: [Value, Value[]][] = [];
  const keyed = seq(coll).map((item) => [w.apply(f, [item]), item] as const);
  for (const [key, item] of keyed) {
    PMap.of([[key, null]]);
    const group = groups.find(([one]) => equal(one, key));
    if (group === undefined) groups.push([key, [item]]);
    else group[1].push(item);
  }
  return groups;
}

function extreme(w: World, f: Value, coll: Value, sign: number): Value {
  const keyed = seq(coll).map((item) => ({ item, key: w.apply(f, [item]) }));
  const [first] = keyed;
  if (first === undefined) return null;
  return keyed.reduce((best, one) => (compare(one.key, best.key) * sign > 0 ? one : best)).item;
}

function atomOf(v: Value): Atom {
  return v instanceof Atom ? v : typeError('deref', 'atom', v);
}

function write(w: World, atom: Atom, value: Value): Value {
  mine(w, atom);
  return (atom.value = value);
}

function mine(w: World, atom: Atom): void {
  const owner = atom.branch as World['branch'];
  if (owner !== w.branch && w.branch.isBelow(owner)) fail('SharedStateError', 'shared');
}

function mapped(m: Value): PMap | null {
  return m === null || m instanceof PMap ? m : typeError('map', 'map', m);
}

/** A map and a function, whichever comes first. */
function ordered(mapFirst: boolean, a: Value, b: Value): [PMap | null, Value] {
  const isMap = (v: Value): boolean => v === null || v instanceof PMap;
  const first = mapFirst ? isMap(a) : !isMap(b);
  return [mapped(first ? a : b), first ? b : a];
}

function onEntries(
  a: [PMap | null, Value],
  change: (f: Value, entries: (readonly [Value, Value])[]) => (readonly [Value, Value])[],
): Value {
  return a[0] === null ? null : PMap.of(change(a[1], [...a[0].entries()]));
}

/** A collection of the same kind with each element changed; anything else as it is. */
function rebuilt(x: Value, change: (one: Value) => Value): Value {
  if (x instanceof List) return List.of(x.toArray().map(change));
  if (x instanceof PSet) return PSet.of(x.toArray().map(change));
  if (x instanceof PMap) {
    return PMap.of(seq(x).map((entry) => (change(entry) as Vec).toArray() as [Value, Value]));
  }
  return x instanceof Vec ? Vec.of(x.toArray().map(change)) : x;
}

function postwalk(w: World, f: Value, x: Value): Value {
  return w.apply(f, [rebuilt(x, (one) => postwalk(w, f, one))]);
}

function prewalk(w: World, f: Value, x: Value): Value {
  return rebuilt(w.apply(f, [x]), (one) => prewalk(w, f, one));
}

/** Which number of arguments each takes: least and most. */
const ROWS: Readonly<Record<string, readonly [number, number, Body]>> = {
  map: [
    2,
    99,
    (w, f, coll, ...more) => (more.length === 0 ? like(coll, map(w, f, coll)) : Vec.of(map(w, f, coll, ...more))),
  ],
  mapv: [2, 99, (w, f, coll, ...more) => Vec.of(map(w, f, coll, ...more))],
  'map-indexed': [2, 2, (w, f, coll) => Vec.of(seq(coll).map((x, i) => w.apply(f, [i, x])))],
  mapcat: [2, 99, (w, f, coll, ...more) => w.native('concat', ...map(w, f, coll, ...more))],
  'keep-indexed': [
    2,
    2,
    (w, f, coll) =>
      Vec.of(
        seq(coll)
          .map((x, i) => w.apply(f, [i, x]))
          .filter((x) => x !== null),
      ),
  ],
  walk: [3, 3, (w, f, g, x) => w.apply(g, [rebuilt(x, (one) => w.apply(f, [one]))])],
  postwalk: [2, 2, (w, f, x) => postwalk(w, f, x)],
  prewalk: [2, 2, (w, f, x) => prewalk(w, f, x)],
  keep: [2, 2, (w, f, coll) => Vec.of(map(w, f, coll).filter((x) => x !== null))],
  filter: [2, 2, (w, f, coll) => sameKind(coll, filter(w, f, coll))],
  filterv: [2, 2, (w, f, coll) => Vec.of(filter(w, f, coll))],
  remove: [
    2,
    2,
    (w, f, coll) =>
      sameKind(
        coll,
        seq(coll).filter((x) => !truthy(w.apply(f, [x]))),
      ),
  ],
  'run!': [2, 2, (w, f, coll) => (map(w, f, coll), null)],
  reduce: [
    2,
    3,
    (w, f, a, b) => {
      if (b !== undefined) return reduce(w, f, a, seq(b));
      const [first, ...rest] = seq(a);
      return first === undefined ? fail('InvalidArgument', 'empty') : reduce(w, f, first, rest);
    },
  ],
  'reduce-kv': [
    3,
    3,
    (w, f, init, coll) => {
      const entries =
        coll instanceof Vec ? coll.toArray().map((x, i) => [i, x] as const) : (mapped(coll)?.entries() ?? []);
      let acc = init;
      for (const [key, value] of entries) {
        acc = w.apply(f, [acc, key, value]);
        if (acc instanceof Reduced) return acc.value;
      }
      return acc;
    },
  ],
  reductions: [
    2,
    3,
    (w, f, a, b) => {
      const [first, ...rest] = b === undefined ? seq(a) : [a, ...seq(b)];
      if (first === undefined) return Vec.empty;
      const out = [first];
      reduce(w, f, first, rest, out);
      return Vec.of(out);
    },
  ],
  reduced: [1, 1, (_w, x) => new Reduced(x)],
  some: [
    2,
    2,
    (w, f, coll) => {
      for (const x of seq(coll)) {
        const found = w.apply(f, [x]);
        if (truthy(found)) return found;
      }
      return false;
    },
  ],
  'some?': [1, 2, (w, f, coll) => (coll === undefined ? f !== null : seq(coll).some((x) => truthy(w.apply(f, [x]))))],
  'every?': [2, 2, (w, f, coll) => seq(coll).every((x) => truthy(w.apply(f, [x])))],
  'not-any?': [2, 2, (w, f, coll) => !seq(coll).some((x) => truthy(w.apply(f, [x])))],
  'not-every?': [2, 2, (w, f, coll) => !seq(coll).every((x) => truthy(w.apply(f, [x])))],
  'find-first': [2, 2, (w, f, coll) => seq(coll).find((x) => truthy(w.apply(f, [x]))) ?? null],
  'index-where': [
    2,
    2,
    (w, f, coll) => {
      const at = seq(coll).findIndex((x) => truthy(w.apply(f, [x])));
      return at < 0 ? null : at;
    },
  ],
  'max-by': [2, 2, (w, f, coll) => extreme(w, f, coll, 1)],
  'min-by': [2, 2, (w, f, coll) => extreme(w, f, coll, -1)],
  'group-by': [2, 2, (w, f, coll) => PMap.of(grouped(w, f, coll).map(([key, items]) => [key, Vec.of(items)] as const))],
  'index-by': [
    2,
    2,
    (w, f, coll) => PMap.of(grouped(w, f, coll).map(([key, items]) => [key, items.at(-1) as Value] as const)),
  ],
  'count-by': [2, 2, (w, f, coll) => PMap.of(grouped(w, f, coll).map(([key, items]) => [key, items.length] as const))],
  'partition-by': [
    2,
    2,
    (w, f, coll) => {
      const items = seq(coll);
      const keys = items.map((item) => w.apply(f, [item]));
      const runs: Value[][] = [];
      items.forEach((item, i) => {
        if (i > 0 && equal(keys[i] as Value, keys[i - 1] as Value)) runs.at(-1)?.push(item);
        else runs.push([item]);
      });
      return Vec.of(runs.map((run) => Vec.of(run)));
    },
  ],
  'take-while': [2, 2, (w, f, coll) => sameKind(coll, seq(coll).slice(0, prefixLength(w, f, seq(coll))))],
  'drop-while': [2, 2, (w, f, coll) => sameKind(coll, seq(coll).slice(prefixLength(w, f, seq(coll))))],
  'split-with': [
    2,
    2,
    (w, f, coll) => {
      const items = seq(coll);
      const n = prefixLength(w, f, items);
      return Vec.of([sameKind(coll, items.slice(0, n)), sameKind(coll, items.slice(n))]);
    },
  ],
  sort: [
    1,
    2,
    (w, a, b) => {
      const coll = b === undefined ? a : b;
      return like(coll, b === undefined ? byCompare(seq(a), seq(a)) : mergeSort(w, a, seq(b), seq(b)));
    },
  ],
  'sort-by': [2, 3, (w, f, a, b) => sortBy(w, f, a, b)],
  'update-vals': [
    2,
    2,
    (w, a, b) => onEntries(ordered(true, a, b), (f, es) => es.map(([k, v]) => [k, w.apply(f, [v])] as const)),
  ],
  'map-vals': [
    2,
    2,
    (w, a, b) => onEntries(ordered(false, a, b), (f, es) => es.map(([k, v]) => [k, w.apply(f, [v])] as const)),
  ],
  'map-keys': [
    2,
    2,
    (w, a, b) => onEntries(ordered(false, a, b), (f, es) => es.map(([k, v]) => [w.apply(f, [k]), v] as const)),
  ],
  'filter-vals': [
    2,
    2,
    (w, a, b) => onEntries(ordered(false, a, b), (f, es) => es.filter(([, v]) => truthy(w.apply(f, [v])))),
  ],
  'filter-keys': [
    2,
    2,
    (w, a, b) => onEntries(ordered(false, a, b), (f, es) => es.filter(([k]) => truthy(w.apply(f, [k])))),
  ],
  update: [
    3,
    99,
    (w, m, key, f, ...args) => {
      if (m instanceof Vec) {
        if (!Number.isInteger(key)) typeError('update', 'integer', key);
        if ((key as number) < 0 || (key as number) >= m.n) fail('IndexOutOfBounds', 'index');
      }
      return w.native('assoc', m, key, w.apply(f, [w.native('get', m, key), ...args]));
    },
  ],
  'update-in': [
    3,
    99,
    (w, m, path, f, ...args) => w.native('assoc-in', m, path, w.apply(f, [w.native('get-in', m, path), ...args])),
  ],
  'merge-with': [
    1,
    99,
    (w, f, ...ms) => {
      const maps = ms.map(mapped).filter((m) => m !== null);
      return maps.reduce<PMap | null>((all, m) => {
        if (all === null) return m;
        return m
          .entries()
          .reduce<PMap>((r, [k, v]) => r.set(k, r.has(k) ? w.apply(f, [r.get(k) as Value, v]) : v), all);
      }, null);
    },
  ],
  into: [
    2,
    3,
    (w, to, a, b) => (b === undefined ? w.native('into', to, a) : w.native('into', to, Vec.of(map(w, a, b)))),
  ],
  repeatedly: [2, 2, (w, n, f) => Vec.of(seq(w.native('range', n)).map(() => w.apply(f, [])))],
  'iterate-n': [
    3,
    3,
    (w, n, f, x) => {
      const out: Value[] = [];
      for (const _ of seq(w.native('range', n))) out.push(out.length === 0 ? x : w.apply(f, [out.at(-1) as Value]));
      return Vec.of(out);
    },
  ],
  apply: [
    2,
    99,
    (w, f, ...args) => {
      const last = args.pop() as Value;
      return w.apply(f, [...args, ...seq(last)]);
    },
  ],
  comp: [
    0,
    99,
    (w, ...fs) =>
      fs.length === 0
        ? (w.library('identity') as Fn)
        : makeFunction('comp', (args) => {
            const [first, ...rest] = fs.toReversed() as [Value, ...Value[]];
            return rest.reduce((v, f) => w.apply(f, [v]), w.apply(first, args));
          }),
  ],
  partial: [1, 99, (w, f, ...args) => makeFunction('partial', (more) => w.apply(f, [...args, ...more]))],
  juxt: [1, 99, (w, ...fs) => makeFunction('juxt', (args) => Vec.of(fs.map((f) => w.apply(f, [...args]))))],
  complement: [1, 1, (w, f) => makeFunction('complement', (args) => !truthy(w.apply(f, args)))],
  constantly: [1, 1, (_w, x) => makeFunction('constantly', () => x)],
  fnil: [
    2,
    4,
    (w, f, ...defaults) =>
      makeFunction('fnil', (args) =>
        w.apply(
          f,
          args.map((x, i) => (x === null ? (defaults[i] ?? null) : x)),
        ),
      ),
  ],
  'every-pred': [
    1,
    99,
    (w, ...fs) => makeFunction('every-pred', (args) => fs.every((f) => args.every((x) => truthy(w.apply(f, [x]))))),
  ],
  memoize: [
    1,
    1,
    (w, f) => {
      const known: { args: Value; value: Value }[] = [];
      return makeFunction('memoize', (args) => {
        const all = Vec.of([...args]);
        let found = known.find((one) => equal(one.args, all));
        if (found === undefined) known.push((found = { args: all, value: w.apply(f, args) }));
        return found.value;
      });
    },
  ],
  trampoline: [
    1,
    99,
    (w, f, ...args) => {
      let v = w.apply(f, args);
      while (v instanceof Fn) v = w.apply(v, []);
      return v;
    },
  ],
  atom: [
    1,
    1,
    (w, v) => {
      const atom = new Atom(v, 0);
      atom.branch = w.branch;
      return atom;
    },
  ],
  deref: [1, 1, (_w, a) => atomOf(a).value],
  'reset!': [2, 2, (w, a, v) => write(w, atomOf(a), v)],
  'swap!': [
    2,
    99,
    (w, a, f, ...args) => {
      mine(w, atomOf(a));
      return write(w, a as Atom, w.apply(f, [atomOf(a).value, ...args]));
    },
  ],
};

/** A library function of this file. */
export function higherOrder(world: World, name: string): ((args: Value[]) => Value) | undefined {
  if (!Object.hasOwn(ROWS, name)) return undefined;
  const [min, max, body] = ROWS[name] as readonly [number, number, Body];
  return (args) => {
    if (args.length < min || args.length > max) arity(name, `${min}`, args.length);
    return body(world, ...args);
  };
}
