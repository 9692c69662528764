/**
 * What the four collections have in common, so that equality, hashing and kind names need not import them (they import
 * equality).
 */
import type { Edit } from './edit.ts';
import type { Comparison, Hashing } from './equality.ts';

/** A vector, list, map or set. */
export abstract class Collection {
  /** The name of the kind, as `type-name` gives it (R2.1). */
  abstract readonly typeName: 'vector' | 'list' | 'map' | 'set';
  /** The number of elements or entries. */
  abstract readonly n: number;
  /** The cached hash, valid when `height` is not 0. */
  hash = 0;
  /**
   * How deep this value nests, 1 for a collection of scalars; 0 before it has been hashed. Kept beside the hash so
   * that a cached
   * hash raises DepthLimit exactly where a fresh one would.
   */
  height = 0;
  /** Whether nothing in this value keeps it from being a key (R2.4); known when `height` is not 0. */
  keyable = false;
  /** Not null while this collection may be written in place (`edit.ts`). */
  edit: Edit | null = null;
  /** Whether the elements of `other`, of the same kind and size, equal those of this collection. */
  abstract equalElements(other: Collection, comparison: Comparison): boolean;
  /** The hash of the elements. */
  abstract hashElements(hashing: Hashing): number;
}
