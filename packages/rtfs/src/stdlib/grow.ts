/**
 * Collections with more or less in them (R16.7): `conj`, `assoc`, `merge` and their kin. What is only extended is not
 * read, so its elements do not count in the cost: `(into big small)` pays for `small`.
 */
import { editOf } from '../values/edit.ts';
import type { Edit } from '../values/edit.ts';
import { indexOut, invalid, typeError } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { isInt } from '../values/numbers.ts';
import { MapMaker, own, release } from '../values/owning.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { chargedElements, checkDepth, checkSize, elements, isSeqable, LOG, mapOrNil, sizeOf } from './args.ts';
import { define, defineVariadic } from './define.ts';
import type { Entry } from './define.ts';
import { pathOf } from './key-path.ts';
import type { Path } from './key-path.ts';
import type { Rt } from './native.ts';

/** What `conj` can add to: nil is the empty vector. */
type Growing = Vec | List | PSet | PMap;

function growing(fn: string, coll: Value): Growing {
  if (coll === null) return Vec.empty;
  if (coll instanceof Vec || coll instanceof List || coll instanceof PSet || coll instanceof PMap) return coll;
  return typeError(fn, 'vector, list, set, map or nil', coll);
}

function conjMap(fn: string, m: PMap, x: Value): PMap {
  if (x === null) return m;
  if (x instanceof PMap) return x.entries().reduce((result, [key, value]) => result.with(key, value, editOf(m)), m);
  if (!(x instanceof Vec) || x.n !== 2) typeError(fn, 'map or [key value]', x);
  return m.with(x.at(0) ?? null, x.at(1) ?? null, editOf(m));
}

/** One element more. */
function conjOne(fn: string, coll: Growing, x: Value): Growing {
  if (coll instanceof Vec) return coll.append(x, editOf(coll));
  if (coll instanceof List) return coll.cons(x);
  return coll instanceof PSet ? coll.with(x, editOf(coll)) : conjMap(fn, coll, x);
}

function addAll(rt: Rt, fn: string, coll: Growing, items: readonly Value[]): Growing {
  checkSize(rt, coll.n + (coll instanceof PMap || coll instanceof PSet ? 0 : items.length));
  // Whole maps and sets are made in place.
  const making = items.length > 1 && (coll instanceof PMap || coll instanceof PSet) && editOf(coll) === null;
  let result = making ? (own(coll) as PMap | PSet) : coll;
  // The items may be the very array that `coll` grows in place, `(into v v)`: what is added is not read again.
  const { length } = items;
  for (let i = 0; i < length; i++) result = conjOne(fn, result, items[i] as Value);
  checkSize(rt, result.n);
  return making ? release(result) : result;
}

function conj(rt: Rt, args: readonly Value[]): Value {
  const [coll = null, ...items] = args;
  if (items.length === 0) return coll === null ? Vec.empty : growing('conj', coll);
  const [key = null, value = null] = items;
  const pair =
    coll instanceof PMap && items.length === 2 && key !== null && !(key instanceof Vec || key instanceof PMap);
  if (!pair) return addAll(rt, 'conj', growing('conj', coll), items);
  const result = coll.with(key, value, editOf(coll));
  checkSize(rt, result.n);
  return result;
}

/** `conj` of one element. */
function conjExact(rt: Rt, coll: Value, x: Value): Value {
  if (!(coll instanceof Vec)) return addAll(rt, 'conj', growing('conj', coll), [x]);
  checkSize(rt, coll.n + 1);
  return coll.append(x, editOf(coll));
}

function into(rt: Rt, to: Value, from: Value): Value {
  const coll = growing('into', to);
  return addAll(rt, 'into', coll, chargedElements(rt, 'into', from));
}

/** In front: a list shares its elements, so that it pays for one; everything else becomes a new vector. */
function cons(rt: Rt, x: Value, coll: Value): Value {
  const n = sizeOf('cons', coll);
  checkSize(rt, n + 1);
  rt.charge(coll instanceof List ? 1 : n);
  return coll instanceof List ? coll.cons(x) : Vec.of([x, ...elements('cons', coll)]);
}

function concat(rt: Rt, args: readonly Value[]): Value {
  const spliced = (v: Value): boolean => isSeqable(v) && !(v instanceof PMap);
  let n = 0;
  for (const v of args) n += spliced(v) ? sizeOf('concat', v) : 1;
  checkSize(rt, n);
  rt.charge(n);
  const [first = null, second = null] = args;
  if (args.length === 2 && first instanceof Vec && second instanceof Vec) return first.concat(second);
  const result: Value[] = [];
  for (const v of args) {
    if (!spliced(v)) result.push(v);
    else for (const x of elements('concat', v)) result.push(x);
  }
  return Vec.of(result);
}

/**
 * `value` at `key` of a map, of nil as the empty map, or of a vector; in place where `edit` owns the collection. Throws
 * IndexOutOfBounds past the end of a vector.
 */
function assocOne(rt: Rt, fn: string, coll: Value, key: Value, value: Value, edit: Edit | null): PMap | Vec {
  if (!(coll instanceof Vec)) {
    if (coll !== null && !(coll instanceof PMap)) typeError(fn, 'map, vector or nil', coll);
    const result = (coll ?? PMap.empty).with(key, value, edit);
    checkSize(rt, result.n);
    return result;
  }
  if (!isInt(key)) typeError(fn, 'integer', key);
  if (typeof key !== 'number' || key < 0 || key > coll.n) indexOut(key, coll.n);
  checkSize(rt, key + 1);
  return coll.with(key, value, edit);
}

function assoc(rt: Rt, args: readonly Value[]): Value {
  let result: Value = args[0] ?? null;
  if (result !== null && !(result instanceof PMap || result instanceof Vec))
    typeError('assoc', 'map, vector or nil', result);
  rt.charge(LOG * Math.floor((args.length - 1) / 2));
  // A dangling last key is ignored (R16.7).
  for (let i = 1; i + 1 < args.length; i += 2)
    result = assocOne(rt, 'assoc', result, args[i] ?? null, args[i + 1] ?? null, editOf(result));
  return result;
}

function assocExact(rt: Rt, coll: Value, key: Value, value: Value): Value {
  if (coll !== null && !(coll instanceof PMap || coll instanceof Vec)) typeError('assoc', 'map, vector or nil', coll);
  rt.charge(LOG);
  return assocOne(rt, 'assoc', coll, key, value, editOf(coll));
}

function assocIn(rt: Rt, coll: Value, path: Value, value: Value): Value {
  return putIn(rt, coll, pathOf(rt, 'assoc-in', path), value);
}

/** `value` at the end of a path that has been paid for. */
export function putIn(rt: Rt, coll: Value, path: Path, value: Value): Value {
  const fn = 'assoc-in';
  const { first, second, below: known, n } = path;
  // A level that was made with the owned whole is owned with it.
  const edit = editOf(coll);
  if (n === 1) return assocOne(rt, fn, coll, first, value, edit);
  if (n === 0) invalid(fn, 'the path is empty');
  const inner = known ?? child(fn, coll, first);
  if (n === 2) {
    if (path.place >= 0 && edit !== null && inner instanceof PMap && inner.edit === edit) {
      checkSize(rt, inner.n);
      inner.replace(path.place, value);
      return coll;
    }
    const changed = assocOne(rt, fn, inner, second, value, edit);
    // Changed where it stands: nothing above it changes.
    return changed === inner ? coll : assocOne(rt, fn, coll, first, changed, edit);
  }
  const { keys } = path;
  // The levels on the way down, so that the way up needs no recursion.
  const levels: Value[] = [coll, inner];
  for (let i = 1; i < keys.length - 1; i++) levels.push(child(fn, levels[i] ?? null, keys[i] ?? null));
  return keys.reduceRight<Value>((below, key, i) => assocOne(rt, fn, levels[i] ?? null, key, below, edit), value);
}

/** The next level of a path; missing ones are nil, which `assocOne` takes for an empty map. */
function child(fn: string, coll: Value, key: Value): Value {
  if (coll === null) return null;
  if (coll instanceof PMap) return coll.get(key) ?? null;
  if (!(coll instanceof Vec)) typeError(fn, 'map, vector or nil', coll);
  if (!isInt(key)) typeError(fn, 'integer', key);
  return key >= 0 && key < coll.n ? (coll.at(Number(key)) ?? null) : indexOut(key, coll.n);
}

function dissocIn(rt: Rt, coll: Value, path: Value): Value {
  const { keys } = pathOf(rt, 'dissoc-in', path);
  mapOrNil('dissoc-in', coll);
  const levels: PMap[] = [];
  let at: Value = coll;
  for (const key of keys) {
    if (at === null) return coll;
    if (!(at instanceof PMap)) typeError('dissoc-in', 'map or nil', at);
    if (!at.has(key)) return coll;
    levels.push(at);
    at = at.get(key) ?? null;
  }
  const last = levels.pop();
  if (last === undefined) return coll;
  const shorter: Value = last.delete(keys[levels.length] ?? null);
  return levels.reduceRight<Value>((below, level, i) => level.set(keys[i] ?? null, below), shorter);
}

/** `dissoc` and `disj`: nil stays nil, what is missing is ignored. */
function without<T extends PMap | PSet>(fn: string, kind: 'map' | 'set', is: (v: Value) => v is T): Entry {
  return defineVariadic(fn, `[:nil & :any] :nil [:${kind} & :any] :${kind}`, (rt, args) => {
    const [coll = null, ...keys] = args;
    if (coll === null) return null;
    if (!is(coll)) typeError(fn, `${kind} or nil`, coll);
    rt.charge(LOG * keys.length);
    let result: PMap | PSet = coll;
    for (const key of keys) result = result.delete(key);
    return result;
  });
}

function merge(rt: Rt, args: readonly Value[]): Value {
  return mergeMaps(rt, 'merge', args, (_old, value) => value);
}

/** The maps among the arguments, nil ignored; `combine` decides where two have a key. No map gives nil. */
function mergeMaps(rt: Rt, fn: string, args: readonly Value[], combine: (old: Value, value: Value) => Value): Value {
  const maps = args.filter((v) => v !== null).map((v) => mapOrNil(fn, v));
  const [first, ...others] = maps;
  if (first === undefined) return null;
  if (others.length === 0) return first;
  const result = new MapMaker(first);
  for (const m of others) {
    rt.charge(m.n);
    for (const [key, value] of m.entries()) {
      const old = result.get(key);
      result.put(key, old === undefined ? value : combine(old, value));
    }
    checkSize(rt, result.n);
  }
  return result.made();
}

function deepMerge(rt: Rt, args: readonly Value[], depth: number): Value {
  checkDepth(rt, depth);
  return mergeMaps(rt, 'deep-merge', args, (old, value) =>
    old instanceof PMap && value instanceof PMap ? deepMerge(rt, [old, value], depth + 1) : value,
  );
}

/** Adding to, changing and taking from collections. */
export const GROW: readonly Entry[] = [
  defineVariadic(
    'conj',
    '[:nil & :any] :vector [:vector & :any] :vector [:list & :any] :list [:set & :any] :set [:map & :any] :map',
    conj,
    { 2: conjExact },
  ),
  define('cons', '[:any :list] :list [:any :Coll] :vector', cons),
  defineVariadic('concat', '[& :any] :vector', concat),
  define(
    'into',
    '[:nil :Coll] :vector [:vector :Coll] :vector [:list :Coll] :list [:set :Coll] :set [:map :Coll] :map',
    into,
  ),
  defineVariadic('assoc', '[:nil & :any] :map? [:map & :any] :map [:vector & :any] :vector', assoc, {
    3: assocExact,
  }),
  define('assoc-in', '[:map? :seq :any] :map [:vector :seq :any] :vector', assocIn),
  define('dissoc-in', '[:map? :seq] :map?', dissocIn),
  without('dissoc', 'map', (v): v is PMap => v instanceof PMap),
  without('disj', 'set', (v): v is PSet => v instanceof PSet),
  defineVariadic('merge', '[& :map?] :map?', merge),
  defineVariadic('deep-merge', '[& :map?] :map?', (rt, args) => deepMerge(rt, args, 1)),
];
