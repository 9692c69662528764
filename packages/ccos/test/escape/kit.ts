/** Launches the attacker's guest through the product's own launcher, so that the wall under test is the real one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/foundation/clock.ts';
import { CcosError } from '../../src/foundation/errors.ts';
import { executionId } from '../../src/foundation/ids.ts';
import type { GuestHost } from '../../src/model/guest-host.ts';
import { defaultLimits, type RunLimits } from '../../src/model/limits.ts';
import type { Grant } from '../../src/model/program.ts';
import type { GuestProcess } from '../../src/microvm/provider.ts';
import { GuestSession } from '../../src/microvm/session.ts';
import { processKit } from '../../src/microvm/providers/process/provider.ts';
import { findTools } from '../../src/microvm/providers/process/tools.ts';
import { toPlain, type Value } from '@ccos/rtfs';

/** The reason why this machine has no process wall, or null. */
export const NO_WALL: string | null = (() => {
  const found = findTools(process.getuid?.() ?? -1);
  return 'missing' in found ? `${found.missing.name} not found: ${found.missing.remedy}` : null;
})();

export const HOSTILE = join(import.meta.dirname, 'hostile-guest.cjs');

const refuse = (): Promise<never> => Promise.reject(new CcosError('INTERNAL', 'not asked here'));
export const NO_HOST: GuestHost = { call: refuse, context: refuse, pause: refuse, checkpoint: refuse, step: refuse };

export interface Attack {
  readonly source: string;
  readonly limits?: Partial<RunLimits>;
  readonly grants?: readonly Grant[];
  readonly hidden?: readonly string[];
  readonly host?: GuestHost;
  readonly env?: Record<string, string>;
}
export interface Outcome {
  readonly value: unknown;
  readonly guest: GuestProcess;
  readonly ms: number;
}

/** Runs the source in the attacker's guest. Rejects with what ended it. */
export async function attack({
  source,
  limits = {},
  grants = [],
  hidden = [],
  host = NO_HOST,
  env = {},
}: Attack): Promise<Outcome> {
  const all = { ...defaultLimits(), timeoutMs: 10_000, ...limits };
  let guest: GuestProcess | null = null;
  try {
    const { launcher, guestDigest } = await processKit({ guest: HOSTILE });
    guest = await launcher.launch(
      { executionId: executionId(), config: { limits: all, network: 'Denied', grants, hidden, env } },
      new AbortController().signal,
    );
    const session = new GuestSession(guest, { guestHost: host, guestDigest, limits: all, clock: systemClock });
    await session.handshake();
    await guest.verify?.();
    const started = performance.now();
    const value: Value = await session.run({
      program: { kind: 'rtfs-source', source },
      args: [],
      input: null,
      deadline: systemClock.monotonic() + all.timeoutMs,
    });
    const ms = performance.now() - started;
    await session.close();
    return { value: toPlain(value), guest, ms };
  } finally {
    await guest?.kill();
  }
}

/** Processes of this machine whose command line holds the text and that are no zombies. */
export function processesWith(text: string, list: readonly number[]): readonly number[] {
  return list.filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return (
        !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z') &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
      );
    } catch {
      return false;
    }
  });
}
