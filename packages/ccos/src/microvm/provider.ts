/** What a provider is (M3): a kind of wall, never anything else. It launches and kills; all else is shared. */
import type { ExecutionContext } from '../security/execution-context.ts';
import type { IsolationKind, ProviderName } from '../model/isolation.ts';
import type { Measured } from '../model/measured.ts';
import type { ExecutionResult, MicroVMConfig } from '../model/program.ts';
import type { Channel } from './channel.ts';

/** The answer of a real launch (M4.6). `checks` are shown by `ccos doctor`. */
export type Availability =
  | {
      readonly available: true;
      readonly version: string;
      readonly startupMs: number;
      readonly enforcement: Readonly<Record<string, string>>;
      readonly checks: readonly Check[];
    }
  | { readonly available: false; readonly reason: string; readonly remedy: string; readonly checks: readonly Check[] };
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

export interface RunningGuest {
  readonly executionId: string;
  readonly startedAt: number;
}

export interface MicroVMProvider {
  readonly name: ProviderName;
  readonly isolation: IsolationKind;
  /** Launches a trivial guest through the real path; cached (M4.6). */
  probe(): Promise<Availability>;
  /** The last probe's answer. */
  isAvailable(): boolean;
  initialize(): Promise<void>;
  executeProgram(context: ExecutionContext): Promise<ExecutionResult>;
  executeCapability(context: ExecutionContext): Promise<ExecutionResult>;
  /** True when a kept probe has passed here: choosing this provider then launches nothing. */
  isRecalled(): boolean;
  /** Launches a guest for an execution of this id that may follow; it runs nothing until then. */
  launchAhead(order: AheadOrder): Promise<void>;
  /** Ends what was launched ahead and not taken; resolves when nothing of it is left. Idempotent. */
  discardAhead(executionId: string): Promise<void>;
  /** True if it was running (M3.4). */
  cancel(executionId: string): Promise<boolean>;
  list(): readonly RunningGuest[];
  cleanup(): Promise<void>;
  /** JSON Schema of the provider's settings; every key acts or is refused (M3.9). */
  getConfigSchema(): Readonly<Record<string, unknown>>;
}

/** What is launched for an execution that may follow. */
export interface AheadOrder {
  readonly executionId: string;
  readonly config: MicroVMConfig;
  readonly tenant: string;
}

/** What is launched, as data (§8.7): providers translate it. */
export interface LaunchSpec {
  readonly executionId: string;
  readonly config: MicroVMConfig;
}

/** How a guest ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What the wall measured of a guest. */
export interface GuestUsage {
  readonly cpuTimeMs: Measured<number>;
  readonly peakMemoryBytes: Measured<number>;
}

/** A limit that the wall itself saw reached, asked after the guest died (M5.1). */
export interface LimitHit {
  readonly code: 'LIMIT_MEMORY' | 'LIMIT_CPU';
  readonly enforcement: string;
  readonly measured: number | null;
}

export interface GuestProcess {
  readonly channel: Channel;
  readonly exited: Promise<Exit>;
  /** Last bytes of stderr, at most 4 KiB, for diagnostics; never parsed. */
  stderrTail(): string;
  usage(): Promise<GuestUsage>;
  /** The limit that explains the exit, if the wall knows one. */
  limitHit(): Promise<LimitHit | null>;
  /** Ends every process of the guest and removes what it left (M3.5). */
  kill(): Promise<Exit>;
  /** Which mechanism holds which limit in this launch (M5.3). */
  readonly enforcement: Readonly<Record<string, string>>;
  /**
   * Looks at the running guest from outside, after its handshake and before anything runs: that it is who and where it should be.
   * Throws `LAUNCH_FAILED`. Absent where the wall leaves nothing to look at.
   */
  verify?(): Promise<void>;
  /** Bytes seen on stdout and stderr so far, where the guest has them. */
  outputBytes?(): { readonly stdout: number; readonly stderr: number };
  /** True when this guest's mounts hold the grant, so that file effects run inside. */
  mounts(grantPath: string, access: 'read' | 'write'): boolean;
}

/** A provider's own code: how to launch a guest. */
export interface GuestLauncher {
  launch(spec: LaunchSpec, signal: AbortSignal): Promise<GuestProcess>;
}
