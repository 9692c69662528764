import { describe, expect, test } from 'vitest';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { resolveLimits } from './limits.ts';
import { Atom, ErrorValue, Fn } from './kinds.ts';
import type { Value } from './kinds.ts';
import { float } from './numbers.ts';
import { print, printForPeople, printShort, str } from './print.ts';
import { compileRegex, program, scanCost } from './regex.ts';
import { Vec } from './vector.ts';

const quoted = (text: string): Value => formToValue(read(text).forms[0]!);

describe('R2.10–R2.13 printing', () => {
  test.each([
    [4, '4.0'],
    [0.1, '0.1'],
    [1e21, '1.0e21'],
    [1.5e-9, '1.5e-9'],
    [1e-6, '0.000001'],
    [1e-7, '1.0e-7'],
    [123456789012345680000, '123456789012345680000.0'],
    [-0, '-0.0'],
    [Infinity, '##Inf'],
    [-Infinity, '##-Inf'],
    [NaN, '##NaN'],
    [1.25e300, '1.25e300'],
  ])('float %s prints as %s', (x, text) => {
    expect(print(float(x))).toBe(text);
  });
  test('R2.11 strings escape controls and line separators alone', () => {
    expect(print('a"\\\n\t\r\u0001\u0085\u2028é😀')).toBe('"a\\"\\\\\\n\\t\\r\\u0001\\u0085\\u2028é😀"');
  });
  test('R2.12 str', () => {
    expect(['a', 1, quoted(':k'), null, true, float(2), quoted('[1 "x"]')].map((x) => str(x)).join('')).toBe(
      'a1:kniltrue2.0[1 "x"]',
    );
  });
  test('R2.1 what is no data', () => {
    const all = [new Fn('f', 1, null, null, null), new Atom(1, 3), new ErrorValue('K', 'a "b"')];
    expect(all.map((x) => print(x))).toEqual(['#<function f>', '#<atom 3>', '#<error :K "a \\"b\\"">']);
  });
  test('R2.13 pr-str raises where printing for people cuts', () => {
    const deep = (n: number): Value => Array.from({ length: n }).reduce<Value>((v) => Vec.of([v]), 1);
    expect(print(deep(200))).toHaveLength(401);
    expect(() => print(deep(201))).toThrowError(
      expect.objectContaining({ kind: 'DepthLimit', message: 'Limit dataDepth reached: 200' }),
    );
    expect(printForPeople(deep(33))).toBe(`${'['.repeat(32)}…${']'.repeat(32)}`);
    expect(printForPeople(Vec.of(Array(1001).fill(1)))).toBe(`[${'1 '.repeat(1000)}…]`);
    const short = printShort('😀'.repeat(200));
    expect([short.length <= 120, short.endsWith('…'), short.isWellFormed()]).toEqual([true, true, true]);
  });
  test('R17.3 a value that unfolds without end stops at stringLength', () => {
    const tower = Array.from({ length: 60 }).reduce<Value>((v) => Vec.of([v, v]), 1);
    const bounds = { depth: 200, elements: Infinity, characters: 10_000, strict: true };
    expect(() => print(tower, bounds)).toThrowError(expect.objectContaining({ kind: 'StringLimit' }));
    expect(printForPeople(tower).length).toBeLessThanOrEqual(65_536);
  });
});

describe('R15.19 regular expressions', () => {
  test.each([
    ['(?=a)', 'look-around'],
    ['(a)\\1', 'back-references'],
    ['a++', 'possessive'],
    ['(?>a)', 'atomic'],
    ['a{1001}', undefined],
    ['a{2,1001}', undefined],
    ['(', undefined],
    ['\\Qa\\E', 'quoting'],
    ['x'.repeat(4097), undefined],
    ['((a{100}){100}){100}', undefined],
    ['(?:a{1000}){30}', undefined],
  ])('%.20s is refused', (pattern, hint) => {
    try {
      compileRegex(pattern);
      expect.unreachable();
    } catch (error) {
      expect((error as ErrorValue).kind).toBe('InvalidRegex');
      expect((error as ErrorValue).hint ?? '').toContain(hint ?? '');
    }
  });
  test('what is supported', () => {
    const matches = (pattern: string, text: string): boolean => program(compileRegex(pattern)).test(text);
    expect([
      matches('^a{1,1000}$', 'aaa'),
      matches('\\p{L}+', 'é'),
      matches('(?P<y>\\d+)', '1'),
      matches('(?<y>\\d+)', 'x'),
      matches('[{]1001}', '{1001}'),
      matches('(?i)A', 'a'),
    ]).toEqual([true, true, true, false, true, true]);
  });
  test('an escaped quote has one spelling', () => {
    expect(compileRegex('a\\"').source).toBe('a"');
    expect(compileRegex('a\\\\').source).toBe('a\\\\');
  });
  test('R19.7 nested quantifiers cost linear time', () => {
    const regex = compileRegex('(a+)+$');
    expect(program(regex).test(`${'a'.repeat(20_000)}b`)).toBe(false);
    expect(scanCost(regex, 100)).toBe(13);
  });
});

test('R17.5 limits: unknown names, and more than the maximum, are refused', () => {
  expect(resolveLimits({ fuel: 5 })).toMatchObject({ fuel: 5, frames: 10_000 });
  for (const wrong of [{ fuel: 1e16 }, { frames: -1 }, { frames: 1.5 }, { constructor: 1 }, { nope: 1 }]) {
    expect(() => resolveLimits(wrong as never)).toThrow(RangeError);
  }
});
