/**
 * Numbers from text and back, elementary functions, bits (R16.2): what needs a kind to be named or a double to be
 * computed.
 */
import { invalid, divisionByZero, typeError } from '../values/fail.ts';
import { Float } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { float, INT_MAX, INT_MIN, int, isInt, overflow, toDouble } from '../values/numbers.ts';
import type { Num } from '../values/numbers.ts';
import { print } from '../values/print.ts';
import { chargeText, count, integer, number } from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import { atan2, cos, exp, log, log10, pow, sin, tan } from './math.ts';
import type { Rt } from './native.ts';
import { toInt } from './rounding.ts';
import { trimSpace } from './space.ts';

function intOfText(s: string): number | bigint | null {
  const digits = trimSpace(s);
  if (!/^[+-]?[0-9]+$/.test(digits)) return null;
  // Nineteen digits are enough for 64 bits, so no text can make a large integer of ours.
  const significant = digits.replace(/^[+-]?0*/, '');
  if (significant.length > 19) return null;
  const size = BigInt(significant === '' ? '0' : significant);
  const value = digits.startsWith('-') ? -size : size;
  return value < INT_MIN || value > INT_MAX ? null : int(value, 'parse-int');
}

function floatOfText(s: string): Num | null {
  const digits = trimSpace(s);
  if (!/^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(digits)) return null;
  const value = Number(digits);
  return Number.isFinite(value) ? float(value) : null;
}

function parseInt64(rt: Rt, x: Value): Value {
  if (typeof x === 'string') {
    chargeText(rt, x);
    return intOfText(x);
  }
  if (isInt(x)) return x;
  if (typeof x !== 'number' && !(x instanceof Float)) return null;
  const whole = Math.trunc(toDouble(x));
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? toInt(whole, 'parse-int', x) : null;
}

function parseFloat64(rt: Rt, x: Value): Value {
  if (typeof x === 'string') {
    chargeText(rt, x);
    return floatOfText(x);
  }
  return typeof x === 'number' || typeof x === 'bigint' || x instanceof Float ? float(toDouble(x)) : null;
}

function parseBool(rt: Rt, x: Value): Value {
  if (typeof x !== 'string') return typeof x === 'boolean' ? x : null;
  chargeText(rt, x);
  const word = trimSpace(x);
  return word === 'true' ? true : word === 'false' ? false : null;
}

/** `int`: like `parse-int`, but what is no number is 0, and a float out of range is IntegerOverflow. */
function toInteger(rt: Rt, x: Value): Value {
  if (x === null || typeof x === 'string') return x === null ? 0 : (parseInt64(rt, x) ?? 0);
  if (typeof x === 'boolean') return x ? 1 : 0;
  const n = number('int', x);
  return isInt(n) ? n : toInt(Math.trunc(toDouble(n)), 'int', n);
}

function toFloat(rt: Rt, x: Value): Value {
  if (x === null || typeof x === 'string') return (x === null ? null : parseFloat64(rt, x)) ?? float(0);
  if (typeof x === 'boolean') return float(x ? 1 : 0);
  return float(toDouble(number('float', x)));
}

function numberToString(rt: Rt, x: Value, base: Value | undefined): Value {
  const n = number('number->string', x);
  const radix = base === undefined ? 10 : count('number->string', base);
  if (!(radix >= 2 && radix <= 36)) invalid('number->string', `base ${radix}; from 2 to 36 are possible`);
  if (base !== undefined && !isInt(n)) typeError('number->string', 'integer', n);
  const result = isInt(n) ? n.toString(radix) : print(n);
  chargeText(rt, result);
  return result;
}

/** An elementary function whose result is a float. */
function elementary(fn: string, f: (x: number) => number): Entry {
  return define(fn, '[:number] :float', (_rt, x) => float(f(toDouble(number(fn, x)))));
}

/** A logarithm: no number at or below 0 has one. */
function logarithm(fn: string, f: (x: number) => number): Entry {
  return define(fn, '[:number] :float', (_rt, x) => {
    const n = toDouble(number(fn, x));
    return n <= 0 ? invalid(fn, `${print(x)} is not positive`) : float(f(n));
  });
}

function squareRoot(x: Value): Value {
  const n = toDouble(number('sqrt', x));
  return n < 0 ? invalid('sqrt', `${print(x)} is negative`) : float(Math.sqrt(n));
}

/** R3.6: exact for an int and an int that is not negative, else by doubles. */
function power(x: Value, y: Value): Value {
  const base = number('pow', x);
  const exponent = number('pow', y);
  if (toDouble(base) === 0 && toDouble(exponent) < 0) divisionByZero();
  if (isInt(base) && isInt(exponent) && exponent >= 0) return intPower(base, exponent);
  const [a, b] = [toDouble(base), toDouble(exponent)];
  if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b)) {
    invalid('pow', `${print(x)} is negative and ${print(y)} is not integral`);
  }
  return float(pow(a, b));
}

function intPower(base: number | bigint, exponent: number | bigint): Value {
  // Beyond 64 only 0, 1 and -1 stay within 64 bits, and of these the exponent's parity is all that counts.
  if (exponent > 64 && (base > 1 || base < -1)) overflow('pow', [base, exponent]);
  const times = exponent > 64 ? 64n + (BigInt(exponent) & 1n) : BigInt(exponent);
  return int(BigInt(base) ** times, 'pow', [base, exponent]);
}

function bits(fn: string, f: (a: bigint, b: bigint) => bigint): Entry {
  return define(fn, '[:int :int] :int', (_rt, a, b) => int(f(BigInt(integer(fn, a)), BigInt(integer(fn, b))), fn));
}

function shift(fn: string, f: (a: bigint, by: bigint) => bigint): Entry {
  return define(fn, '[:int :int] :int', (_rt, a, by) => {
    const value = BigInt(integer(fn, a));
    const places = count(fn, by);
    if (!(places >= 0 && places <= 63)) invalid(fn, `shift by ${print(by)}; from 0 to 63 are possible`);
    return int(BigInt.asIntN(64, f(value, BigInt(places))), fn);
  });
}

/** Conversions, elementary functions and bit operations. */
export const NUMBER_TEXT: readonly Entry[] = [
  define('int long', '[[:union :number :string :bool :nil]] :int', toInteger),
  define('float double', '[[:union :number :string :bool :nil]] :float', toFloat),
  define('parse-int', '[:any] :int?', parseInt64),
  define('parse-float', '[:any] :float?', parseFloat64),
  define('parse-bool', '[:any] :bool?', parseBool),
  define('number->string', '[:number] :string [:int :int] :string', numberToString),
  define('pow', '[:int :int] :number [:number :number] :float', (_rt, x, y) => power(x, y)),
  define('sqrt', '[:number] :float', (_rt, x) => squareRoot(x)),
  elementary('exp', exp),
  elementary('sin', sin),
  elementary('cos', cos),
  elementary('tan', tan),
  logarithm('ln', log),
  logarithm('log10', log10),
  define('atan2', '[:number :number] :float', (_rt, y, x) =>
    float(atan2(toDouble(number('atan2', y)), toDouble(number('atan2', x)))),
  ),
  bits('bit-and', (a, b) => a & b),
  bits('bit-or', (a, b) => a | b),
  bits('bit-xor', (a, b) => a ^ b),
  define('bit-not', '[:int] :int', (_rt, a) => int(~BigInt(integer('bit-not', a)), 'bit-not')),
  shift('bit-shift-left', (a, by) => a << by),
  shift('bit-shift-right', (a, by) => a >> by),
];
