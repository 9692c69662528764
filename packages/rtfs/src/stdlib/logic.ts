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
import { questionSignature } from './signature.ts';

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
function chain(
  fn: string,
  signature: string,
  check: (v: Value) => void,
  holds: (a: Value, b: Value) => boolean,
): Entry {
  return defineVariadic(fn, signature, (_rt, args) => {
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
    '[:number & :number] :bool [:string & :string] :bool',
    (v) => {
      if (!isNumber(v) && typeof v !== 'string') typeError(fn, 'number or string', v);
    },
    holds,
  );
}

/** A question about a value's kind, which every value can answer. */
function is(names: string, signature: string, holds: (v: Value) => boolean): Entry {
  return define(names, signature, (_rt, v) => holds(v));
}

/** Gives the first argument that decides, else the last, else the value of no arguments. */
function deciding(fn: string, none: boolean, decides: (v: Value) => boolean): Entry {
  return defineVariadic(fn, '[& :any] :any', (_rt, args) => {
    for (const v of args) if (decides(v)) return v;
    return args.at(-1) ?? (args.length === 0 ? none : null);
  });
}

/** What counts as false, as a type. */
const FALSY = '[:enum nil false]';

/** Whether a value may stand in head position (R4.8). */
export function isCallable(v: Value): boolean {
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
  defineVariadic('=', '[:any & :any] :bool', allEqual),
  defineVariadic('not= !=', '[:any & :any] :bool', (rt, args) => !allEqual(rt, args)),
  chain(
    '==',
    '[:number & :number] :bool',
    (v) => {
      number('==', v);
    },
    (a, b) => numEqual(number('==', a), number('==', b)),
  ),
  order('<', less),
  order('<=', lessOrEqual),
  order('>', greater),
  order('>=', greaterOrEqual),
  define('compare', '[:any :any] :int', (rt, a, b) => {
    chargeSizes(rt, [a, b]);
    return compare(a, b, rt.limits.dataDepth);
  }),
  define('hash', '[:any] :int', (rt, v) => {
    chargeSize(rt, v);
    return hash(v, rt.limits.dataDepth);
  }),
];

const TRUTH: readonly Entry[] = [
  is('not', `[${FALSY}] [:val true] [:any] [:val false]`, (v) => !truth(v)),
  is('boolean', `[${FALSY}] [:val false] [:any] [:val true]`, truth),
  define('identity', '[:any] :any', (_rt, v) => v),
  // As values, `and` and `or` take evaluated arguments (R5.16).
  deciding('and', true, (v) => !truth(v)),
  deciding('or', false, truth),
];

const KINDS: readonly Entry[] = [
  is('nil?', questionSignature(':nil'), (v) => v === null),
  is('some?', '[:nil] [:val false] [:any] [:val true]', (v) => v !== null),
  is('true?', questionSignature('[:val true]'), (v) => v === true),
  is('false?', questionSignature('[:val false]'), (v) => v === false),
  is('boolean? bool?', questionSignature(':bool'), (v) => typeof v === 'boolean'),
  is('integer? int?', questionSignature(':int'), isInt),
  is('float? double?', '[:int] [:val false] [:float] [:val true] [:any] [:val false]', isFloat),
  is('number?', questionSignature(':number'), isNumber),
  is('string? string-p', questionSignature(':string'), (v) => typeof v === 'string'),
  is('keyword?', questionSignature(':keyword'), (v) => v instanceof Keyword),
  is('symbol?', questionSignature(':symbol'), (v) => v instanceof Sym),
  is('vector?', questionSignature(':vector'), (v) => v instanceof Vec),
  is('list?', questionSignature(':list'), (v) => v instanceof List),
  is('map?', questionSignature(':map'), (v) => v instanceof PMap),
  is('set?', questionSignature(':set'), (v) => v instanceof PSet),
  is('fn?', questionSignature(':fn'), (v) => v instanceof Fn),
  is('ifn?', questionSignature(':Callable'), isCallable),
  is('coll?', questionSignature('[:union :vector :list :map :set]'), (v) => v instanceof Collection),
  is('sequential?', questionSignature(':seq'), (v) => v instanceof Vec || v instanceof List),
  is('seqable?', questionSignature(':Coll'), (v) => v === null || typeof v === 'string' || v instanceof Collection),
  is('atom?', questionSignature(':atom'), (v) => v instanceof Atom),
  is('error?', questionSignature(':error'), (v) => v instanceof ErrorValue),
  is('regex?', questionSignature(':regex'), (v) => v instanceof Regex),
  define('type-name', '[:any] :string', (_rt, v) => typeName(v)),
  define('type', '[:any] :keyword', (_rt, v) => typeOf(v)),
];

const ERRORS: readonly Entry[] = [
  define(
    'ex-info',
    '[:string :any] :error [:string :any :any] :error',
    (_rt, message, data) => new ErrorValue('ExceptionInfo', text('ex-info', message), data),
  ),
  define('ex-kind', '[:any] :keyword?', (_rt, e) => kindOf(e)),
  define('ex-message', '[:any] :string?', (_rt, e) => messageOf(e)),
  define('ex-data', '[:any] :any', (_rt, e) => dataOf(e)),
  define('getMessage', '[:error] :string', (_rt, e) =>
    e instanceof ErrorValue ? e.message : typeError('getMessage', 'error', e),
  ),
  define('assert', '[:any] :nil [:any :any] :nil', (_rt, test, message) => assert(test, message)),
];

/** Comparison, truth, kinds, errors. */
export const LOGIC: readonly Entry[] = [...COMPARISON, ...TRUTH, ...KINDS, ...ERRORS];
