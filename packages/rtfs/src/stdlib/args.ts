/**
 * What every library function does with its arguments first: check their kinds, and pay for the work before it is begun
 * (R17.2). Costs are those of R17.1: `n` elements, `len` = characters/16 rounded up, `log` = 1, `size` = nodes visited.
 */
import { Collection } from '../values/collection.ts';
import { limit, typeError } from '../values/fail.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { isInt, isNumber } from '../values/numbers.ts';
import type { Num } from '../values/numbers.ts';
import { print } from '../values/print.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import type { Rt } from './native.ts';

/** The cost column `log` of R17.1. */
export const LOG = 1;

/** The argument as a string. Throws TypeError. */
export function text(fn: string, v: Value): string {
  return typeof v === 'string' ? v : typeError(fn, 'string', v);
}

/** The argument as a number. Throws TypeError. */
export function number(fn: string, v: Value): Num {
  return isNumber(v) ? v : typeError(fn, 'number', v);
}

/** The argument as an int of any size. Throws TypeError. */
export function integer(fn: string, v: Value): number | bigint {
  return isInt(v) ? v : typeError(fn, 'integer', v);
}

/**
 * The argument as an int for counting or indexing. Ints beyond 2^53 become the nearest double, which is as much beyond
 * every collection and every limit as they are. Throws TypeError.
 */
export function count(fn: string, v: Value): number {
  return Number(integer(fn, v));
}

/** The number of characters, which are code points (R2.2). */
export function length(s: string): number {
  let n = s.length;
  for (let i = 0; i < s.length; i++) {
    if ((s.charCodeAt(i) & 0xfc00) === 0xd800) n--;
  }
  return n;
}

/** Charges `len` for so many characters. */
export function chargeCharacters(rt: Rt, characters: number): void {
  rt.charge(Math.ceil(characters / 16));
}

/** Charges `len` for a text and gives its number of characters. */
export function chargeText(rt: Rt, s: string): number {
  const n = length(s);
  chargeCharacters(rt, n);
  return n;
}

/** The argument as a string, charged as `len`. Throws TypeError. */
export function chargedText(rt: Rt, fn: string, v: Value): string {
  const s = text(fn, v);
  chargeText(rt, s);
  return s;
}

/**
 * A value as one argument of `str`: a string verbatim, everything else printed (R2.12). Throws DepthLimit, StringLimit.
 */
export function asText(rt: Rt, v: Value): string {
  if (typeof v === 'string') return v;
  // The commonest of the rest: an int.
  if (typeof v === 'number' && Number.isSafeInteger(v)) return String(v);
  return print(v, {
    depth: rt.limits.dataDepth,
    elements: rt.limits.collectionSize,
    characters: rt.limits.stringLength,
    strict: true,
  });
}

/**
 * Refuses a string that would be longer than allowed, in UTF-16 units, before it is made (R17.3). Throws StringLimit.
 */
export function checkStringLength(rt: Rt, units: number): void {
  if (units > rt.limits.stringLength) limit('stringLength', rt.limits.stringLength);
}

/** Refuses a collection that would be larger than allowed, before it is made (R17.3). Throws CollectionLimit. */
export function checkSize(rt: Rt, n: number): void {
  if (n > rt.limits.collectionSize) limit('collectionSize', rt.limits.collectionSize);
}

/** Refuses, then charges, the making of so many elements. Throws CollectionLimit. */
export function chargeMaking(rt: Rt, n: number): void {
  checkSize(rt, n);
  rt.charge(n);
}

/** Refuses to go more than so many levels into data. Throws DepthLimit. */
export function checkDepth(rt: Rt, depth: number): void {
  if (depth > rt.limits.dataDepth) limit('dataDepth', rt.limits.dataDepth);
}

/** Whether a value is seqable (R2.6). */
export function isSeqable(v: Value): v is null | string | Vec | List | PMap | PSet {
  return v === null || typeof v === 'string' || v instanceof Collection;
}

/** The characters of a text, each a string of its own. */
export function characters(s: string): string[] {
  return Array.from(s);
}

/** The entries of a map as `[k v]` vectors. */
export function pairs(m: PMap): Vec[] {
  return m.entries().map(([key, value]) => Vec.of([key, value]));
}

/** The number of elements of a coll, nil being empty. Throws TypeError. */
export function sizeOf(fn: string, v: Value): number {
  if (v === null) return 0;
  if (typeof v === 'string') return length(v);
  return v instanceof Collection ? v.n : typeError(fn, 'collection', v);
}

/** The elements of a coll (R2.6), not to be written to; not charged. Throws TypeError. */
export function elements(fn: string, v: Value): readonly Value[] {
  if (v instanceof Vec) return v.items();
  if (v === null) return [];
  if (typeof v === 'string') return characters(v);
  if (v instanceof List) return v.toArray();
  if (v instanceof PSet) return v.items();
  if (v instanceof PMap) return pairs(v);
  return typeError(fn, 'collection', v);
}

/** The elements of a coll, charged as `n` before they are looked at. Throws TypeError. */
export function chargedElements(rt: Rt, fn: string, v: Value): readonly Value[] {
  rt.charge(sizeOf(fn, v));
  return elements(fn, v);
}

/** A sequence of the kind that `like` asks for: a list for a list, a string for a string, else a vector (R16.1). */
export function sameKind(like: Value, items: Value[]): Value {
  if (like instanceof List) return List.of(items);
  // The elements of a string are strings, and so is any selection of them.
  return typeof like === 'string' ? items.join('') : Vec.of(items);
}

/** The argument as a map, nil being the empty one. Throws TypeError. */
export function mapOrNil(fn: string, v: Value): PMap {
  if (v === null) return PMap.empty;
  return v instanceof PMap ? v : typeError(fn, 'map', v);
}

/**
 * Charges `size`: the elements of the values and of what they hold, each shared part once, as equality and hashing
 * visit it. A value that holds nothing costs nothing.
 */
export function chargeSizes(rt: Rt, values: readonly Value[]): void {
  const waiting: (Vec | List | PMap | PSet | ErrorValue)[] = [];
  const met = new Set<Value>();
  const visit = (v: Value): void => {
    if (typeof v !== 'object' || !(v instanceof Collection || v instanceof ErrorValue) || met.has(v)) return;
    met.add(v);
    waiting.push(v);
  };
  values.forEach(visit);
  for (let v = waiting.pop(); v !== undefined; v = waiting.pop()) {
    if (v instanceof ErrorValue) {
      visit(v.data);
      continue;
    }
    rt.charge(v.n);
    if (v instanceof PMap) {
      for (const [key, value] of v.entries()) {
        visit(key);
        visit(value);
      }
    } else {
      elements('size', v).forEach(visit);
    }
  }
}

/** `chargeSizes` of one value. */
export function chargeSize(rt: Rt, v: Value): void {
  chargeSizes(rt, [v]);
}
