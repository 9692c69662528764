/**
 * `runs/<run-id>/`: the scratch folder of one run and the lease that says who owns it (A8.5, M3.7). It is gone when the run
 * ends; what a dead owner left is swept at the next start, and what a living one has is left alone.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { openLock, takeLease } from '../foundation/lock.ts';

/** The folder of a run that this process owns. */
export interface RunFolder {
  readonly path: string;
  close(): void;
}

/**
 * Makes the folder of a new run and takes its lease, both under the state folder's lock, so that no sweep comes between.
 * Throws `IO`, `INTERNAL`, `STORE_LOCKED`.
 */
export function openRunFolder(home: string, runId: string): Promise<RunFolder> {
  return openLock(home).run(() => makeRunFolder(home, runId));
}

function makeRunFolder(home: string, runId: string): RunFolder {
  const path = join(home, 'runs', runId);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CcosError('IO', `Cannot make the folder of the run: ${(error as Error).message}`, {
      cause: error,
      details: { op: 'mkdir', path, errno: errnoOf(error) },
      hint: 'check the owner and the free space of the state folder',
    });
  }
  const lease = takeLease(path, 'lease', { runId });
  if (lease === null) throw new CcosError('INTERNAL', `Cannot own the new run ${runId}: its lease is taken`);
  return {
    path,
    close: () => {
      lease.release();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Removes the folders of runs whose owner died. Returns their ids. Throws `STORE_LOCKED`. */
export function sweepRunFolders(home: string): Promise<string[]> {
  return openLock(home).run(() => sweep(home));
}

function sweep(home: string): string[] {
  const runs = join(home, 'runs');
  let names: string[];
  try {
    names = readdirSync(runs);
  } catch {
    return [];
  }
  const swept: string[] = [];
  for (const name of names) {
    const path = join(runs, name);
    try {
      const lease = takeLease(path, 'lease');
      if (lease === null) continue;
      lease.release();
      rmSync(path, { recursive: true, force: true });
      swept.push(name);
    } catch {
      /* Another process swept it first; what cannot be removed is seen again at the next start. */
    }
  }
  return swept;
}
