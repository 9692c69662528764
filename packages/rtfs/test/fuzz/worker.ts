/** A campaign in a thread of its own: it tells how far it is, so that a case without end is found by whoever waits for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { campaign } from './target.ts';
import { shareOf, TARGETS } from './targets.ts';

/** What a campaign is asked for. `progress` receives the index of the target, the run, and how often it was written. */
export interface Campaign {
  readonly seed: number;
  readonly runs: number;
  readonly only: string | null;
  readonly progress: SharedArrayBuffer;
}

const { seed, runs, only, progress } = workerData as Campaign;
const at = new Int32Array(progress);
for (const [i, target] of TARGETS.entries()) {
  if (only !== null && target.name !== only) continue;
  const began = performance.now();
  const share = only === null ? shareOf(target, runs) : runs;
  const failure = campaign(target, {
    seed,
    runs: share,
    progress: (run) => {
      Atomics.store(at, 0, i);
      Atomics.store(at, 1, run);
      Atomics.add(at, 2, 1);
    },
  });
  parentPort?.postMessage({ target: target.name, runs: share, ms: performance.now() - began, failure });
  if (failure !== null) break;
}
