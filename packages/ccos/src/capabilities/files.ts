/**
 * Which wall carries out a file capability (M4.4, M7.8, P4.6): the plan's own guest, else the host's walk, else
 * nobody.
 */
import type { Value } from '@ccos/rtfs';
import { CcosError } from '../foundation/errors.ts';
import { isolationRank } from '../model/isolation.ts';
import type { CapabilityContext, CapabilityOutcome } from './context.ts';

/** Carries out a dangerous built-in. Throws `CcosError`: the capability's own, or `ISOLATION_UNAVAILABLE`. */
export async function executeBehindWall(
  id: string,
  args: readonly Value[],
  context: CapabilityContext,
): Promise<CapabilityOutcome> {
  const { granted, place } = context;
  if (place.mock) return { value: `Mock capability execution for: ${id}`, simulated: true, servedBy: 'mock' };
  if (granted === null)
    throw new CcosError('CAP_INPUT', `${id}: the first argument names no path`, {
      details: { pointer: '/0', expected: 'a path' },
    });
  if (place.guest?.covers(granted) === true) {
    return { value: await place.guest.run(id, args, granted), simulated: false, servedBy: 'guest' };
  }
  const floor = place.minIsolation ?? 'wasm';
  if (place.hostFiles !== null && isolationRank(floor) <= isolationRank('wasm')) {
    return { value: await place.hostFiles.run(id, args, granted), simulated: false, servedBy: 'host' };
  }
  throw new CcosError(
    'ISOLATION_UNAVAILABLE',
    `No wall can carry out ${id}: the guest's mounts do not hold '${granted.grant.asWritten}'`,
    {
      hint:
        place.hostFiles === null
          ? 'ccos doctor says which walls work here'
          : `a minimum isolation of ${floor} forbids the host's walk: lower it to wasm, or grant what the guest can serve`,
      details: { capability: id, minIsolation: floor },
    },
  );
}
