/**
 * The one way to raise an error of the language: templates of R18, each with its data map. An error's data is a map, and maps
 * need equality, which needs this file for its depth limit; so `map.ts` hands over how collections are made when it loads.
 */
import type { ErrorKind } from './error-kind.ts';
import { typeName } from './kind-name.ts';
import { ErrorValue, Keyword, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';

/** The entries of an error's data: names without colon, and values. */
export type Fields = readonly (readonly [string, Value])[];

let makeMap: (entries: readonly (readonly [Value, Value])[]) => Value = () => null;
let makeVector: (items: readonly Value[]) => Value = () => null;

/** Tells this file how collections are made; called once, by `map.ts`. */
export function useCollectionsInErrors(map: typeof makeMap, vector: typeof makeVector): void {
  makeMap = map;
  makeVector = vector;
}

/** A map with keyword keys, as the data of errors has it. */
export function dataMap(fields: Fields): Value {
  return makeMap(fields.map(([name, value]) => [Keyword.of(name), value] as const));
}

/** Throws an `ErrorValue` of a kind of the language (R18). The hint stands outside the message (R18.2). */
export function fail(kind: ErrorKind, message: string, data: Value = null, hint?: string): never {
  failAs(kind, message, data, hint);
}

/** Throws an `ErrorValue` of a kind that somebody else chose: a program, a host, the finding that it repeats. */
export function failAs(kind: string, message: string, data: Value = null, hint?: string): never {
  const error = new ErrorValue(kind, message, data);
  if (hint !== undefined) error.hint = hint;
  throw error;
}

/** Throws TypeError. `expected` names kinds by `type-name`; `actual` is the value that is not one (R18, R18.2). */
export function typeError(operation: string, expected: string, actual: Value): never {
  const got = typeName(actual);
  fail(
    'TypeError',
    `Type error in ${operation}: expected ${expected}, got ${got}`,
    dataMap([
      ['operation', operation],
      ['expected', expected],
      ['actual', got],
    ]),
  );
}

/** Throws ArityMismatch; `expected` is `2`, `at least 1` or `between 2 and 3` (R18). */
export function arity(fn: string, expected: string, actual: number, hint?: string): never {
  fail(
    'ArityMismatch',
    `Arity mismatch in ${fn}: expected ${expected}, got ${actual}`,
    dataMap([
      ['function', fn],
      ['expected', expected],
      ['actual', actual],
    ]),
    hint,
  );
}

/** How many arguments a function takes, in the words of ArityMismatch; `max` null means any number. */
export function arityText(min: number, max: number | null): string {
  if (max === null) return `at least ${min}`;
  return min === max ? String(min) : `between ${min} and ${max}`;
}

/** Throws InvalidArgument (R18). */
export function invalid(fn: string, what: string, hint?: string): never {
  fail('InvalidArgument', `Invalid argument in ${fn}: ${what}`, dataMap([['function', fn]]), hint);
}

/** Throws IndexOutOfBounds for an index into `length` elements (R18). */
export function indexOut(index: number | bigint, length: number): never {
  fail(
    'IndexOutOfBounds',
    `Index out of bounds: index ${index} is not in range [0, ${length})`,
    dataMap([
      ['index', index],
      ['length', length],
    ]),
  );
}

/** Throws DivisionByZero (R3.3). */
export function divisionByZero(): never {
  fail('DivisionByZero', 'Division by zero');
}

const LIMIT_KINDS: Readonly<Record<string, ErrorKind>> = {
  fuel: 'FuelExhausted',
  calls: 'FuelExhausted',
  deadlineMs: 'DeadlineExceeded',
  memoryBytes: 'MemoryLimit',
  frames: 'StackOverflow',
  loopIterations: 'LoopLimit',
  stringLength: 'StringLimit',
  collectionSize: 'CollectionLimit',
  pendingBranches: 'CollectionLimit',
  dataDepth: 'DepthLimit',
};

/** Throws the error kind that belongs to the limit `name` of R17.5, with the data of R17.6. */
export function limit(name: string, max: number): never {
  fail(
    LIMIT_KINDS[name] ?? 'InternalError',
    `Limit ${name} reached: ${max}`,
    dataMap([
      ['limit', name],
      ['max', max],
    ]),
  );
}

/** Throws UndefinedSymbol; `similar` are the candidates of R1.38. */
export function undefinedSymbol(name: string, similar: readonly Value[], hint?: string): never {
  fail(
    'UndefinedSymbol',
    `Undefined symbol: ${name}`,
    dataMap([
      ['symbol', Sym.of(name)],
      ['similar', makeVector(similar)],
    ]),
    hint ?? (similar.length === 0 ? undefined : `did you mean ${similar.join(', ')}?`),
  );
}

/** Throws SerializationError for a value that has no JSON, with the path in the data (R14.9). */
export function cannotSerialise(kind: string, path: string): never {
  fail('SerializationError', `Cannot serialise ${kind} at ${path}`, dataMap([['path', path]]));
}
