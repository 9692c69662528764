/** What a schema says of one kind of JSON: strings, numbers, arrays, objects (R15.21, R15.22). */
import type { Json } from '../machine/types.ts';
import { ErrorValue, Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { PMap } from '../values/map.ts';
import { isName } from '../values/names.ts';
import { fromPlain } from '../values/plain.ts';
import { makePredicate } from './predicates.ts';
import { COMMENT, FORMATS } from './schema-words.ts';
import { spellings } from './spellings.ts';
import type { BasicName, MapEntry, Predicate, Type } from './type.ts';

/** One schema under import: what it says, and what the importer does for it. */
export interface Saying {
  readonly words: { readonly [keyword: string]: Json };
  /** The type of the schema at a keyword, or inside it. */
  schema(json: Json, ...path: readonly (string | number)[]): Type;
  /** A keyword that constrains and has no counterpart. */
  ignore(keyword: string): void;
  /** Throws SchemaError. */
  refuse(keyword: string, what: string): never;
}

export const ANY: Type = { t: 'basic', name: 'any' };
export const NEVER: Type = { t: 'basic', name: 'never' };

/** What satisfies all of the types. */
export function both(types: readonly (Type | Predicate)[], first: Type = ANY): Type {
  const [type = ANY, ...items] = [first, ...types].filter((one) => !(one.t === 'basic' && one.name === 'any'));
  if (type.t === 'predicate') return { t: 'and', type: ANY, items: [type, ...items] };
  return items.length === 0 ? type : { t: 'and', type, items };
}

function predicate(name: string, ...args: readonly Value[]): Predicate {
  const made = makePredicate(name, args);
  if (made === null || made === undefined) throw new Error(`no predicate ${name}`);
  return made;
}

/** The value of a keyword; undefined when the schema does not have it. */
export function wordOf(saying: Saying, keyword: string): Json | undefined {
  return Object.hasOwn(saying.words, keyword) ? saying.words[keyword] : undefined;
}

function whole(saying: Saying, keyword: string): number | null {
  const n = wordOf(saying, keyword);
  if (n === undefined) return null;
  return typeof n === 'number' && Number.isInteger(n) && n >= 0 ? n : saying.refuse(keyword, 'expected a whole number');
}

/** `min-…` and `max-…` as two keywords say them. */
function sizes(saying: Saying, of: 'Length' | 'Items' | 'Properties'): Predicate[] {
  const unit = of === 'Length' ? 'length' : 'count';
  const [min, max] = [whole(saying, `min${of}`), whole(saying, `max${of}`)];
  return [
    ...(min === null || min === 0 ? [] : [predicate(`min-${unit}`, min)]),
    ...(max === null ? [] : [predicate(`max-${unit}`, max)]),
  ];
}

// ── strings and numbers ─────────────────────────────────────────────────────────────────────────────────────────────

/** What is said of strings. */
export function stringItems(saying: Saying): Predicate[] {
  const format = wordOf(saying, 'format');
  const named = Object.entries(FORMATS).find(([, name]) => name === format);
  return [...sizes(saying, 'Length'), ...pattern(saying), ...(named === undefined ? [] : [predicate(named[0])])];
}

function pattern(saying: Saying): Predicate[] {
  const source = wordOf(saying, 'pattern');
  if (source === undefined) return [];
  if (typeof source !== 'string') return saying.refuse('pattern', 'expected a string');
  try {
    return [predicate('matches-regex', source)];
  } catch (error) {
    if (!(error instanceof ErrorValue)) throw error;
    // Outside R15.19: it counts as a keyword without counterpart.
    saying.ignore('pattern');
    return [];
  }
}

/** What is said of numbers; OpenAPI 3.0 makes a bound exclusive by `true` beside it. */
export function numberItems(saying: Saying): Predicate[] {
  const bound = (keyword: string, exclusive: string, names: readonly [string, string]): Predicate[] => {
    const [limit, other] = [wordOf(saying, keyword), wordOf(saying, exclusive)];
    return [
      ...(limit === undefined ? [] : [predicate(names[other === true ? 1 : 0], number(saying, keyword, limit))]),
      ...(other === undefined || typeof other === 'boolean'
        ? []
        : [predicate(names[1], number(saying, exclusive, other))]),
    ];
  };
  const multiple = wordOf(saying, 'multipleOf');
  if (multiple !== undefined && !(typeof multiple === 'number' && multiple > 0))
    saying.refuse('multipleOf', 'expected a number above 0');
  return [
    ...bound('minimum', 'exclusiveMinimum', ['>=', '>']),
    ...bound('maximum', 'exclusiveMaximum', ['<=', '<']),
    ...(multiple === undefined ? [] : [predicate('multiple-of', number(saying, 'multipleOf', multiple))]),
  ];
}

function number(saying: Saying, keyword: string, n: Json): Value {
  return typeof n === 'number' && Number.isFinite(n) ? fromPlain(n) : saying.refuse(keyword, 'expected a number');
}

// ── arrays ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Longer open ends of a tuple than this are not spelled out. */
const MOST_TUPLES = 32;

/** The type of arrays: of a vector, or of the kind that a comment of this package's own export names. */
export function arrayType(saying: Saying): Type {
  const kind = kindOf(saying);
  const unique = wordOf(saying, 'uniqueItems') === true && kind !== 'set' ? [predicate('unique')] : [];
  const items = wordOf(saying, 'items');
  const isOld = Array.isArray(items);
  const prefix = isOld ? items : wordOf(saying, 'prefixItems');
  if (prefix !== undefined && !Array.isArray(prefix)) saying.refuse('prefixItems', 'expected an array of schemas');
  if (prefix !== undefined && prefix.length > 0) return both(unique, tuples(saying, prefix as readonly Json[], isOld));
  const rest = isOld ? wordOf(saying, 'additionalItems') : items;
  const element = rest === undefined ? ANY : saying.schema(rest, isOld ? 'additionalItems' : 'items');
  const isAny = element.t === 'basic' && element.name === 'any';
  const type: Type = isAny ? { t: 'basic', name: kind } : { t: 'elements', kind, element };
  return both([...sizes(saying, 'Items'), ...unique], type);
}

function kindOf(saying: Saying): 'vector' | 'list' | 'set' | 'seq' {
  const comment = wordOf(saying, '$comment');
  const kinds = ['list', 'set', 'seq'] as const;
  return kinds.find((kind) => comment === `${COMMENT}:${kind}`) ?? 'vector';
}

/** Arrays that begin with items of their own types. Without an end there is no counterpart. */
function tuples(saying: Saying, prefix: readonly Json[], isOld: boolean): Type {
  const word = isOld ? 'items' : 'prefixItems';
  const types = prefix.map((one, i) => saying.schema(one, word, i));
  const min = whole(saying, 'minItems') ?? 0;
  const most = whole(saying, 'maxItems') ?? Infinity;
  const isClosed = wordOf(saying, isOld ? 'additionalItems' : 'items') === false || most <= types.length;
  const max = Math.min(most, types.length);
  if (!isClosed || max - min >= MOST_TUPLES) {
    saying.ignore(word);
    return both(sizes(saying, 'Items'), { t: 'basic', name: 'vector' });
  }
  const members: Type[] = [];
  for (let n = min; n <= max; n++)
    members.push(n === 0 ? { t: 'array', element: ANY, length: 0 } : { t: 'tuple', items: types.slice(0, n) });
  return members.length === 0 ? NEVER : members.length === 1 ? (members[0] as Type) : { t: 'union', members };
}

// ── objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The type of objects. Keys are keywords where their names allow it; validation takes either spelling. */
export function objectType(saying: Saying): Type {
  const properties = wordOf(saying, 'properties') ?? {};
  if (typeof properties !== 'object' || Array.isArray(properties) || properties === null)
    saying.refuse('properties', 'expected an object of schemas');
  const required = new Set(requiredNames(saying));
  const items: Predicate[] = [];
  const entries = Object.entries(properties).map(([name, json]): MapEntry => {
    const type = saying.schema(json, 'properties', name);
    const isRequired = required.delete(name);
    // A key whose type accepts nil may be absent (R15.7): that it must be there is said apart.
    if (isRequired && mayBeNil(type)) items.push(hasKey(keyOf(name)));
    return { key: keyOf(name), type, optional: !isRequired };
  });
  for (const name of required) items.push(hasKey(keyOf(name)));
  const others = additional(saying);
  const isOpen = others === null || (others.t === 'basic' && others.name === 'any');
  const isClosed = !isOpen && others.t === 'basic' && others.name === 'never';
  const type: Type =
    entries.length === 0 && isOpen
      ? { t: 'basic', name: 'map' }
      : { t: 'map', entries, rest: isOpen || isClosed ? null : others, closed: isClosed, either: true };
  return both([...items, ...sizes(saying, 'Properties')], type);
}

function requiredNames(saying: Saying): readonly string[] {
  const names = wordOf(saying, 'required') ?? [];
  // A boolean is OpenAPI's and draft 3's, where it says something of the parameter around the schema.
  if (typeof names === 'boolean') return [];
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    return saying.refuse('required', 'expected an array of names');
  return names as readonly string[];
}

/** The schema of the other properties. Beside `patternProperties`, which has no counterpart, it says nothing alone. */
function additional(saying: Saying): Type | null {
  const others = wordOf(saying, 'additionalProperties');
  if (others === undefined) return null;
  if (wordOf(saying, 'patternProperties') === undefined) return saying.schema(others, 'additionalProperties');
  saying.ignore('additionalProperties');
  return null;
}

function keyOf(name: string): Value {
  return isName(name) ? Keyword.of(name) : name;
}

function hasKey(key: Value): Predicate {
  const keys = spellings(key);
  return { ...predicate('has-key', key), holds: (v) => v instanceof PMap && keys.some((one) => v.has(one)) };
}

/** False for types that certainly refuse nil; a reference may lead anywhere. */
function mayBeNil(type: Type): boolean {
  switch (type.t) {
    case 'basic':
      return NILS.includes(type.name);
    case 'union':
      return type.members.some(mayBeNil);
    case 'and':
      return mayBeNil(type.type) && type.items.every((item) => item.t === 'predicate' || mayBeNil(item));
    case 'enum':
      return type.values.includes(null);
    default:
      return type.t === 'not' || type.t === 'alias' || type.t === 'resource';
  }
}

const NILS: readonly BasicName[] = ['nil', 'any', 'data'];
