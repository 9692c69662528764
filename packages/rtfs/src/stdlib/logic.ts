/** Comparison, truth and kinds (R16.3), and the error accessors of §8. */
import { Collection } from '../values/collection.ts';
import { equal, hash } from '../values/equality.ts';
import { fail, typeError } from '../values/fail.ts';
import { typeName } from '../values/kind-name.ts';
import type { Value } from '../values/kinds.ts';
import { Atom, ErrorValue, Fn, Keyword, Regex, Sym } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { greater, greaterOrEqual, isFloat, isInt, isNumber, less, lessOrEqual, numEqual } from '../values/numbers.ts';
import { compare } from '../values/order.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { chargeSize, chargeSizes, number, text } from './args.ts';
import type { Entry } from './define.ts';
import { define, defineVariadic } from './define.ts';
import { dataOf, kindOf, messageOf } from './error-fields.ts';
import type { Rt } from './native.ts';

/** Whether a value counts as true (R2.9). */
export function truth(v: Value): boolean {
  return v !== null && v !== false;
}

function allEqual(rt: Rt, args: readonly Value[]): boolean {
  chargeSizes(rt, args);
  const first = args[0] ?? null;
  for (let i = 1; i < args.length; i++) {
    if (!equal(first, args[i] ?? null, rt.limits.dataDepth)) return false;
  }
  // A single argument is compared with nothing: one that is not equal to itself is no exception.
  return true;
}

/** A relation that must hold between each argument and the next (R3.5); every argument's kind is checked. */
function chain(fn: string, check: (v: Value) => void, holds: (a: Value, b: Value) => boolean): Entry {
  return defineVariadic(fn, 1, (_rt, args) => {
    if (args.length === 1) check(args[0] ?? null);
    let result = true;
    for (let i = 1; i < args.length; i++) result = holds(args[i - 1] ?? null, args[i] ?? null) && result;
    return result;
  });
}

/** `< <= > >=` take numbers or strings (R3.5). */
function order(fn: string, holds: (a: Value, b: Value) => boolean): Entry {
  return chain(
    fn,
    (v) => {
      if (!isNumber(v) && typeof v !== 'string') typeError(fn, 'number or string', v);
    },
    holds,
  );
}

/** A question about a value's kind, which every value can answer. */
function is(names: string, holds: (v: Value) => boolean): Entry {
  return define(names, 1, 1, (_rt, v) => holds(v));
}

/** Gives the first argument that decides, else the last, else the value of no arguments. */
function deciding(fn: string, none: boolean, decides: (v: Value) => boolean): Entry {
  return defineVariadic(fn, 0, (_rt, args) => {
    for (const v of args) if (decides(v)) return v;
    return args.at(-1) ?? (args.length === 0 ? none : null);
  });
}

/** Whether a value may stand in head position (R4.8). */
function isCallable(v: Value): boolean {
  return v instanceof Fn || v instanceof Keyword || v instanceof PMap || v instanceof PSet || v instanceof Vec;
}

/** The kinds of R15.2 where they differ from `type-name`. */
const TYPE_NAMES: Readonly<Record<string, string>> = { integer: 'int', boolean: 'bool', function: 'fn' };

function typeOf(v: Value): Keyword {
  const name = typeName(v);
  return Keyword.of(TYPE_NAMES[name] ?? name);
}

/** R16.4: nil, or AssertionError with the message. */
function assert(test: Value, message: Value | undefined): Value {
  if (truth(test)) return null;
  return fail('AssertionError', message === undefined ? 'Assertion failed' : text('assert', message));
}

const COMPARISON: readonly Entry[] = [
  defineVariadic('=', 1, allEqual),
  defineVariadic('not= !=', 1, (rt, args) => !allEqual(rt, args)),
  chain(
    '==',
    (v) => {
      number('==', v);
    },
    (a, b) => numEqual(number('==', a), number('==', b)),
  ),
  order('<', less),
  order('<=', lessOrEqual),
  order('>', greater),
  order('>=', greaterOrEqual),
  define('compare', 2, 2, (rt, a, b) => {
    chargeSizes(rt, [a, b]);
    return compare(a, b, rt.limits.dataDepth);
  }),
  define('hash', 1, 1, (rt, v) => {
    chargeSize(rt, v);
    return hash(v, rt.limits.dataDepth);
  }),
];

const TRUTH: readonly Entry[] = [
  is('not', (v) => !truth(v)),
  is('boolean', truth),
  define('identity', 1, 1, (_rt, v) => v),
  // As values, `and` and `or` take evaluated arguments (R5.16).
  deciding('and', true, (v) => !truth(v)),
  deciding('or', false, truth),
];

const KINDS: readonly Entry[] = [
  is('nil?', (v) => v === null),
  is('some?', (v) => v !== null),
  is('true?', (v) => v === true),
  is('false?', (v) => v === false),
  is('boolean? bool?', (v) => typeof v === 'boolean'),
  is('integer? int?', isInt),
  is('float? double?', isFloat),
  is('number?', isNumber),
  is('string? string-p', (v) => typeof v === 'string'),
  is('keyword?', (v) => v instanceof Keyword),
  is('symbol?', (v) => v instanceof Sym),
  is('vector?', (v) => v instanceof Vec),
  is('list?', (v) => v instanceof List),
  is('map?', (v) => v instanceof PMap),
  is('set?', (v) => v instanceof PSet),
  is('fn?', (v) => v instanceof Fn),
  is('ifn?', isCallable),
  is('coll?', (v) => v instanceof Collection),
  is('sequential?', (v) => v instanceof Vec || v instanceof List),
  is('seqable?', (v) => v === null || typeof v === 'string' || v instanceof Collection),
  is('atom?', (v) => v instanceof Atom),
  is('error?', (v) => v instanceof ErrorValue),
  is('regex?', (v) => v instanceof Regex),
  define('type-name', 1, 1, (_rt, v) => typeName(v)),
  define('type', 1, 1, (_rt, v) => typeOf(v)),
];

const ERRORS: readonly Entry[] = [
  define('ex-info', 2, 3, (_rt, message, data) => new ErrorValue('ExceptionInfo', text('ex-info', message), data)),
  define('ex-kind', 1, 1, (_rt, e) => kindOf(e)),
  define('ex-message', 1, 1, (_rt, e) => messageOf(e)),
  define('ex-data', 1, 1, (_rt, e) => dataOf(e)),
  define('getMessage', 1, 1, (_rt, e) => (e instanceof ErrorValue ? e.message : typeError('getMessage', 'error', e))),
  define('assert', 1, 2, (_rt, test, message) => assert(test, message)),
];

/** Comparison, truth, kinds, errors. */
export const LOGIC: readonly Entry[] = [...COMPARISON, ...TRUTH, ...KINDS, ...ERRORS];
