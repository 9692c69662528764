import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyType, typesOf, valueNear } from '../../test/arbitrary-types.ts';
import type { Json } from '../machine/types.ts';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { Keyword } from '../values/kinds.ts';
import type { ErrorValue, Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { fromPlain } from '../values/plain.ts';
import { print } from '../values/print.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { parseType } from './parse.ts';
import { exportSchema } from './schema-export.ts';
import { importSchema } from './schema-import.ts';
import { typeText } from './type.ts';
import type { BasicName, Type } from './type.ts';
import { satisfies, validate } from './validate.ts';

const value = (text: string): Value => formToValue(read(text).forms[0]!);

describe('R15.21 types ⇄ schemas', () => {
  test.each<[string, string, string?]>([
    [':int', '{"type":"integer"}'],
    [':float', '{"type":"number"}', ':number'],
    [':number', '{"type":"number"}'],
    [':string', '{"type":"string"}'],
    [':bool', '{"type":"boolean"}'],
    [':nil', '{"type":"null"}'],
    [':keyword', '{"type":"string","pattern":"^:.+"}', '[:and :string [:matches-regex "^:.+"]]'],
    [':any', '{}'],
    [':never', '{"not":{}}', '[:not :any]'],
    [':symbol', '{"$comment":"rtfs: :symbol"}'],
    [':vector', '{"type":"array"}'],
    ['[:vector :int]', '{"type":"array","items":{"type":"integer"}}'],
    ['[:list :int]', '{"type":"array","$comment":"rtfs: :list","items":{"type":"integer"}}'],
    ['[:set :int]', '{"type":"array","uniqueItems":true,"$comment":"rtfs: :set","items":{"type":"integer"}}'],
    [
      '[:array :int [2]]',
      '{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":2}',
      '[:and [:vector :int] [:min-count 2] [:max-count 2]]',
    ],
    [
      '[:tuple :int :string]',
      '{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false,"minItems":2}',
    ],
    [
      '[:map [:a :int] [:b :string ?] [:c :int?]]',
      '{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{"anyOf":[{"type":"integer"},{"type":"null"}]}},"required":["a"]}',
      '[:map [:a :int] [:b :string ?] [:c [:union :int :nil] ?]]',
    ],
    [
      '[:map {:closed true} ["a b" :int]]',
      '{"type":"object","properties":{"a b":{"type":"integer"}},"required":["a b"],"additionalProperties":false}',
    ],
    ['[:map [:* :int]]', '{"type":"object","additionalProperties":{"type":"integer"}}'],
    ['[:map-of :string :int]', '{"type":"object","additionalProperties":{"type":"integer"}}', '[:map [:* :int]]'],
    ['[:union :int :string]', '{"anyOf":[{"type":"integer"},{"type":"string"}]}'],
    ['[:not :int]', '{"not":{"type":"integer"}}'],
    ['[:enum "a" 1 nil]', '{"enum":["a",1,null]}'],
    ['[:val 1]', '{"const":1}', '[:enum 1]'],
    ['[:enum :a :b]', '{"enum":[":a",":b"]}', '[:enum ":a" ":b"]'],
    ['[:enum 2.0]', '{"$comment":"rtfs: [:enum 2.0]"}'],
    [
      '[:and :int [:> 0] [:<= 9] [:multiple-of 3]]',
      '{"type":"integer","exclusiveMinimum":0,"maximum":9,"multipleOf":3}',
      '[:and :int [:> 0] [:<= 9] [:multiple-of 3]]',
    ],
    ['[:and :int [:in-range 0 9]]', '{"type":"integer","minimum":0,"maximum":9}', '[:and :int [:>= 0] [:<= 9]]'],
    [
      '[:and :string [:min-length 1] [:max-length 3] [:matches-regex "^a"]]',
      '{"type":"string","minLength":1,"maxLength":3,"pattern":"^a"}',
    ],
    [
      '[:and :vector [:min-count 1] [:max-count 3] [:unique]]',
      '{"type":"array","minItems":1,"maxItems":3,"uniqueItems":true}',
    ],
    ['[:and :map [:min-count 1] [:max-count 3]]', '{"type":"object","minProperties":1,"maxProperties":3}'],
    ['[:and :string [:is-url]]', '{"type":"string","format":"uri"}'],
    ['[:and :string [:is-timestamp]]', '{"type":"string","format":"date-time"}'],
    [
      '[:and :int [:> 0] [:> 3]]',
      '{"type":"integer","exclusiveMinimum":0,"allOf":[{"type":"number","exclusiveMinimum":3}]}',
      '[:and [:and :int [:> 0]] [:and :number [:> 3]]]',
    ],
  ])('%s is %s', (text, schema, back) => {
    expect(exportSchema(parseType(text))).toEqual(JSON.parse(schema));
    expect(typeText(importSchema(JSON.parse(schema) as Json, { strict: true }).type)).toBe(back ?? text);
  });

  test('an alias is a definition, recursive too', () => {
    const types = new Map<string, Type>();
    types.set('Tree', parseType('[:map [:label :string] [:kids [:vector :any] ?]]'));
    types.set('Tree', parseType('[:map [:label :string] [:kids [:vector :Tree] ?]]', types));
    const schema = exportSchema({ t: 'alias', name: 'Tree', types });
    expect(schema).toEqual({
      $ref: '#/$defs/Tree',
      $defs: {
        Tree: {
          type: 'object',
          properties: { label: { type: 'string' }, kids: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
          required: ['label'],
        },
      },
    });
    const { type } = importSchema(schema, { strict: true });
    expect(satisfies(value('{:label "a" :kids [{"label" "b"}]}'), type)).toBe(true);
    expect(validate(value('{:label "a" :kids [{:label 1}]}'), type)).toMatchObject([{ path: '.kids[0].label' }]);
  });
});

describe('R15.22 import', () => {
  test.each<[string, string, string, string]>([
    [
      'draft-7 tuple',
      '{"type":"array","items":[{"type":"integer"}],"additionalItems":false,"minItems":1}',
      '[1]',
      '[] ["a"] [1 2]',
    ],
    [
      'open end',
      '{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}',
      '[] [1] [1 "a"]',
      '["a"] [1 "a" 2]',
    ],
    ['types', '{"type":["string","null"],"minLength":2}', '"ab" nil', '"a" 1'],
    ['nullable', '{"type":"string","nullable":true}', '"a" nil', '1'],
    ['OpenAPI 3.0 bounds', '{"type":"number","minimum":1,"exclusiveMinimum":true}', '1.5 2', '1 0'],
    ['no type', '{"minLength":2}', '"ab" 1 nil [1]', '"a"'],
    ['no type, object', '{"required":["a"]}', '{:a nil} {"a" 1} 5', '{} {:b 1}'],
    [
      'a required key that may be null',
      '{"type":"object","properties":{"a":{}},"required":["a"]}',
      '{:a nil} {"a" 1}',
      '{}',
    ],
    [
      'either spelling',
      '{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}',
      '{:a 1} {"a" 1} {}',
      '{:a "x"} {"a" "x"} {:a 1 "a" "x"} {:b 1}',
    ],
    ['no name', '{"type":"object","properties":{"a b":{"type":"integer"}},"required":["a b"]}', '{"a b" 1}', '{}'],
    ['oneOf', '{"oneOf":[{"type":"integer"},{"type":"number","minimum":5}]}', '1 5.5', '5 "a"'],
    ['allOf', '{"allOf":[{"type":"integer"},{"minimum":3}]}', '3', '2 "a"'],
    ['enum of objects', '{"enum":[{"a":1}]}', '{"a" 1} {:a 1}', '{"a" 2}'],
    ['const', '{"const":null}', 'nil', '1 false'],
    ['true', 'true', '1 nil', ''],
    ['false', 'false', '', '1 nil'],
    [
      'own keys only',
      '{"type":"object","properties":{"__proto__":{"type":"integer"},"constructor":{"type":"string"}},"required":["__proto__"]}',
      '{"__proto__" 1} {:__proto__ 1 :constructor "a"}',
      '{} {"__proto__" "a"} {:__proto__ 1 "constructor" 1}',
    ],
    ['a reference', '{"$ref":"#/definitions/a~1b","definitions":{"a/b":{"type":"integer"}}}', '1', '"a"'],
    [
      'by its own address',
      '{"$id":"https://x.test/s","$ref":"https://x.test/s#/$defs/a","$defs":{"a":{"type":"integer"}}}',
      '1',
      '"a"',
    ],
    ['beside a reference', '{"$ref":"#/$defs/a","minimum":3,"$defs":{"a":{"type":"integer"}}}', '3', '2 3.5'],
    [
      'beside a reference, draft-7',
      '{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","minimum":3,"definitions":{"a":{"type":"integer"}}}',
      '3 2',
      '3.5',
    ],
    ['itself below', '{"type":"array","items":{"$ref":"#"}}', '[] [[] [[]]]', '[1] 1'],
  ])('%s: %s', (_name, schema, good, bad) => {
    const { type } = importSchema(JSON.parse(schema) as Json);
    for (const form of read(good).forms)
      expect([print(formToValue(form)), satisfies(formToValue(form), type)]).toEqual([print(formToValue(form)), true]);
    for (const form of read(bad).forms)
      expect([print(formToValue(form)), satisfies(formToValue(form), type)]).toEqual([print(formToValue(form)), false]);
  });

  test('what describes is kept, what constrains and has no counterpart is told or refused', () => {
    const schema: Json = {
      title: 'T',
      type: 'object',
      properties: { a: { type: 'string', pattern: '(?=x)', description: 'the a', default: 'x' } },
      patternProperties: { '^x': { type: 'integer' } },
      additionalProperties: false,
      if: {},
      'x-own': 1,
    };
    const { ignored, metadata } = importSchema(schema);
    expect(ignored.toSorted()).toEqual([
      '#/additionalProperties',
      '#/if',
      '#/patternProperties',
      '#/properties/a/pattern',
    ]);
    expect(Object.fromEntries(metadata)).toEqual({
      '#': { title: 'T' },
      '#/properties/a': { description: 'the a', default: 'x' },
    });
    expect(() => importSchema(schema, { strict: true })).toThrowError(expect.objectContaining({ kind: 'SchemaError' }));
  });

  test.each<[string, string]>([
    ['5', '#'],
    ['{"type":"strin"}', '#/type'],
    ['{"type":[]}', '#/type'],
    ['{"properties":{"a":5}}', '#/properties/a'],
    ['{"properties":[]}', '#/properties'],
    ['{"minLength":-1}', '#/minLength'],
    ['{"multipleOf":0}', '#/multipleOf'],
    ['{"anyOf":[]}', '#/anyOf'],
    ['{"enum":5}', '#/enum'],
    ['{"required":[1]}', '#/required'],
    ['{"pattern":5}', '#/pattern'],
    ['{"$ref":5}', '#/$ref'],
    ['{"$ref":"https://x.test/other"}', '#/$ref'],
    ['{"$ref":"other.json#/a"}', '#/$ref'],
    ['{"$ref":"#/nowhere"}', '#/$ref'],
    ['{"$ref":"#/constructor"}', '#/$ref'],
    ['{"$ref":"#anchor"}', '#/$ref'],
    ['{"$ref":"#/%zz"}', '#/$ref'],
    ['{"$ref":"#"}', '#'],
    [
      '{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"},{}]},"b":{"not":{"$ref":"#/$defs/a"}}}}',
      '#/$defs/a',
    ],
    ['{"items":{"$id":"https://x.test/y"}}', '#/items/$id'],
  ])('%s is refused at %s', (schema, pointer) => {
    try {
      importSchema(JSON.parse(schema) as Json);
      expect.unreachable();
    } catch (error) {
      const { kind, data } = error as ErrorValue;
      expect([kind, (data as PMap).get(Keyword.of('pointer'))]).toEqual(['SchemaError', pointer]);
    }
  });
});

describe('hostile schemas', () => {
  const time = (work: () => void): number => {
    const before = performance.now();
    work();
    return performance.now() - before;
  };
  test('ten thousand levels are refused, not a crash', () => {
    for (const [open, close] of [
      ['{"items":', '}'],
      ['{"allOf":[', ']}'],
      ['{"not":', '}'],
    ] as const) {
      const schema = JSON.parse(`${open.repeat(10_000)}{}${close.repeat(10_000)}`) as Json;
      expect(() => importSchema(schema)).toThrowError(expect.objectContaining({ kind: 'SchemaError' }));
    }
  });
  test('a chain of ten thousand references is one', () => {
    const $defs: Record<string, Json> = { a10000: { type: 'integer' } };
    for (let i = 0; i < 10_000; i++) $defs[`a${i}`] = { $ref: `#/$defs/a${i + 1}` };
    const { type } = importSchema({ $ref: '#/$defs/a0', $defs });
    expect([satisfies(1, type), satisfies('a', type)]).toEqual([true, false]);
  });
  test.each(['allOf', 'anyOf', 'not'])('%s that doubles forty times costs what it says', (keyword) => {
    const $defs: Record<string, Json> = { a40: { type: 'integer' } };
    for (let i = 0; i < 40; i++) {
      const next = { $ref: `#/$defs/a${i + 1}` };
      $defs[`a${i}`] =
        keyword === 'not'
          ? { allOf: [{ not: { not: next } }, { not: { not: next } }] }
          : { [keyword]: [next, { ...next, minimum: i }] };
    }
    const { type } = importSchema({ $ref: '#/$defs/a0', $defs });
    expect(
      time(() => [satisfies(70, type), satisfies('a', type), validate('a', type), satisfies(value('[1 2]'), type)]),
    ).toBeLessThan(2000);
    expect(satisfies('a', type)).toBe(false);
  });
  test('a hundred thousand literals and names', () => {
    const names = Array.from({ length: 50_000 }, (_none, i) => `n${i}`);
    const { type } = importSchema({ enum: names });
    expect([satisfies('n49999', type), satisfies('x', type)]).toEqual([true, false]);
    const wide = importSchema({
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { type: 'integer' }])),
      required: names,
    });
    expect(satisfies(PMap.empty, wide.type)).toBe(false);
    expect(() => importSchema({ anyOf: Array.from({ length: 100_001 }, () => ({})) })).toThrowError(
      expect.objectContaining({ kind: 'SchemaError' }),
    );
  });
});

// ── laws ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Keys as an import has them: keywords where the name allows it (R15.22). */
const keys = fc.constantFrom<Value>(Keyword.of('a'), Keyword.of('b'), Keyword.of('__proto__'), 'b c');
const leaf = (...names: readonly BasicName[]): fc.Arbitrary<Type> =>
  fc.oneof(
    fc.constantFrom(...names).map((name): Type => ({ t: 'basic', name })),
    fc
      .uniqueArray(fc.constantFrom<Value>(null, true, 0, 1, 2.5, 'a', 'ab', ''), { minLength: 1, maxLength: 3 })
      .map((values): Type => ({ t: 'enum', values })),
  );

/** Neither keywords, whose kind JSON has not, nor maps of keys that JSON has not. */
function isPlain(type: Type): boolean {
  return !/:keyword|:map-of :string/.test(typeText(type));
}

/** The value with its maps' keys as an import has them. */
function respelled(v: Value): Value {
  if (v instanceof Vec) return Vec.of(v.toArray().map(respelled));
  if (v instanceof List) return List.of(v.toArray().map(respelled));
  if (v instanceof PSet) return PSet.of(v.toArray().map(respelled));
  if (!(v instanceof PMap)) return v;
  const key = (one: Value): Value => (one === 'b c' ? one : Keyword.of(one instanceof Keyword ? one.name : 'a'));
  return PMap.of(v.entries().map(([one, of]) => [key(one), respelled(of)] as const));
}

describe('R15.23 laws', () => {
  test('an import of an export accepts the same values', () => {
    const types = typesOf(
      leaf('int', 'float', 'string', 'bool', 'nil', 'vector', 'list', 'set', 'map', 'seq', 'any', 'symbol'),
      keys,
      true,
    ).filter(isPlain);
    let both = 0;
    fc.assert(
      fc.property(
        types.chain((type) =>
          fc.tuple(fc.constant(type), fc.oneof(valueNear(type).map(respelled), valueNear({ t: 'basic', name: 'any' }))),
        ),
        ([type, v]) => {
          const schema = exportSchema(type);
          const back = importSchema(JSON.parse(JSON.stringify(schema)) as Json, { strict: true }).type;
          const wanted = satisfies(v, type);
          both += Number(wanted);
          expect([typeText(type), JSON.stringify(schema), print(v), satisfies(v, back)]).toEqual([
            typeText(type),
            JSON.stringify(schema),
            print(v),
            wanted,
          ]);
        },
      ),
      { numRuns: 10_000 },
    );
    expect(both).toBeGreaterThan(3000);
  });

  test('any type exports to a schema that another validator understands', () => {
    fc.assert(
      fc.property(anyType, (type) => {
        const schema = exportSchema(type);
        expect(new Ajv2020({ strict: false, validateFormats: false }).validateSchema(schema as object)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  const json = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      fc.constantFrom<Json>(null, true, false, 0, 1, 2, 3, -1, 2.5, 0.5, '', 'a', 'ab', 'b', 'abc'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'b c', 'constructor'), tie('json'), { maxKeys: 3 }),
    ),
  })).json;

  /** Schemas of what has a counterpart. */
  const schema = fc.letrec<{ schema: Json }>((tie) => {
    const s = tie('schema');
    const small = fc.integer({ min: 0, max: 3 });
    const word = (name: string, one: fc.Arbitrary<Json>): fc.Arbitrary<Json> => one.map((found) => ({ [name]: found }));
    const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');
    const parts = fc.oneof(
      word('type', fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 }))),
      ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map((name) =>
        word(name, small),
      ),
      ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((name) =>
        word(name, fc.constantFrom(-1, 0, 1, 2, 2.5)),
      ),
      word('multipleOf', fc.constantFrom(2, 0.5)),
      word('pattern', fc.constantFrom('^a', 'b$', '^a+b?$')),
      word('uniqueItems', fc.boolean()),
      word('enum', fc.array(json, { minLength: 1, maxLength: 3 })),
      word('const', json),
      word('items', s),
      fc
        .tuple(fc.array(s, { minLength: 1, maxLength: 2 }), small)
        .map(([items, min]) => ({ prefixItems: items, items: false, minItems: min })),
      word('properties', fc.dictionary(fc.constantFrom('a', 'b', 'b c', 'constructor'), s, { maxKeys: 3 })),
      word('required', fc.uniqueArray(fc.constantFrom('a', 'b', 'b c'), { maxLength: 2 })),
      word('additionalProperties', fc.oneof(fc.boolean(), s)),
      ...['anyOf', 'oneOf', 'allOf'].map((name) => word(name, fc.array(s, { minLength: 1, maxLength: 3 }))),
      word('not', s),
      fc.constant({ $ref: '#/$defs/tree' }),
    );
    return {
      schema: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.boolean(),
        fc.tuple(parts, parts, parts).map((all) => Object.assign({}, ...all) as Json),
        fc.tuple(parts, parts).map((all) => Object.assign({}, ...all) as Json),
      ),
    };
  }).schema;

  test('an import agrees with ajv on plain JSON', () => {
    const tree: Json = {
      anyOf: [
        { type: 'integer' },
        { type: 'array', items: { $ref: '#/$defs/tree' }, maxItems: 2 },
        { type: 'object', properties: { a: { $ref: '#/$defs/tree' } }, required: ['a'] },
      ],
    };
    let accepted = 0;
    fc.assert(
      fc.property(schema, fc.array(json, { minLength: 10, maxLength: 10 }), fc.boolean(), (one, values, keywords) => {
        const whole = JSON.parse(JSON.stringify({ allOf: [one], $defs: { tree } })) as Json;
        const { type, ignored } = importSchema(whole);
        // `items` of one part beside `prefixItems` of another is an array without an end.
        if (ignored.length > 0) return;
        const check = new Ajv2020({ strict: false, ownProperties: true }).compile(whole as object);
        // Without fast-check's objects of no class, which are equal to none of ajv's.
        for (const v of JSON.parse(JSON.stringify(values)) as Json[]) {
          const wanted = check(v);
          accepted += Number(wanted);
          const shown = [JSON.stringify(one), JSON.stringify(v), typeText(type)];
          expect([...shown, satisfies(fromPlain(v, { keywords }), type)]).toEqual([...shown, wanted]);
        }
      }),
      { numRuns: 250 },
    );
    expect(accepted).toBeGreaterThan(250);
  });
});
