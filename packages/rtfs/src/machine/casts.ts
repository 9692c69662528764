/**
 * Checked casts (R6.3) and the forms `valid? validate conform` (R15.17), with their cost: the nodes of a collection.
 */
import { typeError } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { Collection } from '../values/collection.ts';
import { chargeSize, elements } from '../stdlib/args.ts';
import type { Rt } from '../stdlib/native.ts';
import type { Type } from '../types/type.ts';
import { checkCast, satisfies } from '../types/validate.ts';

/** The value, or TypeValidationError (R15.16). Scalars and plain kinds cost nothing. */
export function castValue(rt: Rt, type: Type, value: Value, where: string): Value {
  if (type.t === 'basic') {
    if (type.name === 'any') return value;
    if (type.name === 'int' && typeof value === 'number' && Number.isSafeInteger(value)) return value;
    if (type.name === 'string' && typeof value === 'string') return value;
  } else if (value instanceof Collection) {
    chargeSize(rt, value);
  }
  return checkCast(value, type, where);
}

/** `& rest:T` with an element type: every element (R6.2). */
export function castEach(rt: Rt, value: Value, type: Type, where: string): Value {
  if (value === null || !(value instanceof Collection)) return typeError(where, 'list', value);
  for (const item of elements(where, value)) castValue(rt, type, item, where);
  return value;
}

/** Whether a value satisfies a type, charged by its size. */
export function isSatisfied(rt: Rt, value: Value, type: Type): boolean {
  chargeSize(rt, value);
  return satisfies(value, type, rt.limits.dataDepth);
}
