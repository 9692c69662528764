/** Steps and their contexts (§12), for the reference evaluator. */
import type { Form } from '../../src/reader/forms.ts';
import { ErrorValue, Keyword } from '../../src/values/kinds.ts';
import type { Value } from '../../src/values/kinds.ts';
import { PMap } from '../../src/values/map.ts';
import { Vec } from '../../src/values/vector.ts';
import { attempt, Context, Env, settled } from './world.ts';
import type { Interpreter, World } from './world.ts';

const OPTIONS = new Set(['params', 'isolation', 'retries', 'backoff-ms', 'on-fail', 'max-iterations', 'merge-policy']);

/** `:key value` pairs before the body. */
function options(items: readonly Form[]): { given: Map<string, Form>; body: readonly Form[] } {
  const given = new Map<string, Form>();
  let i = 0;
  for (; i + 1 < items.length; i += 2) {
    const key = items[i] as Form;
    if (key.t !== 'literal' || !(key.value instanceof Keyword) || !OPTIONS.has(key.value.name)) break;
    given.set(key.value.name, items[i + 1] as Form);
  }
  return { given, body: items.slice(i) };
}

function word(form: Form | undefined, otherwise: string): string {
  return form?.t === 'literal' && form.value instanceof Keyword ? form.value.name : otherwise;
}

function contextFor(world: World, isolation: string): Context {
  if (isolation === 'inherit') return world.context;
  return new Context(isolation === 'isolated' ? world.context : null, world.branch);
}

/** A step's attempts and what follows the last one (R12.4, R12.7, R12.8). */
export function runStep(
  x: Interpreter,
  items: readonly Form[],
  env: Env,
  work: (body: readonly Form[], env: Env) => Value,
): Value {
  const { world } = x;
  const { given, body } = options(items);
  const params = given.get('params');
  const inner = new Env(env, false);
  if (params !== undefined) inner.bind('%params', x.eval(params, env), world.branch);
  const fallback = given.get('on-fail');
  const plain = fallback?.t === 'literal' ? word(fallback, 'fail') : 'fail';
  const isHandler = fallback !== undefined && plain !== 'continue' && !(fallback.t === 'literal' && plain === 'fail');
  const handler = isHandler ? x.eval(fallback, env) : null;
  const retries = given.get('retries');
  const most = retries?.t === 'literal' ? Number(retries.value) : 0;
  const outer = world.context;
  for (let k = 0; ; k++) {
    world.context = contextFor(world, word(given.get('isolation'), 'inherit'));
    try {
      return work(body, inner);
    } catch (e) {
      if (!(e instanceof ErrorValue)) throw e;
      world.context = outer;
      if (k < most && e.kind !== 'SecurityViolation' && e.kind !== 'ApprovalDenied') continue;
      if (plain === 'continue') return null;
      if (handler === null) throw e;
      return x.world.apply(handler, [e]);
    } finally {
      world.context = outer;
    }
  }
}

/** `(step-parallel opt* e+)` (R12.13–R12.16). */
export function stepParallel(x: Interpreter, items: readonly Form[], env: Env): Value {
  const { world } = x;
  const { given, body } = options(items);
  const isolation = word(given.get('isolation'), 'isolated');
  const policy = word(given.get('merge-policy'), 'keep-existing');
  const outer = world.context;
  const branches = body.map((form) =>
    x.inBranch(() => {
      const context = contextFor(world, isolation);
      world.context = context;
      try {
        return { context, result: attempt(() => x.eval(form, new Env(env, true))) };
      } finally {
        world.context = outer;
      }
    }),
  );
  const values = branches.map(({ result }) => settled(result));
  if (isolation !== 'inherit') for (const { context } of branches) merge(outer, context, policy);
  return Vec.of(values);
}

function merge(parent: Context, child: Context, policy: string): void {
  for (const [key, value] of child.own) {
    const there = parent.own.get(key);
    if (there === undefined || policy === 'overwrite') parent.own.set(key, value);
    else if (policy === 'merge') parent.own.set(key, mergeValues(there, value));
  }
}

function mergeValues(there: Value, value: Value): Value {
  if (there instanceof Vec && value instanceof Vec) return Vec.of([...there.toArray(), ...value.toArray()]);
  if (!(there instanceof PMap) || !(value instanceof PMap)) return value;
  return value
    .entries()
    .reduce<PMap>(
      (map, [key, one]) => map.set(key, map.has(key) ? mergeValues(map.get(key) as Value, one) : one),
      there,
    );
}
