/**
 * The table of form names (R5.1) and of library names that analysis treats itself.
 */
import type { CollectionForm, SymbolForm } from '../reader/forms.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import {
  asForm,
  bindingIf,
  caseForm,
  commentForm,
  condForm,
  condpForm,
  condThreadForm,
  doForm,
  ifForm,
  logicForm,
  logicValue,
  matchForm,
  quoteForm,
  someThreadForm,
  threadForm,
  whenForm,
} from './control.ts';
import {
  callForm,
  contextSetHead,
  effectForm,
  effectLine,
  effectNames,
  effectValue,
  getHead,
  resourceRefHead,
  withResourceForm,
} from './effects.ts';
import { throwForm, tryForm } from './errors.ts';
import {
  declareForm,
  defForm,
  defnForm,
  fnForm,
  letfnForm,
  letForm,
  loopForm,
  recurForm,
  setForm,
} from './functions.ts';
import { dotimesForm, forForm, whileForm } from './iteration.ts';
import { defmacroForm, importForm, moduleForm } from './modules.ts';
import type { Node } from './program.ts';
import type { Place } from './scope.ts';
import { checkpointForm, parallelForm, stepForm, stepIfForm, stepLoopForm, stepParallelForm } from './steps.ts';
import { defstructForm, deftypeForm, resourceForm, typeCheckForm } from './type-forms.ts';

/** Every form name with its analysis. */
export const FORMS: ReadonlyMap<string, FormHandler> = new Map<string, FormHandler>([
  ['quote', quoteForm],
  ['do', doForm],
  ['if', ifForm('if')],
  ['if-not', ifForm('if-not')],
  ['let', letForm],
  ['letfn', letfnForm],
  ['fn', fnForm],
  ['λ', fnForm],
  ['def', defForm],
  ['defn', defnForm],
  ['defn-', defnForm],
  ['declare', declareForm],
  ['set!', setForm],
  ['loop', loopForm],
  ['recur', recurForm],
  ['when', whenForm('when')],
  ['when-not', whenForm('when-not')],
  ['if-let', bindingIf('if-let')],
  ['when-let', bindingIf('when-let')],
  ['if-some', bindingIf('if-some')],
  ['when-some', bindingIf('when-some')],
  ['cond', condForm],
  ['condp', condpForm],
  ['case', caseForm],
  ['match', matchForm],
  ['and', logicForm('and')],
  ['or', logicForm('or')],
  ['->', threadForm('->')],
  ['->>', threadForm('->>')],
  ['as->', asForm],
  ['some->', someThreadForm('some->')],
  ['some->>', someThreadForm('some->>')],
  ['cond->', condThreadForm('cond->')],
  ['cond->>', condThreadForm('cond->>')],
  ['for', forForm('for')],
  ['doseq', forForm('doseq')],
  ['dotimes', dotimesForm],
  ['while', whileForm],
  ['comment', commentForm],
  ['try', tryForm],
  ['throw', throwForm],
  ['call', callForm],
  ['parallel', parallelForm],
  ['with-resource', withResourceForm],
  ['step', stepForm],
  ['step-if', stepIfForm],
  ['step-loop', stepLoopForm],
  ['step-parallel', stepParallelForm],
  ['checkpoint', checkpointForm],
  ['log-step', effectForm('log-step')],
  ['llm-execute', effectForm('llm-execute')],
  ['discover-agents', effectForm('discover-agents')],
  ['deftype', deftypeForm],
  ['defstruct', defstructForm],
  ['resource', resourceForm],
  ['valid?', typeCheckForm('valid?')],
  ['validate', typeCheckForm('validate')],
  ['conform', typeCheckForm('conform')],
  ['defmacro', defmacroForm],
  ['module', moduleForm],
  ['import', importForm],
]);

type Head = (a: Analyser, form: CollectionForm, place: Place) => Node | null;
type ValueOf = (a: Analyser, form: SymbolForm, place: Place) => Node;

function headOf(name: string): Head {
  return (a, form, place) => effectLine(a, name, form, place);
}

/** Library names that mean something of their own in head position. */
export const HEADS: ReadonlyMap<string, Head> = new Map<string, Head>([
  ...effectNames().map((name): [string, Head] => [name, headOf(name)]),
  ['get', getHead],
  ['context/get', getHead],
  ['context/set', contextSetHead],
  ['resource:ref', resourceRefHead],
]);

/** Names that can stand as values although the library has no function of the name. */
export const VALUES: ReadonlyMap<string, ValueOf> = new Map<string, ValueOf>([
  ...effectNames().map((name): [string, ValueOf] => [name, effectValue]),
  ['and', logicValue('and')],
  ['or', logicValue('or')],
]);
