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
  /** What it comes to; kept here for the next function value of this shape. */
  plan?: Plan;
}

type AnyBody = (...args: unknown[]) => unknown;

/** What a shape comes to, worked out once for all function values that have it. */
interface Plan {
  /** Their `n`: the arity if there is only one, else -1 less the smallest. */
  readonly n: number;
  /** The clause for each exact number of arguments. */
  readonly fixed: readonly (number | undefined)[];
  /** The clause with a rest parameter, or -1, and how many arguments it wants at least. */
  readonly open: number;
  readonly least: number;
}

/** The plain bodies of a function of several arities, for a caller who has no array of its arguments. */
export class Clauses {
  readonly fixed: readonly (number | undefined)[];
  readonly bodies: readonly AnyBody[];
  constructor(fixed: readonly (number | undefined)[], bodies: readonly AnyBody[]) {
    this.fixed = fixed;
    this.bodies = bodies;
  }

  /** The body for exactly `count` arguments, undefined where the clause with a rest parameter or none takes them. */
  body(count: number): AnyBody | undefined {
    const at = this.fixed[count];
    return at === undefined ? undefined : this.bodies[at];
  }
}

function planOf(shape: FnShape): Plan {
  if (shape.plan !== undefined) return shape.plan;
  const { clauses } = shape;
  const fixed: (number | undefined)[] = [];
  clauses.forEach(({ n, rest }, i) => {
    if (!rest) fixed[n] ??= i;
  });
  const open = clauses.findIndex(({ rest }) => rest);
  const [only] = clauses;
  const single = clauses.length === 1 && only !== undefined && !only.rest;
  const n = single ? only.n : -1 - Math.min(...clauses.map((clause) => clause.n));
  const plan: Plan = { n, fixed, open, least: clauses[open]?.n ?? Infinity };
  shape.plan = plan;
  return plan;
}

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
  const plan = planOf(shape);
  if (plan.n >= 0) {
    return new Fn(
      shape.name,
      plan.n,
      null,
      (plain?.[0] ?? rt.aborting) as Fn['f'],
      (generator?.[0] ?? null) as Fn['g'],
    );
  }
  const f = plain === null ? rt.aborting : dispatch(shape, plan, plain as readonly AnyBody[]);
  const g = generator === null ? null : dispatch(shape, plan, generator as readonly AnyBody[]);
  const clauses = plain === null ? null : new Clauses(plan.fixed, plain as readonly AnyBody[]);
  return new Fn(shape.name, plan.n, clauses, f as Fn['f'], g as Fn['g']);
}

/** A body that takes its arguments as an array and hands them to the clause that fits. */
function dispatch(shape: FnShape, { fixed, open, least }: Plan, bodies: readonly AnyBody[]): AnyBody {
  return (given, d) => {
    const args = given as Value[];
    const at = fixed[args.length];
    if (at !== undefined) {
      const body = bodies[at] as AnyBody;
      if (args.length === 1) return body(args[0], d);
      return args.length === 2 ? body(args[0], args[1], d) : body(...args, d);
    }
    if (args.length < least) return arity(shape.name === '' ? 'fn' : shape.name, expected(shape), args.length);
    return (bodies[open] as AnyBody)(...args.slice(0, least), List.of(args.slice(least)), d);
  };
}

/** The arities in the words of ArityMismatch. */
function expected({ clauses }: FnShape): string {
  const min = Math.min(...clauses.map(({ n }) => n));
  const max = Math.max(...clauses.map(({ n }) => n));
  if (clauses.some(({ rest }) => rest)) return `at least ${min}`;
  return min === max ? String(min) : `between ${min} and ${max}`;
}
