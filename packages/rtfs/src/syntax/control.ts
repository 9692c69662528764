/**
 * Choice and threading: `quote do if when cond condp case and or match -> ->> as-> some-> cond->` (R5.1–R5.17, R7.14).
 */
import type { CollectionForm, Form, SymbolForm } from '../reader/forms.ts';
import { formToValue } from '../reader/data.ts';
import { equal } from '../values/equality.ts';
import { isKey } from '../values/keys.ts';
import type { Value } from '../values/kinds.ts';
import { PSet } from '../values/set.ts';
import { readBindings } from './annotations.ts';
import { constant, primitive } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { bindPattern, definedIn, local, scoped } from './functions.ts';
import { declareDefinitions } from './definitions.ts';
import { match, matching } from './patterns.ts';
import type { CondNode, Node, Variable } from './program.ts';
import { wrongShape } from './refusal.ts';
import { conditional, inner, tail } from './scope.ts';
import type { Place } from './scope.ts';

type Clauses = { variables: readonly Variable[]; test: Node; body: Node }[];

export const quoteForm: FormHandler = (_a, form) => {
  const quoted = form.items[1];
  if (quoted === undefined || form.items.length !== 2)
    wrongShape('quote', 'it wants one form', '(quote form)', form.span);
  return constant(formToValue(quoted), form.span);
};

export const doForm: FormHandler = (a, form, place) => a.body(form.items, 1, place, form.span);

/** `(comment …)` (R5.27). */
export const commentForm: FormHandler = (_a, form) => constant(null, form.span);

/** `(if c t e?)` (R5.3) and, negated, `(if-not c t e?)` (R5.11). */
export function ifForm(name: 'if' | 'if-not'): FormHandler {
  return (a, form, place) => {
    const { items, span } = form;
    if (items.length < 3 || items.length > 4)
      wrongShape(name, `it has ${items.length - 1} parts`, `(${name} test then else?)`, span);
    const test = a.node(items[1] as Form, inner(place, 1));
    const below = conditional(place);
    const first = a.node(items[2] as Form, tail(below, 2));
    const second = items.length === 4 ? a.node(items[3] as Form, tail(below, 3)) : constant(null, span);
    return name === 'if'
      ? { t: 'if', test, then: first, else: second, span }
      : { t: 'if', test, then: second, else: first, span };
  };
}

/** `(when c e*)`, `(when-not c e*)` (R5.11). */
export function whenForm(name: 'when' | 'when-not'): FormHandler {
  return (a, form, place) => {
    const { items, span } = form;
    if (items.length < 2) wrongShape(name, 'it has no test', `(${name} test body*)`, span);
    const test = a.node(items[1] as Form, inner(place, 1));
    const body = a.body(items, 2, conditional(place), span);
    const nil = constant(null, span);
    return name === 'when'
      ? { t: 'if', test, then: body, else: nil, span }
      : { t: 'if', test, then: nil, else: body, span };
  };
}

/** `if-let when-let if-some when-some` (R5.12): the value is tested, then bound. */
export function bindingIf(name: 'if-let' | 'when-let' | 'if-some' | 'when-some'): FormHandler {
  const isWhen = name.startsWith('when');
  const shape = isWhen ? `(${name} [pattern e] body*)` : `(${name} [pattern e] then else?)`;
  return (a, form, place) => {
    const { items, span } = form;
    const [binding, ...more] = readBindings(a, items[1], name, span);
    if (binding === undefined || more.length > 0) wrongShape(name, 'it wants one binding', shape, span);
    if (!isWhen && (items.length < 3 || items.length > 4))
      wrongShape(name, `it has ${items.length - 1} parts`, shape, span);
    const at = a.open(conditional(place));
    const held = a.variable('', at);
    const value = a.bind(held, a.node(binding.value, inner(inner(place, 1), binding.index)), 'nil', span);
    const { binds, variables } = bindPattern(a, binding.pattern, local(held, span), at);
    const then = isWhen ? scoped(a, items, 2, { place: at, span }) : a.node(items[2] as Form, tail(at, 2));
    const otherwise =
      !isWhen && items.length === 4 ? a.node(items[3] as Form, tail(conditional(place), 3)) : constant(null, span);
    const test = name.endsWith('some') ? primitive('%some', [local(held, span)], span) : local(held, span);
    const bound: Node = {
      t: 'scope',
      variables: [...variables, ...(isWhen ? [] : definedIn(at.scope))],
      body: { t: 'do', body: [...binds, then], span },
      span,
    };
    const choice: Node = { t: 'if', test, then: bound, else: otherwise, span };
    return { t: 'scope', variables: [held], body: { t: 'do', body: [value, choice], span }, span };
  };
}

/** `(cond c e …)` (R5.13). */
export const condForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  if (items.length % 2 === 0) wrongShape('cond', 'it has an odd number of parts', '(cond test value …)', span);
  const clauses: Clauses = [];
  const below = conditional(place);
  for (let i = 1; i < items.length; i += 2) {
    const test = a.node(items[i] as Form, inner(i === 1 ? place : below, i));
    const body = a.guarded(span, () => a.node(items[i + 1] as Form, tail(below, i + 1)));
    clauses.push({ variables: [], test, body });
  }
  return { t: 'cond', clauses, otherwise: constant(null, span), span };
};

/** Binds a subject once, around clauses that test it. */
function withSubject(a: Analyser, subject: Node, place: Place, make: (value: Node) => CondNode): Node {
  const held = a.variable('', place);
  const { span } = subject;
  const bind = a.bind(held, subject, 'nil', span);
  const choice = make(local(held, span));
  return {
    t: 'scope',
    variables: [held],
    body: { t: 'do', body: [bind, choice], span: choice.span },
    span: choice.span,
  };
}

/** What happens when no clause fits: MatchError with the value (R5.14, R5.15, R7.14). */
function noMatch(value: Node, span: Node['span']): Node {
  return primitive('%no-match', [value], span);
}

/** `(condp f x v e … default?)` (R5.14). */
export const condpForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  if (items.length < 3) wrongShape('condp', 'it has no value', '(condp f x value e … default?)', span);
  const f = a.variable('', place);
  const bindF = a.bind(f, a.node(items[1] as Form, inner(place, 1)), 'nil', span);
  // Only its own binding assigns it, so a known function stays known.
  const below = conditional(place);
  const choice = withSubject(a, a.node(items[2] as Form, inner(place, 2)), place, (value) => {
    const clauses: Clauses = [];
    let i = 3;
    for (; i + 1 < items.length; i += 2) {
      const test = a.apply(local(f, span), [a.node(items[i] as Form, inner(below, i)), value], span, inner(place, i));
      clauses.push({ variables: [], test, body: a.node(items[i + 1] as Form, tail(below, i + 1)) });
    }
    const otherwise = i < items.length ? a.node(items[i] as Form, tail(below, i)) : noMatch(value, span);
    return { t: 'cond', clauses, otherwise, span };
  });
  f.asValue = true;
  return { t: 'scope', variables: [f], body: { t: 'do', body: [bindF, choice], span }, span };
};

/** `(case x k e … default?)` (R5.15). */
export const caseForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  if (items.length < 2) wrongShape('case', 'it has no value', '(case x constant e … default?)', span);
  const below = conditional(place);
  const seen = new Constants();
  return withSubject(a, a.node(items[1] as Form, inner(place, 1)), place, (value) => {
    const clauses: Clauses = [];
    let i = 2;
    for (; i + 1 < items.length; i += 2) {
      const tests = seen.read(items[i] as Form).map((one) => primitive('%same', [value, constant(one, span)], span));
      const test: Node = tests.length === 1 ? (tests[0] as Node) : { t: 'or', items: tests, span };
      clauses.push({ variables: [], test, body: a.node(items[i + 1] as Form, tail(below, i + 1)) });
    }
    const otherwise = i < items.length ? a.node(items[i] as Form, tail(below, i)) : noMatch(value, span);
    return { t: 'cond', clauses, otherwise, span };
  });
};

/** The constants of a `case`, each of which may stand once (R5.15). */
class Constants {
  #keys = PSet.empty;
  /** Those that are no keys: regexes, and what holds one. */
  readonly #others: Value[] = [];

  /** The constants of one clause. */
  read(form: Form): Value[] {
    const forms = form.t === 'list' ? form.items : [form];
    if (forms.length === 0) wrongShape('case', 'a list has no constants', '(k1 k2 …)', form.span);
    return forms.map((one) => {
      const value = formToValue(one.t === 'quote' ? one.form : one);
      if (!this.#add(value)) wrongShape('case', 'a constant stands twice', 'each constant once', one.span);
      return value;
    });
  }

  /** False when it is there already. */
  #add(value: Value): boolean {
    if (isKey(value)) {
      if (this.#keys.has(value)) return false;
      this.#keys = this.#keys.add(value);
      return true;
    }
    if (this.#others.some((other) => equal(other, value))) return false;
    this.#others.push(value);
    return true;
  }
}

/** `and`, `or` (R5.16). */
export function logicForm(name: 'and' | 'or'): FormHandler {
  return (a, form, place) => {
    const { items, span } = form;
    if (items.length === 1) return constant(name === 'and', span);
    const below = conditional(place);
    const nodes = items.slice(1).map((item, i) => {
      const at = i === 0 ? place : below;
      return a.node(item, i === items.length - 2 ? tail(at, i + 1) : inner(at, i + 1));
    });
    return nodes.length === 1 ? (nodes[0] as Node) : { t: name, items: nodes, span };
  };
}

/** `and` and `or` as values take evaluated arguments (R5.16). */
export function logicValue(name: 'and' | 'or'): (a: Analyser, form: SymbolForm) => Node {
  return (_a, form) => ({ t: 'library', name, span: form.span });
}

// ── match ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `(match e clause+)` (R7.14, R7.17). */
export const matchForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  const shape = '(match e pattern body …)';
  if (items.length < 4) wrongShape('match', 'it has no clause', shape, span);
  const below = conditional(place);
  return withSubject(a, a.node(items[1] as Form, inner(place, 1)), place, (value) => {
    const clauses: Clauses = [];
    let open = false;
    for (let i = 2; i < items.length;) {
      const pattern = items[i] as Form;
      const { guard, body } = clauseParts(items, i);
      if (body >= items.length) wrongShape('match', 'a clause has no body', shape, pattern.span);
      if (open)
        a.warn('Unreachable', 'this clause is never reached: an earlier pattern matches everything', pattern.span);
      clauses.push(matchClause(a, { items, value, pattern, at: i, guard, body, place: below }));
      open ||= guard === null && pattern.t === 'symbol';
      i = body + 1;
    }
    return { t: 'cond', clauses, otherwise: noMatch(value, span), span };
  });
};

/** Where the guard, if any, and the body of the clause at `i` stand. */
export function clauseParts(
  items: readonly Form[],
  i: number,
): { guard: readonly [Form, number] | null; body: number } {
  const second = items[i + 1];
  if (second?.t === 'symbol' && second.name === 'when') return { guard: [items[i + 2] as Form, i + 2], body: i + 3 };
  const head = second?.t === 'list' ? second.items[0] : undefined;
  const isGuard = head?.t === 'symbol' && head.name === 'when' && second?.t === 'list' && second.items.length === 2;
  // Second in the clause it is a guard only if a body follows it (R7.17).
  if (isGuard && i + 2 < items.length)
    return { guard: [(second as CollectionForm).items[1] as Form, i + 1], body: i + 2 };
  return { guard: null, body: i + 1 };
}

interface MatchClause {
  readonly items: readonly Form[];
  readonly value: Node;
  readonly pattern: Form;
  readonly at: number;
  readonly guard: readonly [Form, number] | null;
  readonly body: number;
  readonly place: Place;
}

function matchClause(a: Analyser, { items, value, pattern, at, guard, body, place }: MatchClause): Clauses[number] {
  const here = a.open(place);
  declareDefinitions(a, items.slice(body, body + 1), 0, here);
  const m = matching(a, inner(here, at), 'match');
  match(m, pattern, value);
  if (guard !== null) m.out.push(a.node(guard[0], inner(here, guard[1])));
  const test: Node = m.out.length === 0 ? constant(true, pattern.span) : { t: 'and', items: m.out, span: pattern.span };
  const result = a.guarded(pattern.span, () => a.node(items[body] as Form, tail(here, body)));
  return { variables: [...m.variables, ...definedIn(here.scope)], test, body: result };
}

// ── threading ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** `form` with `value` as first or last argument; a form that is no list is a function of one argument. */
export function threaded(form: Form, value: Form, first: boolean): CollectionForm {
  if (form.t !== 'list') return { t: 'list', items: [form, value], span: form.span };
  const [head, ...args] = form.items;
  if (head === undefined) return { t: 'list', items: [value], span: form.span };
  return { ...form, items: first ? [head, value, ...args] : [head, ...args, value] };
}

/** A symbol that no source can spell, bound to `variable` in the place's scope, so that a form can mention a value. */
function placeholder(a: Analyser, place: Place, span: Node['span']): { symbol: SymbolForm; variable: Variable } {
  const name = ` ${a.id()}`;
  return { symbol: { t: 'symbol', name, span }, variable: a.declare(name, place) };
}

/** `->` and `->>` (R5.17). */
export function threadForm(name: '->' | '->>'): FormHandler {
  return (a, form, place) => {
    const { items, span } = form;
    if (items.length < 2) wrongShape(name, 'it has no value', `(${name} x form*)`, span);
    const at = a.openTransparent(place);
    const body: Node[] = [];
    const variables: Variable[] = [];
    let value = items[1] as Form;
    for (let i = 2; i < items.length; i++) {
      const { symbol, variable } = placeholder(a, at, value.span);
      body.push(a.bind(variable, a.node(value, inner(at, i - 1)), 'nil', value.span));
      variables.push(variable);
      value = threaded(items[i] as Form, symbol, name === '->');
    }
    body.push(a.node(value, tail(at, items.length - 1)));
    return { t: 'scope', variables, body: { t: 'do', body, span }, span };
  };
}

/** `(as-> x s f*)` (R5.17). */
export const asForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  const name = items[2];
  if (name?.t !== 'symbol') wrongShape('as->', 'the name is no symbol', '(as-> x name form*)', span);
  let at = place;
  const body: Node[] = [];
  const variables: Variable[] = [];
  const steps: readonly (readonly [Form, number])[] = [
    [items[1] as Form, 1],
    ...items.slice(3).map((item, i) => [item, i + 3] as const),
  ];
  for (const [item, index] of steps) {
    const node = a.node(item, inner(at, index));
    at = a.openTransparent(place);
    const variable = a.declare(name.name, at);
    body.push(a.bind(variable, node, 'nil', item.span));
    variables.push(variable);
  }
  body.push(local(variables.at(-1) as Variable, span));
  return { t: 'scope', variables, body: { t: 'do', body, span }, span };
};

/** `some->` and `some->>`: stop at nil (R5.17). */
export function someThreadForm(name: 'some->' | 'some->>'): FormHandler {
  return (a, form, place) => {
    const { items, span } = form;
    if (items.length < 2) wrongShape(name, 'it has no value', `(${name} x form*)`, span);
    const at = a.openTransparent(place);
    const { symbol, variable } = placeholder(a, at, span);
    variable.assignments = items.length;
    const set = (item: Form, index: number, where: Place): Node =>
      a.bind(variable, a.node(item, inner(where, index)), 'nil', item.span);
    const body: Node[] = [set(items[1] as Form, 1, at)];
    const below = conditional(at);
    items.slice(2).forEach((item, i) => {
      const test = primitive('%some', [local(variable, span)], span);
      const then = set(threaded(item, symbol, name === 'some->'), i + 2, below);
      body.push({ t: 'if', test, then, else: constant(null, span), span });
    });
    body.push(local(variable, span));
    return { t: 'scope', variables: [variable], body: { t: 'do', body, span }, span };
  };
}

/** `cond->` and `cond->>`: test and form in pairs (R5.17). */
export function condThreadForm(name: 'cond->' | 'cond->>'): FormHandler {
  return (a, form, place) => {
    const { items, span } = form;
    if (items.length < 2 || items.length % 2 !== 0)
      wrongShape(name, 'tests and forms are no pairs', `(${name} x test form …)`, span);
    const at = a.openTransparent(place);
    const { symbol, variable } = placeholder(a, at, span);
    variable.assignments = 2;
    const body: Node[] = [a.bind(variable, a.node(items[1] as Form, inner(at, 1)), 'nil', span)];
    const below = conditional(at);
    for (let i = 2; i < items.length; i += 2) {
      const test = a.node(items[i] as Form, inner(at, i));
      const next = a.node(threaded(items[i + 1] as Form, symbol, name === 'cond->'), inner(below, i + 1));
      body.push({ t: 'if', test, then: a.bind(variable, next, 'nil', span), else: constant(null, span), span });
    }
    body.push(local(variable, span));
    return { t: 'scope', variables: [variable], body: { t: 'do', body, span }, span };
  };
}
