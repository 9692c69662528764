/** Which values may be map keys and set elements (R2.4). */
import { Collection } from './collection.ts';
import { hash } from './equality.ts';
import { typeError } from './fail.ts';
import { Float, Keyword, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';

/**
 * Whether `v` may be a map key or set element: data that is no regex, error or NaN and holds none (R2.4). A
 * collection is hashed
 * on the way, once in its life. Throws DepthLimit.
 */
export function isKey(v: Value): boolean {
  switch (typeof v) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return true;
    case 'number':
      return !Number.isNaN(v);
  }
  if (v === null || v instanceof Keyword || v instanceof Sym || v instanceof Float) return true;
  if (!(v instanceof Collection)) return false;
  hash(v);
  return v.keyable;
}

/** Throws TypeError when `v` cannot be a map key or set element (R2.4); `operation` names who asks. */
export function assertKey(v: Value, operation: string): void {
  if (!isKey(v)) typeError(operation, 'a key without regex, error, NaN or function', v);
}
