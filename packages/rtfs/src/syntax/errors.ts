/**
 * `try`, `throw` and what its clauses catch (§8).
 */
import type { CollectionForm, Form } from '../reader/forms.ts';
import { CATCHABLE_KINDS } from '../values/error-kind.ts';
import { Keyword } from '../values/kinds.ts';
import { primitive } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { scoped } from './functions.ts';
import type { Node, TryNode } from './program.ts';
import { wrongShape } from './refusal.ts';
import { conditional, inner } from './scope.ts';
import type { Place } from './scope.ts';

/** The kinds that a class catches (R8.9); null is everything. */
const CLASSES: ReadonlyMap<string, readonly string[] | null> = new Map([
  ['Exception', null],
  ['Throwable', null],
  ['Error', null],
  ['RuntimeException', null],
  ['ExceptionInfo', ['ExceptionInfo']],
  ['ArithmeticException', ['DivisionByZero', 'IntegerOverflow']],
  ['IllegalArgumentException', ['InvalidArgument', 'ArityMismatch', 'TypeError', 'TypeValidationError']],
  ['ClassCastException', ['TypeError']],
  ['NullPointerException', ['TypeError']],
  ['IndexOutOfBoundsException', ['IndexOutOfBounds']],
  ['TimeoutException', ['Timeout']],
  ['SecurityException', ['SecurityViolation']],
  ['IOException', ['IoError', 'NetworkError']],
  ['NumberFormatException', ['InvalidArgument']],
]);

/** The spelling in which kinds are compared: hyphens and case do not matter (R8.5). */
export function foldKind(kind: string): string {
  return kind.replaceAll('-', '').toLowerCase();
}

/** What a class symbol catches (R8.6, R8.9); null is everything. */
function classKinds(symbol: string): readonly string[] | null {
  const name = symbol.slice(symbol.lastIndexOf('.') + 1);
  const kinds = CLASSES.get(name);
  if (kinds === null) return null;
  if (kinds !== undefined) return [...kinds, name].map(foldKind);
  return (CATCHABLE_KINDS as readonly string[]).includes(name) ? [foldKind(name)] : null;
}

const CATCH_SHAPE = '(catch kind name body*), (catch [:K …] name body*) or (catch name body+)';

/** What a clause catches, the name it binds, and where its body begins (R8.5–R8.8). */
export function catchParts(form: CollectionForm): { kinds: readonly string[] | null; name: string; body: number } {
  const [, first, second] = form.items;
  const name = second?.t === 'symbol' ? second.name : null;
  if (first?.t === 'literal' && first.value instanceof Keyword) {
    if (name === null) wrongShape('catch', 'the error has no name', CATCH_SHAPE, form.span);
    return { kinds: first.value.name === 'default' ? null : [foldKind(first.value.name)], name, body: 3 };
  }
  if (first?.t === 'vector') {
    if (name === null) wrongShape('catch', 'the error has no name', CATCH_SHAPE, form.span);
    return { kinds: first.items.map((item) => foldKind(kindName(item))), name, body: 3 };
  }
  if (first?.t !== 'symbol') wrongShape('catch', 'it says neither kind nor name', CATCH_SHAPE, form.span);
  // With exactly two symbols, an upper-case first one is a class, any other the name (R8.7).
  const isClass = name !== null && (form.items.length > 3 || /^\p{Lu}|\./u.test(first.name));
  if (isClass && first.name !== '_') return { kinds: classKinds(first.name), name, body: 3 };
  return { kinds: null, name: first.name, body: 2 };
}

function kindName(form: Form): string {
  if (form.t === 'literal' && form.value instanceof Keyword) return form.value.name;
  return wrongShape('catch', 'a kind is no keyword', CATCH_SHAPE, form.span);
}

/** The head symbol of a list. */
function headOf(form: Form): string {
  const head = form.t === 'list' ? form.items[0] : undefined;
  return head?.t === 'symbol' ? head.name : '';
}

/** `(try e* clause* finally?)` (R8.4). */
export const tryForm: FormHandler = (a, form, place) => {
  const { items, span } = form;
  const shape = '(try body* (catch …)* (finally body*)?)';
  let end = 1;
  while (end < items.length && !['catch', 'finally'].includes(headOf(items[end] as Form))) end++;
  if (end === items.length) wrongShape('try', 'it has no clause', shape, span);
  const here: Place = { ...conditional(place), tail: false, barrier: 'a try' };
  const body = a.body(items.slice(0, end), 1, here, span);
  const clauses: TryNode['clauses'][number][] = [];
  let last: Node | null = null;
  for (let i = end; i < items.length; i++) {
    const clause = items[i] as CollectionForm;
    const head = headOf(clause);
    if (last !== null || head === '') wrongShape('try', 'a form follows the clauses', shape, clause.span);
    if (head === 'finally') last = a.body(clause.items, 1, inner(here, i), clause.span);
    else clauses.push(catchClause(a, clause, inner(here, i)));
  }
  return { t: 'try', body, clauses, finally: last, span };
};

function catchClause(a: Analyser, clause: CollectionForm, place: Place): TryNode['clauses'][number] {
  const { kinds, name, body } = catchParts(clause);
  const at = a.open(place);
  const variable = a.declare(name, at);
  variable.assignments = 1;
  return { kinds, variable, body: scoped(a, clause.items, body, { place: at, span: clause.span }) };
}

/** `(throw v)` (R8.2). */
export const throwForm: FormHandler = (a, form, place) => {
  const value = form.items[1];
  if (value === undefined || form.items.length !== 2)
    wrongShape('throw', 'it wants one value', '(throw value)', form.span);
  return primitive('%throw', [a.node(value, inner(place, 1))], form.span);
};
