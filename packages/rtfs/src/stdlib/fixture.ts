/**
 * A bench for the tests of this folder: evaluates `(function argument …)` with nothing but the reader and the table of
 * natives, so that a case is one line and a wrong compiler cannot hide a wrong function. No other form works.
 */
import type { Limits } from '../machine/types.ts';
import type { Form } from '../reader/forms.ts';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { arity, arityText } from '../values/fail.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { DEFAULT_LIMITS } from '../values/limits.ts';
import { PMap } from '../values/map.ts';
import { print } from '../values/print.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import type { Rt } from './native.ts';
import { NATIVES } from './natives.ts';

/** A machine that only counts. */
class Counter implements Rt {
  readonly limits: Limits;
  fuel = 0;

  constructor(limits: Partial<Limits>) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  charge(units: number): void {
    if (!Number.isSafeInteger(units) || units < 0) throw new Error(`charged ${units}`);
    this.fuel += units;
  }
}

function call(rt: Rt, name: string, args: readonly Value[]): Value {
  const native = NATIVES.get(name);
  if (native === undefined) throw new Error(`no function ${name}`);
  const { min, max, fn } = native;
  if (args.length < min || (max !== null && args.length > max)) arity(name, arityText(min, max), args.length);
  const body = fn as unknown as (rt: Rt, ...args: readonly unknown[]) => Value;
  return native.variadic ? body(rt, args) : body(rt, ...args);
}

function evaluate(rt: Rt, form: Form): Value {
  switch (form.t) {
    case 'list': {
      const [head, ...rest] = form.items;
      if (head?.t !== 'symbol') throw new Error('a call needs a name');
      return call(
        rt,
        head.name,
        rest.map((item) => evaluate(rt, item)),
      );
    }
    case 'vector':
      return Vec.of(form.items.map((item) => evaluate(rt, item)));
    case 'set':
      return PSet.of(form.items.map((item) => evaluate(rt, item)));
    case 'map': {
      const items = form.items.map((item) => evaluate(rt, item));
      return PMap.of(items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1] ?? null] as const] : [])));
    }
    case 'quote':
      return formToValue(form.form);
    default:
      return formToValue(form);
  }
}

/** The printed value of a call, or `!Kind` for an error of the language; every other error leaves. */
export function value(text: string, limits: Partial<Limits> = {}): string {
  const error = failure(text, limits);
  return typeof error === 'string' ? error : `!${error.kind}`;
}

/** The error of a call, or its printed value if it has none. */
export function failure(text: string, limits: Partial<Limits> = {}): ErrorValue | string {
  const rt = new Counter(limits);
  try {
    return print(evaluate(rt, one(text)));
  } catch (error) {
    if (error instanceof ErrorValue) return error;
    throw error;
  }
}

/** What a call costs, the calls among its arguments not counted (R17.1). */
export function fuel(text: string): number {
  const form = one(text);
  if (form.t !== 'list') throw new Error('not a call');
  const before = new Counter({});
  const [head, ...rest] = form.items;
  const args = rest.map((item) => evaluate(before, item));
  const rt = new Counter({});
  call(rt, head?.t === 'symbol' ? head.name : '', args);
  return rt.fuel;
}

function one(text: string): Form {
  const { forms, diagnostics } = read(text);
  const [form] = forms;
  if (form === undefined || forms.length !== 1 || diagnostics.length > 0) throw new Error(`not one form: ${text}`);
  return form;
}
