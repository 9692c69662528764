import fc from 'fast-check';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Form } from '../reader/forms.ts';
import { read } from '../reader/read.ts';
import { print } from '../values/print.ts';
import { format } from './format.ts';
import { tokensOf } from './tokens.ts';

const repository = resolve(import.meta.dirname, '../../../..');

/** The laid out text; fails where the text does not read. */
function laidOut(text: string): string {
  const result = format(text);
  if (!result.ok) throw new Error(`does not read: ${JSON.stringify(text)}: ${result.diagnostics[0]?.message ?? ''}`);
  return result.text;
}

/** Forms without their spans. */
function bare(form: Form): unknown {
  switch (form.t) {
    case 'literal':
      return `${typeof form.value} ${print(form.value)}`;
    case 'symbol':
      return { symbol: form.name, meta: form.meta === undefined ? null : bare(form.meta) };
    case 'annotation':
      return { annotation: bare(form.type) };
    case 'error':
      return 'error';
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      return { [form.t]: form.items.map(bare), meta: form.meta === undefined ? null : bare(form.meta) };
    default:
      return { [form.t]: bare(form.form) };
  }
}
const forms = (text: string): unknown => read(text).forms.map(bare);
const tokens = (text: string): string[] => tokensOf(text.replace(/^\ufeff?#!.*/, ''), 0).map((token) => token.text);

/** The laws of R1.39. */
function holds(text: string): void {
  const once = laidOut(text);
  expect(tokens(once)).toEqual(tokens(text));
  expect(forms(once)).toEqual(forms(text));
  expect(laidOut(once)).toBe(once);
}

describe('R1.39 the layout', () => {
  test.each([
    ['a call that fits', '( f   a ,b\n c )', '(f a b c)\n'],
    [
      'arguments below each other',
      `(f ${'a'.repeat(50)} ${'b'.repeat(50)})`,
      `(f ${'a'.repeat(50)}\n   ${'b'.repeat(50)})\n`,
    ],
    ['arguments below the name', `(${'f'.repeat(50)} ${'b'.repeat(50)})`, `(${'f'.repeat(50)}\n ${'b'.repeat(50)})\n`],
    [
      'bindings in pairs',
      '(let [aaaaaaaaaa (f 1) bbbbbbbbbbbbbbbb (g 2 3)] (h a b))',
      '(let [aaaaaaaaaa (f 1)\n      bbbbbbbbbbbbbbbb (g 2 3)]\n  (h a b))\n',
    ],
    [
      'annotated bindings',
      '(let [a :int 5 b : string "ssssssssssssssssss" c :k] (f) (g))',
      '(let [a :int 5\n      b : string "ssssssssssssssssss"\n      c :k]\n  (f)\n  (g))\n',
    ],
    [
      'a function',
      '(defn f "doc" [x:int y:[:vector int]] :int (+ x y))',
      '(defn f\n  "doc"\n  [x:int y:[:vector int]] :int\n  (+ x y))\n',
    ],
    ['a short function', '(defn f\n [x]\n (+ x 1))', '(defn f [x] (+ x 1))\n'],
    [
      'arities',
      '(defn f ([a] (g a)) ([a b] (println a) (println b) (hhhhhhhhhhhhhh a b)))',
      '(defn f\n  ([a] (g a))\n  ([a b]\n   (println a)\n   (println b)\n   (hhhhhhhhhhhhhh a b)))\n',
    ],
    [
      'clauses of cond',
      '(cond (> x 1) (fffffffffffffffff x) (< x 1) (ggggggggggggggggg x) :else nil)',
      '(cond\n  (> x 1) (fffffffffffffffff x)\n  (< x 1) (ggggggggggggggggg x)\n  :else nil)\n',
    ],
    [
      'clauses of case',
      '(case x (1 2) :looooooooooooooow 3 :threeeeeeeeeeeeeeeeee :oooooother)',
      '(case x\n  (1 2) :looooooooooooooow\n  3 :threeeeeeeeeeeeeeeeee\n  :oooooother)\n',
    ],
    [
      'clauses of match',
      '(match x {:a 1 & r} when (> x 1) [r] [a b] (when (= a b)) :same _ nil)',
      '(match x\n  {:a 1 & r} when (> x 1) [r]\n  [a b] (when (= a b)) :same\n  _ nil)\n',
    ],
    [
      'threads one a line',
      '(->> xs (map inc) (filter odd?) (take-while (fn [x] (< x 1000))) (reduce + 0))',
      '(->> xs\n     (map inc)\n     (filter odd?)\n     (take-while (fn [x] (< x 1000)))\n     (reduce + 0))\n',
    ],
    [
      'words of a vector side by side',
      `[${Array.from({ length: 12 }, (_, i) => `"${'w'.repeat(10)}${i}"`).join(' ')}]`,
      `["wwwwwwwwww0" "wwwwwwwwww1" "wwwwwwwwww2" "wwwwwwwwww3" "wwwwwwwwww4" "wwwwwwwwww5" "wwwwwwwwww6"\n "wwwwwwwwww7" "wwwwwwwwww8" "wwwwwwwwww9" "wwwwwwwwww10" "wwwwwwwwww11"]\n`,
    ],
    [
      'a map in pairs',
      `{:a ${'1'.repeat(15)} :b "${'x'.repeat(60)}"}`,
      `{:a 111111111111111\n :b "${'x'.repeat(60)}"}\n`,
    ],
    [
      'a step',
      '(step "Read" :retries 3 (call :a.b 1) (call :c.d 2))',
      '(step "Read" :retries 3\n  (call :a.b 1)\n  (call :c.d 2))\n',
    ],
    [
      'comments where they were',
      '(let [x 1 ; one\n ; own\n y 2]\n (f x) ; end\n ; last\n )',
      '(let [x 1 ; one\n      ; own\n      y 2]\n  (f x) ; end\n  ; last\n  )\n',
    ],
    [
      'block comments',
      '(f #| a |# x #| b |#)\n#| c #| ( |# |#\n#|d|# y',
      '(f #| a |# x #| b |#)\n#| c #| ( |# |#\n#|d|# y\n',
    ],
    ['discarded forms', '(f #_ (g) #_#_a b x)', '(f #_(g) #_#_a b x)\n'],
    [
      'prefixes',
      '\' x ` ( a ~ b ~@ c ~ @d ) @ e ^ {:k 1} (f) # "x"'.replace(' # "x"', ' #"x"'),
      '\'x\n`(a ~b ~@c ~ @d)\n@e\n^{:k 1} (f)\n#"x"\n',
    ],
    [
      'literals as written',
      '[0xFF 007 1e3 +5 "a\\u0041" #"\\d" ##-Inf 2024-05-01T10:20:30Z resource://a:1/b]',
      '[0xFF 007 1e3 +5 "a\\u0041" #"\\d" ##-Inf 2024-05-01T10:20:30Z resource://a:1/b]\n',
    ],
    [
      'annotations as written',
      '(fn [a:int b: int c : int d :[:vector int] [e f]:T {:keys [g]} :map h:#"x"]\n x)',
      '(fn [a:int b: int c : int d :[:vector int] [e f]:T {:keys [g]} :map h:#"x"]\n  x)\n',
    ],
    [
      'one empty line at most',
      '(def a 1)\n\n\n\n(def b 2)\n(do\n\n  (f)\n\n\n  (g))',
      '(def a 1)\n\n(def b 2)\n(do\n\n  (f)\n\n  (g))\n',
    ],
    ['no empty line before a bracket', '(f a\n\n)\n\n', '(f a)\n'],
    ['a string of several lines', '(def a "x\n  y")', '(def a\n  "x\n  y")\n'],
    ['a mark and a #! line', '\ufeff#!/usr/bin/env ccos  \r\n\r\n1\r\n', '\ufeff#!/usr/bin/env ccos\n\n1\n'],
    ['nothing', ' \n', ''],
    ['a comment alone', ' ; x  \r\n', '; x\n'],
  ])('%s', (_, text, expected) => {
    expect(laidOut(text)).toBe(expected);
    holds(text);
  });

  test('a text that does not read comes back as its diagnostics', () => {
    const result = format('(f [1 2)', { file: 'a.rtfs' });
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]).toMatchObject({ code: 'WrongCloser', span: { file: 'a.rtfs', line: 1, column: 8 } });
    expect('text' in result).toBe(false);
  });
});

/** Everything that may stand between two tokens, much of it twice as likely to be a space. */
const between = fc.constantFrom(
  ' ',
  ' ',
  ' ',
  ' ',
  '\n',
  '\n  ',
  ',',
  '\n\n\n',
  ' ; trailing\n',
  '\n; own\n',
  ' #| a #| ( |# b |# ',
  '\n#| own\n  block |#\n',
  ' #_x ',
  '\n#_(a b)\n',
  '\t\r\n',
);
const spaces = fc.constantFrom(' ', '\n', '\n  ', ', ', '   ', '\r\n');
const word = fc
  .constantFrom(
    'x',
    'a',
    'long-name-of-something',
    '%params',
    ':k',
    ':int',
    ':Age',
    ':let',
    ':when',
    'when',
    '1',
    '-2.5',
    '0xFF',
    '"s"',
    '"a\\"b\nc; #|"',
    '#"\\d\\"+"',
    'nil',
    'x#',
    '##NaN',
    '2024-05-01T10:20:30Z',
    'resource://a/b:1',
    'a:v1.0/b',
    '&',
    '_',
    '"a string that is rather long, so that lines break somewhere behind it"',
  )
  .map((text) => [text]);
const heads = [
  'f',
  'let',
  'defn',
  'fn',
  'cond',
  'case',
  'match',
  '->',
  'step',
  'if',
  'do',
  'for',
  'try',
  'catch',
  'letfn',
  'condp',
  'def',
  'defstruct',
  'call',
  'loop',
  'cond->',
  'module',
  'step-if',
  'as->',
];

/** Forms as lists of tokens, between which any of `between` may stand; '' glues. */
const program = fc.letrec<{ form: string[]; many: string[]; pairs: string[]; bindings: string[] }>((tie) => {
  const wrap = (open: string, close: string) => (inner: string[]) => [open, ...inner, close];
  return {
    form: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 5, arbitrary: word },
      {
        weight: 3,
        arbitrary: fc.tuple(fc.constantFrom(...heads), tie('many')).map(([head, inner]) => ['(', head, ...inner, ')']),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('let', 'loop', 'for'), tie('bindings'), tie('many'))
          .map(([head, pairs, inner]) => ['(', head, '[', ...pairs, ']', ...inner, ')']),
      },
      tie('many').map(wrap('(', ')')),
      tie('many').map(wrap('[', ']')),
      tie('pairs').map(wrap('{', '}')),
      tie('many').map(wrap('#{', '}')),
      fc
        .tuple(fc.constantFrom("'", '`', '~', '~@', '@', '#_ x', '#_'), tie('form'))
        .map(([prefix, form]) => (prefix === '#_' ? ['#_', ...form, 'y'] : [prefix, ...form])),
      tie('many').map((inner) => ['^', '{', ':k', '1', '}', '(', 'f', ...inner, ')']),
      fc
        .constantFrom(['x:int'], ['x:', '[', ':vector', 'int', ']'], ['x', ':', 'int'], ['[', 'a', 'b', ']:T'])
        .map((name) => ['(', 'fn', '[', ...name, ']', 'x', ')']),
    ),
    many: fc.array(tie('form'), { maxLength: 5 }).map((list) => list.flat()),
    pairs: fc.array(fc.tuple(word, tie('form')), { maxLength: 4 }).map((list) => list.flat(2)),
    bindings: fc
      .array(fc.tuple(word, fc.constantFrom([], [':int'], [':Age']), tie('form')), { maxLength: 4 })
      .map((list) => list.flat(2)),
  };
});
const source = fc.array(program.form, { minLength: 1, maxLength: 4 }).map((list) => list.flat());

/** Joins tokens with what `between` gives, one after the other. */
const joined = (list: readonly string[], gaps: readonly string[]): string =>
  list.map((token, i) => token + (gaps[i % gaps.length] ?? ' ')).join('');
const reads = (text: string): boolean => !read(text).diagnostics.some(({ severity }) => severity === 'error');

describe('R1.39 laws', () => {
  test('same tokens, same forms, and formatting twice gives the same text', () => {
    let checked = 0;
    fc.assert(
      fc.property(source, fc.array(between, { minLength: 1, maxLength: 30 }), (list, gaps) => {
        const text = joined(list, gaps);
        if (!reads(text)) return;
        checked++;
        holds(text);
      }),
      { numRuns: Number(process.env['FMT_RUNS'] ?? 1500) },
    );
    expect(checked).toBeGreaterThan(500);
  });

  test('without comments and empty lines the layout depends on the tokens alone', () => {
    fc.assert(
      fc.property(source, fc.array(spaces, { minLength: 1, maxLength: 30 }), (list, gaps) => {
        const one = joined(list, [' ']);
        if (reads(one)) expect(laidOut(joined(list, gaps))).toBe(laidOut(one));
      }),
      { numRuns: Number(process.env['FMT_RUNS'] ?? 500) },
    );
  });

  const texts = globSync(['examples/**/*.rtfs', 'packages/**/*.rtfs'], {
    cwd: repository,
    exclude: (name) => name.includes('node_modules'),
  });
  test('the repository has texts to format', () => expect(texts.length).toBeGreaterThan(1));
  test.each(texts)('%s and its mutations', (file) => {
    const text = readFileSync(join(repository, file), 'utf8');
    if (reads(text)) holds(text);
    const lines = text.split('\n');
    fc.assert(
      fc.property(
        fc.nat(Math.max(0, lines.length - 12)),
        fc.nat(400),
        fc.constantFrom(
          '',
          ' ',
          '\n',
          '(',
          ')',
          '[',
          ']',
          '; c\n',
          '#| c |#',
          '#_',
          "'",
          '^',
          ':',
          '~@',
          '"',
          '#',
          '@',
          '{',
          '}',
        ),
        fc.nat(2),
        (line, at, insert, cut) => {
          const part = lines.slice(line, line + 12).join('\n');
          const where = at % (part.length + 1);
          const changed = part.slice(0, where) + insert + part.slice(where + cut);
          if (reads(changed)) holds(changed);
        },
      ),
      { numRuns: Number(process.env['FMT_RUNS'] ?? 400) },
    );
  });
});

describe('R13.11 the cost', () => {
  test('10,000 open brackets and deep prefixes are refused, 500 deep ones laid out', () => {
    expect(format('('.repeat(10_000)).ok).toBe(false);
    expect(format("'".repeat(10_000)).ok).toBe(false);
    holds(`${'(f '.repeat(500)}x${')'.repeat(500)}`);
    holds(`${"'".repeat(500)}x`);
    holds(`${'{:aaaaaaaaaaaaaaaa [1 '.repeat(250)}x${']}'.repeat(250)}`);
  });

  test.each([
    ['block comments', `(f ${'#||#'.repeat(200_000)})`],
    ['block comments before a form', `(f ${'#||#'.repeat(200_000)} x)`],
    ['line comments', '; c\n'.repeat(200_000)],
    ['empty lists', '()'.repeat(400_000)],
    ['deep vectors', `${'['.repeat(400)}${']'.repeat(400)}`.repeat(1200)],
    ['deep calls', `${'(f '.repeat(400)}x${')'.repeat(400)}`.repeat(600)],
    ['names in one vector', `[${'a '.repeat(400_000)}]`],
    ['a map', `{${':k v '.repeat(150_000)}}`],
    ['annotated bindings', `(let [${'a :int 1 '.repeat(100_000)}] a)`],
    ['clauses', `(match x ${'[a] when b c '.repeat(70_000)})`],
    ['prefixes', `(${"'~@x ".repeat(180_000)})`],
    ['discarded forms', `(${'#_ a '.repeat(180_000)})`],
    ['one string', `"${'x\n'.repeat(400_000)}"`],
  ])('a megabyte of %s takes no longer than any other', (_, text) => {
    const begun = performance.now();
    const result = format(text);
    expect(result.ok).toBe(true);
    // What is quadratic takes minutes.
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test('the time is linear in the text', () => {
    const unit = readFileSync(join(repository, 'examples/weather/plan.rtfs'), 'utf8');
    const time = (text: string): number => {
      const begun = performance.now();
      laidOut(text);
      return performance.now() - begun;
    };
    let [small, large] = [Infinity, Infinity];
    for (let i = 0; i < 4; i++) {
      small = Math.min(small, time(unit.repeat(16)));
      large = Math.min(large, time(unit.repeat(160)));
    }
    // Ten times the text: what is quadratic takes a hundred times as long.
    expect(large / small).toBeLessThan(50);
  });
});
