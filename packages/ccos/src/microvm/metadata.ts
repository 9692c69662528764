/** What an execution reports of itself (M2.4): measured, or null with the reason. */
import type { ExecutionMetadata, FileOperation } from '../model/program.ts';
import { splitMeasured, type Measured } from '../model/measured.ts';
import type { IsolationKind, ProviderName } from '../model/isolation.ts';

/** What is known at the end of an execution. Times in Unix milliseconds, durations in milliseconds. */
export interface Measurements {
  readonly provider: ProviderName;
  readonly isolation: IsolationKind;
  readonly executionId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly durationMs: number;
  readonly startupMs: Measured<number>;
  readonly cpuTimeMs: Measured<number>;
  readonly peakMemoryBytes: Measured<number>;
  readonly exitCode: Measured<number>;
  readonly signal: string | null;
  readonly stdoutBytes: Measured<number>;
  readonly stderrBytes: Measured<number>;
  readonly limitsHit?: readonly string[];
  readonly fileOperations: readonly FileOperation[];
  readonly enforcement: Readonly<Record<string, string>>;
  readonly policyDigest: string;
  readonly guestDigest: Measured<string>;
  readonly imageDigest: Measured<string>;
}

/** The metadata of M2.4. `measurementId` is filled in by who records the measurement (O3.4). */
export function metadataOf(known: Measurements): ExecutionMetadata {
  const {
    startupMs,
    cpuTimeMs,
    peakMemoryBytes,
    exitCode,
    stdoutBytes,
    stderrBytes,
    guestDigest,
    imageDigest,
    ...rest
  } = known;
  const { values, unmeasured } = splitMeasured({
    startupMs,
    cpuTimeMs,
    peakMemoryBytes,
    exitCode,
    stdoutBytes,
    stderrBytes,
    guestDigest,
    imageDigest,
  });
  return {
    ...rest,
    ...(values as Pick<ExecutionMetadata, keyof typeof values>),
    simulated: known.provider === 'mock',
    // No relay runs and every `net` frame is a violation, so that no request can have been made.
    networkRequests: [],
    truncated: { stdout: false, stderr: false },
    limitsHit: known.limitsHit ?? [],
    measurementId: null,
    pooled: false,
    unmeasured: { ...unmeasured, measurementId: 'not recorded yet' },
  };
}
