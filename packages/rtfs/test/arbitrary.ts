/** Values at random, for the laws that tests check. */
import fc from 'fast-check';
import { Float, Keyword, Sym } from '../src/values/kinds.ts';
import type { Value } from '../src/values/kinds.ts';
import { List } from '../src/values/list.ts';
import { PMap } from '../src/values/map.ts';
import { float } from '../src/values/numbers.ts';
import { PSet } from '../src/values/set.ts';
import { Vec } from '../src/values/vector.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const name = fc.constantFrom('a', 'b', 'a/b', 'com.acme:v1.0/x', 'x?', '__proto__', 'é', '-x', '...', 'constructor');
const ints = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.maxSafeInteger(),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((big): Value => (Number.isSafeInteger(Number(big)) ? Number(big) : big)),
);
const floats = fc
  .oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1, 2, 1e21, 1e-7, Infinity, -Infinity, 9007199254740992))
  .map(float);

/** Scalars that may be keys. */
export const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, true, false),
  ints,
  floats,
  text,
  fc.constantFrom(':k', '$int', "'q", '"', '\u2028\n\\'),
  name.map((n) => Keyword.of(n)),
  name.map((n) => Sym.of(n)),
);

/** Data values that may be keys: no regex, error or NaN anywhere. */
export const key: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => Vec.of(items)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => List.of(items)),
    fc.array(tie('value'), { maxLength: 12 }).map((items) => PSet.of(items)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 12 }).map((entries) => PMap.of(entries)),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 4 })
      .map((entries) => PMap.of(entries.map(([k, v]) => [Keyword.of(k), v] as const))),
  ),
})).value;

/** The same value made anew, its maps and sets in reverse order. */
export function remade(v: Value): Value {
  if (v instanceof Vec) return Vec.of(v.toArray().map(remade));
  if (v instanceof List)
    return v
      .toArray()
      .reverse()
      .reduce<List>((list, x) => list.cons(remade(x)), List.empty);
  if (v instanceof PSet) return PSet.of(v.toArray().reverse().map(remade));
  if (v instanceof PMap)
    return PMap.of(
      v
        .entries()
        .toReversed()
        .map(([k, x]) => [remade(k), remade(x)] as const),
    );
  return v instanceof Float ? new Float(v.value) : v;
}
