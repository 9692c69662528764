/**
 * `run` and `runSync` (R13): the machine with a host in the same process.
 */
import { ErrorValue } from '../values/kinds.ts';
import { dataMap } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { decode } from '../values/codec.ts';
import { fromPlain } from '../values/plain.ts';
import { start } from './machine.ts';
import type {
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
  executeCapability(call: Extract<Request, { kind: 'call' }>): Value;
  notifyStepStarted?(step: StepEvent): string;
  notifyStepCompleted?(id: string, result: Value): void;
  notifyStepFailed?(id: string, error: ErrorValue): void;
  getContextValue?(key: string): Value | undefined;
  pause?(ms: number): void;
  checkpoint?(label: string | null, context: Value): void;
}

/** What a program without a host gets for a call (R11.6). */
function noHost(id: string): ErrorInit {
  const data = dataMap([
    ['capability', id],
    ['rule', 'no-host'],
  ]);
  return { kind: 'SecurityViolation', message: `Security violation: ${id}: there is no host`, data };
}

/** A host method that throws is a capability that failed (R13.9); an error value keeps its kind. */
function thrownByHost(e: unknown): ErrorInit {
  if (e instanceof ErrorValue) return { kind: e.kind, message: e.message, data: e.data };
  return { kind: 'CapabilityError', message: e instanceof Error ? e.message : String(e) };
}

type Answer = { readonly ok: Value } | { readonly error: ErrorInit };

/** True for requests that want an answer (R13.4). */
function wantsReply(request: Request): boolean {
  return (
    request.kind === 'call' || request.kind === 'context' || request.kind === 'pause' || request.kind === 'checkpoint'
  );
}

/** Runs a program with a host whose methods may be promises. Settles always, never rejects. */
export async function run(program: CompiledProgram, o: RunOptions = {}): Promise<Outcome> {
  const clock = new Deadline(o);
  const machine = start(program, { ...o, shouldStop: () => clock.check() });
  const arrived: Reply[] = [];
  let wake: () => void = () => undefined;
  const steps = new Map<string, string>();
  // Notifications are told in order, one after the other.
  let told: Promise<unknown> = Promise.resolve();
  for (;;) {
    const turn = machine.next(arrived.splice(0));
    if (turn.kind === 'done') {
      await told;
      return turn.outcome;
    }
    for (const request of turn.requests) {
      if (!wantsReply(request)) {
        told = told.then(() => notify(o.host, request as StepEvent, steps)).catch(() => undefined);
        continue;
      }
      told
        .then(() => answer(o.host, request))
        .then((reply) => {
          arrived.push({ seq: request.seq, ...reply } as Reply);
          wake();
        })
        .catch(() => undefined);
    }
    if (turn.waiting.length === 0 || arrived.length > 0) continue;
    const stopped = await clock.race(
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
    );
    if (stopped !== null) return endEarly(machine, stopped, o);
  }
}

async function answer(host: HostInterface | undefined, request: Request): Promise<Answer> {
  try {
    switch (request.kind) {
      case 'call':
        return host === undefined ? { error: noHost(request.id) } : { ok: await host.executeCapability(request) };
      case 'context':
        return { ok: host?.getContextValue(request.key) ?? null };
      case 'pause':
        await host?.pause?.(request.ms);
        return { ok: null };
      case 'checkpoint':
        await host?.checkpoint?.(request.label, decode(request.context));
        return { ok: null };
      default:
        return { ok: null };
    }
  } catch (e) {
    return { error: thrownByHost(e) };
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
      if (wantsReply(request)) replies.push({ seq: request.seq, ...answerSync(o.host, request) } as Reply);
      else notifySync(o.host, request as StepEvent, steps);
    }
    const stopped = clock.check();
    if (stopped !== null) return endEarly(machine, stopped, o);
  }
}

function answerSync(host: SyncHost | undefined, request: Request): Answer {
  try {
    switch (request.kind) {
      case 'call':
        return host === undefined ? { error: noHost(request.id) } : { ok: host.executeCapability(request) };
      case 'context':
        return { ok: host?.getContextValue?.(request.key) ?? null };
      case 'pause':
        host?.pause?.(request.ms);
        return { ok: null };
      case 'checkpoint':
        host?.checkpoint?.(request.label, decode(request.context));
        return { ok: null };
      default:
        return { ok: null };
    }
  } catch (e) {
    return { error: thrownByHost(e) };
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

  constructor(o: Omit<RunOptions, 'host'>) {
    this.#o = o;
    this.#now = o.now ?? Date.now;
    this.#end = o.deadlineMs === undefined ? Infinity : this.#now() + o.deadlineMs;
  }

  check(): StopReason | null {
    if (this.#o.signal?.aborted === true) return 'cancelled';
    if (this.#now() >= this.#end) return 'deadline';
    return this.#o.shouldStop?.() ?? null;
  }

  /** Waits for `work`, or for a reason to stop. */
  async race(work: Promise<void>): Promise<StopReason | null> {
    const { signal } = this.#o;
    if (this.#end === Infinity && signal === undefined) {
      await work;
      return this.check();
    }
    const timers = globalThis as Timers;
    let timer: unknown;
    let aborted: () => void = () => undefined;
    await Promise.race([
      work,
      new Promise<void>((resolve) => {
        aborted = resolve;
        signal?.addEventListener('abort', aborted, { once: true });
        if (this.#end !== Infinity) timer = timers.setTimeout?.(resolve, Math.max(0, this.#end - this.#now()));
      }),
    ]);
    timers.clearTimeout?.(timer);
    signal?.removeEventListener('abort', aborted);
    return this.check();
  }
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
