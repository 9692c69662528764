/**
 * Expansion of one text, a program or a module (§9, §10): its top-level forms in order, each expanded until it is no macro's call.
 * Macros are defined and modules loaded on the way, since what follows may use them.
 */
import { OF_LIBRARY } from '../../reader/code.ts';
import type { CollectionForm, Form } from '../../reader/forms.ts';
import { definitionsIn } from '../definitions.ts';
import { importParts, moduleError } from '../imports.ts';
import { Refusal, refuse, wrongShape } from '../refusal.ts';
import { similar } from '../../reader/similar.ts';
import { headName } from './patterns.ts';
import type { Macro, Session } from './session.ts';
import { SHAPES } from './shapes.ts';
import { spell } from './spell.ts';
import { Walker } from './walk.ts';
import type { At } from './walk.ts';

const TOP: At = { names: null, trail: null, depth: 0 };

/** What an import brings: the names, and which of them are macros and types. */
export interface Exported {
  readonly name: string;
  readonly exports: readonly string[];
  readonly macros: ReadonlyMap<string, Macro>;
  readonly types: ReadonlySet<string>;
}

/** A text after expansion. */
export interface ExpandedText extends Exported {
  readonly forms: readonly Form[];
}

/** What a text needs of the world around it. */
export interface Surroundings {
  readonly session: Session;
  /** True for names that mean the library or a form where nothing of the text has them (R9.4). */
  isLibrary(name: string): boolean;
  isForm(name: string): boolean;
  /** Loads a module (R10.3). Throws ModuleError. */
  load(name: string, at: Form): Exported;
  /** Takes a module that stands in this very text. Throws ModuleError. */
  inside(form: CollectionForm): CollectionForm;
}

/** Expands a text; `exports` are the names its module form lists, null for all that it defines. */
export function expandText(
  world: Surroundings,
  name: string,
  forms: readonly Form[],
  exports: readonly { readonly name: string; readonly span: Form['span'] }[] | null,
): ExpandedText {
  return new Text(world, forms).expand(name, forms, exports);
}

class Text {
  readonly #world: Surroundings;
  readonly #walker: Walker;
  /** Names that the text itself defines at its top level. */
  readonly #own: Set<string>;
  readonly #hidden = new Set<string>();
  readonly #functions = new Map<string, CollectionForm>();
  readonly #typeForms: Form[] = [];
  readonly #types = new Set<string>();
  readonly #macros = new Map<string, Macro>();
  readonly #aliases = new Map<string, string>();

  constructor(world: Surroundings, forms: readonly Form[]) {
    this.#world = world;
    this.#walker = new Walker(world.session, SHAPES);
    this.#own = new Set(definitionsIn(forms, 0));
  }

  expand(
    name: string,
    forms: readonly Form[],
    exports: readonly { readonly name: string; readonly span: Form['span'] }[] | null,
  ): ExpandedText {
    const expanded = forms.map((form) => this.#guarded(form, () => this.#top(form)));
    const bound = new Set([...this.#walker.bound, ...this.#walker.macros.keys()]);
    const spelled = this.#spelled(expanded, bound);
    return {
      name,
      forms: spelled,
      exports: this.#exports(name, spelled, exports),
      macros: this.#macros,
      types: this.#types,
    };
  }

  /** Runs `work`; a refusal becomes a finding and nil stands for the form. */
  #guarded(form: Form, work: () => Form): Form {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#world.session.findings.push(error.finding());
      return { t: 'literal', value: null, span: form.span };
    }
  }

  #spelled(forms: readonly Form[], bound: ReadonlySet<string>): Form[] {
    const aliases = new Set(this.#aliases.keys());
    try {
      return spell(forms, { bound, aliases, keepsFresh: false });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#world.session.findings.push(error.finding());
      return [...forms];
    }
  }

  // ── top-level forms ──────────────────────────────────────────────────────────────────────────────────────────────

  #top(given: Form): Form {
    const { session } = this.#world;
    const w = this.#walker;
    let form = given;
    let at = TOP;
    for (;;) {
      const head = form.t === 'list' ? form.items[0] : undefined;
      if (form.t !== 'list' || head?.t !== 'symbol' || SHAPES.has(head.name)) break;
      const macro = w.macro(head, at);
      if (macro === null) break;
      const made = session.expand(macro, form, at.trail, at.depth);
      form = made.form;
      at = { ...at, trail: made.trail };
    }
    if (form.t !== 'list') return w.expression(form, at);
    switch (headName(form)) {
      case 'defmacro':
        return this.#defmacro(form, at);
      case 'import':
        this.#import(form);
        return form;
      case 'module':
        return this.#world.inside(form);
      default:
        return this.#define(w.expression(form, at));
    }
  }

  /** Keeps what macros defined later may use, and refuses a definition under a macro's name. */
  #define(form: Form): Form {
    const names = definitionsIn([form], 0);
    this.#walker.checkDefinitions([form], 0, TOP);
    for (const name of names) this.#own.add(name);
    const head = form.t === 'list' ? headName(form) : '';
    const name = form.t === 'list' ? form.items[1] : undefined;
    if (form.t !== 'list' || name?.t !== 'symbol') return form;
    if (head === 'defn-') this.#hidden.add(name.name);
    if (head === 'defn' || head === 'defn-') this.#functions.set(name.name, form);
    if (head === 'deftype' || head === 'defstruct') {
      this.#typeForms.push(form);
      this.#types.add(name.name);
    }
    return form;
  }

  // ── macros ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #defmacro(form: CollectionForm, at: At): Form {
    const shape = '(defmacro name "doc"? [p* & rest?] body*)';
    const [head, name, ...more] = form.items as [Form, Form | undefined, ...Form[]];
    if (name?.t !== 'symbol') wrongShape('defmacro', 'the name is no symbol', shape, form.span);
    const documented = more[0]?.t === 'literal' && typeof more[0].value === 'string' && more.length > 1;
    const [parameters, ...body] = documented ? more.slice(1) : more;
    if (parameters?.t !== 'vector') wrongShape('defmacro', 'the parameters are no vector', shape, form.span);
    this.#checkName(name.name, name.span);
    const fn: CollectionForm = {
      t: 'list',
      items: [{ t: 'symbol', name: 'fn', span: head.span }, parameters, ...body],
      span: form.span,
    };
    const walked = this.#walker.expression(fn, at) as CollectionForm;
    this.#prepare(name.name, walked);
    const before = form.items.slice(0, documented ? 3 : 2);
    return { ...form, items: [...before, ...walked.items.slice(1)] };
  }

  #checkName(name: string, span: Form['span']): void {
    const expected = 'expected another name';
    if (this.#world.isForm(name)) refuse('SyntaxError', `defmacro: ${name} is a form; ${expected}`, span);
    if (this.#own.has(name)) refuse('SyntaxError', `defmacro: ${name} is defined here, too; ${expected}`, span);
    if (this.#walker.macros.has(name)) refuse('SyntaxError', `defmacro: ${name} is a macro already; ${expected}`, span);
    if (name.includes('/')) refuse('SyntaxError', `defmacro: ${name} has a /; ${expected}`, span);
  }

  #prepare(name: string, body: CollectionForm): void {
    const { session } = this.#world;
    const helpers = this.#helpers(body);
    const bound = new Set([...this.#walker.bound, ...this.#walker.macros.keys()]);
    // Fresh symbols stay what they are: as data they must go on to be fresh.
    const spelled = spell([...helpers, body], { bound, aliases: new Set(), keepsFresh: true });
    const macro: Macro = {
      name,
      prepared: session.runner.prepare({
        name,
        helpers: spelled.slice(0, -1),
        body: spelled.at(-1) as CollectionForm,
        keepsMeaning: (symbol) =>
          this.#world.isLibrary(symbol) && !this.#own.has(symbol) && !this.#walker.macros.has(symbol),
        fresh: (base) => session.fresh(base),
      }),
    };
    session.findings.push(...macro.prepared.findings);
    this.#walker.macros.set(name, macro);
    this.#macros.set(name, macro);
  }

  /** The types declared so far and the functions that a body can reach, in the order of the text. */
  #helpers(body: CollectionForm): Form[] {
    const reached = new Set<string>();
    const queue: Form[] = [body];
    for (let form = queue.pop(); form !== undefined; form = queue.pop()) {
      for (const name of codeSymbols(form, 0)) {
        const found = this.#functions.get(name);
        if (found === undefined || reached.has(name)) continue;
        reached.add(name);
        queue.push(found);
      }
    }
    const functions = [...this.#functions].flatMap(([name, form]) => (reached.has(name) ? [form] : []));
    return [...this.#typeForms, ...functions];
  }

  // ── modules ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #import(form: CollectionForm): void {
    const { name, prefix, only } = importParts(form);
    const known = this.#aliases.get(prefix);
    if (known !== undefined && known !== name)
      moduleError(name, 'AliasTwice', `${prefix} stands for ${known} already`, { span: form.span });
    const module = this.#world.load(name, form);
    this.#aliases.set(prefix, name);
    for (const symbol of only) {
      if (module.exports.includes(symbol.name)) continue;
      const near = similar(symbol.name, module.exports);
      moduleError(name, 'NotExported', `${name} does not export ${symbol.name}`, {
        span: symbol.span,
        ...(near.length === 0 ? {} : { hint: `did you mean ${near.join(', ')}?` }),
      });
    }
    for (const exported of module.exports) this.#bring(module, exported, `${prefix}/${exported}`);
    for (const symbol of only) this.#bring(module, symbol.name, symbol.name);
  }

  #bring(module: Exported, exported: string, name: string): void {
    const w = this.#walker;
    const macro = module.macros.get(exported);
    if (macro !== undefined) w.macros.set(name, macro);
    if (module.types.has(exported)) w.types.set(name, { t: 'basic', name: 'any' });
    w.bound.add(name);
    w.imported.add(name);
  }

  /** What the text exports: what is listed, which must be there, or all that is not `defn-` (R10.1). */
  #exports(
    module: string,
    forms: readonly Form[],
    listed: readonly { readonly name: string; readonly span: Form['span'] }[] | null,
  ): string[] {
    const defined = new Set([...definitionsIn(forms, 0), ...this.#macros.keys(), ...this.#types]);
    if (listed === null) return [...defined].filter((name) => !this.#hidden.has(name));
    for (const { name, span } of listed) {
      if (defined.has(name)) continue;
      const near = similar(name, defined);
      const hint = near.length === 0 ? {} : { hint: `did you mean ${near.join(', ')}?` };
      moduleError(module, 'NotDefined', `${module} exports ${name}, which it does not define`, { span, ...hint });
    }
    return listed.map(({ name }) => name);
  }
}

/** What a text without macros and imports exports: all that it defines but `defn-` (R10.1). */
export function exportsOf(forms: readonly Form[]): string[] {
  const names = new Set(definitionsIn(forms, 0));
  for (const form of forms) {
    const name = form.t === 'list' ? form.items[1] : undefined;
    if (form.t !== 'list' || name?.t !== 'symbol') continue;
    if (headName(form) === 'deftype') names.add(name.name);
    if (headName(form) === 'defn-') names.delete(name.name);
  }
  return [...names];
}

/** The symbols of code, without those that are data: quoted ones, and those of templates that are not unquoted. */
function* codeSymbols(form: Form, template: number): Generator<string> {
  switch (form.t) {
    case 'symbol':
      if (template === 0 && form.sym?.origin !== OF_LIBRARY) yield form.name;
      return;
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      if (form.t === 'list' && headName(form) === 'quote') return;
      for (const item of form.items) yield* codeSymbols(item, template);
      return;
    case 'quasiquote':
      return yield* codeSymbols(form.form, template + 1);
    case 'unquote':
    case 'splice':
      return yield* codeSymbols(form.form, Math.max(0, template - 1));
    case 'deref':
      return yield* codeSymbols(form.form, template);
    default:
  }
}
