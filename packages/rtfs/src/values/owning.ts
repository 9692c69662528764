/** What generated code does with values it may own (`edit.ts`): take them over, let go of them, hand out what is inside. */
import { Collection } from './collection.ts';
import { Edit, editOf } from './edit.ts';
import type { Value } from './kinds.ts';
import { PMap } from './map.ts';
import { PSet } from './set.ts';
import { Vec } from './vector.ts';

/** The value, owned where it is a vector, map or set that can be taken over; its one reference is the caller's. */
export function own(v: Value): Value {
  if (editOf(v) !== null || !(v instanceof Vec || v instanceof PMap || v instanceof PSet)) return v;
  const edit = new Edit();
  const owned = v.owned(edit);
  if (owned.edit === edit) edit.whole = owned;
  return owned;
}

/** Whether a value is a vector that may be written in place. */
export function isOwnVector(v: Value): boolean {
  return v instanceof Vec && v.edit !== null && v.edit.whole === v && v.isWhole;
}

/** A value that was just made and that nobody else has: a vector becomes owned without a copy. */
export function adopt(v: Value): Value {
  if (v instanceof Vec && v.n > 0 && v.edit === null && v.isWhole) {
    v.edit = new Edit();
    v.edit.whole = v;
  }
  return v;
}

/** Ends ownership of a value that is about to have a second reference. */
export function release<T>(v: T): T {
  if (v instanceof Collection) v.edit = null;
  return v;
}

/**
 * `part` of `whole`, handed out. If it may be owned with the whole, nothing inside the whole is from now on: the part has a second
 * reference, and so has whatever is in it.
 */
export function handOut<T>(whole: Value, part: T): T {
  if (part instanceof Collection && part.edit !== null) {
    const edit = editOf(whole);
    if (edit === part.edit) (whole as Vec | PMap | PSet).renew(new Edit());
  }
  return part;
}

/** The value, to be read by position: of a map that makes pairs with its values in them, so that one is released. */
export function peek(v: Value): Value {
  return v instanceof PMap ? release(v) : v;
}

/** Makes a map entry by entry, in place: from one that others may have, which stays as it is. */
export class MapMaker {
  readonly #map: PMap;
  readonly #edit = new Edit();

  constructor(from: PMap) {
    this.#map = from.owned(this.#edit);
  }

  /** The number of entries so far. */
  get n(): number {
    return this.#map.n;
  }

  /** The value at a key, or undefined. */
  get(key: Value): Value | undefined {
    return this.#map.get(key);
  }

  /** Puts a value at a key. Throws TypeError (R2.4). */
  put(key: Value, value: Value): void {
    this.#map.with(key, value, this.#edit);
  }

  /** The map, which nothing may be put into from now on. */
  made(): PMap {
    return this.#map.n === 0 ? PMap.empty : release(this.#map);
  }
}
