/**
 * `compile` (R13): text or forms → a program. It never throws: what is wrong is a diagnostic.
 */
import { emitProgram } from '../compile/compile.ts';
import { TooLarge } from '../compile/unit.ts';
import { printForm } from '../reader/print-form.ts';
import { read } from '../reader/read.ts';
import type { Form } from '../reader/forms.ts';
import { excerptAt } from '../reader/render.ts';
import { Analyser } from '../syntax/analyser.ts';
import type { Dialect } from '../syntax/analyser.ts';
import type { Finding } from '../syntax/refusal.ts';
import { inferBehaviour } from '../syntax/behaviour.ts';
import { checkTypes } from '../syntax/check-types.ts';
import { expandProgram, needsExpansion } from '../syntax/expand/program.ts';
import type { ExpandedProgram } from '../syntax/expand/program.ts';
import { exportsOf } from '../syntax/expand/unit.ts';
import type { ExpandedText } from '../syntax/expand/unit.ts';
import { FORMS, HEADS, VALUES } from '../syntax/forms.ts';
import { scoped } from '../syntax/functions.ts';
import type { Node, Program } from '../syntax/program.ts';
import { Scope } from '../syntax/scope.ts';
import { templateForm } from '../syntax/templates.ts';
import type { Place } from '../syntax/scope.ts';
import type { Span } from '../values/kinds.ts';
import { resolveLimits } from './limits.ts';
import { LIBRARY, LINKER } from './library.ts';
import { link } from './link.ts';
import { macroRunner } from './macro-runner.ts';
import { BytecodeError } from './bytecode-format.ts';
import { BytecodeSources } from './bytecode-sources.ts';
import type { ProgramForms } from './bytecode-write.ts';
import { ModuleSources } from './module-sources.ts';
import type { Sources } from './module-sources.ts';
import { keepExecutable, keepForms } from './program.ts';
import type { Instance } from './program.ts';
import type { Runtime } from './runtime.ts';
import type { Compiled, CompiledProgram, CompileOptions, Diagnostic, Effects, Limits } from './types.ts';

const DIALECT: Dialect = {
  library: LIBRARY,
  forms: FORMS,
  heads: HEADS,
  values: VALUES,
  template: templateForm,
  macro: null,
  privileged: false,
};

const NOWHERE: Span = { start: 0, end: 0, line: 1, column: 1, endLine: 1, endColumn: 1 };

/**
 * Compiles a source text, or forms that were read before. Warnings come with the program; with `strict` they refuse it (R15.20).
 */
export function compile(source: string | readonly Form[], o: CompileOptions = {}): Compiled {
  const text = typeof source === 'string' ? source : '';
  try {
    return compileText(source, text, o);
  } catch (e) {
    return { ok: false, diagnostics: [e instanceof TooLarge ? tooLarge(e, text) : outOfStack(e, text)] };
  }
}

function compileText(source: string | readonly Form[], text: string, o: CompileOptions): Compiled {
  const limits = resolveLimits(o.limits);
  const file = o.file === undefined ? {} : { file: o.file };
  const given = typeof source === 'string' ? read(source, { ...file, limits }) : { forms: source, diagnostics: [] };
  if (hasErrors(given.diagnostics)) return { ok: false, diagnostics: given.diagnostics };
  const sources = new ModuleSources(text, o, limits);
  return compileForms(
    { ...given, source: text, isText: typeof source === 'string', sources, expansions: 0 },
    limits,
    o,
  );
}

/** What is compiled. `expansions` were made before it was given. */
interface Given {
  readonly forms: readonly Form[];
  readonly diagnostics: readonly Diagnostic[];
  readonly source: string;
  readonly isText: boolean;
  readonly sources: Sources;
  readonly expansions: number;
}

/** Compiles what a container holds, by the same way as the forms of a text. Throws BytecodeError where it is no program after expansion. */
export function compileBytecode(code: ProgramForms, o: CompileOptions = {}): Compiled {
  const { forms, expansions } = code;
  const sources = new BytecodeSources(code.modules);
  try {
    const given = { forms, diagnostics: [], source: '', isText: false, sources, expansions };
    return compileForms(given, resolveLimits(o.limits), o);
  } catch (e) {
    if (e instanceof BytecodeError) throw e;
    return { ok: false, diagnostics: [outOfStack(e, '')] };
  }
}

function compileForms(given: Given, limits: Limits, o: CompileOptions): Compiled {
  const { source, sources } = given;
  const diagnostics: Diagnostic[] = [...given.diagnostics];
  const tell = (findings: readonly Finding[]): void => {
    const room = Math.max(0, limits.diagnostics - diagnostics.length);
    diagnostics.push(...findings.slice(0, room).map((finding) => sources.diagnostic(finding)));
  };
  const expanded = expand(given.forms, sources, limits, o);
  if (sources instanceof BytecodeSources) {
    if (expanded.expansions > 0) throw new BytecodeError('a call of a macro is left in it');
    if (!sources.allUsed) throw new BytecodeError('a module in it is not imported');
  }
  const expansions = given.expansions + expanded.expansions;
  diagnostics.push(...sources.diagnostics);
  tell(expanded.findings);
  const isBroken = hasErrors(diagnostics);
  const { a, program } = analyse(DIALECT, expanded.forms, expanded.modules);
  // Where a macro or module is missing, what else is wrong is told all the same, but not what only follows from that.
  tell(isBroken ? a.findings.filter(({ severity }) => severity === 'error') : a.findings);
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  const warnings = (): Diagnostic[] => {
    const all = [...diagnostics, ...failures(program).map((finding) => sources.diagnostic(finding))];
    return all.slice(0, limits.diagnostics).toSorted((one, other) => one.span.start - other.span.start);
  };
  const refused = o.strict === true ? warnings() : [];
  if (refused.length > 0) return { ok: false, diagnostics: refused.map((one) => ({ ...one, severity: 'error' })) };
  const compiled = linked(program, expansions, {
    source,
    effects: program.effects,
    exports: expanded.exports,
    modules: sources.loaded,
    // Printed when somebody asks: most programs have no macros, and most hosts do not look.
    get expanded() {
      return expansions === 0 && given.isText ? source : expanded.forms.map(printForm).join('\n');
    },
  });
  keepForms(compiled, { forms: expanded.forms, modules: expanded.modules, expansions });
  return compiledWith(compiled, warnings);
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
function failures(program: Program): readonly Finding[] {
  const found: Finding[] = [];
  const code = 'WillFail';
  try {
    checkTypes(program, LIBRARY, ({ kind, what, hint }, span) => {
      const message = `This will fail with ${kind}: ${what}`;
      const finding: Finding = { kind: code, code, severity: 'warning', message, span };
      found.push(hint === undefined ? finding : { ...finding, hint });
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

/** Expands macros and loads modules (§9, §10); a program without either passes as it is. */
function expand(forms: readonly Form[], sources: Sources, limits: Limits, o: CompileOptions): ExpandedProgram {
  if (!needsExpansion(forms)) {
    return {
      forms,
      modules: new Map(),
      expansions: 0,
      findings: [],
      get exports() {
        return exportsOf(forms);
      },
    };
  }
  const runner = macroRunner({
    dialect: DIALECT,
    analyse,
    link: (program) => linked(program, 0, { ...BARE, effects: program.effects }),
    shouldStop: o.shouldStop,
  });
  return expandProgram(
    {
      runner,
      depthMax: limits.sourceDepth,
      isLibrary: (name) => LIBRARY.get(name) !== undefined || HEADS.has(name) || VALUES.has(name),
      isForm: (name) => FORMS.has(name),
      source: (name, at) => sources.forms(name, at),
    },
    forms,
  );
}

const BARE = { source: '', expanded: '', exports: [], modules: [] };

/** A program with the code that runs it. */
function linked(program: Program, expansions: number, compiled: CompiledProgram): CompiledProgram {
  const emitted = emitProgram(program, LINKER);
  const yields = program.funcs.some(({ behaviour }) => behaviour === 'yields');
  keepExecutable(compiled, {
    instance: link(emitted) as (rt: Runtime) => Instance,
    sites: emitted.sites,
    yields,
    expansions,
  });
  return compiled;
}

/** Analyses a program's forms. */
function analyse(
  dialect: Dialect,
  forms: readonly Form[],
  modules: ReadonlyMap<string, ExpandedText> = new Map(),
): { a: Analyser; program: Program } {
  const a = new Analyser(dialect);
  const span = forms[0]?.span ?? NOWHERE;
  const main = a.func('program', span, null);
  const outer = new Scope(null, main, { branch: null, depth: 0 });
  const input = a.declare('input', { func: main, scope: outer });
  input.assignments = 1;
  a.modules = modules;
  a.outermost = outer;
  a.imports = new Scope(outer, main, { branch: null, depth: 0 });
  const scope = new Scope(a.imports, main, { branch: null, depth: 0 });
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
  const own = scoped(a, forms, 0, { place: root, span });
  const { moduleVariables: variables } = a;
  const body: Node = variables.length === 0 ? own : { t: 'scope', variables, body: own, span };
  main.clauses.push({ params: [], rest: null, body, cast: null, loops: false });
  inferBehaviour(a.funcs, LIBRARY);
  return { a, program: { main, input, funcs: a.funcs, effects: effectsOf(a), hasParallel: a.hasParallel } };
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

/** A function that no engine could take. */
function tooLarge({ message, span }: TooLarge, text: string): Diagnostic {
  return {
    kind: 'ParseError',
    code: 'SourceTooLarge',
    severity: 'error',
    message: `Parse error: ${message}`,
    span,
    excerpt: excerptAt(text, span),
  };
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
