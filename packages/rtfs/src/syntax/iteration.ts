/**
 * Iteration: `for doseq dotimes while` (R5.18–R5.21), lowered to `times` over an array of elements.
 */
import type { Form } from '../reader/forms.ts';
import { Keyword } from '../values/kinds.ts';
import { readBindings } from './annotations.ts';
import type { Binding } from './annotations.ts';
import { constant, primitive } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { bindPattern, local, scoped } from './functions.ts';
import type { Node, Variable } from './program.ts';
import { wrongShape } from './refusal.ts';
import { conditional, inner } from './scope.ts';
import type { Place } from './scope.ts';

/** One part of the bindings of `for`: a generator or a modifier. */
type Part =
  | { readonly t: 'each'; readonly pattern: Form; readonly value: Form; readonly index: number }
  | { readonly t: 'when' | 'while'; readonly test: Form; readonly index: number }
  | { readonly t: 'let'; readonly bindings: readonly Binding[]; readonly index: number };

function partsOf(a: Analyser, form: Form | undefined, name: string, span: Node['span']): Part[] {
  const shape = `(${name} [pattern coll …] body)`;
  if (form?.t !== 'vector' || form.items.length % 2 !== 0)
    wrongShape(name, 'the bindings are no pairs', shape, form?.span ?? span);
  const parts: Part[] = [];
  for (let i = 0; i < form.items.length; i += 2) {
    const left = form.items[i] as Form;
    const right = form.items[i + 1] as Form;
    const modifier = left.t === 'literal' && left.value instanceof Keyword ? left.value.name : '';
    if (modifier === 'when' || modifier === 'while') parts.push({ t: modifier, test: right, index: i + 1 });
    else if (modifier === 'let')
      parts.push({ t: 'let', bindings: readBindings(a, right, name, right.span), index: i + 1 });
    else parts.push({ t: 'each', pattern: left, value: right, index: i + 1 });
  }
  if (parts[0]?.t !== 'each') wrongShape(name, 'the first binding is no collection', shape, span);
  return parts;
}

/** `(for [p e …] body)` (R5.18) and `(doseq [p e …] body*)` (R5.19). */
export function forForm(name: 'for' | 'doseq'): FormHandler {
  return (a, form, place) => {
    const { items, span } = form;
    const parts = partsOf(a, items[1], name, span);
    if (name === 'for' && items.length !== 3)
      wrongShape('for', 'it wants one body', '(for [pattern coll …] body)', span);
    const here: Place = { ...place, tail: false, target: null, barrier: 'an iteration' };
    if (name === 'doseq') return nest(a, parts, here, (at) => scoped(a, items, 2, { place: a.open(at), span }));
    const out = a.variable('', place);
    const make = a.bind(out, primitive('%array', [], span), 'nil', span);
    const loops = nest(a, parts, here, (at) =>
      primitive('%collect', [local(out, span), scoped(a, items, 2, { place: a.open(at), span })], span),
    );
    const body: Node[] = [make, loops, primitive('%vector', [local(out, span)], span)];
    return { t: 'scope', variables: [out], body: { t: 'do', body, span }, span };
  };
}

/** The parts from the left, each around the rest. */
function nest(a: Analyser, parts: readonly Part[], place: Place, body: (at: Place) => Node): Node {
  const [part, ...rest] = parts;
  if (part === undefined) return body(place);
  const vector = inner(place, 1);
  if (part.t === 'when' || part.t === 'while') {
    const test = a.node(part.test, inner(vector, part.index));
    const otherwise: Node = part.t === 'while' ? { t: 'break', span: part.test.span } : constant(null, part.test.span);
    return { t: 'if', test, then: nest(a, rest, conditional(place), body), else: otherwise, span: part.test.span };
  }
  if (part.t === 'let') return bindAndNest(a, part, rest, { place, body });
  return each(a, part as Extract<Part, { t: 'each' }>, { place, body: (at) => nest(a, rest, at, body) });
}

interface Around {
  readonly place: Place;
  readonly body: (at: Place) => Node;
}

function bindAndNest(
  a: Analyser,
  part: Extract<Part, { t: 'let' }>,
  rest: readonly Part[],
  { place, body }: Around,
): Node {
  const at = a.openTransparent(place);
  const nodes: Node[] = [];
  const variables: Variable[] = [];
  for (const { pattern, value, index } of part.bindings) {
    const node = a.node(value, inner(inner(inner(at, 1), part.index), index));
    const bound = bindPattern(a, pattern, node, at);
    nodes.push(...bound.binds);
    variables.push(...bound.variables);
  }
  const { span } = nodes[0] ?? constant(null, place.func.span);
  return { t: 'scope', variables, body: { t: 'do', body: [...nodes, nest(a, rest, at, body)], span }, span };
}

/** One collection: its elements as an array, and a metered pass over it. */
function each(a: Analyser, part: Extract<Part, { t: 'each' }>, { place, body }: Around): Node {
  const { span } = part.value;
  const array = a.variable('', place);
  const elements = primitive('%elements', [a.node(part.value, inner(inner(place, 1), part.index))], span);
  const bind = a.bind(array, elements, 'nil', span);
  const item = a.variable('', place);
  item.assignments = 2;
  const at = a.open(conditional(place));
  const element = primitive('%nth', [local(array, span), local(item, span)], span);
  const { binds, variables } = bindPattern(a, part.pattern, element, at);
  const once: Node = { t: 'scope', variables, body: { t: 'do', body: [...binds, body(at)], span }, span };
  place.func.facts.loops = true;
  const times: Node = {
    t: 'times',
    count: primitive('%length', [local(array, span)], span),
    item,
    body: once,
    metered: true,
    span,
  };
  return { t: 'scope', variables: [array], body: { t: 'do', body: [bind, times], span }, span };
}

/** `(dotimes [s n] body*)` (R5.20). */
export const dotimesForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  const [binding, ...more] = readBindings(a, items[1], 'dotimes', span);
  if (binding === undefined || more.length > 0 || binding.pattern.t !== 'symbol') {
    wrongShape('dotimes', 'it wants one name and a number', '(dotimes [name n] body*)', span);
  }
  const count = primitive('%times', [a.node(binding.value, inner(inner(place, 1), binding.index))], span);
  const last = a.variable('', place);
  last.assignments = 2;
  const counter = a.variable('', place);
  counter.assignments = 2;
  const at = a.open({ ...conditional(place), tail: false, target: null, barrier: 'an iteration' });
  const item = a.declare(binding.pattern.name, at);
  const bind = a.bind(item, local(counter, span), 'nil', span);
  const body = a.bind(last, scoped(a, items, 2, { place: at, span }), 'nil', span);
  const once: Node = { t: 'scope', variables: [item], body: { t: 'do', body: [bind, body], span }, span };
  place.func.facts.loops = true;
  const times: Node = { t: 'times', count, item: counter, body: once, metered: true, span };
  const nodes: Node[] = [a.bind(last, constant(null, span), 'nil', span), times, local(last, span)];
  return { t: 'scope', variables: [last], body: { t: 'do', body: nodes, span }, span };
};

/** `(while c body*)` (R5.21). */
export const whileForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  if (items.length < 2) wrongShape('while', 'it has no test', '(while test body*)', span);
  const here: Place = { ...conditional(place), tail: false, target: null, barrier: 'a while' };
  const test = a.node(items[1] as Form, inner(here, 1));
  const body = a.body(items, 2, { ...here, tail: false }, span);
  place.func.facts.loops = true;
  return { t: 'while', test, body, metered: true, most: null, span };
};
