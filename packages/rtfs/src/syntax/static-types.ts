/** Types that static checking computes with (R15.20): of literals, of what comes from several places, of an application. */
import { kindsOf } from '../types/kinds.ts';
import { areDisjoint, isSubtype } from '../types/relations.ts';
import { typeText } from '../types/type.ts';
import type { BasicName, FnType, Type } from '../types/type.ts';
import { Collection } from '../values/collection.ts';
import { arityText } from '../values/fail.ts';
import { typeName } from '../values/kind-name.ts';
import type { Value } from '../values/kinds.ts';
import { print, printShort } from '../values/print.ts';

function basic(name: BasicName): Type {
  return { t: 'basic', name };
}

export const ANY: Type = basic('any');
/** The type of what gives no value: it throws, or goes on elsewhere. */
export const NEVER: Type = basic('never');
export const NIL: Type = { t: 'enum', values: [null] };
export const BOOL: Type = basic('bool');
export const VECTOR: Type = basic('vector');
export const LIST: Type = basic('list');
export const SET: Type = basic('set');
export const MAP: Type = basic('map');
export const FN: Type = basic('fn');
export const STRING: Type = basic('string');
export const INT: Type = basic('int');
export const NUMBER: Type = basic('number');
export const DATA: Type = basic('data');
export const ERROR: Type = basic('error');
export const SEQ: Type = basic('seq');
/** What counts as false (R2.9). */
export const FALSY: Type = { t: 'enum', values: [null, false] };
/** What has elements (R2.6). */
export const COLL: Type = { t: 'union', members: [VECTOR, LIST, SET, MAP, STRING, NIL] };
/** What may stand in head position (R4.8). */
export const CALLABLE: Type = { t: 'union', members: [FN, basic('keyword'), MAP, SET, VECTOR] };

/** Of larger collections only the kind is known: nothing here may cost more than the text. */
const MOST_ITEMS = 32;
const MOST_MEMBERS = 12;

export function isNever(type: Type): boolean {
  return type === NEVER || (type.t === 'basic' && type.name === 'never');
}

/** The type of a literal: itself, unless it is a large collection. */
export function typeOfLiteral(value: Value): Type {
  if (value === null) return NIL;
  if (value instanceof Collection && value.n > MOST_ITEMS) return basic(value.typeName as BasicName);
  return { t: 'enum', values: [value] };
}

/** What comes from one of several places. */
export function unionOf(types: readonly Type[]): Type {
  if (types.length === 1) return types[0] as Type;
  const members: Type[] = [];
  for (const type of types) {
    if (isAny(type)) return ANY;
    for (const one of type.t === 'union' ? type.members : [type])
      if (!isNever(one) && !members.includes(one)) members.push(one);
  }
  if (members.length > MOST_MEMBERS) return ANY;
  return members.length === 0 ? NEVER : members.length === 1 ? (members[0] as Type) : { t: 'union', members };
}

/** A vector of these items. */
export function vectorOf(items: readonly Type[]): Type {
  if (items.length === 0 || items.length > MOST_ITEMS) return VECTOR;
  return { t: 'and', type: VECTOR, items: [{ t: 'tuple', items }] };
}

/** A map of keys and values in turn; only one with literal keys is known better. */
export function mapOf(keys: readonly (Value | undefined)[], types: readonly Type[]): Type {
  if (keys.length > MOST_ITEMS || keys.includes(undefined)) return MAP;
  const last = new Map(keys.map((key, i) => [key as Value, types[i] as Type]));
  const entries = [...last].map(([key, type]) => ({ key, type, optional: false }));
  return { t: 'map', entries, rest: null, closed: true };
}

/** Why something must fail: the kind of the error, what is wrong, and at which argument if it is one. */
export interface Failure {
  readonly kind: string;
  readonly what: string;
  readonly argument: number | null;
  readonly hint?: string;
}

/** What an application gives, or why it must fail. */
export interface Applied {
  readonly result: Type;
  readonly failure: Failure | null;
}

function paramOf(way: FnType, i: number): Type {
  return way.parameters[i] ?? way.rest ?? ANY;
}

function takes(way: FnType, count: number): boolean {
  return way.rest === null ? way.parameters.length === count : way.parameters.length <= count;
}

/** The failure of a call with a number of arguments that nothing takes. */
export function wrongCount(name: string, { min, max }: { min: number; max: number | null }, count: number): Applied {
  const what = `Arity mismatch in ${name}: expected ${arityText(min, max)}, got ${count}`;
  return { result: NEVER, failure: { kind: 'ArityMismatch', what, argument: null } };
}

/** The ways that take a number of arguments, and what they give if nothing is known of these. */
interface Taking {
  readonly ways: readonly FnType[];
  readonly result: Type;
}

const takings = new WeakMap<readonly FnType[], Map<number, Taking>>();

/** A way that gives nothing is there for its error, which is that of a wrong number. */
function takingOf(ways: readonly FnType[], count: number): Taking {
  let known = takings.get(ways);
  if (known === undefined) takings.set(ways, (known = new Map()));
  let taking = known.get(count);
  if (taking === undefined) {
    const some = ways.filter((way) => takes(way, count) && !isNever(way.result));
    known.set(count, (taking = { ways: some, result: unionOf(some.map(({ result }) => result)) }));
  }
  return taking;
}

/** Applies a function of the library: the first way that certainly fits ends the search, one that cannot is no way. */
export function applyWays(name: string, ways: readonly FnType[], args: readonly Type[]): Applied {
  const taking = takingOf(ways, args.length);
  if (taking.ways.length === 0) {
    const counts = ways.filter(({ result }) => !isNever(result)).map(({ parameters }) => parameters.length);
    const max = ways.some(({ rest }) => rest !== null) ? null : Math.max(...counts);
    return wrongCount(name, { min: Math.min(...counts), max }, args.length);
  }
  if (args.every(isAny)) return { result: taking.result, failure: null };
  const results: Type[] = [];
  for (const way of taking.ways) {
    const fit = fitOf(way, args);
    if (fit !== 'never') results.push(way.result);
    if (fit === 'always') break;
  }
  if (results.length > 0) return { result: unionOf(results), failure: null };
  return { result: NEVER, failure: noWay(name, taking.ways, args) };
}

function fitOf(way: FnType, args: readonly Type[]): 'never' | 'maybe' | 'always' {
  let fit: 'maybe' | 'always' = 'always';
  for (let i = 0; i < args.length; i++) {
    const [arg, parameter] = [args[i] as Type, paramOf(way, i)];
    if (areDisjoint(arg, parameter)) return 'never';
    if (fit === 'always' && !isSubtype(arg, parameter)) fit = 'maybe';
  }
  return fit;
}

function isAny(type: Type): boolean {
  return type.t === 'basic' && type.name === 'any';
}

function noWay(name: string, taking: readonly FnType[], args: readonly Type[]): Failure {
  const argument = args.findIndex((arg, i) => taking.every((way) => areDisjoint(arg, paramOf(way, i))));
  const hint = `${name} takes ${[...new Set(taking.map(parametersText))].join(' or ')}`;
  if (argument < 0) {
    const what = `Type error in ${name}: ${args.map(shown).join(', ')} do not go together`;
    return { kind: 'TypeError', what, argument: null, hint };
  }
  const expected = shown(unionOf(taking.map((way) => paramOf(way, argument))));
  const what = `Type error in ${name}: expected ${expected}, got ${shown(args[argument] as Type)}`;
  return { kind: 'TypeError', what, argument, hint };
}

/** The parameters of a way as its signature has them. */
export function parametersText({ parameters, rest }: FnType): string {
  const all = parameters.map(typeText);
  return `[${[...all, ...(rest === null ? [] : ['&', typeText(rest)])].join(' ')}]`;
}

/** The word of an error of the run for several kinds together. */
function groupOf(type: Type): string | null {
  const kinds = kindsOf(type);
  if (kinds === kindsOf(COLL)) return 'collection';
  return kinds === kindsOf(CALLABLE) ? 'function' : null;
}

/** The kinds of the members, each once; `number` says more than `integer`. */
function alternatives(types: readonly Type[]): string {
  const kinds = new Set(types.flatMap((type) => shown(type).split(' or ')));
  if (kinds.has('number')) for (const kind of ['integer', 'float']) kinds.delete(kind);
  return [...kinds].join(' or ');
}

/** A type as a message says it: a literal by its kind, as the error of the run would. */
export function shown(type: Type): string {
  switch (type.t) {
    case 'enum':
      return [...new Set(type.values.map(typeName))].join(' or ');
    case 'union':
      return groupOf(type) ?? alternatives(type.members);
    case 'and':
      return shown(type.type);
    case 'basic':
      return WORDS[type.name] ?? type.name;
    case 'elements':
      return type.kind;
    case 'map':
    case 'map-of':
      return 'map';
    case 'fn':
      return 'function';
    case 'alias':
      return shown(type.types.get(type.name) ?? ANY);
    default:
      return 'vector';
  }
}

/** What a cast gets: what is a literal as it is written (R15.16), a type for the rest. */
export function written(type: Type): string {
  if (type.t === 'enum' && type.values.length === 1) return printShort(type.values[0] as Value);
  if (type.t === 'map' && type.closed)
    return `{${type.entries.map((entry) => `${print(entry.key)} ${written(entry.type)}`).join(' ')}}`;
  const [tuple] = type.t === 'and' ? type.items : [];
  return tuple?.t === 'tuple' ? `[${tuple.items.map(written).join(' ')}]` : typeText(type);
}

/** Kinds by `type-name` where R15.2 calls them otherwise (R18.2). */
const WORDS: Readonly<Record<string, string>> = {
  int: 'integer',
  bool: 'boolean',
  fn: 'function',
  seq: 'vector or list',
};
