/**
 * `ccos eval EXPR` (G1.19): a pure text in a worker of its own, under fuel, deadline and a memory ceiling, ended from outside when
 * it does not end itself. It reaches nothing and records nothing.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { bundleFolder } from '../foundation/bundle-path.ts';
import { systemClock } from '../foundation/clock.ts';
import { formatDuration } from '../foundation/durations.ts';
import { CcosError } from '../foundation/errors.ts';
import { LIMITS } from '../model/limits.ts';
import type { EvalAnswer, EvalJob } from './eval-job.ts';
import type { Run } from './invocation.ts';

/** How long the worker may overrun its deadline before it is ended: it notices by itself when its machine polls. */
const GRACE_MS = 100;
/** Room for 10,000 frames of a program (R17.5). */
const STACK_MB = 64;
const MB = 1024 * 1024;

/** Prints the value as RTFS, or with `--json` one document. */
export const evaluate: Run = async ({ operands, options, output }) => {
  const timeoutMs = options.timeout ?? LIMITS.timeoutMs.default;
  const memoryMb = options.memory ?? LIMITS.memoryMb.default;
  const startedAt = systemClock.monotonic();
  const job: EvalJob = {
    source: operands[0] ?? '',
    fuel: LIMITS.fuel.default,
    deadline: systemClock.now() + timeoutMs,
    timeoutMs,
    memoryBytes: memoryMb * MB,
  };
  const answer = await inWorker(job, memoryMb);
  if ('code' in answer) throw new CcosError(answer.code, answer.message, answer.parts);
  if (output.json) {
    const metadata = {
      isolation: 'none',
      durationMs: Math.round(systemClock.monotonic() - startedAt),
      fuel: answer.fuel,
    };
    output.document({ status: 'completed', value: answer.plain, rtfs: answer.rtfs, error: null, metadata });
  } else output.line(answer.rtfs);
  return 0;
};

/** Runs the job in a worker. Throws `LIMIT_TIME` and `LIMIT_MEMORY` when it had to be ended from outside. */
async function inWorker(job: EvalJob, memoryMb: number): Promise<EvalAnswer> {
  const worker = new Worker(join(bundleFolder(), 'eval-worker.cjs'), {
    workerData: job,
    env: {},
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: memoryMb },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<EvalAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(memoryMb) : error);
      });
      timer = setTimeout(() => reject(outOfTime(job.timeoutMs)), job.timeoutMs + GRACE_MS);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function outOfTime(timeoutMs: number): CcosError {
  return new CcosError('LIMIT_TIME', `The time of the run is over: ${formatDuration(timeoutMs)}`, {
    hint: 'a longer --timeout',
    details: { limit: 'timeoutMs', value: timeoutMs, measured: null, enforcement: 'worker-terminate' },
  });
}

function outOfMemory(memoryMb: number): CcosError {
  return new CcosError('LIMIT_MEMORY', `The memory of the run is used up: ${memoryMb} MB`, {
    hint: 'a larger --memory',
    details: { limit: 'memoryMb', value: memoryMb, measured: null, enforcement: 'v8-heap' },
  });
}
