/** The total order of `compare` and `sort` (R2.8). */
import { Collection } from './collection.ts';
import { limit, typeError } from './fail.ts';
import { Keyword, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { PMap } from './map.ts';
import { compareNumbers, compareText, isInt, isNumber } from './numbers.ts';
import type { Num } from './numbers.ts';
import { Vec } from './vector.ts';

const RANKS: Readonly<Record<Collection['typeName'], number>> = { vector: 6, list: 7, set: 8, map: 9 };

function rank(v: Value): number {
  if (v === null) return 0;
  if (typeof v === 'boolean') return 1;
  if (isNumber(v)) return 2;
  if (typeof v === 'string') return 3;
  if (v instanceof Keyword) return 4;
  if (v instanceof Sym) return 5;
  if (v instanceof Collection) return RANKS[v.typeName];
  return typeError('compare', 'a value with an order', v);
}

/**
 * Numbers by exact value; an int before an equal float; NaN last, and equal to itself so that the order is total
 * (R2.8).
 */
function orderNumbers(a: Num, b: Num): number {
  const byValue = compareNumbers(a, b);
  if (!Number.isNaN(byValue)) return byValue !== 0 ? byValue : Number(isInt(b)) - Number(isInt(a));
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/**
 * From this many pairs of collections on, results are remembered, so that a value which shares its parts costs what
 * it stores.
 */
const PAIRS_BEFORE_MEMORY = 1000;

/** One comparison under way: its depth, the results so far, and the sorted elements of sets and maps. */
class Order {
  readonly #maxDepth: number;
  #depth = 0;
  #pairs = 0;
  readonly #results = new Map<Collection, Map<Collection, number>>();
  readonly #sorted = new Map<Collection, readonly Value[]>();

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  of(a: Value, b: Value): number {
    const rankA = rank(a);
    const rankB = rank(b);
    if (rankA !== rankB) return rankA < rankB ? -1 : 1;
    if (a === b && rankA < RANKS.vector) return 0;
    switch (rankA) {
      case 0:
        return 0;
      case 1:
        return a === false ? -1 : 1;
      case 2:
        return orderNumbers(a as Num, b as Num);
      case 3:
        return compareText(a as string, b as string);
      case 4:
      case 5:
        return compareText((a as Keyword | Sym).name, (b as Keyword | Sym).name);
      default:
        return this.#collections(a as Collection, b as Collection);
    }
  }

  #collections(a: Collection, b: Collection): number {
    const known = this.#results.get(a)?.get(b);
    if (known !== undefined) return known;
    if (++this.#depth > this.#maxDepth) limit('dataDepth', this.#maxDepth);
    const result = this.#sequences(this.#elements(a), this.#elements(b));
    this.#depth--;
    if (++this.#pairs > PAIRS_BEFORE_MEMORY) {
      const results = this.#results.get(a) ?? new Map<Collection, number>();
      this.#results.set(a, results.set(b, result));
    }
    return result;
  }

  #sequences(a: readonly Value[], b: readonly Value[]): number {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
      const byElement = this.of(a[i] as Value, b[i] as Value);
      if (byElement !== 0) return byElement;
    }
    return Math.sign(a.length - b.length);
  }

  /** What a collection is compared by: its elements, a set's or map's sorted. */
  #elements(c: Collection): readonly Value[] {
    if (c instanceof Vec) return c.items();
    const known = this.#sorted.get(c);
    if (known !== undefined) return known;
    const items =
      c instanceof PMap ? c.entries().map((entry) => Vec.of([...entry])) : [...(c as unknown as Iterable<Value>)];
    if (c.typeName !== 'list') items.sort((x, y) => this.of(x, y));
    this.#sorted.set(c, items);
    return items;
  }
}

/** -1, 0 or 1 by the total order of R2.8. Throws TypeError for kinds without an order, DepthLimit beyond `maxDepth`. */
export function compare(a: Value, b: Value, maxDepth: number = DEFAULT_LIMITS.dataDepth): number {
  return new Order(maxDepth).of(a, b);
}

/**
 * The items in the order of their keys (R2.8), the order of equal keys kept. Plain numbers and plain texts, the commonest keys, are
 * sorted as such.
 */
export function sortedBy(keys: readonly Value[], items: readonly Value[], maxDepth?: number): Value[] {
  const isOwn = keys === items;
  if (keys.every((key) => typeof key === 'number')) {
    if (isOwn) return sortedNumbers(keys);
    const order = indexes(keys.length);
    order.sort((i, j) => orderNumbers(keys[i] as number, keys[j] as number));
    return order.map((i) => items[i] as Value);
  }
  // Without surrogates the engine's order of texts is that of code points.
  if (isOwn && keys.every((key) => typeof key === 'string' && !SURROGATE.test(key)))
    return (keys as string[]).toSorted();
  const order = indexes(keys.length);
  order.sort((i, j) => compare(keys[i] as Value, keys[j] as Value, maxDepth));
  return order.map((i) => items[i] as Value);
}

const SURROGATE = /[\ud800-\udfff]/;

function indexes(n: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < n; i++) result.push(i);
  return result;
}

/** Equal numbers of one kind are the same number, so that their order cannot be told. NaN goes last. */
function sortedNumbers(numbers: readonly number[]): number[] {
  const sorted = Float64Array.from(numbers).sort();
  const result: number[] = [];
  for (const x of sorted) result.push(x);
  return result;
}
