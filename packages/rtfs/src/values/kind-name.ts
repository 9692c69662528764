/** Names of kinds, as `type-name` gives them (R2.1). */
import { Collection } from './collection.ts';
import { Atom, ErrorValue, Float, Fn, Keyword, Regex, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';

/** The `type-name` of a value: "integer", "float", "vector" … (R2.1). */
export function typeName(v: Value): string {
  switch (typeof v) {
    case 'number':
      return Number.isInteger(v) ? 'integer' : 'float';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'bigint':
      return 'integer';
  }
  if (v === null) return 'nil';
  if (v instanceof Collection) return v.typeName;
  if (v instanceof Keyword) return 'keyword';
  if (v instanceof Float) return 'float';
  if (v instanceof Sym) return 'symbol';
  if (v instanceof Fn) return 'function';
  if (v instanceof ErrorValue) return 'error';
  if (v instanceof Regex) return 'regex';
  if (v instanceof Atom) return 'atom';
  throw new TypeError('not a value of the language');
}
