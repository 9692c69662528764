/** The worker of `eval` (G1.19), seen from inside; `ask-worker.ts` is its outside. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerJob, type EvalJob } from './eval-job.ts';

/** Answers the one job that the worker was started with. */
export function answerJobOfWorker(): void {
  parentPort?.postMessage(answerJob(workerData as EvalJob));
}
