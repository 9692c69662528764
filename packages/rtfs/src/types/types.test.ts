import { describe, expect, test } from 'vitest';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { Fn } from '../values/kinds.ts';
import type { ErrorValue, Value } from '../values/kinds.ts';
import { Vec } from '../values/vector.ts';
import { isKnownType, parseType } from './parse.ts';
import { typeText } from './type.ts';
import type { Type } from './type.ts';
import { checkCast, satisfies, validate } from './validate.ts';

const value = (text: string): Value => {
  const form = read(text).forms[0]!;
  return formToValue(form.t === 'quote' ? form.form : form);
};

describe('R15.1–R15.14 what satisfies a type, and what does not', () => {
  test.each([
    ['int', '1 9007199254740993', '1.0 "1" nil'],
    [':Int', '1', '2.0'],
    ['long', '1', '1.5'],
    ['float', '1 1.0 2.5', '"1"'],
    ['number', '1 1.5', ':a'],
    ['str', '"a"', ':a'],
    ['boolean', 'true', 'nil'],
    ['nil', 'nil', 'false'],
    ['keyword', ':a', '"a"'],
    ['symbol', "'a", ':a'],
    ['regex', '#"a"', '"a"'],
    ['seq', "[1] '(1)", '#{1}'],
    ['any', 'nil 1', ''],
    ['never', '', 'nil 1'],
    ['data', '1 [1]', ''],
    ['int?', '1 nil', '"a"'],
    [':int?', 'nil', '1.5'],
    ['[:vector int]', '[] [1 2]', '\'(1) [1 "a"]'],
    ['[:list int]', "'(1)", '[1]'],
    ['[:set :keyword]', '#{:a}', '#{1}'],
    ['[:seq :int]', "[1] '(1)", '#{1}'],
    ['[:array :int [2]]', '[1 2]', '[1] [1 :a]'],
    ['[:array :int [? 2]]', '[[1 2] [3 4]] []', '[[1]]'],
    ['[:tuple :int :string]', '[1 "a"] \'(1 "a")', '[1] ["a" 1] [1 "a" 2]'],
    ['[:map [:a :int] [:b :string ?]]', '{:a 1} {:a 1 :b "x" :c 2}', '{} {:a "x"} {:a 1 :b 2} {:a 1 :b nil}'],
    ['[:map [:a :int?]]', '{} {:a nil}', '{:a "x"}'],
    ['[:map {:closed true} [:a :int]]', '{:a 1}', '{:a 1 :b 2}'],
    ['[:map {:a :int "b" :string}]', '{:a 1 "b" "x"}', '{:a 1}'],
    ['[:map [:* :int]]', '{:x 1}', '{:x "a"}'],
    ['[:map-of :keyword :int]', '{:a 1} {}', '{"a" 1} {:a "x"}'],
    ['[:union :int :string]', '1 "a"', ':a'],
    ['[:enum :a "b" nil [1 2]]', ':a "b" nil [1 2]', '"a" [1]'],
    ['[:val 1]', '1', '1.0'],
    ['[:not :nil]', '1', 'nil'],
    ['[:resource handle]', '1 nil', ''],
    ['[:and :int [:> 1] [:<= 3]]', '2 3', '1 4 2.5'],
    ['[:and :number [:in-range 0 1.5]]', '0 1.5 1', '2 -0.1'],
    ['[:and :int [:multiple-of 3]]', '9 0', '10'],
    ['[:and :any [:!= 3]]', '4 3.0', '3'],
    ['[:and :string [:min-length 2] [:max-length 3]]', '"ab" "😀😀😀"', '"a" "abcd"'],
    ['[:and :any [:count 2]]', '"ab" [1 2] {:a 1 :b 2}', '[1] 5'],
    ['[:and :vector [:non-empty]]', '[1]', '[]'],
    ['[:and :vector [:unique]]', '[1 2 1.0]', '[1 2 1]'],
    ['[:and :map [:has-key :a]]', '{:a nil}', '{}'],
    ['[:and :map [:required-keys [:a :b]]]', '{:a 1 :b 1}', '{:a 1}'],
    ['[:and :string [:matches-regex "^a+$"]]', '"aa"', '"ab"'],
    ['[:and :string [:is-url]]', '"https://a.b/c?d"', '"a.b" "file:///x"'],
    ['[:and :string [:is-email]]', '"a@b.c"', '"a@b" "a b@c.d" "a@b@c.d" "a@b."'],
    ['[:and :string [:is-uuid]]', '"123e4567-e89b-12d3-a456-426614174000"', '"123"'],
    ['[:and :string [:is-date]]', '"2024-05-01"', '"2024-5-1"'],
    ['[:and :string [:is-timestamp]]', '"2024-05-01T10:20:30Z"', '"2024-05-01"'],
  ])('%s', (text, good, bad) => {
    const type = parseType(text);
    for (const form of read(good).forms)
      expect([good, validate(formToValue(form.t === 'quote' ? form.form : form), type)]).toEqual([good, []]);
    for (const form of read(bad).forms)
      expect(satisfies(formToValue(form.t === 'quote' ? form.form : form), type)).toBe(false);
    expect(typeText(parseType(typeText(type)))).toBe(typeText(type));
  });

  test('R15.10 a callable by its arity', () => {
    const f = (n: number): Value => new Fn('f', n, null, null, null);
    const type = parseType('[:fn [:int :int] :int]');
    expect([f(2), f(1), f(-1), f(-4), value(':k'), 5].map((v) => satisfies(v, type))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    expect([f(2), f(-3)].map((v) => satisfies(v, parseType('[:=> [:int :int & :int] :any]')))).toEqual([false, true]);
  });

  test('R15.13 aliases, recursive too', () => {
    const types = new Map<string, Type>();
    types.set('Tree', parseType('[:union :int [:vector :Tree]]', new Map([['Tree', parseType('int')]])));
    types.set('Tree', {
      t: 'union',
      members: [parseType('int'), { t: 'elements', kind: 'vector', element: { t: 'alias', name: 'Tree', types } }],
    });
    const tree = parseType('Tree?', types);
    expect(['1', '[1 [2 [3]]]', 'nil', '[1 ["a"]]'].map((text) => satisfies(value(text), tree))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(isKnownType('Tree?', types)).toBe(true);
    expect(isKnownType('Tree')).toBe(false);
  });
});

test.each([
  ['strng', 'UnknownType'],
  ['[:vectr :int]', 'UnknownType'],
  ['[:and :int [:gt 1]]', 'UnknownType'],
  ['[:vector]', 'SyntaxError'],
  ['[:map [:a]]', 'SyntaxError'],
  ['[:map [a int]]', 'SyntaxError'],
  ['5', 'SyntaxError'],
  ['[:and :int [:> "a"]]', 'SyntaxError'],
  ['[:and :int [:multiple-of 0]]', 'SyntaxError'],
  ['[:and :string [:matches-regex "("]]', 'InvalidRegex'],
  ['[:fn :int :int]', 'SyntaxError'],
  ['[', 'ParseError'],
  ['int int', 'ParseError'],
  ['', 'ParseError'],
  ['[:array :int [-1]]', 'SyntaxError'],
])('%s is no type: %s', (text, kind) => {
  expect(() => parseType(text)).toThrowError(expect.objectContaining({ kind }));
});

test('R1.38 an unknown type names its neighbours', () => {
  try {
    parseType('strng');
    expect.unreachable();
  } catch (error) {
    expect((error as ErrorValue).hint).toBe('did you mean string?');
  }
});

describe('R15.15 violations', () => {
  const found = (text: string, type: string): string[] =>
    validate(value(text), parseType(type)).map((v) => `${v.kind} ${v.path} ${v.expected} ${v.actual}`);
  test.each([
    [
      '{:items [{:id 1} {:id "x"}]}',
      '[:map [:items [:vector [:map [:id :int]]]]]',
      ['TypeMismatch .items[1].id :int "x"'],
    ],
    ['{"text" 1}', '[:map ["text" :string]]', ['TypeMismatch ["text"] :string 1']],
    ['{}', '[:map [:a :int]]', ['MissingRequiredKey .a :int nothing']],
    ['{:b 1}', '[:map {:closed true} [:a :int ?]]', ['UnexpectedKey .b no such key 1']],
    ['[1]', '[:tuple :int :int]', ['CountMismatch  2 elements 1 elements']],
    ['[5]', '[:vector [:and :int [:< 3]]]', ['PredicateViolation [0] [:< 3] 5']],
    ['[1 {:a "x"}]', '[:union :string [:vector :int] [:tuple :int [:map [:a :int]]]]', ['TypeMismatch [1].a :int "x"']],
    [':k', '[:union :string :int]', ['TypeMismatch  [:union :string :int] :k']],
  ])('%s against %s', (text, type, expected) => {
    expect(found(text, type)).toEqual(expected);
  });
  test('at most 20', () => {
    expect(validate(Vec.of(Array(100).fill('x')), parseType('[:vector :int]'))).toHaveLength(20);
  });
  test('R15.17 a value that shares its parts costs what it stores', () => {
    const tower = Array.from({ length: 60 }).reduce<Value>((v) => Vec.of([v, v]), 1);
    const types = new Map<string, Type>();
    types.set('T', {
      t: 'union',
      members: [parseType('int'), { t: 'elements', kind: 'vector', element: { t: 'alias', name: 'T', types } }],
    });
    expect(satisfies(tower, parseType('T', types), 2000)).toBe(true);
  });
});

test('R15.16 a failed cast', () => {
  expect(checkCast(1, parseType('int'), 'x')).toBe(1);
  expect(() => checkCast(value('[1 "a"]'), parseType('[:vector :int]'), 'x')).toThrowError(
    expect.objectContaining({
      kind: 'TypeValidationError',
      message: 'Type validation error: x: expected [:vector :int], got [1 "a"] at [1]',
    }),
  );
});
