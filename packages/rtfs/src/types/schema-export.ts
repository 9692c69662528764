/** Types → JSON Schema, draft 2020-12, over the plain projection (R15.21). */
import type { Json } from '../machine/types.ts';
import { newObject } from '../values/codec.ts';
import { Keyword, Regex } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { isNumber, toDouble } from '../values/numbers.ts';
import { plainKey, toPlain } from '../values/plain.ts';
import { Vec } from '../values/vector.ts';
import { COMMENT, FORMATS } from './schema-words.ts';
import { typeText } from './type.ts';
import type { BasicName, MapType, Predicate, Type } from './type.ts';
import { satisfies } from './validate.ts';

/** A schema: never `true` or `false`, which stand for `{}` and `{"not":{}}`. */
export interface JsonSchema {
  readonly [keyword: string]: Json;
}

type Alias = Extract<Type, { t: 'alias' }>;

const BASIC: Readonly<Partial<Record<BasicName, JsonSchema>>> = {
  int: { type: 'integer' },
  float: { type: 'number' },
  number: { type: 'number' },
  string: { type: 'string' },
  bool: { type: 'boolean' },
  nil: { type: 'null' },
  keyword: { type: 'string', pattern: '^:.+' },
  vector: { type: 'array' },
  map: { type: 'object' },
  any: {},
  data: {},
  never: { not: {} },
};

/**
 * The schema of a type. What it cannot say stands in a `$comment` `rtfs: T`, which an import of this package
 * understands. Aliases, recursive ones too, stand under `$defs`.
 */
export function exportSchema(type: Type): JsonSchema {
  const exporter = new Exporter();
  const schema = exporter.schema(type);
  const definitions = exporter.definitions();
  return definitions === null ? schema : { ...schema, $defs: definitions };
}

/** What is left unsaid of a type. */
function comment(type: Type): JsonSchema {
  return { $comment: `${COMMENT}${typeText(type)}` };
}

class Exporter {
  readonly #names = new Map<Type, string>();
  readonly #waiting: [name: string, type: Type][] = [];
  readonly #taken = new Set<string>();

  /** The schemas of the aliases met, null if there were none. Exporting one may meet others. */
  definitions(): JsonSchema | null {
    if (this.#waiting.length === 0) return null;
    const all = newObject();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      all[next[0]] = this.schema(next[1]);
    return all;
  }

  schema(type: Type): JsonSchema {
    switch (type.t) {
      case 'basic':
        return BASIC[type.name] ?? sequence(type.name) ?? comment(type);
      case 'elements':
        return { ...sequence(type.kind), items: this.schema(type.element) };
      case 'array':
        return arrayOf(this.schema(type.element), type.length);
      case 'tuple': {
        const { items } = type;
        return {
          type: 'array',
          prefixItems: items.map((one) => this.schema(one)),
          items: false,
          minItems: items.length,
        };
      }
      case 'map':
        return this.#map(type);
      case 'map-of':
        return this.#mapOf(type);
      case 'union':
        return { anyOf: type.members.map((member) => this.schema(member)) };
      case 'and':
        return this.#and(type);
      case 'enum':
        return enumeration(type);
      case 'not':
        return { not: this.schema(type.type) };
      case 'alias':
        return this.#reference(type);
      default:
        return comment(type);
    }
  }

  #reference(type: Alias): JsonSchema {
    const meant = type.types.get(type.name);
    if (meant === undefined) return { not: {} };
    let name = this.#names.get(meant);
    if (name === undefined) {
      name = type.name;
      for (let i = 2; this.#taken.has(name); i++) name = `${type.name}${i}`;
      this.#taken.add(name);
      this.#names.set(meant, name);
      this.#waiting.push([name, meant]);
    }
    const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1');
    return { $ref: `#/$defs/${encodeURIComponent(escaped)}` };
  }

  #map(type: MapType): JsonSchema {
    const names = type.entries.map(({ key }) => plainKey(key));
    const isPlain = type.entries.every(({ key }) => key instanceof Keyword || typeof key === 'string');
    if (!isPlain || new Set(names).size < names.length) return comment(type);
    const properties = newObject();
    const required: string[] = [];
    type.entries.forEach(({ type: of, optional }, i) => {
      const name = names[i] as string;
      properties[name] = this.schema(of);
      if (!optional && !satisfies(null, of)) required.push(name);
    });
    const others = type.rest === null ? (type.closed ? false : null) : this.schema(type.rest);
    return {
      type: 'object',
      ...(names.length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
      ...(others === null ? {} : { additionalProperties: others }),
    };
  }

  #mapOf({ key, value }: Extract<Type, { t: 'map-of' }>): JsonSchema {
    const schema: JsonSchema = { type: 'object', additionalProperties: this.schema(value) };
    if (key.t === 'basic' && ['any', 'data', 'string', 'keyword'].includes(key.name)) return schema;
    return { allOf: [schema, comment({ t: 'map-of', key, value: { t: 'basic', name: 'any' } })] };
  }

  /** Predicates stand among the keywords of the type where no two say the same word; the rest is `allOf`. */
  #and(type: Extract<Type, { t: 'and' }>): JsonSchema {
    const base = this.schema(type.type);
    // A comment on a schema without a type stands for the whole of it, and takes no neighbours.
    const isApart = base['$comment'] !== undefined && base['type'] === undefined;
    let merged = isApart ? {} : base;
    const rest: JsonSchema[] = isApart ? [base] : [];
    for (const item of type.items) {
      const one = item.t === 'predicate' ? predicateSchema(item, base) : this.schema(item);
      const words = Object.keys(one);
      const isNew = words.every((word) => !Object.hasOwn(merged, word) || (word === 'type' && isWider(one, merged)));
      if (item.t === 'predicate' && isNew && words.every((word) => MERGES.has(word)))
        merged = { ...merged, ...one, type: merged['type'] ?? (one['type'] as Json) };
      else rest.push(one);
    }
    if (rest.length === 0) return merged;
    if (Object.keys(merged).length === 0 && rest.length === 1) return rest[0] as JsonSchema;
    return { ...merged, allOf: [...((merged['allOf'] ?? []) as Json[]), ...rest] };
  }
}

/** Whether `one` allows the type that is said already. */
function isWider(one: JsonSchema, said: JsonSchema): boolean {
  return one['type'] === said['type'] || (one['type'] === 'number' && said['type'] === 'integer');
}

/** Keywords that mean the same beside any others. */
const MERGES: ReadonlySet<string> = new Set([
  'type',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
]);

/** An array that is no vector says so in a comment: JSON knows one kind. */
function sequence(kind: string): JsonSchema | null {
  if (kind === 'vector') return { type: 'array' };
  if (kind === 'set') return { type: 'array', uniqueItems: true, $comment: `${COMMENT}:set` };
  return kind === 'list' || kind === 'seq' ? { type: 'array', $comment: `${COMMENT}:${kind}` } : null;
}

function arrayOf(items: JsonSchema, length: number | null): JsonSchema {
  return { type: 'array', items, ...(length === null ? {} : { minItems: length, maxItems: length }) };
}

/** A literal whose plain JSON is read back as the literal, keywords' kinds aside (R15.23). */
function isExact(value: Value): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || value instanceof Keyword)
    return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return value instanceof Vec && value.toArray().every(isExact);
}

function enumeration(type: Extract<Type, { t: 'enum' }>): JsonSchema {
  if (!type.values.every(isExact)) return comment(type);
  const values = type.values.map((value) => toPlain(value));
  return values.length === 1 ? { const: values[0] as Json } : { enum: values };
}

// ── predicates (R15.14) ─────────────────────────────────────────────────────────────────────────────────────────────

/** A predicate as keywords of the kind it is about. It refuses values of other kinds, which its keywords would let pass. */
function predicateSchema(predicate: Predicate, base: JsonSchema): JsonSchema {
  return expressed(predicate, base) ?? comment({ t: 'and', type: { t: 'basic', name: 'any' }, items: [predicate] });
}

function expressed({ name, args }: Predicate, base: JsonSchema): JsonSchema | null {
  const [first = null, second = null] = args;
  const counted = COUNTS[name]?.(typeof first === 'number' ? first : 0);
  if (counted !== undefined) return name.endsWith('length') ? sized('string', counted) : countSchema(counted, base);
  if (Object.hasOwn(BOUNDS, name)) return number(BOUNDS[name] as string, first);
  if (Object.hasOwn(FORMATS, name)) return { type: 'string', format: FORMATS[name] as string };
  switch (name) {
    case 'in-range': {
      const [low, high] = [number('minimum', first), number('maximum', second)];
      return low === null || high === null ? null : { ...low, ...high };
    }
    case '=':
      return isExact(first) ? { const: toPlain(first) } : null;
    case '!=':
      return isExact(first) ? { not: { const: toPlain(first) } } : null;
    case 'unique':
      return base['type'] === 'array' ? { type: 'array', uniqueItems: true } : null;
    case 'has-key':
      return requiring([first]);
    case 'required-keys':
      return first instanceof Vec ? requiring(first.toArray()) : null;
    case 'matches-regex':
      return { type: 'string', pattern: first instanceof Regex ? first.source : (first as string) };
    default:
      return null;
  }
}

const BOUNDS: Readonly<Record<string, string>> = {
  '>': 'exclusiveMinimum',
  '>=': 'minimum',
  '<': 'exclusiveMaximum',
  '<=': 'maximum',
  'multiple-of': 'multipleOf',
};

/** A number that JSON can write exactly; `multipleOf` must be above 0. */
function number(word: string, n: Value): JsonSchema | null {
  if (!isNumber(n) || typeof n === 'bigint') return null;
  const value = toDouble(n);
  if (!Number.isFinite(value) || (word === 'multipleOf' && value <= 0)) return null;
  return { type: 'number', [word]: value + 0 };
}

interface Size {
  readonly min?: number;
  readonly max?: number;
}

const COUNTS: Readonly<Record<string, (n: number) => Size>> = {
  'min-length': (min) => ({ min }),
  'max-length': (max) => ({ max }),
  length: (n) => ({ min: n, max: n }),
  'min-count': (min) => ({ min }),
  'max-count': (max) => ({ max }),
  count: (n) => ({ min: n, max: n }),
  'non-empty': () => ({ min: 1 }),
};

const SIZES = { string: 'Length', array: 'Items', object: 'Properties' } as const;

function sized(type: keyof typeof SIZES, { min, max }: Size): JsonSchema {
  return {
    type,
    ...(min === undefined ? {} : { [`min${SIZES[type]}`]: min }),
    ...(max === undefined ? {} : { [`max${SIZES[type]}`]: max }),
  };
}

/** A count of strings, arrays or objects; of what may be several of them no keyword says it. */
function countSchema(size: Size, base: JsonSchema): JsonSchema | null {
  const known = base['type'];
  return known === 'string' || known === 'array' || known === 'object' ? sized(known, size) : null;
}

function requiring(keys: readonly Value[]): JsonSchema | null {
  if (!keys.every((key) => typeof key === 'string' || key instanceof Keyword)) return null;
  return { type: 'object', required: keys.map(plainKey) };
}
