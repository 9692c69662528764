/**
 * Forms about types: `deftype defstruct valid? validate conform` (R5.24, R5.25, R15.17), and `resource` (R5.26).
 */
import type { CollectionForm, Form } from '../reader/forms.ts';
import type { Type } from '../types/type.ts';
import { Keyword } from '../values/kinds.ts';
import { readType, typeOf } from './annotations.ts';
import { constant, primitive } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { define, fnNode } from './functions.ts';
import type { Node } from './program.ts';
import { wrongShape } from './refusal.ts';
import { inner } from './scope.ts';
import type { Place } from './scope.ts';

/** Declares a type name, known inside its own definition (R15.13). */
function declareType(a: Analyser, name: string, form: Form): void {
  const before = a.types.get(name);
  a.types.set(name, { t: 'alias', name, types: a.types });
  const type = readType(a, form);
  a.types.set(name, type);
  if (!isItself(type, name)) return;
  // What else the text says of the name should not go round for ever.
  if (before === undefined) a.types.delete(name);
  else a.types.set(name, before);
  wrongShape('deftype', `${name} is itself`, 'a collection or union between a type and itself', form.span);
}

/** Whether a type leads to `name` without a collection or a union on the way (R15.13). */
function isItself(type: Type, name: string, seen = new Set<Type>()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  switch (type.t) {
    case 'alias': {
      const meant = type.types.get(type.name);
      return type.name === name || (meant !== undefined && isItself(meant, name, seen));
    }
    case 'and':
      return [type.type, ...type.items].some((item) => item.t !== 'predicate' && isItself(item, name, seen));
    case 'not':
      return isItself(type.type, name, seen);
    default:
      return false;
  }
}

/** `(deftype Name T)` (R5.24). */
export const deftypeForm: FormHandler = (a, form) => {
  const [, name, type] = form.items;
  if (name?.t !== 'symbol' || type === undefined || form.items.length !== 3) {
    wrongShape('deftype', 'it wants a name and a type', '(deftype Name T)', form.span);
  }
  declareType(a, name.name, type);
  return constant(null, form.span);
};

/** `(defstruct Name :field T …)` (R5.25): the map type, and a constructor that validates. */
export const defstructForm: FormHandler = (a, form, place) => {
  const shape = '(defstruct Name :field T …)';
  const [, name, ...fields] = form.items;
  if (name?.t !== 'symbol' || fields.length % 2 !== 0)
    wrongShape('defstruct', 'it wants a name and pairs', shape, form.span);
  const entries: Form[] = [{ t: 'literal', value: Keyword.of('map'), span: form.span }];
  for (let i = 0; i < fields.length; i += 2) {
    const [field, type] = [fields[i] as Form, fields[i + 1] as Form];
    if (field.t !== 'literal' || !(field.value instanceof Keyword))
      wrongShape('defstruct', 'a field is no keyword', shape, field.span);
    entries.push({ t: 'vector', items: [field, type], span: field.span });
  }
  declareType(a, name.name, { t: 'vector', items: entries, span: form.span });
  // The constructor is a function of one argument with a cast: `(fn [m] (conform Name m))`.
  const m: Form = { t: 'symbol', name: ' m', span: form.span };
  const conform: CollectionForm = {
    t: 'list',
    span: form.span,
    items: [{ t: 'symbol', name: 'conform', span: form.span }, name, m],
  };
  const fn: CollectionForm = {
    t: 'list',
    span: form.span,
    items: [name, { t: 'vector', items: [m], span: form.span }, conform],
  };
  const value = fnNode(a, { name: name.name, form: fn, from: 1, place });
  const defined = define(a, { name: name.name, value, place, span: form.span });
  return { t: 'do', body: [defined], span: form.span };
};

/** `(valid? T v)`, `(validate T v)`, `(conform T v)`: `T` is not evaluated (R15.17). */
export function typeCheckForm(name: 'valid?' | 'validate' | 'conform'): FormHandler {
  return (a, form, place) => {
    const [, type, value] = form.items;
    if (type === undefined || value === undefined || form.items.length !== 3) {
      wrongShape(name, 'it wants a type and a value', `(${name} T value)`, form.span);
    }
    return primitive(`%${name}`, [typeOf(a, type), a.node(value, inner(place, 2))], form.span);
  };
}

/** `(resource name @version? (property :k e)*)` (R5.26): a map with string keys. */
export const resourceForm: FormHandler = (a, form, place) => {
  const items: Node[] = [];
  form.items.forEach((item, i) => {
    if (i > 1 && item.t === 'list') items.push(...property(a, item, inner(place, i)));
    else if (i > 1 && item.t !== 'deref')
      wrongShape('resource', 'a part is no property', '(resource name @version? (property :k e)*)', item.span);
  });
  return { t: 'map', items, span: form.span };
};

function property(a: Analyser, form: CollectionForm, place: Place): Node[] {
  const [head, key, value] = form.items;
  if (
    head?.t !== 'symbol' ||
    head.name !== 'property' ||
    key?.t !== 'literal' ||
    !(key.value instanceof Keyword) ||
    value === undefined
  ) {
    wrongShape('property', 'it wants a keyword and a value', '(property :key e)', form.span);
  }
  return [constant(key.value.name, key.span), a.node(value, inner(place, 2))];
}
