/**
 * One run of an admitted plan (O3): lease, `PlanStarted`, guest, terminal record, head. Whatever happens in between, a run that
 * was started has exactly one terminal record, and nothing of it is left below `runs/`.
 */
import type { Effects, ModuleSource, Value } from '@ccos/rtfs';
import { HostFiles } from '../capabilities/host-files.ts';
import type { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import { RunOutput } from '../capabilities/output.ts';
import type { ChainWriter } from '../causal-chain/record.ts';
import type { Clock } from '../foundation/clock.ts';
import { CcosError, asCcosError } from '../foundation/errors.ts';
import { HostDoor } from '../host/door.ts';
import type { ArchiveRefs } from '../host/value-home.ts';
import type { MicroVMProvider } from '../microvm/provider.ts';
import type { RunListener } from '../model/events.ts';
import type { ExecutionMetadata, MicroVMConfig, Program } from '../model/program.ts';
import type { RunStatus } from '../model/plan.ts';
import { SecurityAuthorizer, recordedAs } from '../security/authorizer.ts';
import { BudgetLedger } from '../security/ledger.ts';
import type { RuntimeContext } from '../security/runtime-context.ts';
import { openRunFolder } from './run-folder.ts';
import { RunHost } from './run-host.ts';
import { RunRecords } from './run-records.ts';
import { StepTree } from './step-tree.ts';

/** A plan that may run, as admission hands it over. */
export interface RunnablePlan {
  readonly planHash: string;
  readonly planId: string;
  readonly source: string;
  /** The plan as bytecode, base64; null for a text. */
  readonly bytecode: string | null;
  readonly modules: readonly ModuleSource[];
  readonly effects: Effects;
  /** The record of the decision that admitted it: the parent of `PlanStarted` (L5.1). */
  readonly decisionId: string;
}

/** The chain as a run needs it: records, and a signed head at its end (L6.2). */
export interface RunChain extends ChainWriter {
  signHead(): Promise<void>;
}

/** Everything that one run needs. `signal` is the caller's wish to cancel. */
export interface RunParts {
  readonly home: string;
  readonly runId: string;
  /** The id of the execution behind the wall; a guest that was launched ahead waits under it. */
  readonly executionId: string;
  readonly plan: RunnablePlan;
  readonly input: Value;
  readonly context: RuntimeContext;
  readonly config: MicroVMConfig;
  readonly provider: MicroVMProvider;
  readonly marketplace: CapabilityMarketplace;
  readonly chain: RunChain;
  readonly archive: ArchiveRefs;
  /** What the record keeps: values, or only their digests and sizes (L9.8). */
  readonly record: 'values' | 'digests';
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: RunListener;
}

/** How a run ended. `value` is null unless it completed, `error` null if it did. */
export interface RunEnd {
  readonly runId: string;
  readonly planHash: string;
  readonly status: RunStatus;
  readonly value: Value;
  readonly error: CcosError | null;
  readonly metadata: ExecutionMetadata | null;
}

/** Runs a plan to its end. Throws only what keeps a run from starting or from being recorded: `IO`, `STORE_LOCKED`, `CHAIN_UNAVAILABLE`. */
export async function runPlan(parts: RunParts): Promise<RunEnd> {
  const folder = await openRunFolder(parts.home, parts.runId);
  const files = new HostFiles(parts.context.hidden);
  try {
    return await new Run(parts, files).go();
  } finally {
    files.close();
    folder.close();
  }
}

class Run {
  readonly #parts: RunParts;
  readonly #files: HostFiles;
  readonly #records: RunRecords;
  /** Aborts when the run is over, with the `CcosError` that ended it: open calls and pauses then end too. */
  readonly #over = new AbortController();
  #metadata: ExecutionMetadata | null = null;

  constructor(parts: RunParts, files: HostFiles) {
    this.#parts = parts;
    this.#files = files;
    this.#records = new RunRecords(parts);
  }

  async go(): Promise<RunEnd> {
    const { plan, runId, provider, emit, clock, chain, signal } = this.#parts;
    const startedAt = clock.monotonic();
    const cancel = (): void => this.#over.abort(cancelled());
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      const started = await this.#records.started();
      emit({
        type: 'run-started',
        runId,
        planHash: plan.planHash,
        provider: provider.name,
        isolation: provider.isolation,
      });
      const end = await this.#between(started, startedAt);
      emit({ type: 'run-ended', runId, status: end.status, durationMs: clock.monotonic() - startedAt });
      return end;
    } finally {
      signal.removeEventListener('abort', cancel);
      await chain.signHead();
    }
  }

  /** From `PlanStarted` to the terminal record. */
  async #between(started: string, startedAt: number): Promise<RunEnd> {
    const { plan, runId, clock, context } = this.#parts;
    const ledger = new BudgetLedger(context.effectiveLimits().calls);
    const tree = new StepTree(started);
    const door = this.#door(tree, ledger);
    const host = new RunHost({
      ...this.#parts,
      door,
      tree,
      run: runId,
      planHash: plan.planHash,
      planId: plan.planId,
      effects: plan.effects,
      signal: this.#over.signal,
    });
    let value: Value = null,
      error: CcosError | null = null;
    try {
      value = await this.#execute(host);
      this.#records.checkValue(value);
    } catch (thrown) {
      error = this.#explained(asCcosError(thrown), door, host);
    }
    this.#over.abort(error ?? ended());
    await host.settled();
    if (error !== null) await host.abandonSteps(error);
    const durationMs = clock.monotonic() - startedAt;
    const { status, metadata } = await this.#records.ended(started, {
      value,
      error,
      durationMs,
      metadata: this.#metadata,
      door,
      ledger,
    });
    return { runId, planHash: plan.planHash, status, value: error === null ? value : null, error, metadata };
  }

  #door(tree: StepTree, ledger: BudgetLedger): HostDoor {
    const { plan, context, marketplace, clock, chain, archive, record, runId, provider, emit } = this.#parts;
    return new HostDoor({
      program: plan,
      context,
      marketplace,
      steps: tree,
      ledger,
      clock,
      chain,
      archive,
      run: runId,
      record,
      signal: this.#over.signal,
      output: new RunOutput((text) => emit({ type: 'output', text })),
      place: { hostFiles: this.#files, minIsolation: context.minIsolation, mock: provider.name === 'mock' },
    });
  }

  async #execute(guestHost: RunHost): Promise<Value> {
    const { plan, context, config, provider, input, executionId } = this.#parts;
    this.#over.signal.throwIfAborted();
    const program = programOf(plan);
    const authorization = SecurityAuthorizer.authorizeProgram(context, program, undefined, {
      decisions: recordedAs(plan.decisionId),
    });
    const result = await provider.executeProgram({
      executionId,
      program,
      authorization,
      args: [],
      input,
      config,
      runtimeContext: context,
      minIsolation: provider.isolation,
      tenant: context.tenant,
      guestHost,
      signal: this.#over.signal,
      measured: (metadata) => {
        this.#metadata = metadata;
      },
    });
    return result.value;
  }

  /** The error as people need it: with the hint of the call that raised it, and the steps it came through (O11.1). */
  #explained(error: CcosError, door: HostDoor, host: RunHost): CcosError {
    const origin = door.answered(error.code, error.message);
    const steps = host.trail;
    if (origin === undefined && steps.length === 0) return error;
    const { span, cause } = error;
    return new CcosError(error.code, error.message, {
      span,
      cause,
      hint: error.hint ?? origin?.hint,
      details: { ...origin?.details, ...error.details, ...(steps.length === 0 ? {} : { steps }) },
    });
  }
}

/** What the guest is sent. */
function programOf({ source, bytecode, modules }: RunnablePlan): Program {
  if (bytecode !== null) return { kind: 'rtfs-bytecode', bytes: bytecode };
  const texts = Object.fromEntries(modules.map(({ name, source: text }) => [name, text]));
  return { kind: 'rtfs-source', source, ...(modules.length === 0 ? {} : { modules: texts }) };
}

function cancelled(): CcosError {
  return new CcosError('CANCELLED', 'The run was cancelled', { hint: 'start it again with ccos run' });
}
function ended(): CcosError {
  return new CcosError('CANCELLED', 'The run is over');
}
