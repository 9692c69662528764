/**
 * The library as programs see it: functions in TypeScript (`stdlib/natives.ts`) and those that take functions, written in RTFS
 * (`stdlib/prelude.ts`). The latter are analysed and compiled when a program first names them, once for all programs; each
 * machine makes its own closures of them, so that machines share nothing but code.
 */
import { emitLibrary } from '../compile/compile.ts';
import type { Linker } from '../compile/unit.ts';
import { read } from '../reader/read.ts';
import type { CollectionForm } from '../reader/forms.ts';
import { NATIVES } from '../stdlib/natives.ts';
import type { Native } from '../stdlib/native.ts';
import type { Written } from '../stdlib/prelude.ts';
import { PRELUDE, PRELUDE_PARTS } from '../stdlib/prelude.ts';
import { ANYTHING, parseSignature } from '../stdlib/signature.ts';
import { Analyser } from '../syntax/analyser.ts';
import type { Dialect } from '../syntax/analyser.ts';
import { EFFECT_TEMPLATES } from '../syntax/effect-templates.ts';
import { calledPositions } from '../syntax/called.ts';
import { FORMS } from '../syntax/forms.ts';
import { fnNode } from '../syntax/functions.ts';
import type { Library, LibraryEntry } from '../syntax/library.ts';
import { isNever, parametersText } from '../syntax/static-types.ts';
import { LIBRARY_FORMS } from '../syntax/library-forms.ts';
import type { Func } from '../syntax/program.ts';
import { Scope } from '../syntax/scope.ts';
import { typeText } from '../types/type.ts';
import type { FnType } from '../types/type.ts';
import { templateForm } from '../syntax/templates.ts';
import { arity, arityText } from '../values/fail.ts';
import { Fn } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { makeFn } from './functions.ts';
import { primitive } from './primitives.ts';
import { link } from './link.ts';
import type { Runtime } from './runtime.ts';

type Mode = 'p' | 'g';

const analysed = new Map<string, LibraryEntry>();
const underWay = new Set<string>();

/** The library, for analysis and compilation. */
export const LIBRARY: Library = {
  get(name) {
    if (Object.hasOwn(PRELUDE, name) || Object.hasOwn(PRELUDE_PARTS, name)) return preludeEntry(name);
    return nativeEntry(name);
  },
  *names() {
    yield* NATIVES.keys();
    yield* Object.keys(PRELUDE);
  },
};

/**
 * What a function of the library, or an effect function, takes and gives, each way as its signature has it:
 * `[:number :int] :float`. Null for a name that is neither; a way that only raises an error is left out.
 */
export function signatureOf(name: string): readonly string[] | null {
  const effect = Object.hasOwn(EFFECT_TEMPLATES, name) ? EFFECT_TEMPLATES[name] : undefined;
  const ways = effect === undefined ? LIBRARY.get(name)?.ways() : parseSignature(effect.signature).ways;
  if (ways === undefined || name.startsWith('%')) return null;
  return ways.flatMap((way) => (isNever(way.result) ? [] : [`${parametersText(way)} ${typeText(way.result)}`]));
}

const LIBRARY_DIALECT: Dialect = {
  library: LIBRARY,
  forms: new Map([...FORMS, ...LIBRARY_FORMS]),
  heads: new Map(),
  values: new Map(),
  template: templateForm,
  macro: null,
  privileged: true,
};

const natives = new Map<string, LibraryEntry>();

function nativeEntry(name: string): LibraryEntry | undefined {
  let entry = natives.get(name);
  if (entry !== undefined) return entry;
  const native = NATIVES.get(name);
  if (native === undefined) return undefined;
  entry = new NativeEntry(native);
  natives.set(name, entry);
  return entry;
}

/** A native function as analysis sees it; its signature is read when it is asked for. */
class NativeEntry implements LibraryEntry {
  readonly func = null;
  readonly calls = [];
  readonly #native: Native;
  constructor(native: Native) {
    this.#native = native;
  }
  get min(): number {
    return this.#native.min;
  }
  get max(): number | null {
    return this.#native.max;
  }
  ways(): readonly FnType[] {
    return this.#native.signature.ways;
  }
}

/** The ways to call a function written in RTFS; its parts take anything. */
function waysOf(name: string): readonly FnType[] {
  return Object.hasOwn(PRELUDE, name) ? (PRELUDE[name] as Written).signature.ways : ANYTHING;
}

/** The entry of a function written in RTFS. One that calls itself is taken to call anything while it is being analysed. */
function preludeEntry(name: string): LibraryEntry {
  const known = analysed.get(name);
  if (known !== undefined) return known;
  if (underWay.has(name)) return { min: 0, max: null, ways: () => ANYTHING, func: null, calls: 'all' };
  const func = analyse(name);
  const clauses = func.clauses;
  const open = clauses.some(({ rest }) => rest !== null);
  const entry: LibraryEntry = {
    min: Math.min(...clauses.map(({ params }) => params.length)),
    max: open ? null : Math.max(...clauses.map(({ params }) => params.length)),
    func,
    calls: [],
    ways: () => waysOf(name),
  };
  analysed.set(name, entry);
  const whole: LibraryEntry = {
    ...entry,
    calls: calledPositions(func, LIBRARY),
    ways: () => waysOf(name),
  };
  analysed.set(name, whole);
  return whole;
}

function analyse(name: string): Func {
  underWay.add(name);
  try {
    const { forms, diagnostics } = read(`(fn ${PRELUDE_PARTS[name] ?? (PRELUDE[name] as Written).text})`);
    if (diagnostics.length > 0)
      throw new Error(`the library text ${name} does not read: ${diagnostics[0]?.message as string}`);
    const a = new Analyser(LIBRARY_DIALECT);
    const form = forms[0] as CollectionForm;
    const main = a.func('', form.span, null);
    const scope = new Scope(null, main, { branch: null, depth: 0 });
    const place = {
      scope,
      func: main,
      path: { parent: null, index: 0 },
      tail: false,
      clause: null,
      target: null,
      barrier: null,
      depth: 0,
    };
    const { func } = fnNode(a, { name: name.replace(/^%/, ''), form, from: 1, place });
    const wrong = a.findings[0];
    if (wrong !== undefined) throw new Error(`the library text ${name}: ${wrong.message}`);
    // Closures made in the library may be given anything, so they have both bodies wherever something yields.
    for (const one of a.funcs) if (one !== func) one.behaviour = 'unknown';
    return func;
  } finally {
    underWay.delete(name);
  }
}

/** How the compiler reaches the library. */
export const LINKER: Linker = {
  library: LIBRARY,
  native(name, count) {
    const native = NATIVES.get(name);
    if (native === undefined) return undefined;
    const exact = native.exact?.[count];
    return exact === undefined ? { fn: native.fn, variadic: native.variadic } : { fn: exact, variadic: false };
  },
  primitive,
};

const factories = new Map<string, (rt: Runtime) => readonly unknown[]>();

/** The compiled bodies of a library function, ready for any machine. */
function factory(name: string, mode: Mode, yields: boolean): (rt: Runtime) => readonly unknown[] {
  const key = `${mode}${yields ? 'y' : ''} ${name}`;
  let found = factories.get(key);
  if (found === undefined) {
    const func = LIBRARY.get(name)?.func ?? null;
    if (func === undefined || func === null) throw new Error(`no library function ${name}`);
    found = link(emitLibrary(func, { mode, yields }, LINKER)) as (rt: Runtime) => readonly unknown[];
    factories.set(key, found);
  }
  return found;
}

/** The library functions of one machine. */
export class Instances {
  readonly #rt: Runtime;
  readonly #yields: boolean;
  readonly #bodies = new Map<string, readonly unknown[]>();
  readonly #values = new Map<string, Fn>();

  constructor(rt: Runtime, yields: boolean) {
    this.#rt = rt;
    this.#yields = yields;
  }

  /** The bodies of the clauses of a function written in RTFS. */
  bodies(name: string, mode: Mode): readonly unknown[] {
    const key = `${mode} ${name}`;
    let found = this.#bodies.get(key);
    if (found === undefined) this.#bodies.set(key, (found = factory(name, mode, this.#yields)(this.#rt)));
    return found;
  }

  /** A library function as a value. */
  value(name: string): Fn {
    let found = this.#values.get(name);
    if (found === undefined) this.#values.set(name, (found = this.#make(name)));
    return found;
  }

  #make(name: string): Fn {
    const func = LIBRARY.get(name)?.func ?? null;
    if (func === null) return nativeValue(this.#rt, name, NATIVES.get(name) as Native);
    const shape = {
      name: func.name,
      clauses: func.clauses.map(({ params, rest }) => ({ n: params.length, rest: rest !== null })),
    };
    const plain = this.bodies(name, 'p');
    return makeFn(this.#rt, shape, plain, this.#yields ? this.bodies(name, 'g') : null);
  }
}

type Call = (...args: unknown[]) => Value;

/** A function written in TypeScript as a value: arity is checked here, and it never yields. */
function nativeValue(rt: Runtime, name: string, { min, max, variadic, fn }: Native): Fn {
  const call = fn as unknown as Call;
  if (variadic !== true && min === max) {
    const exact = EXACT[min]?.(rt, call);
    if (exact !== undefined) return new Fn(name, min, null, exact as unknown as Fn['f'], null);
  }
  const body = (args: Value[]): Value => {
    if (args.length < min || (max !== null && args.length > max)) arity(name, arityText(min, max), args.length);
    return variadic ? call(rt, args) : call(rt, ...args);
  };
  return new Fn(name, -1 - min, null, body as unknown as Fn['f'], null);
}

/** Functions of an exact arity without an array of arguments. */
const EXACT: readonly ((rt: Runtime, fn: Call) => Call)[] = [
  (rt, fn) => () => fn(rt),
  (rt, fn) => (a) => fn(rt, a),
  (rt, fn) => (a, b) => fn(rt, a, b),
  (rt, fn) => (a, b, c) => fn(rt, a, b, c),
];
