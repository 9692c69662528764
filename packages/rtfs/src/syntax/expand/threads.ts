/**
 * Threading (R5.17) around macros: a step is expanded with the threaded value in its place. Where no step was a macro's call the
 * form stays as it is; else it becomes the `as->` that it means.
 */
import { OF_LIBRARY } from '../../reader/code.ts';
import type { CollectionForm, Form, SymbolForm } from '../../reader/forms.ts';
import { Sym } from '../../values/kinds.ts';
import type { Span } from '../../values/kinds.ts';
import { threaded } from '../control.ts';
import { headName } from './patterns.ts';
import type { At, Shape, Walker } from './walk.ts';

/** A step, walked with the threaded value in it: the step without the value again, or null when it is another form now. */
interface Step {
  readonly form: Form;
  readonly step: Form | null;
  readonly test: Form | null;
}

export const threadShape: Shape = (w, form, at) => {
  const name = headName(form);
  const [head, value, ...rest] = form.items as [Form, Form | undefined, ...Form[]];
  if (value === undefined) return form;
  const isConditional = name.startsWith('cond');
  if (isConditional && rest.length % 2 !== 0) return form;
  const it: SymbolForm = { t: 'symbol', name: '', span: form.span, sym: w.session.fresh('it') };
  const held: SymbolForm = { ...it, name: (it.sym as Sym).name };
  const first = !name.endsWith('>>');
  const steps: Step[] = [];
  for (let i = 0; i < rest.length; i += isConditional ? 2 : 1) {
    const test = isConditional ? w.expression(rest[i] as Form, at) : null;
    const step = rest[isConditional ? i + 1 : i] as Form;
    steps.push({ test, ...walkStep(w, step, { held, first, at }) });
  }
  const start = w.expression(value, at);
  if (steps.every(({ step }) => step !== null)) {
    const items = steps.flatMap(({ test, step }) => (test === null ? [step as Form] : [test, step as Form]));
    return w.with(form, [head, start, ...items]);
  }
  const span = form.span;
  const bodies = steps.map((one) => body(name, one, held, span));
  return { t: 'list', items: [symbol('as->', span), start, w.binder(held, at), ...bodies], span };
};

function walkStep(
  w: Walker,
  step: Form,
  { held, first, at }: { held: SymbolForm; first: boolean; at: At },
): Omit<Step, 'test'> {
  const form = w.expression(threaded(step, held, first), at);
  if (form.t !== 'list') return { form, step: null };
  if (step.t !== 'list') return { form, step: form.items.length === 2 && form.items[1] === held ? step : null };
  const index = first ? Math.min(1, step.items.length) : step.items.length;
  const same = form.items.length === step.items.length + 1 && form.items[index] === held;
  return { form, step: same ? w.with(step, form.items.toSpliced(index, 1)) : null };
}

/** One step as a part of `as->`. */
function body(name: string, { form, test }: Step, held: Form, span: Span): Form {
  if (test !== null) return list([symbol('if', span), test, form, held], span);
  if (!name.startsWith('some')) return form;
  const isNil = list([{ ...symbol('nil?', span), sym: Sym.apart('nil?', OF_LIBRARY) }, held], span);
  return list([symbol('if', span), isNil, { t: 'literal', value: null, span }, form], span);
}

function list(items: readonly Form[], span: Span): CollectionForm {
  return { t: 'list', items, span };
}

function symbol(name: string, span: Span): SymbolForm {
  return { t: 'symbol', name, span };
}
