/**
 * Annotations (§1.5): where a binding stands, a type may follow. Glued and bare-colon annotations are forms of their own; a spaced
 * keyword is one only by the rules of R1.31.
 */
import type { CollectionForm, Form } from '../reader/forms.ts';
import { Keyword } from '../values/kinds.ts';
import type { Span } from '../values/kinds.ts';
import { parseTypeForm, isKnownType } from '../types/parse.ts';
import type { Type } from '../types/type.ts';
import type { Analyser } from './analyser.ts';
import type { Cast, Node, TypeNode } from './program.ts';
import { refuse, wrongShape } from './refusal.ts';

/** Who knows the types declared so far. */
type Types = Pick<Analyser, 'types'>;

/** The type that `form` denotes; an unknown name is UnknownType (R15.2). */
export function readType(a: Analyser, form: Form): Type {
  const parsed = parseTypeForm(form, a.types);
  if (parsed.ok) return parsed.type;
  return refuse(parsed.kind, parsed.message, parsed.span, parsed.hint);
}

/** The same as an argument of a runtime operation. */
export function typeOf(a: Analyser, form: Form): TypeNode {
  return { t: 'type', type: readType(a, form), span: form.span };
}

/** A cast to the type of `form`; `where` names what is checked in the message of R15.16. */
export function castTo(a: Analyser, form: Form, where: string): Cast {
  return { type: readType(a, form), where, span: form.span };
}

/** Wraps a value in its cast, if there is one. */
export function cast(value: Node, to: Cast | null): Node {
  return to === null ? value : { t: 'cast', value, cast: to, span: value.span };
}

/** True for a keyword that R1.31 lets be an annotation: the name of a type, or one that begins upper-case. */
function mayBeType(a: Types, form: Form | undefined): boolean {
  if (form?.t !== 'literal' || !(form.value instanceof Keyword)) return false;
  return isKnownType(form.value.name, a.types) || /^\p{Lu}/u.test(form.value.name);
}

/** One `pattern T? e` of a binding vector; `index` is that of `value`. */
export interface Binding {
  readonly pattern: Form;
  readonly type: Form | null;
  readonly value: Form;
  readonly index: number;
}

/**
 * The bindings of a `let`-like vector (R1.31). Whether the rest still reads as complete pairs is computed once from the end, so
 * that a long vector costs its length.
 */
export function readBindings(a: Types, form: Form | undefined, name: string, span: Span): Binding[] {
  if (form?.t !== 'vector')
    wrongShape(name, 'the bindings are no vector', `(${name} [pattern value …] body*)`, form?.span ?? span);
  const { items } = form;
  const reads = completeFrom(a, items);
  const bindings: Binding[] = [];
  for (let i = 0; i < items.length;) {
    const pattern = items[i] as Form;
    const annotation = items[i + 1];
    let type: Form | null = null;
    let at = i + 1;
    if (annotation?.t === 'annotation') {
      type = annotation.type;
      at = i + 2;
    } else if (mayBeType(a, annotation) && i + 2 < items.length && reads[i + 3] === true) {
      type = annotation as Form;
      at = i + 2;
    }
    const value = items[at];
    if (value === undefined || value.t === 'annotation') {
      wrongShape(name, 'a pattern has no value', `(${name} [pattern value …] body*)`, pattern.span);
    }
    bindings.push({ pattern, type, value, index: at });
    i = at + 1;
  }
  return bindings;
}

/** For each index, whether the items from there on are complete `pattern T? value` bindings. */
function completeFrom(a: Types, items: readonly Form[]): boolean[] {
  const reads: boolean[] = [];
  reads[items.length] = true;
  for (let i = items.length - 1; i >= 0; i--) {
    const next = items[i + 1];
    if (next?.t === 'annotation') reads[i] = reads[i + 3] === true;
    else reads[i] = reads[i + 2] === true || (mayBeType(a, next) && reads[i + 3] === true);
  }
  return reads;
}

/** A parameter: its pattern and type. In a parameter vector a keyword after a pattern is always a type (R1.31). */
export interface Parameter {
  readonly pattern: Form;
  readonly type: Form | null;
}
export interface Parameters {
  readonly fixed: Parameter[];
  readonly rest: Parameter | null;
}

/** The parameters of a function; `shape` is that of the form they stand in. */
export function readParameters(vector: CollectionForm, form: string): Parameters {
  const fixed: Parameter[] = [];
  let rest: Parameter | null = null;
  let open = false;
  const { items } = vector;
  for (let i = 0; i < items.length; i++) {
    const pattern = items[i] as Form;
    if (pattern.t === 'symbol' && pattern.name === '&' && !open) {
      open = true;
      continue;
    }
    if (rest !== null) wrongShape(form, 'a parameter follows the rest parameter', '[p* & rest]', pattern.span);
    const next = items[i + 1];
    let type: Form | null = null;
    if (next?.t === 'annotation') type = next.type;
    else if (next?.t === 'literal' && next.value instanceof Keyword) type = next;
    if (type !== null) i++;
    if (open) rest = { pattern, type };
    else fixed.push({ pattern, type });
  }
  if (open && rest === null) wrongShape(form, 'nothing follows &', '[p* & rest]', vector.span);
  return { fixed, rest };
}

/** The annotation that may stand at `index`, after a parameter vector or in `def`: the type and where the rest begins. */
export function readResultType(a: Types, items: readonly Form[], index: number): { type: Form | null; next: number } {
  const form = items[index];
  if (form?.t === 'annotation') return { type: form.type, next: index + 1 };
  if (mayBeType(a, form) && index + 1 < items.length) return { type: form as Form, next: index + 1 };
  return { type: null, next: index };
}
