/** Paths of keys into nested collections: `get-in`, `assoc-in`, `update-in`, `dissoc-in`. */
import { typeError } from '../values/fail.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { errorField } from './error-fields.ts';
import type { Rt } from './native.ts';

/** The keys of a path. The compiler makes one of a path that is written out; no program sees it. */
export class Path {
  /** All keys; null where there are two, which are the commonest and need no array. */
  readonly #keys: readonly Value[] | null;
  readonly first: Value;
  readonly second: Value;
  /** The collection below the first, once a look at the value has come by it. */
  below: Value | undefined = undefined;
  /** Where the last key stands in the map below, if that look found it there and there are two keys; else -1. */
  place = -1;

  constructor(first: Value, second: Value, keys: readonly Value[] | null) {
    this.first = first;
    this.second = second;
    this.#keys = keys;
  }

  static of(keys: readonly Value[]): Path {
    const [first = null, second = null] = keys;
    return new Path(first, second, keys.length === 2 ? null : keys);
  }

  get n(): number {
    return this.#keys === null ? 2 : this.#keys.length;
  }

  get keys(): readonly Value[] {
    return this.#keys ?? [this.first, this.second];
  }
}

/** A path, charged as its number of keys. Throws TypeError if it is not sequential. */
export function pathOf(rt: Rt, fn: string, path: Value | Path): Path {
  if (path instanceof Path) {
    rt.charge(path.n);
    return path;
  }
  if (!(path instanceof Vec || path instanceof List)) typeError(fn, 'vector or list', path);
  rt.charge(path.n);
  return Path.of(path instanceof Vec ? path.items() : path.toArray());
}

/** The value at the end of a path that has been paid for; undefined if something on it is missing. */
export function valueIn(coll: Value, path: Path): Value | undefined {
  if (path.n === 2 && coll instanceof PMap) {
    const below = coll.get(path.first);
    if (below instanceof PMap) return valueBelow(below, path);
  }
  const { keys } = path;
  let at: Value = coll;
  for (let i = 0; i < keys.length; i++) {
    const found = step(at, keys[i] as Value);
    if (found === undefined) return undefined;
    if (i === 0) path.below = found;
    at = found;
  }
  return at;
}

/** The value at the second and last key, whose place is kept for the change that follows. */
function valueBelow(below: PMap, path: Path): Value | undefined {
  path.below = below;
  const place = below.place(path.second);
  path.place = place;
  return place < 0 ? undefined : below.valueAt(place);
}

/** One level down; what cannot be looked into has nothing in it. */
function step(coll: Value, key: Value): Value | undefined {
  if (coll instanceof PMap) return coll.get(key);
  if (coll instanceof Vec) {
    return typeof key === 'number' && Number.isInteger(key) && key >= 0 ? coll.at(key) : undefined;
  }
  if (coll instanceof PSet) return coll.get(key);
  return coll instanceof ErrorValue ? errorField(coll, key) : undefined;
}
