/**
 * The worker of `ccos repl`: it keeps the language loaded and the kept forms read. Both can be had again: a worker that was ended
 * takes nothing with it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { allNames, answerReplJob, readKept, type Kept, type ReplJob, type ReplQuestion } from './repl-job.ts';

/** What the worker is given: a flag that is not 0 once the user interrupts. */
export interface ReplWorkerData {
  readonly interrupted: SharedArrayBuffer;
}

const interrupted = new Int32Array((workerData as ReplWorkerData).interrupted);
const kept: Kept[] = [];

function answer(asked: ReplJob | ReplQuestion): unknown {
  if (asked.kind === 'names') return allNames();
  kept.push(...asked.added.map(readKept));
  return answerReplJob(asked, kept, () => Atomics.load(interrupted, 0) !== 0);
}

parentPort?.on('message', (asked: ReplJob | ReplQuestion) => parentPort?.postMessage(answer(asked)));
