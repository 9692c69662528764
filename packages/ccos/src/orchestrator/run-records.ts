/** What the orchestrator itself writes of a run (L4, O12): its start, what was measured, its budget, and its one end. */
import type { Value } from '@ccos/rtfs';
import { canonical } from '@ccos/rtfs/internal';
import { HOST_FILES_ENFORCEMENT } from '../capabilities/host-files.ts';
import type { ChainRecord, JsonValue, RecordDraft } from '../causal-chain/record.ts';
import type { CcosError } from '../foundation/errors.ts';
import { toRecord } from '../host/call-errors.ts';
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
  /** What the provider measured; null where nothing was launched. */
  readonly metadata: ExecutionMetadata | null;
  readonly door: FilesSeen;
  readonly ledger: BudgetLedger;
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
    const { context, provider, config, plan, record } = this.#parts;
    const { id } = await this.#append({
      kind: 'PlanStarted',
      parent: plan.decisionId,
      payload: {
        mode: 'full',
        policyDigest: context.digest(),
        provider: provider.name,
        isolation: provider.isolation,
        budget: { ...config.limits },
        ...(await this.#inputHome()),
        record,
      },
    });
    return id;
  }

  async #inputHome(): Promise<Record<string, JsonValue>> {
    const { input, archive, record } = this.#parts;
    const text = canonical(input);
    const inputDigest = taggedDigest('value', text);
    if (input === null || record === 'digests') return { inputDigest };
    return { inputDigest, inputRef: await archive(JSON.parse(text)) };
  }

  /** A value that cannot cross the boundary fails the run before it is called complete. Throws a SerializationError value. */
  checkValue(value: Value): void {
    canonical(value);
  }

  /**
   * What a run leaves behind, in one batch and so with one sync: `ProviderMeasurement` where something was launched (O3.4), the budget,
   * and the one terminal record. Returns the status that it gives the run, and the metadata with the measurement's id and with what the
   * door saw.
   */
  async ended(
    started: string,
    outcome: RunOutcome,
  ): Promise<{ status: RunStatus; metadata: ExecutionMetadata | null }> {
    const { metadata, door, ledger } = outcome;
    const terminal = await this.#terminal(outcome);
    const known = metadata === null ? null : withDoor(metadata, door);
    const [measurement] = await Promise.all([
      known === null
        ? null
        : this.#append(
            { kind: 'ProviderMeasurement', parent: started, payload: measurementPayload(known, this.#parts.record) },
            `provider:${known.provider}`,
          ),
      this.#append({ kind: 'BudgetReport', parent: started, payload: ledger.report() }),
      this.#append({ ...terminal, parent: started }),
    ]);
    return {
      status: statusOf(outcome.error),
      metadata: known === null || measurement === null ? null : recordedUnder(known, measurement.id),
    };
  }

  async #terminal({ value, error, durationMs }: RunOutcome): Promise<Pick<RecordDraft, 'kind' | 'payload'>> {
    const { archive, record } = this.#parts;
    if (error !== null) {
      const told = record === 'digests' ? toRecord(error, record) : wholeError(error);
      return { kind: 'PlanAborted', payload: { status: statusOf(error), error: told, durationMs } };
    }
    const text = canonical(value);
    const home = await homeOf('result', { value, bytes: Buffer.byteLength(text) }, { archive, record });
    return { kind: 'PlanCompleted', payload: { resultDigest: taggedDigest('value', text), ...home, durationMs } };
  }

  #append(draft: Omit<RecordDraft, 'principal' | 'run' | 'plan'>, principal = 'orchestrator'): Promise<ChainRecord> {
    const { chain, runId, plan } = this.#parts;
    return chain.append({ ...draft, principal, run: runId, plan: plan.planHash }, 'durable');
  }
}

function withDoor(metadata: ExecutionMetadata, door: FilesSeen): ExecutionMetadata {
  return {
    ...metadata,
    fileOperations: door.fileOperations,
    enforcement: withFiles(metadata.enforcement, door.filesServedBy),
  };
}

function recordedUnder(metadata: ExecutionMetadata, measurementId: string): ExecutionMetadata {
  const { measurementId: _none, ...unmeasured } = metadata.unmeasured;
  return { ...metadata, measurementId, unmeasured };
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

const NOT_KEPT = { networkRequests: 'values are not recorded', fileOperations: 'values are not recorded' };

function keptOf(value: JsonValue, record: RunParts['record']): JsonValue {
  return record === 'digests' ? null : value;
}

function wholeError(error: CcosError): JsonValue {
  const { code, message, span, hint, details } = error.toJSON();
  return JSON.parse(JSON.stringify({ code, message, span, hint, details })) as JsonValue;
}

function measurementPayload(metadata: ExecutionMetadata, record: RunParts['record']): RecordDraft['payload'] {
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
    // Paths and addresses are arguments of calls: with digests alone they are told nowhere (L9.8).
    networkRequests: keptOf(metadata.networkRequests as JsonValue, record),
    fileOperations: keptOf(metadata.fileOperations as unknown as JsonValue, record),
    exitCode,
    signal,
    truncated: { ...truncated },
    unmeasured: record === 'digests' ? { ...reasons, ...NOT_KEPT } : { ...reasons },
  };
}
