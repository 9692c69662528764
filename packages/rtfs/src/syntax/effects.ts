/**
 * Effects (§11): `call`, the effect functions of R11.8, and context access. An effect function is a template in RTFS, analysed
 * at each place where it is named, so that its call site is that place (R11.9).
 */
import type { CollectionForm, Form, SymbolForm } from '../reader/forms.ts';
import { read } from '../reader/read.ts';
import { Keyword } from '../values/kinds.ts';
import { constant, literalOf, primitive } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { cast, castTo, readBindings } from './annotations.ts';
import { EFFECT_TEMPLATES } from './effect-templates.ts';
import { fnNode, local, scoped } from './functions.ts';
import type { Node, Variable } from './program.ts';
import { wrongShape } from './refusal.ts';
import { conditional, inner, Scope, siteOf } from './scope.ts';
import type { Place } from './scope.ts';

/** `(call id arg*)` (R11.1). */
export const callForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  if (items.length < 2) wrongShape('call', 'it names no capability', '(call :capability arg*)', span);
  const id = a.node(items[1] as Form, inner(place, 1));
  const args = a.all(items, 2, place);
  const hints = form.meta === undefined ? null : a.node(form.meta, inner(place, 0));
  const literal = literalOf(id);
  const name = literal instanceof Keyword ? literal.name : typeof literal === 'string' ? literal : null;
  const site = siteOf(place.path);
  place.func.facts.yields = true;
  a.calls.push({ id: name, site, span, args: args.map(staticValue) });
  return { t: 'capability', id, args, hints, site, span };
};

/** The value of an argument that is a literal through and through, else undefined. */
function staticValue(node: Node): ReturnType<typeof literalOf> {
  return literalOf(node);
}

// ── templates ───────────────────────────────────────────────────────────────────────────────────────────────────────

const templates = new Map<string, CollectionForm>();

/** The clauses of an effect function: `(fn ([p*] body) …)`, read once. */
function template(name: string): CollectionForm | null {
  const text = Object.hasOwn(EFFECT_TEMPLATES, name) ? EFFECT_TEMPLATES[name]?.text : undefined;
  if (text === undefined) return null;
  let form = templates.get(text);
  if (form === undefined) {
    form = read(`(fn ${text})`).forms[0] as CollectionForm;
    templates.set(text, form);
  }
  return form;
}

/** The names of all effect functions. */
export function effectNames(): readonly string[] {
  return Object.keys(EFFECT_TEMPLATES);
}

/** The clause of a template that takes `count` arguments, and its parameter names. */
function clauseFor(form: CollectionForm, count: number): { params: string[]; rest: string | null; body: Form } | null {
  const clauses =
    form.items[1]?.t === 'vector'
      ? [form.items.slice(1)]
      : form.items.slice(1).map((item) => (item as CollectionForm).items);
  for (const [vector, body] of clauses) {
    const names = (vector as CollectionForm).items.map((item) => (item as SymbolForm).name);
    const at = names.indexOf('&');
    const params = at < 0 ? names : names.slice(0, at);
    if (count === params.length || (at >= 0 && count >= params.length)) {
      return { params, rest: at < 0 ? null : (names[at + 1] as string), body: body as Form };
    }
  }
  return null;
}

/** A place where a template's own names mean the library and its runtime operations, whatever the program defines. */
function templatePlace(place: Place): Place {
  return {
    ...place,
    scope: new Scope(null, place.func, { branch: place.scope.branch, depth: place.depth }),
    tail: false,
    clause: null,
    target: null,
    barrier: null,
  };
}

/** An application of an effect function, in line: the call is made where the name stands. */
export function effectLine(a: Analyser, name: string, form: CollectionForm, place: Place): Node {
  const made = template(name) as CollectionForm;
  const args = a.all(form.items, 1, place);
  const clause = clauseFor(made, args.length);
  if (clause === null) {
    // Arity is an error of the run: the arguments are evaluated first, as for any function.
    place.func.facts.yields = true;
    return primitive(
      '%wrong-arity',
      [constant(name, form.span), constant(arities(made), form.span), ...args],
      form.span,
    );
  }
  const at = templatePlace(place);
  const variables: Variable[] = [];
  const body: Node[] = [];
  const bindArg = (param: string, value: Node): void => {
    const variable = a.declare(param, at);
    variables.push(variable);
    body.push(a.bind(variable, value, 'nil', form.span));
  };
  clause.params.forEach((param, i) => bindArg(param, args[i] as Node));
  if (clause.rest !== null)
    bindArg(clause.rest, { t: 'vector', items: args.slice(clause.params.length), span: form.span });
  body.push(inTemplate(a, form.span, () => a.node(respan(clause.body, form.span), at), siteOf(place.path), args));
  return { t: 'scope', variables, body: { t: 'do', body, span: form.span }, span: form.span };
}

/** Analyses with the template's dialect: runtime operations are in reach, and every call has the site of the name. */
function inTemplate(a: Analyser, span: Node['span'], work: () => Node, site: string, args: readonly Node[]): Node {
  const from = a.calls.length;
  const node = a.privileged(work);
  for (let i = from; i < a.calls.length; i++) {
    const call = a.calls[i] as (typeof a.calls)[number];
    const own = args.length === call.args?.length && call.args.every((arg) => arg === undefined);
    a.calls[i] = { ...call, site, span, args: own ? args.map(staticValue) : (call.args ?? []) };
  }
  return resite(node, site);
}

/** Gives every capability call below `node` the site of the name it came from. */
function resite(node: Node, site: string): Node {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null || !('t' in value)) return value;
    const one = value as Node;
    if (one.t === 'capability') return { ...one, site, args: visit(one.args) };
    if (one.t === 'fn') {
      for (const clause of one.func.clauses) clause.body = visit(clause.body) as Node;
      return one;
    }
    if (one.t === 'const' || one.t === 'type' || one.t === 'local') return one;
    const copy: Record<string, unknown> = {};
    for (const [key, part] of Object.entries(one))
      copy[key] = key === 'variable' || key === 'func' || key === 'variables' ? part : visit(part);
    return copy;
  };
  return visit(node) as Node;
}

function arities(form: CollectionForm): string {
  const clauses =
    form.items[1]?.t === 'vector'
      ? [form.items[1]]
      : form.items.slice(1).map((item) => (item as CollectionForm).items[0]);
  const counts = clauses.map((vector) => {
    const names = (vector as CollectionForm).items;
    const at = names.findIndex((item) => item.t === 'symbol' && item.name === '&');
    return at < 0 ? { min: names.length, open: false } : { min: at, open: true };
  });
  const min = Math.min(...counts.map((one) => one.min));
  const max = Math.max(...counts.map((one) => one.min));
  if (counts.some((one) => one.open)) return `at least ${min}`;
  return min === max ? String(min) : `between ${min} and ${max}`;
}

/** A template's form as if it stood at `span`. */
function respan(form: Form, span: Node['span']): Form {
  switch (form.t) {
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      return { ...form, span, items: form.items.map((item) => respan(item, span)) };
    case 'quote':
      return { ...form, span, form: respan(form.form, span) };
    default:
      return { ...form, span };
  }
}

/** An effect function as a value: a function whose call site is the symbol (R11.8). */
export function effectValue(a: Analyser, form: SymbolForm, place: Place): Node {
  const made = respan(template(form.name) as CollectionForm, form.span) as CollectionForm;
  const at = templatePlace(place);
  return inTemplate(
    a,
    form.span,
    () => fnNode(a, { name: form.name, form: made, from: 1, place: at }),
    siteOf(place.path),
    [],
  );
}

/** Form names of R5.1 that are effect functions. */
export function effectForm(name: string): FormHandler {
  return (a, form, place) => effectLine(a, name, form, place);
}

// ── context and resources ───────────────────────────────────────────────────────────────────────────────────────────

/** `(get :k)` and `(context/get :k)`, one argument (R12.21); with more it is the library's `get`. */
export function getHead(a: Analyser, form: CollectionForm, place: Place): Node | null {
  if (form.items.length !== 2) return null;
  return a.contextRead(a.node(form.items[1] as Form, inner(place, 1)), form.span, place);
}

/** `(context/set :k v)`. */
export function contextSetHead(a: Analyser, form: CollectionForm, place: Place): Node {
  if (form.items.length !== 3)
    wrongShape('context/set', 'it wants a key and a value', '(context/set :key value)', form.span);
  place.func.facts.yields = true;
  const [key, value] = a.all(form.items, 1, place) as [Node, Node];
  return { t: 'context-write', key, value, span: form.span };
}

/** `(resource:ref "name")` (R12.20). */
export function resourceRefHead(a: Analyser, form: CollectionForm, place: Place): Node {
  const name = form.items[1];
  if (form.items.length !== 2 || name?.t !== 'literal' || typeof name.value !== 'string') {
    wrongShape('resource:ref', 'the name is no string literal', '(resource:ref "name")', form.span);
  }
  return a.contextReference(name.value, form.span, place);
}

/** `(with-resource [s T? e] body*)` (R5.23): the body, and the resource's `:close` on every way out. */
export const withResourceForm: FormHandler = (a, form, place) => {
  const shape = '(with-resource [name type? e] body*)';
  const vector = form.items[1];
  if (vector?.t !== 'vector' || vector.items[0]?.t !== 'symbol')
    wrongShape('with-resource', 'it binds no name', shape, form.span);
  const name = vector.items[0].name;
  const glued = vector.items[1]?.t === 'annotation';
  const index = vector.items.length - 1;
  const value = vector.items[index];
  if (value === undefined || index < 1 || index > 2)
    wrongShape('with-resource', 'it wants one binding', shape, form.span);
  const [binding] = glued ? readBindings(a, vector, 'with-resource', form.span) : [];
  const type = binding?.type ?? null;
  const at = a.open({ ...conditional(place), tail: false, barrier: 'a with-resource' });
  const node = a.node(value, inner(inner(place, 1), index));
  const variable = a.declare(name, at);
  const bind = a.bind(variable, type === null ? node : cast(node, castTo(a, type, name)), 'nil', form.span);
  const body = scoped(a, form.items, 2, { place: at, span: form.span });
  const closer = primitive('%closer', [local(variable, form.span)], form.span);
  const held = a.variable('', at);
  const run = a.apply(local(held, form.span), [local(variable, form.span)], form.span, { ...at, clause: null });
  const close: Node = {
    t: 'scope',
    variables: [held],
    span: form.span,
    body: {
      t: 'do',
      span: form.span,
      body: [
        a.bind(held, closer, 'nil', form.span),
        { t: 'if', test: local(held, form.span), then: run, else: constant(null, form.span), span: form.span },
      ],
    },
  };
  place.func.facts.unknown = true;
  const guarded: Node = { t: 'try', body, clauses: [], finally: close, span: form.span };
  return {
    t: 'scope',
    variables: [variable],
    body: { t: 'do', body: [bind, guarded], span: form.span },
    span: form.span,
  };
};
