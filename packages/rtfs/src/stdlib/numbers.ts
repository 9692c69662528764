/**
 * Arithmetic and the other functions on numbers (R16.2). The semantics of the operators stand in `values/numbers.ts`
 * (§3).
 */
import { invalid, typeError } from '../values/fail.ts';
import { Float } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import {
  add,
  compareNumbers,
  div,
  float,
  floorDiv,
  floorModulo,
  int,
  isInt,
  mod,
  mul,
  neg,
  overflow,
  quot,
  sub,
  toDouble,
} from '../values/numbers.ts';
import type { Num } from '../values/numbers.ts';
import { chargedElements, count, integer, LOG, number } from './args.ts';
import { define, defineVariadic } from './define.ts';
import type { Entry } from './define.ts';
import { roundHalfAway, toInt } from './rounding.ts';

type Operator = (a: Value, b: Value) => Num;

/** A left fold that begins with the first argument; a single one is only checked. */
function fold(fn: string, operator: Operator): Entry {
  return defineVariadic(fn, '[:int & :int] :int [:number & :number] :float', (_rt, args) => {
    let result: Num = number(fn, args[0] ?? null);
    for (let i = 1; i < args.length; i++) result = operator(result, args[i] ?? null);
    return result;
  });
}

/** `-` and `/`: like a fold, but one argument is taken from 0 or divided into 1. */
function inverse(fn: string, ofInts: 'int' | 'number', operator: Operator, alone: (x: Value) => Num): Entry {
  return defineVariadic(fn, `[:int & :int] :${ofInts} [:number & :number] :float`, (_rt, args) => {
    const first = number(fn, args[0] ?? null);
    if (args.length === 1) return alone(first);
    let result: Num = first;
    for (let i = 1; i < args.length; i++) result = operator(result, args[i] ?? null);
    return result;
  });
}

function isNaNValue(v: Num): boolean {
  return typeof v === 'number' && Number.isNaN(v);
}

/** The greatest (`sign` 1) or least (`sign` -1) argument itself, the first of equals; NaN wins. */
function extreme(fn: string, sign: 1 | -1): Entry {
  return defineVariadic(fn, '[:int & :int] :int [:number & :number] :number', (_rt, args) => {
    let best = number(fn, args[0] ?? null);
    for (let i = 1; i < args.length; i++) {
      const x = number(fn, args[i] ?? null);
      if (!isNaNValue(best) && (isNaNValue(x) || compareNumbers(x, best) === sign)) best = x;
    }
    return best;
  });
}

function abs(x: Value): Num {
  const n = number('abs', x);
  if (n instanceof Float) return new Float(Math.abs(n.value));
  if (typeof n === 'number') return Math.abs(n);
  return n < 0n ? int(-n, 'abs', [n]) : n;
}

function parity(fn: string, wanted: 0 | 1): Entry {
  return define(fn, '[:number] :bool', (_rt, x) => {
    const n = number(fn, x);
    if (typeof n === 'bigint') return BigInt.asUintN(1, n) === BigInt(wanted);
    const value = toDouble(n);
    return Number.isInteger(value) ? Math.abs(value % 2) === wanted : typeError(fn, 'integer', x);
  });
}

function sign(fn: string, holds: (order: number) => boolean): Entry {
  return define(fn, '[:number] :bool', (_rt, x) => holds(compareNumbers(number(fn, x), 0)));
}

function rounding(fn: string, whole: (x: number) => number): Entry {
  return define(fn, '[:number] :int', (_rt, x) => {
    const n = number(fn, x);
    return isInt(n) ? n : toInt(whole(toDouble(n)), fn, n);
  });
}

/** `(round x)` ⇒ int, `(round x d)` ⇒ float with d decimals; halves away from zero. */
function round(x: Value, decimals: Value | undefined): Value {
  const n = number('round', x);
  if (decimals === undefined) return isInt(n) ? n : toInt(roundHalfAway(toDouble(n), 0), 'round', n);
  const d = count('round', decimals);
  if (d < 0 || d > 15) invalid('round', `${d} decimals; from 0 to 15 are possible`);
  return float(roundHalfAway(toDouble(n), d));
}

function factorial(x: Value): Value {
  const n = count('factorial', x);
  if (n < 0) invalid('factorial', `${n} is negative`);
  if (n > 20) overflow('factorial', [x]);
  let result = 1n;
  for (let k = 2n; k <= BigInt(n); k++) result *= k;
  return int(result, 'factorial', [x]);
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function gcd(a: Value, b: Value): Value {
  return int(greatestDivisor(BigInt(integer('gcd', a)), BigInt(integer('gcd', b))), 'gcd', [a, b]);
}

function lcm(a: Value, b: Value): Value {
  const x = BigInt(integer('lcm', a));
  const y = BigInt(integer('lcm', b));
  if (x === 0n || y === 0n) return 0;
  const product = (x / greatestDivisor(x, y)) * y;
  return int(product < 0n ? -product : product, 'lcm', [a, b]);
}

function clamp(x: Value, low: Value, high: Value): Value {
  const [n, lo, hi] = [number('clamp', x), number('clamp', low), number('clamp', high)];
  if (compareNumbers(lo, hi) === 1) invalid('clamp', 'the lower bound is above the upper bound');
  if (compareNumbers(n, lo) === -1) return lo;
  return compareNumbers(n, hi) === 1 ? hi : n;
}

function total(fn: string, items: readonly Value[], start: Num, operator: Operator): Num {
  let result = start;
  for (const x of items) result = operator(result, number(fn, x));
  return result;
}

const average = define('average avg', '[:Coll] :number?', (rt, coll) => {
  const items = chargedElements(rt, 'average', coll);
  return items.length === 0 ? null : div(total('average', items, 0, add), items.length);
});

/** The arithmetic of §3 and what is near it. */
export const NUMBERS: readonly Entry[] = [
  fold('+', add),
  fold('*', mul),
  inverse('-', 'int', sub, neg),
  inverse('/', 'number', div, (x) => div(1, x)),
  define('inc', '[:int] :int [:number] :float', (_rt, x) => add(number('inc', x), 1)),
  define('dec', '[:int] :int [:number] :float', (_rt, x) => sub(number('dec', x), 1)),
  define('abs', '[:int] :int [:number] :float', (_rt, x) => abs(x)),
  define('mod rem', '[:int :int] :int [:number :number] :float', (_rt, a, b) => mod(a, b)),
  define('quot', '[:int :int] :int [:number :number] :float', (_rt, a, b) => quot(a, b)),
  define('floor-mod', '[:int :int] :int [:number :number] :float', (_rt, a, b) => floorModulo(a, b)),
  define('floor-div', '[:int :int] :int [:number :number] :float', (_rt, a, b) => floorDiv(a, b)),
  extreme('max', 1),
  extreme('min', -1),
  rounding('floor', Math.floor),
  rounding('ceil', Math.ceil),
  rounding('trunc', Math.trunc),
  define('round', '[:number] :int [:number :int] :float', (_rt, x, decimals) => round(x, decimals)),
  define('factorial', '[:int] :int', (_rt, x) => factorial(x)),
  define('gcd', '[:int :int] :int', (rt, a, b) => {
    rt.charge(LOG);
    return gcd(a, b);
  }),
  define('lcm', '[:int :int] :int', (rt, a, b) => {
    rt.charge(LOG);
    return lcm(a, b);
  }),
  parity('even?', 0),
  parity('odd?', 1),
  sign('zero?', (order) => order === 0),
  sign('pos?', (order) => order === 1),
  sign('neg?', (order) => order === -1),
  define('nan?', '[:number] :bool', (_rt, x) => isNaNValue(number('nan?', x))),
  define('infinite?', '[:number] :bool', (_rt, x) => Math.abs(toDouble(number('infinite?', x))) === Infinity),
  define('clamp', '[:int :int :int] :int [:number :number :number] :number', (_rt, x, low, high) =>
    clamp(x, low, high),
  ),
  define('sum', '[:Coll] :number', (rt, coll) => total('sum', chargedElements(rt, 'sum', coll), 0, add)),
  define('product', '[:Coll] :number', (rt, coll) => total('product', chargedElements(rt, 'product', coll), 1, mul)),
  average,
];
