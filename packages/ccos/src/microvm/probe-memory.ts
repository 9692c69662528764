/**
 * The last probe that passed, kept between processes (M4.6): a probe launches a guest, which would double the time of a short run.
 * Only a pass is kept, a launch that fails forgets it, and a launch checks its guest anew in any case.
 */
import { kept, type Kept } from './kept.ts';
import type { Availability } from './provider.ts';

type Available = Extract<Availability, { available: true }>;

/** Where a provider's last pass is kept. */
export type ProbeMemory = Kept<Available>;

/** The memory of one provider. `files` are those whose identity the answer depends on. */
export function probeMemory(name: string, files: readonly string[], folder?: string): ProbeMemory {
  return kept({ name: `probe-${name}`, files, is: isAvailable, folder });
}

function isAvailable(answer: unknown): answer is Available {
  const { available, version, startupMs, enforcement, checks } = (answer ?? {}) as Partial<Available>;
  return (
    available === true &&
    typeof version === 'string' &&
    typeof startupMs === 'number' &&
    typeof enforcement === 'object' &&
    Array.isArray(checks)
  );
}
