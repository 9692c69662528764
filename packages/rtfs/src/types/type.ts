/** What a type is once it has been read (§15.1), and how it prints. */
import { Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { print } from '../values/print.ts';

/** The names that need no declaration, in their one spelling (R15.2). */
export type BasicName =
  | 'int'
  | 'float'
  | 'number'
  | 'string'
  | 'bool'
  | 'nil'
  | 'keyword'
  | 'symbol'
  | 'regex'
  | 'vector'
  | 'list'
  | 'set'
  | 'map'
  | 'seq'
  | 'fn'
  | 'atom'
  | 'error'
  | 'any'
  | 'never'
  | 'data';

/** One entry of a map type: a key that must be there unless it is optional or its type accepts nil (R15.7). */
export interface MapEntry {
  readonly key: Value;
  readonly type: Type;
  readonly optional: boolean;
}

/** A predicate of `[:and T …]` (R15.14): its name, its arguments, and whether a value meets it. */
export interface Predicate {
  readonly t: 'predicate';
  readonly name: string;
  readonly args: readonly Value[];
  readonly holds: (v: Value) => boolean;
}

/** A function's type (R15.10). */
export interface FnType {
  readonly t: 'fn';
  readonly parameters: readonly Type[];
  readonly rest: Type | null;
  readonly result: Type;
}

/** A map's type (R15.7). With `either`, keys may be spelled as keywords or strings; only imported types have it (R15.22). */
export interface MapType {
  readonly t: 'map';
  readonly entries: readonly MapEntry[];
  readonly rest: Type | null;
  readonly closed: boolean;
  readonly either?: true;
}

/** A type (R15.4–R15.11). An alias is looked up when a value is checked, so that it may be recursive (R15.13). */
export type Type =
  | { readonly t: 'basic'; readonly name: BasicName }
  | { readonly t: 'elements'; readonly kind: 'vector' | 'list' | 'set' | 'seq'; readonly element: Type }
  | { readonly t: 'array'; readonly element: Type; readonly length: number | null }
  | { readonly t: 'tuple'; readonly items: readonly Type[] }
  | MapType
  | { readonly t: 'map-of'; readonly key: Type; readonly value: Type }
  | { readonly t: 'union'; readonly members: readonly Type[] }
  | { readonly t: 'and'; readonly type: Type; readonly items: readonly (Type | Predicate)[] }
  | { readonly t: 'enum'; readonly values: readonly Value[] }
  | { readonly t: 'not'; readonly type: Type }
  | FnType
  | { readonly t: 'resource'; readonly name: Value }
  | { readonly t: 'alias'; readonly name: string; readonly types: TypeEnvironment };

/** The declared types by name (`deftype`, `defstruct`, imports). */
export type TypeEnvironment = ReadonlyMap<string, Type>;

/** A type as text that reads back as the same type, an imported one as that of maps with the keys it names. */
export function typeText(type: Type | Predicate): string {
  const all = (types: readonly (Type | Predicate)[]): string => types.map((one) => ` ${typeText(one)}`).join('');
  switch (type.t) {
    case 'basic':
      return `:${type.name}`;
    case 'alias':
      return `:${type.name}`;
    case 'elements':
      return `[:${type.kind} ${typeText(type.element)}]`;
    case 'array':
      return `[:array ${typeText(type.element)} [${type.length ?? '?'}]]`;
    case 'tuple':
      return `[:tuple${all(type.items)}]`;
    case 'map':
      return mapText(type);
    case 'map-of':
      return `[:map-of ${typeText(type.key)} ${typeText(type.value)}]`;
    case 'union':
      return `[:union${all(type.members)}]`;
    case 'and':
      return `[:and ${typeText(type.type)}${all(type.items)}]`;
    case 'enum':
      return `[:enum${type.values.map((value) => ` ${print(value)}`).join('')}]`;
    case 'not':
      return `[:not ${typeText(type.type)}]`;
    case 'fn': {
      const rest = type.rest === null ? [] : ['&', typeText(type.rest)];
      return `[:fn [${[...type.parameters.map(typeText), ...rest].join(' ')}] ${typeText(type.result)}]`;
    }
    case 'resource':
      return `[:resource ${print(type.name)}]`;
    case 'predicate':
      return `[${[Keyword.of(type.name), ...type.args].map((x) => print(x)).join(' ')}]`;
  }
}

function mapText(type: MapType): string {
  const parts = type.entries.map(
    ({ key, type: of, optional }) => ` [${print(key)} ${typeText(of)}${optional ? ' ?' : ''}]`,
  );
  const rest = type.rest === null ? '' : ` [:* ${typeText(type.rest)}]`;
  return `[:map${type.closed ? ' {:closed true}' : ''}${parts.join('')}${rest}]`;
}
