/** A slice of `npm run fuzz -- rtfs` (R13.10, R14.11, R17.4, R1.39): the inputs that failed once, a fixed seed, and one of today's. */
import { describe, expect, test } from 'vitest';
import { Choices, shrink } from './choices.ts';
import { foreign } from './code.ts';
import { corpus } from './corpus.ts';
import { campaign, tried } from './target.ts';
import { TARGETS } from './targets.ts';

const FIXED = 1;
const RANDOM = Math.floor(Math.random() * 1e9);
const RUNS: Readonly<Record<string, number>> = { texts: 1500, code: 400, values: 1500, refusals: 3000, reference: 500 };

describe.each(TARGETS)('$name', (target) => {
  test('what failed once does no more', () => {
    expect(corpus(target.name).flatMap((input) => tried(target, input) ?? [])).toEqual([]);
  });

  test.each([FIXED, RANDOM])('seed %i', (seed) => {
    const failure = campaign(target, { seed, runs: RUNS[target.name] as number });
    expect(failure).toBeNull();
  });
});

describe('the means', () => {
  test('a failing case shrinks to its cause', () => {
    const make = (row: readonly number[]): number[] => {
      const c = Choices.of(row);
      return c.some(20, () => c.below(1000));
    };
    const seed = Choices.from(7);
    const fails = (row: readonly number[]): boolean => make(row).some((n) => n >= 500);
    let row: readonly number[] = [];
    for (let i = 0; i < 20 && !fails(row); i++) {
      seed.some(20, () => seed.below(1000));
      row = [...seed.taken];
    }
    expect(fails(row)).toBe(true);
    expect(make(shrink(row, fails))).toEqual([500]);
  });

  test.each([
    'const k0=K[0],evil=1;',
    "throw 'text';",
    'rt.constructor',
    '`x`',
    'const k0=123456789;',
    '/* c */',
    'k0//',
  ])('R13.10 %s is no code of the generator', (code) => {
    expect(foreign(code)).not.toBeNull();
  });
});
