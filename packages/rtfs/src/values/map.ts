/**
 * The persistent map in insertion order (R2.3). Up to eight entries: two arrays. Beyond that: a vector of keys and
 * values in turn,
 * in the order of insertion and with holes where entries were removed, and an index from the keys' hashes to their
 * positions.
 */
import { Collection } from './collection.ts';
import { equal, finish, hash, mix } from './equality.ts';
import type { Comparison, Hashing } from './equality.ts';
import { useCollectionsInErrors } from './fail.ts';
import { emptyIndex, positions, withoutPosition, withPosition } from './hash-index.ts';
import type { HashIndex } from './hash-index.ts';
import { assertKey } from './keys.ts';
import { Atom, Keyword } from './kinds.ts';
import type { Value } from './kinds.ts';
import { Vec } from './vector.ts';

/** One entry, key first. */
export type Entry = readonly [Value, Value];

const SMALL = 8;
/** Stands where a removed entry was; no program can get hold of it. */
const HOLE: Value = new Atom(null, -1);

function identityDecides(key: Value): boolean {
  // Keys of these kinds are equal exactly when identical.
  return typeof key !== 'object' || key instanceof Keyword;
}

function findAmong(keys: readonly Value[], key: Value, comparison: Comparison | null): number {
  const at = keys.indexOf(key);
  if (at >= 0 || identityDecides(key)) return at;
  return keys.findIndex((other) => (comparison === null ? equal(other, key) : comparison.same(other, key)));
}

/** A persistent map of values. */
export class PMap extends Collection {
  readonly n: number;
  /** Small form: the keys. Empty in the large form. */
  readonly #keys: readonly Value[];
  readonly #vals: readonly Value[];
  /** Large form; null in the small form. `slots` holds a key at 2i and its value at 2i + 1. */
  readonly #index: HashIndex | null;
  readonly #slots: Vec;
  static readonly empty: PMap = new PMap(0, [], [], null, Vec.empty);

  private constructor(n: number, keys: readonly Value[], vals: readonly Value[], index: HashIndex | null, slots: Vec) {
    super();
    this.n = n;
    this.#keys = keys;
    this.#vals = vals;
    this.#index = index;
    this.#slots = slots;
  }

  /**
   * A map of the entries in order; of equal keys the last value stands at the first one's place. Throws TypeError
   * (R2.4).
   */
  static of(entries: Iterable<Entry>): PMap {
    const keys: Value[] = [];
    const vals: Value[] = [];
    let index: HashIndex | null = null;
    for (const [key, value] of entries) {
      assertKey(key, 'map');
      if (index === null && keys.length === SMALL) index = indexOf(keys);
      const found = index === null ? findAmong(keys, key, null) : findIndexed(index, keys, key);
      if (found >= 0) {
        vals[found] = value;
        continue;
      }
      if (index !== null) withPosition(index, hash(key), keys.length, true);
      keys.push(key);
      vals.push(value);
    }
    if (keys.length === 0) return PMap.empty;
    return index === null ? new PMap(keys.length, keys, vals, null, Vec.empty) : PMap.#large(keys, vals, index);
  }

  static #large(keys: readonly Value[], vals: readonly Value[], index: HashIndex): PMap {
    const slots: Value[] = [];
    for (let i = 0; i < keys.length; i++) slots.push(keys[i] as Value, vals[i] as Value);
    return new PMap(keys.length, [], [], index, Vec.of(slots));
  }

  override get typeName(): 'map' {
    return 'map';
  }

  /** Where a key stands, or -1; inside a comparison that one compares the keys, so that it stays linear. */
  #find(key: Value, comparison: Comparison | null = null): number {
    if (this.#index === null) return findAmong(this.#keys, key, comparison);
    for (const at of positions(this.#index, hash(key))) {
      const other = this.#slots.at(2 * at) as Value;
      if (comparison === null ? equal(other, key) : comparison.same(other, key)) return at;
    }
    return -1;
  }

  #valueAt(at: number): Value {
    return (this.#index === null ? this.#vals[at] : this.#slots.at(2 * at + 1)) as Value;
  }

  /** The value at `key`, or undefined. */
  get(key: Value): Value | undefined {
    const at = this.#find(key);
    return at < 0 ? undefined : this.#valueAt(at);
  }

  /** The entry at `key` as it is stored, or undefined. */
  entry(key: Value): Entry | undefined {
    const at = this.#find(key);
    if (at < 0) return undefined;
    if (this.#index === null) return [this.#keys[at] as Value, this.#vals[at] as Value];
    return [this.#slots.at(2 * at) as Value, this.#slots.at(2 * at + 1) as Value];
  }

  /** Whether there is an entry at `key`. */
  has(key: Value): boolean {
    return this.#find(key) >= 0;
  }

  /** This map with `value` at `key`; a replaced value keeps its place. Throws TypeError (R2.4). */
  set(key: Value, value: Value): PMap {
    const at = this.#find(key);
    if (at >= 0) {
      if (this.#index !== null) return new PMap(this.n, [], [], this.#index, this.#slots.set(2 * at + 1, value));
      const vals = this.#vals.slice();
      vals[at] = value;
      return new PMap(this.n, this.#keys, vals, null, Vec.empty);
    }
    if (!(key instanceof Keyword)) assertKey(key, 'map');
    if (this.#index !== null) {
      const index = withPosition(this.#index, hash(key), this.#slots.n / 2, false);
      return new PMap(this.n + 1, [], [], index, this.#slots.push(key).push(value));
    }
    const keys = [...this.#keys, key];
    const vals = [...this.#vals, value];
    if (keys.length > SMALL) return PMap.#large(keys, vals, indexOf(keys));
    return new PMap(keys.length, keys, vals, null, Vec.empty);
  }

  /** This map without the entry at `key`. */
  delete(key: Value): PMap {
    const at = this.#find(key);
    if (at < 0) return this;
    if (this.n === 1) return PMap.empty;
    if (this.#index === null) {
      return new PMap(this.n - 1, this.#keys.toSpliced(at, 1), this.#vals.toSpliced(at, 1), null, Vec.empty);
    }
    const slots = this.#slots.set(2 * at, HOLE).set(2 * at + 1, null);
    const rest = new PMap(this.n - 1, [], [], withoutPosition(this.#index, hash(key), at), slots);
    // Half holes: making the map anew is paid for by the removals that made them.
    return slots.n / 2 > 2 * rest.n + SMALL ? PMap.of(rest.entries()) : rest;
  }

  /** The entries in order. */
  entries(): readonly Entry[] {
    const result: Entry[] = [];
    if (this.#index === null) {
      for (let i = 0; i < this.n; i++) result.push([this.#keys[i] as Value, this.#vals[i] as Value]);
      return result;
    }
    const slots = this.#slots.items();
    for (let i = 0; i < slots.length; i += 2) {
      if (slots[i] !== HOLE) result.push([slots[i] as Value, slots[i + 1] as Value]);
    }
    return result;
  }

  /** The keys in order. */
  keys(): readonly Value[] {
    return this.#index === null ? this.#keys : this.entries().map((entry) => entry[0]);
  }

  /** The values in order of their keys. */
  vals(): readonly Value[] {
    return this.#index === null ? this.#vals : this.entries().map((entry) => entry[1]);
  }

  [Symbol.iterator](): Iterator<Entry> {
    return this.entries()[Symbol.iterator]();
  }

  override equalElements(other: Collection, comparison: Comparison): boolean {
    const counterpart = other as PMap;
    return this.entries().every(([key, value]) => {
      const at = counterpart.#find(key, comparison);
      return at >= 0 && comparison.same(value, counterpart.#valueAt(at));
    });
  }

  override hashElements(hashing: Hashing): number {
    let sum = 17;
    for (const [key, value] of this.entries())
      sum = (sum + finish(mix(mix(19, hashing.of(key)), hashing.of(value)))) | 0;
    return finish(sum);
  }
}

function indexOf(keys: readonly Value[]): HashIndex {
  const index = emptyIndex();
  keys.forEach((key, at) => withPosition(index, hash(key), at, true));
  return index;
}

function findIndexed(index: HashIndex, keys: readonly Value[], key: Value): number {
  for (const at of positions(index, hash(key))) if (equal(keys[at] as Value, key)) return at;
  return -1;
}

useCollectionsInErrors(
  (entries) => PMap.of(entries),
  (items) => Vec.of([...items]),
);
