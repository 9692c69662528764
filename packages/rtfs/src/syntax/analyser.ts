/**
 * Analysis: forms → program. This file holds the state of one compilation, name resolution (§4) and the dispatch over forms;
 * what each special form means stands in the files named after their topics. Nothing is evaluated here and nothing is expanded
 * textually: a form becomes nodes, and every node carries its span.
 */
import type { CollectionForm, Form, PrefixForm, SymbolForm } from '../reader/forms.ts';
import { formToValue } from '../reader/data.ts';
import { clojureHint, similar } from '../reader/similar.ts';
import type { Type } from '../types/type.ts';
import { Keyword } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import type { CallSite, StepSite } from '../machine/types.ts';
import { LIBRARY_PREFIXES } from './library.ts';
import type { Library } from './library.ts';
import type { ExpandedText } from './expand/unit.ts';
import type { LoadedModule } from './modules.ts';
import type { Branch, Func, LocalNode, Node, Variable } from './program.ts';
import { findingOf, refuse } from './refusal.ts';
import type { Finding } from './refusal.ts';
import { inner, Scope, siteOf, tail } from './scope.ts';
import type { Place } from './scope.ts';
import type { MacroTime } from './templates.ts';

/** What a special form's analysis is. `items` includes the head. */
export type FormHandler = (a: Analyser, form: CollectionForm, place: Place) => Node;

/** What differs between a plan and the library's own texts. */
export interface Dialect {
  readonly library: Library;
  readonly forms: ReadonlyMap<string, FormHandler>;
  /** What `` `f `` means. */
  readonly template: (a: Analyser, form: PrefixForm, place: Place) => Node;
  /** Handlers of library names in head position (`println`, `get` with one argument); null: treat as an ordinary function. */
  readonly heads: ReadonlyMap<string, (a: Analyser, form: CollectionForm, place: Place) => Node | null>;
  /** Library names that are no functions of the library but can stand as values (`println`, `and`). */
  readonly values: ReadonlyMap<string, (a: Analyser, form: SymbolForm, place: Place) => Node>;
  /** What the bodies of macros have beside (§9); null for all other code. */
  readonly macro: MacroTime | null;
  /** True for the library's own texts, which may name runtime operations (`%…`) in head position. */
  readonly privileged: boolean;
}

/** Enough for what anybody reads: some hundred names without a meaning. */
const MOST_COMPARED = 200_000;

/** The state of one analysis. */
export class Analyser {
  readonly dialect: Dialect;
  readonly findings: Finding[] = [];
  readonly funcs: Func[] = [];
  readonly calls: CallSite[] = [];
  readonly steps: StepSite[] = [];
  readonly contextKeys = new Set<string>();
  /** Types that the text declares (R15.2). */
  types = new Map<string, Type>();
  /** The modules of the program by name, expanded; those analysed so far; what they define (§10). */
  modules: ReadonlyMap<string, ExpandedText> = new Map();
  readonly loaded = new Map<string, LoadedModule>();
  readonly moduleVariables: Variable[] = [];
  /** The scope around every text, and that of the imports of the text under way (R4.7). */
  outermost: Scope | null = null;
  imports: Scope | null = null;
  /** Templates with `x#` so far: the numbers of their symbols (R9.4). */
  templates = 0;
  stateful = false;
  hasParallel = false;
  #next = 1;
  /** How many names may still be compared with names that nothing defines: a text of nothing else must not take long. */
  #comparable = MOST_COMPARED;
  #privileged: boolean;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    this.#privileged = dialect.privileged;
  }

  /** Runs `work` on a text of this package, which may name runtime operations. */
  privileged(work: () => Node): Node {
    const before = this.#privileged;
    this.#privileged = true;
    try {
      return work();
    } finally {
      this.#privileged = before;
    }
  }

  /** A number no other variable, function or temporary of this compilation has. */
  id(): number {
    return this.#next++;
  }

  warn(code: string, message: string, span: Span, hint?: string): void {
    this.findings.push({
      kind: code,
      code,
      severity: 'warning',
      message,
      span,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** Runs `work`; a refusal inside becomes a finding and `nil` stands for the form. */
  guarded(span: Span, work: () => Node): Node {
    try {
      return work();
    } catch (error) {
      this.findings.push(findingOf(error, span));
      return { t: 'const', value: null, span };
    }
  }

  // ── functions and variables ──────────────────────────────────────────────────────────────────────────────────────

  func(name: string, span: Span, parent: Func | null): Func {
    const func: Func = {
      id: this.id(),
      name,
      span,
      parent,
      clauses: [],
      behaviour: 'never',
      facts: { yields: false, unknown: false, loops: false, callees: [] },
      variable: null,
    };
    this.funcs.push(func);
    return func;
  }

  /** Makes a variable without giving it a name in any scope. */
  variable(name: string, place: { func: Func; scope: Scope }, kind: 'bound' | 'def' = 'bound'): Variable {
    return {
      id: this.id(),
      name,
      owner: place.func,
      kind,
      assignments: 0,
      captured: false,
      func: null,
      // What has no name is read without being looked up, so nobody notes that it is a value.
      asValue: name === '',
      checked: false,
      fallback: null,
      branch: place.scope.branch,
      mutable: false,
    };
  }

  /** Makes a variable and names it in the place's scope. */
  declare(name: string, place: { func: Func; scope: Scope }, kind: 'bound' | 'def' = 'bound'): Variable {
    const variable = this.variable(name, place, kind);
    if (name !== '_') place.scope.names.set(name, variable);
    if (kind === 'def') place.scope.definitions.push(variable);
    return variable;
  }

  /** A place in a new scope inside `place`. */
  open(place: Place, branch: Branch | null = place.scope.branch): Place {
    return { ...place, scope: new Scope(place.scope, place.func, { branch, depth: place.depth }) };
  }

  /** A place for names of `place` alone: definitions go past it. */
  openTransparent(place: Place): Place {
    const { branch } = place.scope;
    return { ...place, scope: new Scope(place.scope, place.func, { branch, depth: place.depth, transparent: true }) };
  }

  /** A read of `variable` from `place`, found in `scope`. */
  read(variable: Variable, scope: Scope, place: Place, span: Span): LocalNode {
    if (variable.owner !== place.func) variable.captured = true;
    variable.asValue = true;
    const checked = variable.kind === 'def' && !scope.done.has(variable);
    if (checked && !variable.checked) {
      variable.checked = true;
      if (scope.parent !== null)
        variable.fallback = this.fallback(variable.name, { ...place, scope: scope.parent }, span);
    }
    return { t: 'local', variable, checked, span };
  }

  /** What a name means outside the scope whose definition has not run yet; null when it means nothing there (R4.5). */
  private fallback(name: string, place: Place, span: Span): Node | null {
    const outer = place.scope.find(name);
    if (outer !== null) return this.read(outer.names.get(name) as Variable, outer, place, span);
    const known = this.libraryName(name);
    return known === null ? null : { t: 'library', name: known, span };
  }

  /** The library's own name for `name`, or null (R10.5). */
  libraryName(name: string): string | null {
    const { library } = this.dialect;
    if (name.startsWith('%') && !this.#privileged) return null;
    if (library.get(name) !== undefined) return name;
    const plain = this.withoutPrefix(name);
    return plain === null || library.get(plain) === undefined ? null : plain;
  }

  /** The name behind a prefix of the library that no import has taken (R10.5); null for another name. */
  private withoutPrefix(name: string): string | null {
    const slash = name.indexOf('/');
    if (slash <= 0) return null;
    const prefix = name.slice(0, slash);
    // The library's own operations have no other name in a program either.
    if (!LIBRARY_PREFIXES.has(prefix) || this.imports?.aliases.has(prefix) === true || name[slash + 1] === '%')
      return null;
    return name.slice(slash + 1);
  }

  /** A symbol in any position but the head; `index` if `place` is that of the form around it, for a read has no place of its own. */
  symbol(form: SymbolForm, place: Place, index: number | null = null): Node {
    const scope = place.scope.find(form.name);
    if (scope !== null) return this.read(scope.names.get(form.name) as Variable, scope, place, form.span);
    const plain = this.withoutPrefix(form.name) ?? form.name;
    const special = this.dialect.values.get(plain);
    if (special !== undefined) {
      const own = index === null ? place : inner(place, index);
      return special(this, plain === form.name ? form : { ...form, name: plain }, own);
    }
    const known = this.libraryName(form.name);
    if (known !== null) return { t: 'library', name: known, span: form.span };
    return this.unresolved(form, place);
  }

  /** R4.6: a warning now, UndefinedSymbol when it is evaluated. */
  private unresolved(form: SymbolForm, place: Place): Node {
    const near = this.#comparable > 0 ? this.near(form.name, place) : [];
    const hint = clojureHint(form.name) ?? (near.length === 0 ? undefined : `did you mean ${near.join(', ')}?`);
    this.warn('UndefinedSymbol', `Undefined symbol: ${form.name}`, form.span, hint);
    return { t: 'undefined', name: form.name, similar: near, span: form.span };
  }

  /** The names in reach that are like `name` (R1.38). */
  private near(name: string, place: Place): string[] {
    const names = new Set(this.dialect.library.names());
    for (let scope: Scope | null = place.scope; scope !== null; scope = scope.parent) {
      for (const known of scope.names.keys()) if (!known.startsWith(' ')) names.add(known);
    }
    for (const known of this.dialect.forms.keys()) names.add(known);
    this.#comparable -= names.size;
    return similar(name, names);
  }

  // ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────

  node(form: Form, place: Place): Node {
    const { span } = form;
    switch (form.t) {
      case 'literal':
        return { t: 'const', value: form.value, span };
      case 'symbol':
        return this.symbol(form, place);
      case 'list':
        return this.list(form, place);
      case 'vector':
      case 'set':
      case 'map':
        return { t: form.t, items: this.all(form.items, 0, place), span };
      case 'quote':
        return { t: 'const', value: formToValue(form.form), span };
      case 'deref':
        return this.deref(form.form, span, place);
      case 'quasiquote':
        return this.dialect.template(this, form, place);
      case 'unquote':
      case 'splice':
        return refuse('SyntaxError', `${form.t}: stands outside a template; expected it inside \`( … )`, span);
      case 'annotation':
        return refuse(
          'ParseError',
          'Parse error: a type annotation stands outside a binding',
          span,
          'write :name for a keyword',
        );
      case 'error':
        return { t: 'const', value: null, span };
    }
  }

  /** The nodes of `items` from index `from` on, each at its child index. */
  all(items: readonly Form[], from: number, place: Place): Node[] {
    const nodes: Node[] = [];
    for (let i = from; i < items.length; i++) {
      const form = items[i] as Form;
      // Most of a text is literals and symbols, which need no place.
      if (form.t === 'literal') nodes.push({ t: 'const', value: form.value, span: form.span });
      else if (form.t === 'symbol') nodes.push(this.symbol(form, place, i));
      else nodes.push(this.node(form, inner(place, i)));
    }
    return nodes;
  }

  /** A body: forms from index `from` on, the last one in tail position; empty gives nil. */
  body(items: readonly Form[], from: number, place: Place, span: Span): Node {
    if (items.length === from + 1) return this.guarded(span, () => this.node(items[from] as Form, tail(place, from)));
    const body: Node[] = [];
    for (let i = from; i < items.length; i++) {
      const form = items[i] as Form;
      const at = i === items.length - 1 ? tail(place, i) : inner(place, i);
      body.push(this.guarded(form.span, () => this.node(form, at)));
    }
    return { t: 'do', body, span };
  }

  private list(form: CollectionForm, place: Place): Node {
    const head = form.items[0];
    if (head === undefined) return { t: 'vector', items: [], span: form.span };
    if (head.t === 'symbol') {
      const special = this.dialect.forms.get(head.name);
      if (special !== undefined) {
        if (place.scope.find(head.name) !== null) {
          this.warn('ShadowedForm', `${head.name} is a form here, not the local of that name`, head.span);
        }
        return special(this, form, place);
      }
      if (place.scope.find(head.name) === null) {
        const handled = this.libraryHead(head.name)?.(this, form, place);
        if (handled !== undefined && handled !== null) return handled;
        if (this.#privileged && head.name.startsWith('%') && this.libraryName(head.name) === null) {
          return { t: 'primitive', name: head.name, args: this.all(form.items, 1, place), span: form.span };
        }
        if (isConstructor(head.name)) return this.construct(head.name, form, place);
      }
    }
    return this.application(head, form, place);
  }

  /** What analysis does itself with a library name at the head of a list (R11.8). */
  private libraryHead(name: string): ReturnType<Dialect['heads']['get']> {
    return this.dialect.heads.get(this.libraryName(name) ?? this.withoutPrefix(name) ?? name);
  }

  /** `(Name. msg data?)` (R8.3). */
  private construct(name: string, form: CollectionForm, place: Place): Node {
    const kind: Node = { t: 'const', value: Keyword.of(name.slice(0, -1)), span: form.span };
    return { t: 'primitive', name: '%construct', args: [kind, ...this.all(form.items, 1, place)], span: form.span };
  }

  private application(head: Form, form: CollectionForm, place: Place): Node {
    const callee = head.t === 'symbol' ? this.head(head, place) : this.node(head, inner(place, 0));
    const args = this.all(form.items, 1, place);
    return this.apply(callee, args, form.span, place);
  }

  /** A symbol at the head of a list, whose place is given: a variable named here needs no function value of its own. */
  private head(head: SymbolForm, place: Place): Node {
    const scope = place.scope.find(head.name);
    if (scope === null) return this.symbol(head, place, 0);
    const variable = scope.names.get(head.name) as Variable;
    const before = variable.asValue;
    const node = this.read(variable, scope, place, head.span);
    variable.asValue = before;
    return node;
  }

  /** An application of `callee`, with what it says about the behaviour of the function it stands in. */
  apply(callee: Node, args: readonly Node[], span: Span, place: Place): Node {
    const { facts } = place.func;
    if (callee.t === 'local') facts.callees.push({ t: 'variable', variable: callee.variable });
    else if (callee.t === 'fn') facts.callees.push({ t: 'func', func: callee.func });
    else if (callee.t === 'library') facts.callees.push({ t: 'library', name: callee.name, args });
    else if (callee.t !== 'const' && callee.t !== 'undefined') facts.unknown = true;
    return { t: 'call', callee, args, span, tailOf: place.tail ? place.clause : null, func: place.func };
  }

  /** `@x` (R1.27). */
  private deref(form: Form, span: Span, place: Place): Node {
    if (form.t === 'literal' && form.value instanceof Keyword) {
      return this.contextRead({ t: 'const', value: form.value, span }, span, place);
    }
    if (form.t === 'symbol' && place.scope.find(form.name) === null)
      return this.contextReference(form.name, span, place);
    const value = this.node(form, inner(place, 1));
    return this.apply({ t: 'library', name: 'deref', span }, [value], span, place);
  }

  /** `@name`, `(resource:ref "name")` (R12.20). */
  contextReference(name: string, span: Span, place: Place): Node {
    place.func.facts.yields = true;
    this.contextKeys.add(name);
    const key: Node = { t: 'const', value: name, span };
    return { t: 'context', key, steps: false, local: null, otherwise: null, site: siteOf(place.path), span };
  }

  /** `(get :k)` (R12.21). */
  contextRead(key: Node, span: Span, place: Place): Node {
    place.func.facts.yields = true;
    let local: Node | null = null;
    if (key.t === 'const' && key.value instanceof Keyword) {
      this.contextKeys.add(key.value.name);
      const scope = place.scope.find(key.value.name);
      if (scope !== null) local = this.read(scope.names.get(key.value.name) as Variable, scope, place, span);
    }
    return { t: 'context', key, steps: true, local, otherwise: null, site: siteOf(place.path), span };
  }

  /** Assigns `variable`. */
  bind(variable: Variable, value: Node, gives: 'value' | 'nil' | 'true', span: Span): Node {
    variable.assignments++;
    if (value.t === 'fn') {
      variable.func = value.func;
      value.func.variable = variable;
    }
    return { t: 'bind', variable, value, gives, span };
  }
}

/** `Exception.`, `my.pkg.Late.`: an upper-case name with a final dot (R8.3). */
function isConstructor(name: string): boolean {
  return name.length > 1 && name.endsWith('.') && /^\p{Lu}/u.test(name);
}

/** The value of a literal argument, or undefined when it must be evaluated. */
export function literalOf(node: Node): Value | undefined {
  return node.t === 'const' ? node.value : undefined;
}

/** A constant node. */
export function constant(value: Value, span: Span): Node {
  return { t: 'const', value, span };
}

/** A runtime operation. */
export function primitive(name: string, args: readonly Node[], span: Span): Node {
  return { t: 'primitive', name, args, span };
}
