/** What the orchestrator itself writes of a run (L4, O12): its start, what was measured, its budget, and its one end. */
import type { Value } from '@ccos/rtfs';
import { canonical } from '@ccos/rtfs/internal';
import { HOST_FILES_ENFORCEMENT } from '../capabilities/host-files.ts';
import type { ChainRecord, JsonValue, RecordDraft } from '../causal-chain/record.ts';
import type { CcosError } from '../foundation/errors.ts';
import { homeOf } from '../host/value-home.ts';
import type { ExecutionMetadata, FileOperation } from '../model/program.ts';
import type { RunStatus } from '../model/plan.ts';
import type { BudgetLedger } from '../security/ledger.ts';
import { taggedDigest } from '../security/value-digest.ts';
import type { RunParts } from './run.ts';

/** What came out of a run, before it is recorded. */
export interface RunOutcome {
  readonly value: Value;
  readonly error: CcosError | null;
  readonly durationMs: number;
}

/** What the door saw of the files. */
export interface FilesSeen {
  readonly fileOperations: readonly FileOperation[];
  readonly filesServedBy: ReadonlySet<'guest' | 'host' | 'mock'>;
}

/** The status that an error gives a run (O2.1). */
export function statusOf(error: CcosError | null): RunStatus {
  if (error === null) return 'completed';
  if (error.code === 'CANCELLED') return 'cancelled';
  return error.exit === 4 ? 'denied' : 'failed';
}

export class RunRecords {
  readonly #parts: RunParts;
  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** `PlanStarted`, durable before anything is launched (O3.1). Returns its id. */
  async started(): Promise<string> {
    const { context, provider, config, input, plan, archive } = this.#parts;
    const { id } = await this.#append({
      kind: 'PlanStarted',
      parent: plan.decisionId,
      payload: {
        mode: 'full',
        policyDigest: context.digest(),
        provider: provider.name,
        isolation: provider.isolation,
        budget: { ...config.limits },
        ...(await this.#inputHome(input, archive)),
        record: 'values',
      },
    });
    return id;
  }

  async #inputHome(input: Value, archive: RunParts['archive']): Promise<Record<string, JsonValue>> {
    const text = canonical(input);
    const inputDigest = taggedDigest('value', text);
    return input === null ? { inputDigest } : { inputDigest, inputRef: await archive(JSON.parse(text)) };
  }

  /** A value that cannot cross the boundary fails the run before it is called complete. Throws a SerializationError value. */
  checkValue(value: Value): void {
    canonical(value);
  }

  /**
   * `ProviderMeasurement` (O3.4). Where nothing was launched there is nothing to report, and no record. Returns the metadata with
   * the record's id and with what the door saw.
   */
  async measured(
    started: string,
    metadata: ExecutionMetadata | null,
    door: FilesSeen,
  ): Promise<ExecutionMetadata | null> {
    if (metadata === null) return null;
    const known = {
      ...metadata,
      fileOperations: door.fileOperations,
      enforcement: withFiles(metadata.enforcement, door.filesServedBy),
    };
    const { id } = await this.#append(
      { kind: 'ProviderMeasurement', parent: started, payload: measurementPayload(known) },
      `provider:${metadata.provider}`,
    );
    const { measurementId: _none, ...unmeasured } = metadata.unmeasured;
    return { ...known, measurementId: id, unmeasured };
  }

  async budget(started: string, ledger: BudgetLedger): Promise<void> {
    await this.#append({ kind: 'BudgetReport', parent: started, payload: ledger.report() });
  }

  /** The one terminal record. Returns the status that it gives the run. */
  async ended(started: string, outcome: RunOutcome): Promise<RunStatus> {
    const { value, error, durationMs } = outcome;
    const status = statusOf(error);
    if (error === null) {
      const text = canonical(value);
      const home = await homeOf(
        'result',
        { value, bytes: Buffer.byteLength(text) },
        { archive: this.#parts.archive, record: 'values' },
      );
      await this.#append({
        kind: 'PlanCompleted',
        parent: started,
        payload: { resultDigest: taggedDigest('value', text), ...home, durationMs },
      });
    } else {
      const { code, message, span, hint, details } = error.toJSON();
      const told = JSON.parse(JSON.stringify({ code, message, span, hint, details })) as JsonValue;
      await this.#append({ kind: 'PlanAborted', parent: started, payload: { status, error: told, durationMs } });
    }
    return status;
  }

  #append(draft: Omit<RecordDraft, 'principal' | 'run' | 'plan'>, principal = 'orchestrator'): Promise<ChainRecord> {
    const { chain, runId, plan } = this.#parts;
    return chain.append({ ...draft, principal, run: runId, plan: plan.planHash }, 'durable');
  }
}

/** What held the files is what carried them out: the mounts of the guest, the host's walk, or both, one for each grant (M7.8). */
function withFiles(
  enforcement: ExecutionMetadata['enforcement'],
  servedBy: FilesSeen['filesServedBy'],
): ExecutionMetadata['enforcement'] {
  const held = [
    ...(servedBy.has('guest') ? ['mounts'] : []),
    ...(servedBy.has('host') ? [HOST_FILES_ENFORCEMENT] : []),
  ];
  return held.length === 0 ? enforcement : { ...enforcement, files: held.join(', ') };
}

function measurementPayload(metadata: ExecutionMetadata): RecordDraft['payload'] {
  const {
    provider,
    isolation,
    imageDigest,
    policyDigest,
    startupMs,
    durationMs,
    cpuTimeMs,
    peakMemoryBytes,
    exitCode,
    signal,
    truncated,
    unmeasured,
  } = metadata;
  const { measurementId: _own, ...reasons } = unmeasured;
  return {
    provider,
    providerVersion: null,
    isolation,
    imageDigest,
    ...(policyDigest === null ? {} : { policyDigest }),
    digests: [],
    startupMs,
    wallMs: durationMs,
    cpuTimeMs,
    peakMemoryBytes,
    networkRequests: metadata.networkRequests as JsonValue,
    fileOperations: metadata.fileOperations as unknown as JsonValue,
    exitCode,
    signal,
    truncated: { ...truncated },
    unmeasured: { ...reasons },
  };
}
