import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { print } from '../values/print.ts';
import { formToValue } from './data.ts';
import type { Form } from './forms.ts';
import { read } from './read.ts';
import { renderDiagnostic } from './render.ts';
import { similar } from './similar.ts';

/** A form as text, annotations as `^:T`, prefixes as symbols. */
function shown(form: Form): string {
  switch (form.t) {
    case 'annotation':
      return `⟨${shown(form.type)}⟩`;
    case 'error':
      return '⊥';
    case 'list':
      return `(${form.items.map(shown).join(' ')})`;
    case 'vector':
      return `[${form.items.map(shown).join(' ')}]`;
    case 'map':
      return `{${form.items.map(shown).join(' ')}}`;
    case 'set':
      return `#{${form.items.map(shown).join(' ')}}`;
    case 'literal':
    case 'symbol':
      return print(formToValue(form));
    default:
      return `${form.t}:${shown(form.form)}`;
  }
}

const all = (text: string): string => read(text).forms.map(shown).join(' ');
const codes = (text: string): string[] =>
  read(text).diagnostics.map((d) => (d.kind === 'ParseError' ? d.code : d.kind));

describe('R1.1–R1.30 what reads', () => {
  test.each([
    ['R1.2', '[1, 2,,3\u00a04]', '[1 2 3 4]'],
    ['R1.3', '(do #| a #| b |# c |# 4) ; end', '(do 4)'],
    ['R1.3', '(+ 1 #_ (boom) #_#_a b 2)', '(+ 1 2)'],
    ['R1.1', '\ufeff1', '1'],
    ['R1.4', '#!/usr/bin/env ccos\n1', '1'],
    ['R1.5', 'trueish iffy default nilly', 'trueish iffy default nilly'],
    ['R1.5', '(f"a"[b]:k)', '⊥'],
    ['R1.6', '007 +5 -5 0xFF -0x10 -0', '7 5 -5 255 -16 0'],
    ['R1.6', '9223372036854775807 -9223372036854775808', '9223372036854775807 -9223372036854775808'],
    ['R1.7', '1e3 -0.0 1.5e-9 1E2', '1000.0 -0.0 1.5e-9 100.0'],
    ['R1.8', '##Inf ##-Inf ##NaN', '##Inf ##-Inf ##NaN'],
    ['R1.9', '"\\u0041\\u{1F600}\\ud83d\\ude00\\n\\0"', '"A😀😀\\n\\u0000"'],
    ['R1.10', 'true false nil', 'true false nil'],
    ['R1.11', ':a/b :com.acme:v1.0/x :nil :true :é', ':a/b :com.acme:v1.0/x :nil :true :é'],
    ['R1.12', '#"\\d+\\"[/]"', '#"\\d+\\"[/]"'],
    [
      'R1.13',
      '2024-05-01T10:20:30Z 2024-05-01T10:20:30.123Z 2024-05-01T10:20:30_123Z',
      '"2024-05-01T10:20:30Z" "2024-05-01T10:20:30.123Z" "2024-05-01T10:20:30_123Z"',
    ],
    [
      'R1.13',
      '123e4567-e89b-12d3-a456-426614174000 a23e4567-e89b-12d3-a456-426614174000',
      '"123e4567-e89b-12d3-a456-426614174000" "a23e4567-e89b-12d3-a456-426614174000"',
    ],
    ['R1.14', '(f resource://a/b:1)', '(f "resource://a/b:1")'],
    ['R1.16', "-x + ... & _ _x x' a#b $ é 変数", "-x + ... & _ _x x' a#b $ é 変数"],
    ['R1.17', '`(x# ~y ~@z) %params', 'quasiquote:(x# unquote:y splice:z) %params'],
    ['R1.18', '(com.acme:v1.0/create resource:ref)', '(com.acme:v1.0/create resource:ref)'],
    ['R1.20', '(.getMessage e) (f .x) (... 1)', '(getMessage e) (f .x) (... 1)'],
    ['R1.22', '#{1 2}', '#{1 2}'],
    ['R1.24', '#(+ % %3)', '(fn [%1 %2 %3] (+ %1 %3))'],
    ['R1.24', '#(vector %2 %&)', '(fn [%1 %2 & %&] (vector %2 %&))'],
    ['R1.24', '#(vector %21)', '(fn [] (vector %21))'],
    ['R1.25', "'x '()", 'quote:x quote:()'],
    ['R1.27', '@x @:k @(f) r@v1', 'deref:x deref::k deref:(f) r deref:v1'],
    ['R1.30', '[x:int y: string z : float q :[:vector :int]]', '[x ⟨int⟩ y ⟨string⟩ z ⟨float⟩ q ⟨[:vector :int]⟩]'],
    ['R1.30', '[[a b]:int {:keys [a]}:map x:[:vector int]]', '[[a b] ⟨int⟩ {:keys [a]} ⟨map⟩ x ⟨[:vector int]⟩]'],
    ['R1.31', '[x :int]', '[x :int]'],
  ])('%s %s', (_rule, text, expected) => {
    expect(all(text)).toBe(expected === '⊥' ? all(text) : expected);
    if (expected !== '⊥') expect(codes(text)).toEqual([]);
  });
});

describe('what does not read, and its code', () => {
  test.each([
    ['R1.1', '"a" \ud800', 'LoneSurrogate'],
    ['R1.3', '1 #| a', 'UnclosedComment'],
    ['R1.4', '// x', 'CommentStyle'],
    ['R1.5', '123abc', 'BadNumber'],
    ['R1.5', '42..', 'BadNumber'],
    ['R1.5', '1/2', 'BadNumber'],
    ['R1.5', '10N', 'BadNumber'],
    ['R1.5', '"a"b', 'BadToken'],
    ['R1.6', '9223372036854775808', 'IntegerOutOfRange'],
    ['R1.7', '1e999', 'FloatOutOfRange'],
    ['R1.7', '.5', 'BadNumber'],
    ['R1.7', '5.', 'BadNumber'],
    ['R1.9', '"a\\xb"', 'InvalidEscape'],
    ['R1.9', '"\\d"', 'InvalidEscape'],
    ['R1.9', '"\\ud800"', 'InvalidEscape'],
    ['R1.9', '"\\u{110000}"', 'InvalidEscape'],
    ['R1.9', '"\\u{d800}"', 'InvalidEscape'],
    ['R1.9', '"abc', 'UnclosedString'],
    ['R1.11', '::a', 'BadToken'],
    ['R1.11', ':a|b', 'BadToken'],
    ['R1.12', '#"(?=a)"', 'InvalidRegex'],
    ['R1.12', '#"a', 'UnclosedString'],
    ['R1.15', '\\a', 'BadToken'],
    ['R1.17', 'x#', 'Gensym'],
    ['R1.23', '{:a 1 :b}', 'OddMap'],
    ['R1.24', '#(f #(g))', 'NestedShorthand'],
    ['R1.25', "'", 'Missing'],
    ['R1.28', '^:private x', 'BadMeta'],
    ['R1.28', '^{:a 1} 5', 'BadMeta'],
    ['R1.29', "#'x", 'BadHash'],
    ['R1.29', '#?(:clj 1)', 'BadHash'],
    ['R1.29', '#:n{}', 'BadHash'],
    ['R1.29', '#tag 1', 'BadHash'],
    ['R1.29', '##x', 'BadHash'],
    ['R1.30', '{name: 1}', 'AnnotationInMap'],
    ['R1.30', '[x:]', 'Missing'],
    ['R1.35', ')', 'UnexpectedCloser'],
    ['R1.36', '(+ 1 2', 'Unclosed'],
    ['R1.36', '([1 2)', 'WrongCloser'],
    ['R1.36', '(1 ])', 'WrongCloser'],
    ['R17.5', 'x'.repeat(1025), 'TokenTooLong'],
    ['R17.5', '1'.repeat(1025), 'TokenTooLong'],
    ['R17.5', '['.repeat(513), 'TooDeep'],
    ['R17.5', "'".repeat(600), 'TooDeep'],
    ['R17.5', '#_'.repeat(600), 'TooDeep'],
  ])('%s %s', (_rule, text, code) => {
    expect(codes(text)[0]).toBe(code);
    expect(read(text).diagnostics[0]!.severity).toBe('error');
  });

  test('R1.23 equal literal keys warn, and the map reads', () => {
    const { forms, diagnostics } = read('{:a 1 :b 2 :a 3}');
    expect(print(formToValue(forms[0]!))).toBe('{:a 3 :b 2}');
    expect(diagnostics.map((d) => [d.severity, d.span.column])).toEqual([['warning', 12]]);
  });

  test('R17.5 sourceBytes counts UTF-8; sourceDepth and diagnostics have their limits', () => {
    expect(read('"ééé"', { limits: { sourceBytes: 8 } }).diagnostics).toEqual([]);
    expect(read('"ééé"', { limits: { sourceBytes: 7 } }).diagnostics[0]!.code).toBe('SourceTooLarge');
    expect(read('😀', { limits: { sourceBytes: 3 } }).diagnostics[0]!.code).toBe('SourceTooLarge');
    expect(codes('['.repeat(512) + ']'.repeat(512))).toEqual([]);
    const many = read(') '.repeat(60));
    expect([many.diagnostics.length, many.more]).toEqual([50, 10]);
  });
});

describe('R1.28 metadata', () => {
  test('stands on the form behind it; an annotation stays beside', () => {
    const [list] = read('(defn ^{:a 1} f ^{:b 2} [x]:int x)').forms;
    const items = list!.t === 'list' ? list!.items : [];
    expect(items.map((item) => ('meta' in item && item.meta !== undefined ? shown(item.meta) : item.t))).toEqual([
      'symbol',
      '{:a 1}',
      '{:b 2}',
      'annotation',
      'symbol',
    ]);
  });
  test('^:delegation with its target', () => {
    const [local, remote] = read('^:delegation :local [x] ^:delegation :remote "m" [x]').forms;
    expect([local, remote].map((f) => (f?.t === 'vector' && f.meta !== undefined ? shown(f.meta) : ''))).toEqual([
      '{:delegation :local}',
      '{:delegation :remote :model "m"}',
    ]);
  });
});

describe('R1.34–R1.37 spans, recovery, rendering', () => {
  test('spans count lines, code points and UTF-16 units', () => {
    const [, list] = read('"a\nb"\n  ("😀" x)', { file: 'p.rtfs' }).forms;
    expect(list!.span).toEqual({ start: 8, end: 16, line: 3, column: 3, endLine: 3, endColumn: 10, file: 'p.rtfs' });
    expect(list!.t === 'list' && list!.items[1]!.span).toMatchObject({ start: 14, end: 15, column: 8, endColumn: 9 });
  });

  test('a wrong closer closes the form it fits', () => {
    expect(all('(a [b (c) d) e')).toBe('(a [b (c) d]) e');
    expect(all('(a } b)')).toBe('(a b)');
  });

  test('a `(` in column 1 begins the next form only where brackets do not close', () => {
    expect(all('(do\n(f)\n)')).toBe('(do (f))');
    expect(all('(defn f [x]\n  (g x)\n(defn h [] 1)\n(h)')).toBe('(defn f [x] (g x)) (defn h [] 1) (h)');
    expect(read('(defn f [x]\n  (g x)\n(defn h [] 1)\n(h)').diagnostics).toHaveLength(1);
  });

  test('a diagnostic for people', () => {
    const text = (source: string): string => read(source, { file: 'f' }).diagnostics.map(renderDiagnostic).join('\n');
    expect(text('(let [x 1)\n  x)')).toBe(
      [
        "f:1:10: Parse error: expected ']' to close '[' opened at 1:6, found ')'",
        '(let [x 1)',
        '         ^',
        'f:1:6: opened here',
        "f:2:4: Parse error: unexpected ')'",
        '  x)',
        '   ^',
        'hint: nothing is open here',
      ].join('\n'),
    );
    expect(text('x\n\t"é\\d"')).toBe(
      'f:2:4: Parse error: invalid escape \\d\n\t"é\\d"\n\t  ^^\nhint: use #"…" for a regular expression',
    );
    expect(text('(+ 1\n 2')).toBe(
      "f:2:3: Parse error: unexpected end of input\n 2\n  ^\nf:1:1: opened here\nhint: '(' opened at 1:1 is never closed",
    );
  });

  test('R1.35 reading never throws and always ends', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '#{',
      '#(',
      '"',
      '\\',
      "'",
      '`',
      '~',
      '~@',
      '@',
      '^',
      '#',
      '#_',
      '#|',
      '|#',
      ':',
      ';',
      '\n',
      ' ',
      'x',
      '1',
      '.',
      '%',
      '\ud800',
      'é',
      '/',
      '##',
      ',',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const { forms } = read(text);
        for (const form of forms) expect(form.span.end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });
});

test('R1.38 did you mean: nearest first, at most three', () => {
  expect(similar('reduce-v', ['reduce', 'reduced', 'map', 'reduce-kv'])).toEqual(['reduce-kv', 'reduce', 'reduced']);
  expect(similar('mpa', ['map', 'mapv', 'zap'])).toEqual(['map']);
  expect(similar('ab', ['ba', 'ac', 'abc', 'a', 'xyz'])).toEqual(['a', 'abc', 'ac']);
  expect(similar('x'.repeat(100), ['x'.repeat(101)])).toEqual([]);
});
