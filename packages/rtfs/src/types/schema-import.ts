/**
 * JSON Schema → types (R15.22): draft 2020-12 and draft-7, MCP's `inputSchema`, OpenAPI's schema objects. A schema is
 * foreign text: it may be deep, huge, circular, or mean nothing, and all of that ends in SchemaError.
 */
import type { Json } from '../machine/types.ts';
import { dataMap, fail } from '../values/fail.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { fromPlain } from '../values/plain.ts';
import { parseType } from './parse.ts';
import { areDisjoint } from './relations.ts';
import { References } from './schema-references.ts';
import { ANY, arrayType, both, NEVER, numberItems, objectType, stringItems, wordOf } from './schema-shapes.ts';
import type { Saying } from './schema-shapes.ts';
import { COMMENT, DESCRIBING, UNSUPPORTED } from './schema-words.ts';
import type { Predicate, Type } from './type.ts';

/** What an import gives beside the type. */
export interface Imported {
  readonly type: Type;
  /** Keywords that constrain and have no counterpart, by JSON pointer: the type accepts more than the schema there. */
  readonly ignored: readonly string[];
  /** What describes, by the JSON pointer of its schema: `title description default examples`. */
  readonly metadata: ReadonlyMap<string, { readonly [keyword: string]: Json }>;
}

/** Deeper than values may be (R17.5), no schema says anything of one. */
const MOST_DEPTH = 200;
const MOST_SCHEMAS = 100_000;

/**
 * The type that a schema describes, over plain JSON. With `strict`, a keyword that constrains and has no counterpart is
 * refused. Throws SchemaError with the JSON pointer of what is wrong.
 */
export function importSchema(schema: Json, { strict = false }: { readonly strict?: boolean } = {}): Imported {
  return new Importer(schema, strict).import();
}

/** Throws SchemaError. */
function refuse(pointer: string, what: string): never {
  fail('SchemaError', `Schema error: ${what} at #${pointer}`, dataMap([['pointer', `#${pointer}`]]));
}

function escaped(part: string | number): string {
  return String(part).replaceAll('~', '~0').replaceAll('/', '~1');
}

class Importer {
  readonly #root: Json;
  readonly #strict: boolean;
  readonly #references: References;
  readonly #ignored: string[] = [];
  readonly #metadata = new Map<string, { readonly [keyword: string]: Json }>();
  #count = 0;

  constructor(root: Json, strict: boolean) {
    this.#root = root;
    this.#strict = strict;
    this.#references = new References(root, refuse);
  }

  import(): Imported {
    const type = this.#schema(this.#root, '', 0);
    this.#references.finish((json, pointer) => this.#schema(json, pointer, 0));
    return { type, ignored: this.#ignored, metadata: this.#metadata };
  }

  #schema(json: Json, pointer: string, depth: number): Type {
    if (depth > MOST_DEPTH) refuse(pointer, `schemas nested more than ${MOST_DEPTH} levels`);
    if (++this.#count > MOST_SCHEMAS) refuse(pointer, `more than ${MOST_SCHEMAS} schemas`);
    if (typeof json === 'boolean') return json ? ANY : NEVER;
    if (typeof json !== 'object' || json === null || Array.isArray(json)) refuse(pointer, 'expected a schema');
    const words = json as { readonly [keyword: string]: Json };
    const at = (path: readonly (string | number)[]): string => `${pointer}/${path.map(escaped).join('/')}`;
    const saying: Saying = {
      words,
      schema: (one, ...path) => this.#schema(one, at(path), depth + 1),
      ignore: (keyword) => this.#ignore(at([keyword])),
      refuse: (keyword, what) => refuse(at([keyword]), what),
    };
    this.#describe(words, pointer);
    if (pointer !== '' && typeof wordOf(saying, '$id') === 'string')
      saying.refuse('$id', 'a schema of its own inside a schema');
    for (const keyword of UNSUPPORTED) if (Object.hasOwn(words, keyword)) saying.ignore(keyword);
    const reference = wordOf(saying, '$ref');
    if (reference === undefined) return both(this.#parts(saying));
    const type = this.#references.alias(reference, at(['$ref']));
    return this.#references.standAlone ? type : both(this.#parts(saying), type);
  }

  #ignore(pointer: string): void {
    if (this.#strict) refuse(pointer, 'this keyword has no counterpart');
    this.#ignored.push(`#${pointer}`);
  }

  #describe(words: { readonly [keyword: string]: Json }, pointer: string): void {
    const found = DESCRIBING.filter((keyword) => Object.hasOwn(words, keyword));
    if (found.length > 0)
      this.#metadata.set(`#${pointer}`, Object.fromEntries(found.map((keyword) => [keyword, words[keyword] as Json])));
  }

  /** All that a schema says, which must hold together. */
  #parts(saying: Saying): Type[] {
    const alternatives = (keyword: string): Type[] | null => {
      const list = wordOf(saying, keyword);
      if (list === undefined) return null;
      if (!Array.isArray(list) || list.length === 0) return saying.refuse(keyword, 'expected an array of schemas');
      return list.map((one: Json, i) => saying.schema(one, keyword, i));
    };
    const some = alternatives('anyOf');
    const one = alternatives('oneOf');
    const not = wordOf(saying, 'not');
    return [
      ...literals(saying, typed(saying)),
      ...(alternatives('allOf') ?? []),
      ...(some === null ? [] : [anyOf(some)]),
      ...(one === null ? [] : [exactlyOne(one)]),
      ...(not === undefined ? [] : [{ t: 'not', type: saying.schema(not, 'not') } as const]),
      ...commented(saying),
    ];
  }
}

// ── type ────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Kind = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object';

const KINDS: Readonly<Record<Kind, (saying: Saying) => Type>> = {
  string: (saying) => both(stringItems(saying), { t: 'basic', name: 'string' }),
  number: (saying) => both(numberItems(saying), { t: 'basic', name: 'number' }),
  integer: (saying) => both(numberItems(saying), { t: 'basic', name: 'int' }),
  boolean: () => ({ t: 'basic', name: 'bool' }),
  null: () => ({ t: 'basic', name: 'nil' }),
  array: arrayType,
  object: objectType,
};

/** Without `type`, a keyword says something of values of its kind alone. */
const ALONE: readonly (readonly [kind: Kind, words: readonly string[], others: Type])[] = [
  ['string', ['minLength', 'maxLength', 'pattern', 'format'], not('string')],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'], not('number')],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'], not('vector', 'list', 'set')],
  ['object', ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'], not('map')],
];

function not(...names: readonly ('string' | 'number' | 'vector' | 'list' | 'set' | 'map')[]): Type {
  const kinds = names.map((name): Type => ({ t: 'basic', name }));
  return { t: 'not', type: kinds.length === 1 ? (kinds[0] as Type) : { t: 'union', members: kinds } };
}

function typed(saying: Saying): Type[] {
  const type = wordOf(saying, 'type');
  if (type === undefined) {
    const said = ALONE.filter(([, words]) => words.some((word) => Object.hasOwn(saying.words, word)));
    return said.map(([kind, , others]) => ({ t: 'union', members: [KINDS[kind](saying), others] }));
  }
  const names = (Array.isArray(type) ? type : [type]) as readonly Json[];
  const isKind = (name: Json): name is Kind => typeof name === 'string' && Object.hasOwn(KINDS, name);
  if (names.length === 0 || !names.every(isKind)) saying.refuse('type', 'expected a type of JSON');
  const kinds: Kind[] = wordOf(saying, 'nullable') === true ? [...names, 'null'] : [...names];
  return [anyOf([...new Set(kinds)].map((kind) => KINDS[kind](saying)))];
}

// ── combinations ────────────────────────────────────────────────────────────────────────────────────────────────────

function anyOf(members: readonly Type[]): Type {
  return members.length === 1 ? (members[0] as Type) : { t: 'union', members };
}

/** `oneOf`: where two may hold together, each is taken without the others. */
function exactlyOne(members: readonly Type[]): Type {
  return anyOf(
    members.map((member, i) => {
      const others = members.filter((other, j) => j !== i && !apart(member, other));
      return both(
        others.map((type) => ({ t: 'not', type })),
        member,
      );
    }),
  );
}

/** References are not resolved yet while others are read. */
function apart(a: Type, b: Type): boolean {
  return !hasReference(a) && !hasReference(b) && areDisjoint(a, b);
}

function hasReference(type: Type | Predicate): boolean {
  switch (type.t) {
    case 'alias':
      return true;
    case 'union':
      return type.members.some(hasReference);
    case 'and':
      return hasReference(type.type) || type.items.some(hasReference);
    case 'not':
      return hasReference(type.type);
    case 'tuple':
      return type.items.some(hasReference);
    case 'elements':
    case 'array':
      return hasReference(type.element);
    case 'map':
      return type.entries.some((entry) => hasReference(entry.type)) || (type.rest !== null && hasReference(type.rest));
    default:
      return false;
  }
}

/** `enum` and `const` beside the other parts. */
function literals(saying: Saying, parts: Type[]): Type[] {
  const all = wordOf(saying, 'enum');
  if (all !== undefined && !Array.isArray(all)) saying.refuse('enum', 'expected an array of values');
  const sets = [
    ...(all === undefined ? [] : [all as readonly Json[]]),
    ...(Object.hasOwn(saying.words, 'const') ? [[saying.words['const'] as Json]] : []),
  ];
  if (sets.length === 0) return parts;
  const types = sets.map((values): Type =>
    values.length === 0 ? NEVER : { t: 'enum', values: values.flatMap(literal) },
  );
  // A literal says its kind itself.
  const [type] = parts;
  return type?.t === 'basic' && type.name === 'string' && sets.flat().every((value) => typeof value === 'string')
    ? types
    : [...parts, ...types];
}

/** A literal, and an object in both spellings of its keys. */
function literal(json: Json): Value[] {
  const value = fromPlain(json);
  return typeof json === 'object' && json !== null ? [value, fromPlain(json, { keywords: true })] : [value];
}

/** `$comment` of this package's export on a schema that says nothing else: the type itself. */
function commented(saying: Saying): Type[] {
  const comment = wordOf(saying, '$comment');
  if (typeof comment !== 'string' || !comment.startsWith(COMMENT) || Object.hasOwn(saying.words, 'type')) return [];
  try {
    return [parseType(comment.slice(COMMENT.length))];
  } catch (error) {
    if (error instanceof ErrorValue) return [];
    throw error;
  }
}
