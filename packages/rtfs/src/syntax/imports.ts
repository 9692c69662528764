/** The shapes of `module` and `import` (R10.1, R10.2), read once for expansion and for analysis. */
import type { CollectionForm, Form, SymbolForm } from '../reader/forms.ts';
import { Keyword } from '../values/kinds.ts';
import type { Span } from '../values/kinds.ts';
import { Refusal, wrongShape } from './refusal.ts';

const MODULE_SHAPE = '(module name (:exports [s*])? form*)';
const IMPORT_SHAPE = '(import name :as alias? :only [s*]?)';

/** Names of modules: parts that are folder and file names everywhere, joined by dots. */
const MODULE_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z_][A-Za-z0-9_-]{0,63}){0,15}$/;

/** `(module name (:exports [s*])? form*)`; `from` is the index of its first form, `exports` null for everything. */
export interface ModuleParts {
  readonly name: string;
  readonly exports: readonly SymbolForm[] | null;
  readonly from: number;
}

/** `(import name :as alias :only [s*])`. */
export interface ImportParts {
  readonly name: string;
  /** What stands before the `/`: the alias, or the module's own name. */
  readonly prefix: string;
  readonly only: readonly SymbolForm[];
}

/** A module's error (R18). */
export function moduleError(module: string, code: string, what: string, at: { span: Span; hint?: string }): never {
  throw new Refusal('ModuleError', code, `Module error: ${what}`, { ...at, data: { module, code } });
}

function nameOf(form: Form | undefined, head: string, shape: string, span: Span): string {
  if (form?.t !== 'symbol') wrongShape(head, 'the name is no symbol', shape, form?.span ?? span);
  if (!MODULE_NAME.test(form.name)) {
    const hint = 'letters, digits, _ and -, in parts joined by dots, as in text.lines';
    moduleError(form.name, 'ModuleName', `${form.name} is no name of a module`, { span: form.span, hint });
  }
  return form.name;
}

function symbols(form: Form | undefined, head: string, shape: string, span: Span): SymbolForm[] {
  if (form?.t !== 'vector') wrongShape(head, 'the names are no vector', shape, form?.span ?? span);
  return form.items.map((item) => {
    if (item.t !== 'symbol') wrongShape(head, 'a name is no symbol', shape, item.span);
    return item;
  });
}

/** The parts of a `module` form. Throws SyntaxError, ModuleError. */
export function moduleParts(form: CollectionForm): ModuleParts {
  const name = nameOf(form.items[1], 'module', MODULE_SHAPE, form.span);
  const clause = form.items[2];
  const head = clause?.t === 'list' ? clause.items[0] : undefined;
  if (clause?.t !== 'list' || head?.t !== 'literal' || head.value !== Keyword.of('exports'))
    return { name, exports: null, from: 2 };
  if (clause.items.length !== 2) wrongShape('module', ':exports wants one vector', MODULE_SHAPE, clause.span);
  return { name, exports: symbols(clause.items[1], 'module', MODULE_SHAPE, clause.span), from: 3 };
}

/** The parts of an `import` form. Throws SyntaxError, ModuleError. */
export function importParts(form: CollectionForm): ImportParts {
  const { items, span } = form;
  const name = nameOf(items[1], 'import', IMPORT_SHAPE, span);
  let prefix: string | null = null;
  let only: readonly SymbolForm[] | null = null;
  for (let i = 2; i < items.length; i += 2) {
    const option = items[i] as Form;
    const value = items[i + 1];
    const key = option.t === 'literal' && option.value instanceof Keyword ? option.value.name : '';
    if (key === 'as' && prefix === null) {
      if (value?.t !== 'symbol' || value.name.includes('/'))
        wrongShape('import', ':as wants a name without /', IMPORT_SHAPE, value?.span ?? option.span);
      prefix = value.name;
    } else if (key === 'only' && only === null) only = symbols(value, 'import', IMPORT_SHAPE, option.span);
    else wrongShape('import', 'an option is neither :as nor :only, or stands twice', IMPORT_SHAPE, option.span);
  }
  return { name, prefix: prefix ?? name, only: only ?? [] };
}
