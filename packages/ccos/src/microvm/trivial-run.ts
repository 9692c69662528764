/** The trivial program that every probe runs through a provider's real path (M4.6). */
import { systemClock } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import { executionId } from '../foundation/ids.ts';
import type { GuestHost } from '../model/guest-host.ts';
import { defaultLimits } from '../model/limits.ts';
import type { GuestKit } from './launched.ts';
import { GuestSession } from './session.ts';

/** How long a probe may take (M4.6). */
const PROBE_MS = 5_000;

/**
 * Launches a guest that adds two numbers; what its wall says it enforces. Throws what stood in the way. Nothing of it
 * stays.
 */
export async function trivialRun({ launcher, guestDigest }: GuestKit): Promise<Readonly<Record<string, string>>> {
  const limits = { ...defaultLimits(), timeoutMs: PROBE_MS, startupTimeoutMs: PROBE_MS };
  const config = { limits, network: 'Denied', grants: [], hidden: [], env: {} } as const;
  const guest = await launcher.launch({ executionId: executionId(), config }, AbortSignal.timeout(PROBE_MS));
  const session = new GuestSession(guest, { guestHost: NO_HOST, guestDigest, limits, clock: systemClock });
  try {
    await session.handshake();
    await guest.verify?.();
    const deadline = systemClock.monotonic() + PROBE_MS;
    const value = await session.run({
      program: { kind: 'rtfs-source', source: '(+ 1 2)' },
      args: [],
      input: null,
      deadline,
    });
    if (value !== 3) throw new CcosError('LAUNCH_FAILED', 'The guest cannot add');
    await session.close();
    return guest.enforcement;
  } finally {
    await guest.kill();
    guest.channel.close();
  }
}

const refuse = (): Promise<never> =>
  Promise.reject(new CcosError('PROTOCOL_VIOLATION', 'The probe asked for something'));
const NO_HOST: GuestHost = { call: refuse, context: refuse, pause: refuse, checkpoint: refuse, step: refuse };
