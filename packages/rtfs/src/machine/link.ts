/**
 * Code and constants → a factory of instances. The one place where text becomes code; the text says the program's shape alone
 * (R13.10).
 */
import type { Emitted } from '../compile/unit.ts';
import type { RUNTIME_NAMES } from '../compile/unit.ts';
import { foldKind } from '../syntax/errors.ts';
import { NATIVES } from '../stdlib/natives.ts';
import { Path } from '../stdlib/key-path.ts';
import { equal } from '../values/equality.ts';
import { Fn, Keyword } from '../values/kinds.ts';
import type { Value, ErrorValue } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { add, greater, greaterOrEqual, less, lessOrEqual, mod, mul, sub } from '../values/numbers.ts';
import { adopt, handOut, isOwnVector, own, peek, release } from '../values/owning.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { makeFn } from './functions.ts';
import { AB, Ask, Fork, S, Told } from './protocol.ts';
import type { Runtime } from './runtime.ts';

const equality = NATIVES.get('=')?.fn as unknown as (rt: Runtime, args: Value[]) => boolean;

/** `(= a b)`: scalars cost nothing and are compared at once. */
function eq(rt: Runtime, a: Value, b: Value): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (a instanceof Keyword || b instanceof Keyword) return a === b;
  return equality === undefined ? equal(a, b) : equality(rt, [a, b]);
}

function isSmall(a: Value): a is number {
  return typeof a === 'number' && (a | 0) === a;
}

/** `(+ a b)` with the common case of small ints first. */
function plus(a: Value, b: Value): Value {
  return typeof a === 'number' && typeof b === 'number' && (a | 0) === a && (b | 0) === b ? a + b : add(a, b);
}

/** `(- a b)`. */
function minus(a: Value, b: Value): Value {
  return typeof a === 'number' && typeof b === 'number' && (a | 0) === a && (b | 0) === b ? a - b : sub(a, b);
}

/** `(mod a b)`: small divisors first; a zero divisor goes the long way. */
function remainder(a: Value, b: Value): Value {
  return isSmall(b) && b !== 0 && Number.isSafeInteger(a) ? ((a as number) % b) | 0 : mod(a, b);
}

/** The comparisons. Two plain numbers compare as they are, whichever kind they have. */
const lt = (a: Value, b: Value): boolean => (typeof a === 'number' && typeof b === 'number' ? a < b : less(a, b));
const le = (a: Value, b: Value): boolean =>
  typeof a === 'number' && typeof b === 'number' ? a <= b : lessOrEqual(a, b);
const gt = (a: Value, b: Value): boolean => (typeof a === 'number' && typeof b === 'number' ? a > b : greater(a, b));
const ge = (a: Value, b: Value): boolean =>
  typeof a === 'number' && typeof b === 'number' ? a >= b : greaterOrEqual(a, b);

/** `(* a b)` with the common case of small ints first. */
function times(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number' && (a | 0) === a && (b | 0) === b) {
    const product = a * b;
    // Adding 0 turns -0 into the int 0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return mul(a, b);
}

/** A map literal: keys and values in turn, the last of equal keys wins (R1.23). */
function mapOf(_rt: Runtime, items: Value[]): PMap {
  const entries: [Value, Value][] = [];
  for (let i = 0; i < items.length; i += 2) entries.push([items[i] as Value, items[i + 1] as Value]);
  return PMap.of(entries);
}

/** True if a clause that catches `kinds`, in folded spelling, catches the error. */
function isCaught(error: ErrorValue, kinds: readonly string[]): boolean {
  return kinds.includes(foldKind(error.kind));
}

const RUNTIME: Readonly<Record<(typeof RUNTIME_NAMES)[number], unknown>> = {
  AB,
  F: Fn,
  S,
  Ask,
  Fork,
  Told,
  vector: (items: Value[]) => Vec.of(items),
  list: (items: Value[]) => List.of(items),
  map: mapOf,
  set: (_rt: Runtime, items: Value[]) => PSet.of(items),
  fn: makeFn,
  add: plus,
  sub: minus,
  mul: times,
  mod: remainder,
  lt,
  le,
  gt,
  ge,
  eq,
  isSafe: Number.isSafeInteger,
  isCaught,
  adopt,
  handOut,
  isOwnVector,
  own,
  release,
  peek,
  V: Vec,
  Path,
};

/** The factory that generated code defines. */
export function link({ code, constants }: Emitted): (rt: Runtime) => unknown {
  // The code is generated: no text of a program is in it (R13.10).
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function('R', 'K', code) as (r: typeof RUNTIME, k: readonly unknown[]) => (rt: Runtime) => unknown;
  return make(RUNTIME, constants);
}
