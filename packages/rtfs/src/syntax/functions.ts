/**
 * Functions and bindings: `fn defn def declare let letfn loop recur set!` (R4.8–R4.9, R5.4–R5.10, §6).
 */
import type { CollectionForm, Form } from '../reader/forms.ts';
import type { Type } from '../types/type.ts';
import { Keyword } from '../values/kinds.ts';
import { satisfies } from '../types/validate.ts';
import { List } from '../values/list.ts';
import { cast, castTo, readBindings, readParameters, readResultType } from './annotations.ts';
import type { Binding, Parameter } from './annotations.ts';
import { constant, primitive } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { declareDefinitions } from './definitions.ts';
import { match, matching } from './patterns.ts';
import type { Clause, FnNode, Func, LoopNode, Node, Variable } from './program.ts';
import { refuse, wrongShape } from './refusal.ts';
import { inner, Scope } from './scope.ts';
import type { Place } from './scope.ts';

const FN_SHAPE = '(fn name? [p*] T? body*) or (fn name? ([p*] body*) …)';

/** A local read of a variable that is certainly bound; what it stands for must exist as a value. */
export function local(variable: Variable, span: Node['span']): Node {
  variable.asValue = true;
  return { t: 'local', variable, checked: false, span };
}

/** Binds a pattern, simple or not, to a value: the binds to run and the variables they need. */
export function bindPattern(
  a: Analyser,
  pattern: Form,
  value: Node,
  place: Place,
): { binds: Node[]; variables: Variable[] } {
  if (pattern.t === 'symbol') {
    const variable = a.variable(pattern.name, place);
    const bind = a.bind(variable, value, 'nil', value.span);
    if (pattern.name !== '_') place.scope.names.set(pattern.name, variable);
    return { binds: [bind], variables: [variable] };
  }
  const m = matching(a, place, 'binding');
  match(m, pattern, value);
  return { binds: m.out, variables: m.variables };
}

// ── let, letfn ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** True for `(fn …)`. */
export function isFn(form: Form): form is CollectionForm {
  const head = form.t === 'list' ? form.items[0] : undefined;
  return head?.t === 'symbol' && (head.name === 'fn' || head.name === 'λ');
}

/** `(let [pattern T? e …] body*)` (R5.4). */
export const letForm: FormHandler = (a, form, place) => {
  const at = a.open(place);
  const bindings = readBindings(a, form.items[1], 'let', form.span);
  declareDefinitions(a, form.items, 2, at);
  return bindAll(a, { bindings, place: at, form, bodyFrom: 2 });
};

/** Sequential bindings around a body; neighbours that bind functions form a recursive run. */
export function bindAll(
  a: Analyser,
  {
    bindings,
    place,
    form,
    bodyFrom,
  }: { bindings: readonly Binding[]; place: Place; form: CollectionForm; bodyFrom: number },
): Node {
  const body: Node[] = [];
  const variables: Variable[] = [];
  const vectorPlace = inner(place, 1);
  for (let i = 0; i < bindings.length;) {
    const run = runFrom(bindings, i);
    if (run > i) {
      bindRun(a, { run: bindings.slice(i, run), place: vectorPlace, body, variables });
      i = run;
      continue;
    }
    const { pattern, type, value, index } = bindings[i] as Binding;
    const node = cast(
      a.node(value, inner(vectorPlace, index)),
      type === null ? null : castTo(a, type, nameOf(pattern)),
    );
    const bound = bindPattern(a, pattern, node, place);
    body.push(...bound.binds);
    variables.push(...bound.variables);
    i++;
  }
  body.push(a.body(form.items, bodyFrom, place, form.span));
  return {
    t: 'scope',
    variables: [...variables, ...definedIn(place.scope)],
    body: { t: 'do', body, span: form.span },
    span: form.span,
  };
}

/** The end of the run of neighbouring `symbol (fn …)` bindings at `from`; a repeated name ends it. */
export function runFrom(bindings: readonly Binding[], from: number): number {
  const names = new Set<string>();
  let i = from;
  for (; i < bindings.length; i++) {
    const { pattern, value } = bindings[i] as Binding;
    if (pattern.t !== 'symbol' || !isFn(value) || names.has(pattern.name)) break;
    names.add(pattern.name);
  }
  return i;
}

function bindRun(
  a: Analyser,
  { run, place, body, variables }: { run: readonly Binding[]; place: Place; body: Node[]; variables: Variable[] },
): void {
  const declared = run.map(({ pattern }) => a.declare((pattern as { name: string }).name, place));
  run.forEach(({ value, type, index, pattern }, i) => {
    const variable = declared[i] as Variable;
    const node = cast(a.node(value, inner(place, index)), type === null ? null : castTo(a, type, nameOf(pattern)));
    if (node.t === 'fn') named(node, variable.name);
    body.push(a.bind(variable, node, 'nil', value.span));
  });
  variables.push(...declared);
}

/** Gives an anonymous function the name it is bound to. */
function named(node: FnNode, name: string): void {
  if (node.func.name === '') (node.func as { name: string }).name = name;
}

/** `(letfn [(f [p*] body*) …] body*)` (R5.5). */
export const letfnForm: FormHandler = (a, form, place) => {
  const shape = '(letfn [(f [p*] body*) …] body*)';
  const vector = form.items[1];
  if (vector?.t !== 'vector') wrongShape('letfn', 'the functions are no vector', shape, form.span);
  const at = a.open(place);
  const items = vector.items.map((item) => {
    const name = item.t === 'list' ? item.items[0] : undefined;
    if (item.t !== 'list' || name?.t !== 'symbol') wrongShape('letfn', 'a function has no name', shape, item.span);
    return { item, variable: a.declare(name.name, at) };
  });
  declareDefinitions(a, form.items, 2, at);
  const body: Node[] = items.map(({ item, variable }, i) => {
    const node = fnNode(a, { name: variable.name, form: item, from: 1, place: inner(inner(at, 1), i) });
    return a.bind(variable, node, 'nil', item.span);
  });
  body.push(a.body(form.items, 2, at, form.span));
  const variables = [...items.map(({ variable }) => variable), ...definedIn(at.scope)];
  return { t: 'scope', variables, body: { t: 'do', body, span: form.span }, span: form.span };
};

/** The `def` variables of a scope, which its node must declare. */
export function definedIn(scope: Scope): readonly Variable[] {
  return scope.definitions;
}

/** A body in a scope of its own. */
export function scoped(
  a: Analyser,
  items: readonly Form[],
  from: number,
  { place, span }: { place: Place; span: Node['span'] },
): Node {
  declareDefinitions(a, items, from, place);
  const body = a.body(items, from, place, span);
  const variables = definedIn(place.scope);
  return variables.length === 0 ? body : { t: 'scope', variables, body, span };
}

// ── functions ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** `(fn s? meta? [p*] T? body*)` (R5.8). */
export const fnForm: FormHandler = (a, form, place) => {
  const name = form.items[1];
  if (name?.t !== 'symbol') return fnNode(a, { name: '', form, from: 1, place });
  // The function's own name is visible inside it alone.
  const at = a.open(place);
  const variable = a.declare(name.name, at);
  const node = fnNode(a, { name: name.name, form, from: 2, place: at });
  const body: Node[] = [a.bind(variable, node, 'nil', form.span), a.read(variable, at.scope, at, form.span)];
  return { t: 'scope', variables: [variable], body: { t: 'do', body, span: form.span }, span: form.span };
};

interface FnParts {
  readonly name: string;
  readonly form: CollectionForm;
  readonly from: number;
  readonly place: Place;
}

/** A function whose parameter vector or clauses begin at `from`. */
export function fnNode(a: Analyser, { name, form, from, place }: FnParts): FnNode {
  const { items, span } = form;
  const func = a.func(name, span, place.func);
  let at = from;
  if (isString(items[at]) && items.length > at + 1) at++;
  if (items[at]?.t === 'vector') {
    func.clauses.push(clause(a, { func, form, at, place }));
    return { t: 'fn', func, span };
  }
  if (at >= items.length) wrongShape('fn', 'it has no parameters', FN_SHAPE, span);
  for (let i = at; i < items.length; i++) {
    const item = items[i] as Form;
    if (item.t !== 'list' || item.items[0]?.t !== 'vector')
      wrongShape('fn', 'the parameters are no vector', FN_SHAPE, item.span);
    func.clauses.push(clause(a, { func, form: item, at: 0, place: inner(place, i) }));
  }
  checkArities(func);
  return { t: 'fn', func, span };
}

function checkArities(func: Func): void {
  func.clauses.sort((x, y) => Number(x.rest !== null) - Number(y.rest !== null) || x.params.length - y.params.length);
  func.clauses.forEach((one, i) => {
    const next = func.clauses[i + 1];
    if (next === undefined) return;
    if (one.rest !== null || (next.rest === null && next.params.length === one.params.length)) {
      wrongShape('fn', 'two clauses take the same number of arguments', FN_SHAPE, func.span);
    }
  });
}

interface ClauseParts {
  readonly func: Func;
  readonly form: CollectionForm;
  readonly at: number;
  readonly place: Place;
}

function clause(a: Analyser, { func, form, at, place }: ClauseParts): Clause {
  const vector = form.items[at] as CollectionForm;
  const parameters = readParameters(vector, 'fn');
  const scope = new Scope(place.scope, func, { branch: place.scope.branch, depth: 0 });
  const here: Place = { ...place, scope, func, tail: true, clause: null, target: null, barrier: null, depth: 0 };
  const all = parameters.rest === null ? parameters.fixed : [...parameters.fixed, parameters.rest];
  const variables = all.map(({ pattern }) => {
    if (pattern.t === 'symbol') return a.declare(pattern.name, here);
    return a.variable('', here);
  });
  const rest = parameters.rest === null ? null : (variables.at(-1) as Variable);
  const params = parameters.rest === null ? variables : variables.slice(0, -1);
  for (const variable of variables) variable.assignments = 1;
  const result: Clause = { params, rest, body: constant(null, form.span), cast: null, loops: false };
  const { type, next } = readResultType(a, form.items, at + 1);
  if (type !== null) result.cast = castTo(a, type, func.name === '' ? 'result' : `result of ${func.name}`);
  const head: Node[] = [];
  const bound: Variable[] = [];
  all.forEach((parameter, i) =>
    parameterHead(a, { parameter, variable: variables[i] as Variable, here, head, bound, rest }),
  );
  const inside: Place = { ...here, clause: result, target: result };
  const delegated = delegation(vector, func.name, parameters);
  const body =
    delegated === null
      ? scoped(a, form.items, next, { place: inside, span: form.span })
      : a.node(delegated, inner(inside, at));
  const whole: Node = head.length === 0 ? body : { t: 'do', body: [...head, body], span: form.span };
  result.body = bound.length === 0 ? whole : { t: 'scope', variables: bound, body: whole, span: form.span };
  return result;
}

/**
 * What a function with `^:delegation :remote "id"` or `:local-model "id"` before its parameters does instead of running its body
 * (R11.13): a call. Null for every other function.
 */
function delegation(
  { meta, span }: CollectionForm,
  name: string,
  { fixed, rest }: ReturnType<typeof readParameters>,
): Form | null {
  const items = meta?.t === 'map' ? meta.items : [];
  const value = (key: string): unknown => {
    const i = items.findIndex((item, at) => at % 2 === 0 && item.t === 'literal' && item.value === Keyword.of(key));
    const found = i < 0 ? undefined : items[i + 1];
    return found?.t === 'literal' ? found.value : undefined;
  };
  const target = value('delegation');
  if (target === undefined || target === Keyword.of('local')) return null;
  const shape = ':local, :remote "id" or :local-model "id"';
  const model = value('model');
  if (typeof model !== 'string') return wrongShape('^:delegation', 'it names nobody', shape, span);
  if (rest !== null || fixed.some(({ pattern }) => pattern.t !== 'symbol'))
    return wrongShape('^:delegation', 'a parameter has no name of its own', 'parameters that are names', span);
  const literal = (one: Keyword | string): Form => ({ t: 'literal', value: one, span });
  const request: readonly (readonly [string, Form])[] = [
    ['model', literal(model)],
    ['function', literal(name === '' ? 'fn' : name)],
    ['args', { t: 'vector', items: fixed.map(({ pattern }) => pattern), span }],
  ];
  const map: Form = { t: 'map', items: request.flatMap(([key, one]) => [literal(Keyword.of(key)), one]), span };
  return {
    t: 'list',
    items: [{ t: 'symbol', name: 'call', span }, literal(Keyword.of('ccos.ai.delegate')), map],
    span,
  };
}

interface HeadParts {
  readonly parameter: Parameter;
  readonly variable: Variable;
  readonly here: Place;
  readonly head: Node[];
  readonly bound: Variable[];
  readonly rest: Variable | null;
}

/** The cast and the destructuring of one parameter, which run at the head of the body (R6.1, R6.3). */
function parameterHead(a: Analyser, { parameter, variable, here, head, bound, rest }: HeadParts): void {
  const { pattern, type } = parameter;
  const { span } = pattern;
  if (type !== null) {
    const to = castTo(a, type, nameOf(pattern));
    if (variable === rest && !acceptsCollection(to.type))
      head.push(
        primitive(
          '%cast-each',
          [local(variable, span), { t: 'type', type: to.type, span }, constant(to.where, span)],
          span,
        ),
      );
    else head.push({ t: 'cast', value: local(variable, span), cast: to, span });
  }
  if (pattern.t === 'symbol') return;
  const { binds, variables } = bindPattern(a, pattern, local(variable, span), here);
  head.push(...binds);
  bound.push(...variables);
}

/** True for a type of collections, which a rest parameter satisfies as a whole (R6.2). */
function acceptsCollection(type: Type): boolean {
  return satisfies(List.empty, type);
}

/** What a pattern is called in a message. */
export function nameOf(pattern: Form): string {
  return pattern.t === 'symbol' ? pattern.name : 'pattern';
}

/** `(def s T? "doc"? e)` (R5.6). */
export const defForm: FormHandler = (a, form, place) => {
  const shape = '(def name T? "doc"? e)';
  const name = form.items[1];
  if (name?.t !== 'symbol') wrongShape('def', 'the name is no symbol', shape, form.span);
  const { type, next } = readResultType(a, form.items, 2);
  const documented = form.items.length === next + 2 && isString(form.items[next]);
  const at = documented ? next + 1 : next;
  const value = form.items[at];
  if (value === undefined || form.items.length !== at + 1) wrongShape('def', 'it wants one value', shape, form.span);
  const node = cast(a.node(value, inner(place, at)), type === null ? null : castTo(a, type, name.name));
  return define(a, { name: name.name, value: node, place, span: form.span });
};

function isString(form: Form | undefined): boolean {
  return form?.t === 'literal' && typeof form.value === 'string';
}

interface Definition {
  readonly name: string;
  readonly value: Node;
  readonly place: Place;
  readonly span: Node['span'];
}

/** Binds a definition in the innermost scope, which declared it when it was opened. */
export function define(a: Analyser, { name, value, place, span }: Definition): Node {
  const scope = place.scope.defining;
  const variable = scope.names.get(name) ?? a.declare(name, { func: scope.func, scope }, 'def');
  if (value.t === 'fn') named(value, name);
  const node = a.bind(variable, value, 'value', span);
  if (variable.assignments > 1) variable.mutable = true;
  // A definition after another binding of the name in the same scope assigns it; what the compiler knew of it is void.
  if (variable.kind === 'bound') variable.assignments++;
  if (place.func === scope.func && place.depth === scope.depth) scope.done.add(variable);
  return node;
}

/** `(defn s meta? "doc"? [p*] T? body*)` (R5.7). */
export const defnForm: FormHandler = (a, form, place) => {
  const name = form.items[1];
  if (name?.t !== 'symbol') wrongShape('defn', 'the name is no symbol', '(defn name "doc"? [p*] T? body*)', form.span);
  if (form.items.length < 3) wrongShape('defn', 'it has no parameters', '(defn name "doc"? [p*] T? body*)', form.span);
  const value = fnNode(a, { name: name.name, form, from: 2, place });
  return define(a, { name: name.name, value, place, span: form.span });
};

/** `(declare s*)`: nil. */
export const declareForm: FormHandler = (_a, form) => {
  for (const item of form.items.slice(1)) {
    if (item.t !== 'symbol') wrongShape('declare', 'a name is no symbol', '(declare name*)', item.span);
  }
  return constant(null, form.span);
};

/** `(set! x e)` and `(set! :k e)` (R4.9, R12.21). */
export const setForm: FormHandler = (a, form, place) => {
  const shape = '(set! name e) or (set! :key e)';
  const [, target, value] = form.items;
  if (target === undefined || value === undefined || form.items.length !== 3)
    wrongShape('set!', 'it wants two parts', shape, form.span);
  const node = a.node(value, inner(place, 2));
  if (target.t !== 'symbol') {
    place.func.facts.yields = true;
    return { t: 'context-write', key: a.node(target, inner(place, 1)), value: node, span: form.span };
  }
  a.stateful = true;
  const scope = place.scope.find(target.name) ?? place.scope.defining;
  const variable = scope.names.get(target.name) ?? a.declare(target.name, { func: scope.func, scope }, 'def');
  if (variable.owner !== place.func) variable.captured = true;
  variable.mutable = true;
  if (variable.branch !== place.scope.branch && isOutside(variable, place)) {
    refuse('SharedStateError', `${target.name} is shared between parallel branches`, form.span);
  }
  // Two assignments: it no longer stands for one function.
  variable.assignments += variable.kind === 'bound' ? 2 : 1;
  if (place.func === scope.func && place.depth === scope.depth) scope.done.add(variable);
  return { t: 'bind', variable, value: node, gives: 'nil', span: form.span };
};

function isOutside(variable: Variable, place: Place): boolean {
  for (let branch = place.scope.branch; branch !== null; branch = branch.parent)
    if (branch === variable.branch) return true;
  return variable.branch === null;
}

// ── loop and recur ──────────────────────────────────────────────────────────────────────────────────────────────────

/** `(loop [pattern T? e …] body*)` (R5.9). */
export const loopForm: FormHandler = (a, form, place) => {
  const bindings = readBindings(a, form.items[1], 'loop', form.span);
  const first = a.openTransparent(place);
  const inits: Node[] = [];
  const variables: Variable[] = [];
  const head: Node[] = [];
  const bound: Variable[] = [];
  for (const { pattern, type, value, index } of bindings) {
    // Later inits see earlier names, whose variables at that point are the loop's own (R5.9).
    const init = cast(
      a.node(value, inner(inner(first, 1), index)),
      type === null ? null : castTo(a, type, nameOf(pattern)),
    );
    inits.push(init);
    const variable = pattern.t === 'symbol' ? a.declare(pattern.name, first) : a.variable('', first);
    variable.assignments = 2;
    variables.push(variable);
    if (type !== null && pattern.t === 'symbol')
      head.push({
        t: 'cast',
        value: local(variable, value.span),
        cast: castTo(a, type, pattern.name),
        span: value.span,
      });
    if (pattern.t !== 'symbol') {
      const parts = bindPattern(a, pattern, local(variable, value.span), first);
      head.push(...parts.binds);
      bound.push(...parts.variables);
    }
  }
  place.func.facts.loops = true;
  const loop: { -readonly [K in keyof LoopNode]: LoopNode[K] } = {
    t: 'loop',
    variables,
    inits,
    body: constant(null, form.span),
    span: form.span,
  };
  const at = a.open({ ...first, tail: true, clause: place.tail ? place.clause : null, target: loop, barrier: null });
  const body = scoped(a, form.items, 2, { place: at, span: form.span });
  const whole: Node = head.length === 0 ? body : { t: 'do', body: [...head, body], span: form.span };
  loop.body = bound.length === 0 ? whole : { t: 'scope', variables: bound, body: whole, span: form.span };
  return loop;
};

/** `(recur e*)` (R5.9, R5.10). */
export const recurForm: FormHandler = (a, form, place) => {
  const { target } = place;
  const shape = '(recur e*) in tail position of a loop or function';
  if (place.barrier !== null) wrongShape('recur', `it crosses ${place.barrier}`, shape, form.span);
  if (target === null || !place.tail) wrongShape('recur', 'it is not in tail position', shape, form.span);
  const expected = 'params' in target ? target.params.length + Number(target.rest !== null) : target.variables.length;
  const got = form.items.length - 1;
  if (got !== expected) wrongShape('recur', `it has ${got} values`, `${expected}`, form.span);
  if ('params' in target) target.loops = true;
  return { t: 'recur', target, args: a.all(form.items, 1, place), span: form.span };
};
