/** The worker of `eval` (G1.19), seen from inside and from outside: it is ended when it does not end itself. */
import { join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { bundleFolder } from '../foundation/bundle-path.ts';
import { systemClock } from '../foundation/clock.ts';
import type { CcosError } from '../foundation/errors.ts';
import { limitError, timeError } from '../microvm/session.ts';
import { defaultLimits } from '../model/limits.ts';
import { answerJob, type EvalAnswer, type EvalJob } from './eval-job.ts';

/** How long the worker may overrun its deadline before it is ended: it notices by itself when its machine polls. */
const GRACE_MS = 100;
/** Room for 10,000 frames of a program (R17.5). */
const STACK_MB = 64;
const MB = 1024 * 1024;

/** Inside: answers the one job that the worker was started with. */
export function answerJobOfWorker(): void {
  parentPort?.postMessage(answerJob(workerData as EvalJob));
}

/** From outside: runs a job in a worker. Throws `LIMIT_TIME` and `LIMIT_MEMORY`, whoever noticed. */
export async function askWorker(job: EvalJob): Promise<EvalAnswer> {
  const startedAt = systemClock.monotonic();
  const late = (enforcement: string): CcosError =>
    timeError(job.timeoutMs, Math.round(systemClock.monotonic() - startedAt), enforcement);
  const memoryMb = job.memoryBytes / MB;
  const worker = new Worker(join(bundleFolder(), 'eval-worker.cjs'), {
    workerData: job,
    env: {},
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: memoryMb },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<EvalAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory('v8-heap', memoryMb) : error);
      });
      timer = setTimeout(() => reject(late('worker-terminate')), job.deadline - systemClock.now() + GRACE_MS);
    });
    if (answer.kind === 'error' && answer.code === 'LIMIT_TIME') throw late('machine');
    if (answer.kind === 'error' && answer.code === 'LIMIT_MEMORY') throw outOfMemory('machine', memoryMb);
    return answer;
  } finally {
    clearTimeout(timer);
    // Not waited for: the answer is told while the worker ends.
    void worker.terminate();
  }
}

function outOfMemory(enforcement: string, memoryMb: number): CcosError {
  return limitError({ code: 'LIMIT_MEMORY', enforcement, measured: null }, { ...defaultLimits(), memoryMb });
}
