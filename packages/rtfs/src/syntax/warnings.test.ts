import { describe, expect, test } from 'vitest';
import { compile } from '../machine/compile.ts';

describe('static warnings', () => {
  test.each([
    ['R1.23', '{:a 1 :b 2 :a 3}', 'EqualKeys', ':a', undefined],
    ['R1.23', '(fn [x] {"k" x "k" 1})', 'EqualKeys', '"k"', undefined],
    ['R4.3', '(let [step 2] (step "a" step))', 'ShadowedForm', 'step', undefined],
    ['R4.6', '(defn f [] (coutn [1]))', 'UndefinedSymbol', 'coutn', 'did you mean count?'],
    ['R7.14', '(match 1 _ 2 3 4)', 'Unreachable', '3', undefined],
    ['R7.14', '(match 1 x 2 [a] 3)', 'Unreachable', '[a]', undefined],
    ['R12.1', '(step "s" :retrys 2 1)', 'UnknownOption', ':retrys', 'did you mean :retries?'],
    [
      'R12.1',
      '(step-parallel :merge-polic :overwrite 1)',
      'UnknownOption',
      ':merge-polic',
      'did you mean :merge-policy, :merge_policy?',
    ],
    ['R15.20', '(inc "a")', 'WillFail', '"a"', 'inc takes [:int] or [:number]'],
  ])('%s %s gives %s', (_rule, source, code, at, hint) => {
    const { ok, diagnostics } = compile(source);
    expect(ok).toBe(true);
    expect(diagnostics).toMatchObject([{ code, severity: 'warning', ...(hint === undefined ? {} : { hint }) }]);
    const [{ span, excerpt }] = diagnostics as [(typeof diagnostics)[number]];
    expect(source.slice(span.start, span.end)).toBe(at);
    expect(excerpt).toContain(at);
    expect(compile(source, { strict: true })).toMatchObject({ ok: false, diagnostics: [{ code, severity: 'error' }] });
  });

  test.each([
    '{:a 1 "a" 2 1 3 1.0 4 2.0 5 2 6}',
    '(let [x 1] {x 1 x 2})',
    '(match 1 x when (> x 2) 3 _ 4)',
    '(match 1 1 2 _ 3)',
    '(let [step 2] (+ step 1))',
    '(step "s" :retries 2 1)',
  ])('%s gives none', (source) => {
    expect(compile(source).diagnostics).toEqual([]);
  });
});

describe('R15.13 types that are themselves', () => {
  test.each([
    ['(deftype A A) 1', false],
    ['(deftype A [:and A [:> 1]]) 1', false],
    ['(deftype A [:not A]) 1', false],
    ['(deftype A int) (deftype B [:and A [:> 1]]) (deftype A B) 1', false],
    ['(deftype A [:vector A]) (valid? A [[] [[]]])', true],
    ['(deftype A [:union nil [:tuple A A]]) (valid? A [nil [nil nil]])', true],
    ['(deftype A A?) 1', true],
    ['(defstruct A :next A?) (valid? A {:next {:next nil}})', true],
  ])('%s: %s', (source, ok) => {
    const compiled = compile(source);
    expect(compiled.ok).toBe(ok);
    if (!ok)
      expect(compiled.diagnostics).toMatchObject([
        { kind: 'SyntaxError', message: expect.stringContaining('A is itself') },
      ]);
  });
});
