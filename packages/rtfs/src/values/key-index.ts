/**
 * Where the keys of a large map stand: positions by key. Keys that identity decides live in a table of the engine, which all
 * versions of a map share and which only ever grows: a version takes a position beyond its own end for absent. What a table cannot
 * hold (a second future of one version, a key that comes back, keys that are collections) is the business of a persistent index by
 * hash, into which a table turns once.
 */
import { hash } from './equality.ts';
import { emptyIndex, withPosition } from './hash-index.ts';
import type { HashIndex } from './hash-index.ts';
import { IntTable } from './int-table.ts';
import { Keyword } from './kinds.ts';
import type { Value } from './kinds.ts';

/** Whether a key equals another exactly when it is the same. */
export function identityDecides(key: Value): boolean {
  return typeof key !== 'object' || key === null || key instanceof Keyword;
}

/** As many entries as the engine's own table takes. */
const MOST = 2 ** 24 - 1;

/** The positions of keys that identity decides, each key at one position only. */
export class KeyTable {
  #size = 0;
  #ints: IntTable | null = null;
  /** Keys that are no small ints, and small ints for which there was no room. */
  #others: Map<Value, number> | null = null;
  #hashed: HashIndex | null = null;

  /** The position of a key in the newest version, or -1. */
  find(key: Value): number {
    if (this.#ints !== null && typeof key === 'number' && (key | 0) === key) {
      const at = this.#ints.find(key);
      if (at >= 0) return at;
    }
    return this.#others === null ? -1 : (this.#others.get(key) ?? -1);
  }

  /** Whether a version of `size` positions could add `key` here: nothing came after it, and the key is new. */
  add(key: Value, size: number): boolean {
    if (this.#hashed !== null || size !== this.#size || !identityDecides(key) || this.find(key) >= 0) return false;
    if (!this.#addInt(key)) {
      this.#others ??= new Map();
      if (this.#others.size >= MOST) return false;
      this.#others.set(key, this.#size);
    }
    this.#size++;
    return true;
  }

  #addInt(key: Value): boolean {
    if (typeof key !== 'number' || (key | 0) !== key) return false;
    this.#ints ??= new IntTable();
    const added = this.#ints.add(key, this.#size);
    if (this.#ints.strays.length > 0) {
      this.#others ??= new Map();
      for (const [stray, at] of this.#ints.strays.splice(0)) this.#others.set(stray, at);
    }
    return added;
  }

  /** The same positions by hash, made once; after that nothing is added here. */
  hashed(): HashIndex {
    if (this.#hashed === null) {
      this.#hashed = emptyIndex();
      for (const [key, at] of this.#ints?.entries() ?? []) withPosition(this.#hashed, hash(key), at, true);
      for (const [key, at] of this.#others ?? []) withPosition(this.#hashed, hash(key), at, true);
    }
    return this.#hashed;
  }
}
