/**
 * Templates (R9.3): `` `f `` as the operations that make the form as data. In a macro's body symbols of the library are marked and
 * every `x#` is made anew each time (R9.4); elsewhere a template is a way to write data, its symbols are ordinary ones.
 */
import { formToCode, OF_LIBRARY } from '../reader/code.ts';
import { formToValue } from '../reader/data.ts';
import type { CollectionForm, Form, PrefixForm, SymbolForm } from '../reader/forms.ts';
import { Sym } from '../values/kinds.ts';
import type { Fn, Value } from '../values/kinds.ts';
import { constant, primitive } from './analyser.ts';
import type { Analyser } from './analyser.ts';
import type { Node, Variable } from './program.ts';
import { refuse } from './refusal.ts';
import { inner } from './scope.ts';
import type { Place } from './scope.ts';

/** What the bodies of macros have and other code has not. */
export interface MacroTime {
  /** True for a name that means the library, or a form, where the macro is defined. */
  keepsMeaning(name: string): boolean;
  /** The function `gensym` (R9.4): a new symbol with the given beginning. */
  readonly gensym: Fn;
}

/** One template under way: the fresh symbols of its `x#`, by name. */
interface Template {
  readonly a: Analyser;
  readonly fresh: Map<string, Node>;
  readonly variables: Variable[];
  readonly binds: Node[];
  readonly scope: Place;
  number: number;
}

/** `` `f `` (R9.3). */
export function templateForm(a: Analyser, form: PrefixForm, place: Place): Node {
  const t: Template = { a, fresh: new Map(), variables: [], binds: [], scope: place, number: 0 };
  const made = part(t, form.form, 1, inner(place, 1));
  if (t.variables.length === 0) return made;
  return {
    t: 'scope',
    variables: t.variables,
    body: { t: 'do', body: [...t.binds, made], span: form.span },
    span: form.span,
  };
}

function isAuto(name: string): boolean {
  return name.length > 1 && name.endsWith('#');
}

/** True if `form` stands for itself at that depth of templates: nothing in it is evaluated or made anew. */
function isStatic(form: Form, level: number): boolean {
  switch (form.t) {
    case 'symbol':
      return form.meta === undefined && !(level === 1 && isAuto(form.name));
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      return form.meta === undefined && form.items.every((item) => isStatic(item, level));
    case 'quasiquote':
    case 'unquote':
    case 'splice':
      return false;
    case 'quote':
    case 'deref':
      return isStatic(form.form, level);
    default:
      return true;
  }
}

/** The node that makes `form` as data; `level` counts the templates around it that are not yet undone by `~`. */
function part(t: Template, form: Form, level: number, place: Place): Node {
  const { span } = form;
  if (isStatic(form, level)) return constant(staticData(t, form, level), span);
  switch (form.t) {
    case 'symbol':
      return isAuto(form.name) && level === 1 ? fresh(t, form) : constant(symbolData(t, form, level), span);
    case 'unquote':
      if (level === 1) return t.a.node(form.form, inner(place, 1));
      return prefix(t, form, level - 1, place);
    case 'splice':
      if (level === 1) return refuse('SyntaxError', 'splice: stands outside a collection; expected `(… ~@x …)', span);
      return prefix(t, form, level - 1, place);
    case 'quasiquote':
      return prefix(t, form, level + 1, place);
    case 'quote':
    case 'deref':
      return prefix(t, form, level, place);
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      return collection(t, form, level, place);
    default:
      return constant(formToCode(form), span);
  }
}

function prefix(t: Template, form: PrefixForm, level: number, place: Place): Node {
  const value = part(t, form.form, level, inner(place, 1));
  return primitive('%prefixed', [constant(form.t, form.span), value], form.span);
}

/** A collection with parts that are evaluated: `mask` has `@` for each that is spliced. */
function collection(t: Template, form: CollectionForm, level: number, place: Place): Node {
  const { span } = form;
  let mask = '';
  const parts = form.items.map((item, i) => {
    const splices = item.t === 'splice' && level === 1;
    mask += splices ? '@' : '.';
    const at = inner(place, i);
    return splices ? t.a.node(item.form, inner(at, 1)) : part(t, item, level, at);
  });
  const made = primitive('%template', [constant(form.t, span), constant(mask, span), ...parts], span);
  // Metadata means something on code alone (R1.28).
  if (form.meta === undefined || t.a.dialect.macro === null) return made;
  return primitive('%with-meta', [made, part(t, form.meta, level, place)], span);
}

/** Data that is the same each time; outside of macros an annotation is none. Throws ParseError, TypeError. */
function staticData(t: Template, form: Form, level: number): Value {
  if (t.a.dialect.macro === null) return formToValue(form);
  return formToCode(form, (symbol) => symbolData(t, symbol, level));
}

/** A symbol of the template as data. */
function symbolData(t: Template, form: SymbolForm, level: number): Value {
  const { macro } = t.a.dialect;
  if (macro === null) return form.sym ?? Sym.of(form.name);
  if (form.meta !== undefined) return formToCode(form);
  if (form.sym !== undefined) return form.sym;
  // Inside a nested template the symbol belongs to that one, which marks it when its turn comes.
  return level === 1 && macro.keepsMeaning(form.name) ? Sym.apart(form.name, OF_LIBRARY) : Sym.of(form.name);
}

/** The symbol of `x#` in this template: one for all of its uses. */
function fresh(t: Template, form: SymbolForm): Node {
  const known = t.fresh.get(form.name);
  if (known !== undefined) return known;
  const base = form.name.slice(0, -1);
  const node = freshNode(t, base, form.span);
  t.fresh.set(form.name, node);
  return node;
}

function freshNode(t: Template, base: string, span: Node['span']): Node {
  const { macro } = t.a.dialect;
  if (macro === null) {
    t.number ||= ++t.a.templates;
    return constant(Sym.of(`${base}__${t.number}#`), span);
  }
  const variable = t.a.variable('', t.scope);
  const made = t.a.apply(constant(macro.gensym, span), [constant(base, span)], span, { ...t.scope, clause: null });
  t.variables.push(variable);
  t.binds.push(t.a.bind(variable, made, 'nil', span));
  return { t: 'local', variable, checked: false, span };
}
