/**
 * One expansion of macros (R9.2): what all texts of a compilation share, its bounds (R9.6) and what it found. The body of a macro
 * is run by the machine, which stands in a room below and so arrives as an argument.
 */
import { codeToForm, formToCode, FRESH } from '../../reader/code.ts';
import type { CollectionForm, Form } from '../../reader/forms.ts';
import { ErrorValue, Sym } from '../../values/kinds.ts';
import type { Span, Value } from '../../values/kinds.ts';
import { Refusal } from '../refusal.ts';
import type { Finding } from '../refusal.ts';

/** Bounds of R9.6. Fuel is that of all bodies together, and each expansion costs some of it (R17.1). */
const EXPANSIONS_MAX = 10_000;
const DEPTH_MAX = 200;
const FORMS_MAX = 1_000_000;
const FUEL_MAX = 10_000_000;
const EXPANSION_FUEL = 100;
/** Characters of its base that a fresh symbol keeps, so that its name is one that a text can hold. */
const NAME_MAX = 64;

/** A macro's text, ready to be compiled: its body as `(fn [p*] body*)`, and the functions that it may call (R9.1). */
export interface MacroText {
  readonly name: string;
  readonly helpers: readonly Form[];
  readonly body: CollectionForm;
  /** True for a name that a template keeps as that of the library (R9.4). */
  keepsMeaning(name: string): boolean;
  /** A new symbol (R9.4). */
  fresh(base: string): Sym;
}

/** One run of a macro's body: what it gave, and its fuel. */
export type Ran = { readonly fuel: number } & ({ readonly value: Value } | { readonly error: ErrorValue });

/** A compiled macro; `findings` are those of its text. */
export interface PreparedMacro {
  readonly findings: readonly Finding[];
  run(args: readonly Value[], fuel: number): Ran;
}

/** Compiles macros. */
export interface MacroRunner {
  prepare(text: MacroText): PreparedMacro;
}

/** A macro that calls can name. */
export interface Macro {
  readonly name: string;
  readonly prepared: PreparedMacro;
}

/** The expansions that a form came out of, innermost first. */
export interface Trail {
  readonly parent: Trail | null;
  readonly macro: string;
  readonly depth: number;
}

/** The names of a trail, outermost first. */
function chainOf(trail: Trail | null): string[] {
  const chain: string[] = [];
  for (let one = trail; one !== null; one = one.parent) chain.push(one.macro);
  return chain.reverse();
}

/** A MacroError with the chain of expansions in its data (R9.6, R18). */
export function macroError(trail: Trail | { readonly macro: string }, what: string, span: Span, hint?: string): never {
  const chain = 'depth' in trail ? chainOf(trail) : [trail.macro];
  const data = { macro: trail.macro, chain };
  throw new Refusal('MacroError', 'MacroError', `Macro error in ${trail.macro}: ${what}`, { span, hint, data });
}

/** What all texts of one compilation share. */
export class Session {
  readonly runner: MacroRunner;
  /** Brackets that may be open at once, in what the expansion gives as in what was read (R17.5). */
  readonly depthMax: number;
  readonly findings: Finding[] = [];
  expansions = 0;
  #forms = FORMS_MAX;
  #fuel = FUEL_MAX;
  #fresh = 0;

  constructor(runner: MacroRunner, depthMax: number) {
    this.runner = runner;
    this.depthMax = depthMax;
  }

  /** A new symbol (R9.4): no text spells it, and none made otherwise is taken for it. */
  fresh(base: string): Sym {
    const short = base.length <= NAME_MAX ? base : [...base].slice(0, NAME_MAX).join('');
    return Sym.apart(`${short}__${++this.#fresh}#`, FRESH);
  }

  /** What a call of a macro stands for. `depth` counts the brackets around the call. */
  expand(macro: Macro, call: CollectionForm, parent: Trail | null, depth: number): { form: Form; trail: Trail } {
    const trail: Trail = { parent, macro: macro.name, depth: (parent?.depth ?? 0) + 1 };
    const { span } = call;
    if (call.meta !== undefined) {
      const hint = 'put it before the call, fn, defn or def that the macro gives';
      macroError(trail, 'metadata stands before a call of it, and would be lost', span, hint);
    }
    if (trail.depth > DEPTH_MAX) macroError(trail, `expansions nest deeper than ${DEPTH_MAX}`, span);
    if (++this.expansions > EXPANSIONS_MAX)
      macroError(trail, `a program has at most ${EXPANSIONS_MAX} expansions`, span);
    this.#fuel -= EXPANSION_FUEL;
    if (this.#fuel <= 0) macroError(trail, `the bodies of all macros may use ${FUEL_MAX} fuel`, span);
    return { form: this.#run(macro, call, trail, depth), trail };
  }

  #run(macro: Macro, call: CollectionForm, trail: Trail, depth: number): Form {
    const { span } = call;
    const bounds = { forms: this.#forms, depth: this.depthMax - depth, span };
    try {
      const ran = macro.prepared.run(
        call.items.slice(1).map((item) => formToCode(item)),
        this.#fuel,
      );
      this.#fuel -= ran.fuel;
      if ('error' in ran) return macroError(trail, bodyError(ran.error), span, ran.error.hint ?? undefined);
      const form = codeToForm(ran.value, bounds);
      this.#forms = bounds.forms;
      return form;
    } catch (error) {
      if (!(error instanceof ErrorValue)) throw error;
      const what =
        bounds.forms < 0
          ? `a program has at most ${FORMS_MAX} forms out of macros`
          : error.kind === 'MacroError'
            ? error.message
            : bodyError(error);
      return macroError(trail, what, span);
    }
  }
}

/** What went wrong in a body, with the place in the body where it did. */
function bodyError(error: ErrorValue): string {
  if (error.kind === 'FuelExhausted') return `the bodies of all macros may use ${FUEL_MAX} fuel`;
  const { span } = error;
  const file = span?.file === undefined ? '' : `${span.file}:`;
  const place = span === null ? '' : ` (at ${file}${span.line}:${span.column} of its body)`;
  return `${error.kind}: ${error.message}${place}`;
}
