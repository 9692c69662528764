/** `$ref` inside one schema document (R15.22): each target becomes an alias, so that cycles need no end. */
import type { Json } from '../machine/types.ts';
import { isKnownType } from './parse.ts';
import type { Type } from './type.ts';

type Refuse = (pointer: string, what: string) => never;

/** The references of one import. */
export class References {
  readonly #root: Json;
  readonly #refuse: Refuse;
  readonly #types = new Map<string, Type>();
  /** The alias of each target by its pointer. */
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();
  readonly #waiting: { readonly name: string; readonly pointer: string; readonly json: Json }[] = [];
  /** Up to draft-7, nothing beside `$ref` counts. */
  readonly standAlone: boolean;
  readonly #id: string | null;

  constructor(root: Json, refuse: Refuse) {
    this.#root = root;
    this.#refuse = refuse;
    this.standAlone = /draft-0[3-7]/.test(memberOf(root, '$schema'));
    this.#id = memberOf(root, '$id').replace(/#$/, '') || null;
  }

  /** The alias of a reference that stands at `from`. Throws SchemaError. */
  alias(reference: Json, from: string): Type {
    if (typeof reference !== 'string') this.#refuse(from, 'expected a reference');
    const own = this.#id !== null && (reference === this.#id || reference.startsWith(`${this.#id}#`));
    const local = own ? reference.slice((this.#id as string).length) || '#' : reference;
    if (!local.startsWith('#')) this.#refuse(from, `a remote reference (${reference.slice(0, 100)})`);
    const parts = this.#partsOf(local.slice(1), from);
    const pointer = parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    let name = this.#names.get(pointer);
    if (name === undefined) {
      name = this.#newName(parts.at(-1) ?? 'Root');
      this.#names.set(pointer, name);
      this.#waiting.push({ name, pointer, json: this.#target(parts, from) });
    }
    return { t: 'alias', name, types: this.#types };
  }

  /** Reads all targets, those that reading finds included, and refuses references that lead nowhere but to themselves. */
  finish(read: (json: Json, pointer: string) => Type): void {
    const pointers = new Map<string, string>();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      pointers.set(next.name, next.pointer);
      this.#types.set(next.name, read(next.json, next.pointer));
    }
    this.#settle(pointers);
  }

  /**
   * In the order in which every alias comes after those it needs at once: an alias of an alias becomes the type itself,
   * so that a chain of references is no deeper than one. What has no place in the order is itself (R15.13).
   */
  #settle(pointers: ReadonlyMap<string, string>): void {
    const needed = new Map<string, string[]>();
    const open = new Map<string, number>();
    for (const [name, type] of this.#types) {
      const needs = new Set(directly(type));
      open.set(name, needs.size);
      for (const other of needs) {
        const list = needed.get(other);
        if (list === undefined) needed.set(other, [name]);
        else list.push(name);
      }
    }
    const ready = [...open].filter(([, count]) => count === 0).map(([name]) => name);
    for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
      const type = this.#types.get(name) as Type;
      if (type.t === 'alias') this.#types.set(name, this.#types.get(type.name) as Type);
      open.delete(name);
      for (const other of needed.get(name) ?? []) {
        const count = (open.get(other) as number) - 1;
        open.set(other, count);
        if (count === 0) ready.push(other);
      }
    }
    const [circular] = open.keys();
    if (circular !== undefined) this.#refuse(pointers.get(circular) as string, 'a schema that is itself');
  }

  #partsOf(fragment: string, from: string): readonly string[] {
    let text: string;
    try {
      text = decodeURIComponent(fragment);
    } catch {
      return this.#refuse(from, 'a reference that is no JSON pointer');
    }
    if (text === '') return [];
    if (!text.startsWith('/')) this.#refuse(from, `an anchor (#${text.slice(0, 100)})`);
    return text
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }

  #target(parts: readonly string[], from: string): Json {
    let at: Json = this.#root;
    for (const part of parts) {
      const next: Json | undefined =
        typeof at === 'object' && at !== null && Object.hasOwn(at, part)
          ? (at as { readonly [key: string]: Json })[part]
          : undefined;
      if (next === undefined) this.#refuse(from, 'a reference to nothing');
      at = next;
    }
    return at;
  }

  #newName(wanted: string): string {
    const base = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(wanted) ? wanted : 'Ref';
    // Many targets may end alike, so that the next free number is kept and not searched.
    let i = this.#next.get(base) ?? 1;
    let name = i === 1 ? base : `${base}${i}`;
    while (this.#taken.has(name) || isKnownType(name)) name = `${base}${++i}`;
    this.#next.set(base, i + 1);
    this.#taken.add(name);
    return name;
  }
}

function memberOf(root: Json, key: string): string {
  if (typeof root !== 'object' || root === null || Array.isArray(root) || !Object.hasOwn(root, key)) return '';
  const value = (root as { readonly [key: string]: Json })[key];
  return typeof value === 'string' ? value : '';
}

/** The aliases that a value must satisfy, or may, itself: not in a part of it. */
function directly(type: Type): string[] {
  switch (type.t) {
    case 'alias':
      return [type.name];
    case 'union':
      return type.members.flatMap(directly);
    case 'and':
      return [type.type, ...type.items].flatMap((item) => (item.t === 'predicate' ? [] : directly(item)));
    case 'not':
      return directly(type.type);
    default:
      return [];
  }
}
