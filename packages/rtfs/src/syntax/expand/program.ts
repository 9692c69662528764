/**
 * Expansion of a program with its modules (R9.2, R10.3). Modules of the same text come first, then those that the host finds;
 * each is expanded once, when it is first imported.
 */
import type { CollectionForm, Form } from '../../reader/forms.ts';
import { moduleError, moduleParts } from '../imports.ts';
import type { ModuleParts } from '../imports.ts';
import { refuse } from '../refusal.ts';
import type { Finding } from '../refusal.ts';
import { headName } from './patterns.ts';
import { Session } from './session.ts';
import type { MacroRunner } from './session.ts';
import { expandText } from './unit.ts';
import type { ExpandedText, Surroundings } from './unit.ts';

/** What expansion is given. */
export interface Expansion {
  readonly runner: MacroRunner;
  readonly depthMax: number;
  isLibrary(name: string): boolean;
  isForm(name: string): boolean;
  /** The forms of a module that the host has; null if it has none. Throws a refusal where they cannot be had. */
  source(name: string, at: Form): readonly Form[] | null;
}

/** A program after expansion. */
export interface ExpandedProgram {
  readonly forms: readonly Form[];
  readonly modules: ReadonlyMap<string, ExpandedText>;
  readonly exports: readonly string[];
  readonly expansions: number;
  readonly findings: readonly Finding[];
}

/** Modules that may be on the way at once, each for the one before it: each takes some of the engine's stack. */
const IMPORTS_DEEP = 64;

const WORDS = new Set(['defmacro', 'module', 'import']);

/** True for a program that has something to expand: macros and modules come in by forms at its top level. */
export function needsExpansion(forms: readonly Form[]): boolean {
  return forms.some((form) => form.t === 'list' && WORDS.has(headName(form)));
}

/** Expands a program. What is wrong with it is a finding. */
export function expandProgram(expansion: Expansion, forms: readonly Form[]): ExpandedProgram {
  const session = new Session(expansion.runner, expansion.depthMax);
  const modules = new Modules(expansion, session, forms);
  const text = expandText(modules.surroundings(true), '', forms, null);
  const [only] = forms;
  const module = forms.length === 1 && only?.t === 'list' && headName(only) === 'module' ? only.items[1] : undefined;
  const exports = module?.t === 'symbol' ? (modules.all.get(module.name)?.exports ?? []) : text.exports;
  const { expansions, findings } = session;
  return { forms: text.forms, modules: modules.all, exports, expansions, findings };
}

class Modules {
  readonly #expansion: Expansion;
  readonly #session: Session;
  readonly #here = new Map<string, { readonly form: Form; readonly parts: ModuleParts }>();
  readonly #open: string[] = [];
  readonly all = new Map<string, ExpandedText>();

  constructor(expansion: Expansion, session: Session, forms: readonly Form[]) {
    this.#expansion = expansion;
    this.#session = session;
    for (const form of forms) if (form.t === 'list' && headName(form) === 'module') this.#note(form);
  }

  /** Notes a module of this text; one of wrong shape, or a second of the name, is refused when its turn comes. */
  #note(form: CollectionForm): void {
    const name = form.items[1];
    if (name?.t !== 'symbol' || this.#here.has(name.name)) return;
    try {
      this.#here.set(name.name, { form, parts: moduleParts(form) });
    } catch {
      // Read again, and refused, at its place.
    }
  }

  surroundings(isProgram: boolean): Surroundings {
    const { isLibrary, isForm } = this.#expansion;
    return {
      session: this.#session,
      isLibrary,
      isForm,
      load: (name, at) => this.#load(name, at),
      inside: isProgram ? (form) => this.#inside(form) : nested,
    };
  }

  #load(name: string, at: Form): ExpandedText {
    const known = this.all.get(name);
    if (known !== undefined) return known;
    if (this.#open.includes(name)) {
      const chain = [...this.#open.slice(this.#open.indexOf(name)), name].join(' → ');
      moduleError(name, 'ModuleCycle', `modules import each other: ${chain}`, { span: at.span });
    }
    if (this.#open.length >= IMPORTS_DEEP)
      moduleError(name, 'ModuleDepth', `modules import each other deeper than ${IMPORTS_DEEP}`, { span: at.span });
    const here = this.#here.get(name);
    const found = here === undefined ? this.#elsewhere(name, at) : { ...here.parts, forms: itemsOf(here.form) };
    this.#open.push(name);
    try {
      const text = expandText(this.surroundings(false), name, found.forms.slice(found.from), found.exports);
      this.all.set(name, text);
      return text;
    } finally {
      this.#open.pop();
    }
  }

  /** A module of the host: its file holds one `module` form of its name, or the forms themselves. */
  #elsewhere(name: string, at: Form): Pick<ModuleParts, 'exports' | 'from'> & { readonly forms: readonly Form[] } {
    const forms = this.#expansion.source(name, at);
    if (forms === null) moduleError(name, 'ModuleNotFound', `there is no module ${name}`, { span: at.span });
    const [only] = forms;
    if (forms.length !== 1 || only?.t !== 'list' || headName(only) !== 'module')
      return { forms, exports: null, from: 0 };
    const parts = moduleParts(only);
    if (parts.name !== name)
      moduleError(name, 'ModuleName', `the text of ${name} holds the module ${parts.name}`, { span: only.span });
    return { ...parts, forms: only.items };
  }

  /** A module form of the program: the same form with its forms expanded. */
  #inside(form: CollectionForm): CollectionForm {
    const parts = moduleParts(form);
    const known = this.#here.get(parts.name);
    if (known === undefined) this.#here.set(parts.name, { form, parts });
    else if (known.form !== form)
      moduleError(parts.name, 'ModuleTwice', `the module ${parts.name} stands twice`, { span: form.span });
    const text = this.#load(parts.name, form);
    return { ...form, items: [...form.items.slice(0, parts.from), ...text.forms] };
  }
}

function itemsOf(form: Form): readonly Form[] {
  return form.t === 'list' ? form.items : [];
}

function nested(form: CollectionForm): never {
  return refuse('SyntaxError', 'module: stands inside another module; expected it at top level', form.span);
}
