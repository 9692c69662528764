/**
 * Numbers in full (R3): ints of 64 bits, exact or IntegerOverflow; floats of IEEE 754. The compiler inlines the fast
 * paths over
 * small ints; what stands here is right for every pair of values.
 */
import { dataMap, divisionByZero, fail, typeError } from './fail.ts';
import { Float } from './kinds.ts';
import type { Value } from './kinds.ts';
import { Vec } from './vector.ts';

/** Any number: an int (number or bigint), or a float (number or `Float`). */
export type Num = number | bigint | Float;

/** The least and the greatest int (R3.1). */
export const INT_MIN = -(2n ** 63n);
export const INT_MAX = 2n ** 63n - 1n;

/** Whether `v` is an int. */
export function isInt(v: Value | undefined): v is number | bigint {
  return typeof v === 'number' ? Number.isInteger(v) : typeof v === 'bigint';
}

/** Whether `v` is a float. */
export function isFloat(v: Value | undefined): v is number | Float {
  return typeof v === 'number' ? !Number.isInteger(v) : v instanceof Float;
}

/** Whether `v` is a number of either kind. */
export function isNumber(v: Value | undefined): v is Num {
  return typeof v === 'number' || typeof v === 'bigint' || v instanceof Float;
}

/** The float of value `x`: boxed when it is integral. */
export function float(x: number): number | Float {
  return Number.isInteger(x) ? new Float(x) : x;
}

/** The int of value `big`. Throws IntegerOverflow outside 64 bits; `operation` and `args` are for its data (R18). */
export function int(big: bigint, operation: string, args: readonly Value[] = []): number | bigint {
  if (big >= -9007199254740991n && big <= 9007199254740991n) return Number(big);
  if (big < INT_MIN || big > INT_MAX) overflow(operation, args);
  return big;
}

/** Throws IntegerOverflow (R3.1). */
export function overflow(operation: string, args: readonly Value[]): never {
  fail(
    'IntegerOverflow',
    `Integer overflow in ${operation}`,
    dataMap([
      ['operation', operation],
      ['arguments', Vec.of([...args])],
    ]),
  );
}

/** The nearest double of a number. */
export function toDouble(v: Num): number {
  if (typeof v === 'number') return v;
  return typeof v === 'bigint' ? Number(v) : v.value;
}

/** A number as JavaScript compares it: ints and doubles mix exactly. */
function raw(v: Num): number | bigint {
  return v instanceof Float ? v.value : v;
}

function notNumber(operation: string, a: Value, b: Value): never {
  return typeError(operation, 'number', isNumber(a) ? b : a);
}

/** The sum (R3.2). Throws TypeError, IntegerOverflow. */
export function add(a: Value, b: Value): Num {
  if (typeof a === 'number' && typeof b === 'number' && Number.isInteger(a) && Number.isInteger(b)) {
    const sum = a + b;
    return Number.isSafeInteger(sum) ? sum : int(BigInt(a) + BigInt(b), '+', [a, b]);
  }
  if (isInt(a) && isInt(b)) return int(BigInt(a) + BigInt(b), '+', [a, b]);
  return isNumber(a) && isNumber(b) ? float(toDouble(a) + toDouble(b)) : notNumber('+', a, b);
}

/** The difference (R3.2). Throws TypeError, IntegerOverflow. */
export function sub(a: Value, b: Value): Num {
  if (typeof a === 'number' && typeof b === 'number' && Number.isInteger(a) && Number.isInteger(b)) {
    const difference = a - b;
    return Number.isSafeInteger(difference) ? difference : int(BigInt(a) - BigInt(b), '-', [a, b]);
  }
  if (isInt(a) && isInt(b)) return int(BigInt(a) - BigInt(b), '-', [a, b]);
  return isNumber(a) && isNumber(b) ? float(toDouble(a) - toDouble(b)) : notNumber('-', a, b);
}

/** The product (R3.2). Throws TypeError, IntegerOverflow. */
export function mul(a: Value, b: Value): Num {
  if (typeof a === 'number' && typeof b === 'number' && Number.isInteger(a) && Number.isInteger(b)) {
    const product = a * b;
    // Adding 0 turns the -0 of `0 * -5` into the int 0.
    return Number.isSafeInteger(product) ? product + 0 : int(BigInt(a) * BigInt(b), '*', [a, b]);
  }
  if (isInt(a) && isInt(b)) return int(BigInt(a) * BigInt(b), '*', [a, b]);
  return isNumber(a) && isNumber(b) ? float(toDouble(a) * toDouble(b)) : notNumber('*', a, b);
}

/**
 * The quotient: an int where two ints divide exactly, else a float (R3.3). Throws TypeError, DivisionByZero,
 * IntegerOverflow.
 */
export function div(a: Value, b: Value): Num {
  if (!isNumber(a) || !isNumber(b)) notNumber('/', a, b);
  if (toDouble(b) === 0) divisionByZero();
  if (isInt(a) && isInt(b)) {
    if (typeof a === 'number' && typeof b === 'number') return a % b === 0 ? a / b + 0 : float(a / b);
    const [x, y] = [BigInt(a), BigInt(b)];
    if (x % y === 0n) return int(x / y, '/', [a, b]);
  }
  return float(toDouble(a) / toDouble(b));
}

/** The negation. Throws TypeError, IntegerOverflow. */
export function neg(a: Value): Num {
  if (typeof a === 'number' && Number.isInteger(a)) return 0 - a;
  if (typeof a === 'bigint') return int(-a, '-', [a]);
  return isNumber(a) ? float(-toDouble(a)) : typeError('-', 'number', a);
}

interface Division {
  readonly operation: string;
  readonly ints: (x: bigint, y: bigint) => bigint;
  readonly doubles: (x: number, y: number) => number;
}

function divide(a: Value, b: Value, { operation, ints, doubles }: Division): Num {
  if (!isNumber(a) || !isNumber(b)) notNumber(operation, a, b);
  if (toDouble(b) === 0) divisionByZero();
  if (!isInt(a) || !isInt(b)) return float(doubles(toDouble(a), toDouble(b)));
  // Ints whose sum is safe divide exactly as doubles do, but for the sign of zero.
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(Math.abs(a) + Math.abs(b))) {
    return doubles(a, b) + 0;
  }
  return int(ints(BigInt(a), BigInt(b)), operation, [a, b]);
}

function floorMod(x: number, y: number): number {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
}

function floorQuotient(x: number, y: number): number {
  return (x - floorMod(x, y)) / y;
}

const REMAINDER: Division = { operation: 'mod', ints: (x, y) => x % y, doubles: (x, y) => x % y };
const QUOTIENT: Division = {
  operation: 'quot',
  ints: (x, y) => x / y,
  doubles: (x, y) => Math.trunc(exactQuotient(x, y)),
};
const FLOOR_MOD: Division = {
  operation: 'floor-mod',
  doubles: floorMod,
  ints: (x, y) => {
    const r = x % y;
    return r !== 0n && r < 0n !== y < 0n ? r + y : r;
  },
};
const FLOOR_DIV: Division = {
  operation: 'floor-div',
  doubles: (x, y) => Math.floor(Number.isInteger(x) && Number.isInteger(y) ? floorQuotient(x, y) : x / y),
  ints: (x, y) => {
    const q = x / y;
    return x % y !== 0n && x < 0n !== y < 0n ? q - 1n : q;
  },
};

/** The quotient of x less its remainder, so that integers beyond 2⁵² do not round up. */
function exactQuotient(x: number, y: number): number {
  return Number.isInteger(x) && Number.isInteger(y) ? (x - (x % y)) / y : x / y;
}

/** The remainder with the sign of the dividend (R3.4). Throws TypeError, DivisionByZero. */
export function mod(a: Value, b: Value): Num {
  return divide(a, b, REMAINDER);
}

/** The truncated quotient (R3.4). Throws TypeError, DivisionByZero, IntegerOverflow. */
export function quot(a: Value, b: Value): Num {
  return divide(a, b, QUOTIENT);
}

/** The remainder with the sign of the divisor (R3.4). Throws TypeError, DivisionByZero. */
export function floorModulo(a: Value, b: Value): Num {
  return divide(a, b, FLOOR_MOD);
}

/** The quotient rounded down (R3.4). Throws TypeError, DivisionByZero, IntegerOverflow. */
export function floorDiv(a: Value, b: Value): Num {
  return divide(a, b, FLOOR_DIV);
}

/** -1, 0 or 1 by exact mathematical value, NaN when either is NaN (R3.5). */
export function compareNumbers(a: Num, b: Num): number {
  const x = raw(a);
  const y = raw(b);
  // JavaScript compares a bigint with a double exactly.
  if (x < y) return -1;
  if (x > y) return 1;
  return x === y || Number(x) === Number(y) ? 0 : NaN;
}

/** Equality by mathematical value, `==` of the language (R3.5). NaN equals nothing. */
export function numEqual(a: Num, b: Num): boolean {
  return compareNumbers(a, b) === 0;
}

function comparable(operation: string, a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const first = isNumber(a) || typeof a === 'string';
  return typeError(operation, first ? (isNumber(a) ? 'number' : 'string') : 'number or string', first ? b : a);
}

/** Strings by code points (R2.8): UTF-16 order would put U+FFFF before an emoji. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above all others.
    const high = Number(x >= 0xd800 && x < 0xe000) - Number(y >= 0xd800 && y < 0xe000);
    return (high === 0 ? x - y : high) < 0 ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** `<` of two numbers or two strings (R3.5). Throws TypeError. */
export function less(a: Value, b: Value): boolean {
  return comparable('<', a, b) < 0;
}

/** `<=` of two numbers or two strings (R3.5). Throws TypeError. */
export function lessOrEqual(a: Value, b: Value): boolean {
  return comparable('<=', a, b) <= 0;
}

/** `>` of two numbers or two strings (R3.5). Throws TypeError. */
export function greater(a: Value, b: Value): boolean {
  return comparable('>', a, b) > 0;
}

/** `>=` of two numbers or two strings (R3.5). Throws TypeError. */
export function greaterOrEqual(a: Value, b: Value): boolean {
  return comparable('>=', a, b) >= 0;
}
