import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../machine/compile.ts';
import { runSync } from '../machine/run.ts';
import { print } from '../values/print.ts';

function end(source: string): unknown {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message as string);
  const outcome = runSync(compiled.program, { fuel: 5000 });
  const value =
    outcome.status === 'completed'
      ? print(outcome.value)
      : 'error' in outcome && [outcome.error.kind, outcome.error.message];
  return { value, fuel: outcome.usage.fuel };
}

/** Int expressions over the loop's variables, and some that are no ints at all. */
const { term } = fc.letrec<{ term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'i',
      's',
      'k',
      '1',
      '-3',
      '7',
      '4503599627370497',
      '-9007199254740991',
      '9007199254740993',
      '2.5',
      '2.0',
    ),
    fc
      .tuple(fc.constantFrom('+', '-', '*', 'mod', 'rem'), tie('term'), tie('term'))
      .map(([f, a, b]) => `(${f} ${a} ${b})`),
    fc.tuple(fc.constantFrom('inc', 'dec'), tie('term')).map(([f, a]) => `(${f} ${a})`),
  ),
}));

const condition = fc
  .tuple(fc.constantFrom('<', '<=', '>', '>=', '=', '=='), term, term)
  .map(([f, a, b]) => `(${f} ${a} ${b})`);

describe('core shape 3: the fast version of a loop', () => {
  test('cannot be told from the generic one by value, error or fuel', () => {
    fc.assert(
      fc.property(term, term, condition, condition, term, (first, second, stop, branch, start) => {
        const body = (before: string): string =>
          `(let [k 11] (loop [i 0 s (let [i 3 s 5] ${start})] (if (and (< i 40) true)
           (let [t ${first}] ${before} (if ${branch} (recur (+ i 1) t) (if ${stop} [i s :stop] (recur (inc i) ${second})))) s)))`.replace(
            '(and (< i 40) true)',
            '(< i 40)',
          );
        // A closure over the variables keeps the loop generic.
        expect(end(body(''))).toEqual(end(body('(fn [] [i s t])')));
      }),
      { numRuns: 600 },
    );
  });

  test.each([
    ['(loop [i 0 s 9007199254740000] (if (< i 2000) (recur (+ i 1) (+ s i)) s))', '9007199256739000'],
    ['(loop [i 0 s 0] (if (< i 5) (recur (+ i 1) (* s -5)) s))', '0'],
    ['(loop [a 1 b 2 i 0] (if (< i 3) (recur b a (inc i)) [a b]))', '[2 1]'],
    ['(loop [i 9007199254740990] (if (< i 9007199254740993) (recur (+ i 1)) i))', '9007199254740993'],
    ['(let [x 2.0] (loop [i 0 s 0] (if (< i 3) (recur (inc i) (+ s x)) s)))', '6.0'],
  ])('%s is %s', (source, value) => {
    expect(end(source)).toMatchObject({ value });
  });
});
