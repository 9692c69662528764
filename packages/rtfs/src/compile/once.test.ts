/** Functions made of constants are made once where nobody can tell, and nowhere else. */
import { describe, expect, test } from 'vitest';
import { compile } from '../machine/compile.ts';
import { executableOf } from '../machine/program.ts';
import { runSync } from '../machine/run.ts';
import { print } from '../values/print.ts';

function end(source: string, frames: number): unknown {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.diagnostics[0]?.message as string}`);
  const outcome = runSync(compiled.program, { limits: { frames }, host: { executeCapability: () => 7 } as never });
  const value = outcome.status === 'completed' ? print(outcome.value) : 'error' in outcome && outcome.error.message;
  return { status: outcome.status, value, usage: outcome.usage };
}

const LOOPS = [
  '(loop [i 0 m {}] (if (< i 20) (recur (inc i) (update-in m [(mod i 3) (mod i 2)] (FNIL inc 0))) m))',
  '(loop [i 0 m {}] (if (< i 20) (recur (inc i) (update m (mod i 3) (FNIL conj [:new]) i)) m))',
  '(for [i [1 2 3]] (map (PARTIAL + 1 2) [i i]))',
  '(for [i [1 2 3]] (filter (COMP not (PARTIAL = 2)) [i 2]))',
  '(for [i [[1 2] [3 4]]] (map (JUXT first (CONSTANTLY {:a 1}) last) [i i]))',
  '(for [i [1 2 3]] (reduce (PARTIAL + i) 0 [i 2]))',
  '(for [i [1 :a]] (update {:k i} :k (FNIL inc 0)))',
  '(defn deep [n] (if (= n 0) (update {} :k (FNIL inc 0)) (first (map (fn [_] (deep (- n 1))) [1])))) [(deep 3) (deep 1) (deep 9)]',
  '(for [i [1 2]] [(call :t.x i) (sort-by (COMP - (FNIL inc 0)) [i nil 3])])',
];

describe('functions that are made once', () => {
  test.each(LOOPS)('R17.1 the value, fuel and frames are those of making them on each turn: %s', (loop) => {
    const here = loop.replaceAll(/\(([A-Z]+)/g, (_all, name: string) => `(${name.toLowerCase()}`);
    // What a function is called with cannot be known when it is looked up first.
    const apart = loop.replaceAll(/\(([A-Z]+)/g, (_all, name: string) => `((identity ${name.toLowerCase()})`);
    for (const frames of [3, 5, 7, 8, 9, 10, 12, 30, 10_000]) expect(end(here, frames)).toEqual(end(apart, frames));
  });

  test.each([
    ['(let [fs (for [i [1 2]] (fnil inc 0))] (= (first fs) (second fs)))', 'false'],
    ['(let [fs (map (fn [_] (partial + 1)) [1 2])] (= (first fs) (second fs)))', 'false'],
    ['(let [made (for [i [1 2]] (reduce (fn [acc x] acc) (fnil inc 0) [1]))] (= (first made) (second made)))', 'false'],
  ])('R2.7 one that somebody keeps is another each time: %s', (source, value) => {
    expect(end(source, 100)).toMatchObject({ value });
  });

  test.each([
    ['(for [i [1 2]] (update {} :k (fnil inc 0)))', 1],
    ['(for [i [1 2]] (map (comp inc (partial + 1)) [i]))', 1],
    ['(for [i [1 2]] (map (partial + i) [i]))', 0],
    ['(for [i [1 2]] (fnil inc 0))', 0],
    ['(for [i [1 2]] (map (memoize inc) [i]))', 0],
    ['(for [i [1 2]] (reduce (fn [acc x] acc) (fnil inc 0) [i]))', 0],
  ])('%s keeps %i of them', (source, count) => {
    const compiled = compile(source);
    if (!compiled.ok) throw new Error(source);
    expect(String(executableOf(compiled.program)?.instance).match(/let h\d+;/gu)?.length ?? 0).toBe(count);
  });
});
