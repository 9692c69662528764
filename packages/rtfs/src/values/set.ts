/** The persistent set in insertion order (R2.3): a map from each element to itself. */
import { Collection } from './collection.ts';
import type { Edit } from './edit.ts';
import { finish, mix } from './equality.ts';
import type { Comparison, Hashing } from './equality.ts';
import type { Value } from './kinds.ts';
import { PMap } from './map.ts';

/** A persistent set of values. */
export class PSet extends Collection {
  #map: PMap;
  static readonly empty: PSet = new PSet(PMap.empty);

  private constructor(map: PMap) {
    super();
    this.#map = map;
  }

  /** A set of the items; of equal items the first stays. Throws TypeError (R2.4). */
  static of(items: Iterable<Value>): PSet {
    const map = PMap.of(Array.from(items, (x) => [x, true] as const));
    return map.n === 0 ? PSet.empty : new PSet(map);
  }

  override get typeName(): 'set' {
    return 'set';
  }

  override get n(): number {
    return this.#map.n;
  }

  /** The element equal to `x` as it is stored, or undefined. */
  get(x: Value): Value | undefined {
    return this.#map.entry(x)?.[0];
  }

  /** Whether an element equals `x`. */
  has(x: Value): boolean {
    return this.#map.has(x);
  }

  /** This set with `x`. Throws TypeError (R2.4). */
  add(x: Value): PSet {
    return this.has(x) ? this : new PSet(this.#map.set(x, true));
  }

  /** `add`, in place where this set is owned by `edit` or becomes so; null asks for a new version. */
  with(x: Value, edit: Edit | null): PSet {
    if (edit === null) return this.add(x);
    const target = this.owned(edit);
    if (!target.has(x)) target.#map = target.#map.with(x, true, edit);
    target.height = 0;
    return target;
  }

  /** This set if it is owned by `edit`, else an owned set equal to it; O(1). */
  owned(edit: Edit): PSet {
    if (this.edit === edit) return this;
    const result = new PSet(this.#map.owned(edit));
    result.edit = edit;
    return result;
  }

  /** Goes on being owned, by another edit. */
  renew(edit: Edit): void {
    edit.whole = this;
    this.edit = edit;
    this.#map = this.#map.owned(edit);
  }

  /** This set without `x`. */
  delete(x: Value): PSet {
    const map = this.#map.delete(x);
    return map === this.#map ? this : new PSet(map);
  }

  /** The elements in order, as an array that must not be written to. */
  items(): readonly Value[] {
    return this.#map.keys();
  }

  /** The elements in order, as an array of the caller's own. */
  toArray(): Value[] {
    return this.items().slice();
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.items()[Symbol.iterator]();
  }

  override equalElements(other: Collection, comparison: Comparison): boolean {
    return this.#map.equalElements((other as PSet).#map, comparison);
  }

  override hashElements(hashing: Hashing): number {
    let sum = 23;
    for (const x of this.items()) sum = (sum + finish(mix(29, hashing.of(x)))) | 0;
    return finish(sum);
  }
}
