/** Patterns (§7), for the reference evaluator. */
import type { CollectionForm, Form } from '../../src/reader/forms.ts';
import { formToValue } from '../../src/reader/data.ts';
import { equal } from '../../src/values/equality.ts';
import { typeError } from '../../src/values/fail.ts';
import { Keyword } from '../../src/values/kinds.ts';
import type { Value } from '../../src/values/kinds.ts';
import { List } from '../../src/values/list.ts';
import { PMap } from '../../src/values/map.ts';
import { Vec } from '../../src/values/vector.ts';

/** What a pattern does with its parts: bind a name, evaluate a default, or ask for a type. */
export interface Binder {
  bind(name: string, value: Value): void;
  evaluate(form: Form): Value;
  satisfies(value: Value, type: Form): boolean;
}

/** Raised, and caught by `matches`, where a `match` pattern does not fit. */
class NoMatch extends Error {}

/** Binds a pattern to a value. Throws TypeError where it does not fit. */
export function bindPattern(b: Binder, pattern: Form, value: Value): void {
  fit(b, pattern, value, false);
}

/** True if a `match` pattern fits; its names are bound then. */
export function matches(b: Binder, pattern: Form, value: Value): boolean {
  try {
    fit(b, pattern, value, true);
    return true;
  } catch (e) {
    if (e instanceof NoMatch) return false;
    throw e;
  }
}

function no(isMatch: boolean, expected: string, value: Value): never {
  if (isMatch) throw new NoMatch();
  return typeError('destructuring', expected, value);
}

function fit(b: Binder, pattern: Form, value: Value, isMatch: boolean): void {
  switch (pattern.t) {
    case 'symbol':
      return b.bind(pattern.name, value);
    case 'literal':
    case 'quote': {
      const wanted = formToValue(pattern.t === 'quote' ? pattern.form : pattern);
      if (!equal(wanted, value)) throw new NoMatch();
      return;
    }
    case 'vector':
      return fitVector(b, pattern, value, isMatch);
    case 'map':
      return fitMap(b, pattern, value, isMatch);
    case 'list':
      return fitOperator(b, pattern, value);
    default:
      throw new Error(`no pattern: ${pattern.t}`);
  }
}

function fitVector(b: Binder, pattern: CollectionForm, value: Value, isMatch: boolean): void {
  if (!(value instanceof Vec || value instanceof List)) return no(isMatch, 'vector', value);
  const items = value.toArray();
  const parts = [...pattern.items];
  let whole: Form | undefined;
  let rest: Form | undefined;
  if (isKeyword(parts.at(-2), 'as')) [, whole] = parts.splice(-2);
  const and = parts.findIndex((part) => part.t === 'symbol' && part.name === '&');
  if (and >= 0) [, rest] = parts.splice(and);
  if (rest === undefined ? items.length !== parts.length : items.length < parts.length)
    return no(isMatch, 'elements', value);
  if (whole !== undefined) fit(b, whole, value, isMatch);
  parts.forEach((part, i) => fit(b, part, items[i] as Value, isMatch));
  if (rest !== undefined) fit(b, rest, Vec.of(items.slice(parts.length)), isMatch);
}

function isKeyword(form: Form | undefined, name: string): boolean {
  return form?.t === 'literal' && form.value === Keyword.of(name);
}

function fitMap(b: Binder, pattern: CollectionForm, value: Value, isMatch: boolean): void {
  if (!(value instanceof PMap)) return no(isMatch, 'map', value);
  const named: Value[] = [];
  const defaults = new Map<string, Form>();
  const pairs: [Form, Form][] = [];
  for (let i = 0; i < pattern.items.length; i += 2)
    pairs.push([pattern.items[i] as Form, pattern.items[i + 1] as Form]);
  for (const [key, part] of pairs) {
    if (!isKeyword(key, 'or')) continue;
    const { items } = part as CollectionForm;
    for (let i = 0; i < items.length; i += 2) defaults.set((items[i] as { name: string }).name, items[i + 1] as Form);
  }
  const take = (key: Value, part: Form): void => {
    named.push(key);
    const fallback = part.t === 'symbol' ? defaults.get(part.name) : undefined;
    if (value.has(key)) fit(b, part, value.get(key) as Value, isMatch);
    else if (fallback !== undefined) fit(b, part, b.evaluate(fallback), isMatch);
    else if (isMatch) throw new NoMatch();
    else fit(b, part, null, isMatch);
  };
  for (const [key, part] of pairs) {
    if (isKeyword(key, 'or') || isKeyword(key, 'as') || isSymbol(key, '&')) continue;
    if (isKeyword(key, 'keys') || isKeyword(key, 'strs')) {
      for (const item of (part as CollectionForm).items) {
        const { name } = item as { name: string };
        take(isKeyword(key, 'keys') ? Keyword.of(name) : name, item);
      }
    } else if (key.t === 'literal') take(key.value, part);
    else take(formToValue(part), key);
  }
  for (const [key, part] of pairs) {
    if (isKeyword(key, 'as')) fit(b, part, value, isMatch);
    if (!isSymbol(key, '&')) continue;
    const rest = named.reduce<PMap>((map, one) => map.delete(one), value);
    if (part.t === 'map') {
      if (rest.n > 0) throw new NoMatch();
    } else fit(b, part, rest, isMatch);
  }
}

function isSymbol(form: Form, name: string): boolean {
  return form.t === 'symbol' && form.name === name;
}

/** `(or p …)`, `(:as s p)`, `(is T s?)` (R7.10–R7.12). */
function fitOperator(b: Binder, pattern: CollectionForm, value: Value): void {
  const [head, ...rest] = pattern.items as [Form, ...Form[]];
  if (isKeyword(head, 'as')) {
    fit(b, rest[1] as Form, value, true);
    return fit(b, rest[0] as Form, value, true);
  }
  if (isSymbol(head, 'is')) {
    if (!b.satisfies(value, rest[0] as Form)) throw new NoMatch();
    if (rest[1] !== undefined) fit(b, rest[1], value, true);
    return;
  }
  for (const alternative of rest) if (matches(b, alternative, value)) return;
  throw new NoMatch();
}
