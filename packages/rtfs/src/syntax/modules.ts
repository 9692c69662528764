/**
 * Modules in analysis (§10): a module's forms are evaluated in a scope of their own, once, where it is first imported or where it
 * stands. An import gives its variables names in the scope of imports, which lies around the program's own (R4.7).
 */
import type { CollectionForm } from '../reader/forms.ts';
import { Vec } from '../values/vector.ts';
import { PMap } from '../values/map.ts';
import type { Type } from '../types/type.ts';
import { constant } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { declareDefinitions } from './definitions.ts';
import type { ExpandedText } from './expand/unit.ts';
import { definedIn } from './functions.ts';
import { importParts, moduleError, moduleParts } from './imports.ts';
import type { Node } from './program.ts';
import { refuse } from './refusal.ts';
import { Scope } from './scope.ts';
import type { Place } from './scope.ts';

/** A module that has been analysed: what its names stand for. */
export interface LoadedModule {
  readonly scope: Scope;
  readonly types: ReadonlyMap<string, Type>;
}

/** Refuses a form that may stand at the top level of a program or module alone. */
function atTop(form: CollectionForm, place: Place, name: string): void {
  const { parent } = place.path;
  if (parent !== null && parent.module === undefined)
    refuse('SyntaxError', `${name}: stands inside another form; expected it at top level`, form.span);
}

/** `(defmacro …)`: expansion has done its work; the value is nil (R9.1). */
export const defmacroForm: FormHandler = (_a, form, place) => {
  atTop(form, place, 'defmacro');
  return constant(null, form.span);
};

/** `(import name …)` (R10.2). */
export const importForm: FormHandler = (a, form, place) => {
  atTop(form, place, 'import');
  const { name, prefix, only } = importParts(form);
  const text = textOf(a, name, form);
  const nodes = evaluated(a, text, form, place);
  const { scope, types } = a.loaded.get(name) as LoadedModule;
  const imports = a.imports as Scope;
  imports.aliases.add(prefix);
  const bring = (exported: string, as: string): void => {
    const variable = scope.names.get(exported);
    if (variable !== undefined) {
      imports.names.set(as, variable);
      if (scope.done.has(variable)) imports.done.add(variable);
    }
    const type = types.get(exported);
    if (type !== undefined) a.types.set(as, type);
  };
  for (const exported of text.exports) bring(exported, `${prefix}/${exported}`);
  for (const symbol of only) bring(symbol.name, symbol.name);
  return { t: 'do', body: [...nodes, constant(null, form.span)], span: form.span };
};

/** `(module name (:exports [s*])? form*)` (R10.1). */
export const moduleForm: FormHandler = (a, form, place) => {
  atTop(form, place, 'module');
  const { name } = moduleParts(form);
  const text = textOf(a, name, form);
  const nodes = evaluated(a, text, form, place);
  const value = PMap.of([
    ['name', name],
    ['exports', Vec.of([...text.exports])],
  ]);
  return { t: 'do', body: [...nodes, constant(value, form.span)], span: form.span };
};

function textOf(a: Analyser, name: string, form: CollectionForm): ExpandedText {
  return a.modules.get(name) ?? moduleError(name, 'ModuleNotFound', `there is no module ${name}`, { span: form.span });
}

/** The module's forms, the first time; nothing afterwards. Sites in it begin with its name (R11.9). */
function evaluated(a: Analyser, text: ExpandedText, form: CollectionForm, place: Place): Node[] {
  if (a.loaded.has(text.name)) return [];
  const { func } = place;
  const outside = { imports: a.imports, types: a.types };
  a.imports = new Scope(a.outermost, func, { branch: null, depth: 0 });
  a.types = new Map();
  const scope = new Scope(a.imports, func, { branch: null, depth: 0 });
  a.loaded.set(text.name, { scope, types: a.types });
  const root: Place = {
    ...place,
    scope,
    path: { parent: null, index: 0, module: text.name },
    tail: false,
    clause: null,
    target: null,
    barrier: null,
    depth: 0,
  };
  try {
    declareDefinitions(a, text.forms, 0, root);
    const body = a.body(text.forms, 0, root, form.span);
    a.moduleVariables.push(...definedIn(scope));
    return [body];
  } finally {
    a.imports = outside.imports;
    a.types = outside.types;
  }
}
