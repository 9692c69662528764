import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from './compile.ts';
import { runSync } from './run.ts';
import type { SyncHost } from './run.ts';
import { print } from '../values/print.ts';
import type { Compiled, CompiledProgram } from './types.ts';

/** The value of a program, printed; its error as `!Kind`. */
function value(source: string, host?: SyncHost): string {
  const compiled = compile(source);
  if (!compiled.ok) return `!${errorOf(compiled).kind}`;
  const end = runSync(compiled.program, host === undefined ? {} : { host });
  if (end.status === 'completed') return print(end.value);
  return end.status === 'failed' || end.status === 'exhausted' ? `!${end.error.kind}` : `!${end.status}`;
}

function errorOf(compiled: Compiled): Compiled['diagnostics'][number] {
  const found = compiled.diagnostics.find(({ severity }) => severity === 'error');
  if (found === undefined) throw new Error('it compiles');
  return found;
}

function program(source: string): CompiledProgram {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(errorOf(compiled).message);
  return compiled.program;
}

/** The last top-level form of the expanded program. */
const last = (source: string): string => program(source).expanded.split('\n').at(-1) ?? '';

/** Rows of a table: `program ⇒ value`. */
function rows(table: string): [string, string][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ⇒ ') as [string, string]);
}

describe('R9.1 R9.2 definition and expansion', () => {
  test.each(
    rows(`
    (defmacro m [] 1) ⇒ nil
    (defmacro m "doc" [x] x) (m 4) ⇒ 4
    (defmacro m [x & r] (list 'list x (count r))) (m 1 2 3) ⇒ (1 2)
    (defmacro m [[a b] {:keys [k]}] (list '+ a b k)) (m [1 2] {:k 3}) ⇒ 6
    (defn twice [x] (list x x)) (defmacro m [x] (cons '+ (twice x))) (m 4) ⇒ 8
    (defn a [x] (+ x 1)) (defn b [x] (a (a x))) (defmacro m [x] (b x)) (m 1) ⇒ 3
    (deftype N int) (defn f [x:N] x) (defmacro m [x] (f x)) (m 1) ⇒ 1
    (defmacro a [x] \`(+ 1 ~x)) (defmacro b [x] \`(a (a ~x))) (b 1) ⇒ 3
    (defmacro a [x] (+ 1 x)) (defmacro b [] (a 1)) (b) ⇒ 2
    (defmacro m [x] \`(+ 1 ~x)) (map (fn [y] (m y)) [1 2]) ⇒ [2 3]
    (defmacro m [x] \`(def ~x 5)) (m five) five ⇒ 5
    (defmacro m [n v] \`(defmacro ~n [] ~v)) (m five 5) (five) ⇒ 5
    (defmacro m [n] \`(defmacro ~n [x#] \`(* ~x# ~x#))) (m sq) (sq 3) ⇒ 9
    (defmacro m [] (read-string "(+ 1 2)")) (m) ⇒ 3
    (defmacro m [] {:a '(+ 1 1)}) (m) ⇒ {:a 2}
    (defmacro m [] ()) (m) ⇒ []
    (defmacro m [& b] \`(fn [x] ~@b)) ((m (* x 2)) 4) ⇒ 8
    (defmacro m [k] (list k {:a 7})) (m :a) ⇒ 7
    (do (defmacro m [] 1)) ⇒ !SyntaxError
    (defn f [] (defmacro m [] 1)) ⇒ !SyntaxError
    (defmacro if [] 1) ⇒ !SyntaxError
    (defmacro m) ⇒ !SyntaxError
    (defmacro m x 1) ⇒ !SyntaxError
    (defmacro a/b [] 1) ⇒ !SyntaxError
    (defmacro m [] 1) (defmacro m [] 2) ⇒ !SyntaxError
    (defmacro m [] 1) (def m 2) ⇒ !SyntaxError
    (m 1) (defmacro m [x] x) ⇒ !UndefinedSymbol
    (defmacro m [x] (later x)) (defn later [x] x) (m 1) ⇒ !MacroError
    (defmacro m [] (m)) (m) ⇒ !MacroError
    (defmacro m [] inc) (m) ⇒ !MacroError
    (defmacro m [] (atom 1)) (m) ⇒ !MacroError
    (defmacro m [x] x) (m) ⇒ !MacroError
    (defmacro m [] (throw {:kind :no})) (m) ⇒ !MacroError
    (defmacro m [x] x) ^{:timeout-ms 1} (m (call :a)) ⇒ !MacroError
  `),
  )('%s ⇒ %s', (source, wanted) => {
    expect(value(source)).toBe(wanted);
  });

  test.each(['(call :a)', '(println 1)', '(set! x 1)', '(step "s" 1)', '(get :k)', '@plan-id', '(h)'])(
    'the body is pure: %s',
    (body) => {
      expect(value(`(defn h [] (call :a)) (defmacro m [] ${body})`)).toBe('!MacroError');
      // As data the same is nobody's doing yet.
      expect(value(`(defn h [] (call :a)) (defmacro m [] (quote ${body}))`)).toBe('nil');
    },
  );

  test('what a macro passes on comes out as it went in', () => {
    const same = `(defmacro m [& b] \`(do ~@b)) `;
    const code = `(defn f [x : int [a] : [:vector int]] : int (+ x a)) ^{:timeout-ms 5} (call :a #{@x} '[b] \`(c ~(d) ~@e))`;
    expect(last(same + `(m ${code})`)).toBe(`(do ${code})`);
    expect(program(same + '(m ^{:timeout-ms 5} (call :a))').effects.calls).toMatchObject([{ id: 'a', site: '1.1' }]);
  });

  test('a template may carry metadata to a call', () => {
    const source = '(defmacro m [k] `^{:idempotency-key ~k} (call :t.hints)) (m "k1")';
    const hints: unknown[] = [];
    runSync(program(source), {
      host: {
        executeCapability: (call) => {
          hints.push(call.hints);
          return null;
        },
      },
    });
    expect(hints).toEqual([{ 'idempotency-key': 'k1' }]);
  });

  test('R1.34 expanded forms carry the span of the macro call', () => {
    const compiled = compile('(defmacro m [x] `(/ 1 ~x))\n  (m 0)', { file: 'p' });
    if (!compiled.ok) throw new Error('it does not compile');
    const end = runSync(compiled.program);
    expect(end.status === 'failed' && end.error.span).toMatchObject({ line: 2, column: 3, endColumn: 8, file: 'p' });
  });

  test('a body that fails says where, and the error stands at the call', () => {
    const found = errorOf(compile('(defmacro m [x]\n  (+ x "a"))\n(m 1)'));
    expect(found).toMatchObject({
      kind: 'MacroError',
      span: { line: 3, column: 1 },
      data: { macro: 'm', chain: ['m'] },
    });
    expect(found.message).toBe(
      'Macro error in m: TypeError: Type error in +: expected number, got string (at 2:3 of its body)',
    );
    expect(errorOf(compile('(defmacro m [x] x) (m)')).message).toContain('Arity mismatch in m: expected 1, got 0');
  });

  test('expansions are counted, cost no fuel of the run, and can be told', () => {
    const source = '(defmacro a [x] `(+ ~x 1)) (defmacro b [x] `(a (a ~x))) (b 1)';
    const { usage } = runSync(program(source));
    expect(usage).toMatchObject({ expansions: 3, fuel: 0 });
  });
});

describe('R9.3 templates', () => {
  test.each(
    rows(`
    (let [a 2 b [3 4]] \`(1 ~a ~@b)) ⇒ (1 2 3 4)
    \`[~@[1] ~@'(2) ~@#{3} ~@"ab" ~@nil ~@{:k 1}] ⇒ [1 2 3 "a" "b" [:k 1]]
    \`#{~@[1 2] 3} ⇒ #{1 2 3}
    \`{:a ~(+ 1 1)} ⇒ {:a 2}
    \`{~@[:a 1]} ⇒ {:a 1}
    \`{~@[:a] ~@[1]} ⇒ {:a 1}
    \`{~@[:a]} ⇒ !InvalidArgument
    \`~(+ 1 2) ⇒ 3
    \`(str x) ⇒ (str x)
    (= (first \`(str x)) 'str) ⇒ true
    \`(a \`(b ~c)) ⇒ (a (quasiquote (b (unquote c))))
    \`(a \`(b ~(c ~(+ 1 2)))) ⇒ (a (quasiquote (b (unquote (c 3)))))
    \`(let [x# 1] [x# x#]) ⇒ (let [x__1# 1] [x__1# x__1#])
    [\`x# \`x#] ⇒ [x__1# x__2#]
    (map (fn [_] \`x#) [1 2]) ⇒ [x__1# x__1#]
    \`~@[1] ⇒ !SyntaxError
    ~x ⇒ !SyntaxError
    (list ~@x) ⇒ !SyntaxError
    \`(1 ~@5) ⇒ !TypeError
    {~@[1]} ⇒ !ParseError
    \`{1} ⇒ !ParseError
    \`[x:int] ⇒ !ParseError
    x# ⇒ !ParseError
    \`(1 ~(call :a)) ⇒ !SecurityViolation
  `),
  )('%s ⇒ %s', (source, wanted) => {
    expect(value(source)).toBe(wanted);
  });
});

describe('R9.4 hygiene', () => {
  test.each(
    rows(`
    (defmacro m [x] \`(let [v# ~x] (* v# v#))) (let [v 3] (m (+ v 1))) ⇒ 16
    (defmacro m [x] \`(let [v# 1] (+ v# ~x))) (let [v 5] (m v)) ⇒ 6
    (defmacro m [x] \`(let [v# 1] (+ v# ~x))) (m (m (m 0))) ⇒ 3
    (defmacro m [x] \`(let [v# 7] ~x)) (let [v__1 3] (m v__1)) ⇒ 3
    (defmacro m [x] \`(let [v# 7] ~x)) (let [v__1 3 v__1_ 4] (m [v__1 v__1_])) ⇒ [3 4]
    (defmacro m [x] \`(let [v# 7] ~x)) (m (get :v__1)) ⇒ nil
    (defmacro m [x] \`(str ~x "!")) (let [str 5] (m str)) ⇒ "5!"
    (defmacro m [x] \`(str ~x "!")) (defn str [& _] :mine) [(m 1) (str 1)] ⇒ [:mine :mine]
    (defmacro m [f] \`(map ~f [1 2])) (let [map 1 core/map 2] (m inc)) ⇒ [2 3]
    (defmacro m [] \`(println "x")) (let [println 1] (m)) ⇒ !SecurityViolation
    (defmacro m [] \`(reduce and true [1 2])) (let [and 1 reduce 2] (m)) ⇒ 2
    (defmacro m [] \`(valid? int 1)) (let [int 3 valid? 4] (m)) ⇒ true
    (defmacro m [] \`(if true 1 2)) (let [if 3] (m)) ⇒ 1
    (defmacro m [] \`(and nil (boom))) (let [and 3] (m)) ⇒ nil
    (defmacro m [] \`(quote (str v#))) (let [str 1] (m)) ⇒ (str v__1)
    (defmacro m [] \`helper) (let [helper 9] (m)) ⇒ 9
    (defmacro m [] (list 'str 1)) (let [str inc] (m)) ⇒ 2
    (defmacro m [x] \`(let [~'it ~x] (+ it it))) (m 4) ⇒ 8
    (defmacro m [x] \`(let [~'count ~x] ~'count)) (m 4) ⇒ 4
    (defmacro m [x] \`(let [count ~x] count)) (m 4) ⇒ !MacroError
    (defmacro m [] (let [s (gensym) t (gensym "t")] \`(let [~s 1 ~t 2] [~s ~t]))) (m) ⇒ [1 2]
    (defmacro m [] (if (= \`x 'x) 1 2)) (m) ⇒ 1
    (defmacro m [] (if (= \`str 'str) (get {'str 1} \`str) 2)) (m) ⇒ 1
    (defmacro m [] (str (gensym "a") \`b#)) (m) ⇒ "a__1#b__2#"
    (defmacro m [] (gensym 5)) (m) ⇒ !MacroError
    (defmacro m [] (gensym "a b")) (m) ⇒ !MacroError
    (gensym) ⇒ !UndefinedSymbol
    (defmacro str [x] \`(list ~x)) (defmacro m [x] \`(str ~x)) (m 1) ⇒ (1)
    (defmacro m [x] \`(inc ~x)) (defmacro inc [x] 0) [(m 1) (inc 1)] ⇒ [2 0]
  `),
  )('%s ⇒ %s', (source, wanted) => {
    expect(value(source)).toBe(wanted);
  });

  test.each([
    '(symbol "v__1#")',
    '(read-string "`v__1#")',
    '(symbol (str (name \'v__1) "#"))',
    '(first (list (symbol "v__1#")))',
    '[(symbol "v__1#")]',
    '{(symbol "v__1#") 1}',
  ])('no program forges a fresh symbol: %s', (forged) => {
    const found = value(`(defmacro f [] ${forged}) (defmacro m [] \`(let [v# 7] (f))) (m)`);
    expect(found).toBe('!MacroError');
  });

  test('nor does the name that stands for it in the expanded program', () => {
    expect(value('(defmacro f [] (symbol "v__1")) (defmacro m [] `(let [v# 7] (f))) (m)')).toBe('!UndefinedSymbol');
    expect(value('(defmacro m [] `(let [v# 7] ~(symbol (subs (str `v#) 0 4)))) (m)')).toBe('!UndefinedSymbol');
  });

  test('a fresh symbol is spelled by a name that stands nowhere else', () => {
    const m = '(defmacro m [x] `(let [v# 7] ~x)) ';
    expect(last(m + '(m 1)')).toBe('(let [v__1 7] 1)');
    expect(last(m + '(m v__1)')).toBe('(let [v__1_ 7] v__1)');
    expect(last(m + "(m ['v__1 :v__1_ {:keys [v__1__]}])")).toBe(
      '(let [v__1___ 7] [(quote v__1) :v__1_ {:keys [v__1__]}])'.replace('(quote v__1)', "'v__1"),
    );
  });

  test.each([
    '(symbol "abcdefab-1234-1234-1234-123456789abc")',
    '(symbol (pad-left "" 1025 "a"))',
    '(keyword (pad-left "" 1025 "a"))',
    '(symbol "a#")',
  ])('no program holds a name that a text cannot: %s', (made) => {
    expect(value(`(defmacro m [] (list 'quote ${made})) (m)`)).toBe('!MacroError');
  });

  test('a fresh symbol of a long name is shorter', () => {
    const long = 'ä'.repeat(1_000);
    const { expanded } = program(`(defmacro m [] \`(let [${long}# 1] ${long}#)) (m)`);
    expect(expanded.split('\n').at(-1)).toBe(`(let [${'ä'.repeat(64)}__1 1] ${'ä'.repeat(64)}__1)`);
  });

  test('a library name gets a prefix where the program has the name, and one that nobody has taken', () => {
    const m = '(defmacro m [] `(str 1)) ';
    expect(last(m + '(m)')).toBe('(str 1)');
    expect(last(m + '(let [str 2] (m))')).toBe('(let [str 2] (core/str 1))');
    expect(last('(module a (def x 1)) (import a :as core)' + m + '(let [str 2] (m))')).toBe(
      '(let [str 2] (str/str 1))',
    );
  });

  test('R10.5 a prefix names no operation of the library that has no other name', () => {
    expect(value('(core/%merge-sort 1 2 3)')).toBe('!UndefinedSymbol');
    expect(value('(core/println 1)')).toBe('!SecurityViolation');
    expect(value('(core/reduce core/+ 0 [1 2])')).toBe('3');
  });
});

describe('R9.5 shadowing', () => {
  const m = '(defmacro m [& xs] :macro) ';
  test.each(
    rows(`
    (let [m (fn [] :local)] (m)) ⇒ :local
    (let [a (m) m (fn [] :local) b (m)] [a b]) ⇒ [:macro :local]
    (let [m (fn [n] (if (= n 0) :done (m (- n 1))))] (m 2)) ⇒ :done
    ((fn [m] (m)) (fn [] :local)) ⇒ :local
    ((fn m [n] (if (= n 0) :done (m 0))) 1) ⇒ :done
    ((fn [{:keys [m]}] (m)) {:m (fn [] :local)}) ⇒ :local
    ((fn [& m] (m 0)) 1) ⇒ !TypeError
    (defn f [m] (m)) [(f (fn [] :local)) (m)] ⇒ [:local :macro]
    (defn f [] (def m (fn [] :local)) (m)) (f) ⇒ :local
    (defn f [] (let [x (m)] (do (def m (fn [] x)))) (m)) (f) ⇒ !UndefinedSymbol
    (letfn [(m [] :local)] (m)) ⇒ :local
    (loop [m (fn [] :local)] (m)) ⇒ :local
    (for [m [(fn [] :local)]] (m)) ⇒ [:local]
    (for [x [1] :let [m (fn [] :local)]] (m)) ⇒ [:local]
    (for [x (list (m))] x) ⇒ [:macro]
    (if-let [m (fn [] :local)] (m)) ⇒ :local
    (if-let [m nil] 1 (m)) ⇒ :macro
    (when-some [m (fn [] :local)] (m)) ⇒ :local
    (match [(fn [] :local)] [m] (m)) ⇒ :local
    (match 1 x when (m) (m)) ⇒ :macro
    (match 1 x (when (m)) (m)) ⇒ :macro
    (try (throw "x") (catch m (:message m))) ⇒ "x"
    (try (m) (catch e 1) (finally (m))) ⇒ :macro
    (with-resource [m map {:close nil :v 1}] (m :v)) ⇒ 1
    (dotimes [m 2] m) ⇒ 1
    (as-> (m) m m) ⇒ :macro
    (case :macro m 1 :macro 2) ⇒ 2
    (case (m) :macro (m)) ⇒ :macro
    (parallel [a (m)]) ⇒ {:a :macro}
    (step "s" :params {:a (m)} (m)) ⇒ :macro
    '(m) ⇒ (m)
    \`(m ~(m)) ⇒ (m :macro)
    (comment (m)) ⇒ nil
    (:m {:m 1}) ⇒ 1
    m ⇒ !SyntaxError
    (map m [1]) ⇒ !SyntaxError
    [m] ⇒ !SyntaxError
    (m) ⇒ :macro
    (cond (m) (m)) ⇒ :macro
    [(m) {(m) (m)} #{(m)}] ⇒ [:macro {:macro :macro} #{:macro}]
    ((fn ([] (m)) ([m] (m))) (fn [] :local)) ⇒ :local
    (let [{a :a :or {a (m)}} {}] a) ⇒ :macro
    (let [x :int 5 y (m)] y) ⇒ :macro
    (let [x:int 5 y (m)] y) ⇒ :macro
    (conform keyword (m)) ⇒ :macro
    (resource r (property :x (m))) ⇒ {"x" :macro}
    (get {:macro 1} (m)) ⇒ 1
    @(atom (m)) ⇒ :macro
  `),
  )('%s ⇒ %s', (source, wanted) => {
    expect(value(m + source)).toBe(wanted);
  });

  test('an expansion may not define a macro under its feet', () => {
    expect(value("(defmacro d [] (list 'def 'm 1)) (defmacro m [] 2) (defn f [] (d)) (f)")).toBe('!SyntaxError');
  });
});

describe('R5.17 threading through macros', () => {
  const m = '(defmacro add [x n] `(+ ~x ~n)) (defmacro keep [x] x) ';
  test.each(
    rows(`
    (-> 1 (add 2)) ⇒ 3
    (-> 1 keep (add 2) inc) ⇒ 4
    (->> 1 (add 2) (- 10)) ⇒ 7
    (some-> 1 (add 2) keep) ⇒ 3
    (some-> nil (add 2)) ⇒ nil
    (some-> {:a false} :a keep) ⇒ false
    (some->> 1 (add 2)) ⇒ 3
    (cond-> 1 true (add 2) false (add 100)) ⇒ 3
    (cond->> 1 true (add 2)) ⇒ 3
    (let [n 0] (-> (do (set! n (+ n 1)) n) (add 1) (add 1)) n) ⇒ 1
    (let [nil? 1] (some-> 1 (add 2))) ⇒ 3
    (-> (keep 1) inc) ⇒ 2
    (-> 1 (+ (keep 2))) ⇒ 3
    (as-> 1 x (add x 1)) ⇒ 2
  `),
  )('%s ⇒ %s', (source, wanted) => {
    expect(value(m + source)).toBe(wanted);
  });

  test('a thread without a macro of its own stays as it is', () => {
    expect(last(m + '(-> 1 (+ (keep 2)) :a)')).toBe('(-> 1 (+ 2) :a)');
    expect(last(m + '(some-> 1 (add 2))')).toBe('(as-> 1 it__1 (if (nil? it__1) nil (+ it__1 2)))');
  });
});

describe('R9.6 bounds', () => {
  test.each([
    ['never ending', '(defmacro m [] (loop [] (recur))) (m)', /10000000 fuel/],
    ['never ending by functions', '(defn f [n] (f (+ n 1))) (defmacro m [] (f 1)) (m)', /10000000 fuel/],
    ['expanding for ever', '(defmacro m [] `(m)) (m)', /deeper than 200/],
    ['two that expand into each other', '(defmacro a [] `(b)) (defmacro b [] `(a)) (a)', /deeper than 200/],
    [
      'exponential',
      '(defmacro m [n] (if (= n 0) 1 `(+ (m ~(- n 1)) (m ~(- n 1))))) (m 40)',
      /at most 10000 expansions/,
    ],
    ['deep', "(defmacro m [] (reduce (fn [a _] (list 'do a)) 1 (range 600))) (m)", /nest too deep/],
    [
      'deep by expansions',
      "(defmacro m [n x] (if (= n 0) x (list 'm (- n 1) (list 'do (list 'do (list 'do (list 'do x))))))) (m 150 1)",
      /nest too deep|nests deeper/,
    ],
    ['huge', '(defmacro m [] (vec (range 0 600000))) [(count (m)) (count (m))]', /at most 1000000 forms/],
    ['a huge string', '(defmacro m [] (pad-left "" 10000000 "x")) (m)', /StringLimit/],
    ['a huge collection', '(defmacro m [] (repeat 1000000000 0)) (m)', /CollectionLimit/],
    ['recursion without end', '(defn f [n] (+ 1 (f n))) (defmacro m [] (f 1)) (m)', /StackOverflow/],
  ])('%s', (_what, source, message) => {
    const found = errorOf(compile(source));
    expect(found.kind).toBe('MacroError');
    expect(found.message).toMatch(message);
    expect((found.data as { chain: string[] }).chain[0]).toMatch(/^[abm]$/);
  });

  test('what a body catches of its bounds is not the fuel', () => {
    const source = '(defmacro m [] (try (loop [] (recur)) (catch e 1))) (m)';
    expect(value(source)).toBe('!MacroError');
  });

  test('10 000 expansions are enough, 10 001 are not', () => {
    const m = '(defmacro m [] 1) ';
    expect(value(`${m}[${'(m)'.repeat(10_000)} ] 5`)).toBe('5');
    expect(value(`${m}[${'(m)'.repeat(10_001)} ] 5`)).toBe('!MacroError');
  });

  test('fuel is that of all bodies together, and an expansion costs 100', () => {
    const m = (turns: number): string => `(defmacro m [] (loop [i 0] (if (< i ${turns}) (recur (+ i 1)) 1))) `;
    expect(value(m(6_000_000) + '(m)')).toBe('1');
    expect(value(m(6_000_000) + '[(m) (m)]')).toBe('!MacroError');
    expect(value(m(9_999_850) + '(m)')).toBe('1');
    expect(value(m(9_999_950) + '(m)')).toBe('!MacroError');
  });

  test('the host can stop the bodies of macros', () => {
    let polls = 0;
    const compiled = compile('(defmacro m [] (loop [] (recur))) (m)', {
      shouldStop: () => (++polls > 3 ? 'memory' : null),
    });
    expect(errorOf(compiled).message).toContain('memoryBytes');
    expect(polls).toBe(4);
  });
});

describe('R11.9 sites are those of the expanded program', () => {
  test('a call that a macro hides is seen', () => {
    const source = '(defmacro m [] (list (symbol (str "ca" "ll")) :ccos.io.read-file "/etc/passwd")) [1 (m)]';
    const { effects } = program(source);
    expect(effects).toMatchObject({
      pure: false,
      capabilities: ['ccos.io.read-file'],
      calls: [{ id: 'ccos.io.read-file', site: '1.1', span: { line: 1 } }],
    });
  });

  test('a computed id that a macro hides is unknown', () => {
    expect(program('(defmacro m [x] `(call ~x)) (let [k :a] (m k))').effects.unknown).toBe(true);
  });
});

// ── the expanded text is the program ────────────────────────────────────────────────────────────────────────────────

const MACROS = `
(defn pair [x] (list x x))
(defmacro unless [c & b] \`(if ~c nil (do ~@b)))
(defmacro sq [x] \`(let [v# ~x] (* v# v#)))
(defmacro both [x] (cons 'list (pair x)))
(defmacro say [x] \`(call :t.echo (str ~x "!")))
(defmacro swap [a b] \`(let [x# ~a y# ~b] [y# x# str]))
(defmacro bind [n v & b] \`(let [~n ~v] ~@b))
(defmacro loopy [n & b] \`(loop [i# 0] (if (< i# ~n) (do ~@b (recur (inc i#))) i#)))
(defmacro make [n] \`(defn ~n [x#] (say x#)))
(defmacro stepped [n & b] \`(step ~n :retries 1 ~@b))
`;

const expressions = fc.letrec<{ e: string; name: string }>((tie) => ({
  name: fc.constantFrom('a', 'b', 'str', 'v__1', 'x__2', 'inc', 'list'),
  e: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'e' },
    fc.constantFrom('1', '2', '"s"', ':v__1', 'a', 'b', 'nil'),
    fc.tuple(tie('e'), tie('e')).map(([c, b]) => `(unless ${c} ${b})`),
    tie('e').map((e) => `(sq ${e})`),
    tie('e').map((e) => `(both ${e})`),
    tie('e').map((e) => `(say ${e})`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `(swap ${a} ${b})`),
    fc.tuple(tie('name'), tie('e'), tie('e')).map(([n, v, b]) => `(bind ${n} ${v} ${b})`),
    fc.tuple(tie('name'), tie('e'), tie('e')).map(([n, v, b]) => `(let [${n} ${v}] ${b})`),
    fc.tuple(fc.nat(3), tie('e')).map(([n, b]) => `(loopy ${n} ${b})`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `(-> ${a} both (bind b ${b}))`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `(some-> ${a} (swap ${b}) first sq)`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `(cond-> ${a} ${b} both)`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `(step-parallel (say ${a}) ${b})`),
    tie('e').map((e) => `(stepped "s" ${e})`),
    tie('e').map((e) => `\`(q# ~${e} '~(+ 1 1) x#)`),
    tie('e').map((e) => `(try (sq ${e}) (catch v__1 (both v__1)))`),
    tie('e').map((e) => `(map (fn [str] (swap str ${e})) [1 2])`),
  ),
}));

/** What can be told of a run: outcome, requests in order with their paths, fuel. */
function observed(text: string): unknown {
  const compiled = compile(text);
  if (!compiled.ok) return compiled.diagnostics.map(({ kind, message }) => [kind, message]);
  const asked: unknown[] = [];
  const host: SyncHost = {
    executeCapability: ({ id, path, args }) => {
      asked.push([id, path, args.map((arg) => print(arg))]);
      return args[0] ?? null;
    },
  };
  const end = runSync(compiled.program, { host, fuel: 100_000 });
  const result =
    end.status === 'completed' ? print(end.value) : 'error' in end ? [end.error.kind, end.error.message] : end.status;
  const { effects, exports } = compiled.program;
  const { calls, steps, ...rest } = effects;
  const sites = [
    calls.map(({ id, site }) => [id, site]),
    steps.map(({ name, site, options }) => [name, site, options]),
  ];
  return { result, asked, fuel: end.usage.fuel, sites, rest, exports };
}

test('R9.2 the expanded text compiles to the same program, with the same sites and effects', () => {
  fc.assert(
    fc.property(fc.array(expressions.e, { minLength: 1, maxLength: 3 }), (forms) => {
      const text = `${MACROS}(def a 1) (def b "b") (make talk) ${forms.join('\n')} (talk a)`;
      const compiled = compile(text);
      if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join());
      const { expanded } = compiled.program;
      const again = compile(expanded);
      if (!again.ok) throw new Error(`${expanded}\n${again.diagnostics.map(({ message }) => message).join()}`);
      expect(again.program.expanded).toBe(expanded);
      expect(runSync(again.program, { fuel: 100_000 }).usage.expansions).toBe(0);
      expect(observed(expanded)).toEqual(observed(text));
    }),
    { numRuns: 300 },
  );
});
