/** Core shape 5: no program can tell whether collections are written in place. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../machine/compile.ts';
import { runSync } from '../machine/run.ts';
import { print } from '../values/print.ts';
import { OWNERSHIP_CASES } from './cases-ownership.ts';
import { ownershipSwitch } from './ownership.ts';

/** All that anybody can see of a run. Calls answer with their first argument. */
function end(source: string, fuel: number): unknown {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.diagnostics[0]?.message as string}`);
  const host = {
    executeCapability: (request: { args: readonly unknown[] }) => request.args[0] ?? null,
    notifyStepStarted: () => '',
    notifyStepCompleted: () => {},
    notifyStepFailed: () => {},
    getContextValue: () => undefined,
  };
  // What shares its parts is small here and large when it is written out: large values end with an error, in both runs alike.
  const limits = { replyBytes: 20_000, callArgumentBytes: 2000, dataDepth: 20, stringLength: 20_000 };
  const outcome = runSync(compiled.program, { fuel, limits, host: host as never });
  const { usage } = outcome;
  const value =
    outcome.status === 'completed'
      ? print(outcome.value)
      : 'error' in outcome && [outcome.error.kind, outcome.error.message, outcome.error.span, outcome.error.trace];
  return { status: outcome.status, value, usage, journal: outcome.journal };
}

function withoutOwnership(source: string, fuel: number): unknown {
  ownershipSwitch.enabled = false;
  try {
    return end(source, fuel);
  } finally {
    ownershipSwitch.enabled = true;
  }
}

// ── random programs ─────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Vectors `v w base`, maps `m n`, sets `q`, ints `i x`: changed, read, aliased, handed to functions, atoms, closures and calls, thrown
 * out of, in loops in loops.
 */
const { vec, map, set, any } = fc.letrec<{
  vec: string;
  map: string;
  set: string;
  any: string;
  int: string;
  test: string;
}>((tie) => {
  const [vec, map, set, any, int, test] = ['vec', 'map', 'set', 'any', 'int', 'test'].map((name) => tie(name as 'vec'));
  const V = vec as fc.Arbitrary<string>;
  const M = map as fc.Arbitrary<string>;
  const Q = set as fc.Arbitrary<string>;
  const X = any as fc.Arbitrary<string>;
  const I = int as fc.Arbitrary<string>;
  const T = test as fc.Arbitrary<string>;
  const key = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(':a', ':b', '"k"', '1', 'i', '[1 i]', '(mod i 3)') },
    { weight: 1, arbitrary: X },
  );
  const at = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('0', '1', '(mod i 2)') }, { weight: 1, arbitrary: I });
  const of = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
    fc
      .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
      .map((texts) => `(${texts.join(' ')})`);
  const around = (self: fc.Arbitrary<string>, name: string): fc.Arbitrary<string>[] => [
    of('if', T, self, self),
    of('do', X, self),
    of('or', 'nil', self),
    fc.tuple(self, self).map(([a, b]) => `(let [${name} ${a}] ${b})`),
    fc.tuple(self, X, self).map(([a, x, b]) => `(let [${name} ${a} x ${x}] ${b})`),
    fc.tuple(self, self).map(([a, b]) => `(loop [j 0 ${name} ${a}] (if (< j 3) (recur (inc j) ${b}) ${name}))`),
    fc.tuple(self, self).map(([a, b]) => `(reduce (fn [${name} x] ${b}) ${a} [1 2 3])`),
    fc.tuple(self, self).map(([a, b]) => `(try ${a} (catch e ${b}))`),
    fc.tuple(self, X, self).map(([a, x, b]) => `(try (do ${a} (throw ${x})) (catch e ${b}))`),
    fc.tuple(self, self, self).map(([a, b, c]) => `(try ${a} (catch e ${b}) (finally ${c}))`),
    fc.tuple(self, X, self).map(([a, x, b]) => `(try (let [${name} ${a}] (do (throw ${x}) ${name})) (catch e ${b}))`),
    self.map((a) => `(same ${a})`),
    self.map((a) => `(keep-it ${a})`),
    self.map((a) => `((fn [] ${a}))`),
    self.map((a) => `(call :t.echo ${a})`),
    fc.tuple(T, self, self).map(([t, a, b]) => `(cond ${t} ${a} :else ${b})`),
    self.map((a) => `(step "s" ${a})`),
  ];
  return {
    vec: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom(
        'v',
        'v',
        'v',
        'w',
        '(conj v i)',
        '(assoc v 0 i)',
        '(assoc v 1 w)',
        '(conj v v)',
        'base',
        '[1 2]',
        '(vec (range 40))',
        '(vec (repeat 34 i))',
      ),
      of('assoc', V, at, X),
      of('assoc', V, at, X, at, X),
      of('conj', V, X),
      of('conj', V, X, X),
      of('update', V, at, '(fn [x] [x])'),
      of('update', V, at, 'same'),
      of('into', V, V),
      fc.tuple(V, V).map(([a, b]) => `(let [j 0 w ${a}] (assoc (assoc w 0 (nth w 1)) 1 ${b}))`),
      ...around(V, 'w'),
    ),
    map: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom(
        'm',
        'm',
        'm',
        'n',
        '(assoc-in m [:p :q :r] i)',
        '(update-in m [:p :q i] (fnil inc 0))',
        '(update-in m [:p2 :v] (fnil conj []) i)',
        '(assoc m :p3 {:n n})',
        'wide',
        '{}',
        '{:a {:b 1}}',
        '{:p {:q {}} 1 2}',
      ),
      of('assoc', M, key, X),
      of('update', M, key, '(fn [x] [x])'),
      of('update', M, key, 'conj', X),
      of(
        'update-in',
        M,
        key.map((b) => `[:p ${b}]`),
        '(fn [x] [x])',
      ),
      of('update-in', M, fc.constantFrom('[:p :q :r]', '[:p :q i]', '[:p2 :q :r]'), '(fnil inc 0)'),
      of(
        'assoc-in',
        M,
        key.map((b) => `[:p3 ${b}]`),
        X,
      ),
      of('assoc-in', M, '[:p :q]', M),
      of('dissoc', M, key),
      fc.tuple(M, key, X).map(([a, k, x]) => `(conj ${a} [${k} ${x}])`),
      of('into', M, M),
      ...around(M, 'n'),
    ),
    set: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom('q', 'q', '#{}', '#{1 2}'),
      of('conj', Q, X),
      of('disj', Q, X),
      of('if', T, Q, Q),
    ),
    any: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      I,
      V,
      M,
      Q,
      of('get', M, key),
      of('get', V, I),
      of('nth', V, I),
      of(
        'get-in',
        M,
        fc.tuple(key, key).map(([a, b]) => `[${a} ${b}]`),
      ),
      fc.constantFrom(
        'v',
        'm',
        '(get m :p)',
        '(get m :p3)',
        '(get-in m [:p :q])',
        '(:p m)',
        '(first m)',
        '(nth v 0)',
        '(last v)',
      ),
      fc.constantFrom('v', 'm', '(get m :p)', '(get-in m [:p2 :q])', '(throw "t")'),
      of('first', V),
      of('first', M),
      of('last', V),
      of(':a', M),
      fc.tuple(V, M).map(([a, b]) => `[${a} ${b}]`),
      of('hash', V),
      of('rest', V),
    ),
    int: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('i', 'i', '0', '1', '7', '33'),
      of('+', I, '1'),
      of('count', V),
      of('count', M),
      of('mod', I, '3'),
    ),
    test: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      of('<', I, I),
      of('nil?', X),
      of('contains?', M, key),
      of('contains?', Q, X),
      of('=', V, V),
      of('even?', I),
      of('empty?', V),
    ),
  };
});

const program = fc
  .tuple(vec, map, set, any, any, fc.constantFrom('loop', 'function', 'reduce'))
  .map(([v, m, q, x, y, how]) => {
    const head = `(def held (atom []))
(defn same [c] c)
(defn keep-it [c] (swap! held conj c) c)
(def base (vec (range 40)))
(def wide (into {} (map (fn [k] [k [k]]) (range 12))))`;
    const again = `(inc i) ${v} ${m} ${q} (conj seen ${x})`;
    const result = `[v m q seen (deref held) base wide ${y}]`;
    const start = 'i 0 v (vec (repeat 33 7)) m {:a {:b 1}} q #{} seen []';
    const names = 'w base n wide x 1 v base m wide';
    if (how === 'loop') return `${head} (let [${names}] (loop [${start}] (if (< i 5) (recur ${again}) ${result})))`;
    if (how === 'function') {
      return `${head} (let [${names}] (defn go [i v m q seen] (if (< i 5) (go ${again}) ${result})) (let [${start}] (go i v m q seen)))`;
    }
    return `${head} (let [${names} i 2 q #{1}]
    [(reduce (fn [v x] ${v}) base [1 2 3 4]) (let [v base] (reduce (fn [m x] ${m}) {} [1 2 3 4]))
     (let [v base m wide] (reduce-kv (fn [q k x] ${q}) #{} {1 2 3 4})) base wide (deref held)])`;
  });

describe('core shape 5: writing in place', () => {
  test('cannot be told by value, error, trace, fuel, frames or journal', () => {
    fc.assert(
      fc.property(program, fc.oneof(fc.constant(8000), fc.integer({ min: 1, max: 600 })), (source, fuel) => {
        expect(end(source, fuel)).toEqual(withoutOwnership(source, fuel));
      }),
      { numRuns: Number(process.env['OWNERSHIP_RUNS'] ?? 250) },
    );
  }, 120_000);

  const cases = OWNERSHIP_CASES.split('\n').flatMap((line) =>
    line === '' ? [] : [line.split(' ⇒ ') as [string, string]],
  );
  test.each(cases)('%s gives %s', (source, value) => {
    expect(end(source, 8000)).toMatchObject({ value });
    expect(end(source, 8000)).toEqual(withoutOwnership(source, 8000));
  });
});
