/**
 * What crosses the boundary (R13.3): only what tagged JSON can say, within a number of bytes, and in canonical entry order, so
 * that every wall, a live run and a replay from stored bytes iterate alike.
 */
import { canonical } from '../values/codec.ts';
import { fail } from '../values/fail.ts';
import { Keyword, Float } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';

/** How much may cross, and how deep. */
export interface Passage {
  readonly bytes: number;
  readonly depth: number;
}

/** The most bytes that the text of a scalar can have; Infinity for what must be looked into. */
function mostBytes(v: Value): number {
  // The longest escape of one UTF-16 unit has six bytes, the longest number of all `{"$float":"-1.7976931348623157e308"}`.
  switch (typeof v) {
    case 'string':
      return v.isWellFormed() ? 6 * v.length + 2 : Infinity;
    case 'number':
    case 'boolean':
    case 'bigint':
      return 40;
  }
  if (v instanceof Keyword) return 6 * v.name.length + 10;
  return v === null || v instanceof Float ? 40 : Infinity;
}

/** The arguments of a call as they arrive on the other side, together as one vector. Throws as `cross` does. */
export function crossAll(args: readonly Value[], passage: Passage): readonly Value[] {
  let bytes = 2;
  for (const arg of args) bytes += 1 + mostBytes(arg);
  if (bytes <= passage.bytes) return args;
  return (cross(Vec.of([...args]), passage) as Vec).toArray();
}

/** `v` as it arrives on the other side. Throws SerializationError for functions, atoms and values of too many bytes; DepthLimit. */
export function cross(v: Value, { bytes, depth }: Passage): Value {
  if (mostBytes(v) <= bytes) return v;
  const text = canonical(v, { maxDepth: depth, maxCharacters: bytes });
  // No UTF-16 unit is more than three bytes of UTF-8.
  if (text.length * 3 > bytes && utf8Length(text) > bytes) {
    fail('SerializationError', `Cannot serialise more than ${bytes} bytes at .`, PMap.of([[Keyword.of('path'), '']]));
  }
  return ordered(v);
}

/** The UTF-8 length of a well-formed text. */
export function utf8Length(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) n += code >= 0x800 ? ((code & 0xf800) === 0xd800 ? 1 : 2) : 1;
  }
  return n;
}

/** The value with maps and sets in canonical entry order (R14.10). Its depth is bounded: it has been written before. */
function ordered(v: Value): Value {
  if (v instanceof Vec) return Vec.of(v.toArray().map(ordered));
  if (v instanceof List) return List.of(v.toArray().map(ordered));
  if (v instanceof PMap)
    return PMap.of(
      sorted(
        v.entries().map(([key, value]) => [ordered(key), ordered(value)] as const),
        mapKey(v),
      ),
    );
  if (v instanceof PSet)
    return PSet.of(
      sorted(
        v.toArray().map((item) => [ordered(item), null] as const),
        canonical,
      ).map(([item]) => item),
    );
  return v;
}

/** The text by which the entries of a map sort: that of its object form where it has one, else the canonical text of the key. */
function mapKey(map: PMap): (key: Value) => string {
  const isObject = map.keys().every((key) => typeof key === 'string' || key instanceof Keyword);
  return isObject ? objectKey : canonical;
}

function objectKey(key: Value): string {
  if (key instanceof Keyword) return `:${key.name}`;
  const text = key as string;
  return /^[:$']/.test(text) ? `'${text}` : text;
}

function sorted(
  entries: readonly (readonly [Value, Value])[],
  text: (key: Value) => string,
): (readonly [Value, Value])[] {
  return entries
    .map((entry) => ({ entry, text: text(entry[0]) }))
    .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
    .map(({ entry }) => entry);
}
