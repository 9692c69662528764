/** Types at random, and for each of them values that are likely to satisfy it. */
import fc from 'fast-check';
import { makePredicate } from '../src/types/predicates.ts';
import type { BasicName, Predicate, Type } from '../src/types/type.ts';
import { Keyword, Sym } from '../src/values/kinds.ts';
import type { Value } from '../src/values/kinds.ts';
import { List } from '../src/values/list.ts';
import { PMap } from '../src/values/map.ts';
import { isNumber } from '../src/values/numbers.ts';
import { PSet } from '../src/values/set.ts';
import { compileRegex } from '../src/values/regex.ts';
import { Vec } from '../src/values/vector.ts';
import { scalar } from './arbitrary.ts';

const BASIC: readonly BasicName[] = [
  'int',
  'float',
  'number',
  'string',
  'bool',
  'nil',
  'keyword',
  'symbol',
  'vector',
  'list',
  'set',
  'map',
  'seq',
  'any',
  'data',
];

function predicate(name: string, ...args: readonly Value[]): Predicate {
  return makePredicate(name, args) as Predicate;
}

const numbers = [1, 2.5, -3, 0, 10, 9007199254740993n].map((n): Value => n);
const numeric = fc.oneof(
  fc.tuple(fc.constantFrom('>', '>=', '<', '<='), fc.constantFrom(...numbers)).map(([name, n]) => predicate(name, n)),
  fc.constantFrom(predicate('multiple-of', 3), predicate('in-range', 0, 4), predicate('multiple-of', 0.5)),
);
const textual = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('min-length', 'max-length', 'length', 'min-count', 'max-count'),
      fc.integer({ min: 0, max: 4 }),
    )
    .map(([name, n]) => predicate(name, n)),
  fc.constantFrom(
    predicate('matches-regex', '^a'),
    predicate('matches-regex', 'b$'),
    predicate('is-date'),
    predicate('is-uuid'),
    predicate('non-empty'),
  ),
);
const counted = fc.oneof(
  fc
    .tuple(fc.constantFrom('min-count', 'max-count', 'count'), fc.integer({ min: 0, max: 3 }))
    .map(([name, n]) => predicate(name, n)),
  fc.constantFrom(predicate('non-empty')),
);
const mapKey = fc.constantFrom<Value>(Keyword.of('a'), Keyword.of('b'), 'b c', Keyword.of('constructor'), '__proto__');

/** One type inside others; `leaves` are those that nothing stands in. */
function types(leaves: fc.Arbitrary<Type>, mapKeys: fc.Arbitrary<Value>, deep: boolean): fc.Arbitrary<Type> {
  return fc.letrec<{ type: Type }>((tie) => {
    const type = tie('type');
    const element = type;
    const compounds: fc.Arbitrary<Type>[] = [
      fc
        .constantFrom<'vector' | 'list' | 'set' | 'seq'>('vector', 'list', 'set', 'seq')
        .chain((kind) => element.map((one): Type => ({ t: 'elements', kind, element: one }))),
      fc
        .tuple(element, fc.constantFrom(null, 0, 1, 2))
        .map(([one, length]): Type => ({ t: 'array', element: one, length })),
      fc.array(type, { minLength: 1, maxLength: 3 }).map((items): Type => ({ t: 'tuple', items })),
      fc
        .tuple(
          fc.uniqueArray(fc.record({ key: mapKeys, type, optional: fc.boolean() }), {
            maxLength: 3,
            selector: ({ key }) => (key instanceof Keyword ? `:${key.name}` : key),
          }),
          fc.option(type),
          fc.boolean(),
        )
        .map(([entries, rest, closed]): Type => ({ t: 'map', entries, rest, closed: closed && rest === null })),
      fc
        .tuple(fc.constantFrom<BasicName>('string', 'keyword', 'any'), type)
        .map(([key, value]): Type => ({ t: 'map-of', key: { t: 'basic', name: key }, value })),
      fc.array(type, { minLength: 1, maxLength: 3 }).map((members): Type => ({ t: 'union', members })),
      fc
        .tuple(fc.constantFrom<BasicName>('int', 'number', 'float'), fc.array(numeric, { minLength: 1, maxLength: 2 }))
        .map(([name, items]): Type => ({ t: 'and', type: { t: 'basic', name }, items })),
      fc
        .array(textual, { minLength: 1, maxLength: 2 })
        .map((items): Type => ({ t: 'and', type: { t: 'basic', name: 'string' }, items })),
      fc
        .tuple(type, fc.array(counted, { minLength: 1, maxLength: 2 }))
        .map(([of, items]): Type => ({ t: 'and', type: { t: 'elements', kind: 'vector', element: of }, items })),
      fc.tuple(type, type).map(([one, other]): Type => ({ t: 'and', type: one, items: [other] })),
    ];
    if (deep) compounds.push(type.map((one): Type => ({ t: 'not', type: one })));
    return { type: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaves, ...compounds) };
  }).type;
}

const literals = fc.constantFrom<Value>(
  null,
  true,
  1,
  0,
  2.5,
  'a',
  'ab',
  '2024-05-01',
  Keyword.of('a'),
  Sym.of('s'),
  Vec.of([1, 'a']),
  PMap.of([[Keyword.of('a'), 1]]),
);

/** Any type but those of functions, regexes, errors and atoms, whose values are no keys. */
export const anyType: fc.Arbitrary<Type> = types(
  fc.oneof(
    fc.constantFrom(...BASIC).map((name): Type => ({ t: 'basic', name })),
    fc.array(literals, { minLength: 1, maxLength: 3 }).map((values): Type => ({ t: 'enum', values })),
  ),
  mapKey,
  true,
);

/** A value that often satisfies `type`: what a type says of one place is followed, what several say together is not. */
export function valueNear(type: Type): fc.Arbitrary<Value> {
  switch (type.t) {
    case 'basic':
      return basicValue(type.name);
    case 'elements': {
      const items = fc.array(valueNear(type.element), { maxLength: 3 });
      if (type.kind === 'set') return items.map((all) => PSet.of(all));
      if (type.kind === 'list') return items.map((all) => List.of(all));
      return items.map((all) => Vec.of(all));
    }
    case 'array':
      return fc
        .array(valueNear(type.element), { minLength: type.length ?? 0, maxLength: type.length ?? 3 })
        .map((all) => Vec.of(all));
    case 'tuple':
      return fc.tuple(...type.items.map(valueNear)).map((all) => Vec.of(all));
    case 'map':
      return mapValue(type);
    case 'map-of':
      return fc
        .array(fc.tuple(valueNear(type.key), valueNear(type.value)), { maxLength: 3 })
        .map((entries) => PMap.of(entries));
    case 'union':
      return fc.oneof(...type.members.map(valueNear));
    case 'and':
      return fc.oneof(valueNear(type.type), withArguments(type));
    case 'enum':
      return fc.constantFrom(...type.values);
    default:
      return scalar;
  }
}

/** The limits that predicates name, and their neighbours: what an inclusive bound taken for an exclusive one gets wrong. */
function withArguments(type: Extract<Type, { t: 'and' }>): fc.Arbitrary<Value> {
  const near = type.items.flatMap((item): Value[] =>
    item.t === 'predicate'
      ? item.args.flatMap((arg): Value[] =>
          typeof arg === 'number' ? [arg, arg + 1, 'ab'.repeat(arg > 0 ? arg : 0)] : [arg],
        )
      : [],
  );
  return near.length === 0 ? valueNear(type.type) : fc.constantFrom<Value>(...near, 'a', 'ab', '2024-05-01');
}

function mapValue(type: Extract<Type, { t: 'map' }>): fc.Arbitrary<Value> {
  const entries = type.entries.map(({ key, type: of }) =>
    fc.option(valueNear(of), { nil: undefined, freq: 5 }).map((value) => ({ key, value })),
  );
  const more = fc.array(fc.tuple(mapKey, type.rest === null ? scalar : valueNear(type.rest)), { maxLength: 1 });
  return fc.tuple(fc.tuple(...entries), more).map(([named, others]) => {
    const all = named.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value] as const]));
    return PMap.of([...others.filter(([key]) => !all.some(([other]) => other === key)), ...all]);
  });
}

function basicValue(name: BasicName): fc.Arbitrary<Value> {
  switch (name) {
    case 'int':
      return fc.constantFrom<Value>(0, 1, -3, 7, 9, 9007199254740993n);
    case 'float':
    case 'number':
      return scalar.filter(isNumber);
    case 'string':
      return fc.constantFrom<Value>('', 'a', 'ab', 'b', ':a', '2024-05-01', '😀');
    case 'bool':
      return fc.boolean();
    case 'nil':
      return fc.constant(null);
    case 'keyword':
      return fc.constantFrom('a', 'b', 'a/b').map((one) => Keyword.of(one));
    case 'symbol':
      return fc.constant(Sym.of('s'));
    case 'regex':
      return fc.constant(compileRegex('a'));
    case 'vector':
    case 'seq':
      return fc.array(scalar, { maxLength: 3 }).map((all) => Vec.of(all));
    case 'list':
      return fc.array(scalar, { maxLength: 3 }).map((all) => List.of(all));
    case 'set':
      return fc.array(scalar, { maxLength: 3 }).map((all) => PSet.of(all));
    case 'map':
      return fc.array(fc.tuple(mapKey, scalar), { maxLength: 3 }).map((all) => PMap.of(all));
    default:
      return scalar;
  }
}

export { types as typesOf, mapKey, literals };
