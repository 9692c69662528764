/**
 * The shape of a library function that takes no functions and is written in TypeScript. What takes functions is written in RTFS
 * (`prelude/`), so that a `call` may stand inside it (R6.6).
 */
import type { Limits } from '../machine/types.ts';
import type { Value } from '../values/kinds.ts';
import type { Signature } from './signature.ts';

/** The machine, as far as a native function may see it. */
export interface Rt {
  readonly limits: Limits;
  /** Charges work before it is done (R17.2); throws FuelExhausted. Units of R17.1. */
  charge(units: number): void;
}

/**
 * A native function. `min` to `max` arguments, `max` null for any number: what its signature says. Called as `fn(rt, a, b, …)` with exactly the arguments
 * given (missing optional ones are undefined), or, when `variadic`, as `fn(rt, args)`. Arity is checked by the caller. It throws
 * `ErrorValue`s made by `fail`, and never anything else.
 */
export interface Native {
  readonly name: string;
  readonly min: number;
  readonly max: number | null;
  readonly signature: Signature;
  readonly variadic: boolean;
  /** Of a variadic one: the same function for some numbers of arguments, called as `fn(rt, a, b, …)`. */
  readonly exact?: Readonly<Record<number, (rt: Rt, ...args: never[]) => Value>>;
  readonly fn: (rt: Rt, ...args: never[]) => Value;
}
