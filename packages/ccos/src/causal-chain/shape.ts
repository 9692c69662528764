/** Checks of JSON shapes, built from small ones: the language in which the schemas of records are written (L2.1). */
import { isHash } from '../foundation/digest.ts';
import { isId, isUuid7 } from '../foundation/ids.ts';

/** What is wrong, and where: the names from the checked value inwards. */
export interface ShapeFault {
  readonly path: readonly string[];
  readonly expected: string;
}
/** Null when the value has the shape. */
export type Shape = (value: unknown) => ShapeFault | null;

/** The JSON Pointer of a fault (`/payload/rules/0/id`). */
export function pointerOf(fault: ShapeFault): string {
  return fault.path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const test = (expected: string, holds: (value: unknown) => boolean): Shape => {
  const fault: ShapeFault = { path: [], expected };
  return (value) => (holds(value) ? null : fault);
};
const inside = (name: string, fault: ShapeFault): ShapeFault => ({
  path: [name, ...fault.path],
  expected: fault.expected,
});
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const text = test('a string', (value) => typeof value === 'string');
export const bool = test('a boolean', (value) => typeof value === 'boolean');
/** A whole number from 0. */
export const count = test('a whole number, not negative', (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0);
/** A whole number from 1. */
export const ordinal = test('a whole number from 1', (value) => Number.isSafeInteger(value) && (value as number) >= 1);
export const integer = test('a whole number', (value) => Number.isSafeInteger(value));
/** A measured figure. */
export const figure = test('a number, not negative', (value) => typeof value === 'number' && value >= 0);
export const hash = test('64 lower-case hex digits', isHash);
export const digest = test('sha256: and 64 hex digits', (value) =>
  typeof value === 'string' && value.startsWith('sha256:') && isHash(value.slice(7)));
export const uuid = test('a UUIDv7', isUuid7);
/** Any JSON value: that it is one, canonical JSON has checked. */
export const json = test('a JSON value', (value) => value !== undefined);
export const jsonObject = test('an object', isObject);

/** `<prefix>-<UUIDv7>`. */
export const id = (prefix: Parameters<typeof isId>[0]): Shape =>
  test(`${prefix}-<UUIDv7>`, (value) => isId(prefix, value));
export const matching = (expected: string, pattern: RegExp): Shape =>
  test(expected, (value) => typeof value === 'string' && pattern.test(value));
export const oneOf = (...words: readonly string[]): Shape => {
  const known = new Set<unknown>(words);
  return test(`one of ${words.join(', ')}`, (value) => known.has(value));
};
export const exactly = (literal: unknown): Shape => test(JSON.stringify(literal), (value) => value === literal);

/** The shape, or null. */
export const nullable =
  (shape: Shape): Shape =>
  (value) =>
    value === null ? null : shape(value);

export const list =
  (element: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return { path: [], expected: 'an array' };
    for (const [at, member] of value.entries()) {
      const fault = element(member);
      if (fault !== null) return inside(String(at), fault);
    }
    return null;
  };

/** An object whose names are free and whose members have one shape. */
export const dictionary =
  (member: Shape): Shape =>
  (value) => {
    if (!isObject(value)) return { path: [], expected: 'an object' };
    for (const name of Object.keys(value)) {
      const fault = member(value[name]);
      if (fault !== null) return inside(name, fault);
    }
    return null;
  };

/** An object with exactly these members; a name that ends in `?` may be absent. Unknown members are refused. */
export function object(members: Readonly<Record<string, Shape>>): Shape {
  const shapes = new Map(Object.entries(members).map(([name, shape]) => [name.replace(/\?$/, ''), shape]));
  const required = Object.keys(members).filter((name) => !name.endsWith('?'));
  return (value) => {
    if (!isObject(value)) return { path: [], expected: 'an object' };
    for (const name of Object.keys(value)) {
      const shape = shapes.get(name);
      if (shape === undefined) return { path: [name], expected: 'no member of that name' };
      const fault = shape(value[name]);
      if (fault !== null) return inside(name, fault);
    }
    for (const name of required)
      if (!Object.hasOwn(value, name)) return { path: [name], expected: 'a member of that name' };
    return null;
  };
}

/** The shape, and beside it a rule over the whole value. */
export const where =
  (shape: Shape, rule: (value: Readonly<Record<string, unknown>>) => ShapeFault | null): Shape =>
  (value) =>
    shape(value) ?? rule(value as Readonly<Record<string, unknown>>);
