/**
 * The same plans behind every wall give the same values, errors, fuel and call paths (R13.2): a wall is never visible to a plan.
 * Each provider that is available here runs them; a missing one is named by `doctor`, and in CI it is a failure.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChainReader } from '../../src/causal-chain/reader.ts';
import { open, type RunReport } from '../../src/index.ts';
import { wall } from '../cli/walls.ts';

const PROVIDERS = (['mock', 'wasm', 'process'] as const).filter((name) => name !== 'process' || wall.process.available);

/** Computations of every kind, as elements of one vector. */
const PURE = `
(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(defn caught [f] (try (f) (catch e [(:kind e) (:message e)])))
(defn echo [x] (call :ccos.echo x))
[(fib 15) (reduce + 0 (map (fn [x] (* x x)) (range 100))) (sort > [3 1 2]) (sort-by :n [{:n 2} {:n 1}]) (str 1.5 2.0 1e21 nil :k)
 (+ 9007199254740991 1) (/ 10 4) (mod -7 3) (format "%.3f|%5d" 3.14159 42) (pow 2.5 3.5) (sqrt 2) (sin 1) (exp 1) (round 2.5)
 (split "a,b,,c" ",") (upper-case "straße") (count "a😀") (re-find "(\\\\d+)-(\\\\d+)" "a 10-20") (parse-json "{\\"a\\":[1,1.0,1e2]}")
 (serialize-json {:b 2.0 "a" [1 :k]}) (group-by odd? [1 2 3]) (let [{:keys [a] :as m} {:a 1 :b 2}] [a m]) (match [1 2 3] [x & r] [x r])
 (caught (fn [] (/ 1 0))) (caught (fn [] (nth [1] "x"))) (caught (fn [] (throw {:kind :mine :message "m"})))
 (caught (fn [] (+ 9223372036854775807 1))) (caught (fn [] (call :ccos.math.add 1 (str "x")))) (caught (fn [] (first 5)))
 (map echo [1 2.0 :k "s" nil [1 {:a #{2}}]]) (sort-by (fn [x] (echo (- x))) [1 3 2]) (reduce (fn [a x] (+ a (echo x))) 0 [1 2 3])
 (step "outer" (step "inner" (echo 1)) (step-parallel (echo 2) (echo 3))) (step "soft" :on-fail :continue (throw "x"))
 (loop [i 0 acc []] (if (< i 5) (recur (inc i) (conj acc (* i i))) acc)) (hash {:a [1 2.0 "x"]}) (sha256 "abc")
 (into {} (map (fn [i] [i (* i i)]) (range 20))) (count (parse-csv "a,b\\n1,2\\n3,\\"x,y\\"\\n"))]`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-conformance-'));
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'in/a.txt'), 'content of a');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function behind(
  provider: (typeof PROVIDERS)[number],
  source: string,
): Promise<{ report: RunReport; paths: string[] }> {
  const home = mkdtempSync(join(folder, 'home-'));
  const ccos = open({ home, base: folder, provider, policy: { read: ['in'], write: ['out'] } });
  const report = await ccos.run(source);
  await ccos.close();
  const records = (await openChainReader(home)).query({});
  return {
    report,
    paths: records.filter(({ kind }) => kind === 'CapabilityCall').map(({ payload }) => payload['callPath'] as string),
  };
}

describe('R13.2 what a plan computes does not tell its wall', () => {
  test('[shown] Every wall gives the same values, errors and call paths', async () => {
    const runs = [];
    for (const provider of PROVIDERS) runs.push(await behind(provider, PURE));
    const [first, ...others] = runs;
    expect(first!.report.error).toBeNull();
    expect(first!.report.rtfs).toContain('[610 328350 [3 2 1]');
    for (const other of others) {
      expect(other.report.rtfs).toBe(first!.report.rtfs);
      expect(other.paths).toEqual(first!.paths);
    }
  }, 60_000);

  test('R11.9 the sites of modules and of expanded macros are the same', async () => {
    const source = `(module m (defn say [x] (call :ccos.echo x)))
      (import m)
      (defmacro twice [x] \`(let [a# ~x b# ~x] [a# b#]))
      (step-parallel (twice (m/say 1)) (twice (call :ccos.echo 2)))`;
    for (const provider of PROVIDERS) {
      const { report, paths } = await behind(provider, source);
      expect([provider, report.rtfs]).toEqual([provider, '[[1 1] [2 2]]']);
      expect([provider, paths.toSorted()]).toEqual([
        provider,
        ['3#0|0/m:0.3#0', '3#0|0/m:0.3#1', '3#0|1/3.2.1.1#0', '3#0|1/3.2.1.3#0'],
      ]);
    }
  }, 60_000);

  test.each([
    ['(/ 1 0)', 'DIVISION_BY_ZERO', 1],
    ['(throw {:kind :mine :message "m"})', 'PROGRAM_ERROR', 1],
    ['(defn f [n] (+ 1 (f n))) (f 1)', 'STACK_OVERFLOW', 6],
    ['(repeat 1000000000 0)', 'COLLECTION_LIMIT', 6],
    ['(call :ccos.echo inc)', 'SERIALIZATION_ERROR', 1],
    ['(read-file (str "/etc/" "hostname"))', 'SECURITY_VIOLATION', 4],
  ])(
    '%s ends in %s everywhere',
    async (source, code, exit) => {
      for (const provider of PROVIDERS) {
        const { report } = await behind(provider, source);
        expect([provider, report.error?.code, report.error?.exit]).toEqual([provider, code, exit]);
      }
    },
    60_000,
  );

  test.each(PROVIDERS.filter((name) => name !== 'mock'))(
    'P5 %s carries out the file capabilities for real',
    async (provider) => {
      const file = `out/${provider}.txt`;
      const { report } = await behind(
        provider,
        `
      (write-file "${file}" "one ")
      (append-file "${file}" "two")
      [(read-file "${file}") (file-exists? "in/none") (file-exists? "in/a.txt") (map :name (list-dir "in")) (read-file "in/a.txt")]`,
      );
      expect(report.error).toBeNull();
      expect(report.rtfs).toBe('["one two" false true ["a.txt"] "content of a"]');
      expect(readFileSync(join(folder, file), 'utf8')).toBe('one two');
      expect(report.metadata?.fileOperations?.map(({ operation }) => operation)).toEqual([
        'write',
        'write',
        'read',
        'read',
        'read',
        'read',
        'read',
      ]);
    },
    60_000,
  );
});
