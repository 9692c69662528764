import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  CANONICAL_DEPTH_MAX,
  canonicalJson,
  canonicalNumber,
  canonicalText,
  parseCanonical,
  parseCanonicalText,
} from './canonical-json.ts';
import { digest, hash } from './digest.ts';
import type { CcosError } from './errors.ts';

const failure = (work: () => unknown): CcosError => {
  try {
    work();
  } catch (error) {
    return error as CcosError;
  }
  throw new Error('expected a failure');
};
const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const nested = (depth: number, inner = ''): string => '['.repeat(depth) + inner + ']'.repeat(depth);
const jsonValue = fc.jsonValue({ maxDepth: 6, noUnicodeString: false }).filter((value) => !hasUnsafe(value));
function hasUnsafe(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value === 'string') return !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => !name.isWellFormed() || hasUnsafe(member));
}

describe('A1.1 canonical text', () => {
  test.each<[string, unknown, string]>([
    [
      'members by UTF-16 units',
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    ],
    ['minimal escapes', '€$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    ['literals', [null, true, false], '[null,true,false]'],
    ['names like integers in text order', { 10: 1, 9: 2, 1: 3 }, '{"1":3,"10":1,"9":2}'],
    ['nothing normalised', ['\u00e9', 'e\u0301'], '["\u00e9","e\u0301"]'],
    ['empty containers', { a: {}, b: [] }, '{"a":{},"b":[]}'],
    ['an absent member', { a: undefined, b: 1 }, '{"b":1}'],
    ['minus zero', [-0, 0], '[0,0]'],
  ])('%s', (_name, value, text) => expect(canonicalText(value)).toBe(text));

  it('A1.1 agrees with an independent serialiser', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(canonicalText(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('A1.8 does not depend on the order in which members were put in', () => {
    const shuffled = (value: unknown, random: () => number): unknown => {
      if (Array.isArray(value)) return value.map((element) => shuffled(element, random));
      if (typeof value !== 'object' || value === null) return value;
      const places = new Map(Object.keys(value).map((name) => [name, random()]));
      return Object.fromEntries(
        Object.entries(value)
          .toSorted(([a], [b]) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
          .map(([name, member]) => [name, shuffled(member, random)]),
      );
    };
    fc.assert(
      fc.property(jsonValue, fc.noShrink(fc.gen()), (value, gen) => {
        const other = shuffled(value, () => gen(fc.double, { min: 0, max: 1, noNaN: true }));
        return digest('value', value) === digest('value', other);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('A1.9 the examples of RFC 8785', () => {
  test.each<[string, string, string]>([
    [
      'serialization of primitives, 3.2.2, without its integer beyond 2^53',
      String.raw`{"numbers": [333333333.33333329, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    ],
    [
      'sorting of members, 3.2.3',
      String.raw`{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}`,
      `{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",` +
        `"\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}`,
    ],
    ['no locale', '{"pêz":1,"pez":2,"péz":3,"po":4,"P":5}', '{"P":5,"pez":2,"po":4,"péz":3,"pêz":1}'],
    [
      'sorting at every depth, and empty names',
      '{"b":{"2":{},"10":[{"z":1.0,"Z":[]}],"":0},"B":56.0}',
      '{"B":56,"b":{"":0,"10":[{"Z":[],"z":1}],"2":{}}}',
    ],
  ])('%s', (_name, input, output) => expect(canonicalText(JSON.parse(input))).toBe(output));
});

describe('A1.9 numbers of RFC 8785, appendix B', () => {
  test.each<[string, string]>([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('%s is %s', (bits, text) => expect(canonicalNumber(Buffer.from(bits, 'hex').readDoubleBE(0))).toBe(text));
});

describe('A1.2 and A1.3 what is refused, and where', () => {
  const cycle: { a: unknown[] } = { a: [] };
  cycle.a.push(1, cycle);
  test.each<[string, unknown, string]>([
    ['NaN', { a: [1, Number.NaN] }, '/a/1'],
    ['infinity', [Infinity], '/0'],
    ['a bigint', { a: 1n }, '/a'],
    ['a function', { a: { b: () => 0 } }, '/a/b'],
    ['a symbol', [Symbol('x')], '/0'],
    ['a date', { d: new Date(0) }, '/d'],
    ['a map', { m: new Map() }, '/m'],
    ['a set', [new Set()], '/0'],
    ['a class instance', { 'x/y~z': new (class {})() }, '/x~1y~0z'],
    ['an undefined element', [1, undefined], '/1'],
    ['a hole', { a: Array(1) }, '/a/0'],
    ['a lone surrogate', ['\ud800'], '/0'],
    ['a lone surrogate in a name', { '\udc00': 1 }, '/\udc00'],
    ['an integer of 2^53', { n: 2 ** 53 }, '/n'],
    ['1e21', 1e21, ''],
    ['undefined', undefined, ''],
    ['a cycle', cycle, '/a/1'],
  ])('%s', (_name, value, pointer) => {
    expect(failure(() => canonicalText(value))).toMatchObject({ code: 'CANONICAL_UNSUPPORTED', details: { pointer } });
  });
});

describe('A1.4 strict reading', () => {
  test.each<[string, Uint8Array]>([
    ['duplicate members', bytes('{"a":1,"a":1}')],
    ['a byte-order mark', bytes('\ufeff{}')],
    ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['trailing bytes', bytes('{} ')],
    ['white space', bytes('[1, 2]')],
    ['another order', bytes('{"b":1,"a":1}')],
    ['another number form', bytes('[1.0]')],
    ['minus zero', bytes('[-0]')],
    ['a needless escape', bytes('"\\u0061"')],
    ['an escaped lone surrogate', bytes('"\\ud800"')],
    ['an integer beyond 2^53', bytes('[9007199254740993]')],
    ['nothing', bytes('')],
    ['no JSON', bytes('{a:1}')],
  ])('refuses %s', (_name, text) => expect(failure(() => parseCanonical(text)).code).toBe('CANONICAL_FORM'));

  it('A1.4 reads back what was written', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const text = canonicalJson(value);
        expect(Buffer.from(canonicalJson(parseCanonical(text))).equals(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('A1.4 keeps a member named __proto__ a member', () => {
    expect(canonicalText(parseCanonicalText('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
  });
});

describe('A1.5 limits', () => {
  it('takes 1,024 open containers and refuses one more, both ways, and a million', () => {
    const deepest = nested(CANONICAL_DEPTH_MAX);
    expect(canonicalText(parseCanonicalText(deepest))).toBe(deepest);
    expect(failure(() => parseCanonicalText(nested(CANONICAL_DEPTH_MAX + 1))).code).toBe('CANONICAL_LIMIT');
    expect(failure(() => parseCanonicalText(nested(1_000_000))).code).toBe('CANONICAL_LIMIT');
    expect(failure(() => canonicalText(JSON.parse(nested(1_000_000)))).code).toBe('CANONICAL_LIMIT');
  });

  it('does not take brackets in strings for containers', () => {
    const text = JSON.stringify('["\\'.repeat(2_000));
    expect(parseCanonicalText(text)).toBe('["\\'.repeat(2_000));
  });

  it('refuses more than 64 MiB, both ways', () => {
    const large = 'x'.repeat(64 * 1_024 * 1_024);
    expect(failure(() => canonicalText([large])).code).toBe('CANONICAL_LIMIT');
    expect(failure(() => parseCanonical(bytes(`"${large}"`))).code).toBe('CANONICAL_LIMIT');
    expect(failure(() => canonicalText('é'.repeat(33 * 1_024 * 1_024))).code).toBe('CANONICAL_LIMIT');
  });
});

describe('A1.6 and A1.7 digests', () => {
  it('A1.6 the golden argsDigest of L3', () => {
    expect(digest('call-args', ['héllo'])).toBe(
      'sha256:d0fea8ac0334edcc1088b145c9497b55da2299f98b8bdba03ae218b23e8d69f0',
    );
  });
  test.each(['', 'A', 'a b', 'a--b', '-a', 'a-', '1a', 'a'.repeat(33)])('A1.7 refuses the tag %j', (tag) => {
    expect(failure(() => hash(tag, 1)).code).toBe('TYPE_TAG');
  });
  it('A1.7 two tags never share a digest', () => {
    const tag = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?$/);
    fc.assert(fc.property(tag, tag, jsonValue, (a, b, value) => (a === b) === (hash(a, value) === hash(b, value))));
  });
});
