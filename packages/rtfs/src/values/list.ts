/** The persistent list: a vector in reverse, so that putting in front costs what appending costs (R2.5). */
import { Collection } from './collection.ts';
import { finish, mix } from './equality.ts';
import type { Comparison, Hashing } from './equality.ts';
import type { Value } from './kinds.ts';
import { Vec } from './vector.ts';

/** A persistent list of values. */
export class List extends Collection {
  readonly #reversed: Vec;
  static readonly empty: List = new List(Vec.empty);

  private constructor(reversed: Vec) {
    super();
    this.#reversed = reversed;
  }

  /** A list of `items`, whose array it takes over: the caller must not write to it again. */
  static of(items: Value[]): List {
    return items.length === 0 ? List.empty : new List(Vec.of(items.reverse()));
  }

  override get typeName(): 'list' {
    return 'list';
  }

  override get n(): number {
    return this.#reversed.n;
  }

  /** The element at `i`, or undefined when `i` is no index of this list. */
  at(i: number): Value | undefined {
    return this.#reversed.at(this.#reversed.n - 1 - i);
  }

  /** This list with `x` in front. */
  cons(x: Value): List {
    return new List(this.#reversed.push(x));
  }

  /** This list without its first element; the empty list stays as it is. */
  rest(): List {
    return this.n <= 1 ? List.empty : new List(this.#reversed.pop());
  }

  /** The elements from index `a` up to, not including, `b`. Throws IndexOutOfBounds. */
  slice(a: number, b: number = this.n): List {
    return new List(this.#reversed.slice(this.n - b, this.n - a));
  }

  /** The elements in order, as an array of the caller's own. */
  toArray(): Value[] {
    return this.#reversed.toArray().reverse();
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.toArray()[Symbol.iterator]();
  }

  override equalElements(other: Collection, comparison: Comparison): boolean {
    return this.#reversed.equalElements((other as List).#reversed, comparison);
  }

  override hashElements(hashing: Hashing): number {
    let h = 13;
    for (const x of this) h = mix(h, hashing.of(x));
    return finish(h);
  }
}
