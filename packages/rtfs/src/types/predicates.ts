/** The predicates of `[:and T …]` (R15.14), one table: what arguments each takes, and when it holds. */
import { Collection } from '../values/collection.ts';
import { equal } from '../values/equality.ts';
import { Regex } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { compareNumbers, isNumber, mod, toDouble } from '../values/numbers.ts';
import type { Num } from '../values/numbers.ts';
import { compileRegex, program } from '../values/regex.ts';
import { PSet } from '../values/set.ts';
import { isKey } from '../values/keys.ts';
import { characterCount } from '../values/text.ts';
import { Vec } from '../values/vector.ts';
import type { Predicate } from './type.ts';

/** Makes the test of a predicate from its arguments; null when the arguments do not fit. */
type Make = (args: readonly Value[]) => ((v: Value) => boolean) | null;

function numeric(test: (sign: number) => boolean): Make {
  return ([n, more]) => (isNumber(n) && more === undefined ? (v) => isNumber(v) && test(compareNumbers(v, n)) : null);
}

function counting(measure: (v: Value) => number | null, test: (count: number, n: number) => boolean): Make {
  return ([n, more]) =>
    typeof n === 'number' && Number.isInteger(n) && n >= 0 && more === undefined
      ? (v) => {
          const count = measure(v);
          return count !== null && test(count, n);
        }
      : null;
}

function plain(test: (v: Value) => boolean): Make {
  return (args) => (args.length === 0 ? test : null);
}

function shaped(shape: RegExp): Make {
  return plain((v) => typeof v === 'string' && shape.test(v));
}

/** Characters of a string (R2.2); null for what is none. */
function length(v: Value): number | null {
  return typeof v === 'string' ? characterCount(v) : null;
}

function count(v: Value): number | null {
  return v instanceof Collection ? v.n : length(v);
}

function allDifferent(v: Value): boolean {
  if (!(v instanceof Vec) && !(v instanceof List)) return false;
  const items = v.toArray();
  if (items.every(isKey)) return PSet.of(items).n === items.length;
  return items.every((x, i) => items.findIndex((y) => equal(x, y)) === i || Number.isNaN(x));
}

function isEmail(v: Value): boolean {
  if (typeof v !== 'string' || /\s/.test(v)) return false;
  const [local, domain, more] = v.split('@');
  if (local === undefined || local === '' || domain === undefined || more !== undefined) return false;
  const dot = domain.lastIndexOf('.');
  return dot > 0 && dot < domain.length - 1;
}

const least = (n: number, m: number): boolean => n >= m;
const most = (n: number, m: number): boolean => n <= m;
const exactly = (n: number, m: number): boolean => n === m;

const PREDICATES: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['>', numeric((sign) => sign > 0)],
  ['>=', numeric((sign) => sign >= 0)],
  ['<', numeric((sign) => sign < 0)],
  ['<=', numeric((sign) => sign <= 0)],
  [
    'in-range',
    ([a, b, more]) =>
      isNumber(a) && isNumber(b) && more === undefined
        ? (v) => isNumber(v) && compareNumbers(v, a) >= 0 && compareNumbers(v, b) <= 0
        : null,
  ],
  [
    'multiple-of',
    ([n, more]) =>
      isNumber(n) && toDouble(n) !== 0 && more === undefined
        ? (v) => isNumber(v) && toDouble(mod(v, n) as Num) === 0
        : null,
  ],
  ['=', ([x, more]) => (x !== undefined && more === undefined ? (v) => equal(v, x) : null)],
  ['!=', ([x, more]) => (x !== undefined && more === undefined ? (v) => !equal(v, x) : null)],
  ['min-length', counting(length, least)],
  ['max-length', counting(length, most)],
  ['length', counting(length, exactly)],
  ['min-count', counting(count, least)],
  ['max-count', counting(count, most)],
  ['count', counting(count, exactly)],
  ['non-empty', plain((v) => (count(v) ?? 0) > 0)],
  ['unique', plain(allDifferent)],
  [
    'has-key',
    ([key, more]) => (key !== undefined && more === undefined ? (v) => v instanceof PMap && v.has(key) : null),
  ],
  [
    'required-keys',
    ([keys, more]) =>
      keys instanceof Vec && more === undefined
        ? (v) => v instanceof PMap && keys.items().every((key) => v.has(key))
        : null,
  ],
  [
    'matches-regex',
    ([pattern, more]) => {
      if (more !== undefined || !(typeof pattern === 'string' || pattern instanceof Regex)) return null;
      const regex = pattern instanceof Regex ? pattern : compileRegex(pattern);
      return (v) => typeof v === 'string' && program(regex).test(v);
    },
  ],
  ['is-url', shaped(/^(?:https?|ftp|wss?):\/\/[^\s/?#]+(?:[/?#]\S*)?$/i)],
  ['is-email', plain(isEmail)],
  ['is-uuid', shaped(/^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/)],
  ['is-date', shaped(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)],
  ['is-timestamp', shaped(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[._][0-9]{3})?Z$/)],
]);

/** The names of the predicates. */
export function predicateNames(): Iterable<string> {
  return PREDICATES.keys();
}

/**
 * The predicate of that name; null when the arguments do not fit, undefined when there is none. Throws InvalidRegex.
 */
export function makePredicate(name: string, args: readonly Value[]): Predicate | null | undefined {
  const make = PREDICATES.get(name);
  if (make === undefined) return undefined;
  const holds = make(args);
  return holds === null ? null : { t: 'predicate', name, args, holds };
}
