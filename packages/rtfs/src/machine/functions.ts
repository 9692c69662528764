/**
 * Function values of several arities or with a rest parameter: one `Fn` that chooses the clause by the number of arguments.
 */
import { arity } from '../values/fail.ts';
import { Fn } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';

/** The arities of a function, from the constant table. */
export interface FnShape {
  readonly name: string;
  readonly clauses: readonly { readonly n: number; readonly rest: boolean }[];
}

type AnyBody = (...args: unknown[]) => unknown;

/**
 * A function value. `plain` and `generator` hold a body a clause; null where the function has none, in which case the plain
 * face is one that aborts an attempt.
 */
export function makeFn(
  rt: { readonly aborting: unknown },
  shape: FnShape,
  plain: readonly unknown[] | null,
  generator: readonly unknown[] | null,
): Fn {
  const [only] = shape.clauses;
  if (shape.clauses.length === 1 && only !== undefined && !only.rest) {
    return new Fn(
      shape.name,
      only.n,
      null,
      (plain?.[0] ?? rt.aborting) as Fn['f'],
      (generator?.[0] ?? null) as Fn['g'],
    );
  }
  const min = Math.min(...shape.clauses.map(({ n }) => n));
  const f = plain === null ? rt.aborting : dispatch(shape, plain as readonly AnyBody[]);
  const g = generator === null ? null : dispatch(shape, generator as readonly AnyBody[]);
  return new Fn(shape.name, -1 - min, null, f as Fn['f'], g as Fn['g']);
}

/** A body that takes its arguments as an array and hands them to the clause that fits. */
function dispatch(shape: FnShape, bodies: readonly AnyBody[]): AnyBody {
  return (given, d) => {
    const args = given as Value[];
    const i = shape.clauses.findIndex(({ n, rest }) => args.length === n || (rest && args.length >= n));
    const clause = shape.clauses[i];
    if (clause === undefined) return arity(shape.name === '' ? 'fn' : shape.name, expected(shape), args.length);
    const body = bodies[i] as AnyBody;
    if (!clause.rest) return body(...args, d);
    return body(...args.slice(0, clause.n), List.of(args.slice(clause.n)), d);
  };
}

/** The arities in the words of ArityMismatch. */
function expected({ clauses }: FnShape): string {
  const min = Math.min(...clauses.map(({ n }) => n));
  const max = Math.max(...clauses.map(({ n }) => n));
  if (clauses.some(({ rest }) => rest)) return `at least ${min}`;
  return min === max ? String(min) : `between ${min} and ${max}`;
}
