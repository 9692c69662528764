/** Making collections (R16.6). Sizes are checked before memory is taken (R17.3). */
import { arity, invalid, typeError } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { add, int, isInt, mul, toDouble } from '../values/numbers.ts';
import type { Num } from '../values/numbers.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { chargedElements, chargeMaking, checkSize, count, elements, integer, number, sizeOf } from './args.ts';
import { define, defineVariadic } from './define.ts';
import type { Entry } from './define.ts';
import type { Rt } from './native.ts';

/** How many values of a range come before its end. Infinity where there is no last one. */
function rangeLength(start: number, end: number, by: number): number {
  const span = end - start;
  // The difference of two far ends may be infinite where the number of steps is not.
  const steps = Number.isFinite(span) ? span / by : end / by - start / by;
  return steps > 0 ? Math.ceil(steps) : 0;
}

function floatRange(rt: Rt, start: Num, end: Num, by: Num): Value {
  const [from, to, step] = [toDouble(start), toDouble(end), toDouble(by)];
  if (step === 0) return Vec.empty;
  const at = (i: number): Num => (i === 0 ? start : add(start, mul(i, by)));
  const inside = (i: number): boolean => (step > 0 ? toDouble(at(i)) < to : toDouble(at(i)) > to);
  let n = rangeLength(from, to, step);
  checkSize(rt, n);
  // The quotient is rounded, and so may miss the true number of values, which is at most one away.
  if (n > 0 && !inside(n - 1)) n--;
  else if (inside(n)) n++;
  chargeMaking(rt, n);
  return made(n, at);
}

/** A vector of `n` values. Pushing makes a dense array, in a fraction of the time of `Array.from`. */
function made(n: number, at: (i: number) => Value): Vec {
  const items: Value[] = [];
  for (let i = 0; i < n; i++) items.push(at(i));
  return Vec.of(items);
}

function bigRange(rt: Rt, start: bigint, end: bigint, by: bigint): Value {
  const span = by > 0n ? end - start : start - end;
  const size = by > 0n ? by : -by;
  const n = span <= 0n ? 0n : (span + size - 1n) / size;
  chargeMaking(rt, Number(n));
  return made(Number(n), (i) => int(start + BigInt(i) * by, 'range'));
}

/** `n` ints from `start` on, all of them safe. */
function smallRange(rt: Rt, start: number, end: number, by: number): Value {
  const n = rangeLength(start, end, by);
  chargeMaking(rt, n);
  const items: Value[] = [];
  for (let i = 0, x = start; i < n; i++, x += by) items.push(x);
  return Vec.of(items);
}

function between(rt: Rt, start: Num, end: Num, by: Num): Value {
  if (by === 0) return Vec.empty;
  if (!isInt(start) || !isInt(end) || !isInt(by)) return floatRange(rt, start, end, by);
  const small =
    typeof start === 'number' && typeof end === 'number' && typeof by === 'number' && Number.isSafeInteger(end - start);
  return small ? smallRange(rt, start, end, by) : bigRange(rt, BigInt(start), BigInt(end), BigInt(by));
}

function range(rt: Rt, a: Value, b: Value | undefined, by: Value | undefined): Value {
  const first = number('range', a);
  if (b === undefined) return between(rt, 0, first, 1);
  return between(rt, first, number('range', b), by === undefined ? 1 : number('range', by));
}

function numbers(rt: Rt, from: Value, to: Value): Value {
  return bigRange(rt, BigInt(integer('numbers', from)), BigInt(integer('numbers', to)) + 1n, 1n);
}

/** The hint of every function that makes a given number of values, for those who leave the number out (R16.6). */
const FINITE = 'sequences are finite';

/** The longest array that is made at once. */
const DENSE = 2 ** 24;

function repeat(rt: Rt, n: Value, x: Value | undefined): Value {
  if (x === undefined) arity('repeat', '2', 1, FINITE);
  const times = Math.max(0, count('repeat', n));
  chargeMaking(rt, times);
  // Filling one array beats growing it, as long as the engine keeps it dense.
  // oxlint-disable-next-line unicorn/no-new-array -- what the rule would have is twenty times slower
  return times > DENSE ? made(times, () => x) : Vec.of(new Array<Value>(times).fill(x));
}

function cycle(rt: Rt, n: Value, coll: Value | undefined): Value {
  if (coll === undefined) arity('cycle-n', '2', 1, FINITE);
  const wanted = amount('cycle-n', n);
  const size = sizeOf('cycle-n', coll);
  const times = size === 0 ? 0 : wanted;
  checkSize(rt, times);
  rt.charge(Math.max(size, times));
  const items = elements('cycle-n', coll);
  return made(times, (i) => items[i % size] ?? null);
}

function hashMap(rt: Rt, args: readonly Value[]): Value {
  if (args.length % 2 === 1) arity('hash-map', 'an even number', args.length);
  rt.charge(args.length / 2);
  const entries: (readonly [Value, Value])[] = [];
  for (let i = 0; i < args.length; i += 2) entries.push([args[i] ?? null, args[i + 1] ?? null]);
  return PMap.of(entries);
}

/** A coll as a set; a set stays as it is. */
export function toSet(rt: Rt, fn: string, coll: Value): PSet {
  return coll instanceof PSet ? coll : PSet.of(chargedElements(rt, fn, coll));
}

/** `take`, as `(take n coll)`, `drop` and the like: a number that is at least 0, beyond 2^53 as good as infinite. */
export function amount(fn: string, n: Value): number {
  return Math.max(0, count(fn, n));
}

/** A chunk size or a step. Throws InvalidArgument below 1. */
export function atLeastOne(fn: string, n: Value, what: string): number {
  const size = count(fn, n);
  return size >= 1 ? size : invalid(fn, `${what} is ${size}, but must be at least 1`);
}

function empty(coll: Value): Value {
  if (coll === null) return null;
  if (coll instanceof Vec) return Vec.empty;
  if (coll instanceof List) return List.empty;
  if (coll instanceof PMap) return PMap.empty;
  if (coll instanceof PSet) return PSet.empty;
  return typeof coll === 'string' ? '' : typeError('empty', 'collection', coll);
}

/** Making collections. */
export const MAKE: readonly Entry[] = [
  defineVariadic('vector', '[& :any] :vector', (rt, args) => {
    rt.charge(args.length);
    return Vec.of([...args]);
  }),
  defineVariadic('list', '[& :any] :list', (rt, args) => {
    rt.charge(args.length);
    return List.of([...args]);
  }),
  defineVariadic('hash-set', '[& :any] :set', (rt, args) => {
    rt.charge(args.length);
    return PSet.of(args);
  }),
  defineVariadic('hash-map', '[& :any] :map', hashMap),
  define('vec', '[:Coll] :vector', (rt, coll) => {
    const items = chargedElements(rt, 'vec', coll);
    return coll instanceof Vec ? coll : Vec.of([...items]);
  }),
  define('set', '[:Coll] :set', (rt, coll) => toSet(rt, 'set', coll)),
  define(
    'range',
    '[:number] [:vector :number] [:number :number] [:vector :number] [:number :number :number] [:vector :number]',
    range,
  ),
  define('numbers', '[:int :int] [:vector :int]', numbers),
  define('repeat', '[:any] :never [:int :any] :vector', repeat),
  define('cycle-n', '[:any] :never [:int :Coll] :vector', cycle),
  define(
    'empty',
    '[:vector] :vector [:list] :list [:map] :map [:set] :set [:string] :string [:nil] :nil',
    (_rt, coll) => empty(coll),
  ),
];
