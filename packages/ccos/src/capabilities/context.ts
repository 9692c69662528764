/** What an implementation is given beside its arguments (P2, P3.1), and what comes back. */
import type { Value } from '@ccos/rtfs';
import type { Clock } from '../foundation/clock.ts';
import type { GuestEffects } from '../model/guest-host.ts';
import type { IsolationKind } from '../model/isolation.ts';
import type { GrantedPath } from '../model/program.ts';
import type { RunOutput } from './output.ts';

/** Carries out file capabilities on the host by the descriptor walk (M7.8). Throws `CcosError`. */
export interface HostFiles {
  run(capability: string, args: readonly Value[], granted: GrantedPath): Value | Promise<Value>;
}

/** Where the effects of a run may be carried out. */
export interface EffectPlace {
  /** The plan's own guest. */
  readonly guest: GuestEffects | null;
  /** The host's walk; null where there is none. */
  readonly hostFiles: HostFiles | null;
  /** The strongest minimum that context, policy or configuration state; null when none does. */
  readonly minIsolation: IsolationKind | null;
  /** True under `mock`: a dangerous capability is never executed there (M14.1). */
  readonly mock: boolean;
}

/** One call, as an implementation sees it. */
export interface CapabilityContext {
  readonly executionId: string;
  readonly idempotencyKey: string;
  /** Aborts at the call's deadline and on cancellation; its reason is the `CcosError` to throw. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string>>;
  readonly output: RunOutput;
  readonly clock: Clock;
  readonly place: EffectPlace;
  /** The path argument as the policy granted it; null for a capability without one. */
  readonly granted: GrantedPath | null;
}

/** What came of a call, with where it was carried out. */
export interface CapabilityOutcome {
  readonly value: Value;
  readonly simulated: boolean;
  readonly servedBy: 'host' | 'guest' | 'mock';
}
