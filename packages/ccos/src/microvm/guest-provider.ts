/**
 * What every provider shares around its launcher (M3): life cycle, authorisation, concurrency, cancellation, kill, metadata. A
 * provider's own code launches a guest and says what its wall holds; nothing here knows which wall it is.
 */
import { availableParallelism } from 'node:os';
import type { Value } from '@ccos/rtfs';
import { systemClock, type Clock } from '../foundation/clock.ts';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import type { IsolationKind, ProviderName } from '../model/isolation.ts';
import type { Measured } from '../model/measured.ts';
import type { ExecutionMetadata, ExecutionResult } from '../model/program.ts';
import { spend } from '../security/authorization.ts';
import { SecurityAuthorizer } from '../security/authorizer.ts';
import type { ExecutionContext } from '../security/execution-context.ts';
import { AheadGuest, isNoGuest, LaunchedGuest, type GuestKit } from './launched.ts';
import { metadataOf } from './metadata.ts';
import type {
  AheadOrder,
  Availability,
  Exit,
  GuestProcess,
  GuestUsage,
  MicroVMProvider,
  RunningGuest,
} from './provider.ts';
import type { ProbeMemory } from './probe-memory.ts';
import type { GuestSession } from './session.ts';
import { Slots } from './slots.ts';

/** A provider's own part. */
export interface ProviderParts {
  readonly name: ProviderName;
  readonly isolation: IsolationKind;
  /** A real launch through the real path (M4.6); called once and its answer kept. */
  probe(): Promise<Availability>;
  /** Where a pass is kept between processes; absent where every process is to probe for itself. */
  readonly memory?: ProbeMemory;
  /** Finds what launches need. Called by `initialize`; throws what makes the provider unusable. */
  prepare(): Promise<GuestKit>;
  readonly schema: Readonly<Record<string, unknown>>;
  /** Refuses what this wall cannot run or hold, before anything starts. Throws `PROGRAM_UNSUPPORTED`, `ENFORCEMENT_UNAVAILABLE`. */
  admit?(context: ExecutionContext): void;
  /** Why there is no image, or its digest (M14.4). */
  readonly image: Measured<string>;
  /** The exit code as a measurement, where the guest is a process (M2.4). */
  exitCode(exit: Exit): Measured<number>;
  readonly clock?: Clock;
  readonly maxConcurrent?: number;
}

interface Running {
  readonly guest: RunningGuest;
  readonly stop: AbortController;
  readonly finished: Promise<unknown>;
}

/** One provider over any launcher. */
export class GuestProvider implements MicroVMProvider {
  readonly name: ProviderName;
  readonly isolation: IsolationKind;
  readonly #parts: ProviderParts;
  readonly #clock: Clock;
  readonly #slots: Slots;
  readonly #running = new Map<string, Running>();
  readonly #ahead = new Map<string, AheadGuest>();
  #kit: GuestKit | null = null;
  #probed: Promise<Availability> | null = null;
  #available = false;

  constructor(parts: ProviderParts) {
    this.name = parts.name;
    this.isolation = parts.isolation;
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#slots = new Slots({ maxConcurrent: parts.maxConcurrent ?? availableParallelism(), queue: 64 });
  }

  async probe(): Promise<Availability> {
    this.#probed ??= this.#ask();
    const answer = await this.#probed;
    this.#available = answer.available;
    return answer;
  }
  async #ask(): Promise<Availability> {
    const { memory, probe } = this.#parts;
    const kept = memory?.recall() ?? null;
    if (kept !== null) return kept;
    const binding = memory?.binding();
    const answer = await probe();
    if (answer.available) await memory?.keep(answer, binding);
    return answer;
  }
  isAvailable(): boolean {
    return this.#available;
  }

  /** Throws what makes the provider unusable; does nothing when it is initialised already (M3.1). */
  async initialize(): Promise<void> {
    this.#kit ??= await this.#parts.prepare();
  }

  /** True when a kept probe has passed here: choosing this provider then launches nothing. */
  isRecalled(): boolean {
    return this.#available || (this.#parts.memory?.recall() ?? null) !== null;
  }

  /**
   * Launches a guest for an execution that may follow (M16.1): `executeProgram` with this id and this very configuration takes it,
   * `discardAhead` ends it. It runs nothing until then. Resolves when its launch has begun or failed, which its execution is told;
   * does nothing where no slot is free.
   */
  async launchAhead(order: AheadOrder): Promise<void> {
    await this.initialize();
    const release = this.#slots.tryTake(order.tenant);
    if (this.#kit === null || release === null) return;
    const ahead = new AheadGuest(this.#kit, order, this.#clock, release);
    this.#ahead.set(order.executionId, ahead);
    await ahead.begun;
  }

  /** Ends a guest that was launched ahead and not taken (M3.5); resolves when nothing of it is left. Idempotent. */
  async discardAhead(executionId: string): Promise<void> {
    const ahead = this.#ahead.get(executionId);
    if (ahead === undefined) return;
    this.#ahead.delete(executionId);
    const failure = await ahead.discard();
    if (failure !== null && isNoGuest(failure)) this.#parts.memory?.forget();
  }

  list(): readonly RunningGuest[] {
    return [...this.#running.values()].map(({ guest }) => guest);
  }
  getConfigSchema(): Readonly<Record<string, unknown>> {
    return this.#parts.schema;
  }

  /** Runs the context's program (M2). Throws what refused it, what it raised, or the limit that ended it. */
  executeProgram(context: ExecutionContext): Promise<ExecutionResult> {
    return this.#execute(context, [], async (session, deadline) => {
      if (context.program === undefined) throw new CcosError('PROGRAM_MISSING', 'No program specified for execution');
      return await session.run({ program: context.program, args: context.args, input: context.input, deadline });
    });
  }

  /**
   * Runs one built-in effect in a guest of its own (M4.4), for a call whose plan runs behind a weaker wall. It takes no slot: the run
   * that asked for it holds one and waits, and at most 8 of its calls are open.
   */
  executeCapability(context: ExecutionContext): Promise<ExecutionResult> {
    const { capabilityId, granted } = context;
    if (capabilityId === undefined || granted === undefined) {
      return Promise.reject(
        new CcosError('PROGRAM_MISSING', 'No capability with a granted path specified for execution'),
      );
    }
    return this.#execute(
      context,
      [capabilityId],
      (session, deadline) => session.effect(capabilityId, context.args, granted, deadline),
      true,
    );
  }

  /** Stops an execution (M3.4): true if it was running. Idempotent; resolves when nothing of it is left. */
  async cancel(executionId: string): Promise<boolean> {
    const running = this.#running.get(executionId);
    if (running === undefined) return false;
    running.stop.abort(cancelled());
    await running.finished;
    return true;
  }

  /** Cancels what runs and forgets what it found (M3.6). Rejects when something is left behind. */
  async cleanup(): Promise<void> {
    this.#kit = null;
    await Promise.all([
      ...[...this.#running.keys()].map((id) => this.cancel(id)),
      ...[...this.#ahead.keys()].map((id) => this.discardAhead(id)),
    ]);
    if (this.#running.size > 0) throw new CcosError('INTERNAL', `Left behind: ${[...this.#running.keys()].join(', ')}`);
  }

  async #execute(
    context: ExecutionContext,
    required: readonly string[],
    work: Work,
    nested = false,
  ): Promise<ExecutionResult> {
    const kit = this.#kit;
    if (kit === null)
      throw new CcosError('PROVIDER_NOT_INITIALIZED', `${titled(this.name)} provider not initialized`, {
        hint: 'call initialize first',
      });
    if (!nested && context.program === undefined)
      throw new CcosError('PROGRAM_MISSING', 'No program specified for execution');
    this.#parts.admit?.(context);
    SecurityAuthorizer.validateExecutionContext(required, context);
    const { executionId } = context;
    // A program's token is spent here; that of a capability by the registry, before it comes to a wall (S9.2).
    if (!nested) spend(context.authorization, executionId);
    const stop = new AbortController();
    const finished = Promise.withResolvers<void>();
    this.#running.set(executionId, {
      guest: { executionId, startedAt: this.#clock.now() },
      stop,
      finished: finished.promise,
    });
    const follow = (): void => {
      stop.abort(cancelled());
    };
    context.signal.addEventListener('abort', follow, { once: true });
    if (context.signal.aborted) follow();
    try {
      return await this.#inSlot(kit, { context, work, nested, signal: stop.signal });
    } catch (thrown) {
      const error = asCcosError(thrown);
      if (isNoGuest(error)) this.#parts.memory?.forget();
      throw error;
    } finally {
      context.signal.removeEventListener('abort', follow);
      this.#running.delete(executionId);
      finished.resolve();
    }
  }

  async #inSlot(kit: GuestKit, { context, work, nested, signal }: Execution): Promise<ExecutionResult> {
    const deadline = this.#clock.monotonic() + context.config.limits.timeoutMs;
    const ahead = this.#takeAhead(context);
    const release = ahead?.release ?? (nested ? () => {} : await this.#slot(context, signal, deadline));
    try {
      const launched = await (ahead?.launched ?? LaunchedGuest.launch(kit, context, this.#clock, signal));
      launched.answeredBy(context.guestHost);
      return await this.#guarded(
        launched,
        { context, work, nested, signal },
        { deadline, guestDigest: kit.guestDigest },
      );
    } finally {
      release();
    }
  }

  /** The guest that waits for this execution; one that was launched under another configuration is not it. */
  #takeAhead({ executionId, config }: ExecutionContext): AheadGuest | null {
    const ahead = this.#ahead.get(executionId);
    if (ahead === undefined) return null;
    if (ahead.config !== config)
      throw new CcosError(
        'INTERNAL',
        'A guest was launched ahead under another configuration than its program runs under',
      );
    this.#ahead.delete(executionId);
    return ahead;
  }

  /** Waiting for a slot counts against the run's time (M3.3). */
  async #slot(context: ExecutionContext, signal: AbortSignal, deadline: number): Promise<() => void> {
    const { timeoutMs } = context.config.limits;
    const late = new CcosError('LIMIT_TIME', `The run waited longer than ${timeoutMs} ms for its turn`, {
      hint: 'try again later, or allow more time with --timeout',
      details: { limit: 'timeoutMs', value: timeoutMs, measured: timeoutMs, enforcement: 'host-timer' },
    });
    const waiting = new AbortController();
    const timer = setTimeout(() => {
      waiting.abort(late);
    }, deadline - this.#clock.monotonic());
    try {
      return await this.#slots.take(context.tenant, AbortSignal.any([signal, waiting.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  async #guarded(
    { guest, session, ready, started, startedAt, operations }: LaunchedGuest,
    { context, work, signal }: Execution,
    { deadline, guestDigest }: { readonly deadline: number; readonly guestDigest: string },
  ): Promise<ExecutionResult> {
    const { executionId } = context;
    const stop = (): void => {
      session.cancel();
    };
    signal.addEventListener('abort', stop, { once: true });
    let startupMs: Measured<number> = { reason: 'the guest did not start' };
    const tell = (usage: GuestUsage, exit: Exit, limitsHit: readonly string[]): ExecutionMetadata => {
      const endedAt = this.#clock.now(),
        durationMs = this.#clock.monotonic() - started;
      const metadata = metadataOf({
        provider: this.name,
        isolation: this.isolation,
        executionId,
        startedAt,
        endedAt,
        durationMs,
        startupMs,
        ...usage,
        limitsHit,
        exitCode: this.#parts.exitCode(exit),
        signal: exit.signal,
        ...outputOf(guest),
        fileOperations: operations,
        enforcement: guest.enforcement,
        policyDigest: context.runtimeContext.digest(),
        guestDigest: { value: guestDigest },
        imageDigest: this.#parts.image,
      });
      context.measured?.(metadata);
      return metadata;
    };
    try {
      if (signal.aborted) stop();
      startupMs = { value: await ready };
      const value = await work(session, deadline);
      const usage = await guest.usage();
      return { value, metadata: tell(usage, await session.close(), []) };
    } catch (thrown) {
      const error = asCcosError(thrown);
      const usage = await guest.usage();
      // Whatever failed, nothing of the guest stays (M3.5); what the guest did comes before what its end did.
      const exit = await guest.kill();
      guest.channel.close();
      tell(usage, exit, error.code.startsWith('LIMIT_') ? [error.code] : []);
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

type Work = (session: GuestSession, deadline: number) => Promise<Value>;
interface Execution {
  readonly context: ExecutionContext;
  readonly work: Work;
  readonly nested: boolean;
  readonly signal: AbortSignal;
}

function cancelled(): CcosError {
  return new CcosError('CANCELLED', 'The run was cancelled', { hint: 'start it again: ccos run' });
}
function titled(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}

function outputOf(guest: GuestProcess): { stdoutBytes: Measured<number>; stderrBytes: Measured<number> } {
  const bytes = guest.outputBytes?.();
  const figure = (value: number | undefined): Measured<number> =>
    value === undefined ? { reason: 'this guest has no such streams' } : { value };
  return { stdoutBytes: figure(bytes?.stdout), stderrBytes: figure(bytes?.stderr) };
}
