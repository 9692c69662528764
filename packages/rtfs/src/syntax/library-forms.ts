/**
 * Forms of the library's own texts: `%times`, `%break`, `%spread`. A program has no way to name them.
 */
import type { Form } from '../reader/forms.ts';
import { primitive } from './analyser.ts';
import type { FormHandler } from './analyser.ts';
import type { Node } from './program.ts';
import { wrongShape } from './refusal.ts';
import { conditional, inner } from './scope.ts';

/** `(%times [i n] body*)`: a loop that costs nothing of its own; `n` is a JavaScript number. */
const timesForm: FormHandler = (a, form, place) => {
  const vector = form.items[1];
  if (vector?.t !== 'vector' || vector.items[0]?.t !== 'symbol')
    wrongShape('%times', 'it binds no name', '(%times [i n] body*)', form.span);
  const count = a.node(vector.items[1] as Form, inner(place, 1));
  const at = a.openTransparent({ ...conditional(place), tail: false, target: null });
  const item = a.declare(vector.items[0].name, at);
  const body: Node = a.body(form.items, 2, at, form.span);
  return { t: 'times', count, item, body, metered: false, span: form.span };
};

/** `(%spread f args)`: applies `f` to what stands in an array or list. */
const spreadForm: FormHandler = (a, form, place) => {
  const args = a.all(form.items, 1, place);
  place.func.facts.unknown = true;
  return primitive('%spread', args, form.span);
};

export const LIBRARY_FORMS: ReadonlyMap<string, FormHandler> = new Map<string, FormHandler>([
  ['%times', timesForm],
  ['%break', (_a, form) => ({ t: 'break', span: form.span })],
  ['%spread', spreadForm],
]);
