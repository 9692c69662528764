/** Type expressions → types (§15.1). */
import { formToValue } from '../reader/data.ts';
import type { CollectionForm, Form } from '../reader/forms.ts';
import { read } from '../reader/read.ts';
import { similar } from '../reader/similar.ts';
import { dataMap, fail, failAs } from '../values/fail.ts';
import { ErrorValue, Keyword } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { makePredicate, predicateNames } from './predicates.ts';
import type { BasicName, MapEntry, Predicate, Type, TypeEnvironment } from './type.ts';

/** What reading a type gave. `kind` is an error kind of R18. */
export type ParsedType =
  | { readonly ok: true; readonly type: Type }
  | {
      readonly ok: false;
      readonly kind: string;
      readonly message: string;
      readonly span: Span;
      readonly hint?: string;
    };

const BASIC: ReadonlyMap<string, BasicName> = new Map<string, BasicName>([
  ...(
    [
      'int',
      'float',
      'number',
      'string',
      'bool',
      'nil',
      'keyword',
      'symbol',
      'regex',
      'vector',
      'list',
      'set',
      'map',
      'seq',
      'fn',
      'atom',
      'error',
      'any',
      'never',
      'data',
    ] as const
  ).map((name) => [name, name] as const),
  ['integer', 'int'],
  ['long', 'int'],
  ['double', 'float'],
  ['str', 'string'],
  ['boolean', 'bool'],
  ['function', 'fn'],
]);

const NO_TYPES: TypeEnvironment = new Map();
const NIL: Type = { t: 'basic', name: 'nil' };

/** A type expression that means nothing; it never leaves this file. */
class Refused extends Error {
  readonly kind: string;
  readonly span: Span;
  readonly hint: string | undefined;
  constructor(kind: string, message: string, span: Span, hint?: string) {
    super(message);
    this.kind = kind;
    this.span = span;
    this.hint = hint;
  }
}

function shape(form: Form, name: string, what: string, expected: string): never {
  throw new Refused('SyntaxError', `${name}: ${what}; expected ${expected}`, form.span);
}

function basic(name: string): BasicName | undefined {
  return BASIC.get(name) ?? BASIC.get(name.charAt(0).toLowerCase() + name.slice(1));
}

/**
 * Whether `name`, without colon, is a known type: a basic one, an alias of it, a declared one, or one of these with
 * `?` (R15.2, R15.3).
 */
export function isKnownType(name: string, types: TypeEnvironment = NO_TYPES): boolean {
  if (types.has(name) || basic(name) !== undefined) return true;
  return name.endsWith('?') && name.length > 1 && isKnownType(name.slice(0, -1), types);
}

/** The type that a form denotes, or what is wrong with it: UnknownType, SyntaxError or InvalidRegex. */
export function parseTypeForm(form: Form, types: TypeEnvironment = NO_TYPES): ParsedType {
  try {
    return { ok: true, type: new TypeReader(types).type(form) };
  } catch (error) {
    if (error instanceof Refused) {
      const { kind, message, span, hint } = error;
      return { ok: false, kind, message, span, ...(hint === undefined ? {} : { hint }) };
    }
    if (!(error instanceof ErrorValue)) throw error;
    return {
      ok: false,
      kind: error.kind,
      message: error.message,
      span: form.span,
      ...(error.hint === null ? {} : { hint: error.hint }),
    };
  }
}

/** The type that a text denotes. Throws ParseError, UnknownType, SyntaxError or InvalidRegex. */
export function parseType(text: string, types: TypeEnvironment = NO_TYPES): Type {
  const { forms, diagnostics } = read(text);
  const problem = diagnostics.find((one) => one.severity === 'error');
  if (problem !== undefined) failAs(problem.kind, problem.message, dataMap([['code', problem.code]]), problem.hint);
  const [form, more] = forms;
  if (form === undefined || more !== undefined) fail('ParseError', 'Parse error: expected one type');
  const parsed = parseTypeForm(form, types);
  return parsed.ok ? parsed.type : failAs(parsed.kind, parsed.message, null, parsed.hint);
}

function nameOf(form: Form | undefined): string | null {
  if (form?.t === 'symbol') return form.name;
  return form?.t === 'literal' && form.value instanceof Keyword ? form.value.name : null;
}

function literal(form: Form): Value {
  return formToValue(form.t === 'quote' ? form.form : form);
}

type Build = (reader: TypeReader, args: readonly Form[], form: CollectionForm) => Type;

function one(name: string, build: (type: Type) => Type): Build {
  return (reader, args, form) =>
    args.length === 1
      ? build(reader.type(args[0] as Form))
      : shape(form, name, 'wrong number of parts', `[:${name} T]`);
}

function elements(kind: 'vector' | 'list' | 'set' | 'seq'): Build {
  return one(kind, (element) => ({ t: 'elements', kind, element }));
}

const array: Build = (reader, args, form) => {
  const [element, dimensions, more] = args;
  if (element === undefined || more !== undefined) shape(form, 'array', 'wrong number of parts', '[:array T [d*]]');
  const sizes =
    dimensions === undefined
      ? [null]
      : dimensions.t === 'vector'
        ? dimensions.items.map(dimension)
        : shape(dimensions, 'array', 'the dimensions are no vector', '[d*]');
  const build = (i: number): Type =>
    i === sizes.length
      ? reader.type(element)
      : { t: 'array', length: sizes[i] as number | null, element: build(i + 1) };
  return build(0);
};

function dimension(form: Form): number | null {
  if (form.t === 'symbol' && form.name === '?') return null;
  if (form.t === 'literal' && typeof form.value === 'number' && Number.isInteger(form.value) && form.value >= 0)
    return form.value;
  return shape(form, 'array', 'a dimension is no int', 'an int ≥ 0 or ?');
}

const tuple: Build = (reader, args, form) =>
  args.length === 0
    ? shape(form, 'tuple', 'no types', '[:tuple T+]')
    : { t: 'tuple', items: args.map((arg) => reader.type(arg)) };

const map: Build = (reader, args) => {
  const [first] = args;
  const closed =
    first?.t === 'map' &&
    nameOf(first.items[0]) === 'closed' &&
    first.items[1]?.t === 'literal' &&
    typeof first.items[1].value === 'boolean'
      ? first.items[1].value
      : null;
  const entries: MapEntry[] = [];
  let rest: Type | null = null;
  for (const arg of closed === null ? args : args.slice(1)) {
    if (arg.t === 'map') entries.push(...reader.inlineEntries(arg));
    else if (arg.t === 'vector' && nameOf(arg.items[0]) === '*' && arg.items.length === 2)
      rest = reader.type(arg.items[1] as Form);
    else entries.push(reader.entry(arg));
  }
  return { t: 'map', entries, rest, closed: closed === true };
};

const mapOf: Build = (reader, args, form) => {
  const [key, value, more] = args;
  if (key === undefined || value === undefined || more !== undefined)
    shape(form, 'map-of', 'wrong number of parts', '[:map-of K V]');
  return { t: 'map-of', key: reader.type(key), value: reader.type(value) };
};

const union: Build = (reader, args, form) =>
  args.length === 0
    ? shape(form, 'union', 'no types', '[:union T+]')
    : { t: 'union', members: args.map((arg) => reader.type(arg)) };

const and: Build = (reader, args, form) => {
  const [type, ...items] = args;
  if (type === undefined || items.length === 0) shape(form, 'and', 'too few parts', '[:and T item+]');
  return { t: 'and', type: reader.type(type), items: items.map((item) => reader.typeOrPredicate(item)) };
};

const enumeration: Build = (_reader, args, form) =>
  args.length === 0 ? shape(form, 'enum', 'no values', '[:enum literal+]') : { t: 'enum', values: args.map(literal) };

const single: Build = (_reader, args, form) =>
  args.length === 1
    ? { t: 'enum', values: args.map(literal) }
    : shape(form, 'val', 'wrong number of parts', '[:val literal]');

const fn: Build = (reader, args, form) => {
  const [parameters, result, more] = args;
  if (parameters?.t !== 'vector' || result === undefined || more !== undefined)
    shape(form, 'fn', 'wrong parts', '[:fn [T* & T?] R]');
  const { items } = parameters;
  const at = items.findIndex((item) => nameOf(item) === '&');
  if (at >= 0 && at !== items.length - 2) shape(parameters, 'fn', '& is not before the last type', '[T* & T]');
  const fixed = at < 0 ? items : items.slice(0, at);
  return {
    t: 'fn',
    parameters: fixed.map((item) => reader.type(item)),
    rest: at < 0 ? null : reader.type(items[at + 1] as Form),
    result: reader.type(result),
  };
};

const resource: Build = (_reader, args, form) =>
  args.length === 1
    ? { t: 'resource', name: literal(args[0] as Form) }
    : shape(form, 'resource', 'wrong number of parts', '[:resource name]');

const FORMS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['vector', elements('vector')],
  ['list', elements('list')],
  ['set', elements('set')],
  ['seq', elements('seq')],
  ['array', array],
  ['tuple', tuple],
  ['map', map],
  ['record', map],
  ['map-of', mapOf],
  ['dict', mapOf],
  ['union', union],
  ['and', and],
  ['enum', enumeration],
  ['val', single],
  ['not', one('not', (type) => ({ t: 'not', type }))],
  ['fn', fn],
  ['=>', fn],
  ['resource', resource],
]);

class TypeReader {
  readonly #types: TypeEnvironment;

  constructor(types: TypeEnvironment) {
    this.#types = types;
  }

  type(form: Form): Type {
    if (form.t === 'literal' && form.value === null) return NIL;
    const name = nameOf(form);
    if (name !== null) return this.#named(name, form.span);
    if (form.t !== 'vector')
      return shape(form, 'type', 'no type expression', 'a name or a vector such as [:vector :int]');
    const [head, ...args] = form.items;
    const headName = nameOf(head);
    const build = headName === null ? undefined : FORMS.get(headName);
    return build === undefined ? this.#unknown(headName ?? '[]', form.span) : build(this, args, form);
  }

  #named(name: string, span: Span): Type {
    if (this.#types.has(name)) return { t: 'alias', name, types: this.#types };
    const known = basic(name);
    if (known !== undefined) return { t: 'basic', name: known };
    if (name.endsWith('?') && name.length > 1)
      return { t: 'union', members: [this.#named(name.slice(0, -1), span), NIL] };
    return this.#unknown(name, span);
  }

  #unknown(name: string, span: Span): never {
    const near = similar(name, [...BASIC.keys(), ...FORMS.keys(), ...this.#types.keys()]);
    const hint = near.length === 0 ? undefined : `did you mean ${near.join(', ')}?`;
    throw new Refused('UnknownType', `Unknown type: ${name}`, span, hint);
  }

  typeOrPredicate(form: Form): Type | Predicate {
    const name = form.t === 'vector' ? nameOf(form.items[0]) : null;
    if (name === null || FORMS.has(name)) return this.type(form);
    const predicate = makePredicate(name, (form as CollectionForm).items.slice(1).map(literal));
    if (predicate === null) return shape(form, name, 'the arguments do not fit', `[:${name} …] as R15.14 has it`);
    if (predicate !== undefined) return predicate;
    const near = similar(name, predicateNames());
    throw new Refused(
      'UnknownType',
      `Unknown type: ${name}`,
      form.span,
      near.length === 0 ? undefined : `did you mean ${near.join(', ')}?`,
    );
  }

  entry(form: Form): MapEntry {
    const expected = '[key T] or [key T ?]';
    if (form.t !== 'vector') return shape(form, 'map', 'an entry is no vector', expected);
    const [key, type, mark, more] = form.items;
    const optional = mark !== undefined;
    if (key === undefined || type === undefined || more !== undefined || (optional && nameOf(mark) !== '?')) {
      return shape(form, 'map', 'an entry has wrong parts', expected);
    }
    return { key: this.#key(key), type: this.type(type), optional };
  }

  inlineEntries(form: CollectionForm): MapEntry[] {
    const entries: MapEntry[] = [];
    for (let i = 0; i + 1 < form.items.length; i += 2) {
      entries.push({
        key: this.#key(form.items[i] as Form),
        type: this.type(form.items[i + 1] as Form),
        optional: false,
      });
    }
    return entries;
  }

  #key(form: Form): Value {
    const value = form.t === 'literal' ? form.value : null;
    if (value instanceof Keyword || typeof value === 'string' || typeof value === 'bigint' || Number.isInteger(value))
      return value;
    return shape(form, 'map', 'a key is no literal', 'a keyword, string or int');
  }
}
