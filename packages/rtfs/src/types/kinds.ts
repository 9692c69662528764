/** The kinds of value (R2.1) that may satisfy a type, as a set of bits: the quick half of every question between types. */
import { typeName } from '../values/kind-name.ts';
import type { Value } from '../values/kinds.ts';
import type { BasicName, Type } from './type.ts';

/** The kinds of `type-name`, each a bit. */
const KINDS = [
  'nil',
  'boolean',
  'integer',
  'float',
  'string',
  'keyword',
  'symbol',
  'vector',
  'list',
  'map',
  'set',
  'regex',
  'error',
  'function',
  'atom',
] as const;

const BITS: ReadonlyMap<string, number> = new Map(KINDS.map((kind, i) => [kind, 1 << i]));

function bits(...kinds: readonly (typeof KINDS)[number][]): number {
  return kinds.reduce((all, kind) => all | (BITS.get(kind) ?? 0), 0);
}

const ALL = (1 << KINDS.length) - 1;
const CALLABLE = bits('function', 'keyword', 'map', 'set', 'vector');

const BASIC: Readonly<Record<BasicName, number>> = {
  int: bits('integer'),
  // An int passes for a float (R15.12).
  float: bits('integer', 'float'),
  number: bits('integer', 'float'),
  string: bits('string'),
  bool: bits('boolean'),
  nil: bits('nil'),
  keyword: bits('keyword'),
  symbol: bits('symbol'),
  regex: bits('regex'),
  vector: bits('vector'),
  list: bits('list'),
  set: bits('set'),
  map: bits('map'),
  seq: bits('vector', 'list'),
  fn: bits('function'),
  atom: bits('atom'),
  error: bits('error'),
  any: ALL,
  never: 0,
  data: ALL & ~bits('function', 'atom'),
};

/** Deeper in aliases and compounds than this, a type may be satisfied by anything. */
const DEEP = 16;

/** The kinds whose values may satisfy a type: none that does is missing. */
export function kindsOf(type: Type, depth = 0): number {
  if (type.t === 'basic') return BASIC[type.name];
  if (depth > DEEP) return ALL;
  if (depth > 0 || (type.t !== 'union' && type.t !== 'and')) return kindsOfCompound(type, depth);
  let kinds = seen.get(type);
  if (kinds === undefined) seen.set(type, (kinds = kindsOfCompound(type, depth)));
  return kinds;
}

/** Kinds of the types whose parts must all be looked at. */
const seen = new WeakMap<Type, number>();

function kindsOfCompound(type: Exclude<Type, { t: 'basic' }>, depth: number): number {
  switch (type.t) {
    case 'elements':
      return BASIC[type.kind];
    case 'array':
      return BASIC.vector;
    case 'tuple':
      return BASIC.seq;
    case 'map':
    case 'map-of':
      return BASIC.map;
    case 'union':
      return type.members.reduce((all, member) => all | kindsOf(member, depth + 1), 0);
    case 'and':
      return type.items.reduce(
        (all, item) => (item.t === 'predicate' ? all : all & kindsOf(item, depth + 1)),
        kindsOf(type.type, depth + 1),
      );
    case 'enum':
      return type.values.reduce<number>((all, value) => all | kindOf(value), 0);
    case 'not':
      // Only what a basic type takes whole is certainly gone.
      return type.type.t === 'basic' ? ALL & ~BASIC[type.type.name] : ALL;
    case 'fn':
      return CALLABLE;
    case 'resource':
      return ALL;
    case 'alias': {
      const meant = type.types.get(type.name);
      return meant === undefined ? 0 : kindsOf(meant, depth === 0 && meant.t === 'union' ? 0 : depth + 1);
    }
  }
}

/** The kind of a value as a bit. */
function kindOf(value: Value): number {
  return BITS.get(typeName(value)) ?? 0;
}
