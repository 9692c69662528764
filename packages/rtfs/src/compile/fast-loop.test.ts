import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../machine/compile.ts';
import { runSync } from '../machine/run.ts';
import { print } from '../values/print.ts';

function end(source: string, fuel = 5000): unknown {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message as string);
  const outcome = runSync(compiled.program, { fuel });
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

  test('over vectors too, looked into, written to and grown', () => {
    const element = fc
      .tuple(
        fc.constantFrom('nth', 'get'),
        fc.constantFrom('v', 'u', 'w'),
        fc.oneof(term, fc.constantFrom('5', '6', '(mod s 5)')),
      )
      .map(([f, v, at]) => `(${f} ${v} ${at})`);
    const value = fc.oneof(term, element, fc.constantFrom('nil', '"x"', 'true', '(count v)', '(count w)'));
    const int = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('(mod s 5)', '(mod i 4)', 'i', '(count u)') },
      { weight: 1, arbitrary: term },
    );
    const change = fc.oneof(
      fc.constant('v'),
      fc.tuple(int, value).map(([at, x]) => `(assoc v ${at} ${x})`),
      fc.tuple(int, value, int, value).map(([at, x, bt, y]) => `(assoc (assoc v ${at} ${x}) ${bt} ${y})`),
      value.map((x) => `(conj v ${x})`),
      fc.tuple(int, value, value).map(([at, x, y]) => `(conj (assoc v ${at} ${x}) ${y})`),
      fc.tuple(condition, int, value).map(([c, at, x]) => `(if ${c} (assoc v ${at} ${x}) v)`),
    );
    const guard = fc.oneof(
      condition,
      element,
      fc.tuple(condition, element).map(([c, x]) => `(and ${c} (not ${x}))`),
    );
    fc.assert(
      fc.property(
        change,
        change,
        guard,
        fc.oneof(element, term),
        fc.constantFrom(5000, 23, 60),
        (first, second, branch, sum, fuel) => {
          const body = (before: string): string =>
            `(let [k 11 w [3 1 2 0 4] longer (conj w 9) shared [0 0 0 0 0 7] more (conj shared 1)]
            (loop [i 0 s 3 v shared u w] (if (< i 9)
              (let [t ${sum}] ${before} (if ${branch} (recur (+ i 1) t ${first} u) (recur (inc i) (+ s 1) ${second} u)))
              [i s v u w (conj v 1) (conj v 2) (conj u 8) (assoc u 0 6) shared more longer])))`;
          // A closure over the variables keeps the loop generic, and its vectors nobody's.
          expect(end(body(''), fuel)).toEqual(end(body('(fn [] [i s v u t])'), fuel));
        },
      ),
      { numRuns: 400 },
    );
  });

  test.each([
    ['(loop [i 0 s 9007199254740000] (if (< i 2000) (recur (+ i 1) (+ s i)) s))', '9007199256739000'],
    ['(loop [i 0 s 0] (if (< i 5) (recur (+ i 1) (* s -5)) s))', '0'],
    ['(loop [a 1 b 2 i 0] (if (< i 3) (recur b a (inc i)) [a b]))', '[2 1]'],
    ['(loop [i 9007199254740990] (if (< i 9007199254740993) (recur (+ i 1)) i))', '9007199254740993'],
    [
      '(loop [i 0 s 0 v [1 2 3]] (if (< i 3) (recur (inc i) (+ s (nth v i)) v) [s (conj v 1) (conj v 2)]))',
      '[6 [1 2 3 1] [1 2 3 2]]',
    ],
    [
      '(let [a [1 2] b (conj a 3)] (loop [i 0 s 0 v a] (if (< i 2) (recur (inc i) (+ s (nth v i)) v) [s v (count v) b])))',
      '[3 [1 2] 2 [1 2 3]]',
    ],
    ['(let [x 2.0] (loop [i 0 s 0] (if (< i 3) (recur (inc i) (+ s x)) s)))', '6.0'],
  ])('%s is %s', (source, value) => {
    expect(end(source)).toMatchObject({ value });
  });
});
