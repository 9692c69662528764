/**
 * The parts of one compilation that all its functions share: constants, error sites, attempt sites, generated names.
 *
 * Nothing of a program ever becomes text of the generated code (R13.10): literals, names, types and library functions travel in
 * the constant table, and the code names them `k0`, `k1`, …. What the code says is the program's shape alone.
 */
import type { Span } from '../values/kinds.ts';
import type { Func } from '../syntax/program.ts';
import type { Library } from '../syntax/library.ts';

/** What an error needs to know of a place in the code: its span, and the function it stands in (R8.1). */
export interface Site {
  readonly span: Span;
  readonly fn: string;
}

/** How the compiler reaches what stands in rooms below it. */
export interface Linker {
  readonly library: Library;
  /** The JavaScript function of a native library function for `count` arguments, and whether it takes them as one array. */
  native(name: string, count: number): { readonly fn: unknown; readonly variadic: boolean } | undefined;
  /** The JavaScript function of a runtime operation (`%name`). */
  primitive(name: string): unknown;
}

/** The result of a compilation: code for `new Function('R', 'K', code)`, and the tables it refers to. */
export interface Emitted {
  readonly code: string;
  readonly constants: readonly unknown[];
  readonly sites: readonly Site[];
}

/** Lines of code; those of a function stand apart, so that nesting does not copy them again and again. */
export type Code = string | readonly Code[];

/** A function of the program that no engine should be given: `span` says which. */
export class TooLarge extends Error {
  readonly span: Span;
  constructor(span: Span) {
    super('the function is too large; split it into several');
    this.span = span;
  }
}

const NAMED_CONSTANTS = 30_000;
/** Places that an instance keeps: each makes every instance dearer. */
const KEPT = 1000;

/** Shared state of one compilation. */
export class Unit {
  readonly linker: Linker;
  /** True for the library's own functions: no sites, and loops that cost what the function charges itself. */
  readonly isLibrary: boolean;
  /** True if some function can yield: then functions with unknown callees have generators too. */
  readonly yields: boolean;
  /** True if branches of `parallel` may share state (R12.15). */
  readonly hasParallel: boolean;
  /** Functions that run seldom (`heat.ts`). */
  readonly cold: ReadonlySet<Func>;
  readonly constants: unknown[] = [];
  readonly sites: Site[] = [];
  /** Library functions in use: declarations at the head of an instance. */
  readonly imports: string[] = [];
  /** Declarations of the constants that have names. */
  readonly #named: string[] = [];
  readonly #slots = new Map<unknown, string>();
  readonly #imported = new Map<string, string>();
  #next = 0;
  #kept = 0;

  constructor(
    linker: Linker,
    o: { isLibrary: boolean; yields: boolean; hasParallel: boolean; cold: ReadonlySet<Func> },
  ) {
    this.linker = linker;
    this.isLibrary = o.isLibrary;
    this.yields = o.yields;
    this.hasParallel = o.hasParallel;
    this.cold = o.cold;
  }

  /** A fresh generated name. */
  name(letter: string): string {
    return `${letter}${this.#next++}`;
  }

  /** The name of a constant's slot. Objects are shared by identity, primitives by value. */
  constant(value: unknown): string {
    const known = this.#slots.get(value);
    if (known !== undefined) return known;
    // Engines allow a function some 65,000 names.
    const at = this.constants.push(value) - 1;
    const slot = this.#named.length < NAMED_CONSTANTS ? `k${at}` : `K[${at}]`;
    if (slot.startsWith('k')) this.#named.push(`${slot}=K[${at}]`);
    this.#slots.set(value, slot);
    return slot;
  }

  /** A constant that one place of the code uses, seldom, out of the table itself. */
  entry(value: object): string {
    let slot = this.#slots.get(value);
    if (slot === undefined) this.#slots.set(value, (slot = `K[${this.constants.push(value) - 1}]`));
    return slot;
  }

  /** The number of an error site. */
  site(span: Span, fn: string): number {
    const last = this.sites.at(-1);
    if (last?.span === span && last.fn === fn) return this.sites.length - 1;
    this.sites.push({ span, fn });
    return this.sites.length - 1;
  }

  /** The name of one body of a library function written in RTFS, which each instance gets from its machine. */
  libraryBody(name: string, clause: number, mode: 'p' | 'g'): string {
    const key = `${name} ${clause} ${mode}`;
    let found = this.#imported.get(key);
    if (found === undefined) {
      found = this.name('l');
      this.#imported.set(key, found);
      this.imports.push(
        `const ${found}=rt.${mode === 'p' ? 'plainBody' : 'generatorBody'}(${this.constant(name)},${clause});`,
      );
    }
    return found;
  }

  /** The name of a place that an instance keeps, undefined at first; null where there are very many. */
  kept(): string | null {
    if (this.#kept++ >= KEPT) return null;
    const name = this.name('h');
    this.imports.push(`let ${name};`);
    return name;
  }

  /** The name of a library function as a value. */
  libraryValue(name: string): string {
    const key = `${name} v`;
    let found = this.#imported.get(key);
    if (found === undefined) {
      found = this.name('l');
      this.#imported.set(key, found);
      this.imports.push(`const ${found}=rt.libraryValue(${this.constant(name)});`);
    }
    return found;
  }

  /**
   * The whole text around the bodies: constants outside the instance, library functions inside it. A function expression in
   * parentheses is one that the engine compiles with what surrounds it, instead of scanning it now and compiling it later.
   */
  assemble(body: Code, result: string): Emitted {
    const head = this.#named.length === 0 ? '' : `const ${this.#named.join(',')};`;
    const start = `'use strict';const {${RUNTIME_NAMES.join(',')}}=R;\n${head}\nreturn (function(rt){`;
    const code = withLines(withLines(start, this.imports), body);
    return { code: `${code}\nreturn ${result};});`, constants: this.constants, sites: this.sites };
  }
}

/** `text` and the lines of `code` behind it: the engine puts such a text together once, when it reads it. */
function withLines(text: string, code: Code): string {
  if (typeof code === 'string') return `${text}\n${code}`;
  let all = text;
  for (const part of code) all = withLines(all, part);
  return all;
}

/** What generated code may name of the runtime; the same list makes the object it gets (`runtime-names.ts`). */
export const RUNTIME_NAMES = [
  'AB',
  'F',
  'S',
  'Ask',
  'Fork',
  'Told',
  'vector',
  'list',
  'map',
  'set',
  'fn',
  'add',
  'sub',
  'mul',
  'mod',
  'lt',
  'le',
  'gt',
  'ge',
  'eq',
  'isSafe',
  'isCaught',
  'adopt',
  'handOut',
  'isOwnVector',
  'own',
  'release',
  'peek',
  'V',
  'Path',
] as const;
