/** What a provider is given for one execution (M2.2). The authorizer looks at it before anything starts (S8.6). */
import type { Value } from '@ccos/rtfs';
import type { GuestHost } from '../model/guest-host.ts';
import type { IsolationKind } from '../model/isolation.ts';
import type { ExecutionMetadata, GrantedPath, MicroVMConfig, Program } from '../model/program.ts';
import type { Authorization } from './authorization.ts';
import type { RuntimeContext } from './runtime-context.ts';

export interface ExecutionContext {
  /** `exec-<UUIDv7>`, echoed in every record and in the metadata. */
  readonly executionId: string;
  readonly program?: Program;
  readonly capabilityId?: string;
  /** For `executeCapability`: the grant that covers the path argument, judged once (§8.5). */
  readonly granted?: GrantedPath;
  readonly authorization: Authorization;
  readonly args: readonly Value[];
  readonly input: Value;
  readonly config: MicroVMConfig;
  readonly runtimeContext: RuntimeContext;
  readonly minIsolation: IsolationKind;
  readonly tenant: string;
  /** Who answers the guest's calls. */
  readonly guestHost: GuestHost;
  readonly signal: AbortSignal;
  /** Told once what was measured, whether the execution ends in a value or in an error (M2.4, O3.4). */
  readonly measured?: (metadata: ExecutionMetadata) => void;
}
