/**
 * Patterns (§7), lowered to binds and runtime checks. A binding pattern checks and raises TypeError; a `match` pattern is a row of
 * tests, each a bind (which is true) or a predicate, and fails over to the next clause.
 */
import type { CollectionForm, Form } from '../reader/forms.ts';
import { formToValue } from '../reader/data.ts';
import { Keyword } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { typeOf } from './annotations.ts';
import { constant, primitive } from './analyser.ts';
import type { Analyser } from './analyser.ts';
import type { Node, Variable } from './program.ts';
import { refuse } from './refusal.ts';
import type { Place } from './scope.ts';

/** One pattern on its way down. `out` receives binds and checks in order, `variables` what they declare. */
export interface Matching {
  readonly a: Analyser;
  readonly place: Place;
  readonly mode: 'binding' | 'match';
  readonly variables: Variable[];
  readonly names: Map<string, Variable>;
  out: Node[];
  /** Set while the later alternatives of an `or` are analysed: they bind the names of the first. */
  again: boolean;
}

/** A new matching whose names go into the scope of `place`. */
export function matching(a: Analyser, place: Place, mode: 'binding' | 'match'): Matching {
  return { a, place, mode, variables: [], names: new Map(), out: [], again: false };
}

function shape(what: string, span: Span): never {
  return refuse('SyntaxError', `pattern: ${what}; expected a symbol, a vector pattern or a map pattern`, span);
}

function local(variable: Variable, span: Span): Node {
  variable.asValue = true;
  return { t: 'local', variable, checked: false, span };
}

function bindTo(m: Matching, variable: Variable, value: Node, span: Span): void {
  m.out.push(m.a.bind(variable, value, 'true', span));
}

/** Binds the name `name` to `value`. A name may stand once in a pattern (R7.16). */
function bindName(m: Matching, name: string, value: Node, span: Span): void {
  if (name === '_') {
    // The value is evaluated even if nobody keeps it.
    if (value.t !== 'local') bindTo(m, temporary(m), value, span);
    return;
  }
  const known = m.names.get(name);
  if (known !== undefined && !m.again)
    refuse('SyntaxError', `pattern: ${name} stands twice; expected each name once`, span);
  if (known === undefined && m.again)
    refuse('SyntaxError', `or: ${name} is not bound by all alternatives; expected the same names`, span);
  let variable = known;
  if (variable === undefined) {
    variable = m.a.variable(name, m.place);
    m.variables.push(variable);
    m.names.set(name, variable);
  }
  bindTo(m, variable, value, span);
  m.place.scope.names.set(name, variable);
}

function temporary(m: Matching): Variable {
  const variable = m.a.variable('', m.place);
  m.variables.push(variable);
  return variable;
}

/** Matches `form` against `value`, which is evaluated exactly once. */
export function match(m: Matching, form: Form, value: Node): void {
  switch (form.t) {
    case 'symbol':
      return bindName(m, form.name, value, form.span);
    case 'literal':
    case 'quote':
      return literal(m, form, value);
    case 'vector':
      return vector(m, form, held(m, value, form.span));
    case 'map':
      return map(m, form, held(m, value, form.span));
    case 'list':
      return operator(m, form, value);
    default:
      return shape('this form is none', form.span);
  }
}

/** A local that holds `value`. */
function held(m: Matching, value: Node, span: Span): Node {
  if (value.t === 'local' && !value.checked) return value;
  const variable = temporary(m);
  bindTo(m, variable, value, span);
  return local(variable, span);
}

function literal(m: Matching, form: Form, value: Node): void {
  if (m.mode === 'binding') shape('a literal binds nothing', form.span);
  m.out.push(
    primitive('%same', [value, constant(formToValue(form.t === 'quote' ? form.form : form), form.span)], form.span),
  );
}

// ── vectors ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function vector(m: Matching, form: CollectionForm, value: Node): void {
  const parts = vectorParts(form);
  const rest = parts.rest !== null || parts.open;
  const check = m.mode === 'binding' ? '%need-seq' : '%is-seq';
  m.out.push(primitive(check, [value, constant(parts.items.length, form.span), constant(rest, form.span)], form.span));
  if (parts.whole !== null) bindName(m, parts.whole, value, form.span);
  parts.items.forEach((item, i) => match(m, item, primitive('%element', [value, constant(i, item.span)], item.span)));
  if (parts.rest !== null) {
    match(m, parts.rest, primitive('%rest-from', [value, constant(parts.items.length, form.span)], parts.rest.span));
  }
}

interface VectorParts {
  readonly items: Form[];
  rest: Form | null;
  open: boolean;
  whole: string | null;
}

function vectorParts(form: CollectionForm): VectorParts {
  const parts: VectorParts = { items: [], rest: null, open: false, whole: null };
  for (let i = 0; i < form.items.length; i++) {
    const item = form.items[i] as Form;
    const next = form.items[i + 1];
    if (item.t === 'annotation')
      refuse('SyntaxError', 'pattern: a type stands inside it; expected it after the whole pattern', item.span);
    if (item.t === 'symbol' && item.name === '&') {
      if (next === undefined) shape('nothing follows &', item.span);
      parts.rest = next;
      parts.open = true;
      i++;
    } else if (item.t === 'literal' && item.value === Keyword.of('as')) {
      if (next?.t !== 'symbol') shape(':as wants a name', item.span);
      parts.whole = next.name;
      i++;
    } else if (parts.open) {
      shape('only :as may follow the rest pattern', item.span);
    } else {
      parts.items.push(item);
    }
  }
  return parts;
}

// ── maps ────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface MapParts {
  readonly entries: { key: Value; pattern: Form }[];
  rest: Form | null;
  closed: boolean;
  whole: string | null;
  readonly defaults: Map<string, { form: Form; index: number }>;
}

function map(m: Matching, form: CollectionForm, value: Node): void {
  const parts = mapParts(m, form);
  m.out.push(primitive(m.mode === 'binding' ? '%need-map' : '%is-map', [value], form.span));
  if (parts.whole !== null) bindName(m, parts.whole, value, form.span);
  for (const { key, pattern } of parts.entries) entry(m, { key, pattern, value, parts });
  const keys = parts.entries.map(({ key }) => constant(key, form.span));
  if (parts.closed) m.out.push(primitive('%only-keys', [value, ...keys], form.span));
  if (parts.rest !== null) match(m, parts.rest, primitive('%without', [value, ...keys], form.span));
}

function entry(
  m: Matching,
  { key, pattern, value, parts }: { key: Value; pattern: Form; value: Node; parts: MapParts },
): void {
  const { span } = pattern;
  const at = constant(key, span);
  const otherwise = pattern.t === 'symbol' ? parts.defaults.get(pattern.name) : undefined;
  const found = primitive('%lookup', [value, at], span);
  if (otherwise === undefined) {
    if (m.mode === 'match') m.out.push(primitive('%has', [value, at], span));
    return match(m, pattern, found);
  }
  const then = m.a.node(otherwise.form, { ...m.place, tail: false });
  match(m, pattern, { t: 'if', test: primitive('%has', [value, at], span), then: found, else: then, span });
}

function mapParts(m: Matching, form: CollectionForm): MapParts {
  const parts: MapParts = { entries: [], rest: null, closed: false, whole: null, defaults: new Map() };
  for (let i = 0; i + 1 < form.items.length; i += 2) {
    mapEntry(m, parts, form.items[i] as Form, form.items[i + 1] as Form);
  }
  return parts;
}

function mapEntry(m: Matching, parts: MapParts, left: Form, right: Form): void {
  if (left.t === 'annotation' || right.t === 'annotation') {
    refuse('SyntaxError', 'pattern: a type stands inside it; expected it after the whole pattern', left.span);
  }
  if (left.t === 'symbol' && left.name === '&') {
    if (right.t === 'map' && right.items.length === 0) {
      if (m.mode === 'binding') shape('& {} closes match patterns only', right.span);
      parts.closed = true;
    } else {
      parts.rest = right;
    }
    return;
  }
  if (left.t === 'literal') {
    const special = left.value instanceof Keyword ? left.value.name : '';
    if (special === 'keys' || special === 'strs') return names(parts, special, right);
    if (special === 'as') {
      if (right.t !== 'symbol') shape(':as wants a name', right.span);
      parts.whole = right.name;
      return;
    }
    if (special === 'or') return defaults(parts, right);
    parts.entries.push({ key: left.value, pattern: right });
    return;
  }
  if (right.t !== 'literal') shape('an entry has no literal key', left.span);
  parts.entries.push({ key: right.value, pattern: left });
}

function names(parts: MapParts, kind: 'keys' | 'strs', form: Form): void {
  if (form.t !== 'vector') shape(`:${kind} wants a vector of names`, form.span);
  for (const name of form.items) {
    if (name.t !== 'symbol') shape(`:${kind} wants a vector of names`, name.span);
    parts.entries.push({ key: kind === 'keys' ? Keyword.of(name.name) : name.name, pattern: name });
  }
}

function defaults(parts: MapParts, form: Form): void {
  if (form.t !== 'map') shape(':or wants a map from names to defaults', form.span);
  for (let i = 0; i + 1 < form.items.length; i += 2) {
    const name = form.items[i] as Form;
    if (name.t !== 'symbol') shape(':or wants a map from names to defaults', name.span);
    parts.defaults.set(name.name, { form: form.items[i + 1] as Form, index: i + 1 });
  }
}

// ── operators of match ──────────────────────────────────────────────────────────────────────────────────────────────

function operator(m: Matching, form: CollectionForm, value: Node): void {
  if (m.mode === 'binding') shape('a list is a pattern of match only', form.span);
  const head = form.items[0];
  if (head?.t === 'symbol' && head.name === 'or' && form.items.length > 1) return alternatives(m, form, value);
  if (head?.t === 'symbol' && head.name === 'is') return satisfies(m, form, value);
  const name = form.items[1];
  if (head?.t === 'literal' && head.value === Keyword.of('as') && name?.t === 'symbol' && form.items.length === 3) {
    const whole = held(m, value, form.span);
    match(m, form.items[2] as Form, whole);
    return bindName(m, name.name, whole, name.span);
  }
  if (head?.t === 'symbol' && head.name === 'quote' && form.items.length === 2) {
    m.out.push(primitive('%same', [value, constant(formToValue(form.items[1] as Form), form.span)], form.span));
    return;
  }
  return refuse(
    'SyntaxError',
    'match: unknown pattern; expected (or p …), (:as name p), (is T) or (is T name)',
    form.span,
  );
}

function alternatives(m: Matching, form: CollectionForm, value: Node): void {
  const whole = held(m, value, form.span);
  const { out, again } = m;
  const before = m.names.size;
  const items = form.items.slice(1).map((item, i): Node => {
    m.out = [];
    m.again = i > 0 || again;
    const seen = bindsOf(m, item, whole);
    if (i > 0 && seen !== m.names.size - before) {
      refuse('SyntaxError', 'or: the alternatives bind different names; expected the same names', item.span);
    }
    return { t: 'and', items: m.out, span: item.span };
  });
  m.out = out;
  m.again = again;
  m.out.push({ t: 'or', items, span: form.span });
}

/** Matches one alternative and counts the names it binds. */
function bindsOf(m: Matching, item: Form, whole: Node): number {
  match(m, item, whole);
  const bound = new Set<string>();
  const visit = (node: Node): void => {
    if (node.t === 'bind' && node.variable.name !== '') bound.add(node.variable.name);
    if (node.t === 'and' || node.t === 'or') node.items.forEach(visit);
  };
  m.out.forEach(visit);
  return bound.size;
}

function satisfies(m: Matching, form: CollectionForm, value: Node): void {
  const [, type, name] = form.items;
  if (type === undefined || form.items.length > 3 || (name !== undefined && name.t !== 'symbol')) {
    refuse('SyntaxError', 'is: wrong parts; expected (is T) or (is T name)', form.span);
  }
  const whole = held(m, value, form.span);
  m.out.push({ t: 'primitive', name: '%satisfies', args: [whole, typeOf(m.a, type)], span: form.span });
  if (name?.t === 'symbol') bindName(m, name.name, whole, name.span);
}
