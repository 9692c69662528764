/**
 * The macro runner (R9.1): a macro's body, with the functions it may use, is a program like any other, and the machine runs it. What
 * differs: it takes its arguments and gives its value directly, for code as data does not cross a boundary; and it has `gensym`.
 */
import type { Analyser, Dialect } from '../syntax/analyser.ts';
import { constant } from '../syntax/analyser.ts';
import type { MacroRunner, MacroText, PreparedMacro, Ran } from '../syntax/expand/session.ts';
import type { Program } from '../syntax/program.ts';
import type { Finding } from '../syntax/refusal.ts';
import type { CollectionForm, Form } from '../reader/forms.ts';
import { invalid, typeError } from '../values/fail.ts';
import { ErrorValue, Fn } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { isSymbolName } from '../values/names.ts';
import { Driver } from './machine.ts';
import type { CompiledProgram, Limits, StopReason } from './types.ts';

/**
 * Limits of a body beside its fuel. A compilation runs in no wall of its own, and on a stack that holds less than a machine's: what
 * a body may make is bounded well below what a run may.
 */
const LIMITS: Partial<Limits> = { frames: 1_000, stringLength: 1_048_576, collectionSize: 1_000_000 };

// Names that no text can spell.
const DELIVER = ' deliver';
const APPLY = ' apply';
const ARGUMENTS = ' arguments';

/** How `compile` analyses and links a program. */
export interface Maker {
  readonly dialect: Dialect;
  analyse(dialect: Dialect, forms: readonly Form[]): { readonly a: Analyser; readonly program: Program };
  link(program: Program): CompiledProgram;
  readonly shouldStop: (() => StopReason | null) | undefined;
}

/** Compiles macros by the means of `compile` itself. */
export function macroRunner(maker: Maker): MacroRunner {
  return { prepare: (text) => new Prepared(maker, text) };
}

type Body = Fn['f'];

/** A function of the host; `n` as in `Fn`. */
function hostFunction(name: string, n: number, body: (...args: never[]) => Value): Fn {
  return new Fn(name, n, null, body as unknown as Body, null);
}

class Prepared implements PreparedMacro {
  readonly findings: readonly Finding[];
  readonly #maker: Maker;
  readonly #program: Program;
  #compiled: CompiledProgram | null = null;
  #arguments: List = List.empty;
  #delivered: Value = null;

  constructor(maker: Maker, text: MacroText) {
    this.#maker = maker;
    const { body } = text;
    const { a, program } = maker.analyse(this.#dialect(text), [...text.helpers, main(body)]);
    this.#program = program;
    const own = a.funcs.find(({ name, span }) => name === '' && span === body.span);
    if (own !== undefined) (own as { name: string }).name = text.name;
    // What is wrong with a function that is no macro is also found where it is analysed for itself, unless it is an error.
    const findings = a.findings.filter(({ severity, span }) => severity === 'error' || isInside(span, body.span));
    this.findings = [...findings, ...impurities(text, a, program)];
  }

  run(args: readonly Value[], fuel: number): Ran {
    // A macro that was refused gives nothing: there is a finding already, and the program will not run.
    if (this.findings.some(({ severity }) => severity === 'error')) return { fuel: 0, value: null };
    this.#compiled ??= this.#maker.link(this.#program);
    this.#arguments = List.of([...args]);
    this.#delivered = null;
    const { shouldStop } = this.#maker;
    const options = { fuel, limits: LIMITS, ...(shouldStop === undefined ? {} : { shouldStop }) };
    const turn = new Driver(this.#compiled, options).next();
    if (turn.kind !== 'done')
      return { fuel, error: new ErrorValue('InternalError', 'Internal error: the body of a macro yielded') };
    const { outcome } = turn;
    const used = outcome.usage.fuel;
    if (outcome.status === 'completed') return { fuel: used, value: this.#delivered };
    return { fuel: used, error: 'error' in outcome ? outcome.error : new ErrorValue('Cancelled', 'Cancelled') };
  }

  #dialect(text: MacroText): Dialect {
    const { dialect } = this.#maker;
    const gensym = hostFunction('gensym', -1, (args: Value[]) => text.fresh(baseOf(args)));
    const given = hostFunction('arguments', 0, () => this.#arguments);
    const deliver = hostFunction('deliver', 1, (value: Value) => {
      this.#delivered = value;
      return null;
    });
    return {
      ...dialect,
      macro: { keepsMeaning: (name) => text.keepsMeaning(name), gensym },
      values: new Map([
        ...dialect.values,
        ['gensym', (_a, { span }) => constant(gensym, span)],
        [DELIVER, (_a, { span }) => constant(deliver, span)],
        [ARGUMENTS, (_a, { span }) => constant(given, span)],
        [APPLY, (_a, { span }) => ({ t: 'library', name: 'apply', span })],
      ] satisfies [string, Dialect['values'] extends ReadonlyMap<string, infer V> ? V : never][]),
    };
  }
}

/** The name that a new symbol begins with: `g`, or what `gensym` is told. Throws ArityMismatch's like, TypeError, InvalidArgument. */
function baseOf(args: readonly Value[]): string {
  const [base = 'g'] = args;
  if (args.length > 1) invalid('gensym', 'it takes one argument at most');
  if (typeof base !== 'string') return typeError('gensym', 'string', base);
  return isSymbolName(base) && !base.endsWith('#') ? base : invalid('gensym', 'it is no beginning of a symbol');
}

/** `(deliver (apply body (arguments)))`. */
function main(body: CollectionForm): Form {
  const { span } = body;
  const symbol = (name: string): Form => ({ t: 'symbol', name, span });
  const list = (...items: Form[]): Form => ({ t: 'list', items, span });
  return list(symbol(DELIVER), list(symbol(APPLY), body, list(symbol(ARGUMENTS))));
}

function isInside(inner: Span, outer: Span): boolean {
  return inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

/** A body is pure (R9.1): no call, no step, no context, no `set!`. */
function impurities({ name, body }: MacroText, a: Analyser, { effects }: Program): Finding[] {
  if (effects.pure && !effects.stateful) return [];
  const found = a.calls[0] ?? a.steps[0];
  const what = found === undefined ? (effects.pure ? 'set!' : 'an access to the context') : 'a call or step';
  const span = found?.span ?? body.span;
  const where = isInside(span, body.span) ? 'its body has' : 'a function that its body uses has';
  const message = `Macro error in ${name}: ${where} ${what}, and the bodies of macros are pure`;
  const data = { macro: name, chain: [name] };
  return [{ kind: 'MacroError', code: 'MacroError', severity: 'error', message, span, data }];
}
