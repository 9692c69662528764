/** The worker of `ccos eval`, seen from inside. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerJob, type EvalJob } from './eval-job.ts';

/** Answers the one job that the worker was started with. */
export function answerJobOfWorker(): void {
  parentPort?.postMessage(answerJob(workerData as EvalJob));
}
