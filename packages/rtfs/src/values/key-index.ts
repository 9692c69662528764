/**
 * Where the keys of a large map stand: positions by key. Keys that identity decides live in a table of the engine, which all
 * versions of a map share and which only ever grows: a version takes a position beyond its own end for absent. What a table cannot
 * hold (a second future of one version, a key that comes back, keys that are collections) is the business of a persistent index by
 * hash, into which a table turns once.
 */
import { hash } from './equality.ts';
import { emptyIndex, withPosition } from './hash-index.ts';
import type { HashIndex } from './hash-index.ts';
import { Keyword } from './kinds.ts';
import type { Value } from './kinds.ts';

/** Whether a key equals another exactly when it is the same. */
export function identityDecides(key: Value): boolean {
  return typeof key !== 'object' || key === null || key instanceof Keyword;
}

/** The positions of keys that identity decides, each key at one position only. */
export class KeyTable {
  readonly #positions = new Map<Value, number>();
  #hashed: HashIndex | null = null;

  /** The position of a key in the newest version, or -1. */
  find(key: Value): number {
    return this.#positions.get(key) ?? -1;
  }

  /** Whether a version of `size` positions may add `key` here: nothing came after it, and the key is new. */
  takes(key: Value, size: number): boolean {
    return this.#hashed === null && size === this.#positions.size && identityDecides(key) && !this.#positions.has(key);
  }

  /** Adds a key at the next position. */
  add(key: Value): void {
    this.#positions.set(key, this.#positions.size);
  }

  /** The same positions by hash, made once; after that nothing is added here. */
  hashed(): HashIndex {
    if (this.#hashed === null) {
      this.#hashed = emptyIndex();
      for (const [key, at] of this.#positions) withPosition(this.#hashed, hash(key), at, true);
    }
    return this.#hashed;
  }
}
