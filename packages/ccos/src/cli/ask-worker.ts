/** The worker of `eval` (G1.19), seen from outside: it is ended when it does not end itself. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { bundleFolder } from '../foundation/bundle-path.ts';
import { systemClock } from '../foundation/clock.ts';
import type { CcosError } from '../foundation/errors.ts';
import { defaultLimits } from '../model/limits.ts';
import type { EvalAnswer, EvalJob } from './eval-job.ts';

/** How long the worker may overrun its deadline before it is ended: it notices by itself when its machine polls. */
const GRACE_MS = 100;
/** Room for 10,000 frames of a program (R17.5). */
const STACK_MB = 64;
const MB = 1024 * 1024;

/** A limit that was reached, and who noticed. */
interface Reached {
  readonly limit: 'time' | 'memory';
  readonly enforcement: string;
}

/** Runs a job in a worker. Throws `LIMIT_TIME` and `LIMIT_MEMORY`, whoever noticed. */
export async function askWorker(job: EvalJob): Promise<EvalAnswer> {
  const startedAt = systemClock.monotonic();
  const answer = await answerOrLimit(job);
  if ('kind' in answer) return answer;
  throw await errorOf(answer, job, Math.round(systemClock.monotonic() - startedAt));
}

async function answerOrLimit(job: EvalJob): Promise<EvalAnswer | Reached> {
  const worker = new Worker(join(bundleFolder(), 'eval-worker.cjs'), {
    workerData: job,
    env: {},
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: job.memoryBytes / MB },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<EvalAnswer | Reached>((resolve, reject) => {
      worker.once('message', (answer: EvalAnswer) => resolve(limitIn(answer) ?? answer));
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve({ limit: 'memory', enforcement: 'v8-heap' });
        else reject(error);
      });
      const left = job.deadline - systemClock.now() + GRACE_MS;
      timer = setTimeout(() => resolve({ limit: 'time', enforcement: 'worker-terminate' }), left);
    });
  } finally {
    clearTimeout(timer);
    // Not waited for: the answer is told while the worker ends.
    void worker.terminate();
  }
}

/** The limit that the machine itself noticed. */
function limitIn(answer: EvalAnswer): Reached | null {
  if (answer.kind !== 'error') return null;
  if (answer.code === 'LIMIT_TIME') return { limit: 'time', enforcement: 'machine' };
  return answer.code === 'LIMIT_MEMORY' ? { limit: 'memory', enforcement: 'machine' } : null;
}

/** The same errors as a run's (E1.6), whose rooms are loaded for an error alone. */
async function errorOf({ limit, enforcement }: Reached, job: EvalJob, measuredMs: number): Promise<CcosError> {
  const { limitError, timeError } = await import('../microvm/session.ts');
  if (limit === 'time') return timeError(job.timeoutMs, measuredMs, enforcement);
  const limits = { ...defaultLimits(), memoryMb: job.memoryBytes / MB };
  return limitError({ code: 'LIMIT_MEMORY', enforcement, measured: null }, limits);
}
