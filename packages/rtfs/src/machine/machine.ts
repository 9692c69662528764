/**
 * The machine (R13): drives the generators of a program, without promises, timers or I/O. It keeps the stack of each task
 * itself, so that a resume costs the same at any depth, and it never throws.
 */
import { FINAL_KINDS } from '../values/error-kind.ts';
import { ErrorValue, Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { fail, limit } from '../values/fail.ts';
import { encode } from '../values/codec.ts';
import { PMap } from '../values/map.ts';
import { Vec } from '../values/vector.ts';
import { cross } from './crossing.ts';
import { Journal } from './journal.ts';
import { Instances } from './library.ts';
import { resolveLimits } from './limits.ts';
import { executableOf } from './program.ts';
import { Fork, S, Told } from './protocol.ts';
import type { ForkSpec, Ask } from './protocol.ts';
import { raise } from './requests.ts';
import { internal, Runtime } from './runtime.ts';
import { mergeContexts } from './task.ts';
import type { OpenStep, Task } from './task.ts';
import type {
  CallRequest,
  CompiledProgram,
  Ending,
  Machine,
  MachineOptions,
  Outcome,
  Reply,
  Request,
  StopReason,
  Turn,
  Usage,
} from './types.ts';

/** What a yield costs (R17.1). */
const YIELD_FUEL = 20;

/** How a task goes on: with a value, or with an error thrown at the place where it stopped. */
type Resumption = { readonly value: unknown } | { readonly error: unknown };

/** The branches of one fork, as they finish. */
class Join {
  readonly parent: Task;
  readonly spec: ForkSpec;
  readonly tasks: readonly Task[];
  readonly results: (Resumption | undefined)[];
  left: number;
  constructor(parent: Task, spec: ForkSpec, tasks: readonly Task[]) {
    this.parent = parent;
    this.spec = spec;
    this.tasks = tasks;
    this.results = tasks.map(() => undefined);
    this.left = tasks.length;
  }
}

/** Shared, and never added to. */
const NO_REQUESTS: Request[] = [];

interface Waiting {
  readonly task: Task;
  readonly request: Request;
}

interface Ready {
  readonly task: Task;
  readonly resumption: Resumption;
}

type OfSteps = Pick<CallRequest, 'exposure' | 'timeoutMs'>;

const OUTSIDE_STEPS: OfSteps = { exposure: { expose: null, keys: null }, timeoutMs: null };

/** What the open steps say about a call: the innermost exposure that is given, the shortest timeout (R12.2–R12.8). */
function insideOf(step: OpenStep): OfSteps {
  let timeoutMs: number | null = null;
  let expose: boolean | null = null;
  let keys: readonly string[] | null = null;
  for (let open: OpenStep | null = step; open !== null; open = open.parent) {
    const { options } = open.spec;
    if (options.timeoutMs !== null) timeoutMs = Math.min(timeoutMs ?? Infinity, options.timeoutMs);
    expose ??= options.expose;
    keys ??= options.contextKeys;
  }
  return { exposure: { expose, keys }, timeoutMs };
}

/** One run. */
export class Driver implements Machine {
  readonly #rt: Runtime;
  readonly #journal: Journal;
  readonly #ready: Ready[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #joins = new Map<Task, { join: Join; index: number }>();
  readonly #root: Task;
  readonly #expansions: number;
  #requests: Request[] = NO_REQUESTS;
  #seq = 0;
  #calls = 0;
  #outcome: Outcome | null = null;
  #first: (() => unknown) | null;

  constructor(program: CompiledProgram, o: MachineOptions) {
    const executable = executableOf(program);
    if (executable === undefined) throw new TypeError('the program was not made by compile');
    const limits = resolveLimits({ ...o.limits, ...(o.fuel === undefined ? {} : { fuel: o.fuel }) });
    this.#journal = new Journal(o.mode ?? 'live', o.journal ?? [], limits.dataDepth);
    const passage = { bytes: limits.replyBytes, depth: limits.dataDepth };
    this.#rt = new Runtime({
      limits,
      sites: executable.sites,
      input: cross(o.input ?? null, passage),
      instances: (rt) => new Instances(rt, executable.yields),
      shouldStop: o.shouldStop ?? ((): StopReason | null => null),
    });
    this.#root = this.#rt.task;
    this.#expansions = executable.expansions;
    const instance = executable.instance(this.#rt);
    this.#first = () =>
      instance.plain === null
        ? this.#begin(instance.generator as (d: number) => Generator)
        : instance.plain(limits.frames);
  }

  /** For tests of R4.10: the same run without attempts. */
  neverOptimistic(): this {
    this.#rt.neverOptimistic();
    return this;
  }

  /** For tests of R17.8: the fuel of discarded attempts. */
  get fuelWasted(): number {
    return this.#rt.fuelWasted;
  }

  next(replies: readonly Reply[] = []): Turn {
    try {
      if (this.#outcome === null) this.#turn(replies);
    } catch (e) {
      this.#finish(e);
    }
    return this.#report();
  }

  cancel(reason: string): Outcome {
    return (this.#outcome ??= this.#outcomeOf({ status: 'cancelled', reason }));
  }

  // ── turns ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #turn(replies: readonly Reply[]): void {
    for (const reply of replies) this.#accept(reply);
    const first = this.#first;
    if (first !== null) {
      this.#first = null;
      const value = first();
      if (!(value instanceof Begun)) this.#complete(value as Value);
    }
    while (this.#outcome === null && this.#ready.length > 0) {
      // Mostly there is one, and the last of a list is taken more cheaply than its first.
      const ready = this.#ready;
      const { task, resumption } = (ready.length === 1 ? ready.pop() : ready.shift()) as Ready;
      if (!this.#advance(task, resumption)) return;
    }
  }

  #begin(generator: (d: number) => Generator): Begun {
    this.#root.stack.push(generator(this.#rt.limits.frames));
    this.#ready.push({ task: this.#root, resumption: { value: undefined } });
    return new Begun();
  }

  /** The turn to give back: what is to be told and asked since the last one, or the outcome once all has been told. */
  #report(): Turn {
    const requests = this.#requests;
    this.#requests = NO_REQUESTS;
    if (this.#outcome !== null && requests.length === 0) return { kind: 'done', outcome: this.#outcome };
    return { kind: 'yield', requests, waiting: [...this.#waiting.keys()] };
  }

  #accept(reply: Reply): void {
    const waiting = this.#waiting.get(reply.seq);
    if (waiting === undefined) fail('InternalError', `Internal error: reply ${reply.seq} answers no request`);
    if ('error' in reply && reply.error.kind === 'Suspended') throw new ErrorValue('Suspended', 'Suspended');
    this.#waiting.delete(reply.seq);
    const { task, request } = waiting;
    this.#resume(task, request, reply);
  }

  /** Puts an answer where its task finds it, and into the journal. */
  #resume(
    task: Task,
    request: Request,
    answer: { ok: Value } | { error: { kind: string; message: string; data?: Value } },
  ): void {
    const { replyBytes: bytes, dataDepth: depth } = this.#rt.limits;
    let resumption: Resumption;
    try {
      if ('error' in answer) raise(answer.error);
      resumption = { value: cross(answer.ok, { bytes, depth }) };
    } catch (e) {
      const error = e instanceof ErrorValue ? e : internal(e);
      if (FINAL_KINDS.has(error.kind)) throw error;
      resumption = { error };
    }
    this.#journal.record(request, answer);
    this.#ready.push({ task, resumption });
  }

  // ── tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Runs a task until it yields to the host or ends. False when the turn should end so that the host hears a notification. */
  #advance(task: Task, resumption: Resumption): boolean {
    this.#rt.task = task;
    let next: Resumption = resumption;
    for (;;) {
      const generator = task.stack.at(-1);
      if (generator === undefined) return this.#ended(task, next);
      let step: IteratorResult<unknown>;
      try {
        step = 'error' in next ? generator.throw(next.error) : generator.next(next.value);
      } catch (e) {
        task.stack.pop();
        if (isFinal(e)) throw e;
        next = { error: e };
        continue;
      }
      if (step.done === true) {
        task.stack.pop();
        next = { value: step.value };
        continue;
      }
      const yielded = this.#unwind(task, step.value);
      if (yielded instanceof Told) {
        this.#tell(task);
        this.#ready.unshift({ task, resumption: { value: null } });
        return false;
      }
      const immediate = yielded instanceof Fork ? this.#fork(task, yielded) : this.#ask(task, yielded as Ask);
      if (immediate === null) return true;
      next = immediate;
    }
  }

  /** Puts generators that yielded in their first run on the task's stack; gives what the innermost one yielded. */
  #unwind(task: Task, value: unknown): unknown {
    let yielded = value;
    while (yielded instanceof S) {
      task.stack.push(yielded.generator);
      yielded = yielded.value;
    }
    return yielded;
  }

  #ended(task: Task, result: Resumption): boolean {
    const joined = this.#joins.get(task);
    if (joined === undefined) {
      if ('error' in result) throw result.error;
      this.#complete(result.value as Value);
      return true;
    }
    this.#joins.delete(task);
    const { join, index } = joined;
    join.results[index] = result;
    join.left--;
    if (join.left === 0) this.#ready.push({ task: join.parent, resumption: joinResult(join) });
    return true;
  }

  /** Starts branches in source order (R12.14). */
  #fork(task: Task, fork: Fork): Resumption | null {
    const { spec, branches, frames } = fork;
    const { pendingBranches } = this.#rt.limits;
    if (branches.length > pendingBranches) return caughtLimit('pendingBranches', pendingBranches);
    const path = task.path(spec.site);
    // The host is told of a `step-parallel` through its branches' own steps; `parallel` has neither contexts nor notifications.
    const isolation = spec.options === null ? undefined : spec.options.isolation;
    const tasks = branches.map((_branch, i) => task.branch(path, i, isolation));
    const join = new Join(task, spec, tasks);
    if (tasks.length === 0) return joinResult(join);
    tasks.forEach((child, index) => {
      this.#joins.set(child, { join, index });
      child.stack.push((branches[index] as Fork['branches'][number])(frames));
    });
    this.#ready.unshift(...tasks.map((child) => ({ task: child, resumption: { value: undefined } })));
    return null;
  }

  /** Asks the host, or the journal; an answer that is there already continues the task. */
  #ask(task: Task, ask: Ask): Resumption | null {
    const rt = this.#rt;
    rt.charge(YIELD_FUEL);
    const { asked } = ask;
    if (asked.kind === 'call' && ++this.#calls > rt.limits.calls) limit('calls', rt.limits.calls);
    const request = this.#request(task, ask);
    const known = this.#journal.answer(request);
    if (known === null) {
      this.#waiting.set(request.seq, { task, request });
      this.#announce(request);
      return null;
    }
    this.#resume(task, request, known);
    return null;
  }

  #request(task: Task, { site, asked }: Ask): Request {
    const seq = ++this.#seq;
    const path = task.path(site);
    if (asked.kind !== 'call') return { seq, path, ...asked };
    const { id, args, span, hints } = asked;
    const { step } = task;
    const { exposure, timeoutMs } = step === null ? OUTSIDE_STEPS : insideOf(step);
    return { seq, path, kind: 'call', id, args, span, hints, step: step?.ref ?? null, exposure, timeoutMs };
  }

  /** Notifications wait for nobody, and have a number of their own. */
  #tell(task: Task): void {
    for (const notice of task.outbox.splice(0)) {
      this.#announce({ seq: ++this.#seq, path: notice.step.path, replayed: this.#journal.isReplaying, ...notice });
    }
  }

  /** Most turns have one request: an array of one is a tenth of an array that expects more. */
  #announce(request: Request): void {
    if (this.#requests === NO_REQUESTS) this.#requests = [request];
    else this.#requests.push(request);
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #complete(value: Value): void {
    const { replyBytes: bytes, dataDepth: depth } = this.#rt.limits;
    const crossed = cross(value, { bytes, depth });
    this.#journal.checkUsed();
    this.#outcome = this.#outcomeOf({ status: 'completed', value: crossed });
  }

  #finish(e: unknown): void {
    const error = e instanceof ErrorValue ? e : internal(e);
    this.#tell(this.#root);
    this.#outcome = this.#outcomeOf(this.#ending(error));
    this.#ready.length = 0;
    this.#waiting.clear();
  }

  #ending(error: ErrorValue): Ending {
    switch (error.kind) {
      case 'Suspended':
        return { status: 'suspended', pending: [...this.#waiting.values()].map(({ request }) => request) };
      case 'Cancelled':
        return { status: 'cancelled', reason: error.message.replace(/^Cancelled: /, '') };
      case 'FuelExhausted':
      case 'DeadlineExceeded':
      case 'MemoryLimit':
        return { status: 'exhausted', error };
      default:
        return { status: 'failed', error: sendableError(error) };
    }
  }

  /** The journal is written out when it is asked for: most runs are never resumed. */
  #outcomeOf(ending: Ending): Outcome {
    const rt = this.#rt;
    const journal = this.#journal;
    const usage: Usage = {
      fuel: rt.fuelUsed,
      calls: this.#calls,
      replayedCalls: journal.replayedCalls,
      maxFrames: rt.framesUsed,
      expansions: this.#expansions,
    };
    return {
      ...ending,
      usage,
      get journal() {
        return journal.entries();
      },
    };
  }
}

/** The main generator has begun; its value comes later. */
class Begun {
  readonly begun = true;
}

function isFinal(e: unknown): boolean {
  return !(e instanceof ErrorValue) || FINAL_KINDS.has(e.kind);
}

/** A limit as an error of the place that met it. */
function caughtLimit(name: string, max: number): Resumption {
  try {
    return limit(name, max);
  } catch (error) {
    return { error };
  }
}

/** The value of a fork, or the error of the lowest failing branch; contexts are merged in source order (R12.14, R12.16). */
function joinResult({ results, spec, tasks, parent }: Join): Resumption {
  const failed = results.find((result) => result !== undefined && 'error' in result);
  if (failed !== undefined) return failed;
  const values = results.map((result) => (result as { value: unknown }).value as Value);
  if (spec.options !== null) {
    const { merge, isolation } = spec.options;
    if (isolation !== 'inherit') tasks.forEach((task) => mergeContexts(parent.context, task.context, merge));
  }
  if (spec.names === null) return { value: Vec.of(values) };
  return { value: PMap.of(spec.names.map((name, i) => [Keyword.of(name), values[i] as Value] as const)) };
}

/** An error whose data can cross: functions and atoms in it cannot, so it loses them (R13.3). */
function sendableError(error: ErrorValue): ErrorValue {
  try {
    encode(error.data);
    return error;
  } catch {
    const bare = new ErrorValue(error.kind, error.message, null);
    bare.span = error.span;
    bare.trace = error.trace;
    bare.hint = error.hint;
    return bare;
  }
}

/** Starts a run of a compiled program (R13). Options that make no sense end it at once with InternalError: it never throws. */
export function start(program: CompiledProgram, o: MachineOptions = {}): Machine {
  try {
    return new Driver(program, o);
  } catch (e) {
    const error = e instanceof ErrorValue ? e : internal(e);
    const outcome: Outcome = {
      status: 'failed',
      error,
      journal: [],
      usage: { fuel: 0, calls: 0, replayedCalls: 0, maxFrames: 0, expansions: 0 },
    };
    return { next: () => ({ kind: 'done', outcome }), cancel: () => outcome };
  }
}
