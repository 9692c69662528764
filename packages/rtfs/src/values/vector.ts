/**
 * The persistent vector (R2.5), in two forms. Flat: an array of which this header sees the part from `off` on, `n`
 * long. Trie: a
 * trie of full leaves and a tail. Headers share arrays, for an array only ever grows: `push` writes behind the last
 * element in
 * place when nobody did before, and an older header never looks there. A header may change its own form, which nobody
 * sees.
 *
 * `own` is for the compiler's loop variables that nothing else can reach: then the array is this header's alone, flat
 * and exactly
 * `n` long, and may be written. `freeze` ends that, and must before the vector enters a closure, an argument or a
 * result.
 */
import { Collection } from './collection.ts';
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
  /** Whether the array is this header's alone (flat, `off` 0, `a.length === n`). */
  own = false;
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
    if (at < tailStart) {
      return new Vec(this.n, this.a, withValue(root, this.shift, at, x), this.shift, this.off);
    }
    const tail = this.a.slice(0, this.off + this.n - tailStart);
    tail[at & (WIDTH - 1)] = x;
    return new Vec(this.n, tail, root, this.shift, this.off);
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

  /**
   * `set` for a loop variable that nothing else can reach: writes in place once the vector is owned. Becoming owned
   * copies the
   * array, which is paid for once by its making and after that by `n / 64` writes along a path, so a loop stays linear.
   */
  assocOwned(i: number, x: Value): Vec {
    if (this.own) {
      if (i >= 0 && i < this.n) this.a[i] = x;
      else if (i === this.n) {
        this.a.push(x);
        this.n++;
      } else indexOut(i, this.n);
      return this;
    }
    if (!(i >= 0 && i <= this.n)) indexOut(i, this.n);
    if (!this.#mayCopy()) {
      const next = this.set(i, x);
      next.#writes = this.#writes + 1;
      return next;
    }
    return this.#owned().assocOwned(i, x);
  }

  #mayCopy(): boolean {
    if (this.n <= WIDTH || this.#writes * COPIES_PER_WRITE >= this.n) return true;
    if (this.root !== null || copied.has(this.a)) return false;
    copied.add(this.a);
    return true;
  }

  #owned(): Vec {
    const items = this.toArray();
    copied.add(items);
    const result = Vec.of(items);
    result.own = true;
    return result;
  }

  /** `push` for a loop variable that nothing else can reach. */
  pushOwned(x: Value): Vec {
    if (!this.own) return this.push(x);
    this.a.push(x);
    this.n++;
    return this;
  }

  /** Ends ownership: from now on the vector is a value like any other. Gives the same vector. */
  freeze(): Vec {
    this.own = false;
    this.#writes = 0;
    return this;
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
