/** M8.3: a guest's `Math.random` comes from the host's entropy. */
import { expect, test } from 'vitest';
import { mathRandomFrom } from './random.ts';

const draw = (seed: string, count: number): number[] => {
  const random = mathRandomFrom(seed);
  return Array.from({ length: count }, random);
};

test('M8.3 the same entropy gives the same sequence, one character more another', () => {
  expect(draw('AAAA', 5)).toEqual(draw('AAAA', 5));
  const first = new Set(['AAAA', 'AAAB', 'BAAA', 'AAAAA', ''].map((seed) => draw(seed, 1)[0]));
  expect(first.size).toBe(5);
});

test('numbers lie in [0, 1) and are spread evenly', () => {
  const numbers = draw('entropy', 20_000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  const tenths = Array.from(
    { length: 10 },
    (_, tenth) => numbers.filter((number) => Math.floor(number * 10) === tenth).length,
  );
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250);
  expect(new Set(numbers).size).toBeGreaterThan(19_990);
});
