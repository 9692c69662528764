import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));

it('I8.7 reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), fc.constantFrom(0, 2), (text, indent) => {
      const value = JSON.parse(text) as unknown;
      fc.pre(JSON.stringify(value).isWellFormed());
      const laid = JSON.stringify(value, null, indent);
      expect(JSON.stringify(parse(laid))).toBe(JSON.stringify(value));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['{"a":1,"a":1}'],
  ['{"a":1,"\\u0061":1}'],
  ['[{"x":{"":[{}],"":0}}]'],
  ['{"a":"\\"","b":["a",{"a":1}],"a":2}'],
  ['{"__proto__":1,"__proto__":2}'],
  ['\ufeff{}'],
  ['{} {}'],
  ['{"a":1,}'],
  [''],
])('I8.7 refuses %s', (text) =>
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'CANONICAL_FORM' }) as Error),
);

test.each(['{"a":{"a":1},"b":["a","a",{"a":1},{"a":2}]}', '["a","a"]', '{"a":"{\\"a\\":1,","b":"\\\\"}'])(
  'I8.7 takes %s',
  (text) => expect(parse(text)).toEqual(JSON.parse(text)),
);

it('A1.5 refuses depth without recursion', () =>
  expect(() => parse('['.repeat(5_000_000))).toThrow(expect.objectContaining({ code: 'CANONICAL_LIMIT' }) as Error));
