/** Parts and rearrangements of sequences (R16.6, R16.7) that ask no function. "Same kind" is `sameKind`'s (R16.1). */
import { equal } from '../values/equality.ts';
import { indexOut, typeError } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { Vec } from '../values/vector.ts';
import {
  characters,
  chargedElements,
  checkDepth,
  checkSize,
  count,
  elements,
  integer,
  LOG,
  sameKind,
  sizeOf,
} from './args.ts';
import { define, defineVariadic } from './define.ts';
import type { Entry } from './define.ts';
import { sameKindSignature } from './signature.ts';
import { amount, atLeastOne } from './make.ts';
import type { Rt } from './native.ts';
import { Seen } from './seen.ts';

/** The elements from `from` up to `to` in the kind of the coll; vectors and lists share what they can. */
function part(fn: string, coll: Value, from: number, to: number): Value {
  if (coll instanceof Vec || coll instanceof List) return coll.slice(from, to);
  if (typeof coll === 'string') return characters(coll).slice(from, to).join('');
  return Vec.of(elements(fn, coll).slice(from, to));
}

/** A row whose function gives a part of its coll, found from its size. */
function parts(fn: string, cost: (n: number) => number, bounds: (n: number) => readonly [number, number]): Entry {
  return define(fn, sameKindSignature(), (rt, coll) => {
    const n = sizeOf(fn, coll);
    rt.charge(coll instanceof Vec || coll instanceof List ? cost(n) : n);
    return part(fn, coll, ...bounds(n));
  });
}

/** `(take n coll)` and its kin. */
function counted(fn: string, bounds: (n: number, size: number) => readonly [number, number]): Entry {
  return define(fn, sameKindSignature(':int'), (rt, n, coll) => {
    const size = sizeOf(fn, coll);
    rt.charge(size);
    return part(fn, coll, ...bounds(Math.min(amount(fn, n), size), size));
  });
}

function next(rt: Rt, coll: Value): Value {
  const n = sizeOf('next', coll);
  rt.charge(coll instanceof Vec || coll instanceof List ? LOG : n);
  return n <= 1 ? null : part('next', coll, 1, n);
}

/** `(drop-last coll)` drops one. */
function dropLast(rt: Rt, a: Value, b: Value | undefined): Value {
  const [n, coll] = b === undefined ? [1, a] : [amount('drop-last', a), b];
  const size = sizeOf('drop-last', coll);
  rt.charge(size);
  return part('drop-last', coll, 0, Math.max(0, size - n));
}

function subvec(rt: Rt, v: Value, from: Value, to: Value | undefined): Value {
  if (!(v instanceof Vec)) typeError('subvec', 'vector', v);
  rt.charge(v.n);
  const start = count('subvec', from);
  const end = to === undefined ? v.n : count('subvec', to);
  if (start < 0 || start > v.n) indexOut(integer('subvec', from), v.n);
  if (end < start || end > v.n) indexOut(end, v.n);
  return v.slice(start, end);
}

/** `slice` never fails on a bound: negatives count from the end, and what lies outside is the nearest end. */
function slice(rt: Rt, coll: Value, from: Value, to: Value | undefined): Value {
  const n = sizeOf('slice', coll);
  rt.charge(n);
  const clamp = (i: number): number => Math.min(n, Math.max(0, i < 0 ? n + i : i));
  const start = clamp(count('slice', from));
  const end = to === undefined ? n : clamp(count('slice', to));
  return part('slice', coll, start, Math.max(start, end));
}

function takeNth(rt: Rt, n: Value, coll: Value): Value {
  const step = atLeastOne('take-nth', n, 'the step');
  return sameKind(
    coll,
    chargedElements(rt, 'take-nth', coll).filter((_, i) => i % step === 0),
  );
}

function splitAt(rt: Rt, n: Value, coll: Value): Value {
  const size = sizeOf('split-at', coll);
  rt.charge(size);
  const at = Math.min(amount('split-at', n), size);
  return Vec.of([part('split-at', coll, 0, at), part('split-at', coll, at, size)]);
}

function interleave(rt: Rt, colls: readonly Value[]): Value {
  const columns = colls.map((coll) => chargedElements(rt, 'interleave', coll));
  const rows = columns.reduce((least, column) => Math.min(least, column.length), Infinity);
  checkSize(rt, rows * columns.length);
  const result: Value[] = [];
  for (let i = 0; i < rows; i++) for (const column of columns) result.push(column[i] ?? null);
  return Vec.of(result);
}

function interpose(rt: Rt, separator: Value, coll: Value): Value {
  const items = chargedElements(rt, 'interpose', coll);
  checkSize(rt, items.length * 2);
  return Vec.of(items.flatMap((x, i) => (i === 0 ? [x] : [separator, x])));
}

/** The distinct elements, the first of equals kept; also of values that can be no keys (R2.4). */
function distinct(rt: Rt, coll: Value): Value {
  const seen = new Seen(rt);
  return sameKind(
    coll,
    chargedElements(rt, 'distinct', coll).filter((x) => seen.add(x)),
  );
}

function dedupe(rt: Rt, coll: Value): Value {
  const items = chargedElements(rt, 'dedupe', coll);
  return sameKind(
    coll,
    items.filter((x, i) => i === 0 || !equal(x, items[i - 1] ?? null, rt.limits.dataDepth)),
  );
}

function flatten(rt: Rt, coll: Value): Value {
  const result: Value[] = [];
  const visit = (v: Value, depth: number): void => {
    checkDepth(rt, depth);
    for (const x of chargedElements(rt, 'flatten', v)) {
      if (x instanceof Vec || x instanceof List) visit(x, depth + 1);
      else result.push(x);
    }
    checkSize(rt, result.length);
  };
  visit(coll, 1);
  return Vec.of(result);
}

/** What the arguments of `partition` say: `(n coll)`, `(n step coll)`, `(n step pad coll)`. */
function partition(fn: string, rt: Rt, args: readonly (Value | undefined)[]): Value {
  const [n = null, a = null, b, c] = args;
  const size = atLeastOne(fn, n, 'the chunk size');
  const step = b === undefined ? size : atLeastOne(fn, a, 'the step');
  const coll = c ?? b ?? a;
  const length = sizeOf(fn, coll);
  // Overlapping chunks hold more elements than the coll: what is made is paid for.
  const chunks = Math.ceil(length / step);
  checkSize(rt, chunks);
  rt.charge(Math.max(length, chunks * Math.min(size, length)));
  const items = Vec.of([...elements(fn, coll)]);
  const pad = c === undefined ? [] : chargedElements(rt, fn, b ?? null);
  const chunk = (start: number): Vec => {
    const found = items.slice(start, Math.min(start + size, length));
    return found.n === size ? found : found.concat(Vec.of(pad.slice(0, size - found.n)));
  };
  return Vec.of(Array.from({ length: chunks }, (_, i) => chunk(i * step)));
}

function reverse(rt: Rt, coll: Value): Value {
  return sameKind(coll, [...chargedElements(rt, 'reverse', coll)].reverse());
}

/** Parts and rearrangements. */
export const SEQUENCES: readonly Entry[] = [
  parts(
    'rest',
    () => LOG,
    (n) => [Math.min(1, n), n],
  ),
  parts(
    'butlast',
    () => LOG,
    (n) => [0, Math.max(0, n - 1)],
  ),
  define('next', '[:list] :list? [:string] :string? [:Coll] :vector?', next),
  counted('take', (n) => [0, n]),
  counted('drop', (n, size) => [n, size]),
  counted('take-last', (n, size) => [size - n, size]),
  define('drop-last', `${sameKindSignature()} ${sameKindSignature(':int')}`, dropLast),
  define('subvec', '[:vector :int] :vector [:vector :int :int] :vector', subvec),
  define(
    'slice',
    '[:list :int] :list [:string :int] :string [:Coll :int] :vector [:list :int :int] :list [:string :int :int] :string [:Coll :int :int] :vector',
    slice,
  ),
  define('take-nth', sameKindSignature(':int'), takeNth),
  define('split-at', '[:int :Coll] :vector', splitAt),
  defineVariadic('interleave', '[:Coll & :Coll] :vector', interleave),
  define('interpose', '[:any :Coll] :vector', interpose),
  define('reverse', sameKindSignature(), reverse),
  define('distinct', sameKindSignature(), distinct),
  define('dedupe', sameKindSignature(), dedupe),
  define('flatten', '[:Coll] :vector', flatten),
  define(
    'partition',
    '[:int :Coll] [:vector :vector] [:int :int :Coll] [:vector :vector] [:int :int :Coll :Coll] [:vector :vector]',
    (rt, ...args) => partition('partition', rt, args),
  ),
  define('partition-all chunk', '[:int :Coll] [:vector :vector] [:int :int :Coll] [:vector :vector]', (rt, ...args) =>
    partition('partition-all', rt, args),
  ),
];
