/**
 * What holds between types (R15.20): whether one is a subtype of another, and whether no value can satisfy both. Both
 * answer yes only where it is certain.
 */
import { equal } from '../values/equality.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { kindsOf } from './kinds.ts';
import { typeText } from './type.ts';
import type { FnType, MapType, Predicate, Type } from './type.ts';
import { satisfies } from './validate.ts';

/** What one question may still look at: recursive aliases could ask for ever, and after so many steps nothing is certain. */
interface Asked {
  steps: number;
}

const MOST_STEPS = 500;
/** Aliases of aliases. */
const MOST_ALIASES = 24;

type Elements = Extract<Type, { t: 'elements' }>;

/** The type an alias stands for. */
function resolved(type: Type): Type {
  let at: Type = type;
  for (let i = 0; at.t === 'alias'; i++) {
    const meant = at.types.get(at.name);
    if (meant === undefined || i > MOST_ALIASES) return { t: 'basic', name: 'never' };
    at = meant;
  }
  return at;
}

/** Whether a literal satisfies a type; null where that takes more depth than there is. */
function holds(value: Value, type: Type): boolean | null {
  try {
    return satisfies(value, type);
  } catch (error) {
    if (error instanceof ErrorValue) return null;
    throw error;
  }
}

// ── subtypes ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** True when every value of `a` certainly satisfies `b`. */
export function isSubtype(a: Type, b: Type): boolean {
  return a === b || (b.t === 'basic' ? kindsWithin(a, b) : isBelow(a, b, { steps: MOST_STEPS }));
}

/** A basic type takes all values of its kinds. */
function kindsWithin(a: Type, b: Type): boolean {
  return (kindsOf(a) & ~kindsOf(b)) === 0;
}

function isBelow(a: Type, b: Type, asked: Asked): boolean {
  if (a === b) return true;
  if (b.t === 'basic') return kindsWithin(a, b);
  if (asked.steps-- <= 0) return false;
  if (a.t === 'alias' && b.t === 'alias' && a.name === b.name && a.types === b.types) return true;
  const left = resolved(a);
  const right = resolved(b);
  if (right.t === 'basic' || kindsOf(left) === 0) return kindsWithin(left, right);
  if (left.t === 'enum') return left.values.every((value) => holds(value, right) === true);
  if (left.t === 'union') return left.members.every((member) => isBelow(member, right, asked));
  return belowRight(left, right, asked);
}

/** The kinds of collection that `seq` stands for. */
function kindBelow(a: string, b: string): boolean {
  return a === b || (b === 'seq' && (a === 'vector' || a === 'list'));
}

function belowRight(left: Type, right: Type, asked: Asked): boolean {
  switch (right.t) {
    case 'union':
      return right.members.some((member) => isBelow(left, member, asked)) || partsBelow(left, right, asked);
    case 'and':
      return (
        isBelow(left, right.type, asked) &&
        right.items.every((item) => (item.t === 'predicate' ? hasPredicate(left, item) : isBelow(left, item, asked)))
      );
    case 'not':
      return areApart(left, right.type, asked);
    case 'resource':
      return true;
    default:
      return partsBelow(left, right, asked) || shapeBelow(left, right, asked);
  }
}

/** An intersection is below what one of its parts is below. */
function partsBelow(left: Type, right: Type, asked: Asked): boolean {
  if (left.t !== 'and') return false;
  const parts = [left.type, ...left.items.filter((item): item is Type => item.t !== 'predicate')];
  return parts.some((part) => isBelow(part, right, asked));
}

function hasPredicate(type: Type, predicate: Predicate): boolean {
  if (type.t !== 'and') return false;
  const text = typeText(predicate);
  return type.items.some((item) => item.t === 'predicate' && typeText(item) === text);
}

function shapeBelow(left: Type, right: Type, asked: Asked): boolean {
  if (right.t === 'elements') return belowElements(left, right, asked);
  if (right.t === 'tuple' && left.t === 'tuple') {
    return (
      left.items.length === right.items.length &&
      left.items.every((item, i) => isBelow(item, right.items[i] as Type, asked))
    );
  }
  if (right.t === 'array') {
    return (
      left.t === 'array' &&
      (right.length === null || right.length === left.length) &&
      isBelow(left.element, right.element, asked)
    );
  }
  if (right.t === 'map-of') return belowMapOf(left, right, asked);
  if (right.t === 'map') return left.t === 'map' && left.either === right.either && belowMap(left, right, asked);
  return right.t === 'fn' && left.t === 'fn' && belowFn(left, right, asked);
}

function belowElements(left: Type, right: Elements, asked: Asked): boolean {
  if (left.t === 'elements') return kindBelow(left.kind, right.kind) && isBelow(left.element, right.element, asked);
  if (left.t === 'array') return kindBelow('vector', right.kind) && isBelow(left.element, right.element, asked);
  return left.t === 'tuple' && right.kind === 'seq' && left.items.every((item) => isBelow(item, right.element, asked));
}

function belowMapOf(left: Type, right: Extract<Type, { t: 'map-of' }>, asked: Asked): boolean {
  if (left.t === 'map-of') return isBelow(left.key, right.key, asked) && isBelow(left.value, right.value, asked);
  if (left.t !== 'map' || !left.closed || left.rest !== null || left.either === true) return false;
  return left.entries.every(({ key, type }) => holds(key, right.key) === true && isBelow(type, right.value, asked));
}

/** By width: `left` may have more keys, if `right` takes them. */
function belowMap(left: MapType, right: MapType, asked: Asked): boolean {
  for (const entry of right.entries) {
    const own = entryOf(left, entry.key);
    const mayLack = own === undefined || own.optional || holds(null, own.type) !== false;
    if (mayLack && !(entry.optional || holds(null, entry.type) === true)) return false;
    const type = own?.type ?? othersOf(left);
    if (type !== null && !isBelow(type, entry.type, asked)) return false;
  }
  if (right.rest === null && !right.closed) return true;
  const most = right.rest ?? NEVER;
  const more = left.entries.filter(({ key }) => entryOf(right, key) === undefined);
  const others = othersOf(left);
  return more.every(({ type }) => isBelow(type, most, asked)) && (others === null || isBelow(others, most, asked));
}

function belowFn(left: FnType, right: FnType, asked: Asked): boolean {
  return (
    left.parameters.length === right.parameters.length &&
    (left.rest === null) === (right.rest === null) &&
    right.parameters.every((parameter, i) => isBelow(parameter, left.parameters[i] as Type, asked)) &&
    (left.rest === null || isBelow(right.rest as Type, left.rest, asked)) &&
    isBelow(left.result, right.result, asked)
  );
}

// ── disjoint types ──────────────────────────────────────────────────────────────────────────────────────────────────

/** True when certainly no value satisfies both. */
export function areDisjoint(a: Type, b: Type): boolean {
  if ((kindsOf(a) & kindsOf(b)) === 0) return true;
  // Every value of a kind satisfies a basic type or none does: where kinds meet, values do.
  if ((a.t === 'basic' && MEETS.has(b.t)) || (b.t === 'basic' && MEETS.has(a.t))) return false;
  return areApart(a, b, { steps: MOST_STEPS });
}

/** Types that have a value of every kind that `kindsOf` says they may have. */
const MEETS: ReadonlySet<Type['t']> = new Set(['basic', 'enum', 'elements', 'array', 'fn']);

function areApart(a: Type, b: Type, asked: Asked): boolean {
  if ((kindsOf(a) & kindsOf(b)) === 0) return true;
  if (asked.steps-- <= 0) return false;
  const left = resolved(a);
  const right = resolved(b);
  if (left.t === 'enum') return left.values.every((value) => holds(value, right) === false);
  if (right.t === 'enum') return right.values.every((value) => holds(value, left) === false);
  return apart(left, right, asked) || apart(right, left, asked) || shapesApart(left, right, asked);
}

/** What the left type says of its parts. */
function apart(left: Type, right: Type, asked: Asked): boolean {
  switch (left.t) {
    case 'union':
      return left.members.every((member) => areApart(member, right, asked));
    case 'and':
      return [left.type, ...left.items].some((item) => item.t !== 'predicate' && areApart(item, right, asked));
    case 'not':
      return isBelow(right, left.type, asked);
    case 'tuple':
      return tupleApart(left.items, right, asked);
    case 'map':
      return mapApart(left, right, asked);
    default:
      return false;
  }
}

function shapesApart(left: Type, right: Type, asked: Asked): boolean {
  if (left.t !== 'array' || right.t !== 'array') return false;
  if (left.length === null || right.length === null) return false;
  return left.length !== right.length || (left.length > 0 && areApart(left.element, right.element, asked));
}

function tupleApart(items: readonly Type[], right: Type, asked: Asked): boolean {
  if (right.t === 'tuple') {
    return (
      items.length !== right.items.length || items.some((item, i) => areApart(item, right.items[i] as Type, asked))
    );
  }
  if (right.t === 'array' && right.length !== null && right.length !== items.length) return true;
  if (right.t !== 'array' && right.t !== 'elements') return false;
  return items.some((item) => areApart(item, right.element, asked));
}

/** Some key that every value of `left` has, or may not have, breaks `right`. */
function mapApart(left: MapType, right: Type, asked: Asked): boolean {
  // Which spelling a value has is not known of an imported type.
  if ((right.t !== 'map' && right.t !== 'map-of') || left.either === true) return false;
  if (right.t === 'map' && right.either === true) return false;
  for (const { key, type, optional } of left.entries) {
    if (optional || holds(null, type) !== false) continue;
    const other = right.t === 'map-of' ? right.value : typeAt(right, key);
    if (areApart(type, other, asked)) return true;
    if (right.t === 'map-of' && holds(key, right.key) === false) return true;
  }
  return false;
}

// ── maps ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const NEVER: Type = { t: 'basic', name: 'never' };
const ANY: Type = { t: 'basic', name: 'any' };

function entryOf(type: MapType, key: Value): MapType['entries'][number] | undefined {
  return type.entries.find((entry) => equal(entry.key, key));
}

/** The type of the keys that a map type does not name; null when it has none. */
function othersOf(type: MapType): Type | null {
  return type.rest ?? (type.closed ? null : ANY);
}

/** The type of the value at `key`, `never` where the key may not be. */
function typeAt(type: MapType, key: Value): Type {
  return entryOf(type, key)?.type ?? othersOf(type) ?? NEVER;
}
