/** Providers that have a name and are not built: unavailable, with that as the reason (M4.1). */
import { CcosError } from '../foundation/errors.ts';
import type { IsolationKind, ProviderName } from '../model/isolation.ts';
import type { MicroVMProvider } from './provider.ts';

const REASON = 'not in this version';

/** A provider that never executes anything. */
export function unbuiltProvider(name: ProviderName, isolation: IsolationKind): MicroVMProvider {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new CcosError('PROVIDER_UNAVAILABLE', `MicroVM provider '${name}' not available: ${REASON}`, {
        hint: 'use --provider process or --provider wasm',
      }),
    );
  return {
    name,
    isolation,
    probe: () =>
      Promise.resolve({
        available: false,
        reason: REASON,
        remedy: 'use --provider process or --provider wasm',
        checks: [],
      }),
    isAvailable: () => false,
    isRecalled: () => false,
    launchAhead: refuse,
    discardAhead: () => Promise.resolve(),
    initialize: refuse,
    executeProgram: refuse,
    executeCapability: refuse,
    cancel: () => Promise.resolve(false),
    list: () => [],
    cleanup: () => Promise.resolve(),
    getConfigSchema: () => ({ type: 'object', additionalProperties: false, properties: {} }),
  };
}
