/**
 * `compile` (R13): text or forms → a program. It never throws: what is wrong is a diagnostic.
 */
import { emitProgram } from '../compile/compile.ts';
import { read } from '../reader/read.ts';
import type { Form } from '../reader/forms.ts';
import { excerptAt } from '../reader/render.ts';
import { Analyser } from '../syntax/analyser.ts';
import type { Dialect, Finding } from '../syntax/analyser.ts';
import { inferBehaviour } from '../syntax/behaviour.ts';
import { checkTypes } from '../syntax/check-types.ts';
import { FORMS, HEADS, VALUES } from '../syntax/forms.ts';
import { scoped } from '../syntax/functions.ts';
import type { Program } from '../syntax/program.ts';
import { Scope } from '../syntax/scope.ts';
import type { Place } from '../syntax/scope.ts';
import type { Span } from '../values/kinds.ts';
import { resolveLimits } from './limits.ts';
import { LIBRARY, LINKER } from './library.ts';
import { link } from './link.ts';
import { keepExecutable } from './program.ts';
import type { Instance } from './program.ts';
import type { Runtime } from './runtime.ts';
import type { Compiled, CompiledProgram, CompileOptions, Diagnostic, Effects } from './types.ts';

const DIALECT: Dialect = { library: LIBRARY, forms: FORMS, heads: HEADS, values: VALUES, privileged: false };

const NOWHERE: Span = { start: 0, end: 0, line: 1, column: 1, endLine: 1, endColumn: 1 };

/**
 * Compiles a source text, or forms that were read before. Warnings come with the program; with `strict` they refuse it (R15.20).
 */
export function compile(source: string | readonly Form[], o: CompileOptions = {}): Compiled {
  const text = typeof source === 'string' ? source : '';
  try {
    return compileText(source, text, o);
  } catch (e) {
    return { ok: false, diagnostics: [outOfStack(e, text)] };
  }
}

function compileText(source: string | readonly Form[], text: string, o: CompileOptions): Compiled {
  const limits = resolveLimits(o.limits);
  const file = o.file === undefined ? {} : { file: o.file };
  const given = typeof source === 'string' ? read(source, { ...file, limits }) : { forms: source, diagnostics: [] };
  const diagnostics: Diagnostic[] = [...given.diagnostics];
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  const a = new Analyser(DIALECT);
  const program = analyse(a, given.forms);
  diagnostics.push(...a.findings.slice(0, limits.diagnostics).map((finding) => asDiagnostic(finding, text)));
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  const warnings = (): Diagnostic[] =>
    [...diagnostics, ...failures(program, text)].slice(0, limits.diagnostics).toSorted(bySpan);
  const refused = o.strict === true ? warnings() : [];
  if (refused.length > 0) return { ok: false, diagnostics: refused.map((one) => ({ ...one, severity: 'error' })) };
  const emitted = emitProgram(program, LINKER);
  const yields = program.funcs.some(({ behaviour }) => behaviour === 'yields');
  const compiled: CompiledProgram = { source: text, expanded: text, effects: program.effects, exports: [] };
  keepExecutable(compiled, { instance: link(emitted) as (rt: Runtime) => Instance, sites: emitted.sites, yields });
  return compiledWith(compiled, warnings);
}

function bySpan(a: Diagnostic, b: Diagnostic): number {
  return a.span.start - b.span.start;
}

/** What must fail is looked for when somebody asks: a guest compiles what was admitted, and asks for nothing. */
function compiledWith(program: CompiledProgram, warnings: () => readonly Diagnostic[]): Compiled {
  let found: readonly Diagnostic[] | null = null;
  return {
    ok: true,
    program,
    get diagnostics() {
      return (found ??= warnings());
    },
  };
}

/** What must fail when it is reached (R15.20). Nothing is certain of a program nested deeper than the engine's stack. */
function failures(program: Program, text: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const code = 'WillFail';
  try {
    checkTypes(program, LIBRARY, ({ kind, what, hint }, span) => {
      const message = `This will fail with ${kind}: ${what}`;
      const finding: Finding = { kind: code, code, severity: 'warning', message, span };
      found.push(asDiagnostic(hint === undefined ? finding : { ...finding, hint }, text));
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

/** Analyses a program's forms. */
export function analyse(a: Analyser, forms: readonly Form[]): Program {
  const span = forms[0]?.span ?? NOWHERE;
  const main = a.func('program', span, null);
  const outer = new Scope(null, main, { branch: null, depth: 0 });
  const input = a.declare('input', { func: main, scope: outer });
  input.assignments = 1;
  const scope = new Scope(outer, main, { branch: null, depth: 0 });
  // Sites begin with the index of the top-level form (R11.9), so the program's own path is the empty one.
  const root: Place = {
    scope,
    func: main,
    path: null as unknown as Place['path'],
    tail: false,
    clause: null,
    target: null,
    barrier: null,
    depth: 0,
  };
  const body = scoped(a, forms, 0, { place: root, span });
  main.clauses.push({ params: [], rest: null, body, cast: null, loops: false });
  inferBehaviour(a.funcs, LIBRARY);
  return { main, input, funcs: a.funcs, effects: effectsOf(a), hasParallel: a.hasParallel };
}

function effectsOf(a: Analyser): Effects {
  const ids = a.calls.flatMap(({ id }) => (id === null ? [] : [id]));
  return {
    pure: !a.funcs.some(({ facts }) => facts.yields),
    stateful: a.stateful,
    capabilities: [...new Set(ids)].toSorted(),
    unknown: a.calls.some(({ id }) => id === null),
    calls: a.calls,
    steps: a.steps,
    contextKeys: [...a.contextKeys].toSorted(),
  };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

function asDiagnostic(finding: Finding, text: string): Diagnostic {
  return { ...finding, excerpt: excerptAt(text, finding.span) };
}

/** The engine's stack ended on a text nested deeper than it can hold; anything else is a defect, reported as one. */
function outOfStack(e: unknown, text: string): Diagnostic {
  const deep = e instanceof RangeError && !/limit/.test(e.message);
  const what = e instanceof Error ? e.message : String(e);
  return {
    kind: deep ? 'ParseError' : 'InternalError',
    code: deep ? 'TooDeep' : 'InternalError',
    severity: 'error',
    message: deep ? 'Parse error: the forms are nested too deeply' : `Internal error: ${what}`,
    span: NOWHERE,
    excerpt: excerptAt(text, NOWHERE),
  };
}
