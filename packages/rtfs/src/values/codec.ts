/**
 * Tagged JSON (R14.1–R14.11): lossless, for the channel, the journal and digests. `encode` and `decode` work on
 * parsed JSON;
 * `canonical` writes the one text of a value, RFC 8785 with sets and odd maps sorted, so that equal values have equal
 * bytes.
 */
import type { Json } from '../machine/types.ts';
import { Collection } from './collection.ts';
import { cannotSerialise, limit } from './fail.ts';
import { ErrorValue, Float, Keyword, Regex, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';
import { typeName } from './kind-name.ts';
import { DEFAULT_LIMITS, LIMITS } from './limits.ts';
import { PMap } from './map.ts';
import { pathText } from './path.ts';
import type { PathStep } from './path.ts';
import { floatText } from './print.ts';

/**
 * How far encoding may go: levels of nesting, and UTF-16 units of strings plus one for each value, which bounds what
 * a value that
 * shares its parts unfolds to.
 */
export interface EncodeBounds {
  readonly maxDepth: number;
  readonly maxCharacters: number;
}

/** As far as the maximum of `replyBytes` lets anything travel (R17.5). */
const BOUNDS: EncodeBounds = { maxDepth: DEFAULT_LIMITS.dataDepth, maxCharacters: LIMITS.replyBytes.max };

/** A map is an object when all its keys are strings or keywords (R14.6). */
function isObject(map: PMap): boolean {
  return map.keys().every((key) => typeof key === 'string' || key instanceof Keyword);
}

/** The key of an object: `:k` for a keyword, a string with `'` before what could be mistaken (R14.6). */
function objectKey(key: Value): string {
  if (key instanceof Keyword) return `:${key.name}`;
  const text = key as string;
  return /^[:$']/.test(text) ? `'${text}` : text;
}

/** What a float is in JSON: a number when it is finite and not integral, else the text of its tag (R14.3). */
function floatTag(x: number): string {
  return floatText(x).replace('##', '');
}

/** One encoding under way: where it is, and how much it has made. */
class Walk {
  readonly #bounds: EncodeBounds;
  readonly #steps: PathStep[] = [];
  #made = 0;

  constructor(bounds: EncodeBounds) {
    this.#bounds = bounds;
  }

  refuse(v: Value): never {
    cannotSerialise(typeName(v), pathText(this.#steps));
  }

  /** Says that a collection or error begins here. Throws DepthLimit. */
  nest(): void {
    if (this.#steps.length >= this.#bounds.maxDepth) limit('dataDepth', this.#bounds.maxDepth);
  }

  enter(step: PathStep): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  made(units: number): void {
    this.#made += units;
    // Each value counts the comma behind it, which the outermost has not.
    if (this.#made <= this.#bounds.maxCharacters + 1) return;
    cannotSerialise(`more than ${this.#bounds.maxCharacters} characters`, pathText(this.#steps));
  }

  text(v: string): string {
    this.made(v.length + 2);
    return v.isWellFormed() ? v : cannotSerialise('a lone surrogate', pathText(this.#steps));
  }
}

/**
 * The tagged JSON of a value. Throws SerializationError for functions and atoms and beyond `maxCharacters`,
 * DepthLimit.
 */
export function encode(v: Value, bounds: EncodeBounds = BOUNDS): Json {
  // Of these there is nothing to refuse or to count.
  if (bounds === BOUNDS && (v === null || typeof v === 'boolean' || Number.isSafeInteger(v))) return v as Json;
  return encodeIn(v, new Walk(bounds));
}

function encodeIn(v: Value, walk: Walk): Json {
  walk.made(1);
  switch (typeof v) {
    case 'string':
      return walk.text(v);
    case 'boolean':
      return v;
    case 'bigint':
      return { $int: String(v) };
    case 'number':
      return Number.isFinite(v) ? v : { $float: floatTag(v) };
  }
  if (v === null) return null;
  if (v instanceof Collection) return encodeCollection(v, walk);
  if (v instanceof Keyword) return { $kw: walk.text(v.name) };
  if (v instanceof Sym) return { $sym: walk.text(v.name) };
  if (v instanceof Float) return { $float: floatTag(v.value) };
  if (v instanceof Regex) return { $re: walk.text(v.source) };
  if (!(v instanceof ErrorValue)) return walk.refuse(v);
  walk.nest();
  walk.enter({ key: DATA });
  const data = encodeIn(v.data, walk);
  walk.leave();
  return { $error: { kind: walk.text(v.kind), message: walk.text(v.message), data } };
}

const DATA = Keyword.of('data');

function encodeCollection(c: Collection, walk: Walk): Json {
  walk.nest();
  if (c instanceof PMap) return isObject(c) ? encodeObject(c, walk) : { $map: encodePairs(c, walk) };
  const items: Json[] = [];
  for (const x of c as unknown as Iterable<Value>) items.push(encodeAt(x, { index: items.length }, walk));
  if (c.typeName === 'vector') return items;
  return c.typeName === 'list' ? { $list: items } : { $set: items };
}

function encodeAt(v: Value, step: PathStep, walk: Walk): Json {
  walk.enter(step);
  const json = encodeIn(v, walk);
  walk.leave();
  return json;
}

/** An object without a prototype: `__proto__` is a key like any other (R14.11). */
export function newObject(): Record<string, Json> {
  return Object.create(null) as Record<string, Json>;
}

function encodeObject(map: PMap, walk: Walk): Json {
  const object = newObject();
  for (const [key, value] of map.entries()) {
    object[walk.text(objectKey(key))] = encodeAt(value, { key }, walk);
  }
  return object;
}

function encodePairs(map: PMap, walk: Walk): Json[] {
  return map.entries().map(([key, value]) => [encodeAt(key, { key }, walk), encodeAt(value, { key }, walk)]);
}

/** The canonical text of a value (R14.10). Throws as `encode` does. */
export function canonical(v: Value, bounds: EncodeBounds = BOUNDS): string {
  return canonicalIn(v, new Walk(bounds));
}

function canonicalIn(v: Value, walk: Walk): string {
  walk.made(1);
  if (typeof v === 'string') return JSON.stringify(walk.text(v));
  if (typeof v === 'boolean' || v === null) return String(v);
  if (!(v instanceof Collection)) {
    if (!(v instanceof ErrorValue)) return scalarText(v, walk);
    walk.nest();
    walk.enter({ key: DATA });
    const data = canonicalIn(v.data, walk);
    walk.leave();
    return `{"$error":{"data":${data},"kind":${JSON.stringify(walk.text(v.kind))},"message":${JSON.stringify(walk.text(v.message))}}}`;
  }
  walk.nest();
  if (v instanceof PMap) return isObject(v) ? canonicalObject(v, walk) : canonicalPairs(v, walk);
  const items: string[] = [];
  for (const x of v as unknown as Iterable<Value>) items.push(canonicalAt(x, { index: items.length }, walk));
  if (v.typeName === 'vector') return `[${items.join(',')}]`;
  return v.typeName === 'list' ? `{"$list":[${items.join(',')}]}` : `{"$set":[${items.sort().join(',')}]}`;
}

/** A scalar's encoding has at most one key, so it is canonical as it stands. */
function scalarText(v: Value, walk: Walk): string {
  return JSON.stringify(encodeIn(v, walk));
}

function canonicalAt(v: Value, step: PathStep, walk: Walk): string {
  walk.enter(step);
  const text = canonicalIn(v, walk);
  walk.leave();
  return text;
}

function byCodeUnits(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : Number(a[0] > b[0]);
}

function canonicalObject(map: PMap, walk: Walk): string {
  const entries = map
    .entries()
    .map(([key, value]): [string, string] => [walk.text(objectKey(key)), canonicalAt(value, { key }, walk)]);
  return `{${entries
    .sort(byCodeUnits)
    .map(([key, text]) => `${JSON.stringify(key)}:${text}`)
    .join(',')}}`;
}

function canonicalPairs(map: PMap, walk: Walk): string {
  const entries = map
    .entries()
    .map(([key, value]): [string, string] => [canonicalAt(key, { key }, walk), canonicalAt(value, { key }, walk)]);
  return `{"$map":[${entries
    .sort(byCodeUnits)
    .map(([key, text]) => `[${key},${text}]`)
    .join(',')}]}`;
}

export { decode } from './decode.ts';
