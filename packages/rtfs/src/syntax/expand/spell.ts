/**
 * The last step of expansion: symbols that no text can spell get a spelling, so that the expanded program is a text like any other
 * and is what is analysed. A fresh symbol `x__N#` becomes `x__N`, with as many `_` behind it as make it a name that stands nowhere
 * in the text; a library name that a template keeps (R9.4) gets a prefix of R10.5 where the text binds that name anywhere.
 */
import { FRESH, OF_LIBRARY } from '../../reader/code.ts';
import type { Form, SymbolForm } from '../../reader/forms.ts';
import { Keyword } from '../../values/kinds.ts';
import { LIBRARY_PREFIXES } from '../library.ts';
import { refuse } from '../refusal.ts';

/** What a text uses of names. */
export interface Spelling {
  /** Names that it binds, defines or imports, or that are macros in it. */
  readonly bound: ReadonlySet<string>;
  /** What it imports modules as. */
  readonly aliases: ReadonlySet<string>;
  /** True for the text of a macro: there a fresh symbol stays what it is, so that as data it goes on to be fresh. */
  readonly keepsFresh: boolean;
}

/** The forms with every symbol spelled. Throws SyntaxError where no prefix of the library is free. */
export function spell(forms: readonly Form[], spelling: Spelling): Form[] {
  return new Speller(forms, spelling).all(forms);
}

class Speller {
  readonly #spelling: Spelling;
  readonly #used = new Set<string>();
  readonly #fresh = new Map<string, string>();

  constructor(forms: readonly Form[], spelling: Spelling) {
    this.#spelling = spelling;
    for (const form of forms) this.#note(form);
  }

  /** Notes every name that the text spells; a keyword's too, for `(get :k)` reads a binding of that name (R12.21). */
  #note(form: Form): void {
    if (form.t === 'symbol') {
      if (form.sym?.origin !== FRESH) this.#used.add(form.name);
    } else if (form.t === 'literal') {
      if (form.value instanceof Keyword) this.#used.add(form.value.name);
    } else if ('items' in form) for (const item of form.items) this.#note(item);
    else if ('form' in form) this.#note(form.form);
    else if (form.t === 'annotation') this.#note(form.type);
    if ('meta' in form && form.meta !== undefined) this.#note(form.meta);
  }

  all(forms: readonly Form[]): Form[] {
    return forms.map((form) => this.#form(form));
  }

  #form(form: Form): Form {
    switch (form.t) {
      case 'symbol':
        return form.sym === undefined ? form : this.#symbol(form);
      case 'list':
      case 'vector':
      case 'map':
      case 'set': {
        const items = this.all(form.items);
        const meta = form.meta === undefined ? undefined : this.#form(form.meta);
        if (meta === form.meta && items.every((item, i) => item === form.items[i])) return form;
        return { ...form, items, ...(meta === undefined ? {} : { meta }) };
      }
      case 'annotation': {
        const type = this.#form(form.type);
        return type === form.type ? form : { ...form, type };
      }
      case 'literal':
      case 'error':
        return form;
      default: {
        const inner = this.#form(form.form);
        return inner === form.form ? form : { ...form, form: inner };
      }
    }
  }

  #symbol(form: SymbolForm): SymbolForm {
    const { sym, ...rest } = form;
    if (sym?.origin === FRESH) return this.#spelling.keepsFresh ? form : { ...rest, name: this.#freshName(form.name) };
    return sym?.origin === OF_LIBRARY ? { ...rest, name: this.#libraryName(form) } : rest;
  }

  #freshName(symbol: string): string {
    let name = this.#fresh.get(symbol);
    if (name !== undefined) return name;
    name = symbol.slice(0, -1);
    while (this.#used.has(name)) name += '_';
    this.#used.add(name);
    this.#fresh.set(symbol, name);
    return name;
  }

  #libraryName({ name, span }: SymbolForm): string {
    const { bound, aliases } = this.#spelling;
    if (!bound.has(name)) return name;
    const prefix = ['core', ...LIBRARY_PREFIXES].find((one) => !aliases.has(one) && !bound.has(`${one}/${name}`));
    if (prefix === undefined) refuse('SyntaxError', `${name}: every prefix of the library is imported or bound`, span);
    return `${prefix}/${name}`;
  }
}
