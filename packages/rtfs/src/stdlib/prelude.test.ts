import { describe, expect, test } from 'vitest';
import { compile } from '../machine/compile.ts';
import { LIBRARY } from '../machine/library.ts';
import { runSync } from '../machine/run.ts';
import type { Outcome } from '../machine/types.ts';
import { print } from '../values/print.ts';
import { PRELUDE } from './prelude.ts';

function end(source: string): Outcome {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message as string);
  return runSync(compiled.program, { host: { executeCapability: ({ args }) => args[0] ?? null } });
}

function shown(source: string): string {
  const outcome = end(source);
  return outcome.status === 'completed'
    ? print(outcome.value)
    : `!${'error' in outcome ? outcome.error.kind : outcome.status}`;
}

/** Expression, value. Each is run again with every function given to it making a call, which must change nothing (R6.6). */
const CASES: readonly (readonly [string, string])[] = [
  ['(map inc [1 2])', '[2 3]'],
  ['(map F nil)', '[]'],
  ['(map + [1 2] [10 20 30] [100 200])', '[111 222]'],
  ['(mapv F (list 1 2))', '[2 3]'],
  ['(map F (list 1 2))', '(2 3)'],
  ['(map-indexed (fn [i x] (+ i (F x))) [5 5])', '[6 7]'],
  ['(mapcat (fn [x] [x (F x)]) [1 2])', '[1 2 2 3]'],
  ['(keep (fn [x] (if (P x) x nil)) [1 2 3 4])', '[2 4]'],
  ['(keep-indexed (fn [i x] (if (P i) (F x) nil)) [1 2 3])', '[2 4]'],
  ['(filter P [1 2 3 4])', '[2 4]'],
  ['(filter P (list 1 2))', '(2)'],
  ['(filterv P (list 1 2))', '[2]'],
  ['(remove P [1 2])', '[1]'],
  ['(filter (fn [c] (= c "a")) "abca")', '"aa"'],
  ['(reduce (fn [a x] (+ a (F x))) 0 [1 2])', '5'],
  ['(reduce + [1 2 3])', '6'],
  ['(reduce + [])', '!InvalidArgument'],
  ['(reduce-kv (fn [a k v] (+ a (F v))) 0 {:a 1 :b 2})', '5'],
  ['(reduce-kv (fn [a i v] (+ a (* i (F v)))) 0 [5 6])', '7'],
  ['(reductions (fn [a x] (+ a x)) [1 2 3])', '[1 3 6]'],
  ['(reductions + 10 [1 2])', '[10 11 13]'],
  ['(reductions + [])', '[]'],
  ['(run! F [1 2])', 'nil'],
  ['(some (fn [x] (if (P x) (F x) false)) [1 2])', '3'],
  ['(some P [1])', 'false'],
  ['(some? nil)', 'false'],
  ['(some? P [1 2])', 'true'],
  ['(every? P [2 4])', 'true'],
  ['(every? P [2 3])', 'false'],
  ['(every? P [])', 'true'],
  ['(not-any? P [1])', 'true'],
  ['(not-every? P [2])', 'false'],
  ['(find-first P [1 2 4])', '2'],
  ['(index-where P [1 2])', '1'],
  ['(index-where P [1])', 'nil'],
  ['(max-by F [1 3 2])', '3'],
  ['(min-by F [3 1 2])', '1'],
  ['(max-by F [])', 'nil'],
  ['(max-by count ["a" "bb" "cc"])', '"bb"'],
  ['(group-by P [1 2 3])', '{false [1 3] true [2]}'],
  ['(index-by P [1 2 3])', '{false 3 true 2}'],
  ['(count-by P [1 2 3])', '{false 2 true 1}'],
  ['(partition-by P [1 3 2])', '[[1 3] [2]]'],
  ['(take-while P [2 4 5 6])', '[2 4]'],
  ['(drop-while P [2 4 5 6])', '[5 6]'],
  ['(split-with P [2 5 6])', '[[2] [5 6]]'],
  ['(sort [3 1 2])', '[1 2 3]'],
  ['(sort (fn [a b] (> (F a) (F b))) [1 3 2])', '[3 2 1]'],
  ['(sort compare (list 2 1))', '(1 2)'],
  ['(sort (fn [a b] (- (F b) (F a))) [1 3 2 5 4])', '[5 4 3 2 1]'],
  ['(sort :> [1 2])', '[2 1]'],
  ['(sort "ba")', '["a" "b"]'],
  ['(sort-by (fn [x] (- (F x))) [1 3 2])', '[3 2 1]'],
  ['(sort-by F > [1 3 2])', '[3 2 1]'],
  ['(sort-by first [[1 :a] [0 :b] [1 :c] [0 :d]])', '[[0 :b] [0 :d] [1 :a] [1 :c]]'],
  ['(map-vals F {:a 1})', '{:a 2}'],
  ['(map-vals {:a 1} F)', '{:a 2}'],
  ['(update-vals {:a 1} F)', '{:a 2}'],
  ['(map-keys name {:a 1})', '{"a" 1}'],
  ['(update-keys {:a 1} name)', '{"a" 1}'],
  ['(filter-vals P {:a 1 :b 2})', '{:b 2}'],
  ['(filter-keys (fn [k] (= k :a)) {:a 1 :b 2})', '{:a 1}'],
  ['(update {:n 1} :n F)', '{:n 2}'],
  ['(update {} :n (fnil F 0))', '{:n 1}'],
  ['(update [1 2] 1 + 5)', '[1 7]'],
  ['(update [1] 4 F)', '!IndexOutOfBounds'],
  ['(update-in {:a {:b 1}} [:a :b] + 5)', '{:a {:b 6}}'],
  ['(update-in {} [:a :b] (fnil F 0))', '{:a {:b 1}}'],
  ['(merge-with + {:a 1} nil {:a 2 :b 3})', '{:a 3 :b 3}'],
  ['(merge-with +)', 'nil'],
  ['(into [1] [2])', '[1 2]'],
  ['(into [] F [1 2])', '[2 3]'],
  ['(repeatedly 2 (fn [] (F 1)))', '[2 2]'],
  ['(iterate-n 3 F 1)', '[1 2 3]'],
  ['(apply + [1 2])', '3'],
  ['(apply + 1 [2 3])', '6'],
  ['((comp F F) 1)', '3'],
  ['((comp) 5)', '5'],
  ['((partial + 1 2) 3)', '6'],
  ['((juxt F P) 1)', '[2 false]'],
  ['((complement P) 2)', 'false'],
  ['((constantly 3) 1 2)', '3'],
  ['((fnil + 1 2) nil nil)', '3'],
  ['((every-pred P pos?) 2 4)', 'true'],
  ['((every-pred P) 1)', 'false'],
  ['((some-fn P nil?) 1 3)', 'false'],
  ['((some-fn P) 1 2)', 'true'],
  ['(let [n (atom 0) f (memoize (fn [x] (swap! n inc) (F x)))] [(f 1) (f 1) (f 2) @n])', '[2 2 3 2]'],
  ['(trampoline (fn [] (fn [] (F 4))))', '5'],
  ['(let [a (atom 1)] [(swap! a + 2 3) (reset! a (F 1)) (deref a)])', '[6 2 2]'],
  ['(walk F sum [1 2])', '5'],
  ['(postwalk (fn [x] (if (int? x) (F x) x)) {:a [1 (list 2)]})', '{:a [2 (3)]}'],
  ['(prewalk (fn [x] (if (int? x) (F x) x)) [1 [2]])', '[2 [3]]'],
  ['(tree-seq vector? identity [1 [2]])', '[[1 [2]] 1 [2] 2]'],
  ['(replace "a1b2" #"[0-9]" (fn [m] (str (F (parse-int m)))))', '"a2b3"'],
  ['(replace-first "aa" "a" (fn [m] (str m "!")))', '"a!a"'],
  ['(replace "aXbX" "X" "-")', '"a-b-"'],
];

const PURE = '(def F inc) (def P even?) ';
const CALLING = '(defn F [x] (inc (call :t.echo x))) (defn P [x] (even? (call :t.echo x))) ';

describe('functions that take functions (R16)', () => {
  test.each(CASES)('%s is %s, calls or not', (source, value) => {
    expect(shown(PURE + source)).toBe(value);
    expect(shown(CALLING + source)).toBe(value);
  });

  test('R6.6 every text analyses, and every name has its arity', () => {
    for (const name of Object.keys(PRELUDE)) expect(LIBRARY.get(name)?.func, name).not.toBeNull();
    expect(LIBRARY.get('map')).toMatchObject({ min: 2, max: null, calls: [0] });
    expect(shown('(map inc)')).toBe('!ArityMismatch');
    expect(shown('(reduce + 0 [] 1)')).toBe('!ArityMismatch');
  });

  test('R16.8 comparisons come in a fixed order, right against left', () => {
    expect(shown('(def seen (atom [])) (sort (fn [r l] (swap! seen conj [r l]) (< r l)) [3 1 2 4]) @seen')).toBe(
      '[[1 3] [4 2] [2 1] [2 3] [4 3]]',
    );
  });

  test('a runtime operation cannot be named by a program', () => {
    expect(shown('(%array)')).toBe('!UndefinedSymbol');
    expect(shown('%merge-sort')).toBe('!UndefinedSymbol');
  });
});
