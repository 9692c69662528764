/**
 * The elementary functions (R3.7): this package's own, because engines differ in the last bit of theirs and a result
 * must not tell which wall it came from. Each is computed to about 100 bits and rounded once, so that results are those
 * of the exact function rounded but in cases closer than 2^-40 of a unit to a tie. Nothing here reads Math.exp,
 * Math.sin or `**`.
 */
import {
  add2,
  divide2,
  multiply2,
  negate2,
  polynomial2,
  scale2,
  single,
  sqrt2,
  subtract2,
  twoProduct,
} from './double-double.ts';
import type { Double2 } from './double-double.ts';
import { HALF_PI, LN10, LN2, PI, powerOfTwo, reduceQuarter } from './math-constants.ts';

const ONE = single(1);

/** 1/k for the odd numbers k = 1, 3, 5 …, with alternating signs if asked: the series of atanh and of atan. */
function oddReciprocals(count: number, alternating: boolean): readonly Double2[] {
  return Array.from({ length: count }, (_, i) =>
    divide2(single(alternating && i % 2 === 1 ? -1 : 1), single(2 * i + 1)),
  );
}

/** 1/(first!), 1/((first+step)!), …, with alternating signs if asked: the series of exp, sin and cos. */
function factorialReciprocals(first: number, step: number, count: number): readonly Double2[] {
  const terms: Double2[] = [];
  let term = ONE;
  for (let k = 1; k <= first; k++) term = divide2(term, single(k));
  for (let i = 0, k = first; i < count; i++) {
    terms.push(term);
    for (let j = 0; j < step; j++) term = divide2(term, single(++k));
    if (step === 2) term = negate2(term);
  }
  return terms;
}

const ATANH = oddReciprocals(22, false);
const ATAN = oddReciprocals(18, true);
const EXP = factorialReciprocals(0, 1, 14);
const SIN = factorialReciprocals(1, 2, 14);
const COS = factorialReciprocals(0, 2, 15);

/** x·2^e without losing the way through subnormal numbers: the last step alone rounds. */
function scale(x: number, e: number): number {
  let result = x;
  let left = e;
  while (left > 1000) {
    result *= powerOfTwo(1000);
    left -= 1000;
  }
  // The steps before the last keep the number normal: x is between 1/2 and 4.
  if (left < -1000) {
    result *= powerOfTwo(-900);
    left += 900;
  }
  return result * powerOfTwo(Math.max(left, -1022));
}

/** e^x for a pair with |x| below 750. Rounded to a double at the end. */
function expOf(x: Double2): number {
  const k = Math.round(x.hi / LN2.hi);
  const rest = subtract2(x, multiply2(single(k), LN2));
  // |rest| <= 0.35; a 256th of it makes 14 terms enough, and eight squarings undo the division.
  let power = polynomial2(EXP, scale2(rest, 1 / 256));
  for (let i = 0; i < 8; i++) power = multiply2(power, power);
  return scale(power.hi + power.lo, k);
}

const FAR = powerOfTwo(100);

/** The natural logarithm of a positive finite double, as a pair. */
function logOf(x: number): Double2 {
  let m = x;
  let e = 0;
  while (m >= FAR) {
    m /= FAR;
    e += 100;
  }
  while (m < 1 / FAR) {
    m *= FAR;
    e -= 100;
  }
  while (m > 1.4142135623730951) {
    m /= 2;
    e++;
  }
  while (m < 0.7071067811865476) {
    m *= 2;
    e--;
  }
  // log m = 2 atanh((m-1)/(m+1)), and |(m-1)/(m+1)| <= 0.1716. m - 1 is exact.
  const s = divide2(single(m - 1), add2(single(m), ONE));
  const log = scale2(multiply2(s, polynomial2(ATANH, multiply2(s, s))), 2);
  return add2(multiply2(single(e), LN2), log);
}

/** e to the power x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.8) return Infinity;
  if (x < -745.2) return 0;
  return expOf(single(x));
}

/** The natural logarithm of x; NaN below 0, -Infinity at 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  return x === Infinity ? Infinity : logOf(x).hi;
}

/** The logarithm to base 10, exact at the powers of ten. */
export function log10(x: number): number {
  if (!(x > 0) || x === Infinity) return log(x);
  return divide2(logOf(x), LN10).hi;
}

/** sin of a pair of at most pi/4. */
function sinOf(x: Double2): Double2 {
  return multiply2(x, polynomial2(SIN, multiply2(x, x)));
}

/** cos of a pair of at most pi/4. */
function cosOf(x: Double2): Double2 {
  return polynomial2(COS, multiply2(x, x));
}

/** sin(quarter·pi/2 + rest). */
function sinOfQuarter(quarter: number, rest: Double2): Double2 {
  const size = quarter % 2 === 0 ? sinOf(rest) : cosOf(rest);
  return (quarter & 2) === 0 ? size : negate2(size);
}

/** The sine of an angle in radians; NaN for the infinities. */
export function sin(x: number): number {
  if (!Number.isFinite(x)) return NaN;
  // So close to 0 the sine is the angle, rounded; the pairs would lose their low halves to the subnormal numbers.
  if (Math.abs(x) < 1e-100) return x;
  const { quarter, rest } = reduceQuarter(Math.abs(x));
  const size = sinOfQuarter(quarter, rest).hi;
  return x < 0 ? -size : size;
}

/** The cosine of an angle in radians; NaN for the infinities. */
export function cos(x: number): number {
  if (!Number.isFinite(x)) return NaN;
  const { quarter, rest } = reduceQuarter(Math.abs(x));
  return sinOfQuarter((quarter + 1) & 3, rest).hi;
}

/** The tangent of an angle in radians; NaN for the infinities. */
export function tan(x: number): number {
  if (!Number.isFinite(x)) return NaN;
  if (Math.abs(x) < 1e-100) return x;
  const { quarter, rest } = reduceQuarter(Math.abs(x));
  const size = divide2(sinOfQuarter(quarter, rest), sinOfQuarter((quarter + 1) & 3, rest)).hi;
  return x < 0 ? -size : size;
}

/**
 * atan of a pair between 0 and 1. Each halving of the angle, tan(a/2) = t/(1 + sqrt(1 + t²)), makes the series shorter.
 */
function atanOf(x: Double2): Double2 {
  let t = x;
  for (let i = 0; i < 3; i++) t = divide2(t, add2(ONE, sqrt2(add2(ONE, multiply2(t, t)))));
  return scale2(multiply2(t, polynomial2(ATAN, multiply2(t, t))), 8);
}

/** The angle of a point with positive finite coordinates, as a pair between 0 and pi/2. */
function angleOf(y: number, x: number): Double2 {
  const larger = Math.max(x, y);
  // The angle depends on the quotient alone: bring both near 1, where no product can overflow.
  const factor = larger > 1 ? 1 / FAR : FAR;
  let a = y;
  let b = x;
  while (Math.max(a, b) > FAR || Math.max(a, b) < 1 / FAR) {
    a *= factor;
    b *= factor;
  }
  return a <= b ? atanOf(divide2(single(a), single(b))) : subtract2(HALF_PI, atanOf(divide2(single(b), single(a))));
}

/** The angle of the point (x, y) in radians, from -pi to pi, with the signs of zeros as IEEE 754 has them. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const below = y < 0 || Object.is(y, -0);
  const left = x < 0 || Object.is(x, -0);
  const size = angleSize(Math.abs(y), Math.abs(x), left);
  return below ? -size : size;
}

/** The angle of (x, y) or, if `left`, of (-x, y), for coordinates that are not negative. */
function angleSize(y: number, x: number, left: boolean): number {
  if (y === 0) return left ? PI.hi : 0;
  if (x === 0) return HALF_PI.hi;
  if (x === Infinity && y === Infinity) return left ? multiply2(HALF_PI, single(1.5)).hi : HALF_PI.hi / 2;
  if (y === Infinity) return HALF_PI.hi;
  if (x === Infinity) return left ? PI.hi : 0;
  if (y / x < 1e-100) return left ? PI.hi : y / x;
  if (x / y < 1e-100) return HALF_PI.hi;
  const angle = angleOf(y, x);
  return left ? subtract2(PI, angle).hi : angle.hi;
}

/** x to the power y as IEEE 754 defines it; NaN for a negative base with an exponent that is no integer. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const negative = (x < 0 || Object.is(x, -0)) && isOdd(y);
  const size = powerOfSize(Math.abs(x), y);
  if (x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)) return NaN;
  return negative ? -size : size;
}

/** Whether a double is an odd integer; those from 2^53 on are even. */
function isOdd(y: number): boolean {
  return Number.isInteger(y) && Math.abs(y % 2) === 1;
}

/** x to the power y for x not negative and y not 0. */
function powerOfSize(x: number, y: number): number {
  if (x === 1) return 1;
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Infinity;
  if (!Number.isFinite(y)) return x > 1 === y > 0 ? Infinity : 0;
  const base = logOf(x);
  const estimate = base.hi * y;
  if (estimate > 709.8) return Infinity;
  if (estimate < -745.2) return 0;
  // |y| may be up to 2^1023 only where the logarithm is tiny, and then the power is 1 or lies beyond the range tested
  // above.
  const exponent = Math.abs(y) < FAR ? multiply2(base, single(y)) : twoProduct(base.hi * FAR, y / FAR);
  return expOf(exponent);
}
