/** Looking into collections (R16.6): counting, positions, keys. What makes collections stands in `make.ts`. */
import { Collection } from '../values/collection.ts';
import { equal } from '../values/equality.ts';
import { typeError } from '../values/fail.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { isInt } from '../values/numbers.ts';
import { compare } from '../values/order.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import {
  characters,
  chargedElements,
  chargeText,
  count as asCount,
  length,
  LOG,
  mapOrNil,
  sizeOf,
  text,
} from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import { errorField } from './error-fields.ts';
import { pathOf, valueIn } from './key-path.ts';
import type { Rt } from './native.ts';

/** Counts a coll; a string is charged as `len` (R17.7). */
function counted(rt: Rt, fn: string, v: Value): number {
  return typeof v === 'string' ? chargeText(rt, v) : sizeOf(fn, v);
}

function isEmpty(v: Value): boolean {
  return v === null || v === '' || (v instanceof Collection && v.n === 0);
}

/**
 * The element at position `i` of a coll, undefined if there is none. A string is charged as `len` (R17.7), a map or set
 * as `n`, since their order is not an index.
 */
export function elementAt(rt: Rt, fn: string, coll: Value, i: number): Value | undefined {
  if (coll instanceof Vec || coll instanceof List) return Number.isInteger(i) && i >= 0 ? coll.at(i) : undefined;
  if (coll === null) return undefined;
  if (typeof coll === 'string') {
    const n = chargeText(rt, coll);
    if (i < 0 || i >= n) return undefined;
    return n === coll.length ? coll.charAt(i) : characters(coll)[i];
  }
  return chargedElements(rt, fn, coll)[i];
}

function last(rt: Rt, coll: Value): Value {
  // The last of no characters is no character, which is a string (R16.6).
  if (coll === '') return '';
  return elementAt(rt, 'last', coll, (typeof coll === 'string' ? length(coll) : sizeOf('last', coll)) - 1) ?? null;
}

function nth(rt: Rt, coll: Value, index: Value, otherwise: Value | undefined): Value {
  const i = asCount('nth', index);
  if (typeof coll !== 'string') rt.charge(LOG);
  const found = elementAt(rt, 'nth', coll, i);
  return found === undefined ? (otherwise ?? null) : found;
}

/** The value at `key`, undefined if there is none. Throws TypeError for what cannot be looked into (R16.6). */
export function lookUp(fn: string, coll: Value, key: Value): Value | undefined {
  if (coll instanceof PMap || coll instanceof PSet) return coll.get(key);
  if (coll instanceof Vec) {
    if (!isInt(key)) typeError(fn, 'integer', key);
    return typeof key === 'number' && key >= 0 ? coll.at(key) : undefined;
  }
  if (coll === null) return undefined;
  return coll instanceof ErrorValue ? errorField(coll, key) : typeError(fn, 'map, set, vector, error or nil', coll);
}

function get(rt: Rt, coll: Value, key: Value, otherwise: Value | undefined): Value {
  rt.charge(LOG);
  const found = lookUp('get', coll, key);
  return found === undefined ? (otherwise ?? null) : found;
}

function getIn(rt: Rt, coll: Value, path: Value, otherwise: Value | undefined): Value {
  return valueIn(coll, pathOf(rt, 'get-in', path)) ?? otherwise ?? null;
}

/** R16.6: a map has keys; a vector, list or set has elements; a string has substrings; nil has nothing. */
function contains(rt: Rt, coll: Value, x: Value): boolean {
  if (coll === null) return false;
  if (coll instanceof PMap || coll instanceof PSet) {
    rt.charge(LOG);
    return coll.has(x);
  }
  if (coll instanceof Vec || coll instanceof List) {
    return chargedElements(rt, 'contains?', coll).some((element) => equal(element, x, rt.limits.dataDepth));
  }
  if (typeof coll !== 'string') typeError('contains?', 'map, set, vector, list, string or nil', coll);
  rt.charge(length(coll));
  return coll.includes(text('contains?', x));
}

function find(rt: Rt, m: Value, key: Value): Value {
  rt.charge(LOG);
  const entry = mapOrNil('find', m).entry(key);
  return entry === undefined ? null : Vec.of([...entry]);
}

/** `keys` or `vals`. */
function column(fn: string, of: (m: PMap) => readonly Value[]): Entry {
  return define(fn, '[:map?] :vector', (rt, m) => {
    const map = mapOrNil(fn, m);
    rt.charge(map.n);
    return Vec.of([...of(map)]);
  });
}

/** `key` or `val` of a pair. */
function half(fn: string, index: 0 | 1): Entry {
  return define(fn, '[[:and :vector [:count 2]]] :any', (_rt, pair) =>
    pair instanceof Vec && pair.n === 2 ? (pair.at(index) ?? null) : typeError(fn, 'vector of 2', pair),
  );
}

/** The greatest (`sign` 1) or least (-1) element by R2.8, the first of equals. */
function extremeOf(fn: string, sign: 1 | -1): Entry {
  return define(fn, '[:Coll] :any', (rt, coll) => {
    const [first, ...others] = chargedElements(rt, fn, coll);
    let best = first ?? null;
    for (const x of others) if (compare(x, best, rt.limits.dataDepth) === sign) best = x;
    return best;
  });
}

/** Counting and looking up. */
export const LOOK: readonly Entry[] = [
  define('count', '[:Coll] :int', (rt, coll) => counted(rt, 'count', coll)),
  define('length', '[[:and :Coll [:not :nil]]] :int', (rt, coll) =>
    coll === null ? typeError('length', 'string or collection', coll) : counted(rt, 'length', coll),
  ),
  define('string-length', '[:string] :int', (rt, s) => chargeText(rt, text('string-length', s))),
  define('empty?', '[:any] :bool', (_rt, coll) => isEmpty(coll)),
  define('not-empty', '[:Coll] :Coll', (_rt, coll) => {
    sizeOf('not-empty', coll);
    return isEmpty(coll) ? null : coll;
  }),
  define('first', '[:string] :string? [:Coll] :any', (rt, coll) => elementAt(rt, 'first', coll, 0) ?? null),
  define('second', '[:string] :string? [:Coll] :any', (rt, coll) => elementAt(rt, 'second', coll, 1) ?? null),
  define(
    'ffirst',
    '[:Coll] :any',
    (rt, coll) => elementAt(rt, 'ffirst', elementAt(rt, 'ffirst', coll, 0) ?? null, 0) ?? null,
  ),
  define('last', '[:string] :string [:Coll] :any', last),
  define('nth', '[:string :int] :string? [:Coll :int] :any [:Coll :int :any] :any', nth),
  define('get', '[:vector :int] :any [:Keyed :any] :any [:vector :int :any] :any [:Keyed :any :any] :any', get),
  define('get-in', '[:any :seq] :any [:any :seq :any] :any', getIn),
  define('contains?', '[:string :string] :bool [[:union :map :set :vector :list :nil] :any] :bool', contains),
  define('find', '[:map? :any] :vector?', find),
  column('keys', (m) => m.keys()),
  column('vals', (m) => m.vals()),
  half('key', 0),
  half('val', 1),
  extremeOf('max-of', 1),
  extremeOf('min-of', -1),
];
