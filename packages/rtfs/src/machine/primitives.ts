/**
 * Operations of the runtime that analysis and the library's own texts name with `%`. A program cannot. Most work on arrays that
 * no program sees; those that answer a test give a JavaScript boolean.
 */
import { chargeSize, elements } from '../stdlib/args.ts';
import { NATIVES } from '../stdlib/natives.ts';
import { equal } from '../values/equality.ts';
import { arity, dataMap, fail, failAs, invalid, typeError } from '../values/fail.ts';
import { Atom, ErrorValue, Float, Fn, Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { isKey } from '../values/keys.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { isInt, isNumber } from '../values/numbers.ts';
import { print, printShort, str } from '../values/print.ts';
import { Collection } from '../values/collection.ts';
import { Vec } from '../values/vector.ts';
import { validate, violationMaps, checkCast } from '../types/validate.ts';
import type { Type } from '../types/type.ts';
import { castEach, isSatisfied } from './casts.ts';
import type { Runtime } from './runtime.ts';
import { SEQUENCE_PRIMITIVES } from './sequence-primitives.ts';
import { TEMPLATE_PRIMITIVES } from './template-primitives.ts';

/** A runtime operation. Its arguments are values, arrays, numbers or types, as the text that names it gives them. */
export type Primitive = (rt: Runtime, ...args: never[]) => unknown;

function truthy(v: Value): boolean {
  return v !== null && v !== false;
}

// ── patterns (§7) ───────────────────────────────────────────────────────────────────────────────────────────────────

function isSequence(v: Value): v is Vec | List {
  return v instanceof Vec || v instanceof List;
}

function fits(v: Value, n: number, open: boolean): boolean {
  return isSequence(v) && (open ? v.n >= n : v.n === n);
}

function needSeq(_rt: Runtime, v: Value, n: number, open: boolean): true {
  if (!isSequence(v)) typeError('destructuring', 'vector', v);
  if (!fits(v, n, open)) {
    const expected = `${open ? 'at least ' : ''}${n} elements`;
    fail(
      'TypeError',
      `Type error in destructuring: expected ${expected}, got ${v.n}`,
      dataMap([
        ['operation', 'destructuring'],
        ['expected', expected],
        ['actual', String(v.n)],
      ]),
    );
  }
  return true;
}

function needMap(_rt: Runtime, v: Value): true {
  return v instanceof PMap ? true : typeError('destructuring', 'map', v);
}

const PATTERNS: Readonly<Record<string, Primitive>> = {
  '%need-seq': needSeq,
  '%need-map': needMap,
  '%is-seq': (_rt, v: Value, n: number, open: boolean) => fits(v, n, open),
  '%is-map': (_rt, v: Value) => v instanceof PMap,
  '%element': (_rt, v: Vec | List, i: number) => v.at(i) ?? null,
  '%rest-from': (_rt, v: Vec | List, i: number) => (v instanceof Vec ? v.slice(i) : Vec.of(v.toArray().slice(i))),
  '%lookup': (_rt, m: PMap, key: Value) => m.get(key) ?? null,
  '%has': (_rt, m: PMap, key: Value) => m.has(key),
  '%only-keys': (_rt, m: PMap, ...keys: Value[]) => m.n === keys.filter((key) => m.has(key)).length,
  '%without': (rt, m: PMap, ...keys: Value[]) => {
    rt.charge(keys.length);
    return keys.reduce<PMap>((rest, key) => rest.delete(key), m);
  },
  '%same': (_rt, a: Value, b: Value) => equal(a, b),
  '%satisfies': (rt, v: Value, type: Type) => isSatisfied(rt, v, type),
  '%no-match': (_rt, v: Value) =>
    fail('MatchError', `Match error: no clause matches ${printShort(v)}`, dataMap([['value', v]])),
};

// ── errors (§8) ─────────────────────────────────────────────────────────────────────────────────────────────────────

function thrown(_rt: Runtime, v: Value): never {
  if (v instanceof ErrorValue) throw v;
  if (!(v instanceof PMap)) return fail('Thrown', str(v), v);
  const kind = v.get(Keyword.of('kind'));
  const message = v.get(Keyword.of('message'));
  const name = kind instanceof Keyword ? kind.name : 'Thrown';
  return failAs(name, typeof message === 'string' ? message : print(v), v);
}

/** `(Name. msg data?)`: an error value, not thrown (R8.3). */
function construct(_rt: Runtime, kind: Keyword, ...args: Value[]): ErrorValue {
  if (args.length < 1 || args.length > 2) arity(`${kind.name}.`, 'between 1 and 2', args.length);
  const [message = null, data = null] = args;
  return new ErrorValue(kind.name.slice(kind.name.lastIndexOf('.') + 1), str(message), data);
}

const ERRORS: Readonly<Record<string, Primitive>> = {
  '%throw': thrown,
  '%construct': construct,
  '%wrong-arity': (_rt, name: string, expected: string, ...args: Value[]) => arity(name, expected, args.length),
  '%valid?': (rt, type: Type, v: Value) => isSatisfied(rt, v, type),
  '%validate': (rt, type: Type, v: Value) => {
    chargeSize(rt, v);
    const violations = validate(v, type, rt.limits.dataDepth);
    return violations.length === 0 ? null : violationMaps(violations);
  },
  '%conform': (rt, type: Type, v: Value) => {
    chargeSize(rt, v);
    return checkCast(v, type, 'value');
  },
  '%cast-each': (rt, v: Value, type: Type, where: string) => castEach(rt, v, type, where),
};

// ── tests and state ─────────────────────────────────────────────────────────────────────────────────────────────────

/** What steps take for false beside nil and false: zeros and what is empty (R12.9). */
function stepTrue(_rt: Runtime, v: Value): boolean {
  if (v === null || v === false || v === 0 || v === '') return false;
  if (v instanceof Float) return v.value !== 0;
  return !(v instanceof Collection) || v.n > 0;
}

function atomOf(fn: string, v: Value): Atom {
  return v instanceof Atom ? v : typeError(fn, 'atom', v);
}

/** An atom about to change: not in an attempt, and not one that a sibling branch can see (R4.10, R12.15). */
function changing(rt: Runtime, fn: string, v: Value): Atom {
  const atom = atomOf(fn, v);
  rt.state();
  if (atom.branch !== rt.branch && rt.branch.isBelow(atom.branch as typeof rt.branch)) rt.shared('atom');
  return atom;
}

/** What \`memoize\` remembers: by \`=\` on arguments, at most so many, the oldest out (R16.4). */
const REMEMBERED = 10_000;

class Cache {
  entries: PMap = PMap.empty;
  /** Arguments that cannot be keys, functions and atoms among them, oldest first: they are compared one by one. */
  readonly others: { readonly args: List; readonly value: Value }[] = [];
}

/** What is remembered for arguments that cannot be keys. Looking costs one unit for each entry. */
function remembered(rt: Runtime, cache: Cache, args: List): { readonly value: Value } | undefined {
  rt.charge(cache.others.length);
  return cache.others.find((one) => equal(one.args, args));
}

const STATE: Readonly<Record<string, Primitive>> = {
  '%some': (_rt, v: Value) => v !== null,
  '%not': (_rt, v: Value) => !truthy(v),
  '%step-true': stepTrue,
  '%times': (_rt, v: Value) => (isInt(v) ? Number(v) : typeError('dotimes', 'integer', v)),
  '%atom': (rt, v: Value) => rt.atom(v),
  '%deref': (_rt, v: Value) => atomOf('deref', v).value,
  '%changing': changing,
  '%reset': (rt, fn: string, v: Value, value: Value) => {
    changing(rt, fn, v).value = value;
    return value;
  },
  '%closer': (_rt, v: Value) => {
    const close = v instanceof PMap ? (v.get(Keyword.of('close')) ?? null) : null;
    return close instanceof Fn ? close : null;
  },
  '%cache': () => new Cache(),
  '%cached?': (rt, cache: Cache, args: List) => {
    rt.state();
    return isKey(args) ? cache.entries.has(args) : remembered(rt, cache, args) !== undefined;
  },
  '%recall': (rt, cache: Cache, args: List) =>
    (isKey(args) ? cache.entries.get(args) : remembered(rt, cache, args)?.value) ?? null,
  '%remember': (rt, cache: Cache, args: List, v: Value) => {
    rt.state();
    if (!isKey(args)) {
      if (cache.others.length >= REMEMBERED) cache.others.shift();
      cache.others.push({ args, value: v });
      return v;
    }
    const [oldest] = cache.entries.n >= REMEMBERED ? cache.entries.keys() : [];
    if (oldest !== undefined) cache.entries = cache.entries.delete(oldest);
    cache.entries = cache.entries.set(args, v);
    return v;
  },
};

// ── effect functions (R11.8) ────────────────────────────────────────────────────────────────────────────────────────

function words(rt: Runtime, xs: Value): string {
  const text = elements('str', xs)
    .map((x) => str(x))
    .join(' ');
  rt.charge(Math.ceil(text.length / 16));
  return text;
}

function need(kind: string, holds: (v: Value) => boolean): Primitive {
  return (_rt, fn: string, v: Value) => (holds(v) ? v : typeError(fn, kind, v));
}

/** `(log-step :level? e*)`, `(step :level msg data?)`. */
function logLine(rt: Runtime, xs: Value): PMap {
  const items = elements('log-step', xs);
  const [first = null, ...others] = items;
  const level = first instanceof Keyword ? first : Keyword.of('info');
  const [message = null, ...data] = first instanceof Keyword ? others : items;
  const map = PMap.of([
    [Keyword.of('level'), level],
    [Keyword.of('message'), words(rt, Vec.of([message]))],
  ]);
  if (data.length === 0) return map;
  return map.set(Keyword.of('data'), data.length === 1 ? (data[0] as Value) : Vec.of(data));
}

/** `(llm-execute m p)` and `(llm-execute :model m :prompt p :system s)`. */
function llmRequest(_rt: Runtime, xs: Value): PMap {
  const items = elements('llm-execute', xs);
  const named =
    items[0] instanceof Keyword && items.length % 2 === 0 && ['model', 'prompt', 'system'].includes(items[0].name);
  const fields = named
    ? PMap.of(items.flatMap((item, i) => (i % 2 === 0 ? [[item, items[i + 1] as Value] as const] : [])))
    : PMap.of([
        [Keyword.of('model'), items[0] ?? null],
        [Keyword.of('prompt'), items[1] ?? null],
      ]);
  const prompt = fields.get(Keyword.of('prompt')) ?? null;
  if (typeof prompt !== 'string') invalid('llm-execute', 'the prompt is no string');
  const model = fields.get(Keyword.of('model')) ?? null;
  const system = fields.get(Keyword.of('system')) ?? null;
  const request = PMap.of([
    [Keyword.of('model'), model ?? 'default'],
    [Keyword.of('prompt'), prompt],
  ]);
  return system === null ? request : request.set(Keyword.of('system'), system);
}

/** The order of `shuffle`, computed from one random int (R11.8): Fisher–Yates over a 48-bit congruential sequence. */
function shuffled(rt: Runtime, coll: Value, random: Value): Vec {
  const items = [...elements('shuffle', coll)];
  rt.charge(items.length);
  if (!isInt(random)) typeError('shuffle', 'integer', random);
  let state = BigInt(random) & 0xffff_ffff_ffffn;
  for (let i = items.length - 1; i > 0; i--) {
    state = (state * 0x5deece66dn + 11n) & 0xffff_ffff_ffffn;
    const j = Number((state >> 16n) % BigInt(i + 1));
    [items[i], items[j]] = [items[j] as Value, items[i] as Value];
  }
  return Vec.of(items);
}

const EFFECTS: Readonly<Record<string, Primitive>> = {
  '%words': words,
  '%log-line': logLine,
  '%llm-request': llmRequest,
  '%shuffled': shuffled,
  '%need-string': need('string', (v) => typeof v === 'string'),
  '%need-int': need('integer', isInt),
  '%need-number': need('number', isNumber),
  '%need-count': (_rt, fn: string, v: Value) => {
    if (!isInt(v)) return typeError(fn, 'integer', v);
    return v < 0 ? invalid(fn, 'it is negative') : v;
  },
};

const ALL: ReadonlyMap<string, Primitive> = new Map(
  Object.entries({ ...PATTERNS, ...ERRORS, ...STATE, ...EFFECTS, ...SEQUENCE_PRIMITIVES, ...TEMPLATE_PRIMITIVES }),
);

/** The runtime operation `%name`; a library function written in TypeScript can be named that way too. */
export function primitive(name: string): Primitive {
  const own = ALL.get(name);
  if (own !== undefined) return own;
  const native = NATIVES.get(name.slice(1));
  if (native === undefined) throw new Error(`no runtime operation ${name}`);
  const fn = native.fn as unknown as (rt: Runtime, ...args: unknown[]) => Value;
  return native.variadic ? (rt, ...args) => fn(rt, args) : (fn as unknown as Primitive);
}
