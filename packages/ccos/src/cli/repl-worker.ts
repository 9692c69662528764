/**
 * The worker of `ccos repl`: it keeps the language loaded and nothing else. What belongs to the session comes with each job, so
 * that a worker that was ended takes nothing with it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { answerQuestion, answerReplJob, type ReplJob, type ReplQuestion } from './repl-job.ts';

/** What the worker is given: a flag that is not 0 once the user interrupts. */
export interface ReplWorkerData {
  readonly interrupted: SharedArrayBuffer;
}

const interrupted = new Int32Array((workerData as ReplWorkerData).interrupted);
parentPort?.on('message', (asked: ReplJob | ReplQuestion) => {
  const isQuestion = asked.kind === 'names' || asked.kind === 'describe';
  parentPort?.postMessage(
    isQuestion ? answerQuestion(asked) : answerReplJob(asked, () => Atomics.load(interrupted, 0) !== 0),
  );
});
