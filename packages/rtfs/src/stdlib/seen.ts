/** The values met so far, of any kind: `distinct` takes what no set could hold (R2.4). */
import { Collection } from '../values/collection.ts';
import { equal, hash } from '../values/equality.ts';
import { ErrorValue, Float, Regex } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import type { Rt } from './native.ts';

/** Remembers values by `=`. */
export class Seen {
  readonly #rt: Rt;
  /** Values whose equality is JavaScript's. */
  readonly #plain = new Set<Value>();
  /** Boxed and compound values, by hash. */
  readonly #buckets = new Map<number, Value[]>();

  constructor(rt: Rt) {
    this.#rt = rt;
  }

  /** Whether `v` equals no value met before; remembers it then. Throws DepthLimit. */
  add(v: Value): boolean {
    if (v instanceof Float || v instanceof Collection || v instanceof Regex || v instanceof ErrorValue)
      return this.#addBoxed(v);
    // NaN equals nothing, itself included (R2.7), while a JavaScript set would keep it once.
    if (Number.isNaN(v)) return true;
    if (this.#plain.has(v)) return false;
    this.#plain.add(v);
    return true;
  }

  #addBoxed(v: Value): boolean {
    const { dataDepth } = this.#rt.limits;
    const key = hash(v, dataDepth);
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#buckets.set(key, [v]);
      return true;
    }
    // Equal hashes are rare but for values that equal not even themselves, such as [##NaN]; the comparisons are paid
    // for.
    this.#rt.charge(bucket.length - 1);
    if (bucket.some((other) => equal(other, v, dataDepth))) return false;
    bucket.push(v);
    return true;
  }
}
