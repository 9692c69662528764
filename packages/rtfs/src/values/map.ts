/**
 * The persistent map in insertion order (R2.3). Up to eight entries: two arrays. Beyond that: a vector of keys and values in turn,
 * in the order of insertion and with holes where entries were removed, and an index from the keys to their positions.
 */
import { Collection } from './collection.ts';
import { Edit } from './edit.ts';
import { equal, finish, hash, mix } from './equality.ts';
import type { Comparison, Hashing } from './equality.ts';
import { useCollectionsInErrors } from './fail.ts';
import { emptyIndex, positions, withoutPosition, withPosition } from './hash-index.ts';
import type { HashIndex } from './hash-index.ts';
import { identityDecides, KeyTable } from './key-index.ts';
import { assertKey } from './keys.ts';
import { Atom, Keyword } from './kinds.ts';
import type { Value } from './kinds.ts';
import { Vec } from './vector.ts';

/** One entry, key first. */
export type Entry = readonly [Value, Value];

const SMALL = 8;
/** Stands where a removed entry was; no program can get hold of it. */
const HOLE: Value = new Atom(null, -1);
/** Owns a map while it is being made. */
const MAKING = new Edit();

function findAmong(keys: readonly Value[], key: Value, comparison: Comparison | null): number {
  const at = keys.indexOf(key);
  if (at >= 0 || identityDecides(key)) return at;
  return keys.findIndex((other) => (comparison === null ? equal(other, key) : comparison.same(other, key)));
}

/** A persistent map of values. */
export class PMap extends Collection {
  n: number;
  /** Small form: the keys. Empty in the large form. */
  #keys: Value[];
  #vals: Value[];
  /** Large form; null in the small form. `slots` holds a key at 2i and its value at 2i + 1. */
  #index: KeyTable | HashIndex | null;
  #slots: Vec;
  static readonly empty: PMap = new PMap(0, [], [], null, Vec.empty);

  private constructor(n: number, keys: Value[], vals: Value[], index: KeyTable | HashIndex | null, slots: Vec) {
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
    const result = new PMap(0, [], [], null, Vec.of([]));
    result.edit = MAKING;
    for (const [key, value] of entries) result.#put(key, value, MAKING);
    if (result.n === 0) return PMap.empty;
    result.edit = null;
    return result;
  }

  override get typeName(): 'map' {
    return 'map';
  }

  /** Where a key stands, or -1; inside a comparison that one compares the keys, so that it stays linear. */
  #find(key: Value, comparison: Comparison | null = null): number {
    const index = this.#index;
    if (index === null) return findAmong(this.#keys, key, comparison);
    if (index instanceof KeyTable) {
      // A position beyond the end belongs to a later version; one whose key is gone, to an earlier one.
      const at = index.find(key);
      return at >= 0 && this.#slots.at(2 * at) === key ? at : -1;
    }
    for (const at of positions(index, hash(key))) {
      const other = this.#slots.at(2 * at);
      if (other === undefined) continue;
      if (comparison === null ? equal(other, key) : comparison.same(other, key)) return at;
    }
    return -1;
  }

  /** Where `key` stands in this version, or -1. */
  place(key: Value): number {
    if (this.#index instanceof KeyTable && this.#slots.isWhole) {
      // The commonest case, with one look at the slots.
      const at = this.#index.find(key);
      return at >= 0 && this.#slots.a[2 * at] === key ? at : -1;
    }
    return this.#find(key);
  }

  /** The value at a place. */
  valueAt(at: number): Value {
    return (this.#index === null ? this.#vals[at] : this.#slots.at(2 * at + 1)) as Value;
  }

  /** Another value at a place, in this map itself, which is owned. */
  replace(at: number, value: Value): void {
    this.height = 0;
    if (this.#index === null) this.#vals[at] = value;
    else this.#slots = this.#slots.with(2 * at + 1, value, this.edit);
  }

  /** The value at `key`, or undefined. */
  get(key: Value): Value | undefined {
    const at = this.place(key);
    return at < 0 ? undefined : this.valueAt(at);
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
    if (this.#index !== null) return new PMap(this.n, [], [], this.#index, this.#slots).#put(key, value, null);
    const at = findAmong(this.#keys, key, null);
    if (at < 0) return new PMap(this.n, this.#keys.slice(), this.#vals.slice(), null, Vec.empty).#put(key, value, null);
    const vals = this.#vals.slice();
    vals[at] = value;
    return new PMap(this.n, this.#keys, vals, null, Vec.empty);
  }

  /** `set`, in place where this map is owned by `edit` or becomes so; null asks for a new version. */
  with(key: Value, value: Value, edit: Edit | null): PMap {
    return edit === null ? this.set(key, value) : this.owned(edit).#put(key, value, edit);
  }

  /** This map if it is owned by `edit`, else an owned map equal to it; O(1). */
  owned(edit: Edit): PMap {
    if (this.edit === edit) return this;
    const result = new PMap(this.n, this.#keys.slice(), this.#vals.slice(), this.#index, this.#slots);
    result.edit = edit;
    return result;
  }

  /** Goes on being owned, by another edit. */
  renew(edit: Edit): void {
    const before = this.edit;
    edit.whole = this;
    this.edit = edit;
    // The slots belong to the map itself, they are no part to hand out.
    if (this.#slots.edit === before) this.#slots.edit = edit;
  }

  /** `set` on a header that nobody else has, with arrays of its own; `edit` owns its slots or null. */
  #put(key: Value, value: Value, edit: Edit | null): PMap {
    this.height = 0;
    const at = this.#find(key);
    if (at >= 0) {
      if (this.#index === null) this.#vals[at] = value;
      else this.#slots = this.#slots.with(2 * at + 1, value, edit);
      return this;
    }
    if (!(key instanceof Keyword)) assertKey(key, 'map');
    if (this.#index === null && this.n === SMALL) this.#grow();
    if (this.#index === null) {
      this.#keys.push(key);
      this.#vals.push(value);
    } else {
      this.#place(key);
      this.#slots = this.#slots.append(key, edit).append(value, edit);
    }
    this.n++;
    return this;
  }

  /** Gives a new key the next position. */
  #place(key: Value): void {
    const next = this.#slots.n / 2;
    if (this.#index instanceof KeyTable) {
      if (this.#index.add(key, next)) return;
      this.#index = this.#index.hashed();
    }
    this.#index = withPosition(this.#index as HashIndex, hash(key), next, false);
  }

  /** Turns this header from the small form into the large one. */
  #grow(): void {
    const slots: Value[] = [];
    this.#keys.forEach((key, i) => slots.push(key, this.#vals[i] as Value));
    this.#index = indexOf(this.#keys);
    this.#slots = Vec.of(slots);
    this.#slots.edit = this.edit;
    this.#keys = [];
    this.#vals = [];
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
    const index = this.#index instanceof KeyTable ? this.#index : withoutPosition(this.#index, hash(key), at);
    const rest = new PMap(this.n - 1, [], [], index, slots);
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
      return at >= 0 && comparison.same(value, counterpart.valueAt(at));
    });
  }

  override hashElements(hashing: Hashing): number {
    let sum = 17;
    for (const [key, value] of this.entries())
      sum = (sum + finish(mix(mix(19, hashing.of(key)), hashing.of(value)))) | 0;
    return finish(sum);
  }
}

function indexOf(keys: readonly Value[]): KeyTable | HashIndex {
  if (keys.every(identityDecides)) {
    const table = new KeyTable();
    keys.forEach((key, i) => table.add(key, i));
    return table;
  }
  const index = emptyIndex();
  keys.forEach((key, at) => withPosition(index, hash(key), at, true));
  return index;
}

useCollectionsInErrors(
  (entries) => PMap.of(entries),
  (items) => Vec.of([...items]),
);
