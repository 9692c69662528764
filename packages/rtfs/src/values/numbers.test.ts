import { describe, expect, test } from 'vitest';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { ErrorValue } from './kinds.ts';
import type { Value } from './kinds.ts';
import * as numbers from './numbers.ts';
import { print } from './print.ts';

const v = (text: string): Value => formToValue(read(text).forms[0]!);

function evaluated(run: () => Value): string {
  try {
    return print(run());
  } catch (error) {
    return error instanceof ErrorValue ? `!${error.kind}` : String(error);
  }
}

const { add, sub, mul, div, mod, quot, floorModulo, floorDiv, neg } = numbers;
const MAX = '9223372036854775807';
const MIN = '-9223372036854775808';

describe('R3.1–R3.4', () => {
  test.each([
    ['+', add, '1', '2', '3'],
    ['+', add, '1', '0.5', '1.5'],
    ['+', add, '1', '1.0', '2.0'],
    ['+', add, MAX, '1', '!IntegerOverflow'],
    ['+', add, '9007199254740991', '1', '9007199254740992'],
    ['+', add, '9007199254740993', '-9007199254740993', '0'],
    ['+', add, '0.9999999999999999', '1', '2.0'],
    ['+', add, '1', '"a"', '!TypeError'],
    ['+', add, MAX, '0.0', '9223372036854776000.0'],
    ['-', sub, MIN, '1', '!IntegerOverflow'],
    ['-', sub, '0', '0', '0'],
    ['-', sub, '0.5', '0.5', '0.0'],
    ['*', mul, '0', '-5', '0'],
    ['*', mul, '3037000500', '3037000500', '!IntegerOverflow'],
    ['*', mul, '0.0', '-5', '-0.0'],
    ['*', mul, '94906267', '94906267', '9007199515875289'],
    ['*', mul, '4611686018427387904', '2', '!IntegerOverflow'],
    ['/', div, '10', '4', '2.5'],
    ['/', div, '10', '2', '5'],
    ['/', div, '6.0', '3', '2.0'],
    ['/', div, '0', '-3', '0'],
    ['/', div, '1', '0', '!DivisionByZero'],
    ['/', div, '1', '-0.0', '!DivisionByZero'],
    ['/', div, MIN, '-1', '!IntegerOverflow'],
    ['/', div, '9007199254740994', '2', '4503599627370497'],
    ['/', div, '9007199254740993', '2', '4503599627370496.0'],
    ['mod', mod, '-7', '3', '-1'],
    ['mod', mod, '7', '-3', '1'],
    ['mod', mod, '-6', '3', '0'],
    ['mod', mod, '7.5', '2', '1.5'],
    ['mod', mod, MIN, '-1', '0'],
    ['mod', mod, '5', '0', '!DivisionByZero'],
    ['mod', mod, ':a', '1', '!TypeError'],
    ['quot', quot, '-7', '2', '-3'],
    ['quot', quot, '7.5', '2', '3.0'],
    ['quot', quot, MIN, '-1', '!IntegerOverflow'],
    ['quot', quot, '9007199254740991', '2', '4503599627370495'],
    ['floor-mod', floorModulo, '-7', '3', '2'],
    ['floor-mod', floorModulo, '7', '-3', '-2'],
    ['floor-mod', floorModulo, MIN, '3', '1'],
    ['floor-mod', floorModulo, '-7.5', '2', '0.5'],
    ['floor-div', floorDiv, '-7', '2', '-4'],
    ['floor-div', floorDiv, '7', '2', '3'],
    ['floor-div', floorDiv, MIN, '3', '-3074457345618258603'],
    ['floor-div', floorDiv, '9007199254740991', '-2', '-4503599627370496'],
    ['floor-div', floorDiv, '-7.5', '2', '-4.0'],
  ] as const)('(%s) %#', (_name, op, a, b, expected) => {
    expect(evaluated(() => op(v(a), v(b)))).toBe(expected);
  });

  test('negation', () => {
    expect(['5', '0', '2.0', '0.0', MIN, MAX].map((x) => evaluated(() => neg(v(x))))).toEqual([
      '-5',
      '0',
      '-2.0',
      '-0.0',
      '!IntegerOverflow',
      '-9223372036854775807',
    ]);
  });

  test('-2⁵³ and beyond are one value each, whatever made them', () => {
    expect(add(v('9007199254740992'), -1)).toBe(9007199254740991);
    expect(add(9007199254740991, 1)).toBe(9007199254740992n);
  });
});

describe('R3.5 comparison', () => {
  test.each([
    ['<', '9007199254740992.0', '9007199254740993', true],
    ['<', '1', '1.0', false],
    ['<=', '1', '1.0', true],
    ['<', '##NaN', '1', false],
    ['>=', '##NaN', '##NaN', false],
    ['<', '"a"', '"b"', true],
    ['<', '"\\uffff"', '"\\u{1F600}"', true],
    ['>', MAX, '9223372036854775808.0', false],
    ['>', '##Inf', MAX, true],
  ] as const)('(%s %s %s) ⇒ %s', (op, a, b, expected) => {
    const ops = { '<': numbers.less, '<=': numbers.lessOrEqual, '>': numbers.greater, '>=': numbers.greaterOrEqual };
    expect(ops[op](v(a), v(b))).toBe(expected);
  });
  test('mixtures are TypeErrors that name the culprit', () => {
    expect(evaluated(() => numbers.less(1, 'a'))).toBe('!TypeError');
    expect(() => numbers.less('a', null)).toThrowError(
      expect.objectContaining({ message: 'Type error in <: expected string, got nil' }),
    );
  });
});
