/**
 * The library's entry: `open({home, policy})`, then `run` and `check`. The command line is one caller of it among others. Nothing is
 * opened or made before the first run needs it; `check` writes nothing at all.
 */
import { resolve } from 'node:path';
import type { Value } from '@ccos/rtfs/values';
import { BUILTIN_CATALOG } from '../capabilities/catalog.ts';
import { cacheFolder } from '../foundation/cache-folder.ts';
import { systemClock, type Clock } from '../foundation/clock.ts';
import type { CcosError } from '../foundation/errors.ts';
import { executionId } from '../foundation/ids.ts';
import { openStateFolder } from '../foundation/state-folder.ts';
import type { AdmissionReport } from '../governance/admission.ts';
import type { Warning } from '../governance/findings.ts';
import type { MicroVMFactory } from '../microvm/factory.ts';
import { createFactory } from '../microvm/providers/index.ts';
import { processProvider } from '../microvm/providers/process/provider.ts';
import { wasmProvider } from '../microvm/providers/wasm/provider.ts';
import type { RunListener } from '../model/events.ts';
import type { ProviderName } from '../model/isolation.ts';
import type { ExecutionMetadata } from '../model/program.ts';
import type { RunStatus } from '../model/plan.ts';
import { contextFromOptions, type PolicyOptions } from '../security/grants.ts';
import type { RuntimeContext } from '../security/runtime-context.ts';
import type { State } from './attempt.ts';
import { WallOfRun } from './wall.ts';

/** How CCOS is opened. Paths are taken from the process's folder. */
export interface OpenOptions {
  /** The state folder; `.ccos` by default. */
  readonly home?: string | undefined;
  /** The folder from which the plans' relative paths are taken (S6.2); the process's own by default. */
  readonly base?: string | undefined;
  /** What plans may do: the same grants as the command line's options (S14.9). Nothing given grants nothing but pure work and output. */
  readonly policy?: PolicyOptions | undefined;
  /** The level without a grant and without `policy.level`: `controlled` by default, `pure` for an expression (S14.9). */
  readonly startLevel?: 'pure' | 'controlled' | undefined;
  /** Who builds the wall; `auto` by default (M4.3). */
  readonly provider?: ProviderName | 'auto' | undefined;
  /** What the record keeps of arguments, results, input and errors: their values (by default), or only digests and sizes (L9.8). */
  readonly record?: 'values' | 'digests' | undefined;
  /** The variables that `policy.env` may name; those of the process by default. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  readonly clock?: Clock | undefined;
}

/** One plan to run or to check. */
export interface PlanOptions {
  /** What the plan finds as `input`; nil by default. */
  readonly input?: Value | undefined;
  /** The plan's name, for people; its file by default. */
  readonly name?: string | undefined;
  /** The file that diagnostics name. */
  readonly file?: string | undefined;
  /** The folder below which the plan's modules lie: `a.b` is its file `a/b.rtfs` (G1.5). None by default. */
  readonly modules?: string | undefined;
  /** Aborts the run (O5.7). */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: RunListener | undefined;
}

/** What came of a run: the document of `run --json` (§7 of the architecture), with the value itself. */
export interface RunReport {
  readonly runId: string;
  readonly planHash: string | null;
  readonly status: RunStatus;
  readonly value: Value;
  /** The value as RTFS text, nothing lost; null unless the run completed. */
  readonly rtfs: string | null;
  readonly error: CcosError | null;
  readonly metadata: ExecutionMetadata | null;
}

/** What `check` found: the report of G1.16, and the error with which `run` would refuse, or null. */
export interface CheckReport {
  readonly report: AdmissionReport;
  readonly error: CcosError | null;
  /** The plan without macro calls, a text that compiles to the same program; null where it could not be compiled. */
  readonly expanded: string | null;
}

/** A plan as bytecode (M1.4). */
export interface CompiledPlan {
  readonly bytecode: Uint8Array;
  /** `sha256:` and the digest of the container. */
  readonly digest: string;
  /** The hash of the plan that it was made of, which stands in the container. */
  readonly planHash: string;
  readonly warnings: readonly Warning[];
}

/** Opens CCOS. Throws `USAGE` for grants that cannot be given; the state folder is opened by the first run. */
export function open(options: OpenOptions = {}): Ccos {
  return new Ccos(options);
}

/** An open CCOS: one state folder, one policy. */
export class Ccos {
  readonly #options: OpenOptions;
  readonly #home: string;
  readonly #base: string;
  readonly #clock: Clock;
  readonly #factory: MicroVMFactory = createFactory(
    wasmProvider({ remember: true }),
    processProvider({ remember: true }),
  );
  #state: Promise<State> | null = null;

  constructor(options: OpenOptions) {
    this.#options = options;
    this.#base = resolve(options.base ?? '.');
    this.#home = resolve(options.home ?? '.ccos');
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Admits a plan and runs it. A plan that is refused, fails or is cancelled is a report with its `error`; what keeps CCOS from working
   * at all is thrown: `USAGE`, `STATE_OPEN`, `CHAIN_*`, `ARCHIVE_OPEN`, `STORE_LOCKED`, `IO`.
   */
  async run(source: string | Uint8Array, options: PlanOptions = {}): Promise<RunReport> {
    const context = this.#context(true);
    // What is hidden from a guest exists before one is launched.
    await openStateFolder(this.#home, 'write');
    const wall = this.#wall(context, options.onEvent);
    const execution = executionId(this.#clock);
    const record = this.#options.record ?? 'values';
    const attempt = { source, options, context, wall, executionId: execution, clock: this.#clock, record };
    try {
      await wall.launchAhead(execution);
      const { admitAndRun } = await import('./attempt.ts');
      return await admitAndRun(await this.#opened(), attempt);
    } finally {
      await wall.discardAhead(execution);
    }
  }

  /** The verdict on a plan, with nothing run and nothing written (G1.16). Throws `USAGE`, `PLAN_INVALID`. */
  async check(source: string | Uint8Array, options: PlanOptions = {}): Promise<CheckReport> {
    const context = this.#context(false);
    const { checkPlan } = await import('./attempt.ts');
    return await checkPlan({ source, options, context, wall: this.#wall(context, undefined), clock: this.#clock });
  }

  /**
   * A plan and its modules as bytecode, which runs and is checked like the plan without its folder. Nothing is judged, run or written.
   * Throws what admission finds of a plan that is none anywhere (G1.3, G1.5); `PLAN_INVALID`, `BYTECODE_INVALID`, `USAGE` for what is
   * bytecode already.
   */
  async compile(source: string | Uint8Array, options: PlanOptions = {}): Promise<CompiledPlan> {
    const context = this.#context(false);
    const { makeBytecode } = await import('./make-bytecode.ts');
    return await makeBytecode({ source, options, context, clock: this.#clock });
  }

  /** Signs the record's head and closes what is open. Idempotent. */
  async close(): Promise<void> {
    const state = this.#state;
    this.#state = null;
    if (state === null) return;
    const { chain, archive } = await state;
    await archive.close();
    await chain.close();
    await this.#factory.cleanupAll();
  }

  #context(makeFolders: boolean): RuntimeContext {
    return contextFromOptions(this.#options.policy ?? {}, {
      baseFolder: this.#base,
      hidden: [this.#home, cacheFolder()],
      variables: this.#options.variables ?? process.env,
      catalog: BUILTIN_CATALOG,
      startLevel: this.#options.startLevel ?? 'controlled',
      makeFolders,
    });
  }

  #wall(context: RuntimeContext, tell: RunListener | undefined): WallOfRun {
    return new WallOfRun(this.#factory, { context, provider: this.#options.provider ?? 'auto', tell });
  }

  /** Opens the state at the first run, and sweeps what dead runs left (M3.7). A failure is not kept: the next run tries again. */
  #opened(): Promise<State> {
    if (this.#state === null) {
      const opening = this.#open();
      this.#state = opening;
      opening.catch(() => {
        if (this.#state === opening) this.#state = null;
      });
    }
    return this.#state;
  }

  async #open(): Promise<State> {
    const { openState } = await import('./attempt.ts');
    return await openState(this.#home, this.#clock);
  }
}
