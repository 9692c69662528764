/**
 * Code as data and back (R9.1): what a macro gets and what it gives. Other than `quote`, this way loses nothing on parts that a
 * macro passes on unchanged: reader prefixes, annotations and metadata come back as they were read.
 */
import { fail } from '../values/fail.ts';
import { ErrorValue, Float, Keyword, Regex, Sym } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import type { Entry } from '../values/map.ts';
import { DEFAULT_LIMITS } from '../values/limits.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import type { CollectionForm, Form, PrefixForm, SymbolForm } from './forms.ts';

/** The symbol that a prefix stands for (R1.25–R1.27). */
export const PREFIX_NAMES: Readonly<Record<PrefixForm['t'], string>> = {
  quote: 'quote',
  quasiquote: 'quasiquote',
  unquote: 'unquote',
  splice: 'unquote-splicing',
  deref: 'deref',
};

/** A symbol that a template made of a name of the library or of a form: it keeps that meaning wherever it is put (R9.4). */
export const OF_LIBRARY: object = Object.freeze({ t: 'library' });
/** A symbol that `x#` or `gensym` made (R9.4). */
export const FRESH: object = Object.freeze({ t: 'fresh' });
/** The origin of a symbol that carries a form which is no data: an annotation, a symbol with metadata. */
class Carried {
  readonly form: Form;
  constructor(form: Form) {
    this.form = form;
  }
}

/** What a collection was read from, beside its elements. It belongs to the very value: a collection made anew has none. */
interface Note {
  readonly prefix?: PrefixForm['t'];
  readonly meta?: Value;
}
const NOTES = new WeakMap<object, Note>();

/** The list that a reader prefix before `value` is as data. */
export function prefixed(prefix: PrefixForm['t'], value: Value): List {
  const list = List.of([Sym.of(PREFIX_NAMES[prefix]), value]);
  NOTES.set(list, { prefix });
  return list;
}

/** `value`, just made, with the metadata of R1.28. Throws MacroError for an empty collection, which cannot carry any. */
export function withMeta(value: Value, meta: Value): Value {
  if (!(value instanceof List || value instanceof Vec) || value.n === 0)
    return fail('MacroError', 'metadata stands before what cannot carry it through a macro');
  NOTES.set(value, { meta });
  return value;
}

/** How the parts of a form become data: everywhere alike but for symbols, which a template may mark. */
export type SymbolData = (form: SymbolForm) => Value;

const plainSymbol: SymbolData = (form) => {
  if (form.meta !== undefined) return Sym.apart(form.name, new Carried(form));
  return form.sym ?? Sym.of(form.name);
};

/** A form as data. Throws TypeError for what cannot be a key, MacroError for what cannot go through a macro. */
export function formToCode(form: Form, symbol: SymbolData = plainSymbol): Value {
  switch (form.t) {
    case 'literal':
      return form.value;
    case 'symbol':
      return symbol(form);
    case 'annotation':
      return Sym.apart(':', new Carried(form));
    case 'error':
      return fail('ParseError', 'Parse error: the text cannot be read');
    case 'list':
    case 'vector':
    case 'set':
    case 'map': {
      const items = form.items.map((item) => formToCode(item, symbol));
      const value = collectionOf(form.t, items);
      return form.meta === undefined ? value : withMeta(value, formToCode(form.meta, symbol));
    }
    default:
      return prefixed(form.t, formToCode(form.form, symbol));
  }
}

/** The collection of that kind; a map takes keys and values in turn. Throws TypeError for what cannot be a key. */
export function collectionOf(kind: CollectionForm['t'], items: Value[]): Value {
  if (kind === 'list') return List.of(items);
  if (kind === 'vector') return Vec.of(items);
  if (kind === 'set') return PSet.of(items);
  const entries: Entry[] = [];
  for (let i = 0; i + 1 < items.length; i += 2) entries.push([items[i] as Value, items[i + 1] as Value]);
  return PMap.of(entries);
}

/** What `codeToForm` obeys: forms it may still make, brackets that may still open, and the place of all of them. */
export interface CodeBounds {
  forms: number;
  readonly depth: number;
  readonly span: Span;
}

/** The form that code is. Throws TypeError and MacroError for what no text can spell, and beyond the bounds. */
export function codeToForm(value: Value, bounds: CodeBounds): Form {
  return toForm(value, bounds, { depth: bounds.depth, template: 0 });
}

interface At {
  readonly depth: number;
  readonly template: number;
}

function toForm(value: Value, bounds: CodeBounds, at: At): Form {
  if (--bounds.forms < 0) return fail('MacroError', 'the forms are too many');
  const { span } = bounds;
  if (value instanceof Keyword) assertLength(value.name);
  if (
    value === null ||
    typeof value !== 'object' ||
    value instanceof Keyword ||
    value instanceof Float ||
    value instanceof Regex
  ) {
    return { t: 'literal', value, span };
  }
  if (value instanceof Sym) return symbolForm(value, span, at.template);
  if (at.depth <= 0) return fail('MacroError', 'the forms nest too deep');
  if (value instanceof List) return listForm(value, bounds, at);
  const all = (items: Iterable<Value>): Form[] => Array.from(items, (item) => toForm(item, bounds, deeper(at)));
  if (value instanceof Vec) return noted({ t: 'vector', items: all(value), span }, value, bounds, at);
  if (value instanceof PSet) return { t: 'set', items: all(value), span };
  if (value instanceof PMap) return { t: 'map', items: all(value.entries().flat()), span };
  const what = value instanceof ErrorValue ? 'an error' : 'a function or atom';
  return fail('TypeError', `Type error in form: expected data, got ${what}`);
}

function deeper(at: At): At {
  return { ...at, depth: at.depth - 1 };
}

/** Names that a text could not hold, or would read as another thing, are none of a program (R1.13, R17.5). */
function assertLength(name: string): void {
  if (name.length > DEFAULT_LIMITS.tokenLength)
    fail('MacroError', `a name is longer than ${DEFAULT_LIMITS.tokenLength}`);
}

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

function symbolForm(value: Sym, span: Span, template: number): Form {
  const { name, origin } = value;
  if (origin instanceof Carried) return respan(origin.form, span);
  if (origin !== null) return { t: 'symbol', name, span, sym: value };
  assertLength(name);
  if (UUID.test(name)) return fail('MacroError', `a text would read the symbol ${name} as a string`);
  // Such a name is a fresh symbol's alone, but for x# inside a template (R9.4).
  if (name.endsWith('#') && template === 0) return fail('MacroError', `no program may name the symbol ${name}`);
  return { t: 'symbol', name, span };
}

function listForm(value: List, bounds: CodeBounds, at: At): Form {
  const { span } = bounds;
  const prefix = NOTES.get(value)?.prefix;
  if (prefix !== undefined) {
    const step = prefix === 'quasiquote' ? 1 : prefix === 'unquote' || prefix === 'splice' ? -1 : 0;
    const inside = { depth: at.depth - 1, template: Math.max(0, at.template + step) };
    const [, inner = null] = value;
    return { t: prefix, form: toForm(inner, bounds, inside), span };
  }
  const items = Array.from(value, (item) => toForm(item, bounds, deeper(at)));
  const head = items[0];
  // R1.20, as the reader does it.
  if (head?.t === 'symbol' && /^\.[^.]/u.test(head.name)) items[0] = { t: 'symbol', name: head.name.slice(1), span };
  return noted({ t: 'list', items, span }, value, bounds, at);
}

/** The form with the metadata that its value was noted with. */
function noted(form: CollectionForm, value: object, bounds: CodeBounds, at: At): CollectionForm {
  const meta = NOTES.get(value)?.meta;
  return meta === undefined ? form : { ...form, meta: toForm(meta, bounds, deeper(at)) };
}

/** A form as if it stood at `span`. */
function respan(form: Form, span: Span): Form {
  switch (form.t) {
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      return { ...form, span, items: form.items.map((item) => respan(item, span)) };
    case 'annotation':
      return { ...form, span, type: respan(form.type, span) };
    case 'quote':
    case 'quasiquote':
    case 'unquote':
    case 'splice':
    case 'deref':
      return { ...form, span, form: respan(form.form, span) };
    default:
      return { ...form, span };
  }
}
