import { describe, expect, test } from 'vitest';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { canonical, decode, encode } from './codec.ts';
import { equal } from './equality.ts';
import { Atom, ErrorValue, Fn, Keyword } from './kinds.ts';
import type { Value } from './kinds.ts';
import { parseJson, serializeJson } from './json-text.ts';
import { PMap } from './map.ts';
import { toPlain } from './plain.ts';
import { print } from './print.ts';
import { compileRegex } from './regex.ts';
import { Vec } from './vector.ts';

const quoted = (text: string): Value => {
  const form = read(text).forms[0]!;
  return formToValue(form.t === 'quote' ? form.form : form);
};

describe('R14.12 golden', () => {
  test.each([
    ['[1 2.5 2.0 nil]', '[1,2.5,{"$float":"2.0"},null]', '[1,2.5,2,null]'],
    ['{:b 1 :a "x"}', '{":a":"x",":b":1}', '{"b":1,"a":"x"}'],
    ['{"$x" 1 "\'y" 2}', '{"\'$x":1,"\'\'y":2}', '{"$x":1,"\'y":2}'],
    ['{2 :b 1 :a}', '{"$map":[[1,{"$kw":"a"}],[2,{"$kw":"b"}]]}', '{"1":":a","2":":b"}'],
    ['#{:a 10 9}', '{"$set":[10,9,{"$kw":"a"}]}', '[":a",10,9]'],
    ["'(a 1)", '{"$list":[{"$sym":"a"},1]}', '["a",1]'],
    ['9007199254740993', '{"$int":"9007199254740993"}', '"9007199254740993"'],
    ['##-Inf', '{"$float":"-Inf"}', '"-Inf"'],
    ['{}', '{}', '{}'],
    ['[]', '[]', '[]'],
    ['#{}', '{"$set":[]}', '[]'],
    ['\'{"b" :k ":a" s}', '{"\':a":{"$sym":"s"},"b":{"$kw":"k"}}', '{"b":":k",":a":"s"}'],
    ['{"__proto__" 1}', '{"__proto__":1}', '{"__proto__":1}'],
  ])('%s', (text, tagged, plain) => {
    const value = quoted(text);
    expect(canonical(value)).toBe(tagged);
    expect(JSON.stringify(toPlain(value))).toBe(plain);
    expect(equal(decode(JSON.parse(tagged)), value)).toBe(true);
  });

  test('R14.8 regexes and errors travel, errors without span and trace', () => {
    const error = new ErrorValue('K', 'm', Vec.of([compileRegex('\\d+')]));
    expect(canonical(error)).toBe('{"$error":{"data":[{"$re":"\\\\d+"}],"kind":"K","message":"m"}}');
    expect(equal(decode(encode(error)), error)).toBe(true);
  });
});

test('R14.9 functions and atoms do not, and the error says where', () => {
  const value = PMap.of([[Keyword.of('items'), Vec.of([1, PMap.of([['text', new Fn('f', 1, null, null, null)]])])]]);
  expect(() => encode(value)).toThrowError(
    expect.objectContaining({ kind: 'SerializationError', message: 'Cannot serialise function at .items[1]["text"]' }),
  );
  expect(() => canonical(new Atom(1, 1))).toThrowError(
    expect.objectContaining({ message: 'Cannot serialise atom at .' }),
  );
});

describe('R14.11 refuses what encoding does not produce', () => {
  test.each([
    '{"$kw":"a","x":1}',
    '{"$no":1}',
    '{"$int":"5"}',
    '{"$int":"+9007199254740993"}',
    '{"$int":"09007199254740993"}',
    '{"$int":"9223372036854775808"}',
    '{"$float":"2.5"}',
    '{"$float":"2"}',
    '{"$float":"1e21"}',
    '9007199254740993',
    '-0',
    '1e300',
    '{"$map":[["a",1]]}',
    '{"$map":[]}',
    '{"$map":[[1,2],[1,3]]}',
    '{"$set":[1,1]}',
    '{"$set":[{"$float":"NaN"}]}',
    '{"$map":[[{"$re":"a"},1]]}',
    '{"\'a":1}',
    '{"$kw":""}',
    '{"$kw":"a b"}',
    '{":":1}',
    '{"$sym":"nil"}',
    '{"$sym":"12"}',
    '"\\ud800"',
    '{"\\ud800":1}',
    '{"$re":"("}',
    '{"$re":"a\\\\\\""}',
    '{"$error":{"kind":"K"}}',
    '{"$set":1}',
    '{"$map":[[1]]}',
    '{"$list":{}}',
  ])('%s', (text) => {
    expect(() => decode(JSON.parse(text))).toThrowError(expect.objectContaining({ kind: 'SerializationError' }));
  });
});

test('R17.5 200 levels travel, 201 do not', () => {
  const deep = (n: number): Value => Array.from({ length: n }).reduce<Value>((v) => Vec.of([v]), null);
  expect(equal(decode(encode(deep(200))), deep(200))).toBe(true);
  expect(canonical(deep(200))).toHaveLength(404);
  for (const go of [encode, canonical])
    expect(() => go(deep(201))).toThrowError(expect.objectContaining({ kind: 'DepthLimit' }));
  expect(() => decode(JSON.parse('['.repeat(201) + ']'.repeat(201)))).toThrowError(
    expect.objectContaining({ kind: 'SerializationError' }),
  );
});

test('R17.4 a value that unfolds without end is refused, not encoded', () => {
  const tower = Array.from({ length: 60 }).reduce<Value>((v) => Vec.of([v, v]), null);
  const bounds = { maxDepth: 200, maxCharacters: 100_000 };
  expect(() => encode(tower, bounds)).toThrowError(expect.objectContaining({ kind: 'SerializationError' }));
  expect(() => canonical(tower, bounds)).toThrowError(expect.objectContaining({ kind: 'SerializationError' }));
});

describe('R14.14–R14.16 JSON text', () => {
  test('golden', () => {
    expect(serializeJson(quoted('{:b 2.0 "a" [1 :k]}'))).toBe('{"a":[1,":k"],"b":2.0}');
    expect(print(parseJson('{"a":[1,1.0,1e2]}'))).toBe('{"a" [1 1.0 100.0]}');
    expect(print(parseJson('{"a":1,"b c":2}', { keywords: true }))).toBe('{:a 1 "b c" 2}');
    expect(print(parseJson('[9223372036854775807, 9223372036854775808, -0, "\\u00e9\\n"]'))).toBe(
      '[9223372036854775807 9223372036854776000.0 0 "é\\n"]',
    );
    expect(serializeJson(quoted('[1 {"a" []}]'), true)).toBe('[\n  1,\n  {\n    "a": []\n  }\n]');
    expect(print(parseJson('{"2":1,"1":2,"2":3}'))).toBe('{"2" 3 "1" 2}');
  });
  test.each([
    ['{', '1:2'],
    ['', '1:1'],
    ['[1,]', '1:4'],
    ['[1 2]', '1:4'],
    ['{"a" 1}', '1:6'],
    ['"a', '1:1'],
    ['"\\x"', '1:1'],
    ['tru', '1:1'],
    ['01', '1:2'],
    ['1 2', '1:3'],
    ['{"a":1,\n  b:2}', '2:3'],
    ['1e999', '1:1'],
    ['"\\ud800"', '1:1'],
    ['[1}', '1:3'],
    ['.5', '1:1'],
  ])('%j is a JsonError at %s', (text, where) => {
    expect(() => parseJson(text)).toThrowError(
      expect.objectContaining({ kind: 'JsonError', message: expect.stringContaining(`at ${where}:`) }),
    );
  });
  test('depth and what has no JSON', () => {
    expect(() => parseJson('['.repeat(201))).toThrowError(expect.objectContaining({ kind: 'DepthLimit' }));
    expect(() => serializeJson(Vec.of([NaN]))).toThrowError(
      expect.objectContaining({ message: 'Cannot serialise ##NaN at [0]' }),
    );
  });
});
