/** Every limit of R17.5: at the limit and one above, before the memory is taken (R17.3), and the process goes on serving (R17.4). */
import { describe, expect, test } from 'vitest';
import { compile } from '../src/machine/compile.ts';
import { start } from '../src/machine/machine.ts';
import { runSync } from '../src/machine/run.ts';
import type { Limits, MachineOptions, Outcome } from '../src/machine/types.ts';
import { read } from '../src/reader/read.ts';
import type { Value } from '../src/values/kinds.ts';
import { print, printForPeople } from '../src/values/print.ts';
import { Vec } from '../src/values/vector.ts';

function ended(source: string, o: MachineOptions & { reply?: Value } = {}): Outcome {
  const { reply, ...options } = o;
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message as string);
  return runSync(compiled.program, { ...options, host: { executeCapability: ({ args }) => reply ?? args[0] ?? null } });
}

/** A value in short, or `!Kind name max` for a limit, `!Kind` for another error. */
function shown(outcome: Outcome): string {
  if (outcome.status === 'completed') return print(outcome.value);
  if (!('error' in outcome)) return outcome.status;
  const data = outcome.error.data === null ? '' : ` ${print(outcome.error.data)}`;
  return `!${outcome.error.kind}${data}`;
}

const codes = (text: string, limits: Partial<Limits> = {}): string[] =>
  read(text, { limits }).diagnostics.map(({ code }) => code);
const nested = (n: number, open = '[', close = ']'): string => open.repeat(n) + close.repeat(n);

describe('R17.5 source', () => {
  const MIB = 1024 * 1024;
  test.each<[string, string, Partial<Limits>, string[]]>([
    ['sourceBytes', `"${'a'.repeat(MIB - 2)}"`, {}, []],
    ['sourceBytes + 1', `"${'a'.repeat(MIB - 1)}"`, {}, ['SourceTooLarge']],
    ['sourceBytes counts UTF-8', '"é😀"', { sourceBytes: 8 }, []],
    ['sourceBytes counts UTF-8, + 1', '"é😀"', { sourceBytes: 7 }, ['SourceTooLarge']],
    ['a text of 10 MB', `"${'a'.repeat(10_000_000)}"`, { sourceBytes: 64 * MIB }, []],
    ['sourceDepth', nested(512), {}, []],
    ['sourceDepth + 1', nested(513), {}, ['TooDeep']],
    ['sourceDepth by prefixes', `${"'".repeat(600)}x`, {}, ['TooDeep']],
    ['tokenLength, symbol', 'a'.repeat(1024), {}, []],
    ['tokenLength, symbol + 1', 'a'.repeat(1025), {}, ['TokenTooLong']],
    ['tokenLength, keyword', `:${'a'.repeat(1024)}`, { tokenLength: 1025 }, []],
    ['tokenLength, keyword + 1', `:${'a'.repeat(1026)}`, { tokenLength: 1025 }, ['TokenTooLong']],
    ['tokenLength, number', `0.${'1'.repeat(1022)}`, {}, []],
    ['tokenLength, number + 1', `0.${'1'.repeat(1023)}`, {}, ['TokenTooLong']],
    ['regexPattern', `#"${'a'.repeat(4096)}"`, {}, []],
    ['regexPattern + 1', `#"${'a'.repeat(4097)}"`, {}, ['InvalidRegex']],
    ['regexRepetition', '#"a{1000}"', {}, []],
    ['regexRepetition + 1', '#"a{1001}"', {}, ['InvalidRegex']],
  ])('%s', (_name, text, limits, wanted) => {
    expect([...new Set(codes(text, limits))]).toEqual(wanted);
  });

  test.each(['(', '[', '{', '#{', '#(', "'", '`', '~', '@', '#_', '#|', '(fn [', '{:a ', '^{'])(
    '10,000 × %s read, compile and say why not',
    (open) => {
      for (const text of [open.repeat(10_000), nested(10_000, open, ')')]) {
        expect(codes(text).length).toBeGreaterThan(0);
        expect(compile(text)).toMatchObject({ ok: false });
      }
    },
  );

  test('diagnostics: 50 are told, the rest is counted', () => {
    const { diagnostics, more } = read('] '.repeat(80));
    expect([diagnostics.length, more]).toEqual([50, 30]);
  });

  test('R17.3 limits are never clamped in silence: one above its maximum is refused', () => {
    const compiled = compile('1');
    const machine = compiled.ok ? start(compiled.program, { limits: { dataDepth: 2001 } }) : null;
    expect(machine?.next()).toMatchObject({ outcome: { error: { kind: 'InternalError' } } });
  });
});

/** `(deep n)`: a vector in a vector … n deep. */
const DEEP = '(defn deep [n] (loop [i 1 v []] (if (< i n) (recur (inc i) [v]) v)))';

describe('R17.5 what runs', () => {
  test.each<[string, MachineOptions & { reply?: Value }, string]>([
    ['(loop [i 0] (if (< i 10) (recur (inc i)) i))', { fuel: 10 }, '10'],
    ['(loop [i 0] (if (< i 10) (recur (inc i)) i))', { fuel: 9 }, '!FuelExhausted {:limit "fuel" :max 9}'],
    ['(let [n 0] (while (< n 10) (set! n (+ n 1))) n)', { limits: { loopIterations: 10 } }, '10'],
    [
      '(let [n 0] (while (< n 11) (set! n (+ n 1))) n)',
      { limits: { loopIterations: 10 } },
      '!LoopLimit {:limit "loopIterations" :max 10}',
    ],
    ['(defn f [n] (if (= n 1) 1 (+ 1 (f (- n 1))))) (f 10000)', {}, '10000'],
    ['(defn f [n] (if (= n 1) 1 (+ 1 (f (- n 1))))) (f 10001)', {}, '!StackOverflow {:limit "frames" :max 10000}'],
    ['(count (repeat-str "a" 16777216))', {}, '16777216'],
    ['(count (repeat-str "a" 16777217))', {}, '!StringLimit {:limit "stringLength" :max 16777216}'],
    ['(count (range 10000000))', {}, '10000000'],
    ['(count (range 10000001))', {}, '!CollectionLimit {:limit "collectionSize" :max 10000000}'],
    ['(count (for [a (range 10) b (range 10)] a))', { limits: { collectionSize: 100 } }, '100'],
    [
      '(count (for [a (range 10) b (range 10)] a))',
      { limits: { collectionSize: 99 } },
      '!CollectionLimit {:limit "collectionSize" :max 99}',
    ],
    ['(count (tree-seq (fn [x] (< x 10)) (fn [x] [(inc x)]) 1))', { limits: { collectionSize: 10 } }, '10'],
    [
      '(tree-seq (fn [x] true) (fn [x] [x x]) 1)',
      { limits: { collectionSize: 10 } },
      '!CollectionLimit {:limit "collectionSize" :max 10}',
    ],
    ['(count (tree-seq vector? identity (vec (range 300000))))', {}, '300001'],
    ['(count (first (apply map vector (repeat 200000 [1]))))', {}, '200000'],
    ['(step-parallel 1 2 3)', { limits: { pendingBranches: 3 } }, '[1 2 3]'],
    [
      '(step-parallel 1 2 3 4)',
      { limits: { pendingBranches: 3 } },
      '!CollectionLimit {:limit "pendingBranches" :max 3}',
    ],
    [
      '(parallel [a 1] [b 2])',
      { limits: { pendingBranches: 1 } },
      '!CollectionLimit {:limit "pendingBranches" :max 1}',
    ],
    ['(dotimes [i 3] (call :x i))', { limits: { calls: 3 } }, '2'],
    [
      '(try (dotimes [i 4] (call :x i)) (catch e 1))',
      { limits: { calls: 3 } },
      '!FuelExhausted {:limit "calls" :max 3}',
    ],
    ['(count (call :x))', { reply: 'a'.repeat(98), limits: { replyBytes: 100 } }, '98'],
    ['(count (call :x))', { reply: 'a'.repeat(99), limits: { replyBytes: 100 } }, '!SerializationError'],
    ['(count (call :x))', { reply: 'é'.repeat(49), limits: { replyBytes: 100 } }, '49'],
    ['(count (call :x))', { reply: 'é'.repeat(50), limits: { replyBytes: 100 } }, '!SerializationError'],
    ['(do (call :x (repeat-str "a" 96)) 1)', { limits: { callArgumentBytes: 100 } }, '1'],
    ['(call :x (repeat-str "a" 97))', { limits: { callArgumentBytes: 100 } }, '!SerializationError'],
    [`${DEEP} (count (pr-str (deep 200)))`, {}, '400'],
    [`${DEEP} (pr-str (deep 201))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (= (deep 200) (deep 200))`, {}, 'true'],
    [`${DEEP} (= (deep 100000) (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (compare (deep 100000) (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (hash (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} {(deep 100000) 1}`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (flatten (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (postwalk identity (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (serialize-json (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (call :x (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`${DEEP} (deep 100000)`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    [`(deftype T [:vector T]) ${DEEP} (valid? T (deep 100000))`, {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    ['(count (parse-json (str (repeat-str "[" 200) (repeat-str "]" 200))))', {}, '1'],
    ['(parse-json (str (repeat-str "[" 201) (repeat-str "]" 201)))', {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    ['(parse-json (repeat-str "[" 1000000))', {}, '!DepthLimit {:limit "dataDepth" :max 200}'],
    ['(read-string (repeat-str "[" 100000))', {}, '!ParseError {:code "TooDeep"}'],
    ['(re-find (repeat-str "a" 4097) "a")', {}, '!InvalidRegex'],
    ['(re-find "(a{1000}){1000}" "a")', {}, '!InvalidRegex'],
    ['(reduce * (range 1 30))', {}, '!IntegerOverflow'],
    ['(pow 10 9223372036854775807)', {}, '!IntegerOverflow'],
    ['(loop [n 2] (recur (* n n)))', {}, '!IntegerOverflow'],
    ['(factorial 9223372036854775807)', {}, '!IntegerOverflow'],
  ])('%s with %j', (source, o, wanted) => {
    const got = shown(ended(source, o));
    if (/^!\w*$/.test(wanted)) expect(got).toMatch(new RegExp(`^${wanted}`));
    else expect(got).toBe(wanted);
  });
});

describe('R17.3 a limit is met before the memory is taken', () => {
  test.each([
    '(repeat 1000000000 0)',
    '(range 0 1000000000000)',
    '(range 0 1 5e-324)',
    '(numbers 1 1000000000)',
    '(cycle-n 1000000000 [1])',
    '(iterate-n 1000000000 inc 0)',
    '(repeatedly 1000000000 (fn [] 1))',
    '(repeat-str "ab" 1000000000)',
    '(pad-left "" 1000000000 " ")',
    '(format "%1000000000d" 1)',
    '(join (repeat-str "x" 1000000) (range 1000))',
    '(loop [s "ab"] (recur (str s s)))',
    '(let [v (vec (range 6000000))] (into v v))',
    '(let [v (vec (range 6000000))] (concat v v))',
  ])('%s', (source) => {
    const before = process.memoryUsage().rss;
    expect(shown(ended(source))).toMatch(/^!(CollectionLimit|StringLimit) /);
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  });
});

describe('R13.10, R17.4 what would be more than an engine can take', () => {
  const many = (n: number, item: (i: number) => string): string =>
    Array.from({ length: n }, (_none, i) => item(i)).join(' ');
  test.each([
    ['parameters', `(fn [${many(70_000, (i) => `p${i}`)}] 1)`, false],
    ['steps in one function', many(30_000, () => '(step "s" 1)'), false],
    ['constants', `(count [${many(90_000, String)}])`, true],
    ['forms in a branch', `(if input (do ${many(90_000, () => '(inc 1)')}) 2)`, true],
    ['functions in a row', `(count [${many(20_000, () => '(fn [x] x)')}])`, true],
    ['unknown names', `(try ${many(40_000, (i) => `zz${i}`)} (catch e 1))`, true],
    ['arguments', `(count (vector ${many(100_000, () => '1')}))`, true],
    ['clauses of a case', `(case 5 ${many(20_000, (i) => `${i} 1`)})`, true],
  ])('%s', (_name, source, isTaken) => {
    const compiled = compile(source);
    if (isTaken) expect(compiled.ok && runSync(compiled.program).status).toBe('completed');
    else expect(compiled).toMatchObject({ ok: false, diagnostics: [{ kind: 'ParseError', code: 'SourceTooLarge' }] });
  });
});

describe('printing a value for people is cut, never refused', () => {
  test.each<[string, () => Value]>([
    ['long', () => Vec.of(Array.from({ length: 1_000_000 }, (_none, i) => i))],
    ['deep', () => Array.from({ length: 100_000 }).reduce<Value>((v) => Vec.of([v]), null)],
    ['wide text', () => Vec.of(Array.from({ length: 100 }, () => 'x'.repeat(10_000)))],
  ])('%s', (_name, make) => {
    const text = printForPeople(make());
    expect(text).toContain('…');
    expect(text.length).toBeLessThan(70_000);
  });
});

test('R17.4 deep, endless, hungry and exploding programs each end with their error, and the process goes on serving', () => {
  const hungry: MachineOptions = { shouldStop: () => (process.memoryUsage().heapUsed > 700e6 ? 'memory' : null) };
  const cases: readonly (readonly [string, MachineOptions, string])[] = [
    ['(defn f [n] (+ 1 (f n))) (f 0)', {}, '!StackOverflow'],
    ['(defn f [n] (+ 1 (f n))) (try (f 0) (catch :StackOverflow e :caught))', {}, ':caught'],
    ['(defn f [n] (reduce (fn [a x] (f x)) 0 [n])) (f 0)', {}, '!StackOverflow'],
    ['(defn f [n] (call :x n) (+ 1 (f n))) (f 0)', {}, '!'],
    ['(loop [] (recur))', { fuel: 10_000_000 }, '!FuelExhausted'],
    ['(while true nil)', {}, '!LoopLimit'],
    ['(try (loop [] (recur)) (catch e 1) (finally 2))', { fuel: 10_000 }, '!FuelExhausted'],
    ['(loop [v []] (recur (conj v (vec (range 1000)))))', hungry, '!MemoryLimit'],
    ['(loop [n 3] (recur (* n n)))', {}, '!IntegerOverflow'],
  ];
  for (const [source, o, wanted] of cases) {
    expect(shown(ended(source, o))).toMatch(new RegExp(`^${wanted}`));
    expect(shown(ended('(+ 1 2)'))).toBe('3');
  }
});
