/**
 * `run` and `runSync` (R13): the machine with a host in the same process.
 */
import { ErrorValue } from '../values/kinds.ts';
import { dataMap, fail } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { decode } from '../values/codec.ts';
import { fromPlain } from '../values/plain.ts';
import { start } from './machine.ts';
import { internal } from './runtime.ts';
import type {
  CallRequest,
  CompiledProgram,
  ErrorInit,
  HostInterface,
  Machine,
  Outcome,
  Reply,
  Request,
  RunOptions,
  StepEvent,
  StopReason,
} from './types.ts';

/** A host that answers at once. */
export interface SyncHost {
  executeCapability(call: CallRequest): Value;
  notifyStepStarted?(step: StepEvent): string;
  notifyStepCompleted?(id: string, result: Value): void;
  notifyStepFailed?(id: string, error: ErrorValue): void;
  getContextValue?(key: string): Value | undefined;
  pause?(ms: number): void;
  checkpoint?(label: string | null, context: Value): void;
}

/** What the answer to a request needs of a host, in both kinds. */
interface Answering {
  executeCapability(call: CallRequest): Value | Promise<Value>;
  getContextValue?(key: string): Value | undefined;
  pause?(ms: number): void | Promise<void>;
  checkpoint?(label: string | null, context: Value): void | Promise<void>;
}

/** What a program without a host gets for a call (R11.6). */
function noHost(id: string): never {
  const data = dataMap([
    ['capability', id],
    ['rule', 'no-host'],
  ]);
  return fail('SecurityViolation', `Security violation: ${id}: there is no host`, data);
}

/** Asks the host. Throws what its method throws, and SecurityViolation where there is no host. */
function ask(host: Answering | undefined, request: Request): Value | Promise<Value> {
  switch (request.kind) {
    case 'call':
      return host === undefined ? noHost(request.id) : host.executeCapability(request);
    case 'context':
      return host?.getContextValue?.(request.key) ?? null;
    case 'pause':
      return nilAfter(host?.pause?.(request.ms));
    case 'checkpoint':
      return nilAfter(host?.checkpoint?.(request.label, decode(request.context)));
    default:
      return null;
  }
}

function nilAfter(work: void | Promise<void>): null | Promise<null> {
  return isPromise(work) ? work.then(() => null) : null;
}

/** True for a promise of any make. */
function isPromise<T>(answer: T | Promise<T>): answer is Promise<T> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function';
}

/** A host method that throws is a capability that failed (R13.9); an error value keeps its kind. */
function thrownByHost(e: unknown): ErrorInit {
  if (e instanceof ErrorValue) return { kind: e.kind, message: e.message, data: e.data };
  return { kind: 'CapabilityError', message: e instanceof Error ? e.message : String(e) };
}

/** True for requests that want an answer (R13.4). */
function wantsReply(request: Request): boolean {
  return (
    request.kind === 'call' || request.kind === 'context' || request.kind === 'pause' || request.kind === 'checkpoint'
  );
}

/** Shared, and never added to. */
const NO_REPLIES: Reply[] = [];

/** Runs a program with a host whose methods may be promises. Settles always, never rejects. */
export function run(program: CompiledProgram, o: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => new HostedRun(program, o, resolve).turns());
}

/**
 * A run with its host. The machine goes on out of the answer itself as soon as it is there, so that a call costs the promise of the
 * host and one more, whatever else the run waits for.
 */
class HostedRun {
  readonly #o: RunOptions;
  readonly #clock: Deadline;
  readonly #machine: Machine;
  readonly #settle: (outcome: Outcome) => void;
  readonly #steps = new Map<string, string>();
  readonly #look = (): void => this.#stop();
  /** Notifications are told in order, one after the other; null when all have been. */
  #told: Promise<void> | null = null;
  #arrived: Reply[] = NO_REPLIES;
  #isRunning = false;
  #isOver = false;

  constructor(program: CompiledProgram, o: RunOptions, settle: (outcome: Outcome) => void) {
    this.#o = o;
    this.#clock = new Deadline(o);
    this.#machine = start(program, { ...o, shouldStop: () => this.#clock.check() });
    this.#settle = settle;
  }

  /** Runs the machine until it waits, or to the end. Answers that come meanwhile are taken up by this loop. */
  turns(): void {
    this.#isRunning = true;
    while (!this.#isOver) {
      const turn = this.#machine.next(this.#arrived);
      this.#arrived = NO_REPLIES;
      if (turn.kind === 'done') {
        this.#end(turn.outcome, this.#told);
        break;
      }
      for (const request of turn.requests) this.#take(request);
      if (turn.waiting.length === 0) continue;
      if (this.#arrived.length === 0) {
        this.#clock.watch(this.#look);
        break;
      }
      this.#stop();
    }
    this.#isRunning = false;
  }

  #take(request: Request): void {
    if (!wantsReply(request)) this.#tell(request as StepEvent);
    else if (this.#told === null) this.#ask(request);
    else void this.#told.then(() => this.#ask(request));
  }

  #tell(event: StepEvent): void {
    const told: Promise<void> = (this.#told ?? Promise.resolve())
      .then(() => notify(this.#o.host, event, this.#steps))
      .catch(() => undefined)
      .then(() => {
        if (this.#told === told) this.#told = null;
      });
    this.#told = told;
  }

  #ask(request: Request): void {
    if (this.#isOver) return;
    const { seq } = request;
    try {
      const answer = ask(this.#o.host, request);
      if (!isPromise(answer)) return this.#arrive({ seq, ok: answer });
      answer.then(
        (ok) => this.#arrive({ seq, ok }),
        (e: unknown) => this.#arrive({ seq, error: thrownByHost(e) }),
      );
    } catch (e) {
      this.#arrive({ seq, error: thrownByHost(e) });
    }
  }

  #arrive(reply: Reply): void {
    if (this.#arrived === NO_REPLIES) this.#arrived = [reply];
    else this.#arrived.push(reply);
    if (this.#isRunning) return;
    this.#stop();
    this.turns();
  }

  /** Ends the run where there is a reason to, without waiting for what the host does. */
  #stop(): void {
    const outcome = this.#isOver ? null : stopped(this.#clock, this.#machine, this.#o);
    if (outcome !== null) this.#end(outcome, null);
  }

  #end(outcome: Outcome, after: Promise<void> | null): void {
    this.#isOver = true;
    this.#clock.unwatch();
    if (after === null) this.#settle(outcome);
    else void after.then(() => this.#settle(outcome));
  }
}

/** Tells the host of a step; the id it gave at the start names it at the end. */
async function notify(host: HostInterface | undefined, event: StepEvent, steps: Map<string, string>): Promise<void> {
  if (host === undefined) return;
  if (event.kind === 'step-started') {
    steps.set(event.step.path, await host.notifyStepStarted(event));
    return;
  }
  const id = steps.get(event.step.path) ?? event.step.path;
  if (event.kind === 'step-completed') await host.notifyStepCompleted(id, fromPlain(event.value ?? null));
  else await host.notifyStepFailed(id, errorOf(event));
}

function errorOf({ error }: StepEvent): ErrorValue {
  return new ErrorValue(error?.kind ?? 'InternalError', error?.message ?? '', error?.data ?? null);
}

/** Runs a program with a host that answers at once. */
export function runSync(
  program: CompiledProgram,
  o: Omit<RunOptions, 'host'> & { readonly host?: SyncHost } = {},
): Outcome {
  const clock = new Deadline(o);
  const machine = start(program, { ...o, shouldStop: () => clock.check() });
  const steps = new Map<string, string>();
  let replies: Reply[] = [];
  for (;;) {
    const turn = machine.next(replies);
    if (turn.kind === 'done') return turn.outcome;
    replies = [];
    for (const request of turn.requests) {
      if (wantsReply(request)) replies.push(answerSync(o.host, request));
      else notifySync(o.host, request as StepEvent, steps);
    }
    const outcome = stopped(clock, machine, o);
    if (outcome !== null) return outcome;
  }
}

function answerSync(host: SyncHost | undefined, request: Request): Reply {
  const { seq } = request;
  try {
    return { seq, ok: ask(host, request) as Value };
  } catch (e) {
    return { seq, error: thrownByHost(e) };
  }
}

function notifySync(host: SyncHost | undefined, event: StepEvent, steps: Map<string, string>): void {
  try {
    if (event.kind === 'step-started') {
      steps.set(event.step.path, host?.notifyStepStarted?.(event) ?? event.step.path);
      return;
    }
    const id = steps.get(event.step.path) ?? event.step.path;
    if (event.kind === 'step-completed') host?.notifyStepCompleted?.(id, fromPlain(event.value ?? null));
    else host?.notifyStepFailed?.(id, errorOf(event));
  } catch {
    // A notification has no answer: what its listener does cannot change the run.
  }
}

// ── stopping ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The timers of the platform, where there are some: QuickJS has none, and a browser's are not Node's. */
interface Timers {
  setTimeout?(work: () => void, ms: number): unknown;
  clearTimeout?(timer: unknown): void;
}

/** The signal, the deadline and the host's own reasons to stop (R13.8). */
class Deadline {
  readonly #o: Omit<RunOptions, 'host'>;
  readonly #now: () => number;
  readonly #end: number;
  #look: (() => void) | null = null;
  #timer: unknown;

  constructor(o: Omit<RunOptions, 'host'>) {
    this.#o = o;
    this.#now = o.now ?? Date.now;
    this.#end = o.deadlineMs === undefined ? Infinity : this.#now() + o.deadlineMs;
  }

  check(): StopReason | null {
    if (this.#o.signal?.aborted === true) return 'cancelled';
    if (this.#end !== Infinity && this.#now() >= this.#end) return 'deadline';
    return this.#o.shouldStop?.() ?? null;
  }

  /** Calls `look` when the signal is given or the deadline may have come, until `unwatch`; once is enough for a run. */
  watch(look: () => void): void {
    if (this.#look !== null) return;
    this.#look = look;
    this.#o.signal?.addEventListener('abort', look, { once: true });
    this.#arm();
  }

  /** The timers of a platform may be early, and its clock another one. */
  #arm(): void {
    const look = this.#look;
    if (this.#end === Infinity || look === null) return;
    this.#timer = (globalThis as Timers).setTimeout?.(
      () => {
        look();
        this.#arm();
      },
      Math.max(1, this.#end - this.#now()),
    );
  }

  unwatch(): void {
    if (this.#look === null) return;
    this.#o.signal?.removeEventListener('abort', this.#look);
    this.#look = null;
    (globalThis as Timers).clearTimeout?.(this.#timer);
  }
}

/** The outcome of a run that its host has a reason to stop; null when it may go on. */
function stopped(clock: Deadline, machine: Machine, o: Omit<RunOptions, 'host'>): Outcome | null {
  let reason: StopReason | null;
  try {
    reason = clock.check();
  } catch (e) {
    const { usage, journal } = machine.cancel('the host failed');
    return { status: 'failed', error: internal(e), usage, journal };
  }
  return reason === null ? null : endEarly(machine, reason, o);
}

/** Ends a run that waits, as the machine itself would have ended it. */
function endEarly(machine: Machine, reason: StopReason, o: Omit<RunOptions, 'host'>): Outcome {
  const outcome = machine.cancel('the host stopped the run');
  if (reason === 'cancelled') return outcome;
  const [kind, name, max] =
    reason === 'deadline'
      ? ['DeadlineExceeded', 'deadlineMs', o.deadlineMs]
      : ['MemoryLimit', 'memoryBytes', o.limits?.memoryBytes];
  const error = new ErrorValue(kind as string, `Limit ${name as string} reached: ${max ?? 0}`);
  return { status: 'exhausted', error, usage: outcome.usage, journal: outcome.journal };
}
