/**
 * The persistent vector (R2.5), in two forms. Flat: an array of which this header sees the part from `off` on, `n` long. Trie: a
 * trie of full leaves and a tail. Headers share arrays, for an array only ever grows: `push` writes behind the last element in
 * place when nobody did before, and an older header never looks there. A header may change its own form, which nobody sees.
 *
 * An owned vector (`edit.ts`) is flat, and its array is its alone and exactly `n` long. Becoming owned copies the array, which is
 * paid for once by its making and after that by `n / 64` writes, so that a loop stays linear.
 */
import { Collection } from './collection.ts';
import type { Edit } from './edit.ts';
import { finish, mix } from './equality.ts';
import type { Comparison, Hashing } from './equality.ts';
import { indexOut } from './fail.ts';
import type { Value } from './kinds.ts';
import { leafOf, trieOfArray, WIDTH, withLeaf, withValue } from './trie.ts';
import type { TrieNode } from './trie.ts';

/** Arrays whose one copy at full cost has been paid for by their making; the next copy must be paid for by writes. */
const copied = new WeakSet<Value[]>();

/** So many elements may be copied for each write that went before. */
const COPIES_PER_WRITE = 64;

/** A persistent vector of values. */
export class Vec extends Collection {
  n: number;
  /** Flat form: the shared array. Trie form: the tail, which begins at the last multiple of 32 below the end. */
  a: Value[];
  /** Null in the flat form. */
  root: TrieNode | null;
  shift: number;
  /** The first index of the array or trie that belongs to this vector. */
  off: number;
  /** Writes since the array was copied. */
  #writes = 0;

  static readonly empty: Vec = new Vec(0, [], null, 0, 0);

  constructor(n: number, a: Value[], root: TrieNode | null, shift: number, off: number) {
    super();
    this.n = n;
    this.a = a;
    this.root = root;
    this.shift = shift;
    this.off = off;
  }

  /** A vector of `items`, whose array it takes over: the caller must not write to it again. */
  static of(items: Value[]): Vec {
    return new Vec(items.length, items, null, 0, 0);
  }

  override get typeName(): 'vector' {
    return 'vector';
  }

  /** Whether this vector is its whole array, and so may be owned if nobody else has it. */
  get isWhole(): boolean {
    return this.root === null && this.off === 0 && this.a.length === this.n;
  }

  /** The element at `i`, or undefined when `i` is no index of this vector. */
  at(i: number): Value | undefined {
    if (i < 0 || i >= this.n) return undefined;
    return this.root === null ? this.a[this.off + i] : this.#inTrie(this.off + i);
  }

  #inTrie(i: number): Value | undefined {
    const end = this.off + this.n;
    if (i >= ((end - 1) & -WIDTH)) return this.a[i & (WIDTH - 1)];
    return leafOf(this.root as TrieNode, this.shift, i)[i & (WIDTH - 1)];
  }

  /** This vector with `x` behind its last element; amortised O(1). */
  push(x: Value): Vec {
    if (this.root !== null) return this.#pushToTail(x);
    const { a, off, n } = this;
    if (n === 0) return Vec.of([x]);
    if (a.length === off + n) {
      a.push(x);
      // What `rest` left behind goes when it outweighs what remains; growing the array in place first makes that
      // happen once.
      return off > n + WIDTH ? Vec.of(a.slice(off)) : new Vec(n + 1, a, null, 0, off);
    }
    if (n < WIDTH) {
      const items = a.slice(off, off + n);
      items.push(x);
      return Vec.of(items);
    }
    this.#toTrie();
    return this.#pushToTail(x);
  }

  #pushToTail(x: Value): Vec {
    const end = this.off + this.n;
    const used = ((end - 1) & (WIDTH - 1)) + 1;
    if (used === WIDTH) {
      const trie = withLeaf(
        { root: this.root as TrieNode, shift: this.shift },
        end - WIDTH,
        this.a.length === WIDTH ? this.a : this.a.slice(0, WIDTH),
      );
      return new Vec(this.n + 1, [x], trie.root, trie.shift, this.off);
    }
    let tail = this.a;
    if (tail.length !== used) tail = tail.slice(0, used);
    tail.push(x);
    return new Vec(this.n + 1, tail, this.root, this.shift, this.off);
  }

  /** Changes this header to the trie form, with the elements it has. */
  #toTrie(): void {
    const end = this.off + this.n;
    const tailStart = end === 0 ? 0 : (end - 1) & -WIDTH;
    const trie = trieOfArray(this.a, tailStart);
    const tail = this.a.slice(tailStart, end);
    this.root = trie === null ? [] : trie.root;
    this.shift = trie === null ? 5 : trie.shift;
    this.a = tail;
  }

  /** This vector with `x` at index `i`; `i` equal to the length appends. Throws IndexOutOfBounds. */
  set(i: number, x: Value): Vec {
    if (i === this.n) return this.push(x);
    if (!(i >= 0 && i < this.n)) indexOut(i, this.n);
    if (this.root === null) {
      if (this.n <= WIDTH) {
        const items = this.a.slice(this.off, this.off + this.n);
        items[i] = x;
        return Vec.of(items);
      }
      this.#toTrie();
    }
    const at = this.off + i;
    const root = this.root as unknown as TrieNode;
    const tailStart = (this.off + this.n - 1) & -WIDTH;
    let next: Vec;
    if (at < tailStart) {
      next = new Vec(this.n, this.a, withValue(root, this.shift, at, x), this.shift, this.off);
    } else {
      const tail = this.a.slice(0, this.off + this.n - tailStart);
      tail[at & (WIDTH - 1)] = x;
      next = new Vec(this.n, tail, root, this.shift, this.off);
    }
    next.#writes = this.#writes + 1;
    return next;
  }

  /** This vector without its last element; the empty vector stays as it is. */
  pop(): Vec {
    return this.n === 0 ? this : this.#window(0, this.n - 1);
  }

  /**
   * The elements from index `a` up to, not including, `b`. Shares with this vector and costs O(log n). Throws
   * IndexOutOfBounds
   * unless 0 ≤ a ≤ b ≤ n.
   */
  slice(a: number, b: number = this.n): Vec {
    if (!(a >= 0 && a <= b)) indexOut(a, this.n);
    if (!(b <= this.n)) indexOut(b, this.n);
    return a === 0 && b === this.n ? this : this.#window(a, b);
  }

  #window(a: number, b: number): Vec {
    if (a === b) return Vec.empty;
    const start = this.off + a;
    const end = this.off + b;
    if (this.root === null) return new Vec(b - a, this.a, null, 0, start);
    const tailStart = (end - 1) & -WIDTH;
    const tail = tailStart === ((this.off + this.n - 1) & -WIDTH) ? this.a : leafOf(this.root, this.shift, tailStart);
    // A leaf that becomes a tail is full, so nothing is ever pushed into it in place unless it is full in this vector
    // too.
    return new Vec(b - a, tail, this.root, this.shift, start);
  }

  /** The elements of this vector followed by those of `other`; O(length of `other`). */
  concat(other: Vec): Vec {
    if (other.n === 0) return this;
    if (this.n === 0) return other;
    if (this.root === null && this.a.length === this.off + this.n) {
      const { a } = this;
      for (const x of other.a === a ? other.toArray() : other.items()) a.push(x);
      return new Vec(this.n + other.n, a, null, 0, this.off);
    }
    let result: Vec = this;
    for (const x of other.items()) result = result.push(x);
    return result;
  }

  /** The elements as an array of the caller's own. */
  toArray(): Value[] {
    if (this.root === null) return this.a.slice(this.off, this.off + this.n);
    const items: Value[] = [];
    const end = this.off + this.n;
    const tailStart = (end - 1) & -WIDTH;
    for (let i = this.off; i < tailStart;) {
      const leaf = leafOf(this.root, this.shift, i);
      for (let k = i & (WIDTH - 1); k < WIDTH; k++, i++) items.push(leaf[k] as Value);
    }
    for (let i = Math.max(this.off, tailStart); i < end; i++) items.push(this.a[i & (WIDTH - 1)] as Value);
    return items;
  }

  /** The elements as an array that must not be written to; no copy where the vector is its whole array. */
  items(): readonly Value[] {
    return this.root === null && this.off === 0 && this.a.length === this.n ? this.a : this.toArray();
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.items()[Symbol.iterator]();
  }

  /** `set`, in place where this vector is owned by `edit` or can become so; null asks for a new version. */
  with(i: number, x: Value, edit: Edit | null): Vec {
    const target = edit === null ? this : this.owned(edit);
    if (edit === null || target.edit !== edit) return target.set(i, x);
    if (i >= 0 && i < target.n) {
      target.a[i] = x;
      target.#writes++;
      target.height = 0;
      return target;
    }
    return i === target.n ? target.append(x, edit) : indexOut(i, target.n);
  }

  /** `push`, in place where this vector is owned by `edit`. */
  append(x: Value, edit: Edit | null): Vec {
    if (edit === null || this.edit !== edit) return this.push(x);
    this.a.push(x);
    this.n++;
    this.height = 0;
    return this;
  }

  /** Goes on being owned, by another edit. */
  renew(edit: Edit): void {
    edit.whole = this;
    this.edit = edit;
  }

  /** Takes note of elements that the owner wrote to, or put behind, the array itself. */
  grown(): void {
    this.n = this.a.length;
    this.height = 0;
    this.#writes++;
  }

  /** This vector if it is owned by `edit`; else an owned copy of it, or itself where a copy has not been paid for. */
  owned(edit: Edit): Vec {
    if (this.edit === edit || !this.#mayCopy()) return this;
    const items = this.toArray();
    if (this.n > WIDTH) copied.add(items);
    const result = Vec.of(items);
    result.edit = edit;
    return result;
  }

  #mayCopy(): boolean {
    if (this.n <= WIDTH || this.#writes * COPIES_PER_WRITE >= this.n) return true;
    if (this.root !== null || copied.has(this.a)) return false;
    copied.add(this.a);
    return true;
  }

  override equalElements(other: Collection, comparison: Comparison): boolean {
    const left = this.items();
    const right = (other as Vec).items();
    for (let i = 0; i < left.length; i++) {
      if (!comparison.same(left[i] as Value, right[i] as Value)) return false;
    }
    return true;
  }

  override hashElements(hashing: Hashing): number {
    let h = 11;
    for (const x of this.items()) h = mix(h, hashing.of(x));
    return finish(h);
  }
}
