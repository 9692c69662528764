/** What the tables of the language say of a name: for completion, and for people who ask. */
import { read } from '../reader/read.ts';
import type { CollectionForm } from '../reader/forms.ts';
import { formToValue } from '../reader/data.ts';
import { EFFECT_TEMPLATES } from '../syntax/effect-templates.ts';
import { FORMS } from '../syntax/forms.ts';
import { NATIVES } from '../stdlib/natives.ts';
import { PRELUDE } from '../stdlib/prelude.ts';
import { print } from '../values/print.ts';
import { arityText } from '../values/fail.ts';
import { LIBRARY } from './library.ts';

/** A name of the language. `signatures` are calls as one writes them; where none is known, `arity` says how many arguments. */
export interface Description {
  readonly name: string;
  readonly kind: 'form' | 'function' | 'effect';
  readonly signatures: readonly string[];
  readonly arity: string | null;
  /** The capabilities that an effect function calls. */
  readonly calls: readonly string[];
}

/** Every name that a program can use without defining it, sorted. */
export function languageNames(): string[] {
  const names = new Set([...FORMS.keys(), ...LIBRARY.names(), ...Object.keys(EFFECT_TEMPLATES)]);
  return [...names].filter((name) => !name.startsWith('%')).toSorted();
}

/** What is known of a name, or null. A form goes before a function of the same name, as in head position (R4.3). */
export function describeName(name: string): Description | null {
  const effect = Object.hasOwn(EFFECT_TEMPLATES, name) ? EFFECT_TEMPLATES[name] : undefined;
  if (effect !== undefined) {
    const calls = new Set([...effect.matchAll(/\(call :([^\s)]+)/g)].map((match) => match[1] as string));
    return { name, kind: 'effect', signatures: signaturesOf(name, effect), arity: null, calls: [...calls] };
  }
  if (FORMS.has(name)) return { name, kind: 'form', signatures: [], arity: null, calls: [] };
  if (name.startsWith('%')) return null;
  const text = Object.hasOwn(PRELUDE, name) ? PRELUDE[name] : undefined;
  if (text !== undefined)
    return { name, kind: 'function', signatures: signaturesOf(name, text), arity: null, calls: [] };
  const native = NATIVES.get(name);
  if (native === undefined) return null;
  return { name, kind: 'function', signatures: [], arity: arityText(native.min, native.max), calls: [] };
}

/** `(map f coll)` from the clauses of a function. */
function signaturesOf(name: string, clauses: string): string[] {
  const { items } = read(`(fn ${clauses})`).forms[0] as CollectionForm;
  const vectors =
    items[1]?.t === 'vector' ? [items[1]] : items.slice(1).map((item) => (item as CollectionForm).items[0]);
  return vectors.map((vector) => {
    const parameters = (vector as CollectionForm).items.map((item) => ` ${print(formToValue(item))}`);
    return `(${name}${parameters.join('')})`;
  });
}
