/** Rounding by exact value, shared by `round` and `format`, and the way from a double to an int. */
import type { Value } from '../values/kinds.ts';
import { int, overflow } from '../values/numbers.ts';

/** The int of an integral double. Throws IntegerOverflow for NaN, the infinities and what 64 bits cannot hold. */
export function toInt(x: number, operation: string, original: Value): number | bigint {
  if (!Number.isFinite(x)) overflow(operation, [original]);
  // Adding 0 turns -0 into the int 0.
  return Number.isSafeInteger(x) ? x + 0 : int(BigInt(x), operation, [original]);
}

/** The decimal digits of a finite |x| with exactly `decimals` of them behind the point, halves away from zero. */
export function fixed(x: number, decimals: number): string {
  const size = Math.abs(x);
  // `toFixed` decides by the exact binary value, and upwards at a tie; from 1e21 on it would print an exponent.
  if (size < 1e21) return size.toFixed(decimals);
  return BigInt(size).toString() + (decimals === 0 ? '' : `.${'0'.repeat(decimals)}`);
}

/** `x` rounded to so many decimals, halves of the exact value away from zero; NaN and the infinities stay. */
export function roundHalfAway(x: number, decimals: number): number {
  if (!Number.isFinite(x)) return x;
  const size = Number(fixed(x, decimals));
  return x < 0 ? -size : size;
}
