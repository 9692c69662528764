/**
 * Structural equality (R2.7) and hashing. Both stop at `dataDepth`, and both take time linear in what is really
 * stored: a value
 * that shares its parts (`[v v]`, thirty times over) is compared and hashed by its parts, not by its unfolded size.
 */
import { Collection } from './collection.ts';
import { limit } from './fail.ts';
import { ErrorValue, Float, Keyword, Regex, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';
import { DEFAULT_LIMITS } from './limits.ts';

/** From this many pairs on a comparison remembers them; smaller comparisons need no memory. */
const PAIRS_BEFORE_MEMORY = 1000;

/** One comparison under way: its depth, and the pairs already found equal. */
export class Comparison {
  readonly #maxDepth: number;
  #depth = 0;
  #pairs = 0;
  #equal: Map<Collection, Set<Collection>> | null = null;

  constructor(maxDepth: number = DEFAULT_LIMITS.dataDepth) {
    this.#maxDepth = maxDepth;
  }

  /** Whether two values are equal (R2.7). Throws DepthLimit. */
  same(a: Value, b: Value): boolean {
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (a instanceof Collection) return b instanceof Collection && this.#sameCollections(a, b);
    if (a instanceof Float) return b instanceof Float && a.value === b.value;
    if (a instanceof Sym) return b instanceof Sym && a.name === b.name;
    if (a instanceof Regex) return b instanceof Regex && a.source === b.source;
    if (a instanceof ErrorValue && b instanceof ErrorValue) {
      if (a.kind !== b.kind || a.message !== b.message) return false;
      this.enter();
      const result = this.same(a.data, b.data);
      this.leave();
      return result;
    }
    return false;
  }

  #sameCollections(a: Collection, b: Collection): boolean {
    if (a.typeName !== b.typeName || a.n !== b.n) return false;
    if (a.height !== 0 && b.height !== 0 && a.hash !== b.hash) return false;
    if (this.#equal?.get(a)?.has(b) === true) return true;
    this.enter();
    const result = a.equalElements(b, this);
    this.leave();
    if (result && ++this.#pairs > PAIRS_BEFORE_MEMORY) this.#remember(a, b);
    return result;
  }

  #remember(a: Collection, b: Collection): void {
    this.#equal ??= new Map();
    const partners = this.#equal.get(a);
    if (partners === undefined) this.#equal.set(a, new Set([b]));
    else partners.add(b);
  }

  /** Goes one level down. Throws DepthLimit. */
  enter(): void {
    if (++this.#depth > this.#maxDepth) limit('dataDepth', this.#maxDepth);
  }

  /** Comes one level up. */
  leave(): void {
    this.#depth--;
  }
}

/** Structural, kind-strict equality (R2.7). Throws DepthLimit beyond `maxDepth` levels. */
export function equal(a: Value, b: Value, maxDepth?: number): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return new Comparison(maxDepth).same(a, b);
}

const NIL = 0x2f0b4c47;
const TRUE = 0x3a8f05c5;
const FALSE = 0x1b56c4e9;
const OPAQUE = 0x5bd1e995;

/** Mixes a 32-bit word into a running hash; the constants are those of MurmurHash3. */
export function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Spreads the entropy of a running hash over all 32 bits. */
export function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

function hashText(seed: number, text: string): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i));
  return finish(h);
}

const doubles = new Float64Array(1);
const words = new Uint32Array(doubles.buffer);

function hashDouble(seed: number, x: number): number {
  // Adding 0 makes -0.0 and 0.0, which are equal, the same bits. All NaNs count as one.
  doubles[0] = Number.isNaN(x) ? NaN : x + 0;
  return finish(mix(mix(seed, words[0] ?? 0), words[1] ?? 0));
}

/** One hashing under way: its depth, and how deep the value turned out to nest. */
export class Hashing {
  readonly #maxDepth: number;
  #depth = 0;
  #deepest = 0;
  #keyable = true;

  constructor(maxDepth: number = DEFAULT_LIMITS.dataDepth) {
    this.#maxDepth = maxDepth;
  }

  /** The hash of a value. Throws DepthLimit. */
  of(v: Value): number {
    switch (typeof v) {
      case 'string':
        return hashText(1, v);
      case 'number':
        if ((v | 0) === v) return finish(mix(2, v));
        if (Number.isNaN(v)) this.#keyable = false;
        return hashDouble(Number.isInteger(v) ? 2 : 3, v);
      case 'boolean':
        return v ? TRUE : FALSE;
      case 'bigint':
        return finish(mix(mix(2, Number(BigInt.asIntN(32, v))), Number(BigInt.asIntN(32, v >> 32n))));
    }
    if (v === null) return NIL;
    if (v instanceof Keyword) return v.hash !== 0 ? v.hash : (v.hash = hashText(4, v.name));
    if (v instanceof Collection) return this.#collection(v);
    if (v instanceof Sym) return v.hash !== 0 ? v.hash : (v.hash = hashText(5, v.name));
    if (v instanceof Float) return hashDouble(3, v.value);
    this.#keyable = false;
    if (v instanceof Regex) return hashText(6, v.source);
    if (v instanceof ErrorValue) return finish(mix(hashText(7, v.kind), hashText(8, v.message)));
    return OPAQUE;
  }

  #collection(c: Collection): number {
    const depth = this.#depth + 1;
    if (depth + Math.max(0, c.height - 1) > this.#maxDepth) limit('dataDepth', this.#maxDepth);
    if (c.height === 0) this.#hashAnew(c, depth);
    this.#deepest = Math.max(this.#deepest, depth + c.height - 1);
    this.#keyable &&= c.keyable;
    return c.hash;
  }

  #hashAnew(c: Collection, depth: number): void {
    const deepestBefore = this.#deepest;
    const keyableBefore = this.#keyable;
    this.#depth = this.#deepest = depth;
    this.#keyable = true;
    c.hash = c.hashElements(this);
    c.height = this.#deepest - depth + 1;
    c.keyable = this.#keyable;
    this.#depth = depth - 1;
    this.#deepest = deepestBefore;
    this.#keyable = keyableBefore;
  }
}

/** A 32-bit hash, stable across runs: equal values have equal hashes (R16.3). Throws DepthLimit. */
export function hash(v: Value, maxDepth?: number): number {
  // The commonest keys need no state.
  if (typeof v === 'string') return hashText(1, v);
  if (v instanceof Keyword && v.hash !== 0) return v.hash;
  return new Hashing(maxDepth).of(v);
}
