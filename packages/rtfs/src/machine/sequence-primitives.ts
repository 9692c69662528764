/**
 * Runtime operations on arrays, for the functions of `stdlib/prelude.ts`. Arrays are this package's own: programs see vectors,
 * lists and maps made of them at the end.
 */
import { chargedElements, chargeMaking, checkDepth, checkSize, elements, sameKind, sizeOf } from '../stdlib/args.ts';
import { putIn } from '../stdlib/grow.ts';
import { pathOf, valueIn } from '../stdlib/key-path.ts';
import type { Path } from '../stdlib/key-path.ts';
import { lookUp } from '../stdlib/look.ts';
import { amount } from '../stdlib/make.ts';
import { matches, matchValue, pattern, replaced } from '../stdlib/regex.ts';
import type { Match } from '../stdlib/regex.ts';
import { isCallable } from '../stdlib/logic.ts';
import { NATIVES } from '../stdlib/natives.ts';
import { Collection } from '../values/collection.ts';
import { equal } from '../values/equality.ts';
import { indexOut, invalid, typeError } from '../values/fail.ts';
import { Fn, Keyword, Regex } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { compareNumbers, isNumber } from '../values/numbers.ts';
import { compare, sortedBy } from '../values/order.ts';
import { str } from '../values/print.ts';
import { handOut, MapMaker, release } from '../values/owning.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import type { Primitive } from './primitives.ts';
import type { Runtime } from './runtime.ts';

type Items = readonly Value[];

/** `(reduced x)`: ends a reduction. It is a function value like any other outside one. */
class Reduced extends Fn {
  readonly value: Value;
  constructor(value: Value) {
    super('reduced', 0, null, (() => value) as Fn['f'], null);
    this.value = value;
  }
}

/** Calls a function of the library by name. */
function native(rt: Runtime, name: string, ...args: Value[]): Value {
  const row = NATIVES.get(name);
  if (row === undefined) throw new Error(`no library function ${name}`);
  const fn = row.fn as unknown as (rt: Runtime, ...args: unknown[]) => Value;
  return row.variadic ? fn(rt, args) : fn(rt, ...args);
}

// ── making ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The items as a list for a list, else as a vector. */
function likeList(_rt: Runtime, like: Value, items: Value[]): Value {
  return like instanceof List ? List.of(items) : Vec.of(items);
}

/** A collection of the kind of `like` with other elements (`walk`). */
function rebuilt(rt: Runtime, like: Value, items: Value[]): Value {
  if (like instanceof List) return List.of(items);
  if (like instanceof PSet) return PSet.of(items);
  if (like instanceof PMap) return native(rt, 'into', PMap.empty, Vec.of(items));
  return Vec.of(items);
}

const MAKING: Readonly<Record<string, Primitive>> = {
  '%vector': (_rt, items: Value[]) => Vec.of(items),
  '%list': (_rt, ...items: Value[]) => List.of(items),
  '%like-list': likeList,
  '%same-kind': (_rt, like: Value, items: Value[]) => sameKind(like, items),
  '%rebuilt': rebuilt,
  '%concat': (rt, items: Value[]) => native(rt, 'concat', ...items),
  '%making': (rt, fn: string, n: Value) => {
    const most = amount(fn, n);
    chargeMaking(rt, most);
    return most;
  },
  '%room': (rt, items: Items) => {
    checkSize(rt, items.length + 1);
    return null;
  },
  '%charge': (rt, n: number) => {
    rt.charge(n);
    return null;
  },
};

// ── elements ────────────────────────────────────────────────────────────────────────────────────────────────────────

function seq(rt: Runtime, fn: string, coll: Value): Items {
  return chargedElements(rt, fn, coll);
}

function seqToSort(rt: Runtime, fn: string, coll: Value): Items {
  const n = sizeOf(fn, coll);
  rt.charge(n * Math.ceil(Math.log2(n + 1)));
  return elements(fn, coll);
}

function head(fn: string, items: Items): Value {
  if (items.length > 0) return items[0] as Value;
  return invalid(fn, 'the collection is empty', 'give an initial value: (reduce f init coll)');
}

function keys(rt: Runtime, fn: string, m: Value): Items {
  if (m === null) return [];
  if (!(m instanceof PMap)) return typeError(fn, 'map', m);
  rt.charge(m.n);
  return m.keys();
}

function keysOrIndexes(rt: Runtime, fn: string, coll: Value): Items {
  if (!(coll instanceof Vec)) return keys(rt, fn, coll);
  rt.charge(coll.n);
  return Array.from({ length: coll.n }, (_none, i) => i);
}

const READING: Readonly<Record<string, Primitive>> = {
  '%seq': seq,
  '%seq-to-sort': seqToSort,
  '%seq-deep': (rt, fn: string, coll: Value, depth: number) => {
    checkDepth(rt, depth);
    return seq(rt, fn, coll);
  },
  '%seqs': (rt, fn: string, coll: Value, colls: List) => [coll, ...colls.toArray()].map((one) => seq(rt, fn, one)),
  '%shortest': (_rt, lists: readonly Items[]) => lists.reduce((least, { length }) => Math.min(least, length), Infinity),
  '%column': (_rt, lists: readonly Items[], i: number) => lists.map((items) => items[i] as Value),
  '%elements': (_rt, coll: Value) => elements('for', coll),
  '%items': (_rt, args: List) => args.toArray(),
  '%reversed': (_rt, args: List) => args.toArray().reverse(),
  '%head': (_rt, fn: string, items: Items) => head(fn, items),
  '%tail': (_rt, items: Items) => items.slice(1),
  '%cut': (_rt, items: Items, from: number, to: number) => items.slice(from, to),
  '%copy': (_rt, items: Items) => [...items],
  '%pop': (_rt, items: Value[]) => items.pop() as Value,
  '%push-all': (rt, stack: Value[], coll: Value) => {
    const items = elements('tree-seq', coll);
    checkSize(rt, stack.length + items.length);
    // Not spread: a long collection would not fit among the arguments of one call.
    for (let i = items.length - 1; i >= 0; i--) stack.push(items[i] as Value);
    return null;
  },
  '%keys': keys,
  '%vals': (_rt, m: Value) => (m instanceof PMap ? m.vals() : []),
  '%keys-or-indexes': keysOrIndexes,
  '%vals-or-items': (_rt, coll: Value) =>
    coll instanceof Vec ? coll.toArray() : coll instanceof PMap ? coll.vals() : [],
  '%map-or-nil': (_rt, v: Value) => v === null || v instanceof PMap,
  '%collection?': (_rt, v: Value) => v instanceof Collection,
  '%function?': (_rt, v: Value) => v instanceof Fn,
  '%callable?': (_rt, v: Value) => isCallable(v),
};

// ── arguments ───────────────────────────────────────────────────────────────────────────────────────────────────────

const ARGUMENTS: Readonly<Record<string, Primitive>> = {
  '%cons': (_rt, first: Value, more: List) => [first, ...more.toArray()],
  '%join': (_rt, args: List, more: List) => [...args.toArray(), ...more.toArray()],
  '%apply-args': (rt, first: Value, more: List) => {
    const all = [first, ...more.toArray()];
    const last = all.pop() as Value;
    return [...all, ...seq(rt, 'apply', last)];
  },
  '%fill': (_rt, args: List, defaults: List) =>
    args.toArray().map((arg, i) => (arg === null ? (defaults.at(i) ?? null) : arg)),
  '%maps': (_rt, fn: string, ms: List) =>
    ms
      .toArray()
      .filter((m) => m !== null)
      .map((m) => (m instanceof PMap ? m : typeError(fn, 'map', m))),
  '%reduced': (_rt, v: Value) => (v instanceof Reduced ? v : new Reduced(v)),
  '%reduced?': (_rt, v: Value) => v instanceof Reduced,
  '%unreduced': (_rt, v: Value) => release(v instanceof Reduced ? v.value : v),
};

// ── maps from keys ──────────────────────────────────────────────────────────────────────────────────────────────────

function grouped(_rt: Runtime, items: Items, ks: Items): PMap {
  const groups = new MapMaker(PMap.empty);
  const order: Value[][] = [];
  items.forEach((item, i) => {
    const key = ks[i] as Value;
    const at = groups.get(key);
    if (typeof at === 'number') return void order[at]?.push(item);
    groups.put(key, order.length);
    order.push([item]);
  });
  return PMap.of(
    groups
      .made()
      .keys()
      .map((key, i) => [key, Vec.of(order[i] as Value[])] as const),
  );
}

function counted(_rt: Runtime, ks: Items): PMap {
  const counts = new MapMaker(PMap.empty);
  for (const key of ks) counts.put(key, Number(counts.get(key) ?? 0) + 1);
  return counts.made();
}

function runs(_rt: Runtime, items: Items, ks: Items): Vec {
  const parts: Value[][] = [];
  items.forEach((item, i) => {
    if (i > 0 && equal(ks[i] as Value, ks[i - 1] as Value)) parts.at(-1)?.push(item);
    else parts.push([item]);
  });
  return Vec.of(parts.map((part) => Vec.of(part)));
}

function extreme(_rt: Runtime, items: Items, ks: Items, sign: number): Value {
  if (items.length === 0) return null;
  let best = 0;
  ks.forEach((key, i) => {
    if (compare(key, ks[best] as Value) * sign > 0) best = i;
  });
  return items[best] as Value;
}

const KEYED: Readonly<Record<string, Primitive>> = {
  '%grouped': grouped,
  '%counted': counted,
  '%runs': runs,
  '%extreme': extreme,
  '%indexed': (_rt, items: Items, ks: Items) => PMap.of(ks.map((key, i) => [key, items[i] as Value] as const)),
  '%map-of': (_rt, like: Value, ks: Items, vs: Items) =>
    like === null ? null : PMap.of(ks.map((key, i) => [key, vs[i] as Value] as const)),
};

// ── update ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The value that \`update\` hands to its function; a vector's index must exist (R16.7). */
function valueAt(rt: Runtime, fn: string, m: Value, key: Value): Value {
  rt.charge(1);
  if (m instanceof Vec) {
    if (typeof key !== 'number' || !Number.isInteger(key)) return typeError(fn, 'integer', key);
    return key >= 0 && key < m.n ? handOut(m, m.at(key) as Value) : indexOut(key, m.n);
  }
  return handOut(m, lookUp(fn, m, key) ?? null);
}

const UPDATING: Readonly<Record<string, Primitive>> = {
  '%value-at': valueAt,
  '%path': pathOf,
  '%value-in': (rt, m: Value, path: Path) => {
    rt.charge(path.n);
    return handOut(m, valueIn(m, path) ?? null);
  },
  '%put-in': (rt, m: Value, path: Path, v: Value) => {
    rt.charge(path.n);
    return putIn(rt, m, path, v);
  },
  '%or': (_rt, v: Value, otherwise: Value) => v ?? otherwise,
};

// ── sorting ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `:<` and `:>` stand for the functions (R16.7). */
function comparator(rt: Runtime, cmp: Value): Value {
  if (cmp instanceof Keyword && (cmp.name === '<' || cmp.name === '>')) return rt.libraryValue(cmp.name);
  return cmp;
}

/** Whether a comparator's answer says that its first argument comes before its second. */
function before(_rt: Runtime, answer: Value): boolean {
  if (typeof answer === 'boolean' || answer === null) return answer === true;
  return isNumber(answer) ? compareNumbers(answer, 0) < 0 : typeError('sort', 'boolean or number', answer);
}

const SORTING: Readonly<Record<string, Primitive>> = {
  '%comparator': comparator,
  '%before': before,
  '%sorted': (rt, ks: Items, items: Items) => sortedBy(ks, items, rt.limits.dataDepth),
};

// ── replace with a function ─────────────────────────────────────────────────────────────────────────────────────────

function textMatches(rt: Runtime, fn: string, s: Value, p: Value): readonly { match: Match; value: Value }[] {
  if (typeof s !== 'string') return typeError(fn, 'string', s);
  const most = fn === 'replace-first' ? 1 : Infinity;
  if (p instanceof Regex)
    return matches(rt, pattern(fn, p), s, most).map((match) => ({ match, value: matchValue(match.groups) }));
  if (typeof p !== 'string') return typeError(fn, 'string or regex', p);
  rt.charge(Math.ceil(s.length / 16));
  const found: { match: Match; value: Value }[] = [];
  const step = Math.max(1, p.length);
  for (let at = s.indexOf(p); at >= 0 && found.length < most && at <= s.length; at = s.indexOf(p, at + step)) {
    found.push({ match: { start: at, end: at + p.length, groups: [p] }, value: p });
    if (p === '' && at === s.length) break;
  }
  return found;
}

function textReplaced(rt: Runtime, fn: string, s: string, p: Value, pieces: Items): Value {
  const found = textMatches(rt, fn, s, p).map(({ match }) => match);
  return replaced(
    rt,
    s,
    found,
    pieces.map((piece) => str(piece)),
  );
}

const TEXT: Readonly<Record<string, Primitive>> = {
  '%matches': (rt, fn: string, s: Value, p: Value) => textMatches(rt, fn, s, p).map(({ value }) => value),
  '%replaced': textReplaced,
};

/** All operations of this file by name. */
export const SEQUENCE_PRIMITIVES: Readonly<Record<string, Primitive>> = {
  ...MAKING,
  ...READING,
  ...ARGUMENTS,
  ...KEYED,
  ...UPDATING,
  ...SORTING,
  ...TEXT,
};
