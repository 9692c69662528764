/**
 * The state of one run of the reference evaluator: variables, branches, step contexts, the host. Small, slow and obvious: it is
 * written from the specification and shares with the product its values, their printing and the functions that take none.
 */
import type { Form } from '../../src/reader/forms.ts';
import type { Rt } from '../../src/stdlib/native.ts';
import { NATIVES } from '../../src/stdlib/natives.ts';
import { canonical } from '../../src/values/codec.ts';
import { arity, arityText, fail, typeError } from '../../src/values/fail.ts';
import { ErrorValue, Fn, Keyword } from '../../src/values/kinds.ts';
import type { Value } from '../../src/values/kinds.ts';
import { DEFAULT_LIMITS } from '../../src/values/limits.ts';
import { List } from '../../src/values/list.ts';
import { PMap } from '../../src/values/map.ts';
import { PSet } from '../../src/values/set.ts';
import { Vec } from '../../src/values/vector.ts';

/** Ends a run that works for too long: its program says nothing about the product. */
export class TooLong extends Error {}

/** A strand of execution (R12.14): the program, or a branch of it. */
export class Branch {
  readonly parent: Branch | null;
  constructor(parent: Branch | null) {
    this.parent = parent;
  }

  isBelow(other: Branch): boolean {
    for (let one = this.parent; one !== null; one = one.parent) if (one === other) return true;
    return false;
  }
}

/** A step context (R12.4). */
export class Context {
  readonly parent: Context | null;
  readonly owner: Branch;
  readonly own = new Map<string, Value>();
  constructor(parent: Context | null, owner: Branch) {
    this.parent = parent;
    this.owner = owner;
  }

  read(key: string): Value | undefined {
    return this.own.get(key) ?? this.parent?.read(key);
  }
}

export interface Cell {
  value: Value;
  readonly branch: Branch;
}

/** Variables. A frame that is no scope holds one binding of a `let` or a pattern; `def` binds in the scope around it. */
export class Env {
  readonly parent: Env | null;
  readonly isScope: boolean;
  readonly cells = new Map<string, Cell>();
  constructor(parent: Env | null, isScope: boolean) {
    this.parent = parent;
    this.isScope = isScope;
  }

  find(name: string): Cell | undefined {
    return this.cells.get(name) ?? this.parent?.find(name);
  }

  bind(name: string, value: Value, branch: Branch): void {
    if (name !== '_') this.cells.set(name, { value, branch });
  }

  /** `def`: binds in the innermost scope; a name that the scope has already is assigned (R4.5). */
  define(name: string, value: Value, branch: Branch): void {
    const cell = this.cells.get(name);
    if (cell !== undefined) cell.value = value;
    else if (this.isScope) this.bind(name, value, branch);
    else this.parent?.define(name, value, branch);
  }
}

/** Answers a call with a value, or throws an `ErrorValue`. */
export type HostCall = (id: string, args: readonly Value[]) => Value;

const STEPS_MAX = 50_000;
const DEPTH_MAX = 300;

/** One run. */
export class World {
  readonly calls: string[] = [];
  readonly host: HostCall;
  branch = new Branch(null);
  context = new Context(null, this.branch);
  readonly #functions = new Map<string, Fn>();
  readonly #extra: (world: World, name: string) => ((args: Value[]) => Value) | undefined;
  #steps = 0;
  #depth = 0;

  constructor(host: HostCall, library: (world: World, name: string) => ((args: Value[]) => Value) | undefined) {
    this.host = host;
    this.#extra = library;
  }

  /** Counts work. Throws `TooLong`. */
  step(): void {
    if (++this.#steps > STEPS_MAX) throw new TooLong('the program works for too long');
  }

  /** A library function as a value; the same one each time. */
  library(name: string): Fn | undefined {
    let found = this.#functions.get(name);
    if (found === undefined) {
      const apply = this.#extra(this, name) ?? this.#native(name);
      if (apply === undefined) return undefined;
      this.#functions.set(name, (found = makeFunction(name, apply)));
    }
    return found;
  }

  /** Calls a function of the library that takes no functions. */
  native(name: string, ...args: Value[]): Value {
    const apply = this.#native(name);
    if (apply === undefined) throw new Error(`no native ${name}`);
    return apply(args);
  }

  #native(name: string): ((args: Value[]) => Value) | undefined {
    const native = NATIVES.get(name);
    if (native === undefined) return undefined;
    const fn = native.fn as unknown as (rt: Rt, ...args: unknown[]) => Value;
    const rt: Rt = { limits: DEFAULT_LIMITS, charge: () => undefined };
    return (args) => {
      const { min, max } = native;
      if (args.length < min || (max !== null && args.length > max)) arity(name, arityText(min, max), args.length);
      return native.variadic === true ? fn(rt, args) : fn(rt, ...args);
    };
  }

  #deeper(work: () => Value): Value {
    if (++this.#depth > DEPTH_MAX) throw new TooLong('the program is too deep');
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  /** Applies any callable (R4.8). */
  apply(callee: Value, args: Value[]): Value {
    this.step();
    if (callee instanceof Fn) return this.#deeper(() => (callee.code as (args: Value[]) => Value)(args));
    const [key = null, otherwise = null] = args;
    const count = (max: number): void => {
      if (args.length < 1 || args.length > max) arity('call', String(max), args.length);
    };
    if (callee instanceof Keyword) {
      count(2);
      if (key !== null && !(key instanceof PMap || key instanceof PSet || key instanceof ErrorValue))
        typeError('keyword', 'map', key);
      if (key instanceof PSet) return key.has(callee) ? callee : otherwise;
      return this.native('get', key, callee, otherwise);
    }
    if (callee instanceof PMap) {
      count(2);
      return callee.has(key) ? (callee.get(key) ?? null) : otherwise;
    }
    if (callee instanceof PSet) {
      count(1);
      return callee.has(key) ? key : null;
    }
    if (callee instanceof Vec) {
      count(1);
      if (!Number.isInteger(key)) typeError('vector', 'integer', key);
      const i = key as number;
      if (i < 0 || i >= callee.n) fail('IndexOutOfBounds', 'index');
      return callee.at(i) as Value;
    }
    return typeError('call', 'function', callee);
  }

  /** `(call id arg*)`: what crosses arrives in canonical order (R11.1, R11.2, R13.3). */
  call(id: Value, args: readonly Value[]): Value {
    if (typeof id !== 'string' && !(id instanceof Keyword)) return typeError('call', 'keyword', id);
    const name = typeof id === 'string' ? id : id.name;
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,127}$/.test(name)) fail('InvalidArgument', 'id');
    const sent = args.map(crossed);
    this.calls.push(`${name} ${canonical(Vec.of(sent))}`);
    return crossed(this.host(name, sent));
  }
}

/** What steps need of the evaluator. */
export interface Interpreter {
  readonly world: World;
  eval(form: Form, env: Env): Value;
  inBranch<T>(work: () => T): T;
}

/** A function value whose body takes its arguments as an array. */
export function makeFunction(name: string, apply: (args: Value[]) => Value, n = -1): Fn {
  return new Fn(name, n, apply, null, null);
}

/** A value with every map and set in the order of its entries' canonical texts (R13.3, R14.10). */
export function crossed(v: Value): Value {
  canonical(v);
  if (v instanceof Vec) return Vec.of(v.toArray().map(crossed));
  if (v instanceof List) return List.of(v.toArray().map(crossed));
  const byText = (key: (k: Value) => string) => (a: Value, b: Value) => (key(a) < key(b) ? -1 : 1);
  if (v instanceof PSet) return PSet.of(v.toArray().sort(byText(canonical)).map(crossed));
  if (!(v instanceof PMap)) return v;
  const plain = v.keys().every((key) => typeof key === 'string' || key instanceof Keyword);
  const text = plain ? (key: Value): string => canonical(PMap.of([[key, null]])).slice(2) : canonical;
  const keys = [...v.keys()].sort(byText(text));
  return PMap.of(keys.map((key) => [crossed(key), crossed(v.get(key) as Value)] as const));
}

/** The value or error of a branch: all run to their end before the lowest failure counts (R12.14). */
export type Settled = { readonly value: Value } | { readonly error: unknown };

export function attempt(work: () => Value): Settled {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof TooLong) throw error;
    return { error };
  }
}

export function settled(result: Settled): Value {
  if ('error' in result) throw result.error;
  return result.value;
}
