/**
 * Tasks, steps and contexts (§12). A task is one strand of execution: the program, or a branch of `parallel`. It has a stack of
 * generators of its own, counts the executions of sites for call paths (R11.9), and knows its innermost step.
 */
import { typeError } from '../values/fail.ts';
import { canonical, encode } from '../values/codec.ts';
import { toPlain } from '../values/plain.ts';
import { ErrorValue, Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { typeName } from '../values/kind-name.ts';
import { PMap } from '../values/map.ts';
import { Vec } from '../values/vector.ts';
import { Told } from './protocol.ts';
import type { StepSpec } from './protocol.ts';
import type { ErrorInit, Json, StepRef } from './types.ts';

/** Where a step writes and what it reads (R12.4). */
export class Context {
  /** What is read where this context has nothing; null for a sandboxed one. */
  readonly parent: Context | null;
  /** The task that made it: a branch may not write to a context that it shares (R12.15). */
  readonly owner: Task | null;
  own: PMap = PMap.empty;
  constructor(parent: Context | null, owner: Task | null) {
    this.parent = parent;
    this.owner = owner;
  }

  read(key: Value): Value | undefined {
    const name = keyOf(key);
    for (let context: Context | null = this; context !== null; context = context.parent) {
      const value = context.own.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** Context keys are names: `:k` and `"k"` are the same. */
function keyOf(key: Value): Keyword {
  if (key instanceof Keyword) return key;
  return typeof key === 'string' ? Keyword.of(key) : typeError('get', 'keyword', key);
}

/** What a step tells the machine. */
export interface StepNotice {
  readonly kind: 'step-started' | 'step-completed' | 'step-failed';
  readonly step: StepRef;
  readonly attempt: number;
  readonly value?: Json;
  readonly error?: ErrorInit;
}

/** A strand of execution. */
export class Task {
  readonly parent: Task | null;
  readonly prefix: string;
  readonly stack: Generator[] = [];
  readonly outbox: StepNotice[];
  readonly #sites = new Map<string, { readonly head: string; count: number }>();
  context: Context;
  step: OpenStep | null;

  private constructor(parent: Task | null, prefix: string, context: Context | null) {
    this.parent = parent;
    this.prefix = prefix;
    this.outbox = parent?.outbox ?? [];
    this.context = context ?? new Context(null, this);
    this.step = parent?.step ?? null;
  }

  static root(): Task {
    return new Task(null, '', null);
  }

  /** Branch `i` of the fork at `path`; `isolation` is null for `parallel`, which has no contexts of its own. */
  branch(path: string, i: number, isolation: StepSpec['options']['isolation'] | undefined): Task {
    const branch = new Task(this, `${path}|${i}/`, this.context);
    if (isolation === 'isolated' || isolation === null) branch.context = new Context(this.context, branch);
    if (isolation === 'sandboxed') branch.context = new Context(null, branch);
    return branch;
  }

  /** True if this task runs inside `other`, at any distance. */
  isBelow(other: Task | null): boolean {
    for (let task = this.parent; task !== null; task = task.parent) if (task === other) return true;
    return false;
  }

  /** The path of the next execution of a site in this branch (R11.9). */
  path(site: string): string {
    let known = this.#sites.get(site);
    if (known === undefined) this.#sites.set(site, (known = { head: `${this.prefix}${site}#`, count: 0 }));
    return known.head + String(known.count++);
  }

  /** `(set! :k v)` (R12.21). */
  writeContext(
    rt: { shared(name: string): never; limits: { dataDepth: number; callArgumentBytes: number } },
    key: Value,
    value: Value,
  ): null {
    const name = keyOf(key);
    canonical(value, { maxDepth: rt.limits.dataDepth, maxCharacters: rt.limits.callArgumentBytes });
    const { context } = this;
    if (context.owner !== this && this.isBelow(context.owner)) rt.shared(`:${name.name}`);
    context.own = context.own.set(name, value);
    return null;
  }

  openStep(spec: StepSpec): OpenStep {
    const step = new OpenStep(this, spec);
    this.step = step;
    return step;
  }
}

/** Errors after which a step is not tried again (R12.7). */
const NOT_RETRIED = new Set(['SecurityViolation', 'ApprovalDenied']);
const PAUSE_MAX_MS = 600_000;

/** A step that has begun and not ended. */
export class OpenStep {
  readonly task: Task;
  readonly spec: StepSpec;
  readonly parent: OpenStep | null;
  readonly ref: StepRef;
  readonly #outer: Context;
  attempt = 0;
  /** The pause before the attempt that `retry` allowed, in milliseconds. */
  pauseMs = 0;

  constructor(task: Task, spec: StepSpec) {
    this.task = task;
    this.spec = spec;
    this.parent = task.step;
    this.#outer = task.context;
    this.ref = { path: task.path(spec.site), name: spec.name };
  }

  /** Begins an attempt in a fresh context and tells the host of it. */
  start(): Told {
    const { isolation } = this.spec.options;
    this.task.step = this;
    this.task.context = this.#outer;
    if (isolation === 'isolated') this.task.context = new Context(this.#outer, this.task);
    if (isolation === 'sandboxed') this.task.context = new Context(null, this.task);
    return this.#tell({ kind: 'step-started', step: this.ref, attempt: this.attempt });
  }

  complete(value: Value): Told {
    this.#close();
    return this.#tell({ kind: 'step-completed', step: this.ref, attempt: this.attempt, value: plainOrKind(value) });
  }

  fail(error: ErrorValue): Told {
    this.#close();
    const { kind, message, data } = error;
    return this.#tell({
      kind: 'step-failed',
      step: this.ref,
      attempt: this.attempt,
      error: { kind, message, ...sendable(data) },
    });
  }

  /** True if the body runs again after `error`; sets the pause before it (R12.7). */
  retry(error: ErrorValue): boolean {
    const { retries, backoffMs } = this.spec.options;
    if (this.attempt >= retries || NOT_RETRIED.has(error.kind)) return false;
    this.attempt++;
    this.pauseMs = Math.min(backoffMs * 2 ** (this.attempt - 1), PAUSE_MAX_MS);
    return true;
  }

  #close(): void {
    this.task.step = this.parent;
    this.task.context = this.#outer;
  }

  #tell(notice: StepNotice): Told {
    this.task.outbox.push(notice);
    return new Told();
  }
}

/** A value as a notification carries it: plain JSON, or its kind where it has none (R12.18). */
function plainOrKind(value: Value): Json {
  try {
    encode(value);
    return toPlain(value);
  } catch (e) {
    if (e instanceof ErrorValue) return `#<${typeName(value)}>`;
    throw e;
  }
}

/** The data of an error if it can leave the machine. */
function sendable(data: Value): { data?: Value } {
  if (data === null) return {};
  try {
    encode(data);
    return { data };
  } catch (e) {
    if (e instanceof ErrorValue) return {};
    throw e;
  }
}

/** The merge of a branch's own writes into its parent's context (R12.16). */
export function mergeContexts(parent: Context, child: Context, policy: StepSpec['options']['merge']): void {
  for (const [key, value] of child.own.entries()) {
    const there = parent.own.get(key);
    if (there === undefined || policy === 'overwrite') parent.own = parent.own.set(key, value);
    else if (policy === 'merge') parent.own = parent.own.set(key, mergeDeep(there, value));
  }
}

/** Maps deeply, vectors one behind the other, else the child's. */
function mergeDeep(there: Value, value: Value): Value {
  if (there instanceof Vec && value instanceof Vec) return there.concat(value);
  if (!(there instanceof PMap) || !(value instanceof PMap)) return value;
  let merged: PMap = there;
  for (const [key, one] of value.entries()) {
    const old = merged.get(key);
    merged = merged.set(key, old === undefined ? one : mergeDeep(old, one));
  }
  return merged;
}
