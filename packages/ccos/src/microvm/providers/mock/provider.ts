/**
 * The mock provider (M14.1): no wall at all. RTFS runs on the host in the pure machine through the same loop, channel and session as
 * everywhere; every result is marked as simulated. Only when named.
 */
import { print, type Value } from '@ccos/rtfs/values';
import { CcosError } from '../../../foundation/errors.ts';
import { metadataOf } from '../../metadata.ts';
import { GuestProvider } from '../../guest-provider.ts';
import type { ExecutionContext } from '../../../security/execution-context.ts';
import type { ExecutionResult } from '../../../model/program.ts';
import { SecurityAuthorizer } from '../../../security/authorizer.ts';

const UNMEASURED = { reason: 'mock runs in the process of CCOS itself' };

/** The mock provider; `detailed` adds the arguments to its texts (M3.9). */
export function mockProvider(mode: 'simple' | 'detailed' = 'simple'): GuestProvider {
  return new MockProvider(mode);
}

class MockProvider extends GuestProvider {
  readonly #mode: 'simple' | 'detailed';
  constructor(mode: 'simple' | 'detailed') {
    super({
      name: 'mock',
      isolation: 'none',
      image: UNMEASURED,
      exitCode: () => UNMEASURED,
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: { mock_mode: { enum: ['simple', 'detailed'], default: 'simple' } },
      },
      probe: () => Promise.resolve({ available: true, version: '1', startupMs: 0, enforcement: {}, checks: [] }),
      // The machine is loaded by whoever names mock, and by nobody else.
      prepare: async () => {
        const { InProcessGuest, MOCK_DIGEST } = await import('./in-process.ts');
        return { guestDigest: MOCK_DIGEST, launcher: { launch: () => Promise.resolve(new InProcessGuest()) } };
      },
    });
    this.#mode = mode;
  }

  /** Answers a text and does nothing; it makes up no reply of anybody's (M14.1). Throws `SECURITY_VIOLATION`. */
  override executeCapability(context: ExecutionContext): Promise<ExecutionResult> {
    const { capabilityId, executionId } = context;
    if (capabilityId === undefined)
      return Promise.reject(new CcosError('PROGRAM_MISSING', 'No capability specified for execution'));
    SecurityAuthorizer.validateExecutionContext([capabilityId], context);
    const now = Date.now();
    return Promise.resolve({
      value: mockText(capabilityId, context.args, this.#mode),
      metadata: metadataOf({
        provider: 'mock',
        isolation: 'none',
        executionId,
        startedAt: now,
        endedAt: now,
        durationMs: 0,
        startupMs: UNMEASURED,
        cpuTimeMs: UNMEASURED,
        peakMemoryBytes: UNMEASURED,
        exitCode: UNMEASURED,
        signal: null,
        stdoutBytes: UNMEASURED,
        stderrBytes: UNMEASURED,
        fileOperations: [],
        enforcement: {},
        policyDigest: context.runtimeContext.digest(),
        guestDigest: UNMEASURED,
        imageDigest: UNMEASURED,
      }),
    });
  }
}

/** The text that stands for a capability's result (M14.1). */
export function mockText(capabilityId: string, args: readonly Value[], mode: 'simple' | 'detailed'): string {
  const [a, b] = args;
  if (capabilityId === 'ccos.math.add' && args.length === 2 && Number.isInteger(a) && Number.isInteger(b)) {
    return `Mock capability execution result: ${a as number} + ${b as number} = ${(a as number) + (b as number)}`;
  }
  const told = mode === 'detailed' ? ` with ${args.map((arg) => print(arg)).join(' ')}` : '';
  return `Mock capability execution for: ${capabilityId}${told}`;
}
