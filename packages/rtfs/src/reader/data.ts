/** Forms as data and back: what `quote` gives, what macros and `read-string` work on. */
import { fail, limit } from '../values/fail.ts';
import { ErrorValue, Float, Keyword, Regex, Sym } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import type { Entry } from '../values/map.ts';
import { DEFAULT_LIMITS } from '../values/limits.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { PREFIX_NAMES } from './code.ts';
import type { Form } from './forms.ts';

/**
 * The value that a form is as data. Throws ParseError for an error form or annotation, TypeError for what cannot be a
 * key.
 */
export function formToValue(form: Form): Value {
  switch (form.t) {
    case 'literal':
      return form.value;
    case 'symbol':
      return form.sym ?? Sym.of(form.name);
    case 'list':
      return List.of(form.items.map(formToValue));
    case 'vector':
      return Vec.of(form.items.map(formToValue));
    case 'set':
      return PSet.of(form.items.map(formToValue));
    case 'map':
      return PMap.of(pairs(form.items));
    case 'annotation':
      return fail('ParseError', 'Parse error: a type annotation is no data');
    case 'error':
      return fail('ParseError', 'Parse error: the text cannot be read');
    default:
      return List.of([Sym.of(PREFIX_NAMES[form.t]), formToValue(form.form)]);
  }
}

function pairs(items: readonly Form[]): Entry[] {
  const entries: Entry[] = [];
  for (let i = 0; i + 1 < items.length; i += 2)
    entries.push([formToValue(items[i] as Form), formToValue(items[i + 1] as Form)]);
  return entries;
}

/**
 * The form that a value is, every part with `span`. Throws TypeError for functions, atoms and errors, which no text
 * can spell, and
 * DepthLimit beyond `dataDepth`.
 */
export function valueToForm(value: Value, span: Span): Form {
  return toForm(value, span, DEFAULT_LIMITS.dataDepth);
}

function toForm(value: Value, span: Span, depth: number): Form {
  if (
    value === null ||
    typeof value !== 'object' ||
    value instanceof Keyword ||
    value instanceof Float ||
    value instanceof Regex
  ) {
    return { t: 'literal', value, span };
  }
  if (value instanceof Sym) return { t: 'symbol', name: value.name, span };
  if (depth === 0) limit('dataDepth', DEFAULT_LIMITS.dataDepth);
  const all = (items: Iterable<Value>): Form[] => Array.from(items, (item) => toForm(item, span, depth - 1));
  if (value instanceof List) return { t: 'list', items: all(value), span };
  if (value instanceof Vec) return { t: 'vector', items: all(value), span };
  if (value instanceof PSet) return { t: 'set', items: all(value), span };
  if (value instanceof PMap) return { t: 'map', items: all(value.entries().flat()), span };
  return fail(
    'TypeError',
    `Type error in form: expected data, got ${value instanceof ErrorValue ? 'error' : 'function or atom'}`,
  );
}
