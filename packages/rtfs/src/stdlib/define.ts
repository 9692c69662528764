/**
 * How a row of the library is written down: names, signature, function. A topic's file exports a list of rows and
 * `natives.ts` joins them, so that a synonym is one more name of the same row.
 */
import type { Value } from '../values/kinds.ts';
import type { Native, Rt } from './native.ts';
import { parseSignature } from './signature.ts';
import type { Signature } from './signature.ts';

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

/** A row of the table. Its signature is read when it is first asked for: most programs name few functions. */
class Row implements Native {
  readonly name: string;
  readonly variadic: boolean;
  readonly exact: NonNullable<Native['exact']>;
  readonly fn: Native['fn'];
  readonly #text: string;
  #signature: Signature | null = null;

  constructor(name: string, signature: string, fn: Native['fn'], o: Pick<Row, 'variadic' | 'exact'>) {
    this.name = name;
    this.variadic = o.variadic;
    this.exact = o.exact;
    this.fn = fn;
    this.#text = signature;
  }

  get signature(): Signature {
    return (this.#signature ??= parseSignature(this.#text));
  }

  get min(): number {
    return this.signature.min;
  }

  get max(): number | null {
    return this.signature.max;
  }
}

function row(
  names: string,
  signature: string,
  fn: Native['fn'],
  variadic: boolean,
  exact: NonNullable<Native['exact']> = {},
): Entry {
  const all = names.split(' ');
  return { names: all, native: new Row(all[0] ?? names, signature, fn, { variadic, exact }) };
}

/** A row for a function of at most four arguments. `names` are separated by spaces; for `signature` see `signature.ts`. */
export function define(names: string, signature: string, fn: Plain): Entry {
  return row(names, signature, fn, false);
}

/** A row for a function of any number of arguments, which gets them as one array that it must not keep; `exact` without. */
export function defineVariadic(
  names: string,
  signature: string,
  fn: (rt: Rt, args: readonly Value[]) => Value,
  exact: NonNullable<Native['exact']> = {},
): Entry {
  return row(names, signature, fn, true, exact);
}
