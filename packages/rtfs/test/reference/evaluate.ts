/**
 * The reference evaluator: forms to values, directly, as the specification says them (§4–§8, §11, §12). It knows no types but a
 * few names, no modules and no macros, and takes for granted that a program is well-formed.
 */
import type { CollectionForm, Form } from '../../src/reader/forms.ts';
import { formToValue } from '../../src/reader/data.ts';
import { read } from '../../src/reader/read.ts';
import { equal } from '../../src/values/equality.ts';
import { arity, fail, failAs } from '../../src/values/fail.ts';
import { ErrorValue, Float, Fn, Keyword } from '../../src/values/kinds.ts';
import type { Value } from '../../src/values/kinds.ts';
import { List } from '../../src/values/list.ts';
import { PMap } from '../../src/values/map.ts';
import { isFloat, isInt } from '../../src/values/numbers.ts';
import { print, str } from '../../src/values/print.ts';
import { PSet } from '../../src/values/set.ts';
import { Vec } from '../../src/values/vector.ts';
import { Collection } from '../../src/values/collection.ts';
import { higherOrder, seq, truthy } from './library.ts';
import { bindPattern, matches } from './patterns.ts';
import type { Binder } from './patterns.ts';
import { runStep, stepParallel } from './steps.ts';
import { attempt, Branch, crossed, Env, makeFunction, settled, World } from './world.ts';
import type { HostCall, Interpreter } from './world.ts';

/** `recur` on its way to the nearest head (R5.9). */
class Recur {
  readonly args: Value[];
  constructor(args: Value[]) {
    this.args = args;
  }
}

type Handler = (x: Evaluator, items: readonly Form[], env: Env) => Value;

/** How a reference run ended: a printed value, or `!Kind`; and its calls. */
export interface ReferenceRun {
  readonly end: string;
  readonly calls: readonly string[];
}

/** Runs a program. Throws `TooLong` for one that works without end. */
export function runReference(source: string, host: HostCall): ReferenceRun {
  const world = new World(host, higherOrder);
  const x = new Evaluator(world);
  try {
    const value = crossed(x.body(read(source).forms, new Env(null, true)));
    return { end: print(value), calls: world.calls };
  } catch (e) {
    if (e instanceof ErrorValue) return { end: `!${e.kind}`, calls: world.calls };
    throw e;
  }
}

/** Evaluates forms in an environment. */
export class Evaluator implements Interpreter {
  readonly world: World;
  constructor(world: World) {
    this.world = world;
  }

  body(forms: readonly Form[], env: Env): Value {
    let value: Value = null;
    for (const form of forms) value = this.eval(form, env);
    return value;
  }

  eval(form: Form, env: Env): Value {
    this.world.step();
    switch (form.t) {
      case 'literal':
        return form.value;
      case 'symbol':
        return this.symbol(form.name, env);
      case 'quote':
        return formToValue(form.form);
      case 'deref':
        return this.world.apply(this.symbol('deref', env), [this.eval(form.form, env)]);
      case 'vector':
        return Vec.of(this.all(form.items, env));
      case 'set':
        return PSet.of(this.all(form.items, env));
      case 'map': {
        const items = this.all(form.items, env);
        return PMap.of(items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1] as Value] as const] : [])));
      }
      case 'list':
        return this.list(form, env);
      default:
        throw new Error(`the reference has no ${form.t}`);
    }
  }

  all(forms: readonly Form[], env: Env): Value[] {
    return forms.map((form) => this.eval(form, env));
  }

  symbol(name: string, env: Env): Value {
    const cell = env.find(name);
    if (cell !== undefined) return cell.value;
    const value = this.world.library(name);
    if (value !== undefined) return value;
    if (name === 'and' || name === 'or') return logicValue(name);
    return fail('UndefinedSymbol', `Undefined symbol: ${name}`);
  }

  list(form: CollectionForm, env: Env): Value {
    const [head, ...rest] = form.items;
    if (head === undefined) return Vec.empty;
    if (head.t === 'symbol') {
      const handler = Object.hasOwn(FORMS, head.name) ? FORMS[head.name] : undefined;
      if (handler !== undefined) return handler(this, rest, env);
      if (/^[A-Z].*\.$/.test(head.name)) return this.constructed(head.name.slice(0, -1), this.all(rest, env));
      if (head.name === 'get' && rest.length === 1) return this.context(rest[0] as Form, env);
    }
    const callee = this.eval(head, env);
    return this.world.apply(callee, this.all(rest, env));
  }

  constructed(name: string, args: Value[]): Value {
    return new ErrorValue(name, str(args[0] as Value), args[1] ?? null);
  }

  /** `(get :k)`: the step context, then the binding of the name (R12.21). */
  context(key: Form, env: Env): Value {
    const { name } = this.eval(key, env) as Keyword;
    return this.world.context.read(name) ?? (key.t === 'literal' ? env.find(name)?.value : null) ?? null;
  }

  /** Names bound in frames of their own, one a pattern. */
  bindings(vector: Form, env: Env): Env {
    let inner = new Env(env, true);
    const items = annotated((vector as CollectionForm).items);
    for (let i = 0; i < items.length;) {
      // Neighbours that bind functions see each other (R5.4).
      const run: { name: string; form: Form }[] = [];
      for (; i < items.length; i++) {
        const { pattern, value } = items[i] as Annotated;
        if (pattern.t !== 'symbol' || !isFn(value) || run.some(({ name }) => name === pattern.name)) break;
        run.push({ name: pattern.name, form: value });
      }
      inner = new Env(inner, false);
      for (const { name, form } of run) inner.bind(name, this.eval(form, inner), this.world.branch);
      if (run.length > 0) continue;
      const { pattern, type, value } = items[i++] as Annotated;
      const made = this.checked(this.eval(value, inner), type);
      bindPattern(this.binder(inner), pattern, made);
    }
    return inner;
  }

  binder(env: Env): Binder {
    return {
      bind: (name, value) => env.bind(name, value, this.world.branch),
      evaluate: (form) => this.eval(form, env),
      satisfies: (value, type) => satisfies(value, type),
    };
  }

  checked(value: Value, type: Form | null): Value {
    return type === null || satisfies(value, type) ? value : fail('TypeValidationError', 'no');
  }

  /** Runs `work` in a branch of its own. */
  inBranch<T>(work: () => T): T {
    const { world } = this;
    const outer = world.branch;
    world.branch = new Branch(outer);
    try {
      return work();
    } finally {
      world.branch = outer;
    }
  }
}

// ── types ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The few types that generated programs name. */
function satisfies(value: Value, type: Form): boolean {
  const name = type.t === 'symbol' ? type.name : ((type as { value: Keyword }).value as Keyword).name;
  if (name.endsWith('?'))
    return value === null || satisfies(value, { ...type, t: 'symbol', name: name.slice(0, -1) } as Form);
  const tests: Record<string, boolean> = {
    int: isInt(value),
    float: isInt(value) || isFloat(value),
    string: typeof value === 'string',
    bool: typeof value === 'boolean',
    vector: value instanceof Vec,
    map: value instanceof PMap,
    any: true,
  };
  return tests[name] as boolean;
}

interface Annotated {
  readonly pattern: Form;
  readonly type: Form | null;
  readonly value: Form;
}

/** `pattern T? value` in turn, where a type is glued (R1.30). */
function annotated(items: readonly Form[]): Annotated[] {
  const out: Annotated[] = [];
  for (let i = 0; i < items.length;) {
    const pattern = items[i++] as Form;
    const next = items[i] as Form;
    const type = next.t === 'annotation' ? next.type : null;
    if (type !== null) i++;
    out.push({ pattern, type, value: items[i++] as Form });
  }
  return out;
}

// ── functions ───────────────────────────────────────────────────────────────────────────────────────────────────────

function isFn(form: Form): boolean {
  const head = form.t === 'list' ? form.items[0] : undefined;
  return head?.t === 'symbol' && (head.name === 'fn' || head.name === 'λ');
}

interface Clause {
  readonly params: { pattern: Form; type: Form | null }[];
  readonly rest: { pattern: Form; type: Form | null } | null;
  readonly result: Form | null;
  readonly body: readonly Form[];
}

function clauseOf(items: readonly Form[]): Clause {
  const [vector, ...after] = items as [CollectionForm, ...Form[]];
  const params: { pattern: Form; type: Form | null }[] = [];
  for (const item of vector.items) {
    if (item.t === 'annotation') (params.at(-1) as { type: Form | null }).type = item.type;
    else params.push({ pattern: item, type: null });
  }
  const and = params.findIndex(({ pattern }) => pattern.t === 'symbol' && pattern.name === '&');
  const rest = and < 0 ? null : (params.splice(and)[1] ?? null);
  const result = after[0]?.t === 'annotation' ? after[0].type : null;
  return { params, rest, result, body: result === null ? after : after.slice(1) };
}

/** `(fn name? [p*] body*)` and its clauses (R5.8). */
function closure(x: Evaluator, items: readonly Form[], env: Env): Fn {
  const name = items[0]?.t === 'symbol' ? items[0].name : '';
  const rest = name === '' ? items : items.slice(1);
  const clauses =
    rest[0]?.t === 'vector' ? [clauseOf(rest)] : rest.map((one) => clauseOf((one as CollectionForm).items));
  const around = name === '' ? env : new Env(env, false);
  const fn = makeFunction(name, (args) => enter(x, clauses, around, args));
  if (name !== '') around.bind(name, fn, x.world.branch);
  return fn;
}

function enter(x: Evaluator, clauses: readonly Clause[], env: Env, given: Value[]): Value {
  const clause = clauses.find(({ params, rest }) =>
    rest === null ? params.length === given.length : given.length >= params.length,
  );
  if (clause === undefined) return arity('fn', 'another', given.length);
  const { params, rest, result, body } = clause;
  let args = rest === null ? given : [...given.slice(0, params.length), List.of(given.slice(params.length))];
  for (;;) {
    let inner = new Env(env, true);
    [...params, ...(rest === null ? [] : [rest])].forEach(({ pattern, type }, i) => {
      inner = new Env(inner, false);
      const value = args[i] as Value;
      const isRest = i === params.length;
      if (isRest && type !== null) for (const one of seq(value)) x.checked(one, type);
      bindPattern(x.binder(inner), pattern, isRest ? value : x.checked(value, type));
    });
    try {
      return x.checked(x.body(body, inner), result);
    } catch (e) {
      if (!(e instanceof Recur)) throw e;
      args = e.args;
    }
  }
}

function loop(x: Evaluator, items: readonly Form[], env: Env): Value {
  const pairs = annotated((items[0] as CollectionForm).items);
  let args: Value[] | null = null;
  for (;;) {
    let inner = new Env(env, true);
    for (const [i, { pattern, type, value }] of pairs.entries()) {
      const made: Value = args === null ? x.eval(value, inner) : (args[i] as Value);
      inner = new Env(inner, false);
      bindPattern(x.binder(inner), pattern, x.checked(made, type));
    }
    try {
      return x.body(items.slice(1), inner);
    } catch (e) {
      if (!(e instanceof Recur)) throw e;
      ({ args } = e);
    }
  }
}

// ── iteration ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** `for` and `doseq`: `each` runs for every combination (R5.18). */
function iterate(x: Evaluator, vector: Form, env: Env, each: (env: Env) => void): void {
  const { items } = vector as CollectionForm;
  const go = (i: number, at: Env): 'stop' | undefined => {
    if (i >= items.length) {
      each(at);
      return undefined;
    }
    const [key, value] = [items[i] as Form, items[i + 1] as Form];
    const modifier = key.t === 'literal' ? (key.value as Keyword).name : '';
    if (modifier === 'when') return truthy(x.eval(value, at)) ? go(i + 2, at) : undefined;
    if (modifier === 'while') return truthy(x.eval(value, at)) ? go(i + 2, at) : 'stop';
    if (modifier === 'let') return go(i + 2, x.bindings(value, at));
    for (const item of seq(x.eval(value, at))) {
      const inner = new Env(at, true);
      bindPattern(x.binder(inner), key, item);
      if (go(i + 2, inner) === 'stop') break;
    }
    return undefined;
  };
  go(0, env);
}

// ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function raise(v: Value): never {
  if (v instanceof ErrorValue) throw v;
  if (!(v instanceof PMap)) return fail('Thrown', str(v), v);
  const kind = v.get(Keyword.of('kind'));
  const message = v.get(Keyword.of('message'));
  return failAs(kind instanceof Keyword ? kind.name : 'Thrown', typeof message === 'string' ? message : print(v), v);
}

const fold = (kind: string): string => kind.replaceAll('-', '').toLowerCase();

/** `(catch :Kind e …)`, `(catch [:K …] e …)`, `(catch e …)`; no classes. */
function catches(clause: readonly Form[], error: ErrorValue): { name: string; body: readonly Form[] } | null {
  const [, first, second, ...more] = clause as [Form, Form, Form, ...Form[]];
  if (first.t === 'symbol') return { name: first.name, body: clause.slice(2) };
  const kinds = first.t === 'vector' ? first.items : [first];
  const isOne = kinds.some((kind) => fold(((kind as { value: Keyword }).value as Keyword).name) === fold(error.kind));
  const isAll = first.t === 'literal' && first.value === Keyword.of('default');
  return isOne || isAll ? { name: (second as { name: string }).name, body: more } : null;
}

function tryForm(x: Evaluator, items: readonly Form[], env: Env): Value {
  const named = (form: Form, name: string): form is CollectionForm =>
    form.t === 'list' && form.items[0]?.t === 'symbol' && form.items[0].name === name;
  const clauses = items.filter((form) => named(form, 'catch'));
  const last = items.find((form) => named(form, 'finally'));
  const body = items.filter((form) => !clauses.includes(form as CollectionForm) && form !== last);
  const guarded = (): Value => {
    try {
      return x.body(body, env);
    } catch (e) {
      if (!(e instanceof ErrorValue)) throw e;
      for (const clause of clauses) {
        const found = catches(clause.items, e);
        if (found === null) continue;
        const inner = new Env(env, true);
        inner.bind(found.name, e, x.world.branch);
        return x.body(found.body, inner);
      }
      throw e;
    }
  };
  let value: Value;
  try {
    value = guarded();
  } catch (e) {
    if (e instanceof ErrorValue && last !== undefined) x.body((last as CollectionForm).items.slice(1), env);
    throw e;
  }
  if (last !== undefined) x.body((last as CollectionForm).items.slice(1), env);
  return value;
}

// ── the table of forms ──────────────────────────────────────────────────────────────────────────────────────────────

function logicValue(name: string): Fn {
  return makeFunction(name, (args) => {
    const decides = (v: Value): boolean => (name === 'and' ? !truthy(v) : truthy(v));
    return args.find(decides) ?? (args.length === 0 ? name === 'and' : (args.at(-1) as Value));
  });
}

function logic(isAnd: boolean): Handler {
  return (x, items, env) => {
    let value: Value = isAnd;
    for (const item of items) {
      value = x.eval(item, env);
      if (truthy(value) !== isAnd) return value;
    }
    return value;
  };
}

function bindingIf(holds: (v: Value) => boolean, many: boolean): Handler {
  return (x, items, env) => {
    const [pattern, e] = (items[0] as CollectionForm).items as [Form, Form];
    const value = x.eval(e, env);
    if (!holds(value)) return many || items[2] === undefined ? null : x.eval(items[2], env);
    // What is bound here is a scope as that of a `let` is; R4.4 does not name it.
    const inner = new Env(env, true);
    bindPattern(x.binder(inner), pattern, value);
    return many ? x.body(items.slice(1), inner) : x.eval(items[1] as Form, inner);
  };
}

/** A form with a value put in as its first or last argument: the value stands quoted. */
function threaded(x: Evaluator, value: Value, form: Form, env: Env, first: boolean): Value {
  const at = new Env(env, false);
  at.bind(' value', value, x.world.branch);
  const hole: Form = { t: 'symbol', name: ' value', span: form.span };
  if (form.t !== 'list') return x.list({ t: 'list', items: [form, hole], span: form.span }, at);
  const [head, ...args] = form.items as [Form, ...Form[]];
  return x.list({ ...form, items: first ? [head, hole, ...args] : [head, ...args, hole] }, at);
}

function thread(first: boolean, isSome: boolean): Handler {
  return (x, items, env) => {
    let value = x.eval(items[0] as Form, env);
    for (const form of items.slice(1)) {
      if (isSome && value === null) return null;
      value = threaded(x, value, form, env, first);
    }
    return value;
  };
}

function condThread(first: boolean): Handler {
  return (x, items, env) => {
    let value = x.eval(items[0] as Form, env);
    for (let i = 1; i < items.length; i += 2) {
      if (truthy(x.eval(items[i] as Form, env))) value = threaded(x, value, items[i + 1] as Form, env, first);
    }
    return value;
  };
}

function matchForm(x: Evaluator, items: readonly Form[], env: Env): Value {
  const value = x.eval(items[0] as Form, env);
  for (let i = 1; i < items.length;) {
    const pattern = items[i++] as Form;
    let guard: Form | undefined;
    const next = items[i] as Form;
    const guarded = next.t === 'list' && isWhen(next.items[0]) && i + 1 < items.length;
    if (isWhen(next)) {
      guard = items[i + 1] as Form;
      i += 2;
    } else if (guarded) {
      [, guard] = next.items;
      i++;
    }
    const body = items[i++] as Form;
    const inner = new Env(env, true);
    if (!matches(x.binder(inner), pattern, value)) continue;
    if (guard === undefined || truthy(x.eval(guard, inner))) return x.eval(body, inner);
  }
  return noClause(value);
}

function isWhen(form: Form | undefined): boolean {
  return form?.t === 'symbol' && form.name === 'when';
}

function noClause(value: Value): never {
  return fail('MatchError', 'no clause', PMap.of([[Keyword.of('value'), value]]));
}

function caseForm(x: Evaluator, items: readonly Form[], env: Env): Value {
  const value = x.eval(items[0] as Form, env);
  let i = 1;
  for (; i + 1 < items.length; i += 2) {
    const key = items[i] as Form;
    const keys = key.t === 'list' ? key.items : [key];
    if (keys.some((one) => equal(formToValue(one), value))) return x.eval(items[i + 1] as Form, env);
  }
  return i < items.length ? x.eval(items[i] as Form, env) : noClause(value);
}

function condp(x: Evaluator, items: readonly Form[], env: Env): Value {
  const [f, value] = [x.eval(items[0] as Form, env), x.eval(items[1] as Form, env)];
  let i = 2;
  for (; i + 1 < items.length; i += 2) {
    const one = x.eval(items[i] as Form, env);
    if (truthy(x.world.apply(f, [one, value]))) return x.eval(items[i + 1] as Form, env);
  }
  return i < items.length ? x.eval(items[i] as Form, env) : noClause(value);
}

function setForm(x: Evaluator, items: readonly Form[], env: Env): Value {
  const [target, e] = items as [Form, Form];
  const value = x.eval(e, env);
  const { world } = x;
  if (target.t === 'literal') {
    const { context } = world;
    crossed(value);
    if (context.owner !== world.branch && world.branch.isBelow(context.owner)) fail('SharedStateError', 'shared');
    context.own.set((target.value as Keyword).name, value);
    return null;
  }
  const { name } = target as { name: string };
  const cell = env.find(name);
  if (cell === undefined) env.define(name, value, world.branch);
  else if (cell.branch !== world.branch && world.branch.isBelow(cell.branch)) fail('SharedStateError', 'shared');
  else cell.value = value;
  return null;
}

function whileForm(x: Evaluator, items: readonly Form[], env: Env): Value {
  while (truthy(x.eval(items[0] as Form, env))) x.body(items.slice(1), env);
  return null;
}

function dotimes(x: Evaluator, items: readonly Form[], env: Env): Value {
  const [name, count] = (items[0] as CollectionForm).items as [{ name: string }, Form];
  const n = x.eval(count, env);
  if (!isInt(n)) return fail('TypeError', 'dotimes');
  let value: Value = null;
  for (let i = 0; i < Number(n); i++) {
    const inner = new Env(env, true);
    inner.bind(name.name, i, x.world.branch);
    value = x.body(items.slice(1), inner);
  }
  return value;
}

/** What steps take for false beside nil and false (R12.9). */
export function stepTruthy(v: Value): boolean {
  if (v === 0 || v === '' || (v instanceof Float && v.value === 0)) return false;
  return truthy(v) && !(v instanceof Collection && v.n === 0);
}

function withResource(x: Evaluator, items: readonly Form[], env: Env): Value {
  const inner = x.bindings(items[0] as Form, env);
  const { pattern } = annotated((items[0] as CollectionForm).items)[0] as Annotated;
  const held = inner.find((pattern as { name: string }).name)?.value ?? null;
  const close = held instanceof PMap ? held.get(Keyword.of('close')) : undefined;
  const end = (): void => {
    if (close instanceof Fn) x.world.apply(close, [held]);
  };
  let value: Value;
  try {
    value = x.body(items.slice(1), inner);
  } catch (e) {
    if (e instanceof ErrorValue) end();
    throw e;
  }
  end();
  return value;
}

const FORMS: Readonly<Record<string, Handler>> = {
  quote: (_x, items) => formToValue(items[0] as Form),
  do: (x, items, env) => x.body(items, env),
  if: (x, [c, t, e], env) =>
    truthy(x.eval(c as Form, env)) ? x.eval(t as Form, env) : e === undefined ? null : x.eval(e, env),
  'if-not': (x, [c, t, e], env) =>
    !truthy(x.eval(c as Form, env)) ? x.eval(t as Form, env) : e === undefined ? null : x.eval(e, env),
  when: (x, [c, ...body], env) => (truthy(x.eval(c as Form, env)) ? x.body(body, env) : null),
  'when-not': (x, [c, ...body], env) => (truthy(x.eval(c as Form, env)) ? null : x.body(body, env)),
  'if-let': bindingIf(truthy, false),
  'when-let': bindingIf(truthy, true),
  'if-some': bindingIf((v) => v !== null, false),
  'when-some': bindingIf((v) => v !== null, true),
  cond: (x, items, env) => {
    for (let i = 0; i < items.length; i += 2) {
      if (truthy(x.eval(items[i] as Form, env))) return x.eval(items[i + 1] as Form, env);
    }
    return null;
  },
  condp,
  case: caseForm,
  match: matchForm,
  and: logic(true),
  or: logic(false),
  '->': thread(true, false),
  '->>': thread(false, false),
  'some->': thread(true, true),
  'some->>': thread(false, true),
  'cond->': condThread(true),
  'cond->>': condThread(false),
  'as->': (x, [first, name, ...forms], env) => {
    let value = x.eval(first as Form, env);
    for (const form of forms) {
      const inner = new Env(env, false);
      inner.bind((name as { name: string }).name, value, x.world.branch);
      value = x.eval(form, inner);
    }
    return value;
  },
  let: (x, [vector, ...body], env) => x.body(body, x.bindings(vector as Form, env)),
  letfn: (x, [vector, ...body], env) => {
    const inner = new Env(env, true);
    for (const item of (vector as CollectionForm).items) {
      const [name, ...rest] = (item as CollectionForm).items as [{ name: string }, ...Form[]];
      inner.bind(name.name, closure(x, rest, inner), x.world.branch);
    }
    return x.body(body, inner);
  },
  fn: closure,
  λ: closure,
  def: (x, items, env) => {
    const [name, type] = [items[0] as { name: string }, items[1] as Form];
    const value = x.checked(x.eval(items.at(-1) as Form, env), type.t === 'annotation' ? type.type : null);
    env.define(name.name, value, x.world.branch);
    return value;
  },
  defn: (x, items, env) => {
    const [name, ...rest] = items as [{ name: string }, ...Form[]];
    const value = closure(x, rest, env);
    env.define(name.name, value, x.world.branch);
    return value;
  },
  'set!': setForm,
  loop,
  recur: (x, items, env) => {
    throw new Recur(x.all(items, env)) as unknown as Error;
  },
  for: (x, [vector, body], env) => {
    const out: Value[] = [];
    iterate(x, vector as Form, env, (at) => out.push(x.eval(body as Form, at)));
    return Vec.of(out);
  },
  doseq: (x, [vector, ...body], env) => {
    iterate(x, vector as Form, env, (at) => x.body(body, at));
    return null;
  },
  dotimes,
  while: whileForm,
  try: tryForm,
  throw: (x, [e], env) => raise(x.eval(e as Form, env)),
  call: (x, [id, ...args], env) => x.world.call(x.eval(id as Form, env), x.all(args, env)),
  comment: () => null,
  'with-resource': withResource,
  parallel: (x, items, env) => {
    const results = items.map((item) => {
      const [name, e] = (item as CollectionForm).items as [{ name: string }, Form];
      return [Keyword.of(name.name), attempt(() => x.inBranch(() => x.eval(e, new Env(env, true))))] as const;
    });
    return PMap.of(results.map(([name, result]) => [name, settled(result)] as const));
  },
  step: (x, [, ...rest], env) => runStep(x, rest, env, (body, inner) => x.body(body, inner)),
  'step-if': (x, items, env) =>
    runStep(x, items, env, ([c, t, e], inner) =>
      stepTruthy(x.eval(c as Form, inner)) ? x.eval(t as Form, inner) : e === undefined ? null : x.eval(e, inner),
    ),
  'step-loop': (x, items, env) =>
    runStep(x, items, env, ([c, body], inner) => {
      let value: Value = null;
      while (stepTruthy(x.eval(c as Form, inner))) value = x.eval(body as Form, inner);
      return value;
    }),
  'step-parallel': stepParallel,
  checkpoint: (x, items, env) => {
    const e = items.at(-1);
    const value = e === undefined ? null : x.eval(e, env);
    crossed(value);
    return value;
  },
};
