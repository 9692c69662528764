/** R13.2: programs in QuickJS, the engine of the wasm wall, against the same here: value, error and fuel. */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { QuickJS } from 'quickjs-wasi';
import { expect, test } from 'vitest';

/** Loops in their fast versions, collections written in place, limits in the middle of both. */
const ENTRY = `
  import { OWNERSHIP_CASES } from '../compile/cases-ownership.ts';
  import { print } from '../values/print.ts';
  import { compile } from './compile.ts';
  import { runSync } from './run.ts';
  const end = (source, fuel) => {
    const compiled = compile(source);
    if (!compiled.ok) return compiled.diagnostics[0].message;
    const { status, value, error, usage } = runSync(compiled.program, { fuel });
    return [status, status === 'completed' ? print(value) : [error.kind, error.message], usage];
  };
  const KERNELS = [
    '(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 15)',
    '(loop [i 0 s 0] (if (< i 5000) (recur (+ i 1) (mod (+ s (* i i)) 1000003)) s))',
    '(loop [i 0 s 9007199254740000] (if (< i 2000) (recur (+ i 1) (+ s i)) s))',
    '(loop [i 2 v (vec (repeat 2001 true))] (if (<= (* i i) 2000) (recur (inc i) (if (nth v i) (loop [j (* i i) v v] (if (<= j 2000) (recur (+ j i) (assoc v j false)) v)) v)) (hash v)))',
    '(loop [i 0 m {}] (if (< i 3000) (recur (inc i) (update-in m [(mod i 10) (mod (* i 7) 53)] (fnil inc 0))) [(count m) (hash m)]))',
    '(reduce (fn [m w] (update m w (fnil inc 0))) {} (map (fn [i] (str "w" (mod (* i i) 17))) (range 500)))',
    '(loop [i 0 m {}] (if (< i 2000) (recur (inc i) (assoc m (* (- i 1000) 8388608) i)) [(count m) (get m 8388608) (hash m)]))',
    '(let [m (zipmap (range 300) (range 300)) n (frequencies (map (fn [i] (mod i 90)) (range 300)))] (hash [(merge m n {:a 1}) m (into n m) (union (set (range 40)) (set (range 20 60)))]))',
    '(hash (sort (map (fn [i] (mod (* i 7919) 10007)) (range 3000))))',
    '(sort ["b" "a\u00e9" "" "A" "a" "\u{1F600}" "\uFFFD"])',
    '(count (loop [i 0 s ""] (if (< i 500) (recur (inc i) (str s "item " i ";")) s)))',
    '(loop [i 0 v [] s 0] (if (< i 300) (recur (inc i) (conj v (* i i)) (if (and (> i 0) (odd? (nth v (dec i)))) (+ s (nth v (quot i 2))) s)) s))',
  ];
  const cases = [...KERNELS, ...OWNERSHIP_CASES.split('\\n').filter((line) => line !== '').map((line) => line.split(' ⇒ ')[0])];
  globalThis.report = JSON.stringify(cases.map((source) => [source, [1e6, 500, 37].map((fuel) => end(source, fuel))]));
`;

async function bundle(): Promise<string> {
  const result = await build({
    stdin: { contents: ENTRY, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    conditions: ['source'],
  });
  return result.outputFiles[0]?.text ?? '';
}

test('R13.2 loops and owned collections end the same in QuickJS, with the same fuel', async () => {
  const code = await bundle();
  // oxlint-disable-next-line typescript/no-implied-eval -- the bundle of this very package
  const here = JSON.parse(new Function('globalThis', `${code}; return globalThis.report`)({}) as string) as unknown[];
  const wasm = readFileSync(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm')));
  using vm = await QuickJS.create({ wasm });
  using there = vm.evalCode(`${code}; globalThis.report`);
  const other = JSON.parse(there.toString()) as unknown[];
  expect(here.length).toBeGreaterThan(30);
  here.forEach((one, i) => expect(other[i]).toEqual(one));
});
