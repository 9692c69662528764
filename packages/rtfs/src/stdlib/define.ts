/**
 * How a row of the library is written down: names, arity, function. A topic's file exports a list of rows and
 * `natives.ts` joins them, so that a synonym is one more name of the same row.
 */
import type { Value } from '../values/kinds.ts';
import type { Native, Rt } from './native.ts';

/** A library function and all the names it goes by; the first is the one in its error messages. */
export interface Entry {
  readonly names: readonly string[];
  readonly native: Native;
}

/**
 * A function of at most four arguments. One that may be left out is undefined then, and the function says so in its own
 * type.
 */
type Plain = (rt: Rt, a: Value, b: Value, c: Value, d: Value) => Value;

function split(names: string): readonly [string, ...string[]] {
  const [first = '', ...rest] = names.split(' ');
  return [first, ...rest];
}

/** A row for a function of `min` to `max` arguments. `names` are separated by spaces. */
export function define(names: string, min: number, max: number, fn: Plain): Entry {
  const all = split(names);
  return { names: all, native: { name: all[0], min, max, fn } };
}

/** A row for a function of `min` or more arguments, which gets them as one array that it must not keep. */
export function defineVariadic(names: string, min: number, fn: (rt: Rt, args: readonly Value[]) => Value): Entry {
  const all = split(names);
  return { names: all, native: { name: all[0], min, max: null, variadic: true, fn } };
}
