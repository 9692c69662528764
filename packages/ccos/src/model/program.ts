/** Programs, the configuration of their walls, and what an execution reports (M1, M2). */
import type { Value } from '@ccos/rtfs';
import type { IsolationKind, ProviderName } from './isolation.ts';
import type { RunLimits } from './limits.ts';

/** What a guest can be asked to run. The other kinds of M1 come with the walls that can hold them. */
export type Program = SourceProgram | BytecodeProgram;

/** A text, and those of its modules. */
export interface SourceProgram {
  readonly kind: 'rtfs-source';
  readonly source: string;
  /** The texts of all modules that the source loads, by name; left out where there are none. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** A container of bytecode as base64 (M1.4): data that the guest checks before it compiles it. */
export interface BytecodeProgram {
  readonly kind: 'rtfs-bytecode';
  readonly bytes: string;
}

/** A folder or file that a run may reach: resolved once, when the grant is opened (S6.5). */
export interface Grant {
  /** Absolute path with every link resolved; the guest sees it at the same path (M7.3). */
  readonly path: string;
  /** The path as the user wrote it, for messages. */
  readonly asWritten: string;
  readonly kind: 'file' | 'folder';
  readonly access: 'read' | 'write';
}

/** A path argument after it was judged: which grant covers it, and where below (§8.5). `relative` is '' for the grant itself. */
export interface GrantedPath {
  readonly grant: Grant;
  readonly relative: string;
}

/** The wall's configuration for one execution (M2). */
export interface MicroVMConfig {
  readonly limits: RunLimits;
  readonly network: 'Denied';
  readonly grants: readonly Grant[];
  /** Paths below a grant that stay hidden behind an empty mount: state, cache and run folders (S6.4). */
  readonly hidden: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the guest and its wall were measured to have done (M2.4): measured or null, and `unmeasured` says why. */
export interface ExecutionMetadata {
  readonly provider: ProviderName;
  readonly isolation: IsolationKind;
  readonly simulated: boolean;
  readonly executionId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly durationMs: number;
  readonly startupMs: number | null;
  readonly cpuTimeMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly networkRequests: readonly unknown[] | null;
  readonly fileOperations: readonly FileOperation[] | null;
  readonly stdoutBytes: number | null;
  readonly stderrBytes: number | null;
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
  readonly limitsHit: readonly string[];
  /** Which mechanism held which limit: `{"memory": "cgroup-v1", "time": "host-timer", "files": "mounts"}`. */
  readonly enforcement: Readonly<Record<string, string>>;
  readonly policyDigest: string | null;
  readonly imageDigest: string | null;
  readonly guestDigest: string | null;
  readonly measurementId: string | null;
  readonly pooled: boolean;
  readonly unmeasured: Readonly<Record<string, string>>;
}

/** One file call seen at the host door (M2.5). */
export interface FileOperation {
  readonly path: string;
  readonly operation: 'read' | 'write' | 'create' | 'delete';
  readonly bytesProcessed: number;
}

/** A finished execution; a failed program throws instead (M2.3). */
export interface ExecutionResult {
  readonly value: Value;
  readonly metadata: ExecutionMetadata;
}
