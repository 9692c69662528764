import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyType, valueNear } from '../../test/arbitrary-types.ts';
import type { Value } from '../values/kinds.ts';
import { kindsOf } from './kinds.ts';
import { parseType } from './parse.ts';
import { areDisjoint, isSubtype } from './relations.ts';
import { typeText } from './type.ts';
import type { Type } from './type.ts';
import { satisfies } from './validate.ts';

/** Two types, often one made of the other, and a value near one of them. */
const pair = fc
  .tuple(
    anyType,
    anyType,
    fc.constantFrom<(a: Type, b: Type) => Type>(
      (_a, b) => b,
      (_a, b) => b,
      (a, b) => ({ t: 'union', members: [a, b] }),
      (a, b) => ({ t: 'and', type: a, items: [b] }),
      (a) => ({ t: 'not', type: a }),
    ),
  )
  .map(([a, b, make]) => [a, make(a, b)] as const)
  .chain(([a, b]) => fc.tuple(fc.constant(a), fc.constant(b), fc.oneof(valueNear(a), valueNear(b))));

describe('R15.20 relations between types', () => {
  test('a value of a subtype is one of the type, and disjoint types have no value in common', () => {
    let below = 0;
    let apart = 0;
    fc.assert(
      fc.property(pair, ([a, b, v]) => {
        const [inA, inB] = [satisfies(v, a), satisfies(v, b)];
        const shown = (): unknown => [typeText(a), typeText(b), v];
        if (isSubtype(a, b) && inA) expect(shown()).toEqual(inB ? shown() : 'a counterexample of isSubtype');
        if (areDisjoint(a, b) && (inA || inB))
          expect(shown()).toEqual(inA && inB ? 'a counterexample of areDisjoint' : shown());
        below += Number(isSubtype(a, b) && inA);
        apart += Number(areDisjoint(a, b) && (inA || inB));
      }),
      { numRuns: 20_000 },
    );
    expect(Math.min(below, apart)).toBeGreaterThan(500);
  });

  test.each([
    [':int', ':float', true],
    [':int', ':number', true],
    [':float', ':int', false],
    [':string', ':any', true],
    [':never', ':string', true],
    [':any', ':data', false],
    ['[:union :int :string]', '[:union :string :number]', true],
    ['[:union :int :string]', ':int', false],
    ['[:vector :int]', '[:vector :number]', true],
    ['[:vector :int]', '[:seq :any]', true],
    ['[:vector :number]', '[:vector :int]', false],
    ['[:tuple :int :int]', '[:seq :int]', true],
    ['[:map [:a :int] [:b :string]]', '[:map [:a :number]]', true],
    ['[:map [:a :int]]', '[:map [:a :int] [:b :int]]', false],
    ['[:map [:a :int]]', '[:map [:a :int] [:b :int ?]]', false],
    ['[:map {:closed true} [:a :int]]', '[:map [:a :int] [:b :int ?]]', true],
    ['[:map [:a :int]]', '[:map {:closed true} [:a :int]]', false],
    ['[:map {:closed true} [:a :int]]', '[:map-of :keyword :int]', true],
    ['[:fn [:number] :int]', '[:fn [:int] :number]', true],
    ['[:fn [:int] :int]', '[:fn [:number] :int]', false],
    ['[:enum 1 2]', ':int', true],
    ['[:and :int [:> 3]]', ':number', true],
    ['[:and :int [:> 3]]', '[:and :number [:> 3]]', true],
    ['[:and :int [:> 3]]', '[:and :int [:> 4]]', false],
    [':string', '[:not :int]', true],
  ])('%s is below %s: %s', (a, b, answer) => {
    expect(isSubtype(parseType(a), parseType(b))).toBe(answer);
  });

  test.each([
    [':int', ':string', true],
    [':float', ':int', false],
    ['[:and :number [:not :int]]', ':int', true],
    ['[:vector :int]', '[:vector :string]', false],
    ['[:tuple :int]', '[:vector :string]', true],
    ['[:tuple :int]', '[:tuple :int :int]', true],
    ['[:array :int [2]]', '[:array :int [3]]', true],
    ['[:map [:a :int]]', '[:map [:a :string]]', true],
    ['[:map [:a :int ?]]', '[:map [:a :string ?]]', false],
    ['[:map [:a :int]]', '[:map {:closed true} [:b :int ?]]', true],
    ['[:map [:a :int]]', '[:map-of :string :int]', true],
    ['[:enum 1 2]', '[:and :int [:> 2]]', true],
    ['[:enum 1 2]', '[:and :int [:> 1]]', false],
    ['[:union :int :string]', '[:union :bool :keyword]', true],
    [':fn', '[:fn [:int] :int]', false],
  ])('%s and %s have no value in common: %s', (a, b, answer) => {
    expect(areDisjoint(parseType(a), parseType(b))).toBe(answer);
    expect(areDisjoint(parseType(b), parseType(a))).toBe(answer);
  });

  test('recursive types end', () => {
    const types = new Map<string, Type>();
    for (const name of ['A', 'B']) {
      const alias: Type = { t: 'alias', name, types };
      const members: Type[] = [
        parseType('nil'),
        ...(['vector', 'list', 'set'] as const).map((kind): Type => ({ t: 'elements', kind, element: alias })),
      ];
      types.set(name, { t: 'union', members: name === 'A' ? members : members.toReversed() });
    }
    const [a, b] = [types.get('A'), types.get('B')] as [Type, Type];
    expect([isSubtype(a, a), isSubtype(a, b), areDisjoint(a, b)]).toEqual([true, false, false]);
  });

  test('no kind is missing', () => {
    fc.assert(
      fc.property(
        anyType.chain((type) => fc.tuple(fc.constant(type), valueNear(type))),
        ([type, v]: readonly [Type, Value]) => {
          const own: Type = { t: 'enum', values: [v] };
          if (satisfies(v, type)) expect(kindsOf(type) & kindsOf(own)).not.toBe(0);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
