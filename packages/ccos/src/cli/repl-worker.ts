/**
 * The worker of `ccos repl`: it keeps the language loaded and nothing else. What belongs to the session comes with each job, so
 * that a worker that was ended takes nothing with it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { allNames, answerReplJob, type ReplJob, type ReplQuestion } from './repl-job.ts';

/** What the worker is given: a flag that is not 0 once the user interrupts. */
export interface ReplWorkerData {
  readonly interrupted: SharedArrayBuffer;
}

const interrupted = new Int32Array((workerData as ReplWorkerData).interrupted);
parentPort?.on('message', (asked: ReplJob | ReplQuestion) => {
  parentPort?.postMessage(
    asked.kind === 'names' ? allNames() : answerReplJob(asked, () => Atomics.load(interrupted, 0) !== 0),
  );
});
