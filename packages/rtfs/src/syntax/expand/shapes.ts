/**
 * What the parts of each special form are, for the walk of expansion: which are evaluated, which bind names and where these hide
 * macros. A form that has none of this, whose parts are all evaluated, needs no row. A wrong shape is left to analysis, which
 * says what is wrong with it.
 */
import type { CollectionForm, Form, SymbolForm } from '../../reader/forms.ts';
import { Keyword } from '../../values/kinds.ts';
import { clauseParts } from '../control.ts';
import { catchParts } from '../errors.ts';
import { refuse } from '../refusal.ts';
import { bindings, headName, parameters, pattern } from './patterns.ts';
import { threadShape } from './threads.ts';
import { deeper, plain } from './walk.ts';
import type { At, Shape, Walker } from './walk.ts';

const kept: Shape = (_w, form) => plain(form);

/** Every part but the head is evaluated. */
const evaluated: Shape = (w, form, at) => w.rest(form, 1, at);

// ── functions and definitions ───────────────────────────────────────────────────────────────────────────────────────

/** `[p*] T? body*` from index `from` on, or clauses of that form. */
function functionParts(w: Walker, form: CollectionForm, from: number, at: At): CollectionForm {
  const index = form.items.findIndex((item, i) => i >= from && (item.t === 'vector' || item.t === 'list'));
  const first = form.items[index];
  if (first?.t === 'vector') return clause(w, form, index, at);
  const items = form.items.map((item, i) =>
    i >= from && item.t === 'list' && item.items[0]?.t === 'vector' ? clause(w, item, 0, deeper(at)) : plain(item),
  );
  return w.with(form, items);
}

function clause(w: Walker, form: CollectionForm, index: number, at: At): CollectionForm {
  const { vector, inside } = parameters(w, form.items[index] as CollectionForm, deeper(at));
  const items = w.body(form.items, index + 1, inside);
  return w.with(form, [...form.items.slice(0, index), vector, ...items.slice(index + 1)]);
}

const fnShape: Shape = (w, form, at) => {
  const name = form.items[1];
  if (name?.t !== 'symbol') return functionParts(w, form, 1, at);
  return replaced(functionParts(w, form, 2, w.hiding([name.name], at)), 1, w.binder(name, at));
};

/** The form with another item at `index`. */
function replaced(form: CollectionForm, index: number, item: Form): CollectionForm {
  if (form.items[index] === item) return form;
  return { ...form, items: form.items.map((one, i) => (i === index ? item : one)) };
}

const defnShape: Shape = (w, form, at) => {
  const name = form.items[1];
  if (name?.t !== 'symbol') return plain(form);
  return replaced(functionParts(w, form, 2, at), 1, w.binder(name, at));
};

const defShape: Shape = (w, form, at) => {
  const name = form.items[1];
  if (name?.t !== 'symbol') return plain(form);
  return replaced(w.rest(form, 2, at) as CollectionForm, 1, w.binder(name, at));
};

/** What is imported is not this text's to assign (R4.9). */
const setShape: Shape = (w, form, at) => {
  const target = form.items[1];
  if (target?.t !== 'symbol') return w.rest(form, 1, at);
  if (w.imported.has(target.name) && !w.hides(target.name, at))
    refuse('SyntaxError', `set!: ${target.name} is imported; expected a name of this text`, target.span);
  return replaced(w.rest(form, 2, at) as CollectionForm, 1, w.binder(target, at));
};

// ── bindings around a body ──────────────────────────────────────────────────────────────────────────────────────────

const letShape: Shape = (w, form, at) => {
  const outer = w.defining(form.items, 2, at);
  const bound = bindings(w, form, outer);
  if (bound === null) return plain(form);
  return w.with(form, [form.items[0] as Form, bound.vector, ...w.body(form.items, 2, bound.inside).slice(2)]);
};

/** `if-let`, `if-some`: the names are not visible in the last part (R5.12). */
const ifLetShape: Shape = (w, form, at) => {
  const bound = bindings(w, form, at);
  if (bound === null) return plain(form);
  const items = form.items.map((item, i) => {
    if (i < 2) return i === 1 ? bound.vector : item;
    return w.expression(item, i === 2 ? bound.inside : at);
  });
  return w.with(form, items);
};

const letfnShape: Shape = (w, form, at) => {
  const vector = form.items[1];
  if (vector?.t !== 'vector') return plain(form);
  const names = vector.items.flatMap((item) => {
    const name = item.t === 'list' ? item.items[0] : undefined;
    return name?.t === 'symbol' ? [w.binder(name, at).name] : [];
  });
  const inside = w.defining(form.items, 2, w.hiding(names, at));
  const functions = vector.items.map((item) =>
    item.t === 'list' ? functionParts(w, item, 1, deeper(deeper(inside))) : plain(item),
  );
  return w.with(form, [form.items[0] as Form, w.with(vector, functions), ...w.body(form.items, 2, inside).slice(2)]);
};

/** `for` and `doseq`: pairs, with the modifiers `:when :while :let` (R5.18). */
const forShape: Shape = (w, form, at) => {
  const vector = form.items[1];
  if (vector?.t !== 'vector') return plain(form);
  let inside = w.defining(form.items, 2, at);
  const items: Form[] = [];
  for (let i = 0; i < vector.items.length; i += 2) {
    const left = vector.items[i] as Form;
    const right = vector.items[i + 1];
    const names = new Set<string>();
    if (right === undefined) items.push(plain(left));
    else if (left.t === 'literal' && left.value === Keyword.of('let') && right.t === 'vector') {
      const bound = bindings(w, { ...form, items: [form.items[0] as Form, right] }, deeper(inside));
      items.push(left, bound?.vector ?? plain(right));
      inside = bound === null ? inside : { ...bound.inside, depth: inside.depth };
    } else {
      const value = w.expression(right, deeper(inside));
      items.push(left.t === 'literal' ? left : pattern(w, left, inside, names), value);
      inside = w.hiding(names, inside);
    }
  }
  return w.with(form, [form.items[0] as Form, w.with(vector, items), ...w.body(form.items, 2, inside).slice(2)]);
};

/** `[name T? e]` and a body: `dotimes`, `with-resource`. */
const nameShape: Shape = (w, form, at) => {
  const vector = form.items[1];
  if (vector?.t !== 'vector') return plain(form);
  const { binding, names } = nameBinding(w, vector, at);
  const body = w.body(form.items, 2, w.hiding(names, at));
  return w.with(form, [form.items[0] as Form, binding, ...body.slice(2)]);
};

function nameBinding(w: Walker, vector: CollectionForm, at: At): { binding: Form; names: string[] } {
  const name = vector.items[0];
  if (name?.t !== 'symbol') return { binding: plain(vector), names: [] };
  const last = vector.items.length - 1;
  const items = vector.items.map((item, i) => {
    if (i === 0) return w.binder(name, at);
    return i === last ? w.expression(item, deeper(at)) : plain(item);
  });
  return { binding: w.with(vector, items), names: [name.name] };
}

const parallelShape: Shape = (w, form, at) =>
  w.with(
    form,
    form.items.map((item, i) =>
      i > 0 && item.t === 'vector' ? nameBinding(w, item, deeper(at)).binding : plain(item),
    ),
  );

// ── choice, errors, types ───────────────────────────────────────────────────────────────────────────────────────────

const caseShape: Shape = (w, form, at) => {
  const { length } = form.items;
  const items = form.items.map((item, i) => {
    const isConstant = i > 1 && i % 2 === 0 && i < length - 1;
    return i === 0 || isConstant ? plain(item) : w.expression(item, at);
  });
  return w.with(form, items);
};

const matchShape: Shape = (w, form, at) => {
  const items: Form[] = [...form.items];
  if (items.length > 1) items[1] = w.expression(items[1] as Form, at);
  for (let i = 2; i < items.length;) {
    const { guard, body } = clauseParts(form.items, i);
    if (body >= items.length) break;
    const names = new Set<string>();
    items[i] = pattern(w, items[i] as Form, at, names);
    const inside = w.hiding(names, w.defining(form.items.slice(body, body + 1), 0, at));
    if (guard !== null) guardAt(w, items, guard[1], inside);
    items[body] = w.expression(items[body] as Form, inside);
    i = body + 1;
  }
  return w.with(form, items);
};

/** A guard stands after `when`, or inside a list `(when guard)` (R7.14). */
function guardAt(w: Walker, items: Form[], index: number, at: At): void {
  const form = items[index] as Form;
  const before = items[index - 1] as Form;
  const bare = before.t === 'symbol' && before.name === 'when';
  if (bare || form.t !== 'list') items[index] = w.expression(form, at);
  else items[index] = w.rest(form, 1, deeper(at));
}

const tryShape: Shape = (w, form, at) =>
  w.with(
    form,
    form.items.map((item, i) => {
      if (i === 0) return item;
      const head = item.t === 'list' ? headName(item) : '';
      if (head === 'catch') return catchClause(w, item as CollectionForm, deeper(at));
      return head === 'finally' ? w.rest(item as CollectionForm, 1, deeper(at)) : w.expression(item, at);
    }),
  );

function catchClause(w: Walker, form: CollectionForm, at: At): Form {
  const { name, body } = catchParts(form);
  const binder = form.items[body - 1] as SymbolForm;
  const items = w.body(form.items, body, w.hiding([name], at));
  return replaced(
    w.with(form, [...form.items.slice(0, body - 1).map(plain), binder, ...items.slice(body)]),
    body - 1,
    w.binder(binder, at),
  );
}

const declaresType: Shape = (w, form, at) => {
  const name = form.items[1];
  if (name?.t === 'symbol') {
    w.types.set(name.name, { t: 'basic', name: 'any' });
    w.binder(name, at);
  }
  return plain(form);
};

/** `(valid? T v)` and its like: the type is not evaluated (R15.17). */
const checkShape: Shape = (w, form, at) =>
  w.with(
    form,
    form.items.map((item, i) => (i < 2 ? plain(item) : w.expression(item, at))),
  );

const resourceShape: Shape = (w, form, at) =>
  w.with(
    form,
    form.items.map((item, i) => {
      if (i < 2 || item.t !== 'list') return plain(item);
      return w.rest(item, 2, deeper(at));
    }),
  );

/** `(as-> x s f*)`. */
const asShape: Shape = (w, form, at) => {
  const name = form.items[2];
  if (name?.t !== 'symbol') return plain(form);
  const inside = w.hiding([name.name], at);
  const items = form.items.map((item, i) => {
    if (i === 2) return w.binder(name, at);
    return i === 0 ? item : w.expression(item, i === 1 ? at : inside);
  });
  return w.with(form, items);
};

/** The special forms, by name. */
export const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ...['do', 'if', 'if-not', 'when', 'when-not', 'cond', 'condp', 'and', 'or', 'throw', 'call', 'recur', 'while'].map(
    (name): [string, Shape] => [name, evaluated],
  ),
  ...['step', 'step-if', 'step-loop', 'step-parallel', 'checkpoint', 'log-step', 'llm-execute', 'discover-agents'].map(
    (name): [string, Shape] => [name, evaluated],
  ),
  ...['quote', 'comment', 'declare', 'defmacro', 'module', 'import'].map((name): [string, Shape] => [name, kept]),
  ['fn', fnShape],
  ['λ', fnShape],
  ['def', defShape],
  ['defn', defnShape],
  ['defn-', defnShape],
  ['set!', setShape],
  ['let', letShape],
  ['loop', letShape],
  ['when-let', letShape],
  ['when-some', letShape],
  ['if-let', ifLetShape],
  ['if-some', ifLetShape],
  ['letfn', letfnShape],
  ['for', forShape],
  ['doseq', forShape],
  ['dotimes', nameShape],
  ['with-resource', nameShape],
  ['parallel', parallelShape],
  ['case', caseShape],
  ['match', matchShape],
  ['try', tryShape],
  ['deftype', declaresType],
  ['defstruct', declaresType],
  ['valid?', checkShape],
  ['validate', checkShape],
  ['conform', checkShape],
  ['resource', resourceShape],
  ['as->', asShape],
  ...['->', '->>', 'some->', 'some->>', 'cond->', 'cond->>'].map((name): [string, Shape] => [name, threadShape]),
]);
