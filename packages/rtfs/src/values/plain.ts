/** Plain JSON: lossy, for people and other programs (R14.13, R14.14). */
import type { Json } from '../machine/types.ts';
import { newObject } from './codec.ts';
import type { Collection } from './collection.ts';
import { invalid, limit } from './fail.ts';
import { Atom, ErrorValue, Float, Fn, Keyword, Regex, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';
import { DEFAULT_LIMITS, LIMITS } from './limits.ts';
import { PMap } from './map.ts';
import type { Entry } from './map.ts';
import { isName } from './names.ts';
import { print } from './print.ts';
import { Vec } from './vector.ts';

const MOST = LIMITS.replyBytes.max;

/** The name of a plain object's member (R14.13). */
export function plainKey(key: Value): string {
  if (typeof key === 'string') return key;
  return key instanceof Keyword ? key.name : print(key);
}

class Projection {
  readonly #maxDepth: number;
  #depth = 0;
  #made = 0;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  of(v: Value): Json {
    if (++this.#made > MOST) limit('collectionSize', MOST);
    switch (typeof v) {
      case 'string':
      case 'boolean':
        return v;
      case 'bigint':
        return String(v);
      case 'number':
        return Number.isFinite(v) ? v : specialFloat(v);
    }
    if (v === null) return null;
    if (v instanceof Keyword) return `:${v.name}`;
    if (v instanceof Float) return Number.isFinite(v.value) ? v.value + 0 : specialFloat(v.value);
    if (v instanceof Sym) return v.name;
    if (v instanceof Regex) return v.source;
    if (v instanceof Fn) return print(v);
    if (++this.#depth > this.#maxDepth) limit('dataDepth', this.#maxDepth);
    const json = this.#nested(v);
    this.#depth--;
    return json;
  }

  #nested(v: Collection | ErrorValue | Atom): Json {
    if (v instanceof Atom) return this.of(v.value);
    if (v instanceof ErrorValue) return { kind: v.kind, message: v.message, data: this.of(v.data) };
    if (!(v instanceof PMap)) return Array.from(v as unknown as Iterable<Value>, (x) => this.of(x));
    const object = newObject();
    for (const [key, value] of v.entries()) object[plainKey(key)] = this.of(value);
    return object;
  }
}

function specialFloat(x: number): string {
  if (Number.isNaN(x)) return 'NaN';
  return x > 0 ? 'Inf' : '-Inf';
}

/** The plain JSON of a value (R14.13). Never fails within `maxDepth`; throws DepthLimit beyond. */
export function toPlain(v: Value, maxDepth: number = DEFAULT_LIMITS.dataDepth): Json {
  return new Projection(maxDepth).of(v);
}

/** How object keys are read: as keywords where they are keyword names, else as strings (R14.14). */
export interface PlainOptions {
  readonly keywords?: boolean;
}

/** The value of an object's key (R14.14). */
export function keyFromPlain(name: string, options: PlainOptions): Value {
  return options.keywords === true && isName(name) ? Keyword.of(name) : name;
}

/**
 * The value of parsed JSON (R14.14). A JavaScript number does not say how it was written: an integral one within 2⁵³
 * is an int.
 * `parseJson` keeps more. Throws DepthLimit beyond `dataDepth`, InvalidArgument for what is not JSON.
 */
export function fromPlain(json: Json, options: PlainOptions = {}): Value {
  return fromPlainAt(json, options, DEFAULT_LIMITS.dataDepth);
}

function fromPlainAt(json: Json, options: PlainOptions, depth: number): Value {
  switch (typeof json) {
    case 'boolean':
      return json;
    case 'string':
      return json.isWellFormed() ? json : invalid('JSON', 'lone surrogate');
    case 'number':
      return numberFromPlain(json);
  }
  if (json === null) return null;
  if (typeof json !== 'object') invalid('JSON', `a ${typeof json} is not JSON`);
  if (depth === 0) limit('dataDepth', DEFAULT_LIMITS.dataDepth);
  if (Array.isArray(json)) {
    return Vec.of((json as readonly Json[]).map((item) => fromPlainAt(item, options, depth - 1)));
  }
  return PMap.of(
    Object.entries(json as object).map(([name, item]): Entry => [
      keyFromPlain(name, options),
      fromPlainAt(item as Json, options, depth - 1),
    ]),
  );
}

function numberFromPlain(x: number): Value {
  if (!Number.isFinite(x)) return invalid('JSON', 'a number that JSON does not have');
  if (!Number.isInteger(x)) return x;
  return Number.isSafeInteger(x) && !Object.is(x, -0) ? x : new Float(x);
}
