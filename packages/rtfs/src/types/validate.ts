/** Values against types (§15.2). */
import { equal } from '../values/equality.ts';
import { dataMap, fail, limit } from '../values/fail.ts';
import { Atom, ErrorValue, Fn, Keyword, Regex, Sym } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { DEFAULT_LIMITS } from '../values/limits.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { isFloat, isInt, isNumber } from '../values/numbers.ts';
import { pathText } from '../values/path.ts';
import type { PathStep } from '../values/path.ts';
import { printShort } from '../values/print.ts';
import { spellings } from './spellings.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import { typeText } from './type.ts';
import type { BasicName, MapEntry, Predicate, Type } from './type.ts';

/** The kinds of violation (R15.15). */
export type ViolationKind =
  | 'TypeMismatch'
  | 'PredicateViolation'
  | 'MissingRequiredKey'
  | 'UnexpectedKey'
  | 'CountMismatch';

/**
 * One way in which a value breaks a type; `path` is empty for the value itself, `expected` and `actual` are RTFS
 * text.
 */
export interface Violation {
  readonly kind: ViolationKind;
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  readonly message: string;
}

const MOST = 20;
/**
 * From this many checks on, what each part was found to be is remembered, so that a value which shares its parts costs
 * what it stores, and a type that names its parts many times over what it says (R15.17).
 */
const CHECKS_BEFORE_MEMORY = 1000;

const BASIC: Readonly<Record<BasicName, (v: Value) => boolean>> = {
  int: isInt,
  // JSON cannot tell 5 from 5.0, so an int passes for a float (R15.12).
  float: (v) => isFloat(v) || isInt(v),
  number: isNumber,
  string: (v) => typeof v === 'string',
  bool: (v) => typeof v === 'boolean',
  nil: (v) => v === null,
  keyword: (v) => v instanceof Keyword,
  symbol: (v) => v instanceof Sym,
  regex: (v) => v instanceof Regex,
  vector: (v) => v instanceof Vec,
  list: (v) => v instanceof List,
  set: (v) => v instanceof PSet,
  map: (v) => v instanceof PMap,
  seq: (v) => v instanceof Vec || v instanceof List,
  fn: (v) => v instanceof Fn,
  atom: (v) => v instanceof Atom,
  error: (v) => v instanceof ErrorValue,
  any: () => true,
  never: () => false,
  data: (v) => !(v instanceof Fn || v instanceof Atom),
};

/** Whether a callable accepts `n` arguments, as far as its arity is known (R15.10). */
function accepts(v: Value, n: number, more: boolean): boolean {
  if (v instanceof Fn) return v.n >= 0 ? v.n === n && !more : -1 - v.n <= n;
  if (v instanceof Keyword || v instanceof PMap) return (n === 1 || n === 2) && !more;
  return (v instanceof PSet || v instanceof Vec) && n === 1 && !more;
}

/** What one validation and the attempts inside it know together: how much was checked, and how it went. */
interface Memory {
  checks: number;
  readonly known: Map<Type, Map<Value, boolean>>;
}

/** One validation under way. */
class Validation {
  readonly violations: (Violation & { readonly depth: number })[] = [];
  readonly #steps: PathStep[];
  readonly #maxDepth: number;
  readonly #memory: Memory;
  #nesting = 0;
  #isAttempt = false;

  constructor(maxDepth: number, steps: PathStep[] = [], memory: Memory = { checks: 0, known: new Map() }) {
    this.#maxDepth = maxDepth;
    this.#steps = steps;
    this.#memory = memory;
  }

  add(kind: ViolationKind, expected: string, actual: string): false {
    if (this.violations.length < MOST) {
      const path = this.#steps.length === 0 ? '' : pathText(this.#steps);
      const message = `expected ${expected}, got ${actual}${path === '' ? '' : ` at ${path}`}`;
      this.violations.push({ kind, path, expected, actual, message, depth: this.#steps.length });
    }
    return false;
  }

  #mismatch(v: Value, type: Type): false {
    return this.add('TypeMismatch', typeText(type), printShort(v));
  }

  /** Whether `v` satisfies `type`; what does not is in `violations`. */
  check(v: Value, type: Type): boolean {
    if (type.t === 'basic') return BASIC[type.name](v) || this.#mismatch(v, type);
    if (++this.#nesting > this.#maxDepth) limit('dataDepth', this.#maxDepth);
    const known = ++this.#memory.checks > CHECKS_BEFORE_MEMORY ? this.#knownOf(type) : null;
    const before = known?.get(v);
    // A failure is told in full wherever it stands; only inside an attempt it is enough that it is known.
    const passes =
      before === true || (before === false && this.#isAttempt ? this.#mismatch(v, type) : this.#compound(v, type));
    known?.set(v, passes);
    this.#nesting--;
    return passes;
  }

  #knownOf(type: Type): Map<Value, boolean> {
    let known = this.#memory.known.get(type);
    if (known === undefined) this.#memory.known.set(type, (known = new Map()));
    return known;
  }

  /** Another validation of the same value or a part of it, whose violations are its own. */
  #attempt(): Validation {
    const attempt = new Validation(this.#maxDepth, this.#steps, this.#memory);
    attempt.#nesting = this.#nesting;
    attempt.#isAttempt = true;
    return attempt;
  }

  #compound(v: Value, type: Exclude<Type, { t: 'basic' }>): boolean {
    switch (type.t) {
      case 'elements':
        return BASIC[type.kind](v) ? this.#all(v, type.element) : this.#mismatch(v, type);
      case 'array':
        if (!(v instanceof Vec)) return this.#mismatch(v, type);
        return this.#hasCount(v.n, type.length) && this.#all(v, type.element);
      case 'tuple':
        return this.#tuple(v, type);
      case 'map':
        return v instanceof PMap ? this.#map(v, type) : this.#mismatch(v, type);
      case 'map-of':
        return v instanceof PMap ? this.#mapOf(v, type) : this.#mismatch(v, type);
      case 'union':
        return this.#union(v, type);
      case 'and':
        return this.check(v, type.type) && type.items.every((item) => this.#item(v, item));
      case 'enum':
        return type.values.some((value) => equal(v, value)) || this.#mismatch(v, type);
      case 'not':
        return !this.#attempt().check(v, type.type) || this.#mismatch(v, type);
      case 'fn':
        return accepts(v, type.parameters.length, type.rest !== null) || this.#mismatch(v, type);
      case 'resource':
        return true;
      case 'alias': {
        const meant = type.types.get(type.name);
        return meant === undefined ? this.#mismatch(v, type) : this.check(v, meant);
      }
    }
  }

  #item(v: Value, item: Type | Predicate): boolean {
    if (item.t !== 'predicate') return this.check(v, item);
    return item.holds(v) || this.add('PredicateViolation', typeText(item), printShort(v));
  }

  #at(step: PathStep, v: Value, type: Type): boolean {
    this.#steps.push(step);
    const passes = this.check(v, type);
    this.#steps.pop();
    return passes;
  }

  #all(v: Value, type: Type): boolean {
    let passes = true;
    let index = 0;
    for (const x of v as unknown as Iterable<Value>) {
      if (!this.#at({ index: index++ }, x, type)) passes = false;
      if (this.violations.length >= MOST) return false;
    }
    return passes;
  }

  #hasCount(n: number, wanted: number | null): boolean {
    return wanted === null || n === wanted || this.add('CountMismatch', `${wanted} elements`, `${n} elements`);
  }

  #tuple(v: Value, type: Extract<Type, { t: 'tuple' }>): boolean {
    if (!(v instanceof Vec || v instanceof List)) return this.#mismatch(v, type);
    if (!this.#hasCount(v.n, type.items.length)) return false;
    let passes = true;
    const values = v.toArray();
    type.items.forEach((item, index) => {
      if (!this.#at({ index }, values[index] as Value, item)) passes = false;
    });
    return passes;
  }

  #map(v: PMap, type: Extract<Type, { t: 'map' }>): boolean {
    let passes = true;
    for (const entry of type.entries) {
      const keys = type.either === true ? spellings(entry.key) : [entry.key];
      if (!this.#entry(v, entry, keys)) passes = false;
    }
    if (type.rest === null && !type.closed) return passes;
    const keys = type.entries.map((entry) => entry.key);
    const named = PSet.of(type.either === true ? keys.flatMap(spellings) : keys);
    for (const [key, value] of v.entries()) {
      if (named.has(key)) continue;
      const fits = type.rest === null ? this.#unexpected(key, value) : this.#at({ key }, value, type.rest);
      if (!fits) passes = false;
      if (this.violations.length >= MOST) return false;
    }
    return passes;
  }

  #entry(v: PMap, { key, type, optional }: MapEntry, keys: readonly Value[]): boolean {
    const found = keys.filter((one) => v.has(one));
    if (found.length > 0)
      return found.map((one) => this.#at({ key: one }, v.get(one) ?? null, type)).every((passes) => passes);
    if (optional || this.#attempt().check(null, type)) return true;
    this.#steps.push({ key });
    this.add('MissingRequiredKey', typeText(type), 'nothing');
    this.#steps.pop();
    return false;
  }

  #unexpected(key: Value, value: Value): false {
    this.#steps.push({ key });
    this.add('UnexpectedKey', 'no such key', printShort(value));
    this.#steps.pop();
    return false;
  }

  #mapOf(v: PMap, type: Extract<Type, { t: 'map-of' }>): boolean {
    let passes = true;
    for (const [key, value] of v.entries()) {
      if (!this.#at({ key }, key, type.key) || !this.#at({ key }, value, type.value)) passes = false;
      if (this.violations.length >= MOST) return false;
    }
    return passes;
  }

  /** The first alternative that fits; of those that fail, the one that got deepest is told (R15.15). */
  #union(v: Value, type: Extract<Type, { t: 'union' }>): boolean {
    let deepest: Validation | null = null;
    let reached = this.#steps.length;
    for (const member of type.members) {
      const attempt = this.#attempt();
      if (attempt.check(v, member)) return true;
      if (attempt.reach() <= reached) continue;
      deepest = attempt;
      reached = attempt.reach();
    }
    if (deepest === null) return this.#mismatch(v, type);
    this.violations.push(...deepest.violations.slice(0, MOST - this.violations.length));
    return false;
  }

  /** How deep the deepest violation stands. */
  reach(): number {
    return Math.max(...this.violations.map((violation) => violation.depth));
  }
}

/**
 * How a value breaks a type: at most 20 violations, depth first in source order; none when it satisfies it. Throws
 * DepthLimit.
 */
export function validate(value: Value, type: Type, maxDepth: number = DEFAULT_LIMITS.dataDepth): readonly Violation[] {
  const validation = new Validation(maxDepth);
  validation.check(value, type);
  return validation.violations.map(({ kind, path, expected, actual, message }) => ({
    kind,
    path,
    expected,
    actual,
    message,
  }));
}

/** Whether a value satisfies a type. Throws DepthLimit. */
export function satisfies(value: Value, type: Type, maxDepth: number = DEFAULT_LIMITS.dataDepth): boolean {
  return new Validation(maxDepth).check(value, type);
}

/** Violations as a program sees them: a vector of maps (R15.17). */
export function violationMaps(violations: readonly Violation[]): Vec {
  return Vec.of(
    violations.map(({ kind, path, expected, actual, message }) =>
      dataMap([
        ['kind', Keyword.of(kind)],
        ['path', path],
        ['expected', expected],
        ['actual', actual],
        ['message', message],
      ]),
    ),
  );
}

/** Gives `value` back, or throws TypeValidationError; `where` names what is checked (R15.16). */
export function checkCast(value: Value, type: Type, where: string): Value {
  const violations = validate(value, type);
  const [first] = violations;
  if (first === undefined) return value;
  const at = first.path === '' ? '' : ` at ${first.path}`;
  const expected = typeText(type);
  return fail(
    'TypeValidationError',
    `Type validation error: ${where}: expected ${expected}, got ${printShort(value)}${at}`,
    dataMap([
      ['expected', expected],
      ['violations', violationMaps(violations)],
    ]),
  );
}
