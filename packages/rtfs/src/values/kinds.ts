/**
 * The kinds of value a program computes with, apart from the collections (`vector.ts`, `list.ts`, `map.ts`, `set.ts`).
 *
 * Number model (decision 3): an int is a JavaScript number when it is a safe integer and a bigint beyond that, never
 * both
 * for one value; a float is a plain number when it is not integral (NaN and the infinities included) and a boxed
 * `Float`
 * when it is (`2.0`, `-0.0`, `1e21`). So `Number.isInteger` tells the two apart without looking anything up.
 */
import type { List } from './list.ts';
import type { PMap } from './map.ts';
import type { PSet } from './set.ts';
import type { Vec } from './vector.ts';

/** Anything that an expression can evaluate to. `null` is nil. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Keyword
  | Sym
  | Vec
  | List
  | PMap
  | PSet
  | Regex
  | ErrorValue
  | Fn
  | Atom;

/** A float whose value is integral, kept apart from the int of the same size (R2.7, R3.2). Made by `float` alone. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A keyword, interned: two keywords are equal exactly when they are identical. `name` has no leading colon. */
export class Keyword {
  readonly name: string;
  /** The hash once it has been asked for, 0 before; it belongs to `equality.ts`. */
  hash = 0;
  private constructor(name: string) {
    this.name = name;
  }
  static readonly #all = new Map<string, Keyword>();
  static of(name: string): Keyword {
    let found = Keyword.#all.get(name);
    if (found === undefined) Keyword.#all.set(name, (found = new Keyword(name)));
    return found;
  }
}

/** A symbol as data, interned like a keyword. Symbols are equal by name. */
export class Sym {
  readonly name: string;
  /** As in `Keyword`. */
  hash = 0;
  /** What macro expansion knows of a symbol that it made itself (R9.4), which no text can spell; null for all others. */
  readonly origin: object | null;
  private constructor(name: string, origin: object | null) {
    this.name = name;
    this.origin = origin;
  }
  /** A symbol of its own, equal to others of its name but not one with them. */
  static apart(name: string, origin: object): Sym {
    return new Sym(name, origin);
  }
  static readonly #all = new Map<string, Sym>();
  static of(name: string): Sym {
    let found = Sym.#all.get(name);
    if (found === undefined) Sym.#all.set(name, (found = new Sym(name, null)));
    return found;
  }
}

/**
 * A regular expression; equal by `source` (R2.7). `program` is the compiled form of the linear-time engine (R15.19).
 */
export class Regex {
  readonly source: string;
  readonly program: unknown;
  constructor(source: string, program: unknown) {
    this.source = source;
    this.program = program;
  }
}

/** A place in a source text: UTF-16 offsets, lines and columns from 1, columns in code points (R1.34). */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly file?: string;
}

/** One frame of an error's trace (R8.1). */
export interface TraceEntry {
  readonly fn: string;
  readonly line: number;
  readonly column: number;
}

/**
 * An error value (R8.1), which is also what the implementation throws: there is no wrapper around it. Thrown by
 * `fail` and by
 * `throw`. `span` and `trace` are filled in on the way up by the machine; they and `hint` take no part in equality.
 */
export class ErrorValue {
  readonly kind: string;
  readonly message: string;
  readonly data: Value;
  span: Span | null = null;
  trace: readonly TraceEntry[] = [];
  hint: string | null = null;
  constructor(kind: string, message: string, data: Value = null) {
    this.kind = kind;
    this.message = message;
    this.data = data;
  }
}

/** A mutable cell (R11.11); equal by identity. `branch` is the parallel branch that made it (R12.15). */
export class Atom {
  value: Value;
  readonly number: number;
  branch: unknown = null;
  constructor(value: Value, number: number) {
    this.value = value;
    this.number = number;
  }
}

/**
 * A function value (core shape 6). `f` is the plain body and `g` the generator body; a function that has only one of them has null in
 * the other place. `n` is the exact arity, or -1 - k for "at least k" and several arities. `code` belongs to the machine.
 */
export class Fn {
  readonly name: string;
  readonly n: number;
  readonly code: unknown;
  readonly f: ((...args: never[]) => unknown) | null;
  readonly g: ((...args: never[]) => Generator) | null;
  constructor(name: string, n: number, code: unknown, f: Fn['f'], g: Fn['g']) {
    this.name = name;
    this.n = n;
    this.code = code;
    this.f = f;
    this.g = g;
  }
}
