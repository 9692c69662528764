/**
 * The walk of macro expansion (R9.2): outermost first, to a fixed point. It follows the scopes of the program, since a local
 * shadows a macro of its name (R9.5), and enters exactly the parts that are evaluated. What a special form's parts are stands in
 * `shapes.ts`, which arrives as an argument.
 */
import { OF_LIBRARY } from '../../reader/code.ts';
import type { CollectionForm, Form, PrefixForm, SymbolForm } from '../../reader/forms.ts';
import type { Type } from '../../types/type.ts';
import { definitionsIn } from '../definitions.ts';
import { refuse } from '../refusal.ts';
import { macroError } from './session.ts';
import type { Macro, Session, Trail } from './session.ts';

/** Names that hide macros, innermost first. */
interface Names {
  readonly parent: Names | null;
  readonly names: ReadonlySet<string>;
}

/** Where a form stands: what hides macros there, the expansions it came out of, the brackets around it. */
export interface At {
  readonly names: Names | null;
  readonly trail: Trail | null;
  readonly depth: number;
}

/** Walks one special form. `items` includes the head. */
export type Shape = (w: Walker, form: CollectionForm, at: At) => Form;

/** One text on its way: a program or a module. */
export class Walker {
  readonly session: Session;
  /** The macros that calls in this text can name. */
  readonly macros = new Map<string, Macro>();
  /** Types declared so far, which decide what is an annotation (R1.31). */
  readonly types = new Map<string, Type>();
  /** Every name that the text binds or defines anywhere. */
  readonly bound = new Set<string>();
  /** Names that stand for what is imported. */
  readonly imported = new Set<string>();
  readonly #shapes: ReadonlyMap<string, Shape>;

  constructor(session: Session, shapes: ReadonlyMap<string, Shape>) {
    this.session = session;
    this.#shapes = shapes;
  }

  /** The macro that a symbol means here, or null. */
  macro(symbol: SymbolForm, at: At): Macro | null {
    if (symbol.sym?.origin === OF_LIBRARY) return null;
    const macro = this.macros.get(symbol.name);
    return macro === undefined || this.hides(symbol.name, at) ? null : macro;
  }

  /** True where a local has the name. */
  hides(name: string, at: At): boolean {
    for (let scope = at.names; scope !== null; scope = scope.parent) if (scope.names.has(name)) return true;
    return false;
  }

  /** A form that is evaluated. */
  expression(form: Form, at: At): Form {
    switch (form.t) {
      case 'symbol':
        if (this.macro(form, at) !== null)
          refuse('SyntaxError', `${form.name}: a macro is no value; expected it at the head of a list`, form.span);
        return form;
      case 'vector':
      case 'set':
      case 'map':
        return this.#collection(form, at);
      case 'list':
        return this.#list(form, at);
      case 'quote':
        return plain(form);
      case 'quasiquote':
        return this.#template(form, 0, at);
      case 'deref':
        if (form.form.t === 'symbol') return form;
        return { ...form, form: this.expression(form.form, deeper(at)) };
      case 'annotation':
        return plain(form);
      default:
        return form;
    }
  }

  #collection(form: CollectionForm, at: At): Form {
    return this.with(form, this.all(form.items, 0, this.#enter(form, at)));
  }

  #list(form: CollectionForm, at: At): Form {
    const head = form.items[0];
    if (head?.t !== 'symbol') return this.#collection(form, at);
    const shape = this.#shapes.get(head.name);
    // At the head a form's name means the form, whatever the program binds (R4.3).
    if (shape !== undefined) return shape(this, withHead(form, plain(head)), this.#enter(form, at));
    const macro = this.macro(head, at);
    if (macro === null) return this.rest(form, 1, this.#enter(form, at));
    const { form: made, trail } = this.session.expand(macro, form, at.trail, at.depth);
    return this.expression(made, { ...at, trail });
  }

  /** One bracket deeper; what an expansion wraps around its arguments may not nest beyond what could be read. */
  #enter(form: Form, at: At): At {
    if (at.depth >= this.session.depthMax && at.trail !== null)
      macroError(at.trail, `the expanded program nests deeper than ${this.session.depthMax} brackets`, form.span);
    return deeper(at);
  }

  /** All items from index `from` on as expressions. */
  all(items: readonly Form[], from: number, at: At): Form[] {
    return items.map((item, i) => (i < from ? item : this.expression(item, at)));
  }

  /** A list whose items from index `from` on are evaluated. */
  rest(form: CollectionForm, from: number, at: At): Form {
    return this.with(form, this.all(form.items, from, at), at);
  }

  /** The form with other items; itself when they are the same. Its metadata is evaluated where `at` is given. */
  with(form: CollectionForm, items: readonly Form[], at?: At): CollectionForm {
    const { meta } = form;
    if (meta !== undefined && at !== undefined) return { ...form, items, meta: this.expression(meta, at) };
    return items.every((item, i) => item === form.items[i]) ? form : { ...form, items };
  }

  /** A body in a scope of its own, which what it defines belongs to (R4.5). */
  body(items: readonly Form[], from: number, at: At): Form[] {
    const inside = this.defining(items, from, at);
    const walked = this.all(items, from, inside);
    this.checkDefinitions(walked, from, inside);
    return walked;
  }

  /** The place of a scope that defines what `items` define. */
  defining(items: readonly Form[], from: number, at: At): At {
    const names = definitionsIn(items, from, this.imported);
    for (const name of names) this.bound.add(name);
    return this.hiding(names, at);
  }

  /** Refuses what an expansion defines under the name of a macro, for the scope was read without it. */
  checkDefinitions(items: readonly Form[], from: number, at: At): void {
    for (const name of definitionsIn(items, from)) {
      this.bound.add(name);
      const span = (items[from] as Form).span;
      if (this.macro({ t: 'symbol', name, span }, at) !== null)
        refuse('SyntaxError', `def: ${name} is a macro; expected another name`, span);
    }
  }

  /** The place inside a scope that binds `names`. */
  hiding(names: Iterable<string>, at: At): At {
    const set = new Set(names);
    return set.size === 0 ? at : { ...at, names: { parent: at.names, names: set } };
  }

  /** A binding symbol: its name is noted. A template may not bind the name of a library function by accident (R9.4). */
  binder(form: SymbolForm, at: At): SymbolForm {
    if (form.sym?.origin === OF_LIBRARY) {
      const hint = `write ${form.name}# for a name of the template's own, or ~'${form.name} for that very name`;
      const trail = at.trail ?? { macro: form.name };
      macroError(trail, `its template binds ${form.name}, which means the library's function there`, form.span, hint);
    }
    this.bound.add(form.name);
    return form;
  }

  /** A template in code that is not a macro's: only what is unquoted is evaluated. */
  #template(form: Form, level: number, at: At): Form {
    switch (form.t) {
      case 'quasiquote':
        return this.#inner(form, (inner) => this.#template(inner, level + 1, deeper(at)));
      case 'unquote':
      case 'splice':
        return this.#inner(form, (inner) =>
          level === 1 ? this.expression(inner, deeper(at)) : this.#template(inner, level - 1, deeper(at)),
        );
      case 'quote':
      case 'deref':
        return this.#inner(form, (inner) => this.#template(inner, level, deeper(at)));
      case 'list':
      case 'vector':
      case 'map':
      case 'set':
        return this.with(
          form,
          form.items.map((item) => this.#template(item, level, this.#enter(form, at))),
        );
      default:
        return plain(form);
    }
  }

  #inner(form: PrefixForm, work: (inner: Form) => Form): PrefixForm {
    const inner = work(form.form);
    return inner === form.form ? form : { ...form, form: inner };
  }
}

function withHead(form: CollectionForm, head: Form): CollectionForm {
  return head === form.items[0] ? form : { ...form, items: form.items.with(0, head) };
}

/** The place one bracket further in. */
export function deeper(at: At): At {
  return { ...at, depth: at.depth + 1 };
}

/** A form that is not evaluated: as data, the symbols of a template are ordinary ones (R9.4). */
export function plain(form: Form): Form {
  switch (form.t) {
    case 'symbol': {
      if (form.sym?.origin !== OF_LIBRARY) return form;
      const { sym: _sym, ...rest } = form;
      return rest;
    }
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      return { ...form, items: form.items.map(plain) };
    case 'annotation':
      return { ...form, type: plain(form.type) };
    case 'quote':
    case 'quasiquote':
    case 'unquote':
    case 'splice':
    case 'deref':
      return { ...form, form: plain(form.form) };
    default:
      return form;
  }
}
