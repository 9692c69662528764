import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { key, remade } from '../../test/arbitrary.ts';
import { canonical, decode, encode } from './codec.ts';
import { equal, hash } from './equality.ts';
import type { Value } from './kinds.ts';
import { parseJson, serializeJson } from './json-text.ts';
import { compare } from './order.ts';
import { fromPlain, toPlain } from './plain.ts';
import { print } from './print.ts';

function law(name: string, holds: (a: Value, b: Value, c: Value) => void): void {
  test(name, () => fc.assert(fc.property(key, key, key, holds), { numRuns: 300 }));
}

describe('laws of values', () => {
  law('R2.7 equality is reflexive, symmetric, and blind to insertion order', (a, b) => {
    expect(equal(a, remade(a))).toBe(true);
    expect(equal(a, b)).toBe(equal(b, a));
  });
  law('R16.3 equal values have equal hashes', (a) => {
    expect(hash(remade(a))).toBe(hash(a));
  });
  law('R2.8 compare is a total order consistent with equality', (a, b, c) => {
    const ab = compare(a, b);
    expect(compare(b, a)).toBe(0 - ab);
    expect(compare(a, remade(a))).toBe(0);
    if (equal(a, b)) expect(ab).toBe(0);
    if (ab <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
  });
  law('R2.8 only equal values compare as equal', (a, b) => {
    if (compare(a, b) === 0) expect(equal(a, b)).toBe(true);
  });
  law('R1.39 what prints reads back', (a) => {
    const { forms, diagnostics } = read(print(a));
    expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(equal(formToValue(forms[0]!), a)).toBe(true);
  });
  law('R14.11 what encodes decodes to the same', (a) => {
    const json = JSON.parse(JSON.stringify(encode(a)));
    const back = decode(json);
    expect(equal(back, a)).toBe(true);
    expect(JSON.stringify(encode(back)).length).toBe(JSON.stringify(json).length);
  });
  law('R14.10 equal values have equal bytes, others other bytes', (a, b) => {
    expect(canonical(remade(a))).toBe(canonical(a));
    const zeros = (text: string): string => text.replaceAll('"-0.0"', '"0.0"');
    if (!zeros(canonical(a)).includes('0.0')) expect(canonical(a) === canonical(b)).toBe(equal(a, b));
  });
  law('R14.13 the plain projection never fails, and comes back as JSON', (a) => {
    const plain = toPlain(a);
    expect(JSON.parse(JSON.stringify(toPlain(fromPlain(plain))))).toEqual(JSON.parse(JSON.stringify(plain)));
  });
});

test('R14.15 JSON text that is written reads back to the same text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const text = serializeJson(fromPlain(json as never));
      expect(serializeJson(parseJson(text))).toBe(text);
      expect(serializeJson(parseJson(serializeJson(parseJson(text), true)))).toBe(text);
    }),
  );
});
