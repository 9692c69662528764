/**
 * Arithmetic on unevaluated sums of two doubles, about 106 bits. Each operation is made of IEEE additions,
 * multiplications and divisions only, which every engine rounds alike; `math.ts` builds its functions on it, so their
 * bits are equal on every wall (R3.7). The algorithms are the error-free transformations of Dekker and Knuth.
 */

/** `hi + lo`, where `lo` is at most half a unit in the last place of `hi`. */
export interface Double2 {
  readonly hi: number;
  readonly lo: number;
}

/** 2^27 + 1: splits a 53-bit significand in two halves whose products are exact. */
const SPLITTER = 134217729;

/** The pair of a double. */
export function single(hi: number): Double2 {
  return { hi, lo: 0 };
}

/** The exact sum of two doubles. */
export function twoSum(a: number, b: number): Double2 {
  const hi = a + b;
  const part = hi - a;
  return { hi, lo: a - (hi - part) + (b - part) };
}

/** The sum of two doubles where |a| >= |b| or a is 0, exact. */
function quickSum(a: number, b: number): Double2 {
  const hi = a + b;
  return { hi, lo: b - (hi - a) };
}

/** The exact product of two doubles below 2^996 in size. */
export function twoProduct(a: number, b: number): Double2 {
  const hi = a * b;
  const ta = SPLITTER * a;
  const aHigh = ta - (ta - a);
  const aLow = a - aHigh;
  const tb = SPLITTER * b;
  const bHigh = tb - (tb - b);
  const bLow = b - bHigh;
  return { hi, lo: aHigh * bHigh - hi + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

/** The sum of two pairs. */
export function add2(a: Double2, b: Double2): Double2 {
  const high = twoSum(a.hi, b.hi);
  const low = twoSum(a.lo, b.lo);
  const once = quickSum(high.hi, high.lo + low.hi);
  return quickSum(once.hi, once.lo + low.lo);
}

/** The pair with the other sign. */
export function negate2(a: Double2): Double2 {
  return { hi: -a.hi, lo: -a.lo };
}

/** The difference of two pairs. */
export function subtract2(a: Double2, b: Double2): Double2 {
  return add2(a, negate2(b));
}

/** The product of two pairs. */
export function multiply2(a: Double2, b: Double2): Double2 {
  const product = twoProduct(a.hi, b.hi);
  return quickSum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

/** The quotient of two pairs. */
export function divide2(a: Double2, b: Double2): Double2 {
  const first = a.hi / b.hi;
  const rest = subtract2(a, multiply2(single(first), b));
  const second = rest.hi / b.hi;
  const left = subtract2(rest, multiply2(single(second), b));
  return add2(quickSum(first, second), single(left.hi / b.hi));
}

/**
 * The square root of a non-negative pair. `Math.sqrt` is correctly rounded everywhere; one Newton step doubles its
 * bits.
 */
export function sqrt2(a: Double2): Double2 {
  if (a.hi === 0) return a;
  const root = Math.sqrt(a.hi);
  const rest = subtract2(a, twoProduct(root, root));
  return quickSum(root, rest.hi / (2 * root));
}

/** The pair times a power of two, exact unless it leaves the range of doubles. */
export function scale2(a: Double2, factor: number): Double2 {
  return { hi: a.hi * factor, lo: a.lo * factor };
}

/** `terms[0] + x·(terms[1] + x·(…))`. */
export function polynomial2(terms: readonly Double2[], x: Double2): Double2 {
  let sum = single(0);
  for (let i = terms.length - 1; i >= 0; i--) sum = add2(multiply2(sum, x), terms[i] as Double2);
  return sum;
}
