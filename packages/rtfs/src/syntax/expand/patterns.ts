/** Patterns and binding vectors as the walk of expansion sees them (§7): the names they bind, the expressions in them. */
import type { CollectionForm, Form } from '../../reader/forms.ts';
import { Keyword } from '../../values/kinds.ts';
import { readBindings } from '../annotations.ts';
import { isFn, runFrom } from '../functions.ts';
import { deeper, plain } from './walk.ts';
import type { At, Walker } from './walk.ts';

/** A pattern: its names go into `names`; defaults of `:or` are walked at `at`, the rest is not evaluated. */
export function pattern(w: Walker, form: Form, at: At, names: Set<string>): Form {
  switch (form.t) {
    case 'symbol':
      if (form.name === '_' || form.name === '&') return form;
      names.add(form.name);
      return w.binder(form, at);
    case 'vector':
      return w.with(
        form,
        form.items.map((item) => pattern(w, item, deeper(at), names)),
      );
    case 'map':
      return mapPattern(w, form, at, names);
    case 'list':
      return operator(w, form, at, names);
    default:
      return plain(form);
  }
}

function mapPattern(w: Walker, form: CollectionForm, at: At, names: Set<string>): Form {
  const items: Form[] = [];
  for (let i = 0; i + 1 < form.items.length; i += 2) {
    const [left, right] = [form.items[i] as Form, form.items[i + 1] as Form];
    const isDefaults = left.t === 'literal' && left.value === Keyword.of('or') && right.t === 'map';
    items.push(pattern(w, left, at, names));
    items.push(isDefaults ? defaults(w, right, at) : pattern(w, right, deeper(at), names));
  }
  return w.with(form, items);
}

function defaults(w: Walker, form: CollectionForm, at: At): Form {
  return w.with(
    form,
    form.items.map((item, i) => (i % 2 === 0 ? plain(item) : w.expression(item, deeper(at)))),
  );
}

/** `(or p q)`, `(:as s p)`, `(is T s)`, `(quote x)` of `match`. */
function operator(w: Walker, form: CollectionForm, at: At, names: Set<string>): Form {
  const head = form.items[0];
  const name = head?.t === 'symbol' ? head.name : '';
  if (name === 'quote') return plain(form);
  const from = name === 'is' ? 2 : 1;
  return w.with(
    form,
    form.items.map((item, i) => (i < from ? plain(item) : pattern(w, item, deeper(at), names))),
  );
}

/** Parameters, with annotations between them: the walked vector and the place inside. */
export function parameters(w: Walker, vector: CollectionForm, at: At): { vector: CollectionForm; inside: At } {
  const names = new Set<string>();
  let inside = at;
  const items = vector.items.map((item) => {
    const walked = pattern(w, item, inside, names);
    inside = w.hiding(names, at);
    return walked;
  });
  return { vector: w.with(vector, items), inside };
}

/** The bindings of a `let`-like vector: each value is walked where the names before it are bound (R5.4). */
export function bindings(w: Walker, form: CollectionForm, at: At): { vector: CollectionForm; inside: At } | null {
  const vector = form.items[1];
  if (vector?.t !== 'vector') return null;
  const read = readBindings(w, vector, headName(form), form.span);
  const items = [...vector.items];
  let inside = at;
  let start = 0;
  read.forEach(({ pattern: target, value, index }, i) => {
    const names = new Set<string>();
    // Neighbouring functions see each other's names, and their own.
    if (isFn(value))
      for (const one of read.slice(i, runFrom(read, i))) if (one.pattern.t === 'symbol') names.add(one.pattern.name);
    items[index] = w.expression(value, deeper(w.hiding(names, inside)));
    items[start] = pattern(w, target, inside, names);
    for (let between = start + 1; between < index; between++) items[between] = plain(items[between] as Form);
    inside = w.hiding(names, inside);
    start = index + 1;
  });
  return { vector: w.with(vector, items), inside };
}

/** The name at the head of a list. */
export function headName(form: CollectionForm): string {
  const head = form.items[0];
  return head?.t === 'symbol' ? head.name : '';
}
