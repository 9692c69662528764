/**
 * The constants of `math.ts`, and the reduction of an angle to a quarter turn, for which 106 bits of pi are not enough:
 * an angle may be 2^1023. Pi is computed with big integers when first needed, so that no digits have to be believed.
 */
import { twoSum } from './double-double.ts';
import type { Double2 } from './double-double.ts';

export const LN2: Double2 = { hi: 0.6931471805599453, lo: 2.3190468138462996e-17 };
export const LN10: Double2 = { hi: 2.302585092994046, lo: -2.1707562233822494e-16 };
export const PI: Double2 = { hi: 3.141592653589793, lo: 1.2246467991473532e-16 };
export const HALF_PI: Double2 = { hi: 1.5707963267948966, lo: 6.123233995736766e-17 };

/** 2^e for e from -1022 to 1023, by repeated multiplication, which is exact. */
export function powerOfTwo(e: number): number {
  let result = 1;
  let factor = e < 0 ? 0.5 : 2;
  for (let left = Math.abs(e); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= factor;
    factor *= factor;
  }
  return result;
}

/** atan(1/n)·2^bits, truncated term by term. */
function atanOfReciprocal(n: bigint, bits: bigint): bigint {
  let power = (1n << bits) / n;
  let sum = power;
  for (let k = 3n, sign = -1n; power !== 0n; k += 2n, sign = -sign) {
    power /= n * n;
    sum += sign * (power / k);
  }
  return sum;
}

/** Pi/2·2^bits by Machin's formula, correct to the last bit or so: 32 more bits absorb the truncations. */
function halfPi(bits: bigint): bigint {
  const wide = bits + 32n;
  return (8n * atanOfReciprocal(5n, wide) - 2n * atanOfReciprocal(239n, wide)) >> 32n;
}

const double = new Float64Array(1);
const bitsOfDouble = new BigUint64Array(double.buffer);

/** A positive finite double as `significand · 2^exponent`. */
function decompose(x: number): { readonly significand: bigint; readonly exponent: number } {
  double[0] = x;
  const bits = bitsOfDouble[0] ?? 0n;
  const fraction = bits & ((1n << 52n) - 1n);
  const biased = Number(bits >> 52n);
  return biased === 0
    ? { significand: fraction, exponent: -1074 }
    : { significand: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** A precision of fixed-point numbers, and pi/2 in it once it has been needed. */
interface Precision {
  readonly bits: number;
  halfPi: bigint | null;
}
// The quotient of the angle and pi/2 takes up to 60 or 1024 bits, the closest a double comes to a multiple of pi/2
// takes 64.
const MODERATE: Precision = { bits: 240, halfPi: null };
const HUGE: Precision = { bits: 1210, halfPi: null };

/** `fixed · 2^-bits` as a pair. */
function toDouble2(fixed: bigint, bits: number): Double2 {
  const sign = fixed < 0n ? -1 : 1;
  const size = fixed < 0n ? -fixed : fixed;
  const shift = Math.max(0, size.toString(16).length * 4 - 53);
  const high = size >> BigInt(shift);
  const rest = size - (high << BigInt(shift));
  const shift2 = Math.max(0, shift - 53);
  const low = rest >> BigInt(shift2);
  return twoSum(sign * Number(high) * powerOfTwo(shift - bits), sign * Number(low) * powerOfTwo(shift2 - bits));
}

/**
 * A positive finite angle as `quarter · pi/2 + rest` with |rest| <= pi/4; only the last two bits of `quarter` are kept.
 */
export function reduceQuarter(x: number): { readonly quarter: number; readonly rest: Double2 } {
  if (x <= 0.7853981633974483) return { quarter: 0, rest: { hi: x, lo: 0 } };
  const precision = x < 1e18 ? MODERATE : HUGE;
  const { bits } = precision;
  const unit = (precision.halfPi ??= halfPi(BigInt(bits)));
  const { significand, exponent } = decompose(x);
  const fixed = significand << BigInt(exponent + bits);
  const quarter = (2n * fixed + unit) / (2n * unit);
  return { quarter: Number(quarter & 3n), rest: toDouble2(fixed - quarter * unit, bits) };
}
